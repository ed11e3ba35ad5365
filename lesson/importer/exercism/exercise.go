package exercism

import (
	"fmt"
	"net/url"
	"path"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/carrel-dev/carrel/lesson"
	"github.com/carrel-dev/carrel/lesson/importer"
)

// converter makes lessons of exercises and notes what goes wrong.
type converter struct {
	tree     *tree
	config   trackConfig
	language language
	report   *importer.Report
	// teaches is the lesson that teaches a concept; needs are the concepts a lesson builds on.
	teaches map[string]string
	needs   map[string][]string
}

// exercise returns the lesson of an exercise, or nil after having reported why there is none.
func (c *converter) exercise(e entry) *lesson.Lesson {
	before := len(c.report.Problems)
	l := c.convert(e)
	outcome := importer.Exercise{Slug: e.Slug, Title: e.Name, Import: importer.Imported}
	if len(c.report.Problems) > before {
		outcome.Import, outcome.Reason = importer.Broken, "It cannot be imported, see the problems below."
	}
	c.report.Add(outcome)
	if outcome.Import == importer.Broken {
		return nil
	}
	for _, concept := range e.Concepts {
		if c.teaches[concept] == "" && e.kind == "concept" {
			c.teaches[concept] = e.Slug
		}
	}
	if c.needs == nil {
		c.needs = map[string][]string{}
	}
	c.needs[e.Slug] = e.Prerequisites
	return l
}

func (c *converter) problem(e entry, file string, line int, format string, args ...any) {
	c.report.Problems = append(c.report.Problems, lesson.Problem{File: file, Line: line, Lesson: e.Slug, Message: fmt.Sprintf(format, args...)})
}

func (c *converter) convert(e entry) *lesson.Lesson {
	dir := path.Join("exercises", e.kind, e.Slug)
	configFile := dir + "/.meta/config.json"
	if lesson.CheckPath(configFile) != nil || strings.Contains(e.Slug, "/") {
		c.problem(e, "config.json", 0, "%q is not the slug of an exercise. Write lower-case letters, digits and hyphens.", e.Slug)
		return nil
	}
	var config exerciseConfig
	if line, err := c.tree.decode(configFile, &config); err != nil {
		c.problem(e, configFile, line, "%v.", err)
		return nil
	}
	files := config.Files.or(c.config.Files, e.kind).expand(e.Slug)
	l := &lesson.Lesson{
		ID:      c.id(e),
		Slug:    e.Slug,
		Title:   lesson.Text{"en": e.Name},
		Minutes: minutes(e),
		Points:  5 * max(1, e.Difficulty),
		Authors: config.credit(),
		Source:  c.source(e, config),
	}
	c.texts(e, dir, l)
	l.Exercise = c.files(e, dir, configFile, files)
	return l
}

// id returns the exercise's own UUID, and where it has none, one that is always the same.
func (c *converter) id(e entry) lesson.ID {
	if id, err := uuid.Parse(e.UUID); err == nil && id != uuid.Nil {
		return id
	}
	return uuid.NewSHA1(uuid.NameSpaceURL, []byte("https://exercism.org/tracks/"+c.config.Slug+"/exercises/"+e.Slug))
}

// minutes guesses from the difficulty, 1 to 10; concept exercises have none.
func minutes(e entry) int {
	switch {
	case e.Difficulty == 0:
		return 20
	case e.Difficulty <= 2:
		return 10
	case e.Difficulty <= 4:
		return 20
	case e.Difficulty <= 7:
		return 35
	default:
		return 60
	}
}

func (c exerciseConfig) credit() []string {
	if len(c.Authors) > 0 {
		return c.Authors
	}
	return c.Contributors
}

func (c *converter) source(e entry, config exerciseConfig) string {
	address := fmt.Sprintf("https://exercism.org/tracks/%s/exercises/%s", c.config.Slug, e.Slug)
	origin := strings.TrimSpace(config.Source)
	switch {
	case origin != "" && config.SourceURL != "":
		return address + ", after " + origin + " (" + config.SourceURL + ")"
	case origin != "" || config.SourceURL != "":
		return address + ", after " + origin + config.SourceURL
	default:
		return address
	}
}

// texts fills theory, task and hints. A concept's own text is the theory; the introduction of a
// practice exercise belongs to its task.
func (c *converter) texts(e entry, dir string, l *lesson.Lesson) {
	docs := dir + "/.docs/"
	base := &url.URL{Scheme: "https", Host: "exercism.org", Path: "/tracks/" + c.config.Slug + "/exercises/" + e.Slug + "/"}
	read := func(p string) string {
		text, _ := importer.CleanMarkdown(c.tree.text(p), base)
		return withoutTitle(text)
	}
	introduction := read(docs + "introduction.md")
	parts := []string{introduction, read(docs + "introduction.append.md")}
	if e.kind == "concept" {
		var theory []string
		for _, concept := range e.Concepts {
			text, _ := importer.CleanMarkdown(c.concept(concept), base)
			theory = append(theory, text)
		}
		if l.Theory = prose(theory...); l.Theory == nil {
			l.Theory = prose(parts...)
		}
		parts = nil
	}
	l.Task = prose(append(parts, read(docs+"instructions.md"), read(docs+"instructions.append.md"))...)
	if l.Task == nil {
		c.problem(e, docs+"instructions.md", 0, "the file is missing, so the learner would not know what to do.")
	}
	if hints := read(docs + "hints.md"); hints != "" {
		list, stray := lesson.SplitHints(hints)
		if stray {
			list, _ = lesson.SplitHints("## General\n\n" + hints)
		}
		for _, hint := range list {
			l.Hints = append(l.Hints, lesson.Text{"en": hint})
		}
	}
}

// concept returns the text of a concept, "" when there is none.
func (c *converter) concept(slug string) string {
	for _, name := range []string{"about.md", "introduction.md"} {
		if text := c.tree.text("concepts/" + slug + "/" + name); strings.TrimSpace(text) != "" {
			return text
		}
	}
	return ""
}

// prose joins texts, nil when they are all empty.
func prose(parts ...string) lesson.Text {
	var kept []string
	for _, part := range parts {
		if part = strings.TrimSpace(part); part != "" {
			kept = append(kept, part)
		}
	}
	if len(kept) == 0 {
		return nil
	}
	return lesson.Text{"en": strings.Join(kept, "\n\n") + "\n"}
}

// withoutTitle removes the first heading when it only says which file this is.
func withoutTitle(text string) string {
	text = strings.TrimLeft(text, "\n")
	first, rest, _ := strings.Cut(text, "\n")
	switch strings.ToLower(strings.TrimSpace(first)) {
	case "# instructions", "# introduction", "# hints", "# instructions append", "# introduction append", "# description":
		return strings.TrimLeft(rest, "\n")
	}
	return text
}

// files fills the exercise: what the track lists as solution is the learner's, the rest is given.
func (c *converter) files(e entry, dir, configFile string, f filePatterns) *lesson.Exercise {
	special := c.language.exceptions[e.Slug]
	limits := c.language.limits
	if special.limits != (lesson.Limits{}) {
		limits = special.limits
	}
	x := &lesson.Exercise{
		Environment:   lesson.Environment{Name: c.language.environment},
		Learner:       escapeGlobs(f.Solution),
		ReadOnly:      escapeGlobs(f.Editor),
		Check:         lesson.Check{Integrity: "in_process", Env: c.language.env, Limits: limits},
		Network:       lesson.NetworkNone,
		Starter:       lesson.Files{},
		Solution:      lesson.Files{},
		Tests:         lesson.Files{},
		StarterPasses: special.starterPasses,
		Skipped:       special.skipped,
	}
	if len(f.Solution) == 0 || len(f.Test) == 0 {
		c.problem(e, configFile, 0, "\"files\" names no solution or no test. Name both.")
		return nil
	}
	x.Main = f.Solution[0]
	paths := c.tree.folder(dir)
	if err := lesson.CheckPaths(paths); err != nil {
		c.problem(e, dir, 0, "%v. Rename the file.", err)
		return nil
	}
	for _, p := range paths {
		data, err := c.tree.read(dir + "/" + p)
		if err != nil {
			c.problem(e, dir+"/"+p, 0, "%v.", err)
			continue
		}
		if slices.Contains(f.Test, p) && !slices.Contains(f.Solution, p) {
			x.Tests[p] = lesson.NewFile(data)
		} else {
			x.Starter[p] = lesson.NewFile(data)
		}
	}
	for _, p := range f.Test {
		if _, ok := x.Tests[p]; !ok && !slices.Contains(f.Solution, p) {
			c.problem(e, dir+"/"+p, 0, "the test file is missing.")
		}
	}
	c.reference(e, dir, configFile, f, x)
	x.Starter = x.Starter.Overlay(x.Tests)
	return x
}

// reference pairs the example files with the solution files they stand for.
func (c *converter) reference(e entry, dir, configFile string, f filePatterns, x *lesson.Exercise) {
	examples := append(slices.Clone(f.Example), f.Exemplar...)
	if len(examples) == 0 {
		c.problem(e, configFile, 0, "\"files\" names no example, so nothing proves that the task can be done.")
		return
	}
	free := slices.Clone(f.Solution)
	for i, example := range examples {
		data, err := c.tree.read(dir + "/" + example)
		if err != nil {
			c.problem(e, dir+"/"+example, 0, "%v.", err)
			continue
		}
		target := ""
		switch {
		case len(examples) == len(f.Solution):
			target = f.Solution[i]
		default:
			target = pair(example, free)
		}
		if target == "" {
			c.problem(e, configFile, 0, "it is unclear which solution file the example %q stands for. Give both the same name.", example)
			continue
		}
		free = slices.DeleteFunc(free, func(p string) bool { return p == target })
		x.Solution[target] = lesson.NewFile(data)
	}
}

// pair returns the file of the same name, else the only one with the same extension, else "".
func pair(example string, solutions []string) string {
	for _, p := range solutions {
		if path.Base(p) == path.Base(example) {
			return p
		}
	}
	same := slices.DeleteFunc(slices.Clone(solutions), func(p string) bool { return path.Ext(p) != path.Ext(example) })
	if len(same) == 1 {
		return same[0]
	}
	return ""
}

// escapeGlobs makes patterns of paths.
func escapeGlobs(paths []string) []string {
	replacer := strings.NewReplacer(`\`, `\\`, "*", `\*`, "?", `\?`, "[", `\[`, "{", `\{`)
	var out []string
	for _, p := range paths {
		out = append(out, replacer.Replace(p))
	}
	return out
}

// linkPrerequisites turns the concepts a lesson builds on into the lessons that teach them.
func (c *converter) linkPrerequisites(course *lesson.Course) {
	for _, l := range course.Lessons {
		for _, concept := range c.needs[l.Slug] {
			teacher := c.teaches[concept]
			if teacher == "" || teacher == l.Slug || slices.Contains(l.Prerequisites, teacher) {
				continue
			}
			l.Prerequisites = append(l.Prerequisites, teacher)
			course.Unlock = lesson.UnlockPrerequisites
		}
	}
}
