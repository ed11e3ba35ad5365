// Package docker runs exercises on a Docker engine: this computer's or a remote one. Each environment
// is one hardened container with the agent as its only root process; the agent speaks over the
// container's standard input and output, so nothing of the host is mounted and no port is published.
package docker

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"math/big"
	"os"
	"slices"
	"sync"
	"time"

	"github.com/docker/docker/client"

	"github.com/carrel-dev/carrel/harness"
	"github.com/carrel-dev/carrel/harness/agent/binary"
)

// Options configures a Runner. The zero value is right for the desktop.
type Options struct {
	// Host is the engine's address as in DOCKER_HOST; when empty, the engine is looked for.
	Host string
	// Name is the runner's name in reports; when empty, "docker".
	Name string
	// Parallel is how many checks run at once; when 0, one per CPU of the engine.
	Parallel int
	// MaxIdle is how many containers wait for their owner's next check; when 0, up to 8, and fewer
	// where they would take more than a quarter of the memory. Negative keeps none.
	MaxIdle int
	// IdleFor is how long a container waits; when 0, ten minutes.
	IdleFor time.Duration
	// Agent returns the agent's program for an architecture; when nil, the one built in.
	Agent func(arch string) ([]byte, error)
	// Log receives what an operator may want to know; when nil, slog's default.
	Log *slog.Logger
}

// Runner opens environments on a Docker engine. It is safe for concurrent use. The engine may start
// after it and come and go; only the methods that need it then fail, with Unavailable.
type Runner struct {
	options Options
	log     *slog.Logger
	process string // this process's label
	pool    pool
	slots   slots
	work    sync.WaitGroup // goroutines and sessions' ends
	stop    context.CancelFunc
	stopped context.Context //nolint:containedctx // the Runner's own life, ended by Close

	mu         sync.Mutex
	engine     *connected
	uids       map[uint32]bool
	containers map[*container]struct{} // every one that is not removed yet
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
	if o.Log == nil {
		o.Log = slog.Default()
	}
	stopped, stop := context.WithCancel(context.Background()) //nolint:forbidigo // the Runner lives until Close
	r := &Runner{options: o, log: o.Log, process: thisProcess(), stopped: stopped, stop: stop, uids: map[uint32]bool{}, containers: map[*container]struct{}{}}
	r.work.Go(r.retire)
	return r
}

// Probe returns the engine that checks run on, or a fault that says what to do.
func (r *Runner) Probe(ctx context.Context) (Engine, error) {
	api, facts, err := connect(ctx, r.options.Host)
	if err != nil {
		return Engine{}, err
	}
	return facts, api.Close()
}

// Open returns a session; see harness.Runner.
func (r *Runner) Open(ctx context.Context, spec harness.Spec) (harness.Session, error) {
	spec.Limits = spec.Limits.OrDefault()
	engine, err := r.connect(ctx)
	if err != nil {
		return nil, err
	}
	image, err := r.image(ctx, engine, spec.Environment)
	if err != nil {
		return nil, err
	}
	if err := checkNetwork(spec.Network); err != nil {
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

// Warm prepares an environment so that the next Open of the same spec is quick.
func (r *Runner) Warm(ctx context.Context, spec harness.Spec) error {
	if spec.Fresh {
		return nil
	}
	s, err := r.Open(ctx, spec)
	if err != nil {
		return err
	}
	return s.Close()
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
	var errs error
	for _, c := range left {
		errs = errors.Join(errs, c.remove())
	}
	if engine != nil {
		// Refused while another process's containers use it, which is right.
		r.removeVolumes(context.Background(), engine, "") //nolint:forbidigo // cleaning up outlives every request
		errs = errors.Join(errs, engine.api.Close())
	}
	return errs
}

// connect returns the engine, looking for it when none is known or the known one is gone.
func (r *Runner) connect(ctx context.Context) (*connected, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.stopped.Err() != nil {
		return nil, errClosed()
	}
	if r.engine != nil {
		ping, cancel := context.WithTimeout(ctx, connectTimeout)
		defer cancel()
		if _, err := r.engine.api.Ping(ping); err == nil {
			return r.engine, nil
		}
		_ = r.engine.api.Close()
		r.engine = nil
	}
	api, facts, err := connect(ctx, r.options.Host)
	if err != nil {
		return nil, err
	}
	e := &connected{api: api, facts: facts}
	if e.agent, err = r.options.Agent(facts.Architecture); err != nil {
		return nil, errors.Join(err, api.Close())
	}
	e.volume = volumeName(e.agent)
	r.removeLeftovers(ctx, e)
	r.slots.size(r.options.Parallel, facts.CPUs)
	r.engine = e
	return e, nil
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
			c.uid = uid
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
}

// idleInterval is how often idle containers are looked at.
const idleInterval = 10 * time.Second

// retire removes containers that nobody came back for, until the Runner is closed.
func (r *Runner) retire() {
	tick := time.NewTicker(idleInterval)
	defer tick.Stop()
	for {
		select {
		case <-r.stopped.Done():
			return
		case now := <-tick.C:
			for _, c := range r.pool.expired(now.Add(-r.options.IdleFor)) {
				if err := c.remove(); err != nil {
					r.log.Warn("idle container not removed", "error", err)
				}
			}
		}
	}
}

func hostName() string {
	name, err := os.Hostname()
	if err != nil {
		return "unknown"
	}
	return name
}

// thisProcess names this process for good: process ids are used again.
func thisProcess() string {
	return fmt.Sprintf("%s/%s", hostName(), processIdentity(os.Getpid()))
}
