package docker

import (
	"context"
	"slices"
	"sync"
	"time"
)

// slots lets as many checks run at once as there are CPUs: more of them only make each other hit
// their time limits. Waiting ones are served in their order. The zero value has no slots until size.
type slots struct {
	mu      sync.Mutex
	total   int
	used    int
	waiting []*waiter
	busyAt  time.Time     // when somebody last came or went
	calmed  chan struct{} // closed when a slot is free and nobody waits; nil when nobody asked
}

type waiter struct {
	place chan int      // how many wait up to and with this one, when that changes
	last  int           // the place told last
	ready chan struct{} // closed when it has its slot
}

// size sets the number of slots.
func (s *slots) size(option, cpus int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.total = max(option, 1)
	if option == 0 {
		s.total = max(cpus, 1)
	}
	s.serve()
}

// take waits for a slot; queued is told the place in the line whenever it changes.
func (s *slots) take(ctx context.Context, queued func(place int)) error {
	w := &waiter{place: make(chan int, 1), ready: make(chan struct{})}
	s.mu.Lock()
	s.busyAt = time.Now()
	s.waiting = append(s.waiting, w)
	s.serve()
	s.mu.Unlock()
	for {
		select {
		case <-w.ready:
			return nil
		default:
		}
		select {
		case <-w.ready:
			return nil
		case place := <-w.place:
			queued(place)
		case <-ctx.Done():
			s.leave(w)
			return context.Cause(ctx)
		}
	}
}

func (s *slots) leave(w *waiter) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if i := slices.Index(s.waiting, w); i >= 0 {
		s.waiting = slices.Delete(s.waiting, i, i+1)
	} else {
		s.used-- // it was served at the same moment
	}
	s.serve()
}

// touch says that somebody is about to check.
func (s *slots) touch() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.busyAt = time.Now()
}

// calm waits until nobody has checked for the time quiet, or, after patience, until a slot is free and
// nobody waits for one. It takes none: who asks only wants to be out of the way.
func (s *slots) calm(ctx context.Context, quiet, patience time.Duration) error {
	enough := time.Now().Add(patience)
	for {
		pause, calmed := s.turmoil(quiet, enough)
		if pause <= 0 && calmed == nil {
			return nil
		}
		var over <-chan time.Time
		if calmed == nil {
			over = time.After(pause)
		}
		select {
		case <-over:
		case <-calmed:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// turmoil returns how long to wait before it may be calm; when that is until a slot is free, a channel
// that is closed then.
func (s *slots) turmoil(quiet time.Duration, enough time.Time) (time.Duration, <-chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.used >= max(s.total, 1) || len(s.waiting) > 0 {
		if s.calmed == nil {
			s.calmed = make(chan struct{})
		}
		return 0, s.calmed
	}
	left := quiet
	if s.used == 0 {
		left = time.Until(s.busyAt.Add(quiet))
	}
	return min(left, time.Until(enough)), nil
}

// free gives a slot back.
func (s *slots) free() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.busyAt = time.Now()
	s.used--
	s.serve()
}

func (s *slots) serve() {
	for s.used < s.total && len(s.waiting) > 0 {
		close(s.waiting[0].ready)
		s.waiting = s.waiting[1:]
		s.used++
	}
	if s.used < s.total && s.calmed != nil {
		close(s.calmed)
		s.calmed = nil
	}
	for i, w := range s.waiting {
		if w.last == i+1 {
			continue
		}
		w.last = i + 1
		select {
		case <-w.place: // only the latest place is of interest
		default:
		}
		w.place <- w.last
	}
}
