package agent

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

func TestEmptyFolder(t *testing.T) {
	t.Parallel()
	must := func(t *testing.T, errs ...error) {
		t.Helper()
		if err := errors.Join(errs...); err != nil {
			t.Fatal(err)
		}
	}
	tests := []struct {
		name string
		make func(t *testing.T, dir string)
	}{
		{"nothing", func(*testing.T, string) {}},
		{"files, links and pipes", func(t *testing.T, dir string) {
			must(t, os.WriteFile(filepath.Join(dir, "file"), nil, 0), os.Symlink("/etc", filepath.Join(dir, "link")), syscall.Mkfifo(filepath.Join(dir, "pipe"), 0))
		}},
		{"folders with names of our own", func(t *testing.T, dir string) {
			must(t, os.MkdirAll(filepath.Join(dir, ".carrel-1", ".carrel-2", ".carrel-1"), 0o755), os.MkdirAll(filepath.Join(dir, ".carrel-2", "x", "y"), 0o755))
		}},
		{"folders nobody may enter", func(t *testing.T, dir string) {
			must(t, os.MkdirAll(filepath.Join(dir, "a", "b", "c"), 0o755), os.Chmod(filepath.Join(dir, "a", "b"), 0), os.Chmod(filepath.Join(dir, "a"), 0))
		}},
		{"a chain longer than any path", func(t *testing.T, dir string) {
			fd, err := syscall.Open(dir, syscall.O_DIRECTORY, 0)
			must(t, err)
			for range 3000 {
				must(t, syscall.Mkdirat(fd, "a-folder-with-a-long-name", 0o755))
				next, err := syscall.Openat(fd, "a-folder-with-a-long-name", syscall.O_DIRECTORY, 0)
				must(t, err, syscall.Close(fd))
				fd = next
			}
			must(t, syscall.Close(fd))
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			tt.make(t, dir)
			if n, err := emptyFolder(dir, 0); err != nil || n != 0 {
				t.Fatalf("%d stay, %v", n, err)
			}
			left, err := os.ReadDir(dir)
			if err != nil || len(left) > 0 {
				t.Errorf("left: %v, %v", left, err)
			}
		})
	}
	t.Run("what links point to stays", func(t *testing.T) {
		t.Parallel()
		outside, dir := t.TempDir(), t.TempDir()
		must(t, os.WriteFile(filepath.Join(outside, "keep"), nil, 0o644), os.Symlink(outside, filepath.Join(dir, "link")))
		if _, err := emptyFolder(dir, 0); err != nil {
			t.Fatal(err)
		}
		if _, err := os.Stat(filepath.Join(outside, "keep")); err != nil {
			t.Error(err)
		}
	})
}

func TestPlace(t *testing.T) {
	t.Parallel()
	outside, dir := t.TempDir(), t.TempDir()
	secret := filepath.Join(outside, "secret")
	for _, err := range []error{
		os.WriteFile(secret, []byte("secret"), 0o644),
		os.Symlink(secret, filepath.Join(dir, "file")),
		os.Symlink(outside, filepath.Join(dir, "folder")),
		os.MkdirAll(filepath.Join(dir, "was-folder", "x"), 0o755),
		os.WriteFile(filepath.Join(dir, "was-file"), nil, 0o644),
		os.MkdirAll(filepath.Join(dir, "gone", "deep"), 0o755),
		os.WriteFile(filepath.Join(dir, "gone", "deep", "x"), nil, 0o644),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	files := tree{"file": {data: []byte("1")}, "folder/secret": {data: []byte("2")}, "was-folder": {data: []byte("3")}, "was-file/x": {data: []byte("4"), executable: true}}
	l := layout{dir: dir, files: files}
	if err := l.place([]string{"gone/deep/x", "never/there"}); err != nil {
		t.Fatal(err)
	}
	for p, e := range files {
		info, err := os.Lstat(filepath.Join(dir, p))
		if err != nil || !info.Mode().IsRegular() || (info.Mode()&0o100 != 0) != e.executable {
			t.Errorf("%s: %v, %v", p, info, err)
		}
		if data, err := os.ReadFile(filepath.Join(dir, p)); err != nil || !bytes.Equal(data, e.data) {
			t.Errorf("%s is %q, %v", p, data, err)
		}
	}
	if data, err := os.ReadFile(secret); err != nil || string(data) != "secret" {
		t.Errorf("a file outside is now %q, %v", data, err)
	}
	if _, err := os.Stat(filepath.Join(dir, "gone")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("an empty folder stays: %v", err)
	}
}

func TestReadBeneath(t *testing.T) {
	t.Parallel()
	outside, dir := t.TempDir(), t.TempDir()
	for _, err := range []error{
		os.WriteFile(filepath.Join(outside, "secret"), []byte("secret"), 0o644),
		os.WriteFile(filepath.Join(dir, "report"), []byte("report"), 0o644),
		os.Symlink(filepath.Join(outside, "secret"), filepath.Join(dir, "link")),
		os.Symlink("report", filepath.Join(dir, "inner")),
		os.Symlink(outside, filepath.Join(dir, "folder")),
		syscall.Mkfifo(filepath.Join(dir, "pipe"), 0o644),
		os.Mkdir(filepath.Join(dir, "dir"), 0o755),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	if data, err := readBeneath(dir, "report", 6); err != nil || string(data) != "report" {
		t.Errorf("got %q, %v", data, err)
	}
	if _, err := readBeneath(dir, "report", 5); err == nil {
		t.Error("a too large file was read")
	}
	for _, p := range []string{"link", "inner", "folder/secret", "pipe", "dir", "../" + filepath.Base(outside) + "/secret", filepath.Join(outside, "secret"), "none", ""} {
		if data, err := readBeneath(dir, p, 100); err == nil {
			t.Errorf("%q was read as %q", p, data)
		}
	}
}

func TestWindow(t *testing.T) {
	t.Parallel()
	var w window
	w.init()
	if got := w.take(windowBytes + 5); got != windowBytes {
		t.Errorf("took %d of a new window", got)
	}
	taken := make(chan int)
	go func() { taken <- w.take(10) }()
	w.grant(4)
	if got := <-taken; got != 4 {
		t.Errorf("took %d of 4", got)
	}
	w.grant(-7)
	w.grant(1 << 40)
	if got := w.take(1 << 30); got != windowBytes {
		t.Errorf("a window grew to %d", got)
	}
	go func() { taken <- w.take(10) }()
	w.close()
	if got := <-taken; got != 0 {
		t.Errorf("took %d of a closed window", got)
	}
}
