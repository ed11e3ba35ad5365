package sqlitestore_test

import (
	"bufio"
	"context"
	"database/sql"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/carrel-dev/carrel/fault"
	"github.com/carrel-dev/carrel/journal"
	"github.com/carrel-dev/carrel/journal/journaltest"
	"github.com/carrel-dev/carrel/journal/sqlitestore"
)

func TestStore(t *testing.T) {
	t.Parallel()
	journaltest.Run(t, func(t *testing.T) journal.Store { return open(t, filepath.Join(t.TempDir(), "journal.db")) })
	journaltest.RunStates(t, func(t *testing.T) journaltest.LocalStore {
		return open(t, filepath.Join(t.TempDir(), "journal.db"))
	})
}

func open(t *testing.T, path string) *sqlitestore.Store {
	t.Helper()
	store, err := sqlitestore.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	return store
}

func TestOpen_OddPaths(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"with space", "what?", "50%25", "a#b", "Прогресс"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), name)
			open(t, path)
			if _, err := os.Stat(path); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestOpen_Refusals(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		prepare func(t *testing.T, path string)
		kind    fault.Kind
		message string
	}{
		"a newer schema": {prepare: func(t *testing.T, path string) {
			t.Helper()
			change(t, path, "PRAGMA user_version = 999")
		}, kind: fault.Invalid, message: "The journal on this computer was written by a newer Carrel."},
		"not a database": {prepare: func(t *testing.T, path string) {
			t.Helper()
			if err := os.WriteFile(path, []byte(strings.Repeat("not a database ", 100)), 0o600); err != nil {
				t.Fatal(err)
			}
		}, kind: fault.Internal, message: "The journal on this computer is damaged."},
		"a folder in its place": {prepare: func(t *testing.T, path string) {
			t.Helper()
			if err := os.Mkdir(path, 0o700); err != nil {
				t.Fatal(err)
			}
		}, kind: fault.Denied, message: "The journal on this computer cannot be opened for writing."},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "journal.db")
			test.prepare(t, path)
			_, err := sqlitestore.Open(t.Context(), path)
			message, hint := fault.Sentence(err)
			if fault.KindOf(err) != test.kind || message != test.message || hint == "" {
				t.Errorf("Open = %v (%s), want %s: %s", err, fault.KindOf(err), test.kind, test.message)
			}
		})
	}
}

// change runs a statement on a store's file behind its back.
func change(t *testing.T, path, statement string) {
	t.Helper()
	store, err := sqlitestore.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.ExecContext(t.Context(), statement); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}

const (
	childPath   = "CARREL_TEST_JOURNAL"
	childNumber = "CARREL_TEST_NUMBER"
)

// TestMain lets the test binary be another process that appends to a journal.
func TestMain(m *testing.M) {
	if path := os.Getenv(childPath); path != "" {
		if err := appendForEver(context.Background(), path, os.Getenv(childNumber)); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	os.Exit(m.Run())
}

// appendForEver prints the number of each entry once it is durable, until it is killed.
func appendForEver(ctx context.Context, path, number string) error {
	store, err := sqlitestore.Open(ctx, path)
	if err != nil {
		return err
	}
	var from int
	if _, err := fmt.Sscan(number, &from); err != nil {
		return err
	}
	writer := journal.NewWriter(store, uuid.Nil, journaltest.Device("a"), uuid.Nil, 1)
	for n := from; ; n++ {
		if err := writer.Append(ctx, journaltest.Hint(n)); err != nil {
			return err
		}
		fmt.Println(n)
	}
}

// Two processes append to one file and are killed at any moment; what they said is durable is there,
// and the chain is whole.
func TestStore_SurvivesKill(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "journal.db")
	said := map[int]bool{}
	for round := range 3 {
		var children []*exec.Cmd
		var outputs []*bufio.Scanner
		for child := range 2 {
			cmd := exec.CommandContext(t.Context(), os.Args[0])
			cmd.Env = append(os.Environ(), childPath+"="+path, fmt.Sprintf("%s=%d", childNumber, round*1_000_000+child*100_000))
			cmd.Stderr = os.Stderr
			output, err := cmd.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			children, outputs = append(children, cmd), append(outputs, bufio.NewScanner(output))
		}
		for i, cmd := range children {
			for range 10 + 7*round {
				note(t, outputs[i], said)
			}
			if err := cmd.Process.Kill(); err != nil {
				t.Fatal(err)
			}
			for note(t, outputs[i], said) {
			}
			_ = cmd.Wait() // it was killed
		}
	}
	wantEntries(t, path, said)
}

func note(t *testing.T, output *bufio.Scanner, said map[int]bool) bool {
	t.Helper()
	if !output.Scan() {
		return false
	}
	var n int
	if _, err := fmt.Sscan(output.Text(), &n); err != nil {
		t.Fatal(err)
	}
	said[n] = true
	return true
}

func wantEntries(t *testing.T, path string, said map[int]bool) {
	t.Helper()
	store := open(t, path)
	count := map[int]int{}
	heads, err := journal.Feed(t.Context(), store, uuid.Nil, nil, func(_ journal.LogID, e journal.Entry) {
		payload, err := journal.Decode(e)
		if err != nil {
			t.Fatal(err)
		}
		count[payload.(journal.HintUsed).Number]++
	})
	if err != nil {
		t.Fatal(err)
	}
	for n := range said {
		if count[n] != 1 {
			t.Errorf("entry %d was said to be durable and is there %d times", n, count[n])
		}
	}
	for id, head := range heads {
		segments, err := store.Read(t.Context(), uuid.Nil, id, 0, 64<<20)
		if err != nil {
			t.Fatal(err)
		}
		var got journal.Head
		for _, s := range segments {
			if s.Previous != got.Hash {
				t.Fatalf("the chain breaks before seq %d", s.FirstSeq)
			}
			if got, err = journal.Verify(*segments[0].Log, s); err != nil {
				t.Fatal(err)
			}
		}
		if diff := cmp.Diff(head, got); diff != "" {
			t.Errorf("the chain ends elsewhere than the log (-head +chain):\n%s", diff)
		}
	}
}
