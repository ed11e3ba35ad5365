package testreport

import (
	"bytes"
	"errors"
	"regexp"
	"strconv"
	"strings"

	"gotest.tools/gotestsum/testjson"

	"github.com/carrel-dev/carrel/harness"
)

var (
	goFrameworkLine = regexp.MustCompile(`^\s*(?:=== (?:RUN|PAUSE|CONT|NAME)|--- (?:PASS|FAIL|SKIP):)`)
	goPlace         = regexp.MustCompile(`^\s+(\S+\.go):(\d{1,7}): (.*)$`)
	goPanic         = regexp.MustCompile(`^(?:panic|fatal error): `)
	goFrame         = regexp.MustCompile(`^\t` + workDir + `(\S+\.go):(\d{1,7})\b`)
	goBuildPlace    = regexp.MustCompile(`^(?:vet: )?(?:\./)?(\S+\.go):(\d{1,7}):(?:\d+:)? `)
)

// goRun collects the events of go test -json in the order in which tests start.
type goRun struct {
	tests    []*goTest
	running  map[string]*goTest
	packages map[string]*goPackage
	order    []string // packages as they appear
	build    []string // output of the compiler
}

type goTest struct {
	result harness.TestResult
	lines  []string
	ended  bool
}

type goPackage struct {
	lines  []string
	failed bool
	tests  int
}

func parseGoTest(data []byte) ([]harness.TestResult, error) {
	run := &goRun{running: map[string]*goTest{}, packages: map[string]*goPackage{}}
	// Lines that are no events, such as the compiler's before Go 1.24, go to Err.
	_, err := testjson.ScanTestOutput(testjson.ScanConfig{
		Stdout: bytes.NewReader(onlyEvents(data, run)), Handler: run, IgnoreNonJSONOutputLines: true,
	})
	if err != nil {
		return nil, unreadable("go test -json", err)
	}
	if len(run.order) == 0 && len(run.build) == 0 {
		return nil, unreadable("go test -json", errors.New("no events"))
	}
	return run.results(), nil
}

// onlyEvents returns the lines that may be events; the library prints a warning of its own about some
// of the others.
func onlyEvents(data []byte, run *goRun) []byte {
	var events []byte
	for line := range bytes.Lines(data) {
		if bytes.HasPrefix(line, []byte("{")) {
			events = append(events, line...)
		} else if text := strings.TrimRight(string(line), "\r\n"); goBuildPlace.MatchString(text) {
			run.build = append(run.build, text)
		}
	}
	return events
}

// Err implements testjson.EventHandler.
func (g *goRun) Err(string) error { return nil }

// Event implements testjson.EventHandler.
func (g *goRun) Event(e testjson.TestEvent, _ *testjson.Execution) error {
	if e.Action == testjson.ActionBuild {
		g.build = append(g.build, strings.TrimRight(e.Output, "\n"))
		return nil
	}
	if e.Package == "" {
		return nil
	}
	pkg := g.packages[e.Package]
	if pkg == nil {
		pkg = &goPackage{}
		g.packages[e.Package] = pkg
		g.order = append(g.order, e.Package)
	}
	if e.PackageEvent() {
		switch e.Action {
		case testjson.ActionFail:
			pkg.failed = true
		case testjson.ActionOutput:
			pkg.lines = append(pkg.lines, strings.TrimRight(e.Output, "\n"))
		default: // starts, passes and attributes add nothing
		}
		return nil
	}
	g.testEvent(e, pkg)
	return nil
}

func (g *goRun) testEvent(e testjson.TestEvent, pkg *goPackage) {
	key := e.Package + "\x00" + e.Test
	test := g.running[key]
	if test == nil || (e.Action == testjson.ActionRun && test.ended) {
		test = &goTest{result: goResult(e.Package, e.Test)}
		g.running[key] = test
		g.tests = append(g.tests, test)
		pkg.tests++
	}
	switch e.Action {
	case testjson.ActionOutput:
		test.lines = append(test.lines, strings.TrimRight(e.Output, "\n"))
	case testjson.ActionPass:
		test.end(harness.TestPassed, e.Elapsed)
	case testjson.ActionFail:
		test.end(harness.TestFailed, e.Elapsed)
	case testjson.ActionSkip:
		test.end(harness.TestSkipped, e.Elapsed)
	default: // starts, pauses, benchmarks and attributes add nothing
	}
}

func (t *goTest) end(status harness.TestStatus, seconds float64) {
	t.ended, t.result.Status, t.result.DurationMS = true, status, seconds*1000
}

func goResult(pkg, test string) harness.TestResult {
	root, sub, isSub := strings.Cut(test, "/")
	r := harness.TestResult{ID: pkg + "." + test, Group: root, Name: words(strings.TrimPrefix(root, "Test"))}
	if isSub {
		r.Name = words(sub)
	}
	return r
}

func (g *goRun) results() []harness.TestResult {
	var results []harness.TestResult
	for _, name := range g.order {
		if pkg := g.packages[name]; pkg.failed && pkg.tests == 0 {
			results = append(results, g.notBuilt(name, pkg))
		}
	}
	if len(g.order) == 0 {
		results = append(results, g.notBuilt("build", &goPackage{}))
	}
	for _, test := range g.tests {
		results = append(results, test.interpret())
	}
	return results
}

// notBuilt tells why a package has no tests: the compiler's words, else its own last ones.
func (g *goRun) notBuilt(name string, pkg *goPackage) harness.TestResult {
	r := harness.TestResult{ID: name, Name: name, Group: harness.GroupBuild, Status: harness.TestErrored}
	lines := pkg.lines
	if len(g.build) > 0 {
		lines = g.build
	}
	var message []string
	for _, line := range lines {
		if strings.HasPrefix(line, "# ") || strings.HasPrefix(line, "FAIL") {
			continue
		}
		if m := goBuildPlace.FindStringSubmatch(line); m != nil && r.File == "" {
			r.File = m[1]
			r.Line, _ = strconv.Atoi(m[2]) // seven digits always fit
		}
		message = append(message, line)
	}
	r.Message = strings.Join(message, "\n")
	return r
}

// interpret sorts what a test printed into message and output.
func (t *goTest) interpret() harness.TestResult {
	r := t.result
	if !t.ended {
		r.Status, r.Message = harness.TestErrored, harness.NotFinished
	}
	var message, output []string
	inMessage := false
	for i, line := range t.lines {
		if goFrameworkLine.MatchString(line) {
			inMessage = false
			continue
		}
		if goPanic.MatchString(line) && r.Status != harness.TestPassed {
			r.Status, r.Message = harness.TestErrored, line
			r.File, r.Line = goPanicPlace(t.lines[i:])
			output = append(output, t.lines[i:]...)
			break
		}
		if m := goPlace.FindStringSubmatch(line); m != nil {
			if inMessage = true; r.File == "" {
				r.File = m[1]
				r.Line, _ = strconv.Atoi(m[2]) // seven digits always fit
			}
			message = append(message, m[3])
		} else if inMessage && strings.HasPrefix(line, "        ") {
			message = append(message, strings.TrimPrefix(line, "        "))
		} else {
			inMessage = false
			output = append(output, line)
		}
	}
	if r.Status == harness.TestPassed {
		output, message = append(message, output...), nil
	}
	if len(message) > 0 {
		r.Message = strings.TrimSpace(strings.Join(message, "\n") + "\n" + r.Message)
	}
	r.Output = strings.Join(output, "\n")
	return r
}

// goPanicPlace returns the innermost frame inside the workspace.
func goPanicPlace(trace []string) (file string, line int) {
	for _, frame := range trace {
		if m := goFrame.FindStringSubmatch(frame); m != nil {
			line, _ = strconv.Atoi(m[2]) // seven digits always fit
			return m[1], line
		}
	}
	return "", 0
}
