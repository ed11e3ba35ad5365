package journal

import (
	"context"
	"sync"
	"time"

	"github.com/carrel-dev/carrel/fault"
)

// Phase is the one word of how a Loop stands.
type Phase string

// The phases.
const (
	PhaseIdle       Phase = "idle"       // The last exchange was a success, or there was none yet.
	PhaseExchanging Phase = "exchanging" // An exchange is going on.
	PhaseOffline    Phase = "offline"    // The remote cannot be reached; a normal state.
	PhaseRefused    Phase = "refused"    // The remote refused, or something is broken; see Err.
)

// Status is how a Loop stands.
type Status struct {
	Phase Phase
	// LastAt is when the last successful exchange ended; zero when there was none.
	LastAt time.Time
	// OfflineSince is when the remote stopped answering; zero while it answers.
	OfflineSince time.Time
	// Err is why the last exchange failed; nil after a success.
	Err error
	// Last is the result of the last exchange, successful or not.
	Last Result
}

// Loop exchanges when poked and periodically, and waits longer after each failure. The exported fields
// are set before Run and not changed after it. The other methods are safe for concurrent use, also
// before Run.
type Loop struct {
	// Exchange is the work, such as (*Replica).Exchange.
	Exchange func(ctx context.Context) (Result, error)
	// Interval is the pause after a success; five minutes when zero.
	Interval time.Duration
	// Eager is the pause after something was pushed, and for some exchanges after it: the remote is
	// likely to have an answer soon, such as a verification. Zero means Interval.
	Eager time.Duration
	// Backoff spaces failures.
	Backoff Backoff
	// Changed is told each new status, in order, on the goroutine of Run. It may be nil.
	Changed func(Status)

	mu      sync.Mutex
	status  Status
	wake    chan struct{}
	waiting []chan Status // of Sync calls, for the next exchange to begin

	eager int // exchanges left that follow quickly; Run's own
}

// eagerTurns is how many exchanges follow quickly after a push.
const eagerTurns = 10

// Run exchanges until ctx is done and returns its error. The first exchange is at once.
func (l *Loop) Run(ctx context.Context) error {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-timer.C:
		case <-l.wakeups():
		}
		timer.Reset(l.turn(ctx))
	}
}

// Once exchanges one time and returns the status after it. It is for programs that do not Run.
func (l *Loop) Once(ctx context.Context) Status {
	l.turn(ctx)
	return l.Status()
}

// turn exchanges once and returns how long to wait.
func (l *Loop) turn(ctx context.Context) time.Duration {
	l.mu.Lock()
	waiting := l.waiting
	l.waiting = nil
	l.mu.Unlock()
	l.set(func(s *Status) { s.Phase = PhaseExchanging })
	result, err := l.Exchange(ctx)
	status := l.set(func(s *Status) {
		if ctx.Err() != nil {
			s.Phase = PhaseIdle // stopped by us, which tells nothing about the remote
			return
		}
		s.conclude(result, err, time.Now())
	})
	for _, w := range waiting {
		w <- status
	}
	if err != nil {
		return l.Backoff.Next()
	}
	l.Backoff.Reset()
	if result.Pushed > 0 && l.Eager > 0 {
		l.eager = eagerTurns
	}
	if l.eager > 0 {
		l.eager--
		return l.Eager
	}
	if l.Interval <= 0 {
		return 5 * time.Minute
	}
	return l.Interval
}

// conclude takes in how an exchange ended.
func (s *Status) conclude(result Result, err error, now time.Time) {
	s.Last, s.Err = result, err
	if err != nil && fault.KindOf(err) == fault.Unavailable {
		s.Phase = PhaseOffline
		if s.OfflineSince.IsZero() {
			s.OfflineSince = now
		}
		return
	}
	s.OfflineSince = time.Time{}
	if err != nil {
		s.Phase = PhaseRefused
		return
	}
	s.Phase, s.LastAt = PhaseIdle, now
}

func (l *Loop) set(change func(*Status)) Status {
	l.mu.Lock()
	change(&l.status)
	status := l.status
	l.mu.Unlock()
	if l.Changed != nil {
		l.Changed(status)
	}
	return status
}

// wakeups returns the channel that Poke sends on, of one element: a poke during an exchange causes
// another one after it.
func (l *Loop) wakeups() chan struct{} {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.wake == nil {
		l.wake = make(chan struct{}, 1)
	}
	return l.wake
}

// Poke asks for an exchange soon, whatever the backoff says. It never blocks; several pokes may become
// one exchange.
func (l *Loop) Poke() {
	select {
	case l.wakeups() <- struct{}{}:
	default:
	}
}

// Sync asks for an exchange that begins after the call, and returns the status after it, or ctx's
// error. Without Run it waits for ctx.
func (l *Loop) Sync(ctx context.Context) (Status, error) {
	done := make(chan Status, 1)
	l.mu.Lock()
	l.waiting = append(l.waiting, done)
	l.mu.Unlock()
	l.Poke()
	select {
	case status := <-done:
		return status, nil
	case <-ctx.Done():
		return Status{}, ctx.Err()
	}
}

// Status returns how the loop stands.
func (l *Loop) Status() Status {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.status.Phase == "" {
		return Status{Phase: PhaseIdle}
	}
	return l.status
}
