package testreport

import (
	"bytes"
	"cmp"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"

	"github.com/carrel-dev/carrel/harness"
)

// joshdk/go-junit was tried first. It leaves out test cases that are not inside a suite (Node writes
// such), properties, and all but the last failure of a case, and it recurses as deeply as the bytes
// tell it to, which a forged report turns into a dead process.

// junitCase is one <testcase>; what it does not name is skipped.
type junitCase struct {
	Name       string          `xml:"name,attr"`
	Classname  string          `xml:"classname,attr"`
	Time       string          `xml:"time,attr"`
	File       string          `xml:"file,attr"`
	Line       string          `xml:"line,attr"`
	Properties []junitProperty `xml:"properties>property"`
	Failures   []junitOutcome  `xml:"failure"`
	Errors     []junitOutcome  `xml:"error"`
	Skipped    *junitOutcome   `xml:"skipped"`
	Out        []string        `xml:"system-out"`
	Err        []string        `xml:"system-err"`
}

type junitProperty struct {
	Name  string `xml:"name,attr"`
	Value string `xml:"value,attr"`
}

type junitOutcome struct {
	Message string `xml:"message,attr"`
	Type    string `xml:"type,attr"`
	Body    string `xml:",chardata"`
}

func parseJUnit(data []byte) ([]harness.TestResult, error) {
	var (
		d       = xml.NewDecoder(bytes.NewReader(data))
		suites  []string // names of the open suites
		isJUnit bool
		results []harness.TestResult
	)
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) && isJUnit {
			return results, nil
		}
		if err != nil {
			return nil, unreadable("JUnit XML", err)
		}
		switch e := token.(type) {
		case xml.StartElement:
			switch e.Name.Local {
			case "testsuites", "testsuite":
				isJUnit = true
				suites = append(suites, attribute(e, "name"))
			case "testcase":
				var test junitCase
				if err := d.DecodeElement(&test, &e); err != nil {
					return nil, unreadable("JUnit XML", err)
				}
				suite := ""
				if len(suites) > 0 {
					suite = suites[len(suites)-1]
				}
				results = append(results, test.result(suite))
			}
		case xml.EndElement:
			if name := e.Name.Local; (name == "testsuites" || name == "testsuite") && len(suites) > 0 {
				suites = suites[:len(suites)-1]
			}
		}
	}
}

func attribute(e xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

// result converts the case. The properties "carrel.*" are those of our pytest plugin; reports of other
// tools go without them.
func (c junitCase) result(suite string) harness.TestResult {
	own := map[string]string{}
	for _, p := range c.Properties {
		if key, ok := strings.CutPrefix(p.Name, "carrel."); ok {
			own[key] = p.Value
		}
	}
	r := harness.TestResult{
		ID:       own["id"],
		Name:     own["name"],
		Group:    own["group"],
		Expected: own["expected"],
		Actual:   own["actual"],
		File:     c.File,
		Output:   strings.Join(append(c.Out, c.Err...), "\n"),
	}
	seconds, _ := strconv.ParseFloat(strings.ReplaceAll(c.Time, ",", ""), 64) // no time is no time
	r.DurationMS = seconds * 1000
	r.Line, _ = strconv.Atoi(c.Line) // no line is line 0
	body := c.outcome(&r)
	if own["status"] == string(harness.TestNotRun) && r.Status == harness.TestSkipped {
		r.Status = harness.TestNotRun // JUnit has no word for a test that never had its turn
	}
	if r.ID == "" {
		c.foreign(&r, suite, body)
	}
	return r
}

// outcome sets the status and message, and returns the text of the failures.
func (c junitCase) outcome(r *harness.TestResult) (body string) {
	var bad []junitOutcome
	switch {
	case len(c.Failures) > 0:
		r.Status, bad = harness.TestFailed, c.Failures
	case len(c.Errors) > 0:
		r.Status, bad = harness.TestErrored, c.Errors
	case c.Skipped != nil:
		r.Status, r.Message = harness.TestSkipped, cmp.Or(c.Skipped.Message, strings.TrimSpace(c.Skipped.Body))
		return ""
	default:
		r.Status = harness.TestPassed
		return ""
	}
	var messages, bodies []string
	for _, o := range bad {
		message := strings.TrimSpace(o.Message)
		if message == "" || message == "collection failure" { // pytest: the text says what failed
			message = cmp.Or(strings.TrimSpace(o.Body), o.Type)
		}
		messages, bodies = append(messages, message), append(bodies, o.Body)
	}
	r.Message = strings.Join(messages, "\n\n")
	return strings.Join(bodies, "\n")
}

var testFunction = regexp.MustCompile(`^test_\w+$`)

// foreign fills what reports of other tools do not say plainly.
func (c junitCase) foreign(r *harness.TestResult, suite, body string) {
	r.Group = strings.TrimPrefix(cmp.Or(c.Classname, suite), "./")
	r.ID = fmt.Sprintf("%s::%s", r.Group, c.Name)
	r.Name = c.Name
	if testFunction.MatchString(c.Name) {
		r.Name = words(strings.TrimPrefix(c.Name, "test_"))
	}
	if notes := strings.Split(body, "\n"); isBats(notes) {
		interpretBats(r, notes)
	} else if file, line := lastPlace(body); file != "" {
		r.File, r.Line = file, line
	}
}
