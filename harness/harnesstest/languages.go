package harnesstest

import (
	"embed"
	"encoding/json"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/carrel-dev/carrel/harness"
	"github.com/carrel-dev/carrel/lesson"
)

// Every language has the same exercise, greet(name), with three tests of it: a file per language, named
// by its environment. A folder of the archive whose name is one of the variants holds what a learner may
// hand in, tests/ and everything else the author's files; want.json is an expectation.
//
//go:embed testdata/languages/*.txtar
var languageFiles embed.FS

// languageWant is what must come out of a language's variants.
type languageWant struct {
	// The test that the variant "wrong" fails, and what is told of it.
	Test, File       string
	Line             int
	Expected, Actual string
	// Syntax is where the variant "syntax" cannot be read; nil where a language only finds out when it
	// runs the line.
	Syntax *struct {
		File string
		Line int
	}
	// Canary and Split tell that the language has these levels.
	Canary bool
	// Call is how the function is called in cases; empty without a driver.
	Call string
}

type language struct {
	name     string
	want     languageWant
	tests    lesson.Files
	variants map[string]lesson.Files
}

// variants are what learners hand in, and the verdicts on it.
func variants() map[string][]harness.Verdict {
	return map[string][]harness.Verdict{
		"right":  {harness.Passed},
		"wrong":  {harness.Failed},
		"syntax": {harness.BuildFailed},
		"loop":   {harness.TimedOut},
		"exit":   {harness.Failed, harness.Crashed}, // never passed; how much is told depends on the language
		"early":  {harness.Crashed, harness.Failed, harness.BuildFailed},
		"crash":  {harness.Failed},
	}
}

func languages(t *testing.T) []language {
	t.Helper()
	names, err := fs.Glob(languageFiles, "testdata/languages/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	all := make([]language, 0, len(names))
	for _, name := range names {
		data, err := languageFiles.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		l := language{
			name:  strings.TrimSuffix(strings.TrimPrefix(name, "testdata/languages/"), ".txtar"),
			tests: lesson.Files{}, variants: map[string]lesson.Files{},
		}
		for _, f := range txtar.Parse(data).Files {
			folder, rest, _ := strings.Cut(f.Name, "/")
			switch _, ok := variants()[folder]; {
			case f.Name == "want.json":
				if err := json.Unmarshal(f.Data, &l.want); err != nil {
					t.Fatalf("%s: %v", name, err)
				}
			case ok:
				l.variants[folder] = lesson.Files{rest: lesson.NewFile(f.Data)}
			default:
				l.tests[f.Name] = lesson.NewFile(f.Data)
			}
		}
		all = append(all, l)
	}
	return all
}

// Languages holds a Runner to what every language must tell a learner. It needs every environment that
// ships with Carrel.
func Languages(t *testing.T, open func(t *testing.T) harness.Runner) {
	t.Helper()
	for _, l := range languages(t) {
		t.Run(l.name, func(t *testing.T) {
			t.Parallel()
			s, err := open(t).Open(t.Context(), harness.Spec{Environment: lesson.Environment{Name: l.name}, Limits: languageLimits(), Owner: t.Name()})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() {
				if err := s.Close(); err != nil {
					t.Error(err)
				}
			})
			testLanguage(t, s, l)
		})
	}
}

// languageLimits leave room for compilers.
func languageLimits() harness.Limits {
	return harness.Limits{
		CPU: 3 * time.Second, Wall: 12 * time.Second, MemoryBytes: 512 << 20, Processes: 64, OutputBytes: 64 << 10, DiskBytes: 64 << 20,
	}
}

func testLanguage(t *testing.T, s harness.Session, l language) {
	for name, verdicts := range variants() {
		files, ok := l.variants[name]
		if !ok {
			t.Errorf("there is no variant %q", name)
			continue
		}
		if name == "syntax" && l.want.Syntax == nil {
			verdicts = []harness.Verdict{harness.Failed}
		}
		t.Run(name, func(t *testing.T) {
			put(t, s, files)
			report := languageCheck(t, s, harness.Suite{Tests: l.tests, Limits: languageLimits()})
			wantOneOf(t, report, verdicts)
			l.judge(t, name, report)
		})
	}
	if l.want.Canary {
		for name, want := range map[string]harness.Verdict{"right": harness.Passed, "wrong": harness.Failed} {
			t.Run(name+" with canaries", func(t *testing.T) {
				put(t, s, l.variants[name])
				report := languageCheck(t, s, harness.Suite{Tests: l.tests, Limits: languageLimits(), Integrity: harness.IntegrityCanary})
				wantOneOf(t, report, []harness.Verdict{want})
				l.judge(t, name, report)
			})
		}
	}
	if l.want.Call != "" {
		t.Run("called through a driver", func(t *testing.T) { l.testCalls(t, s) })
	}
}

func languageCheck(t *testing.T, s harness.Session, suite harness.Suite) harness.Report {
	t.Helper()
	report, err := s.Check(t.Context(), suite, nil)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

func wantOneOf(t *testing.T, got harness.Report, want []harness.Verdict) {
	t.Helper()
	if !slices.Contains(want, got.Verdict) {
		wantVerdict(t, got, want[0])
	}
}

// judge looks at what a learner reads.
func (l language) judge(t *testing.T, variant string, report harness.Report) {
	t.Helper()
	switch variant {
	case "right":
		if len(report.Tests) != 3 || report.Count(harness.TestPassed) != 3 {
			t.Errorf("three tests were to pass: %+v", report.Tests)
		}
		printed := report.Log.Head + texts(report, func(r harness.TestResult) string { return r.Output })
		// The log of a check with canaries would tell the twins.
		if report.Integrity == harness.IntegrityInProcess && l.name != "shell" && !strings.Contains(printed, "greeting «Ада»") {
			t.Errorf("what the program prints is lost: %q", cut(printed))
		}
	case "wrong":
		if report.Count(harness.TestPassed) != 2 {
			t.Errorf("two tests were to pass: %+v", report.Tests)
		}
		for _, test := range report.Tests {
			if test.Status != harness.TestFailed {
				continue
			}
			got := languageWant{Test: test.Name, File: test.File, Line: test.Line, Expected: test.Expected, Actual: test.Actual}
			want := languageWant{Test: l.want.Test, File: l.want.File, Line: l.want.Line, Expected: l.want.Expected, Actual: l.want.Actual}
			if got != want {
				t.Errorf("the failure says %+v, want %+v; message %q", got, want, test.Message)
			}
		}
	case "syntax":
		if l.want.Syntax == nil {
			return
		}
		if len(report.Tests) == 0 {
			t.Fatalf("nothing says where: %s, log %q", report.Message, cut(report.Log.Head))
		}
		if test := report.Tests[0]; test.File != l.want.Syntax.File || test.Line != l.want.Syntax.Line || test.Message == "" {
			t.Errorf("the error is at %s:%d (%q), want %s:%d", test.File, test.Line, test.Message, l.want.Syntax.File, l.want.Syntax.Line)
		}
	case "exit", "early":
		if report.Count(harness.TestPassed) > 0 {
			t.Errorf("a program that ended itself passed: %+v", report.Tests)
		}
	case "crash":
		if texts(report, func(r harness.TestResult) string { return r.Message }) == "" {
			t.Errorf("nothing says what happened: %+v, log %q", report.Tests, cut(report.Log.Head))
		}
	}
}

// texts joins one text of each test.
func texts(report harness.Report, of func(harness.TestResult) string) string {
	var all strings.Builder
	for _, test := range report.Tests {
		all.WriteString(of(test))
	}
	return all.String()
}

// testCalls checks a function by cases, at the level split.
func (l language) testCalls(t *testing.T, s harness.Session) {
	cases := "cases:\n" +
		"  - {name: the world, call: " + l.want.Call + ", args: [world], want: {result: \"Hello, world!\"}}\n" +
		"  - {name: by name, call: " + l.want.Call + ", args: [Ада], want: {result: \"Hello, Ада!\"}}\n"
	suite := harness.Suite{Tests: files(lesson.CasesFile, cases), Limits: languageLimits(), Integrity: harness.IntegritySplit}
	if module, ok := l.tests["go.mod"]; ok {
		for _, f := range l.variants {
			f["go.mod"] = module
		}
	}
	for name, want := range map[string]harness.Verdict{"right": harness.Passed, "wrong": harness.Failed, "crash": harness.Failed, "exit": harness.Failed} {
		t.Run(name, func(t *testing.T) {
			put(t, s, l.variants[name])
			report := languageCheck(t, s, suite)
			wantOneOf(t, report, []harness.Verdict{want})
			if len(report.Tests) != 2 {
				t.Errorf("two cases, and results of %d: %+v", len(report.Tests), report.Tests)
			}
		})
	}
}
