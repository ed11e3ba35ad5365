package canary

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/carrel-dev/carrel/harness"
	"github.com/carrel-dev/carrel/lesson"
)

// Plan is a disguised suite: the files for the container, and what only the host knows. It is immutable.
type Plan struct {
	// Files are the tests to run instead of the author's.
	Files lesson.Files

	tests  []test
	copies map[string]copied // by token
	lines  map[string][]int  // the author's line of each line, by path
}

// test is one test of the author.
type test struct {
	file, name, title string
	line              int
	skips             bool // it may be skipped
	partly            bool // its twins fail in one of their rows
	real              string
	twins             []string
}

// copied is one copy of a test.
type copied struct {
	test int
	name string // what the framework calls it
	twin bool
}

var tokenForm = regexp.MustCompile(`(?i)c[0-9]{4}x[0-9a-f]{16}`)

// find returns the copy a result is about, and what follows its name in the id.
func (p Plan) find(r harness.TestResult) (token, rest string, ok bool) {
	for _, at := range tokenForm.FindAllStringIndex(r.ID, -1) {
		candidate := strings.ToLower(r.ID[at[0]:at[1]])
		if _, known := p.copies[candidate]; known {
			if token != "" && token != candidate {
				return "", "", false
			}
			token, rest = candidate, r.ID[at[1]:]
		}
	}
	return token, rest, token != ""
}

// Real returns a result in the author's words when it is one of a real test: for showing progress.
func (p Plan) Real(r harness.TestResult) (harness.TestResult, bool) {
	token, _, ok := p.find(r)
	if !ok || p.copies[token].twin {
		return harness.TestResult{}, false
	}
	return p.translate(r, token), true
}

// Judge returns what the results say of the author's tests, in the author's words, and whether something
// was tampered with: a twin was passed together with its real test, a test was skipped that does not ask
// for it, or a result came twice. A real test whose twins have not all been run counts as not run.
func (p Plan) Judge(results []harness.TestResult) (tests []harness.TestResult, tampered bool) {
	found := map[string][]outcome{}
	var order []int // in which the framework told them: a test, or ^i for a result that is of none
	told := make([]bool, len(p.tests))
	for i, r := range results {
		token, rest, ok := p.find(r)
		if !ok {
			order = append(order, ^i)
			continue
		}
		if test := p.copies[token].test; !told[test] {
			told[test] = true
			order = append(order, test)
		}
		if strings.HasPrefix(rest, "#") {
			tampered = true // a second result of the same id
		}
		found[token] = append(found[token], outcome{r, rest})
	}
	for i := range p.tests {
		if !told[i] {
			order = append(order, i)
		}
	}
	seen := map[string]int{}
	for _, i := range order {
		if i < 0 {
			// A file that could not be loaded, or a test of the learner's own. No test has the author's name
			// for it any more: a result that has is somebody's print and no test's.
			if r := results[^i]; !slices.ContainsFunc(p.tests, func(t test) bool { return t.claimed(r) }) {
				tests = append(tests, p.translate(r, ""))
			}
			continue
		}
		mine, bad := p.judgeTest(p.tests[i], found)
		tampered = tampered || bad
		for _, r := range mine {
			if seen[r.ID]++; seen[r.ID] > 1 {
				r.ID = fmt.Sprintf("%s#%d", r.ID, seen[r.ID])
			}
			tests = append(tests, r)
		}
	}
	return tests, tampered
}

// claimed tells that a result has the id that the test would have if it were not disguised.
func (t test) claimed(r harness.TestResult) bool {
	if r.ID == t.name || strings.HasPrefix(r.ID, t.file) && strings.HasSuffix(r.ID, t.name) {
		return true
	}
	return strings.HasSuffix(t.file, ".go") && strings.HasSuffix(r.ID, "."+t.name)
}

// outcome is a result and what follows the test's name in its id: "" for the test itself, "[1-2]" for one
// of its rows, "/sub" for a part.
type outcome struct {
	harness.TestResult
	rest string
}

// whole tells that the outcome is that of the test itself or of one of its rows: a test whose part fails
// fails itself.
func (o outcome) whole() bool { return !strings.HasPrefix(o.rest, "/") }

func (p Plan) judgeTest(t test, found map[string][]outcome) (mine []harness.TestResult, tampered bool) {
	var was tally
	for _, o := range found[t.real] {
		if o.Status == harness.TestSkipped && !t.skips {
			tampered = true
		}
		was.add(o)
		mine = append(mine, p.translate(o.TestResult, t.real))
	}
	if was.count == 0 {
		return p.missing(t, found), tampered
	}
	if was.passed == 0 || was.passed+was.skipped != was.count || was.partsFailed {
		return mine, tampered // it is not passed, whatever its twins say
	}
	for _, token := range t.twins {
		var is tally
		for _, o := range found[token] {
			is.add(o)
		}
		if is.count != was.count || is.open > 0 {
			for i := range mine {
				mine[i].Status, mine[i].Message = harness.TestNotRun, ""
			}
			return mine, tampered
		}
		failed := is.count - is.passed - is.skipped
		if is.skipped != was.skipped || failed == 0 || is.passed > 0 && !t.partly {
			tampered = true
		}
	}
	return mine, tampered
}

// tally counts the outcomes of one copy of a test.
type tally struct {
	count, passed, skipped int
	open                   int // not run, or not to their end
	partsFailed            bool
}

func (n *tally) add(o outcome) {
	if !o.whole() {
		n.partsFailed = n.partsFailed || o.Status == harness.TestFailed || o.Status == harness.TestErrored
		return
	}
	n.count++
	switch o.Status {
	case harness.TestPassed:
		n.passed++
	case harness.TestSkipped:
		n.skipped++
	case harness.TestFailed:
	case harness.TestErrored:
		if o.Message == harness.NotFinished {
			n.open++
		}
	default:
		n.open++
	}
}

// missing returns the result of a test of which nothing was heard.
func (p Plan) missing(t test, found map[string][]outcome) []harness.TestResult {
	r := harness.TestResult{ID: t.file + "::" + t.name, Name: t.title, File: t.file, Line: t.line}
	for _, token := range t.twins {
		for _, o := range found[token] {
			if o.whole() { // it knows the id the author knows the test by
				r = p.translate(o.TestResult, token)
			}
		}
	}
	return []harness.TestResult{{ID: r.ID, Name: r.Name, Group: r.Group, File: t.file, Line: t.line, Status: harness.TestNotRun}}
}

// translate returns a result in the author's words: names and lines are those of the author's files.
func (p Plan) translate(r harness.TestResult, token string) harness.TestResult {
	if lines := p.lines[r.File]; r.Line > 0 && r.Line <= len(lines) {
		r.Line = lines[r.Line-1]
	}
	r.ID = p.names(r.ID)
	if token != "" && tokenForm.MatchString(r.Name) {
		c := p.copies[token]
		t := p.tests[c.test]
		if c.name != token {
			r.Name = strings.ReplaceAll(r.Name, c.name, t.name)
		}
		r.Name = regexp.MustCompile(`(?i)`+token).ReplaceAllLiteralString(r.Name, t.title)
	}
	r.Group = p.names(r.Group)
	for _, text := range []*string{&r.Message, &r.Expected, &r.Actual, &r.Output} {
		*text = p.Text(*text)
	}
	return r
}

// placeForm matches a place in a text: "tests/test_a.py:12", "test_a.py, line 12", "file a.bats, line 3".
var placeForm = regexp.MustCompile(`([\w./@+-]+\.\w+)("?(?:, line |: line |:))(\d{1,7})`)

// Text returns a text of the container in the author's words.
func (p Plan) Text(text string) string {
	if text == "" {
		return ""
	}
	text = placeForm.ReplaceAllStringFunc(text, func(place string) string {
		m := placeForm.FindStringSubmatch(place)
		number, _ := strconv.Atoi(m[3]) // seven digits always fit
		lines := p.lines[p.path(m[1])]
		if number < 1 || number > len(lines) {
			return place
		}
		return m[1] + m[2] + strconv.Itoa(lines[number-1])
	})
	return p.names(text)
}

// path finds the file that a text of a framework names: Go writes names without their folder.
func (p Plan) path(named string) string {
	named = strings.TrimPrefix(strings.TrimPrefix(named, "/work/"), "./")
	if p.lines[named] != nil {
		return named
	}
	match := ""
	for path := range p.lines {
		if strings.HasSuffix(path, "/"+named) {
			if match != "" {
				return "" // it could be either
			}
			match = path
		}
	}
	return match
}

// names replaces the names of copies by the author's.
func (p Plan) names(text string) string {
	if !tokenForm.MatchString(text) {
		return text
	}
	return nameForm.ReplaceAllStringFunc(text, func(name string) string {
		m := nameForm.FindStringSubmatch(name)
		c, ok := p.copies[strings.ToLower(m[2])]
		if !ok {
			return name
		}
		if before, ok := strings.CutSuffix(name, c.name); ok { // "test_c…", or what the framework made of a title
			return before + p.tests[c.test].name
		}
		return m[1] + p.tests[c.test].title
	})
}

var nameForm = regexp.MustCompile(`(?i)(test_?|)(c[0-9]{4}x[0-9a-f]{16})`)
