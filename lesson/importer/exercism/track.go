package exercism

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/carrel-dev/carrel/lesson"
)

// language is what Carrel knows of a track beyond what the track says itself.
type language struct {
	environment string
	env         []string
	limits      lesson.Limits
	exceptions  map[string]exception // by slug
}

// exception is an exercise that differs from what is asked of every other.
type exception struct {
	starterPasses bool // its task is to make working code better
	skipped       []string
	limits        lesson.Limits
}

// languages are the tracks that can be imported, by their slug. What they say of single exercises was
// found by running every reference and starter in November 2026.
func languages() map[string]language {
	refactoring := exception{starterPasses: true}
	return map[string]language{
		"python": {
			environment: "python",
			limits:      lesson.Limits{CPUSeconds: 30, WallSeconds: 60},
			exceptions: map[string]exception{
				"markdown": refactoring,
				"ledger":   refactoring,
				"alphametics": {skipped: []string{
					"alphametics_test.py::AlphameticsTest::test_puzzle_with_ten_letters_and_199_addends"}},
			},
		},
		"bash": {
			environment: "shell",
			// Every test but the first asks to be skipped unless this is set.
			env:    []string{"BATS_RUN_SKIPPED=true"},
			limits: lesson.Limits{CPUSeconds: 40, WallSeconds: 90},
			exceptions: map[string]exception{
				"markdown": refactoring,
				// Two tests want a terminal, one is for extra credit.
				"tournament": {skipped: []string{
					"tournament.bats::With a file: a win is three points, a loss is zero points",
					"tournament.bats::With a file: incomplete competition (not all pairs have played)"}},
				"pythagorean-triplet": {skipped: []string{"pythagorean_triplet.bats::triplets for large number"}},
				// The reference takes 48 seconds.
				"palindrome-products": {limits: lesson.Limits{CPUSeconds: 150, WallSeconds: 300}},
			},
		},
	}
}

// trackConfig is config.json, version 3.
type trackConfig struct {
	Language  string       `json:"language"`
	Slug      string       `json:"slug"`
	Blurb     string       `json:"blurb"`
	Version   int          `json:"version"`
	Files     filePatterns `json:"files"`
	Exercises struct {
		Concept  []entry `json:"concept"`
		Practice []entry `json:"practice"`
	} `json:"exercises"`
	Tags []string `json:"tags"`
}

// entry is an exercise in config.json.
type entry struct {
	UUID          string   `json:"uuid"`
	Slug          string   `json:"slug"`
	Name          string   `json:"name"`
	Difficulty    int      `json:"difficulty"`
	Status        string   `json:"status"`
	Concepts      []string `json:"concepts"`
	Prerequisites []string `json:"prerequisites"`

	kind string // "concept" or "practice"
}

// filePatterns are paths below an exercise's folder.
type filePatterns struct {
	Solution []string `json:"solution"`
	Test     []string `json:"test"`
	Example  []string `json:"example"`
	Exemplar []string `json:"exemplar"`
	Editor   []string `json:"editor"`
}

// exerciseConfig is .meta/config.json of an exercise.
type exerciseConfig struct {
	Authors      []string     `json:"authors"`
	Contributors []string     `json:"contributors"`
	Files        filePatterns `json:"files"`
	Blurb        string       `json:"blurb"`
	Source       string       `json:"source"`
	SourceURL    string       `json:"source_url"`
}

// tree is the track's folder. Only plain files that were listed without following links are read.
type tree struct {
	fsys  fs.FS
	files map[string]bool
}

func openTree(fsys fs.FS) (*tree, error) {
	t := &tree{fsys: fsys, files: map[string]bool{}}
	err := fs.WalkDir(fsys, ".", func(p string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && entry.Name() == ".git":
			return fs.SkipDir
		case entry.Type().IsRegular():
			t.files[p] = true
		}
		if len(t.files) > maxTrackFiles {
			return errors.New("too many files")
		}
		return nil
	})
	return t, err
}

const maxTrackFiles = 200_000

// read returns a file of the track. The error is one sentence without the path.
func (t *tree) read(p string) ([]byte, error) {
	if !t.files[p] {
		return nil, errors.New("the file is missing")
	}
	file, err := t.fsys.Open(p)
	if err != nil {
		return nil, errors.New("the file cannot be read")
	}
	defer file.Close() //nolint:errcheck // it was only read
	data, err := io.ReadAll(io.LimitReader(file, lesson.MaxFileBytes+1))
	if err != nil {
		return nil, errors.New("the file cannot be read")
	}
	if len(data) > lesson.MaxFileBytes {
		return nil, fmt.Errorf("the file is larger than %d MiB", lesson.MaxFileBytes>>20)
	}
	return data, nil
}

// text returns a file as text, "" when it is missing.
func (t *tree) text(p string) string {
	data, err := t.read(p)
	if err != nil {
		return ""
	}
	return string(data)
}

// decode reads a JSON file. The error is one sentence, line is where (from 1) or 0.
func (t *tree) decode(p string, into any) (line int, err error) {
	data, err := t.read(p)
	if err != nil {
		return 0, err
	}
	err = json.Unmarshal(data, into)
	if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
		return lineAt(data, syntax.Offset), fmt.Errorf("this is not JSON: %w", err)
	}
	if mismatch, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return lineAt(data, mismatch.Offset), fmt.Errorf("%q should be a %s, not a %s", mismatch.Field, mismatch.Type, mismatch.Value)
	}
	return 0, err
}

func lineAt(data []byte, offset int64) int {
	return 1 + strings.Count(string(data[:min(int64(len(data)), offset)]), "\n")
}

// folder returns the files below dir that are no course machinery, by paths relative to dir.
func (t *tree) folder(dir string) []string {
	var out []string
	for p := range t.files {
		rest, ok := strings.CutPrefix(p, dir+"/")
		// .docs, .meta, .approaches and .articles hold texts and solutions.
		if ok && !strings.HasPrefix(rest, ".") {
			out = append(out, rest)
		}
	}
	slices.Sort(out)
	return out
}

// entries returns the exercises in the order in which they are met: the first practice exercise,
// which shows how things work, then the concepts, then the rest of the practice.
func (c *trackConfig) entries() []entry {
	for i := range c.Exercises.Concept {
		c.Exercises.Concept[i].kind = "concept"
	}
	for i := range c.Exercises.Practice {
		c.Exercises.Practice[i].kind = "practice"
	}
	practice := c.Exercises.Practice
	var out []entry
	if len(practice) > 0 && practice[0].Slug == "hello-world" {
		out, practice = append(out, practice[0]), practice[1:]
	}
	return slices.Concat(out, c.Exercises.Concept, practice)
}

// expand fills the placeholders of the track's file patterns in for an exercise.
func (f filePatterns) expand(slug string) filePatterns {
	snake := strings.ReplaceAll(slug, "-", "_")
	var pascal strings.Builder
	for part := range strings.SplitSeq(slug, "-") {
		if part != "" {
			pascal.WriteString(strings.ToUpper(part[:1]) + part[1:])
		}
	}
	camel := pascal.String()
	if camel != "" {
		camel = strings.ToLower(camel[:1]) + camel[1:]
	}
	replacer := strings.NewReplacer("%{kebab_slug}", slug, "%{snake_slug}", snake, "%{pascal_slug}", pascal.String(), "%{camel_slug}", camel)
	each := func(list []string) []string {
		out := make([]string, len(list))
		for i, p := range list {
			out[i] = path.Clean(replacer.Replace(p))
		}
		return out
	}
	return filePatterns{each(f.Solution), each(f.Test), each(f.Example), each(f.Exemplar), each(f.Editor)}
}

// or takes what f lacks from the track's defaults. An exercise has either examples or exemplars.
func (f filePatterns) or(defaults filePatterns, kind string) filePatterns {
	switch {
	case len(f.Example)+len(f.Exemplar) > 0:
		defaults.Example, defaults.Exemplar = nil, nil
	case kind == "concept":
		defaults.Example = nil
	default:
		defaults.Exemplar = nil
	}
	pick := func(a, b []string) []string {
		if len(a) > 0 {
			return a
		}
		return b
	}
	return filePatterns{pick(f.Solution, defaults.Solution), pick(f.Test, defaults.Test), pick(f.Example, defaults.Example),
		pick(f.Exemplar, defaults.Exemplar), pick(f.Editor, defaults.Editor)}
}
