package account

import (
	"fmt"
	"sync"
	"time"

	"github.com/carrel-dev/carrel/fault"
)

// maxCounters bounds the limiter's memory, about 2 MB, whatever strangers send.
const maxCounters = 10_000

// allowance is how often something may be tried in a while.
type allowance struct {
	key   string
	tries int
	per   time.Duration
}

// logins lists what one attempt to sign in is counted against. A whole school may share an address,
// and one account may be attacked from many.
func logins(address, email string) []allowance {
	return []allowance{
		{"login " + address + " " + email, 10, 15 * time.Minute},
		{"login from " + address, 200, 15 * time.Minute},
		{"login as " + email, 100, 15 * time.Minute},
	}
}

func registrations(address string) []allowance {
	return []allowance{{"register " + address, 100, time.Hour}}
}

// limiter counts tries in fixed windows. It is safe for concurrent use.
type limiter struct {
	mu       sync.Mutex
	counters map[string]counter
}

type counter struct {
	tries  int
	endsAt time.Time
}

func newLimiter() *limiter { return &limiter{counters: map[string]counter{}} }

// spend takes one try from every allowance, before the try is made: tries made at the same time count
// too. The returned function gives them back, for a try that was no guess.
func (l *limiter) spend(allowances []allowance) (refund func(), err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	for _, a := range allowances {
		if c := l.counters[a.key]; c.tries >= a.tries && now.Before(c.endsAt) {
			minutes := int(c.endsAt.Sub(now)/time.Minute) + 1
			return nil, fault.New(fault.Exhausted, "There were too many attempts.",
				fmt.Sprintf("Wait %d min, then try again.", minutes))
		}
	}
	for _, a := range allowances {
		c := l.counters[a.key]
		if !now.Before(c.endsAt) {
			l.makeRoom(now)
			c = counter{endsAt: now.Add(a.per)}
		}
		c.tries++
		l.counters[a.key] = c
	}
	return func() { l.giveBack(allowances) }, nil
}

func (l *limiter) giveBack(allowances []allowance) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, a := range allowances {
		if c := l.counters[a.key]; c.tries > 1 {
			c.tries--
			l.counters[a.key] = c
		} else {
			delete(l.counters, a.key)
		}
	}
}

// makeRoom drops counters whose window is over, and where that is not enough, any one: an attacker who
// can fill the table from that many addresses is not stopped by counting.
func (l *limiter) makeRoom(now time.Time) {
	if len(l.counters) < maxCounters {
		return
	}
	for key, c := range l.counters {
		if !now.Before(c.endsAt) {
			delete(l.counters, key)
		}
	}
	for key := range l.counters {
		if len(l.counters) < maxCounters {
			return
		}
		delete(l.counters, key)
	}
}
