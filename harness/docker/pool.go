package docker

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/carrel-dev/carrel/harness"
)

// shape says what a container is made for: containers of one shape can stand in for each other until
// somebody has used them.
type shape struct {
	image, network, services string
	memory, processes, disk  int64
}

func shapeOf(spec harness.Spec, ref string) shape {
	l := spec.Limits
	s := shape{image: ref, network: string(spec.Network), memory: l.MemoryBytes, processes: l.Processes, disk: l.DiskBytes}
	if len(spec.Services) > 0 {
		s.services = harness.DigestOf(spec.Services)
	}
	return s
}

// pool holds the containers that wait: those of owners, for their next check, and unowned ones, which
// nobody has used, for whoever comes. A container that an owner has used is never given to another.
// The zero value is ready.
type pool struct {
	mu      sync.Mutex
	idle    []*container // the longest idle first
	demands map[shape]demand
	coming  map[shape]*arrival
}

// demand is what a shape was last asked for with.
type demand struct {
	spec  harness.Spec
	image image
	at    time.Time
	times int
}

// arrival is a container on its way into the pool.
type arrival struct {
	done chan struct{} // closed when it is there or will never be

	// Guarded by the pool's mu, and for good once done is closed.
	claimed bool       // somebody waits for it
	given   *container // to whom claimed it
	err     error
}

// ask notes that a container of a shape is wanted. Unowned ones are kept for a shape from the second
// time on: a command that checks once and ends has no use for them.
func (p *pool) ask(s shape, spec harness.Spec, i image) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.demands == nil {
		p.demands = map[shape]demand{}
	}
	p.demands[s] = demand{spec, i, time.Now(), p.demands[s].times + 1}
}

// known returns the image that a shape was last asked for with.
func (p *pool) known(s shape) (image, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	d, ok := p.demands[s]
	return d.image, ok
}

// forget ends a demand, because it cannot be met.
func (p *pool) forget(s shape) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.demands, s)
}

// take returns a waiting container for an owner: their own unless it must be fresh, else an unowned
// one; nil when there is none.
func (p *pool) take(s shape, owner string, fresh bool) *container {
	p.mu.Lock()
	defer p.mu.Unlock()
	found := -1
	for i, c := range slices.Backward(p.idle) {
		if c.shape != s || !c.alive() {
			continue
		}
		if c.used && !fresh && c.owner == owner {
			found = i
			break
		}
		if !c.used {
			found = i // the last one found waits longest, and is the warmest
		}
	}
	if found < 0 {
		return nil
	}
	c := p.idle[found]
	p.idle = slices.Delete(p.idle, found, found+1)
	c.used, c.owner = true, owner
	return c
}

// has tells whether take would find a container.
func (p *pool) has(s shape, owner string, fresh bool) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.ContainsFunc(p.idle, func(c *container) bool {
		return c.shape == s && c.alive() && (!c.used || !fresh && c.owner == owner)
	})
}

// announce says that a container of a shape is being made. When one is already, it is returned and
// begun is false.
func (p *pool) announce(s shape) (a *arrival, begun bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if a := p.coming[s]; a != nil {
		return a, false
	}
	if p.coming == nil {
		p.coming = map[shape]*arrival{}
	}
	a = &arrival{done: make(chan struct{})}
	p.coming[s] = a
	return a, true
}

// claimed tells whether somebody waits for an arrival.
func (p *pool) claimed(a *arrival) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return a.claimed
}

// arrive ends an announcement: c, or nil with the reason.
func (p *pool) arrive(s shape, a *arrival, c *container, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.coming, s)
	a.err = err
	if c != nil {
		if a.claimed {
			a.given = c
		} else {
			c.idleSince = time.Now()
			p.idle = append(p.idle, c)
		}
	}
	close(a.done)
}

// await returns the container of a shape that is on its way, for an owner; nil when none is, when
// somebody else waits for it, or when it does not arrive.
func (p *pool) await(ctx context.Context, s shape, owner string) *container {
	p.mu.Lock()
	a := p.coming[s]
	if a == nil || a.claimed {
		p.mu.Unlock()
		return nil
	}
	a.claimed = true
	p.mu.Unlock()
	select {
	case <-a.done:
	case <-ctx.Done():
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	c := a.given
	a.claimed, a.given = false, nil
	if c == nil {
		return nil
	}
	if ctx.Err() != nil || !c.alive() {
		p.idle = append(p.idle, c) // it arrived at the same moment, or expires
		return nil
	}
	c.used, c.owner = true, owner
	return c
}

// give keeps a container for its owner.
func (p *pool) give(c *container) {
	p.mu.Lock()
	defer p.mu.Unlock()
	c.idleSince = time.Now()
	p.idle = append(p.idle, c)
}

// expired removes and returns what is dead, what no owner came back for since the deadline, and what
// is unowned and of a shape that nobody asked for since then.
func (p *pool) expired(deadline time.Time) []*container {
	p.mu.Lock()
	defer p.mu.Unlock()
	for s, d := range p.demands {
		if d.at.Before(deadline) {
			delete(p.demands, s)
		}
	}
	return p.remove(func(c *container) bool {
		if !c.used {
			_, wanted := p.demands[c.shape]
			return !wanted || !c.alive()
		}
		return c.idleSince.Before(deadline) || !c.alive()
	})
}

// remove takes out of the pool and returns what matches. The caller holds mu.
func (p *pool) remove(match func(*container) bool) []*container {
	var out []*container
	p.idle = slices.DeleteFunc(p.idle, func(c *container) bool {
		if match(c) {
			out = append(out, c)
			return true
		}
		return false
	})
	return out
}

// trim removes and returns what waits beyond the bounds: unowned containers first, those whose shape
// was asked for longest ago before others, then owned ones, the longest idle first, and the unowned ones
// of the shape asked for last at the very end.
//
// Unowned ones go first because they are a guess about what will be asked, made again in the background
// when there is room, while an owner who was here minutes ago comes back to a container that has the
// files already. For the shape asked for last it is no guess: somebody has just opened a lesson.
func (p *pool) trim(b bounds) []*container {
	p.mu.Lock()
	defer p.mu.Unlock()
	var out []*container
	for len(p.idle) > 0 && !b.hold(p.idle, 0) {
		c := p.leastWanted()
		if c == nil || c.shape == p.lastAsked() {
			c = p.longestIdle()
		}
		out = append(out, p.remove(func(d *container) bool { return d == c })...)
	}
	return out
}

// longestIdle returns the owned container that waits longest, any when none is owned. The caller holds mu.
func (p *pool) longestIdle() *container {
	if i := slices.IndexFunc(p.idle, func(c *container) bool { return c.used }); i >= 0 {
		return p.idle[i]
	}
	return p.idle[0]
}

// lastAsked returns the shape that was asked for last. The caller holds mu.
func (p *pool) lastAsked() (last shape) {
	var at time.Time
	for s, d := range p.demands {
		if d.at.After(at) {
			last, at = s, d.at
		}
	}
	return last
}

// leastWanted returns the unowned container whose shape was asked for longest ago, nil when there is
// none. The caller holds mu.
func (p *pool) leastWanted() *container {
	var found *container
	for _, c := range p.idle {
		if !c.used && (found == nil || p.demands[c.shape].at.Before(p.demands[found.shape].at)) {
			found = c
		}
	}
	return found
}

// missing returns a shape that has fewer unowned containers than it should and for which there is
// room, the last asked for first, with the containers that have to go for it. Owned ones never go for
// a guess, and unowned ones only when they were asked for longer ago.
func (p *pool) missing(spares int, b bounds) (shape, demand, []*container, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	have := map[shape]int{}
	for _, c := range p.idle {
		if !c.used && c.alive() {
			have[c.shape]++
		}
	}
	shapes := make([]shape, 0, len(p.demands))
	for s, d := range p.demands {
		if p.coming[s] != nil {
			have[s]++
		}
		if d.times > 1 && have[s] < spares && len(d.spec.Services) == 0 {
			shapes = append(shapes, s)
		}
	}
	slices.SortFunc(shapes, func(a, b shape) int { return p.demands[b].at.Compare(p.demands[a].at) })
	for _, s := range shapes {
		d := p.demands[s]
		size := footprintOf(p.idle, s.image)
		if b.hold(p.idle, size) {
			return s, d, nil, true
		}
		c := p.leastWanted()
		if c == nil || c.shape == s || !p.demands[c.shape].at.Before(d.at) {
			continue
		}
		rest := slices.DeleteFunc(slices.Clone(p.idle), func(other *container) bool { return other == c })
		if b.hold(rest, size) {
			p.idle = rest
			return s, d, []*container{c}, true
		}
	}
	return shape{}, demand{}, nil, false
}

// waiting returns the containers that wait now.
func (p *pool) waiting() []*container {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.idle)
}

func (p *pool) drain() []*container {
	p.mu.Lock()
	defer p.mu.Unlock()
	out := p.idle
	p.idle = nil
	return out
}
