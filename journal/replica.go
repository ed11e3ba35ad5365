package journal

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/carrel-dev/carrel/fault"
)

// Replica is the client's half of exchanges with one remote. The exported fields are set before the
// first exchange and not changed after it. It is safe for concurrent use.
type Replica struct {
	Store  Store
	States StateStore
	Remote Remote
	// RemoteName is the key of what is remembered about the remote, such as its address and account.
	RemoteName string
	Owner      Owner
	// Device signs what has to be appended again after a fork.
	Device ed25519.PrivateKey

	mu    sync.Mutex
	batch int // bytes of segments per request, each way
}

// Result is what an exchange did.
type Result struct {
	// Pushed and Pulled count entries; Requests round trips.
	Pushed, Pulled, Requests int
	// Forks were found. The device's own were resolved, so progress folded before has to be folded anew.
	Forks      []Fork
	Refusals   []Refusal
	ServerTime time.Time
}

// Batches start small, so that a bad line loses little, and grow with success.
const (
	minBatch = 64 << 10
	maxBatch = 2 << 20
)

// maxStalls is how many answers in a row may change nothing although the server asks for more.
const maxStalls = 4

// Exchange pushes and pulls until neither side lacks anything the other can give. What was confirmed
// before an error stays confirmed. Errors are faults.
func (r *Replica) Exchange(ctx context.Context) (Result, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.batch = max(r.batch, minBatch)
	state, err := r.States.State(ctx, r.RemoteName)
	if err != nil {
		return Result{}, err
	}
	x := &exchanging{replica: r, state: state.filled(), held: map[LogID]bool{}, headers: map[LogID]*LogHeader{}}
	for stalls := 0; stalls < maxStalls; {
		done, moved, err := x.round(ctx)
		if err != nil || done {
			return x.result, err
		}
		if stalls++; moved {
			stalls = 0
		}
	}
	return x.result, fault.Wrap(fmt.Errorf("%d exchanges changed nothing", maxStalls), fault.Unavailable,
		"The other side keeps asking for what it has.", "Carrel tries again later. Your work is safe on this computer.")
}

func (s State) filled() State {
	s = s.clone()
	if s.Acknowledged == nil {
		s.Acknowledged = map[LogID]Head{}
	}
	if s.Upstream == nil {
		s.Upstream = map[LogID]Head{}
	}
	return s
}

// exchanging is one run of Exchange.
type exchanging struct {
	replica *Replica
	state   State
	result  Result
	held    map[LogID]bool // logs this exchange gave up on
	headers map[LogID]*LogHeader
	moved   bool // the present round changed something
}

// span is the seqs of a log that a request pushes.
type span struct{ first, last uint64 }

// round is one request and what follows from its response.
func (x *exchanging) round(ctx context.Context) (done, moved bool, err error) {
	x.moved = false
	req, pushed, err := x.request(ctx)
	if err != nil {
		return false, false, err
	}
	resp, err := x.replica.Remote.Exchange(ctx, req)
	if err != nil {
		x.replica.batch = max(x.replica.batch/2, minBatch)
		return false, false, err
	}
	x.replica.batch = min(x.replica.batch*2, maxBatch)
	x.result.Requests++
	x.result.ServerTime = time.UnixMilli(resp.ServerTimeMS)
	if err := x.apply(ctx, resp, pushed); err != nil {
		return false, false, err
	}
	if err := x.replica.States.SaveState(ctx, x.replica.RemoteName, x.state); err != nil {
		return false, false, err
	}
	left, err := x.left(ctx)
	return err == nil && !resp.More && !left, x.moved, err
}

// request builds the next request and tells what it pushes.
func (x *exchanging) request(ctx context.Context) (Request, map[LogID]span, error) {
	r := x.replica
	local, err := r.Store.Heads(ctx, r.Owner)
	if err != nil {
		return Request{}, nil, err
	}
	req := Request{
		Level: Level, MaxBytes: r.batch, Have: map[LogID]Head{},
		Cursor: x.state.Cursor, Incarnation: x.state.Incarnation,
	}
	// The cursor stands for the acknowledged vector; anything else is a leftover of a crash.
	if req.Cursor != cursorOf(x.state.Acknowledged) {
		req.Cursor = ""
	}
	for id, head := range local {
		if req.Cursor == "" || head != x.state.Acknowledged[id] {
			req.Have[id] = head
		}
	}
	for id := range x.state.Acknowledged {
		if _, ok := local[id]; !ok {
			req.Have[id] = Head{} // restored from a backup made before this log was pulled
		}
	}
	pushed := map[LogID]span{}
	left := r.batch
	for _, id := range sortedIDs(local) {
		from := x.state.Acknowledged[id].Seq
		if x.held[id] || from >= local[id].Seq || left <= 0 {
			continue
		}
		segments, err := r.Store.Read(ctx, r.Owner, id, from, left)
		if err != nil {
			return Request{}, nil, err
		}
		for _, s := range segments {
			left -= s.Size()
			pushed[id] = span{first: from + 1, last: s.LastSeq()}
		}
		req.Push = append(req.Push, segments...)
	}
	return req, pushed, nil
}

// apply takes in a response.
func (x *exchanging) apply(ctx context.Context, resp Response, pushed map[LogID]span) error {
	if resp.Incarnation != x.state.Incarnation {
		x.moved = x.moved || x.state.Incarnation != ""
		x.state = State{Incarnation: resp.Incarnation}.filled()
	}
	for _, refusal := range resp.Refusals {
		x.hold(refusal)
	}
	for _, segment := range resp.Pull {
		if err := x.store(ctx, segment); err != nil {
			return err
		}
	}
	if err := x.confirm(ctx, resp, pushed); err != nil {
		return err
	}
	for _, fork := range resp.Forks {
		s, ok := pushed[fork.LogID]
		if err := x.fork(ctx, fork, ok && s.first <= fork.Seq && fork.Seq <= s.last); err != nil {
			return err
		}
	}
	if resp.Cursor != x.state.Cursor {
		x.state.Cursor = resp.Cursor
	}
	return nil
}

func (x *exchanging) hold(refusal Refusal) {
	if !x.held[refusal.LogID] {
		x.held[refusal.LogID] = true
		x.result.Refusals = append(x.result.Refusals, refusal)
	}
}

// store takes in one pulled segment.
func (x *exchanging) store(ctx context.Context, segment Segment) error {
	r, id := x.replica, segment.LogID
	header, err := x.header(ctx, segment)
	if err != nil {
		return err
	}
	if header == nil || x.held[id] {
		return nil // what comes before it was not taken either
	}
	if _, err := Verify(*header, segment); err != nil {
		message, _ := fault.Sentence(err)
		x.hold(Refusal{LogID: id, FirstSeq: segment.FirstSeq, Message: message})
		return nil
	}
	before, err := r.Store.Heads(ctx, r.Owner)
	if err != nil {
		return err
	}
	head, err := r.Store.Accept(ctx, r.Owner, segment)
	if fork, ok := errors.AsType[*ForkError](err); ok {
		return x.fork(ctx, Fork{LogID: id, Seq: fork.Seq}, fork.Seq >= segment.FirstSeq)
	}
	if _, ok := errors.AsType[*GapError](err); ok {
		return nil
	}
	if err != nil {
		return err
	}
	if head.Seq > before[id].Seq {
		x.moved = true
		x.result.Pulled += int(head.Seq - before[id].Seq)
	}
	chain := segment.Chain()
	x.acknowledge(id, Head{Seq: segment.LastSeq(), Hash: chain[len(chain)-1]})
	return nil
}

func (x *exchanging) header(ctx context.Context, segment Segment) (*LogHeader, error) {
	id := segment.LogID
	if segment.Log != nil {
		x.headers[id] = segment.Log
	}
	if header := x.headers[id]; header != nil {
		return header, nil
	}
	header, err := headerOf(ctx, x.replica.Store, x.replica.Owner, id)
	x.headers[id] = header
	return header, err
}

func (x *exchanging) acknowledge(id LogID, head Head) {
	if x.state.Acknowledged[id] != head {
		x.moved = true
		x.state.Acknowledged[id] = head
	}
}

func (x *exchanging) forget(id LogID) {
	if _, ok := x.state.Acknowledged[id]; ok {
		x.moved = true
	}
	delete(x.state.Acknowledged, id)
	delete(x.state.Upstream, id)
}

// confirm notes what the server says is durable, as far as our own entries agree with it: only such
// entries may ever be pruned.
func (x *exchanging) confirm(ctx context.Context, resp Response, pushed map[LogID]span) error {
	r := x.replica
	local, err := r.Store.Heads(ctx, r.Owner)
	if err != nil {
		return err
	}
	forked := map[LogID]bool{}
	for _, fork := range resp.Forks {
		forked[fork.LogID] = true
	}
	for id, head := range resp.Durable {
		switch {
		case head.Seq == 0:
			x.forget(id)
			continue
		case forked[id]:
			continue
		case head.Seq > local[id].Seq:
			continue // known when it has been pulled
		}
		same, err := x.agrees(ctx, id, local[id], head)
		if err != nil {
			return err
		}
		if !same {
			// Pushing from the start shows where the two logs part.
			x.forget(id)
			continue
		}
		if s, ok := pushed[id]; ok && head.Seq >= s.first && x.state.Acknowledged[id].Seq < head.Seq {
			x.result.Pushed += int(min(head.Seq, s.last) - s.first + 1)
		}
		x.acknowledge(id, head)
	}
	for id, head := range resp.DurableUpstream {
		if head.Seq == 0 || forked[id] || head.Seq > local[id].Seq {
			continue
		}
		same, err := x.agrees(ctx, id, local[id], head)
		if err != nil {
			return err
		}
		if same {
			x.state.Upstream[id] = head
		}
	}
	return nil
}

// agrees tells whether our log, which ends at local, has the chain hash of head at head's seq.
func (x *exchanging) agrees(ctx context.Context, id LogID, local, head Head) (bool, error) {
	hash, err := hashAt(ctx, x.replica.Store, x.replica.Owner, id, local, head.Seq)
	return hash == head.Hash, err
}

// fork deals with a log of which the two sides hold contradicting entries. The device's own log goes on
// in a new epoch; any other log is left as it is, for its author to mend. A fork that is not exact is
// only known to be at fork.Seq or before.
func (x *exchanging) fork(ctx context.Context, fork Fork, exact bool) error {
	id := fork.LogID
	if x.held[id] {
		return nil
	}
	header, err := x.header(ctx, Segment{LogID: id})
	if err != nil {
		return err
	}
	own := header != nil && bytes.Equal(header.DeviceKey, publicKey(x.replica.Device))
	if own && !exact && x.state.Acknowledged[id].Seq > 0 {
		x.forget(id)
		return nil
	}
	x.result.Forks = append(x.result.Forks, fork)
	if !own || !exact {
		x.held[id] = true
		return nil
	}
	if err := x.replica.restart(ctx, *header, fork.Seq); err != nil {
		return err
	}
	x.forget(id)
	x.moved = true
	return nil
}

// left tells whether there is anything to push.
func (x *exchanging) left(ctx context.Context) (bool, error) {
	local, err := x.replica.Store.Heads(ctx, x.replica.Owner)
	if err != nil {
		return false, err
	}
	return slices.ContainsFunc(sortedIDs(local), func(id LogID) bool {
		return !x.held[id] && x.state.Acknowledged[id].Seq < local[id].Seq
	}), nil
}
