package spread

import (
	"context"
	"time"

	"github.com/carrel-dev/carrel/fault"
)

// state is what is believed of an engine.
type state int

// The states. A doubtful engine has failed at something and is being probed: it is only used when no
// other one is left. One that is down is not used.
const (
	up state = iota
	doubtful
	down
)

// member is an engine with what is known of it. Its fields below are under the Runner's lock.
type member struct {
	Engine
	doubted chan struct{} // it shall be probed

	state    state
	sessions int // open ones
}

// before tells whether m is the better choice.
func (m *member) before(other *member) bool {
	if m.state != other.state {
		return m.state < other.state
	}
	return m.sessions*other.Weight < other.sessions*m.Weight
}

// An engine that is down is probed after a second, and then less and less often.
const (
	firstPause   = time.Second
	longestPause = 30 * time.Second
	probeTimeout = 20 * time.Second
)

// watch probes one engine whenever it is doubted, and until it can be used again.
func (r *Runner) watch(m *member) {
	for {
		select {
		case <-r.stopped.Done():
			return
		case <-m.doubted:
		}
		for pause := firstPause; !r.probe(m); pause = min(2*pause, longestPause) {
			select {
			case <-r.stopped.Done():
				return
			case <-time.After(pause):
			}
		}
	}
}

// probe asks an engine and returns whether it can be used.
func (r *Runner) probe(m *member) bool {
	ctx, cancel := context.WithTimeout(r.stopped, probeTimeout)
	defer cancel()
	err := m.Probe(ctx)
	r.mu.Lock()
	before := m.state
	if m.state = up; err != nil {
		m.state = down
	}
	after := m.state
	r.mu.Unlock()
	switch {
	case r.stopped.Err() != nil:
	case after == down && before != down:
		message, hint := fault.Sentence(err)
		r.log.Warn("an engine is out of use", "engine", m.Name, "message", message, "hint", hint, "error", err)
	case after == up && before == down:
		r.log.Info("an engine can be used again", "engine", m.Name)
	}
	return err == nil
}
