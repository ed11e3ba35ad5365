package docker

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	containertypes "github.com/docker/docker/api/types/container"

	harnessv1 "github.com/carrel-dev/carrel/proto/gen/carrel/harness/v1"
)

// Checks have slots, so that no more of them run than there are CPUs. Programs and terminals have none:
// ten learners with an endless loop in a terminal would slow down everybody's checks. A container whose
// programs keep a CPU busy therefore gets a small weight, with which it has what is left over; it gets
// its weight back for its own checks.
const (
	// mostCPUs is how many CPUs one container uses at most: more would make an exercise that starts many
	// threads behave differently on a large machine, and let one learner have all of it.
	mostCPUs = 2
	// fullWeight is the kernel's own, and leftoverWeight is 1/64 of it: beside a check, an endless loop
	// has 1.5 % of a CPU.
	fullWeight, leftoverWeight = 1024, 16
	// busyCPUs and calmCPUs are how many CPUs programs use for longer than idleInterval to lose and to regain the
	// weight. One that has little left uses little, so that calmCPUs has to be less than it gets
	// then.
	busyCPUs, calmCPUs = 0.5, 0.005
	// weighTimeout bounds what a check waits for its weight.
	weighTimeout = 5 * time.Second
)

// cpuCap is the most a container uses of an engine, in billionths of a CPU.
func cpuCap(cpus int) int64 { return int64(min(max(cpus, 1), mostCPUs)) * 1e9 }

// load is what is known of a container's use of the CPU. The zero value is that of one with no programs.
type load struct {
	programs atomic.Bool // it has or had some
	checking atomic.Bool
	checks   atomic.Int64 // what checks have used, in milliseconds

	mu    sync.Mutex // held while the weight is changed
	light bool
	at    time.Time     // when it was last looked at
	used  time.Duration // by programs, until then
}

// begins notes a command, and gives a check the container's full weight.
func (l *load) begins(ctx context.Context, c *container, run *harnessv1.Run) {
	if !run.Check {
		l.programs.Store(true)
		return
	}
	l.checking.Store(true)
	if l.programs.Load() {
		l.weigh(ctx, c, false)
	}
}

func (l *load) ended(run *harnessv1.Run, exit *harnessv1.Exit) {
	if run.Check {
		l.checks.Add(exit.GetUsage().GetCpuMs())
		l.checking.Store(false)
	}
}

// weigh gives a container its weight: never a light one during a check. That an engine cannot is no
// reason not to check.
func (l *load) weigh(ctx context.Context, c *container, light bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.light == light || light && l.checking.Load() {
		return
	}
	weight := int64(fullWeight)
	if light {
		weight = leftoverWeight
	}
	ctx, cancel := context.WithTimeout(ctx, weighTimeout)
	defer cancel()
	_, err := c.engine.api.ContainerUpdate(ctx, c.id, containertypes.UpdateConfig{Resources: containertypes.Resources{CPUShares: weight}})
	if err != nil {
		c.runner.log.Debug("container not weighed", "error", err)
		return
	}
	l.light = light
}

// curb looks at the containers with programs, once per idleInterval.
func (r *Runner) curb(ctx context.Context) {
	r.mu.Lock()
	var all []*container
	for c := range r.containers {
		if c.load.programs.Load() && c.beside == nil {
			all = append(all, c)
		}
	}
	r.mu.Unlock()
	var looks sync.WaitGroup // at once: some engines answer with the next second
	for _, c := range all {
		looks.Go(func() { c.curb(ctx) })
	}
	looks.Wait()
}

func (c *container) curb(ctx context.Context) {
	if !c.alive() {
		return
	}
	stats, err := c.stats(ctx)
	if err != nil {
		c.runner.log.Debug("container not measured", "error", err)
		return
	}
	used := time.Duration(stats.CPUStats.CPUUsage.TotalUsage) - time.Duration(c.load.checks.Load())*time.Millisecond
	if cpus, ok := c.load.look(used, time.Now()); ok && cpus > busyCPUs {
		c.load.weigh(ctx, c, true)
	} else if ok && cpus < calmCPUs {
		c.load.weigh(ctx, c, false)
	}
}

// look returns how many CPUs programs have used since it was called last; false the first time.
func (l *load) look(used time.Duration, now time.Time) (cpus float64, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	elapsed, more := now.Sub(l.at), used-l.used
	ok = !l.at.IsZero() && elapsed > 0
	l.at, l.used = now, used
	if !ok {
		return 0, false
	}
	return float64(more) / float64(elapsed), true
}
