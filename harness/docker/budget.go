package docker

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"

	containertypes "github.com/docker/docker/api/types/container"
)

// bounds is how much may wait.
type bounds struct {
	most  int   // containers that wait
	bytes int64 // memory of all containers, those in use among them
	busy  int64 // memory of those in use
}

// hold tells whether these containers and one more of that size may wait; 0 means none more.
func (b bounds) hold(idle []*container, more int64) bool {
	count, bytes := len(idle), b.busy+more
	if more > 0 {
		count++
	}
	for _, c := range idle {
		bytes += c.footprint()
	}
	return count <= b.most && bytes <= b.bytes
}

const (
	// defaultIdle is how many containers wait at most when nobody says so: more would mean more lessons
	// at once than anybody works on.
	defaultIdle = 8
	// budgetShare of the engine's memory is for containers: the learner has other programs, too.
	budgetShare = 4
	// guessedBytes is what a waiting container is taken for until it is measured: the agent, the kernel's
	// part and page tables are 21 MiB, a preloaded interpreter about as much again.
	guessedBytes = 48 << 20
)

// bounds returns how much may wait now.
func (r *Runner) bounds() bounds {
	r.mu.Lock()
	engine := r.engine
	all := make([]*container, 0, len(r.containers))
	for c := range r.containers {
		all = append(all, c)
	}
	r.mu.Unlock()
	b := bounds{most: r.options.MaxIdle, bytes: r.options.MemoryBudget}
	if b.bytes == 0 && engine != nil {
		b.bytes = engine.facts.MemoryBytes / budgetShare
	}
	for _, c := range all {
		b.busy += c.footprint()
	}
	for _, c := range r.pool.waiting() {
		b.busy -= c.footprint()
	}
	return b
}

// footprint is what a container takes while it waits.
func (c *container) footprint() int64 {
	if n := c.bytes.Load(); n > 0 {
		return n
	}
	return guessedBytes
}

// footprintOf is what one more container of an image will take.
func footprintOf(containers []*container, image string) int64 {
	for _, c := range containers {
		if n := c.bytes.Load(); c.shape.image == image && n > 0 {
			return n
		}
	}
	return guessedBytes
}

// measure asks the engine once for each waiting container what it takes. It stays nearly the same:
// whatever an owner did was emptied before the container waited.
func (r *Runner) measure(ctx context.Context) {
	var looks sync.WaitGroup // at once: some engines answer with the next second
	for _, c := range r.pool.waiting() {
		if c.bytes.Load() > 0 || !c.alive() {
			continue
		}
		looks.Go(func() {
			n, err := c.memory(ctx)
			if err != nil {
				r.log.Debug("container not measured", "error", err)
				return
			}
			c.bytes.Store(n)
		})
	}
	looks.Wait()
}

// memory asks the engine how much memory a container takes, without what the kernel would give back
// at once.
func (c *container) memory(ctx context.Context) (int64, error) {
	stats, err := c.stats(ctx)
	if err != nil {
		return 0, err
	}
	m := stats.MemoryStats
	cache := m.Stats["total_inactive_file"] // cgroup version 1
	if cache == 0 {
		cache = m.Stats["inactive_file"]
	}
	return max(int64(m.Usage)-int64(cache), 1), nil
}

func (c *container) stats(ctx context.Context) (containertypes.StatsResponse, error) {
	var stats containertypes.StatsResponse
	answer, err := c.engine.api.ContainerStatsOneShot(ctx, c.id)
	if err != nil {
		return stats, fmt.Errorf("measuring container: %w", err)
	}
	defer func() { _ = answer.Body.Close() }() // it was read
	if err := json.NewDecoder(answer.Body).Decode(&stats); err != nil {
		return stats, fmt.Errorf("measuring container: %w", err)
	}
	return stats, nil
}
