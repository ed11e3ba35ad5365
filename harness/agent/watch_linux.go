package agent

import (
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	harnessv1 "github.com/carrel-dev/carrel/proto/gen/carrel/harness/v1"
)

// The limits' names in Exit and in reports.
const (
	limitWall      = "wall"
	limitCPU       = "cpu"
	limitMemory    = "memory"
	limitProcesses = "processes"
	limitOutput    = "output"
	limitDisk      = "disk"
)

// watchInterval is how often limits are looked at. The process limit has no counter that a resource
// limit would leave behind, so it is found by looking: a program that runs into it and gives up faster
// than this is judged by its tests alone.
const watchInterval = 5 * time.Millisecond

// watch holds one run to its limits. Only the first limit that is hit counts.
type watch struct {
	agent   *Agent
	limits  *harnessv1.Limits
	folders []string
	since   time.Time

	cpu, kills, refused, peak int64 // the counters at the start
	delays                    delays

	mu      sync.Mutex
	hit     string
	left    int64 // of the output
	dropped int64
	memory  int64
	tripped chan struct{} // closed when output trips
}

// newWatch starts counting. dir is the run's folder when its fill level counts, else "".
func (a *Agent) newWatch(limits *harnessv1.Limits, dir string) *watch {
	w := &watch{
		agent: a, limits: limits, since: time.Now(), left: limits.GetOutputBytes(), tripped: make(chan struct{}),
		cpu: int64(a.cgroup.cpuTime()), kills: a.cgroup.outOfMemoryKills(), refused: a.cgroup.refusedProcesses(), peak: a.cgroup.peakMemory(),
	}
	if limits.GetDiskBytes() > 0 {
		w.folders = []string{"/tmp"}
		if dir == "" {
			dir = a.settings().HomeDir
		}
		w.folders = append(w.folders, dir)
	}
	return w
}

// printed counts n bytes of output and returns how many of them to send.
func (w *watch) printed(n int) int {
	if w.limits.GetOutputBytes() <= 0 {
		return n
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	send := int(min(int64(n), w.left))
	w.left -= int64(send)
	w.dropped += int64(n - send)
	if n > send && w.hit == "" {
		w.hit = limitOutput
		close(w.tripped)
	}
	return send
}

// until waits for the child's end and kills everything of its run when a limit is hit before.
func (w *watch) until(c *child) {
	tick := time.NewTicker(watchInterval)
	defer tick.Stop()
	for {
		select {
		case <-c.done:
			w.look(true)
			return
		case <-w.tripped:
		case <-tick.C:
			w.look(false)
		}
		if w.limitHit() == "" {
			continue
		}
		_ = syscall.Kill(-c.pid, syscall.SIGKILL)
		_ = w.agent.procs.sweep(c)
		<-c.done
		return
	}
}

func (w *watch) limitHit() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.hit
}

// look compares the counters with the limits. At the end only those that stay are looked at: a
// program that finished in time has finished in time.
func (w *watch) look(ended bool) {
	l, g := w.limits, w.agent.cgroup
	hit := ""
	memory := g.memory()
	switch {
	case g.outOfMemoryKills() > w.kills:
		hit = limitMemory
	case l.GetProcesses() > 0 && (g.refusedProcesses() > w.refused || !ended && w.tooManyTasks()):
		hit = limitProcesses
	case w.full():
		hit = limitDisk
	case !ended && l.GetCpuMs() > 0 && w.usedCPU() >= time.Duration(l.CpuMs)*time.Millisecond && w.agent.alone(w):
		hit = limitCPU
	case !ended && l.GetWallMs() > 0 && w.wallIsUp():
		hit = limitWall
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.memory = max(w.memory, memory)
	if w.hit == "" {
		w.hit = hit
	}
}

// mostPatience bounds how often its wall time a run may take on a computer that is busy otherwise.
const mostPatience = 3

// wallIsUp does not count the time in which the run was ready and had to wait for a CPU: the same
// files get the same verdict on a busy computer.
func (w *watch) wallIsUp() bool {
	now := time.Now()
	w.delays.sample(now)
	limit, taken := time.Duration(w.limits.WallMs)*time.Millisecond, now.Sub(w.since)
	return taken-w.delays.total >= limit || taken >= mostPatience*limit
}

func (w *watch) usedCPU() time.Duration { return w.agent.cgroup.cpuTime() - time.Duration(w.cpu) }

// tooManyTasks tells whether the learner has as many processes and threads as the resource limit
// allows. The agent's own threads are in the group, too.
func (w *watch) tooManyTasks() bool {
	tasks := w.agent.cgroup.tasks()
	return tasks >= w.limits.Processes && tasks-ownThreads() >= w.limits.Processes
}

func ownThreads() int64 {
	var st unix.Stat_t
	if unix.Stat("/proc/self/task", &st) != nil || st.Nlink < 2 {
		return 0
	}
	return int64(st.Nlink) - 2 //nolint:unconvert // a count of threads; its type differs by architecture
}

func (w *watch) full() bool {
	for _, dir := range w.folders {
		var st unix.Statfs_t
		if unix.Statfs(dir, &st) == nil && st.Blocks > 0 && (st.Bfree == 0 || st.Ffree == 0) {
			return true
		}
	}
	return false
}

// alone tells whether nothing but this run uses CPU time: beside an open terminal, the group's clock
// would count the terminal's work against the check, so then the kernel's limit per process holds.
func (a *Agent) alone(*watch) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return len(a.streams) <= 1
}

// exit is the outcome of the run.
func (w *watch) exit(c *child) *harnessv1.Exit {
	end := c.end
	hit := w.limitHit()
	e := &harnessv1.Exit{Code: int32(end.status.ExitStatus()), LimitHit: hit}
	if end.status.Signaled() {
		e.Code, e.Signal = -1, int32(end.status.Signal())
		if hit == "" && end.status.Signal() == syscall.SIGXCPU {
			e.LimitHit = limitCPU
		}
		if hit == "" && end.status.Signal() == syscall.SIGXFSZ {
			e.LimitHit = limitDisk
		}
	}
	cpu := w.usedCPU()
	if !w.agent.alone(w) {
		cpu = time.Duration(end.usage.Utime.Nano() + end.usage.Stime.Nano())
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	memory := w.memory
	if peak := w.agent.cgroup.peakMemory(); peak > w.peak {
		memory = peak // the group's record was set in this run
	}
	e.DroppedBytes = w.dropped
	e.Usage = &harnessv1.Usage{CpuMs: cpu.Milliseconds(), WallMs: time.Since(w.since).Milliseconds(), PeakMemoryBytes: max(memory, end.usage.Maxrss<<10)}
	return e
}
