package folder_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/carrel-dev/carrel/fault"
	"github.com/carrel-dev/carrel/lesson"
	"github.com/carrel-dev/carrel/lesson/folder"
)

func files(pairs ...string) lesson.Files {
	out := lesson.Files{}
	for i := 0; i < len(pairs); i += 2 {
		out[pairs[i]] = lesson.NewFile([]byte(pairs[i+1]))
	}
	return out
}

func read(t *testing.T, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := filepath.WalkDir(dir, func(p string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := os.ReadFile(p)
		rel, _ := filepath.Rel(dir, p)
		out[filepath.ToSlash(rel)] = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestWrite(t *testing.T) {
	t.Parallel()
	t.Run("a second write replaces the first whole", func(t *testing.T) {
		t.Parallel()
		parent := t.TempDir()
		dir := filepath.Join(parent, "deep", "course")
		if err := folder.Write(t.Context(), dir, files("course.yaml", "1", "lessons/a/x", "a")); err != nil {
			t.Fatal(err)
		}
		if err := folder.Write(t.Context(), dir, files("course.yaml", "2", "run.sh", "#!/bin/sh\n")); err != nil {
			t.Fatal(err)
		}
		want := map[string]string{"course/course.yaml": "2", "course/run.sh": "#!/bin/sh\n"}
		if diff := cmp.Diff(want, read(t, filepath.Dir(dir))); diff != "" {
			t.Error(diff)
		}
		if info, err := os.Stat(filepath.Join(dir, "run.sh")); err != nil || info.Mode()&0o100 == 0 {
			t.Errorf("a script is not executable: %v %v", info.Mode(), err)
		}
	})
	t.Run("somebody's other files are not replaced", func(t *testing.T) {
		t.Parallel()
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "thesis.tex"), []byte("years"), 0o600); err != nil {
			t.Fatal(err)
		}
		err := folder.Write(t.Context(), dir, files("course.yaml", "1"))
		if fault.KindOf(err) != fault.Conflict {
			t.Fatalf("got %v", err)
		}
	})
	t.Run("a cancelled write leaves what was there", func(t *testing.T) {
		t.Parallel()
		parent := t.TempDir()
		dir := filepath.Join(parent, "course")
		if err := folder.Write(t.Context(), dir, files("course.yaml", "1")); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := folder.Write(ctx, dir, files("course.yaml", "2")); !errors.Is(err, context.Canceled) {
			t.Fatalf("got %v", err)
		}
		if diff := cmp.Diff(map[string]string{"course/course.yaml": "1"}, read(t, parent)); diff != "" {
			t.Error(diff)
		}
	})
	t.Run("a path out of the folder is refused before anything is written", func(t *testing.T) {
		t.Parallel()
		parent := t.TempDir()
		err := folder.Write(t.Context(), filepath.Join(parent, "course"), files("../evil", "x"))
		if fault.KindOf(err) != fault.Invalid {
			t.Fatalf("got %v", err)
		}
		if got := read(t, parent); len(got) != 0 {
			t.Errorf("left behind: %v", got)
		}
	})
}
