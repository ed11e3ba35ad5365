package lesson

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"
	"go.yaml.in/yaml/v3"
)

// lessonFields are the names lesson.yaml may use. Those from environment on need an exercise.
var lessonFields = []string{"id", "title", "minutes", "points", "prerequisites", "authors", "source",
	"environment", "main", "run", "preview", "network", "services", "files", "check", "criteria", "test_titles", "wrong", "starter_passes", "skipped_tests"}

// lesson reads one lesson folder. It returns nil when there is no readable lesson.yaml; other
// problems leave holes in what it returns.
func (l *loader) lesson(slug string) *Lesson {
	dir := "lessons/" + slug + "/"
	file := dir + "lesson.yaml"
	l.checkEntries(slug)
	if _, ok := l.tree.files[file]; !ok {
		l.problems.add(Problem{File: file, Lesson: slug, Message: "the file is missing. It holds the lesson's id and title."})
		return nil
	}
	data, ok := l.tree.read(file, maxTextBytes)
	if !ok {
		return nil
	}
	d := &document{file: file, locales: l.locales, problems: l.problems}
	root := d.root(data)
	if root == nil {
		return nil
	}
	f := d.fields(root, "lesson.yaml", lessonFields...)
	hints, hintTexts := l.hints(slug)
	lesson := &Lesson{
		ID:            d.lessonID(root, f),
		Slug:          slug,
		Title:         d.text(d.required(root, f, "title", "title: {en: Hello}"), `"title"`),
		Minutes:       d.number(d.required(root, f, "minutes", "minutes: 10"), `"minutes"`, 1, 600),
		Points:        d.number(f["points"], `"points"`, 0, 1000),
		Prerequisites: d.strs(f["prerequisites"], `"prerequisites"`),
		Authors:       d.strs(f["authors"], `"authors"`),
		Source:        d.str(f["source"], `"source"`),
		Theory:        l.prose(slug, "theory"),
		Task:          l.prose(slug, "task"),
		Hints:         hints,
		Assets:        l.assets(dir),
		Quiz:          l.quiz(slug),
	}
	lesson.TestTitles = d.testTitles(f["test_titles"])
	lesson.Criteria = d.criteria(f["criteria"], lesson)
	lesson.Exercise = l.exercise(d, root, f, lesson)
	if _, quiz := l.tree.files[dir+"quiz.yaml"]; lesson.Theory == nil && lesson.Task == nil && !quiz {
		d.errorf(nil, "the lesson has nothing to read or do. Add theory.%s.md, task.%s.md or quiz.yaml.", l.mainLocale(), l.mainLocale())
	}
	if lesson.Exercise != nil && lesson.Task == nil {
		d.errorf(nil, "the lesson has an exercise but no task. Say what to do in task.%s.md.", l.mainLocale())
	}
	l.checkLinks(lesson, hintTexts)
	lesson.Version = lesson.version()
	return lesson
}

func (l *loader) mainLocale() string {
	if len(l.locales) == 0 {
		return "en"
	}
	return l.locales[0]
}

func (d *document) lessonID(root *yaml.Node, f map[string]*yaml.Node) ID {
	n := d.required(root, f, "id", "id: "+uuid.NewSHA1(uuid.NameSpaceURL, []byte(d.file)).String())
	s := d.str(n, `"id"`)
	if s == "" {
		return uuid.Nil
	}
	id, err := uuid.Parse(s)
	if err != nil || id == uuid.Nil || len(s) != len(id.String()) {
		d.errorf(n, "%q is not a UUID. Write one such as \"6f1c2c52-6f0c-4a39-9d5e-0d3c6b1a7f10\" and never change it again.", s)
		return uuid.Nil
	}
	return id
}

// checkEntries reports what does not belong in a lesson folder, which is mostly a misspelt name.
func (l *loader) checkEntries(slug string) {
	known := []string{"lesson.yaml", "quiz.yaml", "starter/", "solution/", "tests/", "wrong/", "seed/", "assets/"}
	for _, locale := range l.locales {
		known = append(known, "theory."+locale+".md", "task."+locale+".md", "hints."+locale+".md")
	}
	for _, name := range l.tree.children("lessons/" + slug) {
		if !slices.Contains(known, name) {
			l.problems.add(Problem{File: "lessons/" + slug + "/" + strings.TrimSuffix(name, "/"), Lesson: slug,
				Message: fmt.Sprintf("%q does not belong in a lesson folder. %s", name, suggest(name, known))})
		}
	}
}

func (d *document) testTitles(n *yaml.Node) map[string]Text {
	var out map[string]Text
	for _, pair := range d.pairs(n, `"test_titles"`) {
		if out == nil {
			out = map[string]Text{}
		}
		out[pair[0].Value] = d.text(pair[1], "the title of the test "+pair[0].Value)
	}
	return out
}

func (d *document) criteria(n *yaml.Node, lesson *Lesson) []Criterion {
	var out []Criterion
	for _, item := range d.items(n, `"criteria"`) {
		f := d.fields(item, "each criterion", "title", "tests", "hint")
		c := Criterion{
			Title: d.text(d.required(item, f, "title", "title: {en: It prints a greeting}"), `"title"`),
			Tests: d.testIDs(d.required(item, f, "tests", "tests: [...]"), lesson),
		}
		if hint := d.number(f["hint"], `"hint"`, 1, max(1, len(lesson.Hints))); hint > len(lesson.Hints) {
			d.errorf(f["hint"], "the lesson has no hints. Write hints.<locale>.md or remove the line.")
		} else if hint > 0 {
			c.Hint = strconv.Itoa(hint)
		}
		out = append(out, c)
	}
	return out
}

// testIDs reads a list of test ids. Each must have a title: that is where the ids are declared, so a
// misspelt one is found without running anything.
func (d *document) testIDs(n *yaml.Node, lesson *Lesson) []string {
	ids := d.strs(n, `"tests"`)
	if n != nil && len(ids) == 0 {
		d.errorf(n, "\"tests\" names no test. Name at least one.")
	}
	for _, id := range ids {
		if _, ok := lesson.TestTitles[id]; !ok {
			known := make([]string, 0, len(lesson.TestTitles))
			for k := range lesson.TestTitles {
				known = append(known, k)
			}
			slices.Sort(known)
			hint := "Add its title under \"test_titles\"."
			if len(known) > 0 {
				hint = suggest(id, known)
			}
			d.errorf(n, "no test with a title is called %q. %s", id, hint)
		}
	}
	return ids
}
