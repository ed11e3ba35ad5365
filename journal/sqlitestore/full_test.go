package sqlitestore

import (
	"path/filepath"
	"testing"

	"github.com/google/uuid"

	"github.com/carrel-dev/carrel/fault"
	"github.com/carrel-dev/carrel/journal"
	"github.com/carrel-dev/carrel/journal/journaltest"
)

func TestStore_FullDisk(t *testing.T) {
	t.Parallel()
	store, err := Open(t.Context(), filepath.Join(t.TempDir(), "journal.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	}()
	// The limit is the connection's, and answers as a full disk does.
	store.db.SetMaxOpenConns(1)
	if _, err := store.db.ExecContext(t.Context(), "PRAGMA max_page_count = 60"); err != nil {
		t.Fatal(err)
	}
	writer := journal.NewWriter(store, uuid.Nil, journaltest.Device("a"), uuid.Nil, 1)
	draft := journal.DraftRevision{Path: "main.py", Blob: make([]byte, 50_000)}
	kept := 0
	for err == nil && kept < 100 {
		if err = writer.Append(t.Context(), draft); err == nil {
			kept++
		}
	}
	if message, hint := fault.Sentence(err); fault.KindOf(err) != fault.Exhausted || message == "" || hint == "" {
		t.Fatalf("Append on a full disk: %v (%s), want Exhausted with a sentence", err, fault.KindOf(err))
	}
	entries := 0
	if _, err := journal.Feed(t.Context(), store, uuid.Nil, nil, func(journal.LogID, journal.Entry) { entries++ }); err != nil {
		t.Fatal(err)
	}
	if entries != kept || kept == 0 {
		t.Errorf("%d entries are there, want the %d that were kept", entries, kept)
	}
	if _, err := store.db.ExecContext(t.Context(), "PRAGMA max_page_count = 100000"); err != nil {
		t.Fatal(err)
	}
	if err := writer.Append(t.Context(), draft); err != nil {
		t.Errorf("Append after space was freed: %v", err)
	}
}
