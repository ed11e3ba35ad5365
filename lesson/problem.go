package lesson

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/carrel-dev/carrel/fault"
)

// Problem is one thing that is wrong with a course folder, told with its place and in one sentence
// that says what to write instead.
type Problem struct {
	File    string `json:"file"`             // relative to the course folder
	Line    int    `json:"line,omitempty"`   // from 1; 0 when the file as a whole is meant
	Column  int    `json:"column,omitempty"` // from 1; 0 when unknown
	Message string `json:"message"`
	// Lesson is the slug of the lesson that the problem makes unusable; empty for the course itself.
	Lesson string `json:"lesson,omitempty"`
}

// String returns "file:line: message", the form that editors make clickable.
func (p Problem) String() string {
	if p.Line == 0 {
		return p.File + ": " + p.Message
	}
	return fmt.Sprintf("%s:%d: %s", p.File, p.Line, p.Message)
}

// InvalidError is every problem of a course, in file order. It is a fault of kind Invalid.
type InvalidError struct {
	Problems []Problem
}

// Error returns the problems, one per line.
func (e *InvalidError) Error() string {
	lines := make([]string, len(e.Problems))
	for i, p := range e.Problems {
		lines[i] = p.String()
	}
	return strings.Join(lines, "\n")
}

// Unwrap returns what to tell a person.
func (e *InvalidError) Unwrap() error {
	if len(e.Problems) == 1 {
		return fault.New(fault.Invalid, "The course has a problem.", e.Problems[0].String())
	}
	return fault.New(fault.Invalid, fmt.Sprintf("The course has %d problems.", len(e.Problems)),
		"The first one: "+e.Problems[0].String())
}

// problems collects what is wrong while a course is read.
type problems struct {
	list []Problem
}

func (p *problems) add(problem Problem) { p.list = append(p.list, problem) }

func (p *problems) sorted() []Problem {
	slices.SortStableFunc(p.list, func(a, b Problem) int {
		return cmp.Or(strings.Compare(a.File, b.File), a.Line-b.Line, a.Column-b.Column)
	})
	return p.list
}

// breaks reports whether a problem makes this lesson unusable.
func (p *problems) breaks(slug string) bool {
	return slices.ContainsFunc(p.list, func(problem Problem) bool { return problem.Lesson == slug })
}
