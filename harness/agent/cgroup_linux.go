package agent

import (
	"bufio"
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// cgroup reads the container's own counters. Both hierarchies are served: v1 is what older engines
// and this year's virtual machines still have.
type cgroup struct {
	memoryEvents, memoryCurrent, memoryPeak, cpu, pidsCurrent, pidsPeak, pidsEvents, memoryMost, pidsMost *os.File
	v2                                                                                                    bool
	counted                                                                                               *counted // instead of all of them, where there is no cgroup
}

// openCgroup opens the files once: a fork bomb or a full table must not keep the watch from reading.
// A file that the kernel does not offer reads as zero.
func openCgroup(root string) (*cgroup, error) {
	_, err := os.Stat(filepath.Join(root, "cgroup.controllers"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	c := &cgroup{v2: err == nil}
	own := ownGroups("/proc/self/cgroup")
	open := func(controller string, names ...string) *os.File {
		mount := root
		if !c.v2 {
			mount = filepath.Join(root, controller)
		}
		key := controller
		if c.v2 {
			key = ""
		}
		// Without a cgroup namespace the mount may show the whole host's tree, or only ours.
		for _, dir := range []string{filepath.Join(mount, own[key]), mount} {
			for _, name := range names {
				if f, err := os.Open(filepath.Join(dir, name)); err == nil {
					return f
				}
			}
		}
		return nil
	}
	if c.v2 {
		c.memoryEvents = open("memory", "memory.events")
		c.cpu = open("cpu", "cpu.stat")
	} else {
		c.memoryEvents = open("memory", "memory.oom_control")
		c.cpu = open("cpuacct", "cpuacct.usage")
	}
	c.memoryCurrent = open("memory", "memory.current", "memory.usage_in_bytes")
	c.memoryPeak = open("memory", "memory.peak", "memory.max_usage_in_bytes")
	c.pidsCurrent = open("pids", "pids.current")
	c.memoryMost = open("memory", "memory.max", "memory.limit_in_bytes")
	c.pidsMost = open("pids", "pids.max")
	c.pidsPeak = open("pids", "pids.peak")
	c.pidsEvents = open("pids", "pids.events")
	if underGVisor() {
		return &cgroup{counted: &counted{}}, nil
	}
	if c.memoryEvents == nil || c.cpu == nil || c.pidsCurrent == nil {
		return nil, errors.New("the cgroup's counters for memory, CPU and processes are not readable")
	}
	return c, nil
}

// ownGroups reads which group of each controller this process is in; v2's key is "".
func ownGroups(file string) map[string]string {
	groups := map[string]string{}
	data, err := os.ReadFile(file)
	if err != nil {
		return groups
	}
	for line := range strings.Lines(string(data)) {
		parts := strings.SplitN(strings.TrimSpace(line), ":", 3)
		if len(parts) != 3 {
			continue
		}
		for controller := range strings.SplitSeq(parts[1], ",") {
			groups[controller] = parts[2]
		}
	}
	return groups
}

// outOfMemoryKills counts the processes the kernel killed for memory.
func (c *cgroup) outOfMemoryKills() int64 { return keyed(c.memoryEvents, "oom_kill") }

// refusedProcesses counts the forks refused because of the container's own limit.
func (c *cgroup) refusedProcesses() int64 { return keyed(c.pidsEvents, "max") }

func (c *cgroup) tasks() int64 {
	if c.counted != nil {
		defer c.counted.look()()
		return c.counted.tasks
	}
	return number(c.pidsCurrent)
}

// peakTasks is the most processes and threads there ever were at once; 0 before Linux 6.1.
func (c *cgroup) peakTasks() int64 { return number(c.pidsPeak) }

// memoryLimit is in bytes; 0 when there is none. Version 1 has none by a number beyond any memory.
func (c *cgroup) memoryLimit() int64 {
	if n := number(c.memoryMost); n < 1<<60 {
		return n
	}
	return 0
}

// taskLimit is 0 when there is none.
func (c *cgroup) taskLimit() int64 { return number(c.pidsMost) }

func (c *cgroup) memory() int64 {
	if c.counted != nil {
		defer c.counted.look()()
		return c.counted.memory
	}
	return number(c.memoryCurrent)
}

func (c *cgroup) peakMemory() int64 { return number(c.memoryPeak) }

func (c *cgroup) cpuTime() time.Duration {
	if c.counted != nil {
		defer c.counted.look()()
		return c.counted.cpu
	}
	if c.v2 {
		return time.Duration(keyed(c.cpu, "usage_usec")) * time.Microsecond
	}
	return time.Duration(number(c.cpu))
}

func number(f *os.File) int64 {
	n, err := strconv.ParseInt(string(bytes.TrimSpace(content(f))), 10, 64)
	if err != nil {
		return 0
	}
	return n
}

func keyed(f *os.File, key string) int64 {
	lines := bufio.NewScanner(bytes.NewReader(content(f)))
	for lines.Scan() {
		name, value, _ := strings.Cut(lines.Text(), " ")
		if name == key {
			n, _ := strconv.ParseInt(strings.TrimSpace(value), 10, 64)
			return n
		}
	}
	return 0
}

func content(f *os.File) []byte {
	if f == nil {
		return nil
	}
	var buf [2048]byte
	n, _ := f.ReadAt(buf[:], 0)
	return buf[:n]
}
