// Package forgery is a corpus of solutions that do not solve their exercise and try to pass all the same,
// with right and wrong solutions as controls, and a runner that tries them at every level of integrity
// beside what most systems do: believe the exit code.
//
// The corpus is testdata/<language>. exercise.txtar is the exercise: its tests, what the learner is given,
// and the command whose exit code is believed. Each solution is a file of its own: a line that says what
// it does, then its files.
//
//	attacks/  must not pass, at split and canary
//	guesses/  attacks that may pass at canary by luck, because they read the tests and choose among the
//	          values they find there: how often is measured, not asserted
//	right/    must pass: honest solutions in styles that a defence may mistake for an attack
//	wrong/    must not pass
package forgery

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/carrel-dev/carrel/harness"
	"github.com/carrel-dev/carrel/lesson"
)

//go:embed all:testdata
var corpus embed.FS

// Language is one language's exercise and everything that is tried on it.
type Language struct {
	Name string
	// Exercise asks for no level and is checked as the language pack says.
	Exercise *lesson.Exercise
	// Cases are the same tests as data, for the level split.
	Cases lesson.Files
	// Apart tells that the exercise's own tests can be checked at the level split, too.
	Apart bool
	// ExitCode is the command that most people would run, through sh.
	ExitCode string

	Attacks, Guesses, Right, Wrong []Solution
}

// Solution is what a learner hands in.
type Solution struct {
	Name string
	// Does is one sentence.
	Does  string
	Files lesson.Files
	// Twice asks for two checks, the second of which counts: the first one leaves something.
	Twice bool
}

// Names lists the languages of the corpus.
func Names() []string { return []string{"python", "node", "go", "c", "shell"} }

// Load returns the corpus of one language.
func Load(name string) (*Language, error) {
	l := &Language{Name: name}
	archive, err := read(path.Join("testdata", name, "exercise.txtar"))
	if err != nil {
		return nil, err
	}
	l.Exercise = &lesson.Exercise{Environment: lesson.Environment{Name: name}, Starter: within(archive, "starter/"), Tests: within(archive, "tests/")}
	l.Cases = within(archive, "cases/")
	for line := range strings.Lines(string(archive.Comment)) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), ": ")
		switch key {
		case "exit code":
			l.ExitCode = value
		case "apart":
			l.Apart = value == "yes"
		case "learner":
			l.Exercise.Learner = strings.Fields(value)
		default:
			return nil, fmt.Errorf("reading the exercise of %s: nobody knows %q", name, key)
		}
	}
	for folder, into := range map[string]*[]Solution{"attacks": &l.Attacks, "guesses": &l.Guesses, "right": &l.Right, "wrong": &l.Wrong} {
		if *into, err = solutions(path.Join("testdata", name, folder)); err != nil {
			return nil, err
		}
	}
	return l, nil
}

func solutions(folder string) ([]Solution, error) {
	found, err := fs.ReadDir(corpus, folder)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil // no guesses, for example
	}
	if err != nil {
		return nil, fmt.Errorf("reading solutions: %w", err)
	}
	var all []Solution
	for _, f := range found {
		archive, err := read(path.Join(folder, f.Name()))
		if err != nil {
			return nil, err
		}
		does, twice := strings.CutSuffix(strings.TrimSpace(string(archive.Comment)), " (twice)")
		all = append(all, Solution{Name: strings.TrimSuffix(f.Name(), ".txtar"), Does: does, Files: within(archive, ""), Twice: twice})
	}
	return all, nil
}

func read(file string) (*txtar.Archive, error) {
	data, err := corpus.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("reading solution: %w", err)
	}
	return txtar.Parse(data), nil
}

func within(archive *txtar.Archive, folder string) lesson.Files {
	files := lesson.Files{}
	for _, f := range archive.Files {
		if name, ok := strings.CutPrefix(f.Name, folder); ok {
			files[name] = lesson.NewFile(f.Data)
		}
	}
	return files
}

// Way is how a solution is judged.
type Way string

// The ways. The first is what most systems do; the others are Carrel's levels of integrity.
const (
	ExitCode  Way = "exit code"
	InProcess Way = harness.IntegrityInProcess
	Canary    Way = harness.IntegrityCanary
	Split     Way = harness.IntegritySplit
	Cases     Way = "split, cases" // tests as data
)

// Ways lists the ways, the weakest first.
func Ways() []Way { return []Way{ExitCode, InProcess, Canary, Split, Cases} }

// Safe tells whether a way promises that nothing forged passes.
func (w Way) Safe() bool { return w == Canary || w == Split || w == Cases }

// Can tells whether the exercise can be checked in a way.
func (l *Language) Can(way Way) bool { return way != Split || l.Apart }

// Suite returns how the exercise is checked in a way.
func (l *Language) Suite(way Way) harness.Suite {
	suite := harness.SuiteFor(l.Exercise)
	switch way {
	case ExitCode:
		suite.Command, suite.Format = []string{"sh", "-c", l.ExitCode}, harness.FormatExit
	case Cases:
		suite.Tests, suite.Integrity = l.Cases, harness.IntegritySplit
	case InProcess, Canary, Split:
		suite.Integrity = string(way)
	}
	return suite
}

// Only returns the language with those solutions only that have a text in their name.
func (l *Language) Only(text string) *Language {
	few := *l
	for _, list := range []*[]Solution{&few.Attacks, &few.Guesses, &few.Right, &few.Wrong} {
		*list = slices.DeleteFunc(slices.Clone(*list), func(s Solution) bool { return !strings.Contains(s.Name, text) })
	}
	return &few
}
