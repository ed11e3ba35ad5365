package atomicfile_test

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/carrel-dev/carrel/app/atomicfile"
)

func openRoot(t *testing.T, dir string) *os.Root {
	t.Helper()
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = root.Close() })
	return root
}

func TestWrite(t *testing.T) {
	t.Parallel()

	t.Run("makes a new file with the permissions asked for", func(t *testing.T) {
		t.Parallel()
		root := openRoot(t, t.TempDir())
		if err := atomicfile.Write(root, ".", "token", []byte("secret"), 0o600); err != nil {
			t.Fatal(err)
		}
		info, err := root.Stat("token")
		if err != nil {
			t.Fatal(err)
		}
		if got := info.Mode().Perm(); got != 0o600 {
			t.Errorf("permissions %o, want 600", got)
		}
	})

	t.Run("keeps the permissions of the file it replaces", func(t *testing.T) {
		t.Parallel()
		dir := t.TempDir()
		root := openRoot(t, dir)
		if err := os.WriteFile(filepath.Join(dir, "run.sh"), []byte("old"), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := atomicfile.Write(root, ".", "run.sh", []byte("new"), 0o644); err != nil {
			t.Fatal(err)
		}
		info, err := root.Stat("run.sh")
		if err != nil {
			t.Fatal(err)
		}
		if got := info.Mode().Perm(); got != 0o755 {
			t.Errorf("permissions %o, want 755", got)
		}
	})

	t.Run("refuses to leave the root through a link", func(t *testing.T) {
		t.Parallel()
		dir, outside := t.TempDir(), t.TempDir()
		if err := os.Symlink(outside, filepath.Join(dir, "link")); err != nil {
			t.Fatal(err)
		}
		root := openRoot(t, dir)
		if err := atomicfile.Write(root, ".", "link/file", []byte("x"), 0o644); err == nil {
			t.Error("a file was written outside of the root")
		}
		left, err := fs.ReadDir(root.FS(), ".")
		if err != nil {
			t.Fatal(err)
		}
		if len(left) != 1 {
			t.Errorf("%d entries left, want the link alone", len(left))
		}
	})
}

// killedWriter is the environment variable that turns this test binary into a program that writes one
// file again and again until it is killed.
const killedWriter = "CARREL_TEST_KILLED_WRITER"

func TestMain(m *testing.M) {
	if dir := os.Getenv(killedWriter); dir != "" {
		writeForEver(dir)
	}
	os.Exit(m.Run())
}

func content(n int) []byte {
	return bytes.Repeat(fmt.Appendf(nil, "%08d\n", n), 20_000)
}

func writeForEver(dir string) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		panic(err)
	}
	for n := 0; ; n++ {
		if err := atomicfile.Write(root, "tmp", "file", content(n), 0o644); err != nil {
			panic(err)
		}
	}
}

func TestWrite_Killed(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "tmp"), 0o755); err != nil {
		t.Fatal(err)
	}
	root := openRoot(t, dir)
	for round := range 10 {
		cmd := exec.CommandContext(t.Context(), os.Args[0])
		cmd.Env = append(os.Environ(), killedWriter+"="+dir)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		// Kill at a different moment of the write in every round.
		<-time.After(time.Duration(20+7*round) * time.Millisecond)
		_ = cmd.Process.Kill()
		_ = cmd.Wait()

		data, err := root.ReadFile("file")
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		if want := bytes.Repeat(data[:min(9, len(data))], 20_000); !bytes.Equal(data, want) {
			t.Fatalf("round %d: the file is torn (%d bytes)", round, len(data))
		}
	}
	if err := atomicfile.Sweep(root, "tmp", 0); err != nil {
		t.Fatal(err)
	}
	left, err := fs.ReadDir(root.FS(), "tmp")
	if err != nil {
		t.Fatal(err)
	}
	if len(left) != 0 {
		t.Errorf("%d unfinished files are left after Sweep", len(left))
	}
}
