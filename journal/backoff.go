package journal

import (
	"math/rand/v2"
	"time"
)

// Backoff spaces repeated attempts: exponential with full jitter, so that a class whose line comes back
// does not return all at once. The zero value starts at one second and ends at five minutes. It is not
// safe for concurrent use.
type Backoff struct {
	// Base bounds the first delay, Max every delay.
	Base, Max time.Duration
	failures  int
}

// Next returns how long to wait after one more failure: anything up to twice as much as before.
func (b *Backoff) Next() time.Duration {
	bound, most := b.Base, b.Max
	if bound <= 0 {
		bound = time.Second
	}
	if most <= 0 {
		most = 5 * time.Minute
	}
	for range b.failures {
		if bound *= 2; bound >= most {
			break
		}
	}
	b.failures++
	return rand.N(min(bound, most)) + 1 //nolint:gosec // to spread devices out; nobody gains by guessing it
}

// Reset forgets the failures.
func (b *Backoff) Reset() { b.failures = 0 }
