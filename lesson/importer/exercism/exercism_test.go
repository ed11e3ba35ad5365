package exercism_test

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/carrel-dev/carrel/fault"
	"github.com/carrel-dev/carrel/lesson"
	"github.com/carrel-dev/carrel/lesson/importer"
	"github.com/carrel-dev/carrel/lesson/importer/exercism"
)

// track is a small track with one exercise of each sort.
func track() map[string]string {
	return map[string]string{
		"config.json": `{"language": "Python", "slug": "python", "version": 3, "blurb": "A language.\n\nMore.",
  "files": {"solution": ["%{snake_slug}.py"], "test": ["%{snake_slug}_test.py"], "example": [".meta/example.py"], "exemplar": [".meta/exemplar.py"]},
  "exercises": {
    "concept": [
      {"uuid": "dfd7dc01-3544-4f61-a063-af8530d6e601", "slug": "lasagna", "name": "Lasagna", "concepts": ["basics"], "prerequisites": [], "status": "beta"},
      {"uuid": "dfd7dc01-3544-4f61-a063-af8530d6e602", "slug": "later", "name": "Later", "concepts": ["x"], "prerequisites": [], "status": "wip"}
    ],
    "practice": [
      {"uuid": "f458c48a-4a05-4809-9168-8edd55179349", "slug": "hello-world", "name": "Hello World", "difficulty": 1},
      {"uuid": "not-a-uuid", "slug": "two-fer", "name": "Two Fer", "difficulty": 8, "prerequisites": ["basics", "x"]},
      {"uuid": "f458c48a-4a05-4809-9168-8edd55179340", "slug": "markdown", "name": "Markdown", "difficulty": 3}
    ]}}`,
		"LICENSE":                  "MIT License\n\nCopyright (c) 2021 Exercism\n",
		"concepts/basics/about.md": "# Basics\n\nSay <b>hello</b> to <name>. See [lists](/tracks/python/concepts/lists).\n",
		"exercises/concept/lasagna/.meta/config.json":          `{"authors": ["ann"], "files": {"solution": ["lasagna.py"], "test": ["lasagna_test.py"], "exemplar": [".meta/exemplar.py"], "editor": ["lasagna_data.py"]}}`,
		"exercises/concept/lasagna/.meta/exemplar.py":          "GOOD = 1\n",
		"exercises/concept/lasagna/.docs/instructions.md":      "# Instructions\n\nCook.\n",
		"exercises/concept/lasagna/.docs/introduction.md":      "# Introduction\n\nFood.\n",
		"exercises/concept/lasagna/.docs/hints.md":             "# Hints\n\nRead on.\n\n## 1. Cook\n\n- With [heat][h].\n\n[h]: https://heat.example\n",
		"exercises/concept/lasagna/lasagna.py":                 "# stub\n",
		"exercises/concept/lasagna/lasagna_data.py":            "DATA = 1\n",
		"exercises/concept/lasagna/lasagna_test.py":            "import lasagna\n",
		"exercises/practice/hello-world/.meta/config.json":     `{"contributors": ["bob"], "files": {}, "source": "A book", "source_url": "https://book.example"}`,
		"exercises/practice/hello-world/.meta/example.py":      "def hello(): return 'Hello'\n",
		"exercises/practice/hello-world/.docs/instructions.md": "# Instructions\n\nGreet.\n",
		"exercises/practice/hello-world/.docs/introduction.md": "# Introduction\n\nA custom.\n",
		"exercises/practice/hello-world/hello_world.py":        "def hello(): pass\n",
		"exercises/practice/hello-world/hello_world_test.py":   "import hello_world\n",
		"exercises/practice/two-fer/.meta/config.json":         `{"files": {"solution": ["a.py", "sub/b.py"], "test": ["two_fer_test.py"], "example": [".meta/src/b.py"]}}`,
		"exercises/practice/two-fer/.meta/src/b.py":            "B = 1\n",
		"exercises/practice/two-fer/.docs/instructions.md":     "# Instructions\n\nShare.\n",
		"exercises/practice/two-fer/a.py":                      "",
		"exercises/practice/two-fer/two_fer_test.py":           "import sub.b\n",
		"exercises/practice/markdown/.meta/config.json":        `{"files": {"solution": ["markdown.py"], "test": ["markdown_test.py"], "example": [".meta/example.py"]}}`,
		"exercises/practice/markdown/.meta/example.py":         "M = 1\n",
		"exercises/practice/markdown/.docs/instructions.md":    "# Instructions\n\nRefactor.\n",
		"exercises/practice/markdown/markdown.py":              "M = 0\n",
		"exercises/practice/markdown/markdown_test.py":         "import markdown\n",
	}
}

func filesOf(content map[string]string) lesson.Files {
	out := lesson.Files{}
	for p, s := range content {
		out[p] = lesson.NewFile([]byte(s))
	}
	return out
}

func importInto(t *testing.T, content map[string]string, opts exercism.Options) (*lesson.Course, importer.Report, string) {
	t.Helper()
	out := filepath.Join(t.TempDir(), "course")
	report, err := exercism.Import(t.Context(), filesOf(content).FS(), out, opts)
	if err != nil {
		t.Fatal(err)
	}
	course, err := lesson.Load(os.DirFS(out))
	if err != nil {
		t.Fatal(err)
	}
	return course, report, out
}

func TestImport(t *testing.T) {
	t.Parallel()
	var steps []string
	course, report, out := importInto(t, track(), exercism.Options{Progress: func(_, _ int, slug string) { steps = append(steps, slug) }})

	order := []string{"hello-world", "lasagna", "two-fer", "markdown"}
	var slugs []string
	for _, l := range course.Lessons {
		slugs = append(slugs, l.Slug)
	}
	if diff := cmp.Diff(order, slugs); diff != "" {
		t.Errorf("order: %s", diff)
	}
	if diff := cmp.Diff(order, steps); diff != "" {
		t.Errorf("progress: %s", diff)
	}
	if course.ID != "exercism-python" || course.Licence != "MIT" || !strings.Contains(course.Attribution, "github.com/exercism/python") {
		t.Errorf("got %q, %q, %q", course.ID, course.Licence, course.Attribution)
	}
	if course.Summary["en"] != "A language." || course.Unlock != lesson.UnlockPrerequisites {
		t.Errorf("got %q, %q", course.Summary["en"], course.Unlock)
	}
	if report.Imported != 4 || report.Skipped != 1 || report.Broken != 0 {
		t.Errorf("report: %s", report)
	}
	data, err := os.ReadFile(filepath.Join(out, "import-report.json"))
	if err != nil {
		t.Fatal(err)
	}
	var written importer.Report
	if err := json.Unmarshal(data, &written); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(report, written); diff != "" {
		t.Errorf("written report: %s", diff)
	}
	if licence, err := os.ReadFile(filepath.Join(out, "LICENSE")); err != nil || !strings.HasPrefix(string(licence), "MIT") {
		t.Errorf("the licence text is not kept: %v", err)
	}
}

func TestImport_Lessons(t *testing.T) {
	t.Parallel()
	course, _, _ := importInto(t, track(), exercism.Options{})
	file := func(s string) lesson.File { return lesson.NewFile([]byte(s)) }
	t.Run("concept exercise", func(t *testing.T) {
		t.Parallel()
		l := course.Lesson("lasagna")
		x := l.Exercise
		if want := "# Basics\n\nSay hello to \\<name\\>. See [lists](https://exercism.org/tracks/python/concepts/lists).\n"; l.Theory["en"] != want {
			t.Errorf("theory %q", l.Theory["en"])
		}
		if l.Task["en"] != "Cook.\n" {
			t.Errorf("task %q", l.Task["en"])
		}
		if len(l.Hints) != 2 || l.Hints[1]["en"] != "## 1. Cook\n\n- With [heat][h].\n\n[h]: https://heat.example\n" {
			t.Errorf("hints %q", l.Hints)
		}
		starter := lesson.Files{"lasagna.py": file("# stub\n"), "lasagna_data.py": file("DATA = 1\n"), "lasagna_test.py": file("import lasagna\n")}
		if diff := cmp.Diff(starter, x.Starter); diff != "" {
			t.Errorf("starter: %s", diff)
		}
		if diff := cmp.Diff(lesson.Files{"lasagna_test.py": file("import lasagna\n")}, x.Tests); diff != "" {
			t.Errorf("tests: %s", diff)
		}
		if diff := cmp.Diff([]string{"lasagna.py"}, x.Learner); diff != "" {
			t.Errorf("learner: %s", diff)
		}
		if x.Main != "lasagna.py" || x.Environment.Name != "python" || x.StarterPasses {
			t.Errorf("got %+v", x)
		}
	})
	t.Run("practice exercise", func(t *testing.T) {
		t.Parallel()
		l := course.Lesson("hello-world")
		if l.ID.String() != "f458c48a-4a05-4809-9168-8edd55179349" || l.Minutes != 10 || l.Task["en"] != "A custom.\n\nGreet.\n" || l.Theory != nil {
			t.Errorf("got %+v", l)
		}
		if l.Source != "https://exercism.org/tracks/python/exercises/hello-world, after A book (https://book.example)" || !slices.Equal(l.Authors, []string{"bob"}) {
			t.Errorf("credit: %q, %q", l.Source, l.Authors)
		}
	})
	t.Run("example paired by name, prerequisites that are imported", func(t *testing.T) {
		t.Parallel()
		l := course.Lesson("two-fer")
		if diff := cmp.Diff(lesson.Files{"sub/b.py": file("B = 1\n")}, l.Exercise.Solution); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff([]string{"lasagna"}, l.Prerequisites); diff != "" {
			t.Error(diff)
		}
	})
	t.Run("refactoring exercise", func(t *testing.T) {
		t.Parallel()
		if !course.Lesson("markdown").Exercise.StarterPasses {
			t.Error("its starter should be allowed to pass")
		}
	})
}

func TestImport_Twice(t *testing.T) {
	t.Parallel()
	first, _, _ := importInto(t, track(), exercism.Options{})
	second, _, _ := importInto(t, track(), exercism.Options{})
	if diff := cmp.Diff(first, second); diff != "" {
		t.Error(diff)
	}
}

func TestImport_OneProblemDoesNotHideTheRest(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, file, content, want string }{
		{"no config", "exercises/concept/lasagna/.meta/config.json", "", "exercises/concept/lasagna/.meta/config.json: the file is missing."},
		{"broken config", "exercises/concept/lasagna/.meta/config.json", "{\n\"files\": [}", "exercises/concept/lasagna/.meta/config.json:2: this is not JSON"},
		{"wrong type", "exercises/concept/lasagna/.meta/config.json", `{"files": {"solution": "x"}}`, `should be a []string, not a string.`},
		{"no test", "exercises/concept/lasagna/lasagna_test.py", "", "exercises/concept/lasagna/lasagna_test.py: the test file is missing."},
		{"no example", "exercises/concept/lasagna/.meta/exemplar.py", "", "exercises/concept/lasagna/.meta/exemplar.py: the file is missing."},
		{"no instructions", "exercises/concept/lasagna/.docs/instructions.md", "", "exercises/concept/lasagna/.docs/instructions.md: the file is missing, so the learner would not know what to do."},
		{"path out of the exercise", "exercises/concept/lasagna/.meta/config.json",
			`{"files": {"solution": ["lasagna.py"], "test": ["lasagna_test.py"], "exemplar": ["../../../LICENSE", "../secret"]}}`,
			"exercises/concept/lasagna/../../../LICENSE: the file is missing."},
		{"file Windows cannot have", "exercises/concept/lasagna/aux.py", "x", `exercises/concept/lasagna: "aux.py": the name "aux.py" is reserved by Windows`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			content := track()
			if tt.content == "" {
				delete(content, tt.file)
			} else {
				content[tt.file] = tt.content
			}
			course, report, _ := importInto(t, content, exercism.Options{})
			if len(course.Lessons) != 3 || report.Broken != 1 {
				t.Errorf("%d lessons, report: %s", len(course.Lessons), report)
			}
			if !strings.Contains(report.String(), tt.want) {
				t.Errorf("want %q in\n%s", tt.want, report)
			}
			for _, l := range course.Lessons {
				if slices.Contains(l.Prerequisites, "lasagna") {
					t.Error("a lesson waits for one that was left out")
				}
			}
		})
	}
}

func TestImport_Refusals(t *testing.T) {
	t.Parallel()
	out := filepath.Join(t.TempDir(), "course")
	for name, content := range map[string]map[string]string{
		"no config.json":  {"README.md": "x"},
		"unknown track":   {"config.json": `{"slug": "cobol"}`},
		"nothing imports": {"config.json": `{"slug": "python", "exercises": {"practice": [{"slug": "a", "name": "A"}]}}`},
	} {
		_, err := exercism.Import(t.Context(), filesOf(content).FS(), out, exercism.Options{})
		if fault.KindOf(err) != fault.Invalid {
			t.Errorf("%s: got %v", name, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := exercism.Import(ctx, filesOf(track()).FS(), out, exercism.Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: got %v", err)
	}
	if _, err := os.Stat(out); err == nil {
		t.Error("a refused import left something behind")
	}
}

func TestImport_Only(t *testing.T) {
	t.Parallel()
	course, report, _ := importInto(t, track(), exercism.Options{Only: []string{"two-fer", "absent"}})
	if len(course.Lessons) != 1 || course.Lessons[0].Slug != "two-fer" {
		t.Errorf("got %v", course.Lessons)
	}
	if !strings.Contains(report.String(), "absent: broken. The track has no such exercise.") {
		t.Errorf("report: %s", report)
	}
}
