package journaltest

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/google/uuid"

	"github.com/carrel-dev/carrel/journal"
)

// LocalStore is what a device has.
type LocalStore interface {
	journal.Store
	journal.StateStore
}

// RunStates runs the suite of journal.StateStore on stores that open makes; each must be empty.
func RunStates(t *testing.T, open func(t *testing.T) LocalStore) {
	tests := map[string]func(t *testing.T, store LocalStore){
		"state is remembered by remote":                      testState,
		"a supersession moves entries to a new epoch":        testSupersede,
		"a supersession of a log that moved changes nothing": testSupersedeMoved,
		"a supersession may take the whole log":              testSupersedeAll,
		"a supersession that cannot be whole is not at all":  testSupersedeAtomic,
		"writers follow the log to its new epoch":            testWriterFollows,
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, open(t))
		})
	}
}

func testState(t *testing.T, store LocalStore) {
	wantState(t, store, "https://one.example", journal.State{})
	head := func(seq uint64) journal.Head { return journal.Head{Seq: seq, Hash: journal.Hash{byte(seq)}} }
	first := journal.State{
		Acknowledged: map[journal.LogID]journal.Head{{1}: head(5), {2}: head(7)},
		Upstream:     map[journal.LogID]journal.Head{{1}: head(3)},
		Cursor:       "c1", Incarnation: "i1",
	}
	second := journal.State{Acknowledged: map[journal.LogID]journal.Head{{2}: head(9)}, Incarnation: "i2"}
	for _, step := range []struct {
		remote string
		state  journal.State
	}{{remote: "https://one.example", state: first}, {remote: "https://two.example", state: first}, {remote: "https://one.example", state: second}} {
		if err := store.SaveState(t.Context(), step.remote, step.state); err != nil {
			t.Fatal(err)
		}
	}
	wantState(t, store, "https://one.example", second)
	wantState(t, store, "https://two.example", first)
}

func wantState(t *testing.T, store LocalStore, remote string, want journal.State) {
	t.Helper()
	got, err := store.State(t.Context(), remote)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("state of %s differs (-want +got):\n%s", remote, diff)
	}
}

// forked puts a log of two segments into store and returns what takes the place of the second.
func forked(t *testing.T, store LocalStore) (log *Log, first journal.Segment, fresh *Log, p journal.Supersession) {
	t.Helper()
	log = NewLog("a")
	first = log.Segment(t, Hints(1, 2)...)
	accept(t, store, first)
	accept(t, store, log.Segment(t, Hints(3, 2)...))
	fresh = NewLog("a")
	fresh.header.Epoch = 1<<63 + 5 // epochs are unsigned
	p = journal.Supersession{Log: log.ID(), Head: log.Head(), From: 3, Epoch: fresh.header.Epoch,
		Fresh: []journal.Segment{fresh.Segment(t, Hints(3, 2)...)}}
	return log, first, fresh, p
}

func testSupersede(t *testing.T, store LocalStore) {
	log, first, fresh, p := forked(t, store)
	if _, ok, err := store.Successor(t.Context(), owner, log.ID()); ok || err != nil {
		t.Fatalf("Successor before = %v, %v, want none", ok, err)
	}
	if err := store.Supersede(t.Context(), owner, p); err != nil {
		t.Fatal(err)
	}
	wantSegments(t, []journal.Segment{first}, read(t, store, log.ID(), 0))
	wantSegments(t, p.Fresh, read(t, store, fresh.ID(), 0))
	epoch, ok, err := store.Successor(t.Context(), owner, log.ID())
	if err != nil || !ok || epoch != p.Epoch {
		t.Errorf("Successor = %d, %v, %v, want %d", epoch, ok, err, p.Epoch)
	}
	// The other branch now fits.
	other := NewLog("a")
	other.Segment(t, Hints(1, 2)...)
	accept(t, store, other.Segment(t, Hint(99)))
}

func testSupersedeMoved(t *testing.T, store LocalStore) {
	log, _, fresh, p := forked(t, store)
	last := log.Segment(t, Hint(5))
	accept(t, store, last)
	if err := store.Supersede(t.Context(), owner, p); err == nil {
		t.Fatal("Supersede of a log that moved succeeded")
	}
	wantHeads(t, store, owner, map[journal.LogID]journal.Head{log.ID(): log.Head()})
	if got := read(t, store, fresh.ID(), 0); len(got) != 0 {
		t.Error("the new epoch has entries")
	}
}

func testSupersedeAll(t *testing.T, store LocalStore) {
	log, _, fresh, p := forked(t, store)
	p.From = 1
	if err := store.Supersede(t.Context(), owner, p); err != nil {
		t.Fatal(err)
	}
	wantHeads(t, store, owner, map[journal.LogID]journal.Head{fresh.ID(): fresh.Head()})
	accept(t, store, NewLog("a").Segment(t, Hint(42)))
	if got := read(t, store, log.ID(), 0); len(got) != 1 || got[0].Log == nil {
		t.Errorf("the log started anew has %d segments", len(got))
	}
}

func testSupersedeAtomic(t *testing.T, store LocalStore) {
	log, _, fresh, p := forked(t, store)
	fresh.Segment(t, Hint(5))
	p.Fresh = append(p.Fresh, fresh.Segment(t, Hint(6))) // leaves a gap
	if err := store.Supersede(t.Context(), owner, p); err == nil {
		t.Fatal("Supersede with a gap succeeded")
	}
	wantHeads(t, store, owner, map[journal.LogID]journal.Head{log.ID(): log.Head()})
	if _, ok, err := store.Successor(t.Context(), owner, log.ID()); ok || err != nil {
		t.Errorf("Successor = %v, %v, want none", ok, err)
	}
}

func testWriterFollows(t *testing.T, store LocalStore) {
	_, _, fresh, p := forked(t, store)
	writer := journal.NewWriter(store, owner, Device("a"), uuid.NewSHA1(uuid.Nil, []byte("a")), 1)
	if err := store.Supersede(t.Context(), owner, p); err != nil {
		t.Fatal(err)
	}
	if err := writer.Append(t.Context(), Hint(7)); err != nil {
		t.Fatal(err)
	}
	if got := read(t, store, fresh.ID(), 2); len(got) != 1 {
		t.Errorf("the new epoch has %d segments after the moved ones, want 1", len(got))
	}
}
