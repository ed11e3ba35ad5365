// Package importer holds what the importers of foreign course formats share: the report they leave
// beside the course, and how foreign Markdown becomes Markdown that a lesson may have.
package importer

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/carrel-dev/carrel/lesson"
)

// Outcome says what became of something. The zero value is NotRun.
type Outcome string

// The outcomes of an exercise's import and of the checks on it.
const (
	Imported Outcome = "imported"
	Skipped  Outcome = "skipped" // on purpose, see Exercise.Reason
	Broken   Outcome = "broken"  // see Report.Problems
	NotRun   Outcome = "not_run"
	Passed   Outcome = "passed"
	Failed   Outcome = "failed"
)

// Report says, per exercise, what an import did and what is proven of it. Its JSON form is the file
// import-report.json of the course.
type Report struct {
	Format    string           `json:"format"` // "exercism"
	Course    lesson.CourseID  `json:"course"`
	Imported  int              `json:"imported"`
	Skipped   int              `json:"skipped"`
	Broken    int              `json:"broken"`
	Exercises []Exercise       `json:"exercises"`
	Problems  []lesson.Problem `json:"problems"` // files are those of the source
}

// Exercise is one exercise of the source.
type Exercise struct {
	Slug   string  `json:"slug"`
	Title  string  `json:"title"`
	Import Outcome `json:"import"`
	Reason string  `json:"reason,omitempty"`
	// Reference and Starter are the verdicts of the checks that were run on the imported exercise:
	// the reference should have passed, the starter failed. Evidence says what happened instead.
	Reference Outcome `json:"reference"`
	Starter   Outcome `json:"starter"`
	Evidence  string  `json:"evidence,omitempty"`
}

// Add appends an exercise and counts it.
func (r *Report) Add(e Exercise) {
	switch e.Import {
	case Imported:
		r.Imported++
	case Skipped:
		r.Skipped++
	default:
		r.Broken++
	}
	if e.Reference == "" {
		e.Reference = NotRun
	}
	if e.Starter == "" {
		e.Starter = NotRun
	}
	r.Exercises = append(r.Exercises, e)
}

// Break turns an imported exercise into a broken one.
func (r *Report) Break(slug, reason string) {
	for i := range r.Exercises {
		if r.Exercises[i].Slug == slug && r.Exercises[i].Import == Imported {
			r.Exercises[i].Import, r.Exercises[i].Reason = Broken, reason
			r.Imported--
			r.Broken++
		}
	}
}

// Prove records what running the reference and the starter of an exercise showed.
func (r *Report) Prove(slug string, reference, starter Outcome, evidence string) {
	for i := range r.Exercises {
		if r.Exercises[i].Slug == slug {
			r.Exercises[i].Reference, r.Exercises[i].Starter, r.Exercises[i].Evidence = reference, starter, evidence
		}
	}
}

// String returns the report for people.
func (r Report) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "Imported %d of %d exercises into the course %s.\n", r.Imported, len(r.Exercises), r.Course)
	for _, e := range r.Exercises {
		if e.Import != Imported {
			fmt.Fprintf(&b, "%s: %s. %s\n", e.Slug, e.Import, e.Reason)
			continue
		}
		if e.Evidence != "" {
			fmt.Fprintf(&b, "%s: reference %s, starter %s. %s\n", e.Slug, e.Reference, e.Starter, e.Evidence)
		}
	}
	for _, p := range r.Problems {
		fmt.Fprintln(&b, p)
	}
	return b.String()
}

// Files returns the report as the files of a course folder.
func (r Report) Files() (lesson.Files, error) {
	data, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("encoding the import report: %w", err)
	}
	return lesson.Files{
		"import-report.json": lesson.NewFile(append(data, '\n')),
		"import-report.txt":  lesson.NewFile([]byte(r.String())),
	}, nil
}
