// Package spread runs exercises on several engines as if they were one: each session goes to the least
// loaded engine that answers, and moves to another one when its own fails.
package spread

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"

	"github.com/carrel-dev/carrel/fault"
	"github.com/carrel-dev/carrel/harness"
)

// Engine is a Runner among others.
type Engine struct {
	// Name is for the log.
	Name   string
	Runner harness.Runner
	// Probe returns nil when the engine can be used. It is called now and then while it cannot, from
	// one goroutine at a time.
	Probe func(ctx context.Context) error
	// Weight is how much the engine can do, such as its number of CPUs; 0 counts as 1.
	Weight int
}

// Runner is safe for concurrent use. Its sessions keep to the contract of harness.Session, with one
// addition: a check that an engine could not carry out is tried once more, on another engine.
type Runner struct {
	log     *slog.Logger
	stopped context.Context //nolint:containedctx // the Runner's own life, ended by Close
	stop    context.CancelFunc
	work    sync.WaitGroup
	members []*member

	mu      sync.Mutex // of every member's state and load
	closing bool
}

// New returns a Runner over engines, which stay the caller's. All of them are believed in until they
// fail. The caller closes it, before the engines. There must be at least one.
func New(engines []Engine, log *slog.Logger) *Runner {
	stopped, stop := context.WithCancel(context.Background()) //nolint:forbidigo // the Runner lives until Close
	r := &Runner{log: log, stopped: stopped, stop: stop}
	for _, e := range engines {
		e.Weight = max(e.Weight, 1)
		m := &member{Engine: e, doubted: make(chan struct{}, 1)}
		r.members = append(r.members, m)
		r.work.Go(func() { r.watch(m) })
	}
	return r
}

// Close ends the Runner's own work. Its sessions are closed by those who opened them.
func (r *Runner) Close() error {
	r.mu.Lock()
	r.closing = true
	r.mu.Unlock()
	r.stop()
	r.work.Wait()
	return nil
}

// Open returns a session; see harness.Runner. An engine that lacks the environment is no worse for it,
// but another one is asked.
func (r *Runner) Open(ctx context.Context, spec harness.Spec) (harness.Session, error) {
	s := &session{runner: r, spec: spec}
	if err := s.open(ctx, nil); err != nil {
		return nil, err
	}
	return s, nil
}

// pick reserves the least loaded engine, none of those to avoid; nil when there is none.
func (r *Runner) pick(avoid []*member) *member {
	r.mu.Lock()
	defer r.mu.Unlock()
	var best *member
	for _, m := range r.members {
		if m.state == down || slices.Contains(avoid, m) {
			continue
		}
		if best == nil || m.before(best) {
			best = m
		}
	}
	if best != nil {
		best.sessions++
	}
	return best
}

// release gives back what pick reserved.
func (r *Runner) release(m *member) {
	r.mu.Lock()
	defer r.mu.Unlock()
	m.sessions--
}

// doubt has an engine probed that failed at something.
func (r *Runner) doubt(m *member) {
	r.mu.Lock()
	if m.state == up {
		m.state = doubtful
	}
	r.mu.Unlock()
	select {
	case m.doubted <- struct{}{}:
	default: // it will be
	}
}

func (r *Runner) stateOf(m *member) state {
	r.mu.Lock()
	defer r.mu.Unlock()
	return m.state
}

// inBackground closes what is of no use any more, which may take the time that a dead engine takes to
// be given up.
func (r *Runner) inBackground(close func() error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closing {
		return // the engine's own Runner ends everything on it
	}
	r.work.Go(func() {
		if err := close(); err != nil {
			r.log.Warn("session on a failed engine not closed", "error", err)
		}
	})
}

// failedEngine tells an engine's failure from a wrong request and from a caller who has given up.
func failedEngine(ctx context.Context, err error) bool {
	return ctx.Err() == nil && fault.KindOf(err) == fault.Unavailable
}

func errNone(tried error) error {
	if tried != nil {
		return tried
	}
	return fault.New(fault.Unavailable, "None of the engines for checks answers.", "They are looked for all the time. Start one of them.")
}

// alternative tells whether another engine may do better where one has failed.
func alternative(ctx context.Context, err error) bool {
	return failedEngine(ctx, err) || ctx.Err() == nil && fault.KindOf(err) == fault.NotFound
}

// worst joins failures of several engines so that the last one speaks to the person.
func worst(last, before error) error {
	if before == nil {
		return last
	}
	if f, ok := errors.AsType[*fault.Error](last); ok {
		return fault.Wrap(errors.Join(last, before), f.Kind, f.Message, f.Hint)
	}
	return errors.Join(last, before)
}
