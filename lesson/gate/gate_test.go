package gate_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/carrel-dev/carrel/fault"
	"github.com/carrel-dev/carrel/harness"
	"github.com/carrel-dev/carrel/lesson"
	"github.com/carrel-dev/carrel/lesson/gate"
)

// fakeRunner runs suites of a made-up language: each line "want X" of a test file is a test that
// passes when some line of answer.txt is X. Its zero value works.
type fakeRunner struct {
	mu sync.Mutex
	// failures are returned by the next checks, one each.
	failures []error
	// fooledBy passes every answer.py that holds it.
	fooledBy string
	opened   []string // owners
	closed   int
}

func (r *fakeRunner) Open(_ context.Context, spec harness.Spec) (harness.Session, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.opened = append(r.opened, spec.Owner)
	return &fakeSession{runner: r}, nil
}

type fakeSession struct {
	runner *fakeRunner
	files  lesson.Files
}

func (s *fakeSession) Put(_ context.Context, files lesson.Files) error {
	s.files = files
	return nil
}

func (s *fakeSession) Check(_ context.Context, suite harness.Suite, _ func(harness.Event)) (harness.Report, error) {
	s.runner.mu.Lock()
	if len(s.runner.failures) > 0 {
		err := s.runner.failures[0]
		s.runner.failures = s.runner.failures[1:]
		s.runner.mu.Unlock()
		return harness.Report{}, err
	}
	s.runner.mu.Unlock()
	report := harness.Report{Verdict: harness.Passed}
	if by := s.runner.fooledBy; by != "" && strings.Contains(string(s.files["answer.py"].Data), by) {
		return report, nil
	}
	answer := strings.Split(string(s.files["answer.txt"].Data), "\n")
	if slices.Contains(answer, "syntax error") {
		return harness.Report{Verdict: harness.BuildFailed, Message: "Line 1 is wrong."}, nil
	}
	for line := range strings.SplitSeq(string(suite.Tests["tests.txt"].Data), "\n") {
		if want, ok := strings.CutPrefix(line, "want "); ok {
			test := harness.TestResult{ID: want, Status: harness.TestPassed}
			if !slices.Contains(answer, want) {
				test.Status, test.Message = harness.TestFailed, "no "+want
				report.Verdict = harness.Failed
			}
			report.Tests = append(report.Tests, test)
		}
		if name, ok := strings.CutPrefix(line, "skip "); ok {
			report.Tests = append(report.Tests, harness.TestResult{ID: name, Status: harness.TestSkipped})
		}
	}
	return report, nil
}

func (s *fakeSession) Run(context.Context, harness.Command) (harness.Exit, error) {
	return harness.Exit{}, errors.New("the gate runs no programs")
}
func (s *fakeSession) Terminal(context.Context, harness.Size) (harness.Terminal, error) {
	return nil, errors.New("the gate opens no terminals")
}
func (s *fakeSession) Dial(context.Context, uint16) (io.ReadWriteCloser, error) {
	return nil, errors.New("the gate dials nobody")
}
func (s *fakeSession) Close() error {
	s.runner.mu.Lock()
	defer s.runner.mu.Unlock()
	s.runner.closed++
	return nil
}

func files(pairs ...string) lesson.Files {
	out := lesson.Files{}
	for i := 0; i < len(pairs); i += 2 {
		out[pairs[i]] = lesson.NewFile([]byte(pairs[i+1]))
	}
	return out
}

// good is a lesson that passes every proof.
func good(slug string) *lesson.Lesson {
	return &lesson.Lesson{
		Slug:       slug,
		TestTitles: map[string]lesson.Text{"a": {"en": "A"}, "b": {"en": "B"}},
		Exercise: &lesson.Exercise{
			Environment: lesson.Environment{Name: "shell"},
			Learner:     []string{"answer.txt"},
			Starter:     files("answer.txt", "a", "tests.txt", "want a\nwant b"),
			Solution:    files("answer.txt", "a\nb"),
			Tests:       files("tests.txt", "want a\nwant b"),
			Wrong:       []lesson.WrongSolution{{Name: "half", Files: files("answer.txt", "b"), Tests: []string{"a"}}},
		},
	}
}

func course(lessons ...*lesson.Lesson) *lesson.Course {
	return &lesson.Course{ID: "c", Lessons: append(lessons, &lesson.Lesson{Slug: "only-text"})}
}

func TestRun_GoodCourse(t *testing.T) {
	t.Parallel()
	runner := &fakeRunner{}
	var told []gate.Result
	report, err := gate.Run(t.Context(), course(good("one"), good("two"), good("three")), runner,
		gate.Options{Jobs: 2, Progress: func(r gate.Result) { told = append(told, r) }})
	if err != nil {
		t.Fatal(err)
	}
	if !report.Passed || report.Held != 15 || len(told) != 15 {
		t.Errorf("%d told, report:\n%s", len(told), report)
	}
	var order []string
	for _, r := range report.Results {
		order = append(order, r.Lesson+" "+string(r.Proof))
	}
	want := []string{"one reference_passes", "one tests_titled", "one starter_fails", "one empty_fails", "one wrong_fails", "two reference_passes"}
	if diff := cmp.Diff(want, order[:6]); diff != "" {
		t.Error(diff)
	}
	if len(runner.opened) != 3 || runner.closed != 3 {
		t.Errorf("%d sessions opened, %d closed", len(runner.opened), runner.closed)
	}
	for _, owner := range runner.opened {
		if owner != "gate-1" && owner != "gate-2" {
			t.Errorf("owner %q", owner)
		}
	}
}

func TestRun_BrokenLessons(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		change func(l *lesson.Lesson)
		proof  gate.Proof
		want   string
	}{
		{"reference that fails", func(l *lesson.Lesson) { l.Exercise.Solution = files("answer.txt", "a") }, gate.ReferencePasses,
			`The reference solution does not pass: failed, "b" says "no b". Correct the solution or the tests.`},
		{"reference that does not build", func(l *lesson.Lesson) { l.Exercise.Solution = files("answer.txt", "syntax error") }, gate.ReferencePasses,
			`The reference solution does not pass: build_failed, "Line 1 is wrong.". Correct the solution or the tests.`},
		{"tests that are skipped", func(l *lesson.Lesson) {
			l.Exercise.Tests = files("tests.txt", "want a\nwant b\nskip c")
			l.TestTitles["c"] = lesson.Text{"en": "C"}
		}, gate.ReferencePasses, `Tests that are skipped prove nothing: "c". Make the check run them, or list them under "skipped_tests".`},
		{"no tests", func(l *lesson.Lesson) {
			l.Exercise.Tests, l.TestTitles, l.Exercise.Wrong = files("tests.txt", ""), nil, nil
			l.Exercise.StarterPasses, l.Exercise.Starter["answer.txt"] = true, lesson.NewFile([]byte("syntax error"))
		}, gate.ReferencePasses,
			`No test ran. Add a test to tests/.`},
		{"title of no test", func(l *lesson.Lesson) { l.TestTitles["z"] = lesson.Text{"en": "Z"} }, gate.TestsTitled,
			`"test_titles" names tests that did not run: "z". Correct the names.`},
		{"test without a title", func(l *lesson.Lesson) { delete(l.TestTitles, "b") }, gate.TestsTitled,
			`These tests have no title: "b". Add them to "test_titles".`},
		{"starter that passes", func(l *lesson.Lesson) { l.Exercise.Starter["answer.txt"] = lesson.NewFile([]byte("a\nb")) }, gate.StarterFails,
			`The starter passes already, so there is nothing to do. Make the tests stricter, or write "starter_passes: true" when the task is to improve working code.`},
		{"empty files that pass", func(l *lesson.Lesson) {
			l.Exercise.Tests, l.TestTitles = files("tests.txt", "want "), map[string]lesson.Text{"": {"en": "E"}}
			l.Exercise.Solution, l.Exercise.Wrong = files("answer.txt", "a\n"), nil
		}, gate.EmptyFails, `Empty files pass. Make the tests look at what the learner wrote.`},
		{"wrong solution that passes", func(l *lesson.Lesson) { l.Exercise.Wrong[0].Files = files("answer.txt", "b\na") }, gate.WrongFails,
			`The wrong solution passes. Add a test that catches it.`},
		{"wrong solution caught by another test", func(l *lesson.Lesson) { l.Exercise.Wrong[0].Tests = []string{"a", "b"} }, gate.WrongFails,
			`The wrong solution fails, but not by "b": failed, "a" says "no a". Correct the list of tests or the solution.`},
		{"wrong solution that does not build", func(l *lesson.Lesson) { l.Exercise.Wrong[0].Files = files("answer.txt", "syntax error") }, gate.WrongFails,
			`The wrong solution fails, but not by "a": build_failed, "Line 1 is wrong.". Correct the list of tests or the solution.`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			l := good("one")
			tt.change(l)
			report, err := gate.Run(t.Context(), course(l, good("two")), &fakeRunner{}, gate.Options{})
			if err != nil {
				t.Fatal(err)
			}
			result, ok := report.Find("one", tt.proof)
			if !ok || result.Outcome != gate.Broken || result.Message != tt.want || result.Check == nil {
				t.Errorf("got %s", result)
			}
			if second, ok := report.Find("two", tt.proof); report.Passed || ok && second.Outcome != gate.Held {
				t.Errorf("report:\n%s", report)
			}
		})
	}
}

func TestRun_Forgeries(t *testing.T) {
	t.Parallel()
	l := good("one")
	x := l.Exercise
	x.Main, x.Learner = "answer.py", []string{"answer.txt", "answer.py"}
	x.Starter["answer.py"] = lesson.NewFile([]byte("#!/usr/bin/python3\nprint(1)\n"))
	runner := &fakeRunner{fooledBy: "atexit"}
	report, err := gate.Run(t.Context(), course(l), runner, gate.Options{})
	if err != nil {
		t.Fatal(err)
	}
	result, ok := report.Find("one", gate.ForgeryFails)
	if !ok || result.Outcome != gate.Held {
		t.Errorf("a program that ends at once: %s", result)
	}
	if report.Broken != 1 || !strings.Contains(report.String(), "however it ends") {
		t.Errorf("report:\n%s", report)
	}
}

func TestRun_Integrity(t *testing.T) {
	t.Parallel()
	t.Run("tests that do not fit their level are the lesson's fault", func(t *testing.T) {
		t.Parallel()
		unfit := fault.New(fault.Invalid, "The tests do not fit.", "Line 3: write an assertion.")
		runner := &fakeRunner{failures: []error{unfit, unfit}}
		report, err := gate.Run(t.Context(), course(good("one")), runner, gate.Options{})
		if err != nil {
			t.Fatal(err)
		}
		result, _ := report.Find("one", gate.ReferencePasses)
		if result.Outcome != gate.Broken || result.Message != "The tests do not fit. Line 3: write an assertion." {
			t.Errorf("got %s", result)
		}
	})
	t.Run("a check with less than was asked proves nothing", func(t *testing.T) {
		t.Parallel()
		l := good("one")
		l.Exercise.Check.Integrity = harness.IntegritySplit
		report, err := gate.Run(t.Context(), course(l), &fakeRunner{}, gate.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if result, _ := report.Find("one", gate.ReferencePasses); result.Outcome != gate.Broken || !strings.Contains(result.Message, "integrity") {
			t.Errorf("got %s", result)
		}
	})
}

func TestRun_DeclaredExceptions(t *testing.T) {
	t.Parallel()
	l := good("one")
	l.Exercise.Tests = files("tests.txt", "want a\nwant b\nskip c")
	l.TestTitles["c"], l.Exercise.Skipped = lesson.Text{"en": "C"}, []string{"c"}
	l.Exercise.Starter["answer.txt"], l.Exercise.StarterPasses = lesson.NewFile([]byte("a\nb")), true
	report, err := gate.Run(t.Context(), course(l), &fakeRunner{}, gate.Options{})
	if err != nil || !report.Passed {
		t.Errorf("%v, report:\n%s", err, report)
	}
}

func TestRun_Outages(t *testing.T) {
	t.Parallel()
	outage := fault.New(fault.Unavailable, "Docker does not answer.", "Start it.")
	t.Run("one is retried in a new session", func(t *testing.T) {
		t.Parallel()
		runner := &fakeRunner{failures: []error{outage}}
		report, err := gate.Run(t.Context(), course(good("one")), runner, gate.Options{})
		if err != nil || !report.Passed {
			t.Errorf("%v, report:\n%s", err, report)
		}
		if len(runner.opened) != 2 || runner.closed != 2 {
			t.Errorf("%d sessions opened, %d closed", len(runner.opened), runner.closed)
		}
	})
	t.Run("two are told, and not as the lesson's fault", func(t *testing.T) {
		t.Parallel()
		report, err := gate.Run(t.Context(), course(good("one")), &fakeRunner{failures: []error{outage, outage}}, gate.Options{})
		if err != nil {
			t.Fatal(err)
		}
		result, _ := report.Find("one", gate.ReferencePasses)
		if result.Outcome != gate.Infrastructure || result.Message != "Docker does not answer. Start it." {
			t.Errorf("got %s", result)
		}
		if report.Passed || report.Infrastructure != 1 || report.Broken != 0 || report.Held != 3 {
			t.Errorf("report:\n%s", report)
		}
	})
}

func TestRun_Only(t *testing.T) {
	t.Parallel()
	report, err := gate.Run(t.Context(), course(good("one"), good("two")), &fakeRunner{}, gate.Options{Only: []string{"two"}})
	if err != nil || report.Held != 5 || report.Results[0].Lesson != "two" {
		t.Errorf("%v, report:\n%s", err, report)
	}
	_, err = gate.Run(t.Context(), course(good("one")), &fakeRunner{}, gate.Options{Only: []string{"three"}})
	if message, hint := fault.Sentence(err); fault.KindOf(err) != fault.Invalid || message != `The course has no lesson "three".` || hint != "Its lessons are one, only-text." {
		t.Errorf("got %v", err)
	}
}

func TestRun_Cancelled(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := gate.Run(ctx, course(good("one")), &fakeRunner{}, gate.Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestRunFolder(t *testing.T) {
	t.Parallel()
	folder := files(
		"course.yaml", "id: c\ntitle: C\nsummary: C\nlocales: [en]\nlessons: [sound, unsound]\n",
		"lessons/sound/lesson.yaml", "id: 6f1c2c52-6f0c-4a39-9d5e-0d3c6b1a7f10\ntitle: A\nminutes: 1\nenvironment: shell\nfiles: {learner: [answer.txt]}\n",
		"lessons/sound/task.en.md", "Do.\n",
		"lessons/sound/starter/answer.txt", "",
		"lessons/sound/solution/answer.txt", "a\n",
		"lessons/sound/tests/tests.txt", "want a\n",
		"lessons/unsound/lesson.yaml", "tilte: B\n",
	)
	report, err := gate.RunFolder(t.Context(), folder.FS(), &fakeRunner{}, gate.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if report.Passed || report.Held != 3 || len(report.Problems) == 0 {
		t.Errorf("report:\n%s", report)
	}
	report, err = gate.RunFolder(t.Context(), folder.FS(), &fakeRunner{}, gate.Options{Only: []string{"unsound"}})
	if err != nil || report.Passed || len(report.Results) != 0 || len(report.Problems) == 0 {
		t.Errorf("%v, report:\n%s", err, report)
	}
}

func TestReport_JSON(t *testing.T) {
	t.Parallel()
	report, err := gate.Run(t.Context(), course(good("one")), &fakeRunner{}, gate.Options{})
	if err != nil {
		t.Fatal(err)
	}
	data, err := json.Marshal(report)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"course":"c","passed":true,"held":5,"broken":0,"infrastructure":0,"problems":[],"results":[{"lesson":"one","proof":"reference_passes","outcome":"held","verdict":"passed"},`
	if !strings.HasPrefix(string(data), want) {
		t.Errorf("got %s", data)
	}
}
