package journal_test

import (
	"context"
	"testing"

	"github.com/google/uuid"

	"github.com/carrel-dev/carrel/fault"
	"github.com/carrel-dev/carrel/journal"
	"github.com/carrel-dev/carrel/journal/journaltest"
)

// overtaken is a store in which another process appends each time after the head was read.
type overtaken struct {
	*journal.Memory
	other func() error
	times int
}

func (o *overtaken) Heads(ctx context.Context, owner journal.Owner) (map[journal.LogID]journal.Head, error) {
	heads, err := o.Memory.Heads(ctx, owner)
	if err == nil && o.times > 0 {
		o.times--
		err = o.other()
	}
	return heads, err
}

func TestWriter_TriesAgainWhenAnotherProcessWasFaster(t *testing.T) {
	t.Parallel()
	store := &overtaken{Memory: &journal.Memory{}, times: 5}
	other := journal.NewWriter(store.Memory, uuid.Nil, journaltest.Device("a"), learner, 1)
	store.other = func() error { return other.Append(t.Context(), journaltest.Hint(store.times)) }
	writer := journal.NewWriter(store, uuid.Nil, journaltest.Device("a"), learner, 1)
	if err := writer.Append(t.Context(), journaltest.Hint(100)); err != nil {
		t.Fatal(err)
	}
	count := numbers(t, store.Memory, uuid.Nil)
	if len(count) != 6 || count[100] != 1 {
		t.Errorf("entries are %v, want five of the other process and ours", count)
	}
}

func TestWriter_TooLarge(t *testing.T) {
	t.Parallel()
	store := &journal.Memory{}
	writer := journal.NewWriter(store, uuid.Nil, journaltest.Device("a"), learner, 1)
	draft := journal.DraftRevision{Blob: make([]byte, journal.MaxBlobBytes)}
	if err := writer.Append(t.Context(), draft, draft); fault.KindOf(err) != fault.Exhausted {
		t.Errorf("Append of two large drafts: %v, want Exhausted", err)
	}
	if got := heads(t, store, uuid.Nil); len(got) != 0 {
		t.Errorf("something was stored: %v", got)
	}
}
