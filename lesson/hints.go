package lesson

import (
	"maps"
	"regexp"
	"slices"
	"strings"
)

// definition is a line that gives a link its address: "[label]: https://...".
var definition = regexp.MustCompile(`^ {0,3}\[([^\[\]]+)\]:[ \t]*\S`)

// SplitHints cuts a text at its "## " headings, those in fenced code excepted. Each hint starts with
// its heading and ends with the link definitions it uses, wherever in the text they stand, so that it
// can be shown alone. Stray tells that there is text before the first heading.
func SplitHints(s string) (hints []string, stray bool) {
	var parts [][]string
	current, fence := []string{}, ""
	definitions := map[string]string{}
	for line := range strings.SplitSeq(s, "\n") {
		trimmed := strings.TrimLeft(line, " ")
		switch {
		case fence == "" && (strings.HasPrefix(trimmed, "```") || strings.HasPrefix(trimmed, "~~~")):
			fence = trimmed[:3]
		case fence != "":
			if strings.HasPrefix(trimmed, fence) {
				fence = ""
			}
		case strings.HasPrefix(line, "## "):
			parts = append(parts, current)
			current = nil
		default:
			if match := definition.FindStringSubmatch(line); match != nil {
				if label := strings.ToLower(match[1]); definitions[label] == "" {
					definitions[label] = strings.TrimSpace(line)
				}
				continue
			}
		}
		current = append(current, line)
	}
	parts = append(parts, current)
	for _, part := range parts {
		hint := strings.TrimSpace(strings.Join(part, "\n"))
		if !strings.HasPrefix(hint, "## ") {
			stray = stray || hint != ""
			continue
		}
		hints = append(hints, hint+usedDefinitions(hint, definitions)+"\n")
	}
	return hints, stray
}

// usedDefinitions returns the definitions of the labels that occur in hint, as a paragraph.
func usedDefinitions(hint string, definitions map[string]string) string {
	out, lower := "", strings.ToLower(hint)
	for _, label := range slices.Sorted(maps.Keys(definitions)) {
		if strings.Contains(lower, "["+label+"]") {
			out += "\n" + definitions[label]
		}
	}
	if out != "" {
		out = "\n" + out
	}
	return out
}
