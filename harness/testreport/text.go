package testreport

import (
	"fmt"
	"path"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// workDir is where workspaces live inside environments. Paths in reports are relative to it.
const workDir = "/work/"

var (
	escapes   = regexp.MustCompile(`\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\-_])`)
	addresses = regexp.MustCompile(` at 0x[0-9a-fA-F]{4,}`)
	// noise are lines that talk about the test framework and not about the learner's program.
	noise = regexp.MustCompile(`(?m)^\s*(?:Use -v+ to get (?:more|the full) diff|\.\.\.Full output truncated.*|\(use .* to show\))\s*$\n?`)
)

// clean returns text as valid UTF-8 without terminal escapes and control characters.
func clean(text string) string {
	text = strings.ToValidUTF8(text, "\uFFFD")
	text = strings.ReplaceAll(text, "\r\n", "\n")
	text = escapes.ReplaceAllString(text, "")
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' && r != '\t' {
			return -1
		}
		return r
	}, text)
}

// tidy makes a message: clean, without the framework's own remarks, and the same in every run.
func tidy(text string, limit int) string {
	text = noise.ReplaceAllString(clean(text), "")
	text = addresses.ReplaceAllString(text, "")
	text = strings.NewReplacer(workDir+"./", "", workDir, "", " [recovered, repanicked]", "").Replace(text)
	return clip(strings.Trim(text, "\n"), limit)
}

func oneLine(text string) string {
	return strings.TrimSpace(strings.Join(strings.Fields(clean(text)), " "))
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
	return strings.TrimPrefix(path.Clean(file), workDir)
}

// words turns the name of a test function into words.
func words(name string) string {
	return strings.TrimSpace(strings.ReplaceAll(name, "_", " "))
}
