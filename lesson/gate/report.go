package gate

import (
	"fmt"
	"strings"

	"github.com/carrel-dev/carrel/harness"
	"github.com/carrel-dev/carrel/lesson"
)

// Proof is one thing a lesson must show.
type Proof string

// The proofs, in the order in which they are tried.
const (
	ReferencePasses Proof = "reference_passes"
	TestsTitled     Proof = "tests_titled" // the tests that ran and those with titles are the same
	StarterFails    Proof = "starter_fails"
	EmptyFails      Proof = "empty_fails"   // the learner's files without content
	ForgeryFails    Proof = "forgery_fails" // one per built-in forgery, see Result.Name
	WrongFails      Proof = "wrong_fails"   // one per wrong solution, see Result.Name
)

// Outcome is how a proof ended.
type Outcome string

// The outcomes.
const (
	Held           Outcome = "held"
	Broken         Outcome = "broken"         // the lesson must be corrected
	Infrastructure Outcome = "infrastructure" // the check could not be run; says nothing of the lesson
)

// Result is the outcome of one proof.
type Result struct {
	Lesson  string  `json:"lesson"` // slug
	Proof   Proof   `json:"proof"`
	Name    string  `json:"name,omitempty"` // of the wrong solution or forgery
	Outcome Outcome `json:"outcome"`
	// Message says in one sentence what is wrong and what to do; empty when the proof held.
	Message string `json:"message,omitempty"`
	// Verdict is that of the check; empty when none was run.
	Verdict harness.Verdict `json:"verdict,omitempty"`
	// Check is the whole report of the check, as the learner would see it; nil when the proof held.
	Check *harness.Report `json:"check,omitempty"`
}

// String returns the result as a line.
func (r Result) String() string {
	name := string(r.Proof)
	if r.Name != "" {
		name += " " + r.Name
	}
	if r.Message == "" {
		return fmt.Sprintf("%s: %s: %s", r.Lesson, name, r.Outcome)
	}
	return fmt.Sprintf("%s: %s: %s. %s", r.Lesson, name, r.Outcome, r.Message)
}

// Report is the result of a run. Its JSON form is what `carrel course check --json` prints.
type Report struct {
	Course lesson.CourseID `json:"course"`
	// Passed tells that the course may be published: no problem, and every proof held.
	Passed         bool             `json:"passed"`
	Held           int              `json:"held"`
	Broken         int              `json:"broken"`
	Infrastructure int              `json:"infrastructure"`
	Problems       []lesson.Problem `json:"problems"` // of the format
	Results        []Result         `json:"results"`  // in course order
}

func newReport(course lesson.CourseID, results []Result, problems []lesson.Problem) Report {
	// Lists are never null in JSON.
	r := Report{Course: course, Problems: append([]lesson.Problem{}, problems...), Results: append([]Result{}, results...)}
	for _, result := range results {
		switch result.Outcome {
		case Held:
			r.Held++
		case Broken:
			r.Broken++
		case Infrastructure:
			r.Infrastructure++
		}
	}
	r.Passed = len(problems) == 0 && r.Broken == 0 && r.Infrastructure == 0
	return r
}

// Find returns the result of a proof of a lesson. For WrongFails it is the first.
func (r Report) Find(slug string, proof Proof) (Result, bool) {
	for _, result := range r.Results {
		if result.Lesson == slug && result.Proof == proof {
			return result, true
		}
	}
	return Result{}, false
}

// String returns the report for people: what is to be done, then the counts.
func (r Report) String() string {
	var b strings.Builder
	for _, p := range r.Problems {
		fmt.Fprintln(&b, p)
	}
	for _, result := range r.Results {
		if result.Outcome != Held {
			fmt.Fprintln(&b, result)
		}
	}
	fmt.Fprintf(&b, "%d proofs held, %d are broken, %d could not be run.\n", r.Held, r.Broken, r.Infrastructure)
	return b.String()
}
