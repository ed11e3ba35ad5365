package workspace_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/carrel-dev/carrel/app/workspace"
	"github.com/carrel-dev/carrel/fault"
	"github.com/carrel-dev/carrel/lesson"
)

func place() workspace.Place {
	return workspace.Place{CourseID: "python", Lesson: &lesson.Lesson{
		ID: uuid.MustParse("018f0000-0000-7000-8000-000000000001"), Slug: "lists", Version: "v1",
		Exercise: &lesson.Exercise{
			Learner:  []string{"**/*.py"},
			ReadOnly: []string{"tests/**"},
			Starter: lesson.Files{
				"main.py":            lesson.NewFile([]byte("print('hi')\n")),
				"tests/test_main.py": lesson.NewFile([]byte("def test(): pass\n")),
				"data.txt":           lesson.NewFile([]byte("1\n")),
			},
		},
	}}
}

func create(t *testing.T, dir string, p workspace.Place, keep workspace.Keep) *workspace.Workspace {
	t.Helper()
	w, err := workspace.Create(dir, p, keep)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.Close() })
	return w
}

func write(t *testing.T, dir, name, text string) {
	t.Helper()
	full := filepath.Join(dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(full, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func content(t *testing.T, dir, name string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(name)))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func TestCreate(t *testing.T) {
	t.Parallel()

	t.Run("work that is there is never overwritten", func(t *testing.T) {
		t.Parallel()
		dir := t.TempDir()
		write(t, dir, "main.py", "mine")
		create(t, dir, place(), nil)
		if got := content(t, dir, "main.py"); got != "mine" {
			t.Errorf("main.py is %q", got)
		}
		if got := content(t, dir, "data.txt"); got != "1\n" {
			t.Errorf("data.txt is %q", got)
		}
	})

	t.Run("a deleted file stays deleted", func(t *testing.T) {
		t.Parallel()
		dir := t.TempDir()
		create(t, dir, place(), nil)
		if err := os.Remove(filepath.Join(dir, "main.py")); err != nil {
			t.Fatal(err)
		}
		create(t, dir, place(), nil)
		if _, err := os.Stat(filepath.Join(dir, "main.py")); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("main.py came back: %v", err)
		}
	})

	t.Run("a new version brings its tests and leaves the learner's work", func(t *testing.T) {
		t.Parallel()
		dir := t.TempDir()
		create(t, dir, place(), nil)
		write(t, dir, "main.py", "mine")
		next := place()
		next.Lesson.Version = "v2"
		next.Lesson.Exercise.Starter["tests/test_main.py"] = lesson.NewFile([]byte("new"))
		next.Lesson.Exercise.Starter["main.py"] = lesson.NewFile([]byte("new"))
		create(t, dir, next, nil)
		if got := content(t, dir, "main.py"); got != "mine" {
			t.Errorf("main.py is %q", got)
		}
		if got := content(t, dir, "tests/test_main.py"); got != "new" {
			t.Errorf("tests/test_main.py is %q", got)
		}
	})

	t.Run("the folder says what it is", func(t *testing.T) {
		t.Parallel()
		dir := t.TempDir()
		p := place()
		p.Source = "/courses/python"
		create(t, dir, p, nil)
		got, err := workspace.ReadInfo(dir)
		if err != nil {
			t.Fatal(err)
		}
		want := workspace.Info{CourseID: "python", LessonID: p.Lesson.ID, Slug: "lists", Version: "v1", Source: "/courses/python"}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("info (-want +got):\n%s", diff)
		}
	})
}

func TestWorkspace_List(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	w := create(t, dir, place(), nil)
	write(t, dir, "tests-more.py", "x")
	write(t, dir, "__pycache__/main.pyc", "x")
	if err := os.Symlink("/etc/passwd", filepath.Join(dir, "link.py")); err != nil {
		t.Fatal(err)
	}
	entries, err := w.List()
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range entries {
		line := e.Path
		if e.Folder {
			line += "/"
		}
		if e.Editable {
			line += " editable"
		}
		got = append(got, line)
	}
	want := []string{"data.txt", "main.py editable", "tests/ editable", "tests/test_main.py", "tests-more.py editable"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("entries (-want +got):\n%s", diff)
	}
}

func TestWorkspace_Write(t *testing.T) {
	t.Parallel()

	t.Run("another program's change is a conflict", func(t *testing.T) {
		t.Parallel()
		dir := t.TempDir()
		w := create(t, dir, place(), nil)
		file, err := w.Read("main.py")
		if err != nil {
			t.Fatal(err)
		}
		write(t, dir, "main.py", "from vim")
		if _, err := w.Write("main.py", "from carrel", file.Digest); fault.KindOf(err) != fault.Conflict {
			t.Errorf("error %v, want a Conflict", err)
		}
		if got := content(t, dir, "main.py"); got != "from vim" {
			t.Errorf("main.py is %q", got)
		}
	})

	t.Run("the same text twice is no conflict", func(t *testing.T) {
		t.Parallel()
		w := create(t, t.TempDir(), place(), nil)
		file, err := w.Read("main.py")
		if err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if _, err := w.Write("main.py", "text", file.Digest); err != nil {
				t.Fatal(err)
			}
		}
	})

	tests := map[string]struct {
		path string
		want fault.Kind
	}{
		"outside":                {"../evil.py", fault.Invalid},
		"absolute":               {"/etc/evil.py", fault.Invalid},
		"our own folder":         {".carrel/workspace.json", fault.Denied},
		"our own folder, louder": {".CARREL/x.py", fault.Denied},
		"tests":                  {"tests/test_main.py", fault.Denied},
		"not named by a glob":    {"notes.txt", fault.Denied},
		"through a link":         {"out/evil.py", fault.Invalid},
		"too large":              {"big.py", fault.Exhausted},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir, outside := t.TempDir(), t.TempDir()
			w := create(t, dir, place(), nil)
			if err := os.Symlink(outside, filepath.Join(dir, "out")); err != nil {
				t.Fatal(err)
			}
			text := "x"
			if tt.want == fault.Exhausted {
				text = strings.Repeat("x", workspace.MaxFileBytes+1)
			}
			if _, err := w.Write(tt.path, text, ""); fault.KindOf(err) != tt.want {
				t.Errorf("error %v, want kind %s", err, tt.want)
			}
			if left, _ := os.ReadDir(outside); len(left) > 0 {
				t.Errorf("%s was written outside of the workspace", left[0].Name())
			}
		})
	}
}

func TestWorkspace_DeleteAndReset_KeepTheContent(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	kept := lesson.Files{}
	w := create(t, dir, place(), func(_ context.Context, files lesson.Files) error {
		kept = kept.Overlay(files)
		return nil
	})
	write(t, dir, "main.py", "mine")
	write(t, dir, "lib/a.py", "a")

	file, err := w.Reset(t.Context(), "main.py")
	if err != nil {
		t.Fatal(err)
	}
	if file.Text != "print('hi')\n" {
		t.Errorf("reset to %q", file.Text)
	}
	if err := w.Delete(t.Context(), "lib"); err != nil {
		t.Fatal(err)
	}
	if err := w.Delete(t.Context(), "lib"); err != nil {
		t.Errorf("deleting twice: %v", err)
	}
	if err := w.Delete(t.Context(), "tests"); fault.KindOf(err) != fault.Denied {
		t.Errorf("deleting the tests: %v, want Denied", err)
	}
	want := lesson.Files{"main.py": lesson.NewFile([]byte("mine")), "lib/a.py": lesson.NewFile([]byte("a"))}
	if diff := cmp.Diff(want, kept); diff != "" {
		t.Errorf("kept (-want +got):\n%s", diff)
	}
}

func TestWorkspace_Rename(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	w := create(t, dir, place(), nil)
	entry, err := w.Rename("main.py", "lib/core.py")
	if err != nil {
		t.Fatal(err)
	}
	if entry.Path != "lib/core.py" || entry.Digest == "" {
		t.Errorf("entry %+v", entry)
	}
	for name, move := range map[string][2]string{
		"a file in use":       {"lib/core.py", "data.txt"},
		"a protected file":    {"tests/test_main.py", "mine.py"},
		"out of the globs":    {"lib/core.py", "core.txt"},
		"what does not exist": {"nothing.py", "other.py"},
	} {
		if _, err := w.Rename(move[0], move[1]); err == nil {
			t.Errorf("%s was renamed", name)
		}
	}
}

func TestWorkspace_Snapshot(t *testing.T) {
	t.Parallel()

	t.Run("the learner's files, and what is read-only as the course has it", func(t *testing.T) {
		t.Parallel()
		dir := t.TempDir()
		w := create(t, dir, place(), nil)
		write(t, dir, "lib/a.py", "a")
		write(t, dir, ".venv/b.py", "b")
		write(t, dir, "tests/test_main.py", "def test(): assert True")
		got, err := w.Snapshot()
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{"lib/a.py", "main.py", "tests/test_main.py"}, got.Paths()); diff != "" {
			t.Errorf("paths (-want +got):\n%s", diff)
		}
		if text := string(got["tests/test_main.py"].Data); text != "def test(): pass\n" {
			t.Errorf("the test became %q", text)
		}
	})

	t.Run("a link is refused", func(t *testing.T) {
		t.Parallel()
		dir := t.TempDir()
		w := create(t, dir, place(), nil)
		if err := os.Symlink("/etc/passwd", filepath.Join(dir, "secret.py")); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Snapshot(); fault.KindOf(err) != fault.Invalid {
			t.Errorf("error %v, want Invalid", err)
		}
	})

	t.Run("a file that is too large is told by name", func(t *testing.T) {
		t.Parallel()
		dir := t.TempDir()
		w := create(t, dir, place(), nil)
		write(t, dir, "big.py", strings.Repeat("x", workspace.MaxFileBytes+1))
		_, err := w.Snapshot()
		if message, _ := fault.Sentence(err); !strings.Contains(message, "big.py") {
			t.Errorf("message %q does not name the file", message)
		}
	})
}
