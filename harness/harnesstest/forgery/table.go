package forgery

import (
	"fmt"
	"slices"
	"strings"
)

// Table is what was found, as Markdown: for each language how many attacks passed in each way, and how
// many right solutions did not pass where that is promised.
func Table(trials []Trial) string {
	var b strings.Builder
	b.WriteString("| language | attacks |")
	for _, way := range Ways() {
		fmt.Fprintf(&b, " pass by %s |", way)
	}
	b.WriteString(" right solutions | rejected |\n|---|---:|" + strings.Repeat("---:|", len(Ways())+2) + "\n")
	for _, name := range append(languages(trials), "") {
		c := tally(trials, name)
		if name == "" {
			name = "all"
		}
		fmt.Fprintf(&b, "| %s | %d |", name, len(c.attacks))
		for _, way := range Ways() {
			if c.tried[way] {
				fmt.Fprintf(&b, " %d |", c.passed[way])
			} else {
				b.WriteString(" not tried |")
			}
		}
		fmt.Fprintf(&b, " %d | %d |\n", len(c.right), c.rejected)
	}
	return b.String()
}

type counts struct {
	attacks, right map[string]bool
	tried          map[Way]bool
	passed         map[Way]int
	rejected       int
}

// tally counts the trials of a language, of all when it is empty.
func tally(trials []Trial, language string) counts {
	c := counts{attacks: map[string]bool{}, right: map[string]bool{}, tried: map[Way]bool{}, passed: map[Way]int{}}
	for _, t := range trials {
		if language != "" && t.Language != language {
			continue
		}
		c.tried[t.Way] = true
		name := t.Language + "/" + t.Solution.Name
		switch t.Kind {
		case Attack:
			c.attacks[name] = true
			if t.Passed() {
				c.passed[t.Way]++
			}
		case Right:
			c.right[name] = true
			if t.Way.Safe() && !t.Passed() {
				c.rejected++
			}
		case Guess, Wrong: // told by -v
		}
	}
	return c
}

func languages(trials []Trial) []string {
	var names []string
	for _, t := range trials {
		if !slices.Contains(names, t.Language) {
			names = append(names, t.Language)
		}
	}
	return names
}
