package workspace_test

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/carrel-dev/carrel/app/workspace"
	"github.com/carrel-dev/carrel/fault"
	"github.com/carrel-dev/carrel/lesson"
)

type lessons map[lesson.ID]workspace.Place

func (l lessons) Place(_ context.Context, id lesson.ID) (workspace.Place, error) {
	p, ok := l[id]
	if !ok {
		return workspace.Place{}, fault.New(fault.NotFound, "No such lesson.", "")
	}
	return p, nil
}

type noKeeper struct{}

func (noKeeper) Keep(context.Context, lesson.ID, lesson.Files) error { return nil }

type watched struct {
	set     *workspace.Set
	w       *workspace.Workspace
	changes chan []string
}

// watch runs a set with one open workspace.
func watch(t *testing.T) watched {
	t.Helper()
	p := place()
	changes := make(chan []string, 64)
	set, err := workspace.NewSet(t.TempDir(), lessons{p.Lesson.ID: p}, noKeeper{},
		func(_ lesson.ID, paths []string) { changes <- paths })
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- set.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("watcher ended: %v", err)
		}
	})
	w, err := set.Open(t.Context(), p.Lesson.ID)
	if err != nil {
		t.Fatal(err)
	}
	return watched{set, w, changes}
}

// waitFor waits until path was told of.
func (w watched) waitFor(t *testing.T, path string) {
	t.Helper()
	deadline := time.After(10 * time.Second)
	for {
		select {
		case paths := <-w.changes:
			if slices.Contains(paths, path) {
				return
			}
		case <-deadline:
			t.Fatalf("nobody told of a change of %s", path)
		}
	}
}

func TestSet_Watch(t *testing.T) {
	t.Parallel()

	t.Run("a file saved by renaming over it", func(t *testing.T) {
		t.Parallel()
		w := watch(t)
		for _, text := range []string{"one", "two", "six"} {
			temp := filepath.Join(w.w.Dir(), ".main.py.swp")
			if err := os.WriteFile(temp, []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
			if err := os.Rename(temp, filepath.Join(w.w.Dir(), "main.py")); err != nil {
				t.Fatal(err)
			}
			w.waitFor(t, "main.py")
		}
	})

	t.Run("a file in a folder that is new", func(t *testing.T) {
		t.Parallel()
		w := watch(t)
		write(t, w.w.Dir(), "a/b/c.py", "x")
		w.waitFor(t, "a/b/c.py")
		write(t, w.w.Dir(), "a/b/c.py", "y")
		w.waitFor(t, "a/b/c.py")
	})

	t.Run("a deleted folder", func(t *testing.T) {
		t.Parallel()
		w := watch(t)
		if err := os.RemoveAll(filepath.Join(w.w.Dir(), "tests")); err != nil {
			t.Fatal(err)
		}
		w.waitFor(t, "tests/test_main.py")
	})

	t.Run("our own writes are no news", func(t *testing.T) {
		t.Parallel()
		w := watch(t)
		if _, err := w.w.Write("main.py", "ours", ""); err != nil {
			t.Fatal(err)
		}
		if _, err := w.w.Create("lib/new.py", false); err != nil {
			t.Fatal(err)
		}
		if err := w.w.Delete(t.Context(), "lib"); err != nil {
			t.Fatal(err)
		}
		// Events keep their order: once the last one is told, the ones before it have been judged.
		write(t, w.w.Dir(), "data.txt", "theirs")
		for {
			paths := <-w.changes
			if slices.Contains(paths, "main.py") || slices.Contains(paths, "lib/new.py") {
				t.Fatalf("told of our own writes: %v", paths)
			}
			if slices.Contains(paths, "data.txt") {
				return
			}
		}
	})
}

func TestSet_Open(t *testing.T) {
	t.Parallel()

	t.Run("a renamed lesson keeps its folder", func(t *testing.T) {
		t.Parallel()
		dir, p := t.TempDir(), place()
		first := openOnce(t, dir, p)
		p.Lesson.Slug = "lists-and-tuples"
		if second := openOnce(t, dir, p); second != first {
			t.Errorf("folder %s, want %s", second, first)
		}
	})

	t.Run("another course of the same name gets a folder of its own", func(t *testing.T) {
		t.Parallel()
		dir, p := t.TempDir(), place()
		first := openOnce(t, dir, p)
		other := place()
		other.Lesson.ID = uuid.MustParse("028f0000-0000-7000-8000-000000000002")
		if second := openOnce(t, dir, other); second == first {
			t.Error("two lessons share a folder")
		}
	})

	t.Run("a removed folder is made again", func(t *testing.T) {
		t.Parallel()
		w := watch(t)
		if err := os.RemoveAll(w.w.Dir()); err != nil {
			t.Fatal(err)
		}
		again, err := w.set.Open(t.Context(), w.w.Place().Lesson.ID)
		if err != nil {
			t.Fatal(err)
		}
		if got := content(t, again.Dir(), "main.py"); got != "print('hi')\n" {
			t.Errorf("main.py is %q", got)
		}
	})
}

// openOnce opens a workspace in a set of its own and returns its folder.
func openOnce(t *testing.T, dir string, p workspace.Place) string {
	t.Helper()
	set, err := workspace.NewSet(dir, lessons{p.Lesson.ID: p}, noKeeper{}, func(lesson.ID, []string) {})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer func() {
		cancel()
		if err := set.Run(ctx); err != nil {
			t.Error(err)
		}
	}()
	w, err := set.Open(ctx, p.Lesson.ID)
	if err != nil {
		t.Fatal(err)
	}
	return w.Dir()
}
