package journaltest

import (
	"crypto/ed25519"
	"errors"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/google/uuid"

	"github.com/carrel-dev/carrel/fault"
	"github.com/carrel-dev/carrel/journal"
)

var owner = uuid.NewSHA1(uuid.Nil, []byte("owner"))

// Run runs the suite of journal.Store on stores that open makes; each must be empty.
func Run(t *testing.T, open func(t *testing.T) journal.Store) {
	tests := map[string]func(t *testing.T, store journal.Store){
		"an empty store has no logs":                      testEmpty,
		"segments are read back as they were":             testReadBack,
		"a segment twice is a segment once":               testTwice,
		"the new part of an overlapping segment is taken": testOverlap,
		"a gap is refused and changes nothing":            testGap,
		"a fork is refused and changes nothing":           testFork,
		"a fork before the segment is noticed":            testEarlierFork,
		"owners do not see each other's logs":             testOwners,
		"reading starts in the middle of a segment":       testReadMiddle,
		"reading stops at the size but gives something":   testReadSize,
		"erased payloads keep the chain":                  testErased,
		"kinds of the future are kept":                    testFuture,
		"a large segment is taken whole":                  testLarge,
		"the same segment from many sides is one":         testConcurrentAccept,
		"writers of one log do not lose entries":          testConcurrentWriters,
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, open(t))
		})
	}
}

func testEmpty(t *testing.T, store journal.Store) {
	wantHeads(t, store, owner, map[journal.LogID]journal.Head{})
	if got := read(t, store, NewLog("nobody").ID(), 0); len(got) != 0 {
		t.Errorf("Read of an unknown log returned %d segments", len(got))
	}
}

func testReadBack(t *testing.T, store journal.Store) {
	a, b := NewLog("a"), NewLog("b")
	wantA := []journal.Segment{a.Segment(t, Hints(1, 3)...), a.Segment(t, Hint(4))}
	wantB := []journal.Segment{b.Segment(t, Hint(9))}
	for _, s := range append(wantA, wantB...) {
		accept(t, store, s)
	}
	wantSegments(t, wantA, read(t, store, a.ID(), 0))
	wantSegments(t, wantB, read(t, store, b.ID(), 0))
	wantSegments(t, wantA[1:], read(t, store, a.ID(), 3))
	wantSegments(t, nil, read(t, store, a.ID(), 4))
	wantHeads(t, store, owner, map[journal.LogID]journal.Head{a.ID(): a.Head(), b.ID(): b.Head()})
}

func testTwice(t *testing.T, store journal.Store) {
	log := NewLog("a")
	first, second := log.Segment(t, Hint(1)), log.Segment(t, Hint(2))
	accept(t, store, first)
	accept(t, store, second)
	for _, s := range []journal.Segment{first, second} {
		head, err := store.Accept(t.Context(), owner, s)
		if err != nil || head != log.Head() {
			t.Errorf("Accept again = %v, %v, want the head %v", head, err, log.Head())
		}
	}
	wantSegments(t, []journal.Segment{first, second}, read(t, store, log.ID(), 0))
}

func testOverlap(t *testing.T, store journal.Store) {
	log := NewLog("a")
	short := log.Fork()
	whole := log.Segment(t, Hints(1, 4)...)
	accept(t, store, short.Segment(t, Hints(1, 2)...))
	head, err := store.Accept(t.Context(), owner, whole)
	if err != nil || head != log.Head() {
		t.Fatalf("Accept = %v, %v, want %v", head, err, log.Head())
	}
	wantSegments(t, []journal.Segment{whole.After(2)}, read(t, store, log.ID(), 2))
	verifyAll(t, log.Header(), read(t, store, log.ID(), 0))
}

func testGap(t *testing.T, store journal.Store) {
	log := NewLog("a")
	first, second, third := log.Segment(t, Hint(1)), log.Segment(t, Hint(2)), log.Segment(t, Hint(3))
	for _, after := range []uint64{0, 1} {
		_, err := store.Accept(t.Context(), owner, third)
		gap, ok := errors.AsType[*journal.GapError](err)
		if !ok || gap.After != after || gap.LogID != log.ID() {
			t.Fatalf("Accept with a gap: %v, want *GapError after %d", err, after)
		}
		accept(t, store, first)
	}
	wantSegments(t, []journal.Segment{first}, read(t, store, log.ID(), 0))
	accept(t, store, second)
	accept(t, store, third)
}

func testFork(t *testing.T, store journal.Store) {
	log := NewLog("a")
	accept(t, store, log.Segment(t, Hint(1)))
	clone := log.Fork()
	ours, theirs := log.Segment(t, Hints(2, 3)...), clone.Segment(t, Hint(2), Hint(77), Hint(78), Hint(79))
	accept(t, store, ours)
	_, err := store.Accept(t.Context(), owner, theirs)
	fork, ok := errors.AsType[*journal.ForkError](err)
	if !ok || fork.Seq != 3 || fork.LogID != log.ID() {
		t.Fatalf("Accept of a fork: %v, want *ForkError at 3", err)
	}
	wantSegments(t, []journal.Segment{ours}, read(t, store, log.ID(), 1))
	wantHeads(t, store, owner, map[journal.LogID]journal.Head{log.ID(): log.Head()})
}

func testEarlierFork(t *testing.T, store journal.Store) {
	log := NewLog("a")
	clone := log.Fork()
	accept(t, store, log.Segment(t, Hints(1, 2)...))
	clone.Segment(t, Hints(11, 2)...)
	_, err := store.Accept(t.Context(), owner, clone.Segment(t, Hint(13)))
	if fork, ok := errors.AsType[*journal.ForkError](err); !ok || fork.Seq > 2 {
		t.Fatalf("Accept after a fork: %v, want *ForkError at 2 or before", err)
	}
}

func testOwners(t *testing.T, store journal.Store) {
	log := NewLog("a")
	s := log.Segment(t, Hint(1))
	accept(t, store, s)
	other := uuid.NewSHA1(uuid.Nil, []byte("other"))
	wantHeads(t, store, other, map[journal.LogID]journal.Head{})
	if got, err := store.Read(t.Context(), other, log.ID(), 0, 1<<20); err != nil || len(got) != 0 {
		t.Errorf("another owner reads %d segments, %v", len(got), err)
	}
	_, err := store.Accept(t.Context(), uuid.Nil, s)
	if fault.KindOf(err) == fault.Denied {
		wantHeads(t, store, uuid.Nil, map[journal.LogID]journal.Head{})
		return // the store binds logs to their first owner
	}
	if err != nil {
		t.Errorf("the zero owner cannot have the same log: %v", err)
	}
	wantHeads(t, store, uuid.Nil, map[journal.LogID]journal.Head{log.ID(): log.Head()})
}

func testReadMiddle(t *testing.T, store journal.Store) {
	log := NewLog("a")
	first, second := log.Segment(t, Hints(1, 5)...), log.Segment(t, Hints(6, 2)...)
	accept(t, store, first)
	accept(t, store, second)
	got := read(t, store, log.ID(), 3)
	wantSegments(t, []journal.Segment{first.After(3), second}, got)
	verifyAll(t, log.Header(), got)
}

func testReadSize(t *testing.T, store journal.Store) {
	log := NewLog("a")
	var want []journal.Segment
	for i := range 6 {
		want = append(want, log.Segment(t, Hint(i)))
		accept(t, store, want[i])
	}
	for _, test := range []struct{ bytes, want int }{
		{bytes: 0, want: 1}, {bytes: 1, want: 1}, {bytes: 3 * want[1].Size(), want: 3}, {bytes: 1 << 20, want: 5},
	} {
		got, err := store.Read(t.Context(), owner, log.ID(), 1, test.bytes)
		if err != nil {
			t.Fatal(err)
		}
		wantSegments(t, want[1:1+test.want], got)
	}
}

func testErased(t *testing.T, store journal.Store) {
	log := NewLog("a")
	s := log.Segment(t, Hints(1, 3)...)
	s.Entries[1] = s.Entries[1].Erase()
	accept(t, store, s)
	got := read(t, store, log.ID(), 0)
	wantSegments(t, []journal.Segment{s}, got)
	verifyAll(t, log.Header(), got)
	accept(t, store, log.Segment(t, Hint(4)))
}

func testFuture(t *testing.T, store journal.Store) {
	log := NewLog("a")
	s := log.Segment(t, Future{Anything: "x"}, Hint(1))
	accept(t, store, s)
	wantSegments(t, []journal.Segment{s}, read(t, store, log.ID(), 0))
}

func testLarge(t *testing.T, store journal.Store) {
	log := NewLog("a")
	s := log.Segment(t, journal.DraftRevision{Path: "main.py", Blob: make([]byte, journal.MaxBlobBytes)})
	accept(t, store, s)
	wantSegments(t, []journal.Segment{s}, read(t, store, log.ID(), 0))
}

func testConcurrentAccept(t *testing.T, store journal.Store) {
	log := NewLog("a")
	segments := []journal.Segment{log.Segment(t, Hints(1, 2)...), log.Segment(t, Hint(3))}
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			for _, s := range segments {
				if _, err := store.Accept(t.Context(), owner, s); err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
	wantSegments(t, segments, read(t, store, log.ID(), 0))
}

func testConcurrentWriters(t *testing.T, store journal.Store) {
	const writers, each = 4, 8
	device, learner := Device("a"), uuid.NewSHA1(uuid.Nil, []byte("a"))
	var group sync.WaitGroup
	for w := range writers {
		writer := journal.NewWriter(store, owner, device, learner, 1)
		group.Go(func() {
			for i := range each {
				if err := writer.Append(t.Context(), Hint(w*each+i), Hint(1000+w*each+i)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
	header := journal.LogHeader{DeviceKey: device.Public().(ed25519.PublicKey), LearnerID: learner, Epoch: 1}
	got := read(t, store, header.ID(), 0)
	verifyAll(t, header, got)
	numbers := map[int]bool{}
	for _, s := range got {
		if len(s.Entries) != 2 {
			t.Errorf("a segment has %d entries, want the two of one Append", len(s.Entries))
		}
		for _, e := range s.Entries {
			payload, err := journal.Decode(e)
			if err != nil {
				t.Fatal(err)
			}
			numbers[payload.(journal.HintUsed).Number] = true
		}
	}
	if len(numbers) != 2*writers*each {
		t.Errorf("%d different entries, want %d", len(numbers), 2*writers*each)
	}
}

func accept(t *testing.T, store journal.Store, s journal.Segment) {
	t.Helper()
	if _, err := store.Accept(t.Context(), owner, s); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, store journal.Store, log journal.LogID, after uint64) []journal.Segment {
	t.Helper()
	segments, err := store.Read(t.Context(), owner, log, after, 8<<20)
	if err != nil {
		t.Fatal(err)
	}
	return segments
}

func verifyAll(t *testing.T, header journal.LogHeader, segments []journal.Segment) {
	t.Helper()
	for _, s := range segments {
		if _, err := journal.Verify(header, s); err != nil {
			t.Errorf("segment at %d: %v", s.FirstSeq, err)
		}
	}
}

func wantSegments(t *testing.T, want, got []journal.Segment) {
	t.Helper()
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("segments differ (-want +got):\n%s", diff)
	}
}

func wantHeads(t *testing.T, store journal.Store, owner journal.Owner, want map[journal.LogID]journal.Head) {
	t.Helper()
	got, err := store.Heads(t.Context(), owner)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("heads differ (-want +got):\n%s", diff)
	}
}
