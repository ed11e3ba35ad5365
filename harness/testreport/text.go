package testreport

import (
	"fmt"
	"path"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/carrel-dev/carrel/harness"
)

// workDir is where workspaces live inside environments, testsDir where the tests of a split check do.
// Paths in reports are relative to them.
const (
	workDir  = "/work/"
	testsDir = "/tests/"
)

var (
	addresses = regexp.MustCompile(` at 0x[0-9a-fA-F]{4,}`)
	// noise are lines that talk about the test framework and not about the learner's program.
	noise = regexp.MustCompile(`(?m)^\s*(?:Use -v+ to get (?:more|the full) diff|\.\.\.Full output truncated.*|\(use .* to show\))\s*$\n?`)
)

// tidy makes a message: harmless, without the framework's own remarks, and the same in every run.
func tidy(text string, limit int) string {
	text = noise.ReplaceAllString(harness.Neutral(text), "")
	text = addresses.ReplaceAllString(text, "")
	text = strings.NewReplacer(workDir+"./", "", workDir, "", " [recovered, repanicked]", "").Replace(text)
	return clip(strings.Trim(text, "\n"), limit)
}

func oneLine(text string) string {
	return strings.TrimSpace(strings.Join(strings.Fields(harness.Neutral(text)), " "))
}

// clip leaves out the middle of a long text. The result may be longer than limit by the line that says so.
func clip(text string, limit int) string {
	if len(text) <= limit {
		return text
	}
	head, tail := limit*3/4, len(text)-limit/4
	for head > 0 && !utf8.RuneStart(text[head]) {
		head--
	}
	for tail < len(text) && !utf8.RuneStart(text[tail]) {
		tail++
	}
	return fmt.Sprintf("%s\n... %d bytes left out ...\n%s", text[:head], tail-head, text[tail:])
}

// cleanPath makes a path of a report relative to the workspace, with slashes.
func cleanPath(file string) string {
	if file == "" {
		return ""
	}
	return strings.TrimPrefix(strings.TrimPrefix(path.Clean(file), workDir), testsDir)
}

// words turns the name of a test function into words.
func words(name string) string {
	return strings.TrimSpace(strings.ReplaceAll(name, "_", " "))
}
