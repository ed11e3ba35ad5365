package gate

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/carrel-dev/carrel/fault"
	"github.com/carrel-dev/carrel/harness"
	"github.com/carrel-dev/carrel/lesson"
)

// prover tries the proofs of one lesson.
type prover struct {
	lesson  *lesson.Lesson
	bench   *bench
	told    func(Result)
	results []Result
}

// run tries every proof. The error is that of an ended context; anything else is a result.
func (p *prover) run(ctx context.Context) error {
	defer p.bench.close()
	x := p.lesson.Exercise
	reference := p.prove(ctx, ReferencePasses, "", x.Starter.Overlay(x.Solution), p.judgeReference)
	if reference != nil && reference.Verdict == harness.Passed && len(p.lesson.TestTitles) > 0 {
		p.add(p.judgeTitles(*reference))
	}
	if !x.StarterPasses {
		p.prove(ctx, StarterFails, "", x.Starter, p.judgeFailure(
			"The starter passes already, so there is nothing to do. Make the tests stricter, or write \"starter_passes: true\" when the task is to improve working code."))
	}
	p.prove(ctx, EmptyFails, "", emptied(x), p.judgeFailure(
		"Empty files pass. Make the tests look at what the learner wrote."))
	for _, f := range forgeries(x.Main) {
		if main, ok := x.Starter[x.Main]; ok && !x.StarterPasses && lesson.MatchAny(x.Learner, x.Main) {
			forged := lesson.Files{x.Main: {Data: f.put(main.Data), Executable: main.Executable}}
			p.prove(ctx, ForgeryFails, f.name, x.Starter.Overlay(forged), p.judgeFailure(
				"A solution that only ends the program passes. Let the tests look at what the program did, not at how it ended."))
		}
	}
	for _, wrong := range x.Wrong {
		p.prove(ctx, WrongFails, wrong.Name, x.Starter.Overlay(wrong.Files), p.judgeWrong(wrong))
	}
	return ctx.Err()
}

// emptied returns the learner's files, all without content.
func emptied(x *lesson.Exercise) lesson.Files {
	out := lesson.Files{}
	for path := range x.Starter.Overlay(x.Solution) {
		if lesson.MatchAny(x.Learner, path) {
			out[path] = lesson.File{}
		}
	}
	return out
}

// prove runs one check and has its report judged: judge returns what is wrong, or "". It returns the
// report, nil when the check could not be run.
func (p *prover) prove(ctx context.Context, proof Proof, name string, learner lesson.Files, judge func(harness.Report) string) *harness.Report {
	report, err := p.bench.check(ctx, learner)
	if ctx.Err() != nil {
		return nil
	}
	result := Result{Lesson: p.lesson.Slug, Proof: proof, Name: name, Outcome: Held, Verdict: report.Verdict}
	switch {
	case fault.KindOf(err) == fault.Invalid: // the suite cannot be run as it asks, by anyone
		message, hint := fault.Sentence(err)
		result.Outcome, result.Message, result.Verdict = Broken, strings.TrimSpace(message+" "+hint), ""
		p.add(result)
		return nil
	case err != nil:
		message, hint := fault.Sentence(err)
		result.Outcome, result.Message, result.Verdict = Infrastructure, strings.TrimSpace(message+" "+hint), ""
		p.add(result)
		return nil
	case report.Verdict == harness.Infrastructure:
		result.Outcome, result.Message, result.Check = Infrastructure, report.Message, &report
		p.add(result)
		return nil
	}
	if message := judge(report); message != "" {
		result.Outcome, result.Message, result.Check = Broken, message, &report
	}
	p.add(result)
	return &report
}

func (p *prover) add(r Result) {
	p.results = append(p.results, r)
	p.told(r)
}

func (p *prover) judgeReference(r harness.Report) string {
	var skipped []string
	for _, test := range r.Tests {
		idle := test.Status == harness.TestSkipped || test.Status == harness.TestNotRun
		if idle && !slices.Contains(p.lesson.Exercise.Skipped, test.ID) {
			skipped = append(skipped, strconv.Quote(test.ID))
		}
	}
	asked := p.lesson.Exercise.Check.Integrity
	switch {
	case (asked == harness.IntegritySplit || asked == harness.IntegrityCanary) && r.Integrity != asked:
		return fmt.Sprintf("The check had the integrity level %q and not %q. Use an environment that can have it, or ask for less.", r.Integrity, asked)
	case r.Verdict != harness.Passed:
		return fmt.Sprintf("The reference solution does not pass: %s. Correct the solution or the tests.", explain(r))
	case len(skipped) > 0:
		return fmt.Sprintf("Tests that are skipped prove nothing: %s. Make the check run them, or list them under \"skipped_tests\".", strings.Join(skipped, ", "))
	case r.Count(harness.TestPassed) == 0:
		return "No test ran. Add a test to tests/."
	default:
		return ""
	}
}

// judgeTitles compares the tests that ran with those that lesson.yaml gives titles to. The names in
// criteria and wrong are among the latter.
func (p *prover) judgeTitles(r harness.Report) Result {
	result := Result{Lesson: p.lesson.Slug, Proof: TestsTitled, Outcome: Held, Verdict: r.Verdict}
	ran := map[string]bool{}
	var untitled, absent []string
	for _, test := range r.Tests {
		ran[test.ID] = true
		if _, ok := p.lesson.TestTitles[test.ID]; !ok {
			untitled = append(untitled, strconv.Quote(test.ID))
		}
	}
	for _, id := range slices.Sorted(maps.Keys(p.lesson.TestTitles)) {
		if !ran[id] {
			absent = append(absent, strconv.Quote(id))
		}
	}
	var messages []string
	if len(absent) > 0 {
		messages = append(messages, fmt.Sprintf("\"test_titles\" names tests that did not run: %s. Correct the names.", strings.Join(absent, ", ")))
	}
	if len(untitled) > 0 {
		messages = append(messages, fmt.Sprintf("These tests have no title: %s. Add them to \"test_titles\".", strings.Join(untitled, ", ")))
	}
	if len(messages) > 0 {
		result.Outcome, result.Message, result.Check = Broken, strings.Join(messages, " "), &r
	}
	return result
}

func (p *prover) judgeFailure(message string) func(harness.Report) string {
	return func(r harness.Report) string {
		if r.Verdict == harness.Passed {
			return message
		}
		return ""
	}
}

func (p *prover) judgeWrong(wrong lesson.WrongSolution) func(harness.Report) string {
	return func(r harness.Report) string {
		if r.Verdict == harness.Passed {
			return "The wrong solution passes. Add a test that catches it."
		}
		var missed []string
		for _, id := range wrong.Tests {
			if !slices.ContainsFunc(r.Tests, func(t harness.TestResult) bool {
				return t.ID == id && (t.Status == harness.TestFailed || t.Status == harness.TestErrored)
			}) {
				missed = append(missed, strconv.Quote(id))
			}
		}
		if len(missed) == 0 {
			return ""
		}
		return fmt.Sprintf("The wrong solution fails, but not by %s: %s. Correct the list of tests or the solution.",
			strings.Join(missed, ", "), explain(r))
	}
}

// explain says in a few words how a check ended.
func explain(r harness.Report) string {
	for _, test := range r.Tests {
		if test.Status == harness.TestFailed || test.Status == harness.TestErrored {
			first, _, _ := strings.Cut(test.Message, "\n")
			return fmt.Sprintf("%s, %q says %q", r.Verdict, test.ID, first)
		}
	}
	if r.Message != "" {
		return fmt.Sprintf("%s, %q", r.Verdict, r.Message)
	}
	return string(r.Verdict)
}
