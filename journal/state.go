package journal

import "context"

// State is what a device remembers about a remote between exchanges. Losing it costs bytes, never
// entries.
type State struct {
	// Acknowledged is how far the remote has confirmed each log; Upstream how far the cloud has.
	Acknowledged map[LogID]Head
	Upstream     map[LogID]Head
	Cursor       string
	Incarnation  string
}

// Supersession replaces the end of a forked log by segments of a newer epoch of the same device.
type Supersession struct {
	Log LogID
	// Head is where the log ended when the segments were made.
	Head Head
	// From is the first seq that goes; it is the first of a segment.
	From uint64
	// Epoch is the one that follows the log.
	Epoch uint64
	// Fresh are the segments that take the place of what goes.
	Fresh []Segment
}

// StateStore is what a device's store offers beyond Store. Implementations are safe for concurrent use
// and pass journaltest.
type StateStore interface {
	// State returns what is remembered about remote; the zero State when nothing is.
	State(ctx context.Context, remote string) (State, error)
	// SaveState replaces it atomically.
	SaveState(ctx context.Context, remote string, state State) error
	// Supersede carries out a supersession atomically. It fails with *ForkError or *GapError, and
	// changes nothing, when the log or its successor moved meanwhile.
	Supersede(ctx context.Context, owner Owner, s Supersession) error
	// Successor returns the epoch that follows a log after a fork; ok is false when none does.
	Successor(ctx context.Context, owner Owner, log LogID) (epoch uint64, ok bool, err error)
}
