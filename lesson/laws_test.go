package lesson_test

import (
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/carrel-dev/carrel/lesson"
)

func TestEncode_LoadsAsTheSameCourse(t *testing.T) {
	t.Parallel()
	want, err := lesson.Load(filesOf(sound()).FS())
	if err != nil {
		t.Fatal(err)
	}
	files, err := lesson.Encode(want)
	if err != nil {
		t.Fatal(err)
	}
	got, err := lesson.Load(files.FS())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	again, err := lesson.Encode(got)
	if err != nil {
		t.Fatal(err)
	}
	if files.Digest() != again.Digest() {
		t.Error("encoding twice gives two folders")
	}
}

func TestVersion(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		change  change
		changes bool
	}{
		{"theory", change{"lessons/hello/theory.en.md", "# Hello", "# Hullo"}, true},
		{"hint", change{"lessons/hello/hints.en.md", "Text.", "More."}, true},
		{"starter", change{"lessons/hello/starter/data.txt", "", "2"}, true},
		{"visible test", change{"lessons/hello/tests/main.bats", "", "2"}, true},
		{"hidden test", change{"lessons/hello/tests/hidden.bats", "", "2"}, true},
		{"limit", change{"lessons/hello/lesson.yaml", "wall_seconds: 20", "wall_seconds: 21"}, true},
		{"test title", change{"lessons/hello/lesson.yaml", "greets: {en: It", "greets: {en: He"}, true},
		{"image", change{"lessons/hello/assets/pipe.png", "", "gnp"}, true},
		{"seed", change{"lessons/hello/seed/schema.sql", "n int", "n text"}, true},
		{"service", change{"lessons/hello/lesson.yaml", "port: 7000", "port: 7001"}, true},
		{"points", change{"lessons/hello/lesson.yaml", "points: 10", "points: 20"}, false},
		{"wrong solution", change{"lessons/hello/wrong/bye/main.sh", "", "x"}, false},
		{"another lesson", change{"lessons/quiz/quiz.yaml", "Yes", "No"}, false},
		{"order of lessons", change{"course.yaml", "[hello, quiz]", "[quiz, hello]"}, false},
	}
	version := func(t *testing.T, files map[string]string) lesson.Digest {
		t.Helper()
		course, err := lesson.Load(filesOf(files).FS())
		if err != nil {
			t.Fatal(err)
		}
		return course.Lesson("hello").Version
	}
	before := version(t, sound())
	if !before.Valid() {
		t.Fatalf("%q is no digest", before)
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			files := sound()
			tt.change.apply(t, files)
			if got := version(t, files) != before; got != tt.changes {
				t.Errorf("the version changes: %v, want %v", got, tt.changes)
			}
		})
	}
}

func TestCutMarked(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, source, want, problem string }{
		{"none", "a\nb", "a\nb", ""},
		{"one", "a\n# BEGIN\nb\nc\n# END\nd\n", "a\n# BEGIN\n\n# END\nd\n", ""},
		{"indented, in C", "{\n\t// BEGIN\n\tx();\n\t// END\n}\n", "{\n\t// BEGIN\n\n\t// END\n}\n", ""},
		{"in HTML", "<!-- BEGIN -->\n<b>\n<!-- END -->\n", "<!-- BEGIN -->\n\n<!-- END -->\n", ""},
		{"part of a sentence", "# BEGIN here\nx\n", "# BEGIN here\nx\n", ""},
		{"end first", "# END\n", "", "this END marker has no BEGIN before it"},
		{"begin twice", "# BEGIN\n# BEGIN\n# END\n", "", "the BEGIN marker of line 1 has no END before this one"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, _, _, err := lesson.CutMarked(tt.source)
			if got != tt.want || (err == nil) != (tt.problem == "") || err != nil && err.Error() != tt.problem {
				t.Errorf("got %q, %v", got, err)
			}
		})
	}
}

func TestCheckPath(t *testing.T) {
	t.Parallel()
	for _, p := range []string{"a", "a/b.c", ".hidden", "имя.txt", "com10.txt", "a b/c", "..a"} {
		if err := lesson.CheckPath(p); err != nil {
			t.Errorf("%q is refused: %v", p, err)
		}
	}
	for _, p := range []string{"", ".", "/", "/etc/passwd", "..", "../a", "a/../b", "a/..", "a//b", "a/", "./a", `a\b`, "C:/a",
		"con", "CON.txt", "Lpt1", "a/nul", "a.", "a ", " a", "a\x00b", "a\nb", "a*", "a?b", "\xff",
		strings.Repeat("a/", 20) + "a", strings.Repeat("a", 300)} {
		if lesson.CheckPath(p) == nil {
			t.Errorf("%q is accepted", p)
		}
	}
}

func TestCheckPaths(t *testing.T) {
	t.Parallel()
	if err := lesson.CheckPaths([]string{"a", "b/c", "b/d"}); err != nil {
		t.Error(err)
	}
	for _, paths := range [][]string{{"a", "A"}, {"a", "a/b"}, {"a/b", "A"}, {"é", "e\u0301"}, {"../a"}} {
		if lesson.CheckPaths(paths) == nil {
			t.Errorf("%q is accepted", paths)
		}
	}
}

func TestFiles_FS(t *testing.T) {
	t.Parallel()
	files := filesOf(map[string]string{"a": "1", "b/c": "2", "b/d/e": "#!/bin/sh\n"})
	if err := fstest.TestFS(files.FS(), "a", "b/c", "b/d/e"); err != nil {
		t.Error(err)
	}
	if _, err := fs.Stat(files.FS(), "absent"); err == nil {
		t.Error("a file that is not there is found")
	}
}

func TestFiles_Digest(t *testing.T) {
	t.Parallel()
	generator := rapid.MapOf(rapid.StringMatching(`[a-c]{1,2}`), rapid.StringMatching(`[xy]{0,2}`))
	rapid.Check(t, func(t *rapid.T) {
		a, b := generator.Draw(t, "a"), generator.Draw(t, "b")
		if same, equal := cmp.Equal(a, b), filesOf(a).Digest() == filesOf(b).Digest(); same != equal {
			t.Fatalf("equal folders: %v, equal digests: %v", same, equal)
		}
	})
}

func FuzzLoad(f *testing.F) {
	s := sound()
	f.Add(s["course.yaml"], s["lessons/hello/lesson.yaml"], s["lessons/quiz/quiz.yaml"], s["lessons/hello/theory.en.md"], s["lessons/hello/solution/main.sh"])
	f.Add("id: *a", "a: &a [*a, *a]", "questions: {a: b}", "[a](<b)\n<b", "# BEGIN")
	f.Add("[]", "? {a: b}\n: c", "questions:\n- ", "![](//x)", "")
	f.Fuzz(func(t *testing.T, course, hello, quiz, theory, solution string) {
		files := sound()
		files["course.yaml"], files["lessons/hello/lesson.yaml"], files["lessons/quiz/quiz.yaml"] = course, hello, quiz
		files["lessons/hello/theory.en.md"], files["lessons/hello/solution/main.sh"] = theory, solution
		loaded, problems, err := lesson.LoadLenient(filesOf(files).FS())
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range problems {
			if p.File == "" || p.Message == "" || p.Line < 0 {
				t.Errorf("a problem without a place or words: %#v", p)
			}
		}
		if loaded == nil || len(problems) > 0 {
			return
		}
		encoded, err := lesson.Encode(loaded)
		if err != nil {
			t.Fatal(err)
		}
		again, err := lesson.Load(encoded.FS())
		if err != nil {
			t.Fatalf("a sound course is refused when written and read again: %v", err)
		}
		if diff := cmp.Diff(loaded, again); diff != "" {
			t.Errorf("a course changes when written and read again:\n%s", diff)
		}
	})
}

func TestSplitHints_KeepsLinksWhole(t *testing.T) {
	t.Parallel()
	hints, stray := lesson.SplitHints("## One\n\nSee [this][a].\n\n## Two\n\nSee [That].\n\n[a]: https://a.example\n[that]: https://b.example\n")
	want := []string{"## One\n\nSee [this][a].\n\n[a]: https://a.example\n", "## Two\n\nSee [That].\n\n[that]: https://b.example\n"}
	if diff := cmp.Diff(want, hints); diff != "" || stray {
		t.Errorf("stray %v, (-want +got):\n%s", stray, diff)
	}
}

func FuzzSplitHints(f *testing.F) {
	f.Add("## One\n\nSee [this][a].\n\n## Two\n\n```\n## no\n```\n[a]: https://a.example\n")
	f.Add("stray\n## \n~~~\n[a]: b")
	f.Fuzz(func(t *testing.T, s string) {
		hints, _ := lesson.SplitHints(s)
		again, stray := lesson.SplitHints(strings.Join(hints, "\n"))
		if diff := cmp.Diff(hints, again); diff != "" || stray {
			t.Errorf("hints change when joined and split again (stray %v):\n%s", stray, diff)
		}
	})
}
