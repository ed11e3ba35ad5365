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

const (
	// watchInterval is how often limits are looked at.
	watchInterval = 5 * time.Millisecond
	// taskInterval is how often tasks are counted: a program that runs into their limit often gives up
	// a few milliseconds later. A count is one read of a file that is open.
	taskInterval = time.Millisecond
)

// watch holds one run to its limits. Only the first limit that is hit counts.
type watch struct {
	agent   *Agent
	limits  *harnessv1.Limits
	folders []string // those whose fill level counts
	users   []user   // whose processes count
	since   time.Time

	cpu, kills, refused, peak, tasks, mostTasks int64 // the counters at the start
	delays                                      delays

	mu      sync.Mutex
	hit     string
	left    int64 // of the output
	dropped int64
	report  int64 // left of the report
	cut     int64 // from the report
	memory  int64
	tripped chan struct{} // closed when output trips
}

// newWatch starts counting.
func (a *Agent) newWatch(r *harnessv1.Run, c conditions) *watch {
	g := a.cgroup
	w := &watch{
		agent: a, limits: r.GetLimits(), users: c.counted, since: time.Now(),
		left: r.GetLimits().GetOutputBytes(), report: r.ReportBytes, tripped: make(chan struct{}),
		cpu: int64(g.cpuTime()), kills: g.outOfMemoryKills(), refused: g.refusedProcesses(), peak: g.peakMemory(),
		tasks: g.tasks(), mostTasks: g.peakTasks(),
	}
	if r.GetLimits().GetDiskBytes() > 0 {
		w.folders = append([]string{"/tmp"}, c.folders...)
	}
	return w
}

// printed counts n bytes of an output and returns how many of them to send.
func (w *watch) printed(number uint32, n int) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	if number == reportFD {
		send := int(min(int64(n), w.report))
		w.report -= int64(send)
		w.cut += int64(n - send)
		return send
	}
	if w.limits.GetOutputBytes() <= 0 {
		return n
	}
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
	count := time.NewTicker(taskInterval)
	defer count.Stop()
	if w.limits.GetProcesses() <= 0 {
		count.Stop()
	}
	for {
		select {
		case <-c.done:
			w.look(true)
			return
		case <-w.tripped:
		case <-tick.C:
			w.look(false)
		case <-count.C:
			if w.manyTasks(w.agent.cgroup.tasks()) {
				w.look(false)
			}
		}
		if w.limitHit() == "" {
			continue
		}
		w.agent.stop(c)
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
	case g.outOfMemoryKills() > w.kills, g.counted != nil && l.GetMemoryBytes() > 0 && memory >= l.MemoryBytes:
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

// spareTasks is at least how many threads a spare process has, which is one of the group's tasks before
// the start and the command after it.
const spareTasks = 10

// manyTasks tells whether it is worth counting each user's processes, which takes a walk over /proc:
// the group's number has grown by about as many as are allowed.
func (w *watch) manyTasks(now int64) bool { return now-w.tasks+spareTasks >= w.limits.Processes }

// tooManyTasks tells whether a user has as many processes and threads as the resource limit allows.
func (w *watch) tooManyTasks() bool {
	if !w.manyTasks(w.agent.cgroup.tasks()) {
		return false
	}
	for _, tasks := range w.tasksByUser() {
		if tasks >= w.limits.Processes {
			return true
		}
	}
	return false
}

// hadTooManyTasks tells, once nobody of the run is left, whether there were as many processes and
// threads as the resource limit allows. The limit leaves no counter behind: the group's record of the
// most tasks tells of it exactly, where the kernel keeps one and nobody but this run could have set it.
// Otherwise only looking helps, and a program that runs into the limit and gives up faster than that is
// judged by its tests.
func (w *watch) hadTooManyTasks() bool {
	limit, g := w.limits.Processes, w.agent.cgroup
	peak := g.peakTasks()
	if limit <= 0 || peak <= w.mostTasks || !w.manyTasks(peak) || len(w.users) != 1 || !w.agent.alone(w) {
		return false
	}
	for range reapTries {
		// What is left is the agent's own, which never shrinks, and ended processes until they are reaped.
		if peak-g.tasks() >= limit {
			return true
		}
		time.Sleep(time.Millisecond) //nolint:forbidigo // the kernel has no event for the end of a group's task
	}
	return false
}

// reapTries bounds how long ended processes may take to be reaped, in milliseconds.
const reapTries = 50

func (w *watch) tasksByUser() map[user]int64 {
	found, err := processesOf(w.agent.procs.own(), w.users...)
	if err != nil {
		return nil
	}
	tasks := map[user]int64{}
	for _, p := range found {
		tasks[p.user] += p.tasks
	}
	return tasks
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
	if e.LimitHit == "" && w.hadTooManyTasks() {
		e.LimitHit = limitProcesses
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
	e.DroppedBytes, e.DroppedReportBytes = w.dropped, w.cut
	e.Usage = &harnessv1.Usage{CpuMs: cpu.Milliseconds(), WallMs: time.Since(w.since).Milliseconds(), PeakMemoryBytes: max(memory, end.usage.Maxrss<<10)}
	return e
}
