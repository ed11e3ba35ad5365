// Package canary disguises a suite of tests so that nothing inside the container can tell which result
// would be a pass. Each test is written several times under random names: once as the author wrote it,
// and as twins in which one expected value is another one. Who solves the exercise passes the real tests
// and fails every twin; who forges passes has to guess which is which. What is what stays in the Plan,
// which never enters the container.
//
// Only assertions are changed that the changed value necessarily makes fail where the real one passes, so
// an honest solution is never suspected. All copies of a test differ in the same place and have values of
// the same form there, so that neither counting nor comparing tells the real one.
//
// The package is pure: no I/O, no clock; chance comes from the caller.
package canary

import (
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/carrel-dev/carrel/fault"
	"github.com/carrel-dev/carrel/lesson"
)

// The dialects: how tests are written.
const (
	Pytest = "pytest" // functions and unittest's classes, run by pytest
	Node   = "node"   // node:test and node:assert
	Go     = "go"     // package testing
	C      = "c"      // carrel_check.h, see c.go
	Bats   = "bats"   // Bash tests
)

// Dialects lists every dialect.
func Dialects() []string { return []string{Pytest, Node, Go, C, Bats} }

// reader finds the tests of one file.
type reader struct {
	isTest func(path string) bool
	// orTest is asked where isTest finds no file at all; nil when there is no second choice.
	orTest func(path string) bool
	// blocks returns the tests in their order, and the offsets at which the file asks for a test to be
	// skipped. The error is about the syntax, with its line.
	blocks func(source string) (blocks []block, skips []int, err error)
	// most is how many twins a test may have: fewer where each costs processes.
	most int
	// advice tells the author which assertions can be disguised.
	advice string
	// rename returns the name of a copy.
	rename func(name, token string) string
}

func readerOf(dialect string) (reader, bool) {
	switch dialect {
	case Pytest:
		return pytestReader(), true
	case Node:
		return nodeReader(), true
	case Go:
		return goReader(), true
	case C:
		return cReader(), true
	case Bats:
		return batsReader(), true
	default:
		return reader{}, false
	}
}

// block is one test of a file.
type block struct {
	name  string // what the framework calls it
	title string // what a person reads
	line  int
	// The bytes of the test, and of its name in it.
	start, end         int
	nameStart, nameEnd int
	// apart is written between copies.
	apart string
	spots []spot
}

// spot is a value of a test that can be another one.
type spot struct {
	start, end int
	// others returns up to n different texts to write there instead.
	others func(r *rand.Rand, n int) []string
	// weak marks values whose real one a person would guess, such as an exit status of 0. They are used
	// where a test has nothing better.
	weak bool
	// partly marks values of one row of a test that is several to the framework: its twin fails in that
	// row only.
	partly bool
}

// syntaxError is a file that cannot be read.
type syntaxError struct {
	line   int
	reason string
}

func (e *syntaxError) Error() string { return fmt.Sprintf("line %d: %s", e.line, e.reason) }

// Check tells what keeps a suite from being disguised: one problem per test, with what to write instead.
// It is empty for a suite that Twins takes.
func Check(dialect string, tests lesson.Files) []lesson.Problem {
	_, problems := read(dialect, tests)
	return problems
}

// source is a file of tests that was read.
type source struct {
	path   string
	text   string
	blocks []block
	skips  []int
}

// maySkip tells that a test may be skipped: it asks for it, or something that is no test does, such as a
// class or the file as a whole.
func (s source) maySkip(b block) bool {
	return slices.ContainsFunc(s.skips, func(at int) bool {
		if at >= b.start && at < b.end {
			return true
		}
		return !slices.ContainsFunc(s.blocks, func(other block) bool { return at >= other.start && at < other.end })
	})
}

// files returns the paths of the files that hold tests.
func (r reader) files(tests lesson.Files) []string {
	for _, is := range []func(string) bool{r.isTest, r.orTest} {
		if is == nil {
			continue
		}
		if found := slices.DeleteFunc(tests.Paths(), func(p string) bool { return !is(p) }); len(found) > 0 {
			return found
		}
	}
	return nil
}

func read(dialect string, tests lesson.Files) ([]source, []lesson.Problem) {
	reader, ok := readerOf(dialect)
	if !ok {
		return nil, []lesson.Problem{{Message: fmt.Sprintf("tests of the kind %q cannot be disguised as canaries. Use \"integrity: split\" or \"integrity: in_process\".", dialect)}}
	}
	var sources []source
	var problems []lesson.Problem
	found := 0
	for _, path := range reader.files(tests) {
		s := source{path: path, text: string(tests[path].Data)}
		var err error
		if s.blocks, s.skips, err = reader.blocks(s.text); err != nil {
			line, reason := 1, err.Error()
			if syntax, ok := err.(*syntaxError); ok { //nolint:errorlint // made here, never wrapped
				line, reason = syntax.line, syntax.reason
			}
			problems = append(problems, lesson.Problem{File: path, Line: line, Message: fmt.Sprintf("the tests cannot be read for canaries: %s.", reason)})
			continue
		}
		for _, b := range s.blocks {
			found++
			if len(b.spots) == 0 {
				problems = append(problems, lesson.Problem{File: path, Line: b.line,
					Message: fmt.Sprintf("the test %q has no expected value that can be exchanged for a canary. %s", b.name, reader.advice)})
			}
		}
		sources = append(sources, s)
	}
	if found == 0 && len(problems) == 0 {
		problems = append(problems, lesson.Problem{Message: fmt.Sprintf("no test was found that can be disguised as a canary. %s", reader.advice)})
	}
	return sources, problems
}

// Twins disguises the tests. Chance is read from random, 32 bytes. Errors are faults: Invalid for a
// suite that Check finds problems in.
func Twins(dialect string, tests lesson.Files, random io.Reader) (Plan, error) {
	sources, problems := read(dialect, tests)
	if len(problems) > 0 {
		p := problems[0]
		what := p.Message
		if p.File != "" {
			what = fmt.Sprintf("%s, line %d: %s", p.File, p.Line, p.Message)
		}
		return Plan{}, fault.New(fault.Invalid, "The tests of this exercise do not fit its integrity level \"canary\".", upperFirst(what))
	}
	var seed [32]byte
	if _, err := io.ReadFull(random, seed[:]); err != nil {
		return Plan{}, fmt.Errorf("reading chance: %w", err)
	}
	reader, _ := readerOf(dialect)
	w := &writer{random: rand.New(rand.NewChaCha8(seed)), rename: reader.rename} //nolint:gosec // ChaCha8 from a secret seed
	plan := Plan{Files: tests.Overlay(), copies: map[string]copied{}, lines: map[string][]int{}}
	total := 0
	for _, s := range sources {
		total += len(s.blocks)
	}
	w.twins = twinsFor(total, reader.most)
	for _, s := range sources {
		file := plan.Files[s.path]
		file.Data = []byte(w.rewrite(&plan, s))
		plan.Files[s.path] = file
	}
	return plan, nil
}

// enough is how unlikely it is meant to be that guesses alone pass a suite: 1 in so many.
const enough = 4096

// twinsFor returns how many twins each of n tests has at most: many where there are few tests to guess.
// The cost is the tests' own time, once more per twin.
func twinsFor(n, most int) int {
	for twins := 1; twins < most; twins++ {
		chance := 1
		for range n {
			if chance *= twins + 1; chance >= enough {
				return twins
			}
		}
	}
	return most
}

// writer writes disguised files.
type writer struct {
	random *rand.Rand
	rename func(name, token string) string
	twins  int

	source string
	out    strings.Builder
	lines  []int // the author's line of each line written
	fresh  bool  // at the start of a line
}

// rewrite returns the file with each test followed by its twins in random order.
func (w *writer) rewrite(plan *Plan, s source) string {
	w.source, w.lines, w.fresh = s.text, nil, true
	w.out.Reset()
	at := 0
	for _, b := range s.blocks {
		w.copy(at, b.start)
		at = b.end
		w.block(plan, s, b)
	}
	w.copy(at, len(s.text))
	plan.lines[s.path] = w.lines
	return w.out.String()
}

type edit struct {
	start, end int
	text       string
}

func (w *writer) block(plan *Plan, s source, b block) {
	spots := slices.DeleteFunc(slices.Clone(b.spots), func(s spot) bool { return s.weak })
	if len(spots) == 0 {
		spots = b.spots
	}
	chosen := spots[w.random.IntN(len(spots))]
	real := s.text[chosen.start:chosen.end]
	values := append([]string{real}, chosen.others(w.random, w.twins)...)
	w.random.Shuffle(len(values), func(i, j int) { values[i], values[j] = values[j], values[i] })
	group := len(plan.tests)
	test := test{file: s.path, name: b.name, title: b.title, line: b.line, skips: s.maySkip(b), partly: chosen.partly}
	for i, value := range values {
		token := fmt.Sprintf("c%04dx%016x", group, w.random.Uint64())
		name := w.rename(b.name, token)
		plan.copies[token] = copied{test: group, name: name, twin: value != real}
		if value != real {
			test.twins = append(test.twins, token)
		} else {
			test.real = token
		}
		edits := []edit{{b.nameStart, b.nameEnd, name}, {chosen.start, chosen.end, value}}
		slices.SortFunc(edits, func(a, b edit) int { return a.start - b.start })
		if i > 0 {
			w.write(b.apart, b.end)
		}
		w.copy(b.start, b.end, edits...)
	}
	plan.tests = append(plan.tests, test)
}

// copy writes a part of the source with some of it exchanged.
func (w *writer) copy(start, end int, edits ...edit) {
	for _, e := range edits {
		w.write(w.source[start:e.start], start)
		w.write(e.text, e.start)
		start = e.end
	}
	w.write(w.source[start:end], start)
}

// write writes text that stands for the source at an offset.
func (w *writer) write(text string, at int) {
	line := 1 + strings.Count(w.source[:at], "\n")
	for part := range strings.Lines(text) {
		if w.fresh {
			w.lines = append(w.lines, line)
		}
		w.out.WriteString(part)
		if w.fresh = strings.HasSuffix(part, "\n"); w.fresh {
			line++
		}
	}
}

func upperFirst(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}
