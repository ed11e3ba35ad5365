// Package docker runs exercises on a Docker engine: this computer's or a remote one. Each environment
// is one hardened container with the agent as its only root process; the agent speaks over the
// container's standard input and output, so nothing of the host is mounted and no port is published.
package docker

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"maps"
	"math/big"
	"slices"
	"sync"
	"time"

	containertypes "github.com/docker/docker/api/types/container"
	"github.com/docker/docker/client"

	"github.com/carrel-dev/carrel/fault"
	"github.com/carrel-dev/carrel/harness"
	"github.com/carrel-dev/carrel/harness/agent/binary"
)

// Options configures a Runner. The zero value is right for the desktop.
type Options struct {
	// Host is the engine's address as in DOCKER_HOST; when empty, the engine is looked for.
	Host string
	// TLS is for a Host that starts with tcp://. Without it, only this computer's own is used.
	TLS TLS
	// SSHConfig is a configuration file for ssh in place of the person's own, for a Host that starts
	// with ssh://.
	SSHConfig string
	// Runtime runs the containers, such as "runsc"; when empty, the engine's own choice.
	Runtime string
	// Name is the runner's name in reports; when empty, "docker".
	Name string
	// Parallel is how many checks run at once; when 0, one per CPU of the engine.
	Parallel int
	// MaxIdle is how many containers wait for their owner's next check, or for their first use, at
	// most; when 0, 8. Negative keeps none.
	MaxIdle int
	// MemoryBudget is how much memory containers may take before waiting ones are removed; when 0, a
	// quarter of the engine's.
	MemoryBudget int64
	// Spare is how many containers that nobody has used wait per kind that was asked for lately, for
	// graded checks, new learners, and in place of one that is lost; when 0, one. Negative makes none.
	Spare int
	// IdleFor is how long a container waits; when 0, ten minutes.
	IdleFor time.Duration
	// Saving tells whether the computer saves power: then nothing is prepared that nobody asked for. It
	// is called often and from several goroutines; nil means never.
	Saving func() bool
	// Agent returns the agent's program for an architecture; when nil, the one built in.
	Agent func(arch string) ([]byte, error)
	// Patience is how long a session waits for an engine that went away under it; when 0, 15 seconds, in
	// which one is restarted. Negative waits for none, which is right where there are others.
	Patience time.Duration
	// Log receives what an operator may want to know; when nil, slog's default.
	Log *slog.Logger

	// tamper makes containers unsafe, for tests of their refusal.
	tamper func(*containertypes.HostConfig)
}

// Runner opens environments on a Docker engine. It is safe for concurrent use. The engine may start
// after it and come and go; only the methods that need it then fail, with Unavailable.
type Runner struct {
	options  Options
	log      *slog.Logger
	process  string // this process's label
	ledger   *ledger
	pool     pool
	poked    chan struct{} // something may be missing in the pool
	arrived  chan struct{} // an engine was connected
	slots    slots
	internet internet
	work     sync.WaitGroup // goroutines and sessions' ends
	stop     context.CancelFunc
	stopped  context.Context //nolint:containedctx // the Runner's own life, ended by Close

	connecting sync.Mutex // held while the engine is looked for
	away       failure    // the last time that it was not found
	mu         sync.Mutex
	engine     *connected
	uids       map[uint32]bool
	containers map[*container]struct{} // every one that is not removed yet
}

// failure is what went wrong, and when.
type failure struct {
	at  time.Time
	err error
}

// connected is an engine that has answered, prepared for our containers.
type connected struct {
	api    *client.Client
	facts  Engine
	volume string // holds the agent
	agent  []byte

	filling sync.Mutex
	filled  bool
}

// New returns a Runner. The caller closes it.
func New(o Options) *Runner {
	if o.Name == "" {
		o.Name = "docker"
	}
	if o.Agent == nil {
		o.Agent = binary.For
	}
	if o.IdleFor == 0 {
		o.IdleFor = 10 * time.Minute
	}
	if o.MaxIdle == 0 {
		o.MaxIdle = defaultIdle
	}
	if o.Spare == 0 {
		o.Spare = 1
	}
	if o.Patience == 0 {
		o.Patience = returnPatience
	}
	if o.Saving == nil {
		o.Saving = func() bool { return false }
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	stopped, stop := context.WithCancel(context.Background()) //nolint:forbidigo // the Runner lives until Close
	r := &Runner{
		options: o, log: o.Log, process: thisProcess(), ledger: newLedger(), stopped: stopped, stop: stop,
		poked: make(chan struct{}, 1), arrived: make(chan struct{}, 1),
		uids: map[uint32]bool{}, containers: map[*container]struct{}{},
	}
	r.work.Go(r.tend)
	r.work.Go(r.keep)
	return r
}

// Open returns a session; see harness.Runner.
func (r *Runner) Open(ctx context.Context, spec harness.Spec) (harness.Session, error) {
	spec, image, err := r.resolve(ctx, spec)
	if err != nil {
		return nil, err
	}
	s := &session{runner: r, spec: spec, image: image}
	began := time.Now()
	if _, err := s.container(ctx); err != nil {
		return nil, err
	}
	s.opened = time.Since(began)
	return s, nil
}

// Close ends every environment and removes what the Runner left on the engine. Sessions fail from
// then on.
func (r *Runner) Close() error {
	r.mu.Lock()
	r.stop()
	r.mu.Unlock()
	r.work.Wait()
	r.mu.Lock()
	engine, left := r.engine, slices.Collect(maps.Keys(r.containers))
	r.engine = nil
	r.mu.Unlock()
	r.pool.drain()
	errs := make([]error, len(left)+1)
	var removing sync.WaitGroup
	for n, c := range left {
		removing.Go(func() { errs[n] = c.remove() })
	}
	removing.Wait()
	if engine != nil {
		ctx, cancel := context.WithTimeout(context.Background(), removeTimeout) //nolint:forbidigo // cleaning up outlives every request
		defer cancel()
		// Refused while another process's containers use it, which is right.
		if err := tolerate(engine.api.VolumeRemove(ctx, engine.volume, false)); err != nil {
			r.log.Warn("agent volume not removed", "error", err)
		}
		errs[len(left)] = engine.api.Close()
	}
	return errors.Join(errs...)
}

// connect returns the engine, looking for it when none is known or the known one is gone.
func (r *Runner) connect(ctx context.Context) (*connected, error) {
	came := time.Now()
	r.connecting.Lock() // apart from mu: an engine that hangs must not hold up what does without
	defer r.connecting.Unlock()
	if r.stopped.Err() != nil {
		return nil, errClosed()
	}
	if r.away.at.After(came) {
		return nil, r.away.err // somebody else has tried while we waited
	}
	known := r.connected()
	if known != nil {
		ping, cancel := context.WithTimeout(ctx, connectTimeout)
		defer cancel()
		_, err := known.api.Ping(ping)
		if err == nil {
			return known, nil
		}
		if ctx.Err() != nil {
			return nil, context.Cause(ctx) // that says nothing about the engine
		}
		r.replace(known, nil)
	}
	api, facts, err := r.options.connect(ctx)
	if err != nil {
		if ctx.Err() == nil {
			r.away = failure{time.Now(), err}
		}
		return nil, err
	}
	e := &connected{api: api, facts: facts}
	if e.agent, err = r.options.Agent(facts.Architecture); err != nil {
		return nil, errors.Join(err, api.Close())
	}
	e.volume = volumeName(e.agent)
	r.slots.size(r.options.Parallel, facts.CPUs)
	if !r.replace(nil, e) {
		return nil, errors.Join(errClosed(), api.Close())
	}
	select {
	case r.arrived <- struct{}{}:
	default:
	}
	return e, nil
}

// connected returns the engine that is known, nil when none is.
func (r *Runner) connected() *connected {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.engine
}

// replace puts one engine in another's place, unless the Runner is closed.
func (r *Runner) replace(old, by *connected) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.engine != old || r.stopped.Err() != nil {
		return false
	}
	if old != nil {
		_ = old.api.Close()
	}
	r.engine = by
	return true
}

// The range learners' user ids come from: below 65536 for user namespaces, above anything a
// distribution assigns. A block of them is used by one container at a time, because the kernel counts
// processes per user over all containers: the first is the learner's in checks, then come home's and
// the tester's.
const firstUID, uidBlock, uidBlocks = 20000, 4, 10000

// begin says that something starts which Close must wait for; work.Done ends it. It is refused once
// Close was called.
func (r *Runner) begin() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.stopped.Err() != nil {
		return false
	}
	r.work.Add(1)
	return true
}

// enlist gives a container its user ids and remembers it until dismiss.
func (r *Runner) enlist(c *container) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	for {
		// By chance, so that two processes on one engine hardly ever meet.
		n, err := rand.Int(rand.Reader, big.NewInt(uidBlocks))
		if err != nil {
			return err
		}
		if uid := firstUID + uidBlock*uint32(n.Int64()); !r.uids[uid] {
			c.uid, c.name = uid, r.ledger.name()
			r.uids[uid] = true
			r.containers[c] = struct{}{}
			return nil
		}
	}
}

func (r *Runner) dismiss(c *container) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.uids, c.uid)
	delete(r.containers, c)
	r.ledger.forget(c.name)
}

// dispose ends containers in the background.
func (r *Runner) dispose(containers ...*container) {
	for _, c := range containers {
		if !r.begin() {
			return // Close removes every container
		}
		go func() {
			defer r.work.Done()
			if err := c.remove(); err != nil {
				r.log.Log(r.stopped, away(err), "container not removed", "error", err) // if not now, the reaper removes it
			}
		}()
	}
}

// idleInterval is how often idle containers are looked at.
const idleInterval = 10 * time.Second

// tend looks after what waits and what is left over, until the Runner is closed.
func (r *Runner) tend() {
	idle := time.NewTicker(idleInterval)
	defer idle.Stop()
	reap := time.NewTimer(reapPause())
	defer reap.Stop()
	for {
		select {
		case <-r.stopped.Done():
			return
		case now := <-idle.C:
			r.dispose(r.pool.expired(now.Add(-r.options.IdleFor))...)
			r.measure(r.stopped)
			r.curb(r.stopped)
			r.dispose(r.pool.trim(r.bounds())...)
			r.poke()
			continue
		case <-r.arrived:
		case <-reap.C:
		}
		if e := r.connected(); e != nil {
			r.reap(r.stopped, e)
		}
		reap.Reset(reapPause())
	}
}

// returned waits for an engine that went away under a session: one that is being restarted is back
// within seconds.
func (r *Runner) returned(ctx context.Context) error {
	deadline := time.Now().Add(r.options.Patience)
	for {
		_, err := r.connect(ctx)
		if err == nil || ctx.Err() != nil || r.stopped.Err() != nil || fault.KindOf(err) != fault.Unavailable || time.Now().After(deadline) {
			return err
		}
		pause := time.NewTimer(returnInterval)
		select {
		case <-pause.C:
		case <-ctx.Done():
		case <-r.stopped.Done():
		}
		pause.Stop()
	}
}

const (
	returnPatience = 15 * time.Second
	returnInterval = 200 * time.Millisecond
)
