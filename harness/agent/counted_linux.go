package agent

import (
	"os"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// counted stands in for a cgroup where the kernel offers none: in gVisor, whose cgroup is around it. It
// adds up what the processes themselves are said to use, which is looked at now and then: what happens
// in between is the outer cgroup's to stop.
type counted struct {
	mu     sync.Mutex
	at     time.Time
	memory int64
	tasks  int64
	cpu    time.Duration
}

// countInterval is how old numbers may be: reading them takes gVisor a millisecond per process.
const countInterval = 25 * time.Millisecond

// clockTick is the unit of times in /proc, the same on every architecture.
const clockTick = 10 * time.Millisecond

// look brings the numbers up to date. It holds the lock until the returned function is called.
func (c *counted) look() func() {
	c.mu.Lock()
	if time.Since(c.at) < countInterval {
		return c.mu.Unlock
	}
	c.memory, c.tasks, c.cpu = 0, 0, endedCPU()
	dir, err := os.Open("/proc")
	if err != nil {
		return c.mu.Unlock
	}
	names, _ := dir.Readdirnames(-1) // as many as there are
	_ = dir.Close()
	for _, name := range names {
		if name[0] < '0' || name[0] > '9' || name == "1" {
			continue
		}
		if data, err := os.ReadFile("/proc/" + name + "/stat"); err == nil {
			c.add(string(data))
		}
	}
	c.at = time.Now()
	return c.mu.Unlock
}

// add counts one process by its line in /proc, of which the second field, the name, may hold anything
// but ends at the last ")".
func (c *counted) add(stat string) {
	fields := strings.Fields(stat[strings.LastIndexByte(stat, ')')+1:])
	const user, system, usersChildren, systemsChildren, threads, resident = 11, 12, 13, 14, 17, 21
	if len(fields) <= resident {
		return
	}
	number := func(i int) int64 {
		n, _ := strconv.ParseInt(fields[i], 10, 64)
		return n
	}
	c.memory += number(resident) * int64(os.Getpagesize())
	c.tasks += number(threads)
	c.cpu += time.Duration(number(user)+number(system)+number(usersChildren)+number(systemsChildren)) * clockTick
}

// endedCPU is what the processes have used that have ended.
func endedCPU() time.Duration {
	var usage syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_CHILDREN, &usage) != nil {
		return 0
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
