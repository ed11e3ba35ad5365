//go:build unix

package embedded_test

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/carrel-dev/carrel/cloud/postgres/embedded"
	"github.com/carrel-dev/carrel/fault"
)

// ownerDirectory, when set, makes the test binary start a cluster there and hang, as carreld would.
const ownerDirectory = "CARREL_TEST_OWNER_DIRECTORY"

func TestMain(m *testing.M) {
	if directory := os.Getenv(ownerDirectory); directory != "" {
		c, err := embedded.Start(context.Background(), embedded.Config{Directory: directory, Logger: slog.New(slog.DiscardHandler)})
		if err != nil {
			os.Exit(1)
		}
		if _, err := os.Stdout.WriteString("ready\n"); err != nil {
			os.Exit(1)
		}
		<-c.Exited()
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func start(t *testing.T, directory string) *embedded.Cluster {
	t.Helper()
	c, err := embedded.Start(t.Context(), embedded.Config{Directory: directory, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatalf("starting the cluster: %v", err)
	}
	return c
}

func query(t *testing.T, c *embedded.Cluster, sql string) string {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), c.URL("postgres"))
	if err != nil {
		t.Fatalf("connecting: %v", err)
	}
	defer func() { _ = conn.Close(context.WithoutCancel(t.Context())) }()
	rows, err := conn.Query(t.Context(), sql)
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	values, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return strings.Join(values, ",")
}

func TestStart(t *testing.T) {
	t.Parallel()
	places := map[string]func(t *testing.T) string{
		"in a private folder": func(t *testing.T) string {
			directory := t.TempDir()
			if err := os.Chmod(filepath.Dir(directory), 0o700); err != nil {
				t.Fatal(err)
			}
			return directory
		},
		"in a folder others can pass": publicDirectory,
		"in a folder with a long name": func(t *testing.T) string {
			return filepath.Join(publicDirectory(t), strings.Repeat("long", 30))
		},
	}
	for name, place := range places {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			directory := place(t)

			c := start(t, directory)
			query(t, c, "CREATE TABLE notes (words text)")
			query(t, c, "INSERT INTO notes VALUES ('kept')")
			if got := query(t, c, "SHOW server_encoding"); got != "UTF8" {
				t.Errorf("server_encoding = %s, want UTF8", got)
			}
			if got := query(t, c, "SHOW listen_addresses"); got != "" {
				t.Errorf("listens on %q, want no network at all", got)
			}

			_, err := embedded.Start(t.Context(), embedded.Config{Directory: directory})
			if fault.KindOf(err) != fault.Conflict {
				t.Errorf("a second start on the same directory = %v, want a conflict", err)
			}

			if url, ok, err := embedded.Running(directory, "postgres"); err != nil || !ok || url != c.URL("postgres") {
				t.Errorf("others find %q, %v, %v; want %q", url, ok, err, c.URL("postgres"))
			}

			if err := c.Stop(); err != nil {
				t.Fatalf("stopping: %v", err)
			}
			if err := c.Stop(); err != nil {
				t.Fatalf("stopping again: %v", err)
			}
			if _, ok, err := embedded.Running(directory, "postgres"); err != nil || ok {
				t.Errorf("others find a stopped cluster: %v, %v", ok, err)
			}

			c = start(t, directory)
			if got := query(t, c, "SELECT words FROM notes"); got != "kept" {
				t.Errorf("after a restart the table holds %q, want %q", got, "kept")
			}
			if err := c.Stop(); err != nil {
				t.Fatalf("stopping: %v", err)
			}
		})
	}
}

// publicDirectory returns a temporary folder below which another user may own something.
func publicDirectory(t *testing.T) string {
	t.Helper()
	directory, err := os.MkdirTemp("/tmp", "carrel-test-") //nolint:usetesting // t.TempDir is closed to the user postgres
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(directory) })
	if err := os.Chmod(directory, 0o755); err != nil {
		t.Fatal(err)
	}
	return directory
}

func TestStart_AfterTheOwnerWasKilled(t *testing.T) {
	t.Parallel()
	directory := publicDirectory(t)
	owner := exec.CommandContext(t.Context(), os.Args[0])
	owner.Env = append(os.Environ(), ownerDirectory+"="+directory)
	output, err := owner.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := owner.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := output.Read(make([]byte, 16)); err != nil {
		t.Fatalf("waiting for the owner: %v", err)
	}
	pid := postmaster(t, directory)
	if err := owner.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = owner.Wait() // killed, as it should be

	c := start(t, directory)
	defer func() {
		if err := c.Stop(); err != nil {
			t.Error(err)
		}
	}()
	if got := query(t, c, "SELECT 'here'"); got != "here" {
		t.Errorf("the new cluster answers %q", got)
	}
	if now := postmaster(t, directory); now == pid {
		t.Errorf("the orphan %d is still the server", pid)
	}
}

func postmaster(t *testing.T, directory string) int {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(directory, "postgres", "postmaster.pid"))
	if err != nil {
		t.Fatal(err)
	}
	line, _, _ := strings.Cut(string(content), "\n")
	pid, err := strconv.Atoi(line)
	if err != nil {
		t.Fatal(err)
	}
	return pid
}

func TestStart_Exited(t *testing.T) {
	t.Parallel()
	directory := publicDirectory(t)
	c := start(t, directory)
	if err := syscall.Kill(postmaster(t, directory), syscall.SIGQUIT); err != nil {
		t.Fatal(err)
	}
	select {
	case <-c.Exited():
	case <-time.After(30 * time.Second):
		t.Fatal("nobody was told that the server ended")
	}
	if err := c.Stop(); err != nil {
		t.Fatalf("stopping after the end: %v", err)
	}
}

func TestStart_Refuses(t *testing.T) {
	t.Parallel()
	t.Run("a cluster of another version", func(t *testing.T) {
		t.Parallel()
		directory := publicDirectory(t)
		if err := os.MkdirAll(filepath.Join(directory, "postgres"), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(directory, "postgres", "PG_VERSION"), []byte("9\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		wantFault(t, directory, "", "PostgreSQL 9")
	})
	t.Run("a folder without PostgreSQL", func(t *testing.T) {
		t.Parallel()
		wantFault(t, publicDirectory(t), t.TempDir(), "not installed")
	})
	t.Run("a data directory that is a file", func(t *testing.T) {
		t.Parallel()
		path := filepath.Join(t.TempDir(), "file")
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		wantFault(t, path, "", "is not writable")
	})
}

func wantFault(t *testing.T, directory, programs, words string) {
	t.Helper()
	_, err := embedded.Start(t.Context(), embedded.Config{Directory: directory, Programs: programs, Logger: slog.New(slog.DiscardHandler)})
	var f *fault.Error
	if !errors.As(err, &f) {
		t.Fatalf("error = %v, want a fault", err)
	}
	if !strings.Contains(f.Message, words) || f.Hint == "" {
		t.Errorf("message %q, hint %q; want %q and what to do", f.Message, f.Hint, words)
	}
}
