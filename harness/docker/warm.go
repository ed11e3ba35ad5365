package docker

import (
	"context"
	"errors"
	"time"

	"github.com/carrel-dev/carrel/build/images"
	"github.com/carrel-dev/carrel/harness"
	"github.com/carrel-dev/carrel/harness/agent/client"
	"github.com/carrel-dev/carrel/lesson"
	harnessv1 "github.com/carrel-dev/carrel/proto/gen/carrel/harness/v1"
)

// errSaving is why nothing is prepared ahead of time.
var errSaving = errors.New("the computer saves power")

// Warm makes sure that the next Open of a spec finds a container that waits: started, greeted, its
// interpreter preloaded. It returns when that is so; when ctx ends before, the work goes on. Asking
// again while one waits or is on its way starts nothing. It fails where nothing may wait and while
// Options.Saving says so; whoever warms ahead of time has no reason to tell a person.
func (r *Runner) Warm(ctx context.Context, spec harness.Spec) error {
	if r.options.MaxIdle < 0 {
		return errors.New("no container may wait")
	}
	if r.options.Saving() {
		return errSaving
	}
	spec, i, err := r.resolve(ctx, spec)
	if err != nil {
		return err
	}
	s := shapeOf(spec, i.ref)
	r.pool.ask(s, spec, i)
	if r.pool.has(s, spec.Owner, spec.Fresh) {
		return nil
	}
	a, begun := r.pool.announce(s)
	if begun {
		if !r.begin() {
			r.pool.arrive(s, a, nil, errClosed())
			return errClosed()
		}
		go func() {
			defer r.work.Done()
			r.prepare(spec, i, a)
		}()
	}
	select {
	case <-a.done:
		return a.err
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// resolve fills in a spec's defaults and finds its image. It fails when the spec cannot be opened. The
// engine is not asked about an image of which a container waits.
func (r *Runner) resolve(ctx context.Context, spec harness.Spec) (harness.Spec, image, error) {
	spec.Limits = spec.Limits.OrDefault()
	if s := shapeOf(spec, refOf(spec.Environment)); r.pool.has(s, spec.Owner, spec.Fresh) {
		if i, ok := r.pool.known(s); ok {
			return spec, i, nil
		}
	}
	engine, err := r.connect(ctx)
	if err != nil {
		return spec, image{}, err
	}
	i, err := r.image(ctx, engine, spec.Environment)
	if err != nil {
		return spec, image{}, err
	}
	if err := checkNetwork(spec, engine.facts); err != nil {
		return spec, image{}, err
	}
	i.services, err = r.serviceImages(ctx, engine, spec.Services)
	return spec, i, err
}

// refOf returns the image of an environment; empty when nobody knows it.
func refOf(env lesson.Environment) string {
	if env.Image != "" {
		return env.Image
	}
	recipe, ok := images.Lookup(env.Name)
	if !ok {
		return ""
	}
	return recipe.Ref()
}

// acquire returns a running container for a spec's owner: one that waits, one that is on its way, or
// a new one.
func (r *Runner) acquire(ctx context.Context, spec harness.Spec, i image) (*container, error) {
	s := shapeOf(spec, i.ref)
	r.pool.ask(s, spec, i)
	r.slots.touch()
	defer r.poke()
	if c := r.pool.take(s, spec.Owner, spec.Fresh); c != nil {
		return c, nil
	}
	if c := r.pool.await(ctx, s, spec.Owner); c != nil {
		return c, nil
	}
	c, err := r.start(ctx, spec, i)
	if err != nil {
		return nil, err
	}
	c.used, c.owner = true, spec.Owner
	// Whoever waits for this container does not wait for its interpreter, too: until that is there, the
	// agent starts commands by itself.
	c.ended.Go(func() { c.preload(r.stopped, i) })
	r.dispose(r.pool.trim(r.bounds())...)
	return c, nil
}

// prepare makes an announced container.
func (r *Runner) prepare(spec harness.Spec, i image, a *arrival) {
	c, err := r.start(r.stopped, spec, i)
	if err == nil && !r.pool.claimed(a) {
		c.preload(r.stopped, i)
		if !r.pool.claimed(a) {
			c.rehearse(r.stopped, i)
		}
	}
	r.pool.arrive(shapeOf(spec, i.ref), a, c, err)
	r.dispose(r.pool.trim(r.bounds())...)
}

// poke tells the keeper that something may be missing.
func (r *Runner) poke() {
	select {
	case r.poked <- struct{}{}:
	default:
	}
}

// keep refills the pool until the Runner is closed: one container at a time, and never while checks
// wait for a CPU.
func (r *Runner) keep() {
	for {
		select {
		case <-r.stopped.Done():
			return
		case <-r.poked:
		}
		for r.refill() {
		}
	}
}

// To start a container takes both CPUs of a small computer for a moment. The pool is refilled when nobody
// has checked for the time quiet, so that no check is slower for it: the first one after opening a lesson
// above all. Where somebody always checks it has to happen in between, after patience.
const quiet, patience = time.Second, 5 * time.Second

// refill adds one container that is missing; false when none is, or none can be had now.
func (r *Runner) refill() bool {
	if r.options.Spare < 0 || r.slots.calm(r.stopped, quiet, patience) != nil || r.options.Saving() {
		return false
	}
	s, d, gone, ok := r.pool.missing(r.options.Spare, r.bounds())
	if !ok {
		return false
	}
	r.dispose(gone...)
	a, begun := r.pool.announce(s)
	if !begun {
		return true // whoever warms it pokes the keeper by asking
	}
	r.prepare(d.spec, d.image, a)
	if a.err != nil {
		// The next one who asks is told why; trying again before would only keep the engine busy.
		r.pool.forget(s)
		r.log.Debug("pool not refilled", "error", a.err)
		return false
	}
	return true
}

const (
	// preloadTimeout is for an interpreter and its libraries from a cold disk.
	preloadTimeout = 20 * time.Second
	// rehearseTimeout is generous: a rehearsal that takes longer is of no use.
	rehearseTimeout = 10 * time.Second
)

// preload starts the language pack's interpreter, from which checks fork. Without it they only take
// longer.
func (c *container) preload(ctx context.Context, i image) {
	if len(i.pack.Zygote) == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, preloadTimeout)
	defer cancel()
	err := c.conn.Do(ctx, &harnessv1.Command{Verb: &harnessv1.Command_Preload{Preload: &harnessv1.Preload{
		Argv: i.pack.Zygote, Env: environ(i.env, i.pack.Env, i.pack.Check.Env),
	}}})
	if err != nil && !errors.Is(err, client.ErrLost) && ctx.Err() == nil {
		c.runner.log.Warn("interpreter not preloaded", "environment", i.ref, "error", err)
	}
}

// rehearse checks nothing once, so that the first check of somebody finds every page in its place: the
// agent's, the interpreter's, the folders'. Nobody's files are there, and nothing stays.
func (c *container) rehearse(ctx context.Context, i image) {
	command := i.pack.Check.Command
	if len(command) == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, rehearseTimeout)
	defer cancel()
	limits := wireLimits(harness.Limits{CPU: rehearseTimeout, Wall: rehearseTimeout}.OrDefault())
	_, _, err := c.follow(ctx, &harnessv1.Run{
		Argv: command, Env: environ(i.env, i.pack.Env, i.pack.Check.Env), Limits: limits, Check: true,
	}, func(int, []byte) {})
	if err != nil && ctx.Err() == nil {
		c.runner.log.Debug("check not rehearsed", "environment", i.ref, "error", err)
	}
}
