// Package rpc is what the frontend talks to on this computer: the Connect handlers of carrel.ide.v1,
// the event carrier, the frontend's own files, and the loopback listener.
package rpc

import (
	"context"
	"sync"
	"time"

	"connectrpc.com/connect"

	idev1 "github.com/carrel-dev/carrel/proto/gen/carrel/ide/v1"
)

const (
	// maxPullWait is as long as a request may wait: the webviews give up soon after.
	maxPullWait = 20 * time.Second
	// heartbeat keeps proxies and webviews from taking an idle stream for a dead one.
	heartbeat = 5 * time.Second
	// maxBatch bounds the events of one response.
	maxBatch = 1<<20 - 64<<10
)

// Events carries everything that happens to the frontends: any number of them, each with a cursor of
// its own. It is safe for concurrent use and never blocks those who tell.
type Events struct {
	mu     sync.Mutex
	ring   *ring
	moved  chan struct{} // closed and replaced when there is news
	closed bool
}

// NewEvents returns a carrier without events.
func NewEvents() *Events {
	// Numbers start at the clock, so that a cursor of an earlier run of this program is told apart.
	return &Events{ring: newRing(uint64(time.Now().UnixMilli()) << 10), moved: make(chan struct{})}
}

// Tell adds an event. The carrier owns it from now on.
func (e *Events) Tell(event *idev1.Event) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.ring.add(event)
	e.wake()
}

// Close lets everyone who waits return, now and later: a server that shuts down must not wait for them.
func (e *Events) Close() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.closed = true
	e.wake()
}

// wake is called with mu held.
func (e *Events) wake() {
	close(e.moved)
	e.moved = make(chan struct{})
}

// batch is what a client gets at once.
type batch struct {
	events []*idev1.Event
	cursor uint64
	gap    bool
}

// wait returns the events after cursor, waiting at most patience for the first; closed tells that there
// will be no more.
func (e *Events) wait(ctx context.Context, cursor uint64, patience time.Duration) (b batch, closed bool) {
	timer := time.NewTimer(patience)
	defer timer.Stop()
	for {
		e.mu.Lock()
		b.events, b.cursor, b.gap = e.ring.after(cursor, maxBatch)
		moved, closed := e.moved, e.closed
		e.mu.Unlock()
		if len(b.events) > 0 || b.gap || closed || patience <= 0 {
			return b, closed
		}
		select {
		case <-moved:
		case <-timer.C:
			return b, false
		case <-ctx.Done():
			return b, false
		}
	}
}

// eventService implements idev1connect.EventServiceHandler.
type eventService struct {
	events *Events
	// streams is false where responses are buffered or requests never cancelled: Subscribe would hang.
	streams bool
}

func (s *eventService) Pull(ctx context.Context, req *idev1.PullRequest) (*idev1.PullResponse, error) {
	patience := min(time.Duration(req.MaxWaitMs)*time.Millisecond, maxPullWait)
	b, _ := s.events.wait(ctx, req.Cursor, patience)
	return &idev1.PullResponse{Events: b.events, Cursor: b.cursor, Gap: b.gap}, nil
}

func (s *eventService) Subscribe(ctx context.Context, req *idev1.SubscribeRequest, stream *connect.ServerStream[idev1.SubscribeResponse]) error {
	if !s.streams {
		return connect.NewError(connect.CodeUnimplemented, nil)
	}
	cursor := req.Cursor
	for ctx.Err() == nil {
		b, closed := s.events.wait(ctx, cursor, heartbeat)
		cursor = b.cursor
		if err := stream.Send(&idev1.SubscribeResponse{Events: b.events, Cursor: b.cursor, Gap: b.gap}); err != nil {
			return err
		}
		if closed {
			return nil
		}
	}
	return nil
}
