package lesson

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// marker is a line that is nothing but BEGIN or END in a comment of any common language.
var marker = regexp.MustCompile(`^\s*(?:#|//|--|;+|%|/\*|<!--)\s*(BEGIN|END)\s*(?:\*/|-->)?\s*$`)

// CutMarked returns source without the lines between BEGIN and END markers, the markers themselves
// kept, and whether there were any. The error is one sentence, line is where (from 1).
func CutMarked(source string) (cut string, found bool, line int, err error) {
	var out []string
	begun := 0
	for i, text := range strings.SplitAfter(source, "\n") {
		kind := ""
		if match := marker.FindStringSubmatch(strings.TrimRight(text, "\r\n")); match != nil {
			kind = match[1]
		}
		switch {
		case kind == "BEGIN" && begun > 0:
			return "", false, i + 1, fmt.Errorf("the BEGIN marker of line %d has no END before this one", begun)
		case kind == "END" && begun == 0:
			return "", false, i + 1, fmt.Errorf("this END marker has no BEGIN before it")
		case kind == "BEGIN":
			begun, found = i+1, true
			out = append(out, text, "\n")
		case kind == "END":
			begun = 0
			out = append(out, text)
		case begun == 0:
			out = append(out, text)
		}
	}
	if begun > 0 {
		return "", false, begun, fmt.Errorf("this BEGIN marker has no END after it")
	}
	return strings.Join(out, ""), found, 0, nil
}

// cutMarked makes starter files of the reference files that have markers and no starter of their own.
func (l *loader) cutMarked(dir string, e *Exercise) {
	for _, p := range slices.Sorted(maps.Keys(e.Solution)) {
		if _, own := e.Starter[p]; own {
			continue
		}
		cut, found, line, err := CutMarked(string(e.Solution[p].Data))
		if err != nil {
			l.problems.add(Problem{File: dir + "solution/" + p, Line: line, Lesson: lessonOf(dir),
				Message: err.Error() + ". Write the two markers in pairs."})
			continue
		}
		if found {
			if e.Starter == nil {
				e.Starter = Files{}
			}
			e.Starter[p] = NewFile([]byte(cut))
		}
	}
}
