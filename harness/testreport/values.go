package testreport

import (
	"regexp"
	"strconv"
	"strings"
)

// label matches one labelled value: "expected: 3", "  Actual: 2", "got 2 lines" is none.
var (
	expectedLabel = regexp.MustCompile(`(?im)^[ \t]*(?:expected|want|wanted)[ \t]*:[ \t]*(.*)$`)
	actualLabel   = regexp.MustCompile(`(?im)^[ \t]*(?:actual|got|received|found)[ \t]*:[ \t]*(.*)$`)

	// sentences are the one-line forms; the groups are named e and a.
	sentences = []*regexp.Regexp{
		regexp.MustCompile(`(?i)expected:? *<(?P<e>.*)> but was:? *<(?P<a>.*)>`),                                 // JUnit
		regexp.MustCompile(`(?i)\bexpected:? (?P<e>.+?),? (?:but )?got:? (?P<a>.+)$`),                            // Go, Rust, prose
		regexp.MustCompile(`(?i)\bwant(?:ed)?:? (?P<e>.+?)[,;] got:? (?P<a>.+)$`),                                // Go
		regexp.MustCompile(`(?i)\bgot:? (?P<a>.+?)[,;] (?:want|expected):? (?P<e>.+)$`),                          // Go
		regexp.MustCompile(`(?i) = (?P<a>.+?)[,;] (?:want|expected):? (?P<e>.+)$`),                               // Go: F(x) = 1, want 2
		regexp.MustCompile(`^Failed asserting that (?P<a>.+) (?:matches expected|is identical to) (?P<e>.+)\.$`), // PHPUnit
	}

	pytestAssert = regexp.MustCompile(`^(?:E +)?(?:AssertionError: )?assert (.+) == (.+)$`)
	unittestNot  = regexp.MustCompile(`^(?:AssertionError: )?(?:(?:Lists|Tuples|Sets|Sequences|Dicts) differ: )?(.+) != (.+)$`)
)

// values finds the expected and actual value in the message of a failed test. It prefers silence to a
// guess: a form that can be read in two ways gives nothing.
func values(message string) (expected, actual string) {
	e, a := expectedLabel.FindStringSubmatch(message), actualLabel.FindStringSubmatch(message)
	if e != nil && a != nil && strings.TrimSpace(e[1]+a[1]) != "" {
		return strings.TrimSpace(e[1]), strings.TrimSpace(a[1])
	}
	for line := range strings.Lines(message) {
		line = strings.TrimSpace(line)
		for _, form := range sentences {
			if m := form.FindStringSubmatch(line); m != nil {
				return m[form.SubexpIndex("e")], m[form.SubexpIndex("a")]
			}
		}
		if m := pytestAssert.FindStringSubmatch(line); m != nil && strings.Count(line, " == ") == 1 {
			return m[2], m[1]
		}
		if m := unittestNot.FindStringSubmatch(line); m != nil && strings.Count(line, " != ") == 1 && !strings.Contains(m[1], "assert ") {
			right, _, _ := strings.Cut(m[2], " : ") // the test's own message
			right, _, _ = strings.Cut(right, " within ")
			return right, m[1]
		}
	}
	return "", ""
}

// place matches "path/file.ext:12" with nothing that belongs to a path before it.
var place = regexp.MustCompile(`(?m)(?:^|[\s("'])((?:[\w.@+-]+/)*[\w@+-][\w.@+-]*\.\w+):(\d{1,7})\b`)

// lastPlace finds the last file and line named in a text, as relative path. Frameworks put the place of the
// failed expectation last.
func lastPlace(text string) (file string, line int) {
	all := place.FindAllStringSubmatch(strings.ReplaceAll(text, workDir, ""), -1)
	if len(all) == 0 {
		return "", 0
	}
	m := all[len(all)-1]
	line, err := strconv.Atoi(m[2])
	if err != nil {
		return "", 0
	}
	return m[1], line
}
