package docker

import (
	"slices"
	"sync"
	"time"

	"github.com/carrel-dev/carrel/harness"
)

// key says for what a container may be used again: the same owner, environment and outer limits.
type key struct {
	owner, image string
	network      string
	memory       int64
	processes    int64
	disk         int64
}

func keyOf(spec harness.Spec, ref string) key {
	l := spec.Limits
	return key{spec.Owner, ref, string(spec.Network), l.MemoryBytes, l.Processes, l.DiskBytes}
}

// pool holds idle containers. The zero value is ready.
type pool struct {
	mu   sync.Mutex
	idle []*container // the longest idle first
}

// take returns an idle container, nil when there is none.
func (p *pool) take(k key) *container {
	p.mu.Lock()
	defer p.mu.Unlock()
	for i, c := range slices.Backward(p.idle) {
		if c.key == k && c.alive() {
			p.idle = slices.Delete(p.idle, i, i+1)
			return c
		}
	}
	return nil
}

// give keeps a container and returns those that are too many.
func (p *pool) give(c *container, most int) []*container {
	p.mu.Lock()
	defer p.mu.Unlock()
	c.idleSince = time.Now()
	p.idle = append(p.idle, c)
	excess := max(len(p.idle)-max(most, 0), 0)
	out := slices.Clone(p.idle[:excess])
	p.idle = slices.Delete(p.idle, 0, excess)
	return out
}

// expired removes and returns what is dead or idle since before the deadline.
func (p *pool) expired(deadline time.Time) []*container {
	p.mu.Lock()
	defer p.mu.Unlock()
	var out []*container
	p.idle = slices.DeleteFunc(p.idle, func(c *container) bool {
		old := c.idleSince.Before(deadline) || !c.alive()
		if old {
			out = append(out, c)
		}
		return old
	})
	return out
}

func (p *pool) drain() []*container {
	p.mu.Lock()
	defer p.mu.Unlock()
	out := p.idle
	p.idle = nil
	return out
}

// idleBytes is what a waiting container takes: the agent, the kernel's part and page tables
// (21 MiB measured), with some room.
const idleBytes = 32 << 20

// mostIdle is how many containers may wait.
func mostIdle(option int, memoryBytes int64) int {
	if option != 0 {
		return max(option, 0)
	}
	return int(min(8, max(1, memoryBytes/4/idleBytes)))
}
