package journal

import (
	"context"
	"errors"
	"time"
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

// Backoff spaces repeated attempts: exponential with full jitter. The zero value starts at one second
// and ends at five minutes. It is not safe for concurrent use.
type Backoff struct {
	// Base bounds the first delay, Max every delay.
	Base, Max time.Duration
	failures  int
}

// Next returns how long to wait after one more failure.
func (b *Backoff) Next() time.Duration { return 0 }

// Reset forgets the failures.
func (b *Backoff) Reset() { b.failures = 0 }

// Loop exchanges when poked and periodically, and waits longer after each failure.
type Loop struct {
	// Exchange is the work, such as (*Replica).Exchange.
	Exchange func(ctx context.Context) (Result, error)
	// Interval is the pause after a success; five minutes when zero.
	Interval time.Duration
	// Backoff spaces failures.
	Backoff Backoff
	// Changed is told each new status, in order, on the goroutine of Run. It may be nil.
	Changed func(Status)
}

// Run exchanges until ctx is done and returns its error. It must run once only.
func (l *Loop) Run(ctx context.Context) error { return errors.ErrUnsupported }

// Poke asks for an exchange soon. It never blocks; several pokes may become one exchange.
func (l *Loop) Poke() {}

// Sync asks for an exchange now and returns the status after it, or ctx's error.
func (l *Loop) Sync(ctx context.Context) (Status, error) { return Status{}, errors.ErrUnsupported }

// Status returns how the loop stands.
func (l *Loop) Status() Status { return Status{} }
