package testreport

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/carrel-dev/carrel/harness"
)

var (
	batsPlace   = regexp.MustCompile(`in (?:test )?file (.+), line (\d{1,7})[,)]`)
	batsFailed  = regexp.MustCompile("^  `(.*)' failed(?: with status \\d+)?$")
	batsTitle   = regexp.MustCompile(`^-- (.+) --$`)
	batsField   = regexp.MustCompile(`^(\w+) *(?:\((\d+) lines?\):|: ?(.*))$`)
	batsFail    = regexp.MustCompile(`(?:^|[;{&|] *)fail\b`)
	shellError  = regexp.MustCompile(`^(\S+): line (\d{1,7}): `)
	outputEqual = regexp.MustCompile(`\[\[? +"?\$\{?(output|lines\[(\d{1,4})\])\}?"? +==? +(?:"([^"$` + "`" + `\\]*)"|'([^']*)'|([^\s"'$` + "`" + `*?\[]+)) +\]\]?`)
)

// isBats tells whether a failure's text was written by bats.
func isBats(notes []string) bool {
	return len(notes) > 0 && strings.HasPrefix(notes[0], "(") && batsPlace.MatchString(notes[0])
}

// interpretBats reads the notes of a test that failed: where, the command, then what bats-assert says,
// what the test printed, and the last output of run.
func interpretBats(r *harness.TestResult, notes []string) {
	notes = batsWhere(r, notes)
	command := ""
	if len(notes) > 0 {
		if m := batsFailed.FindStringSubmatch(notes[0]); m != nil {
			command, notes = m[1], notes[1:]
			r.Message = strings.TrimSpace(m[0])
		}
	}
	printed, block, last := batsParts(notes)
	if len(block) > 0 {
		r.Message = batsBlock(r, block)
	} else {
		r.Expected, r.Actual = shellValues(command, last)
	}
	if r.Message == "" || batsFail.MatchString(command) { // the author's own words, or the shell's
		r.Message = strings.TrimSpace(strings.Join(printed, "\n"))
		printed = nil
	}
	r.Output = strings.TrimSpace(strings.Join(append(printed, last...), "\n"))
	if m := shellError.FindStringSubmatch(r.Message); m != nil && r.Line == 0 {
		r.File = m[1]
		r.Line, _ = strconv.Atoi(m[2]) // seven digits always fit
	}
}

// batsWhere reads the lines that tell the place and returns the rest. Of a chain of functions the place
// in the test file counts; it comes last.
func batsWhere(r *harness.TestResult, notes []string) []string {
	for len(notes) > 0 && (strings.HasPrefix(notes[0], "(") || strings.HasPrefix(notes[0], " in ")) {
		m := batsPlace.FindStringSubmatch(notes[0])
		if m == nil {
			break
		}
		r.File = m[1]
		r.Line, _ = strconv.Atoi(m[2]) // seven digits always fit
		notes = notes[1:]
	}
	return notes
}

// batsParts sorts notes into what the test printed, the block of a failed assertion, and the last output
// of run.
func batsParts(notes []string) (printed, block, last []string) {
	for i := 0; i < len(notes); i++ {
		switch {
		case notes[i] == "Last output:":
			return printed, block, notes[i+1:]
		case len(block) == 0 && batsTitle.MatchString(notes[i]):
			end := i + 1
			for end < len(notes) && notes[end] != "--" {
				end++
			}
			block = notes[i:end]
			i = end
		default:
			printed = append(printed, notes[i])
		}
	}
	return printed, block, nil
}

// batsExpected are the fields that tell what was expected, and the words put before their value.
var batsExpected = map[string]string{
	"expected":   "",
	"substring":  "containing ",
	"regexp":     "matching ",
	"line":       "with the line ",
	"unexpected": "", // the title says "should not"
}

// batsBlock reads the block of a failed assertion of bats-assert into expected and actual. It returns the
// message: the title, and the fields that are neither.
func batsBlock(r *harness.TestResult, block []string) string {
	title := batsTitle.FindStringSubmatch(block[0])[1]
	message := []string{title}
	not := ""
	if strings.Contains(title, "should not") {
		not = "not "
	}
	var output string
	var expects, hasActual bool
	for _, f := range batsFields(block[1:]) {
		if words, ok := batsExpected[f.name]; ok {
			r.Expected, expects = not+words+f.value, true
			continue
		}
		switch f.name {
		case "actual":
			r.Actual, hasActual = f.value, true
		case "output":
			output = f.value
		case "status": // of a command that should have succeeded
			r.Expected, r.Actual = "exit status 0", "exit status "+f.value
		default:
			message = append(message, f.name+": "+f.value)
		}
	}
	if title == "command succeeded, but it was expected to fail" {
		r.Expected, r.Actual = "not exit status 0", "exit status 0"
	}
	if expects && !hasActual {
		r.Actual = output
	} else if output != "" {
		message = append(message, "output: "+output)
	}
	return strings.Join(message, "\n")
}

type batsFieldValue struct{ name, value string }

func batsFields(lines []string) []batsFieldValue {
	var fields []batsFieldValue
	for i := 0; i < len(lines); i++ {
		m := batsField.FindStringSubmatch(lines[i])
		if m == nil {
			continue
		}
		value := m[3]
		if m[2] != "" { // the value follows, indented by two spaces
			count, _ := strconv.Atoi(m[2]) // an impossible number ends at the last line
			var parts []string
			for ; count > 0 && i+1 < len(lines); count-- {
				i++
				parts = append(parts, strings.TrimPrefix(lines[i], "  "))
			}
			value = strings.Join(parts, "\n")
		}
		fields = append(fields, batsFieldValue{m[1], value})
	}
	return fields
}

// shellValues finds the values of a plain comparison such as [ "$output" = "hello" ]. Of other variables
// bats does not tell the value.
func shellValues(command string, last []string) (expected, actual string) {
	all := outputEqual.FindAllStringSubmatch(command, -1)
	if len(all) != 1 || last == nil {
		return "", ""
	}
	m := all[0]
	expected = m[3] + m[4] + m[5]
	if m[1] == "output" {
		return expected, strings.Join(last, "\n")
	}
	index, _ := strconv.Atoi(m[2]) // four digits always fit
	for _, line := range last {
		if line == "" {
			continue // run leaves empty lines out of $lines
		}
		if index == 0 {
			return expected, line
		}
		index--
	}
	return expected, ""
}
