package agent

import (
	"errors"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// ended is how a process ended.
type ended struct {
	status syscall.WaitStatus
	usage  syscall.Rusage
}

// child is a process the agent started itself.
type child struct {
	pid  int
	done chan struct{} // closed once end is set
	end  ended
}

// processes starts, reaps and ends everything that runs in the container. The zero value is ready.
type processes struct {
	mu       sync.Mutex
	children map[int]*child
}

// start runs a program. It must go through here: os/exec would race with the reaper for the exit
// status, because process 1 has to wait for processes it did not start, too.
func (p *processes) start(argv []string, attr *syscall.ProcAttr) (*child, error) {
	p.mu.Lock() // held so that the reaper finds a child that ends at once
	defer p.mu.Unlock()
	pid, err := syscall.ForkExec(argv[0], argv, attr)
	if err != nil {
		return nil, fmt.Errorf("starting %s: %w", argv[0], err)
	}
	c := &child{pid: pid, done: make(chan struct{})}
	if p.children == nil {
		p.children = map[int]*child{}
	}
	p.children[pid] = c
	return c, nil
}

// reap waits for ended processes until stop is closed.
func (p *processes) reap(stop <-chan struct{}) {
	wake := make(chan os.Signal, 1)
	signal.Notify(wake, syscall.SIGCHLD)
	defer signal.Stop(wake)
	for {
		p.collect()
		select {
		case <-wake:
		case <-stop:
			return
		}
	}
}

func (p *processes) collect() {
	for {
		var end ended
		pid, err := syscall.Wait4(-1, &end.status, syscall.WNOHANG, &end.usage)
		if errors.Is(err, syscall.EINTR) {
			continue
		}
		if err != nil || pid <= 0 {
			return
		}
		p.mu.Lock()
		if c, ok := p.children[pid]; ok {
			c.end = end
			delete(p.children, pid)
			close(c.done)
		}
		p.mu.Unlock()
	}
}

// sweepTimeout is how long killed processes may take to disappear; a gigabyte of dirty pages takes
// about a second.
const sweepTimeout = 3 * time.Second

var errNotAlone = errors.New("processes survived being killed")

// sweep kills every process but the agent, the other children it started itself (a terminal, say)
// and their descendants, and returns when they are gone.
func (p *processes) sweep(mine *child) error {
	deadline := time.Now().Add(sweepTimeout)
	for pause := 100 * time.Microsecond; ; pause = min(2*pause, 10*time.Millisecond) {
		alone, err := p.kill(mine)
		if alone || err != nil {
			return err
		}
		if time.Now().After(deadline) {
			return errNotAlone
		}
		time.Sleep(pause) //nolint:forbidigo // the kernel has no event for the last process of a namespace
	}
}

// end kills everything.
func (p *processes) end() error {
	deadline := time.Now().Add(sweepTimeout)
	for !errors.Is(syscall.Kill(-1, syscall.SIGKILL), syscall.ESRCH) {
		if time.Now().After(deadline) {
			return errNotAlone
		}
		time.Sleep(time.Millisecond) //nolint:forbidigo // as in sweep
	}
	return nil
}

// kill is one round of sweep. Nothing is started meanwhile, so that nothing is hit by mistake.
func (p *processes) kill(mine *child) (alone bool, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	var keep []int
	for pid, c := range p.children {
		if c != mine {
			keep = append(keep, pid)
		}
	}
	if len(keep) == 0 {
		// One system call that no fork can outrun, unlike a walk over /proc.
		return errors.Is(syscall.Kill(-1, syscall.SIGKILL), syscall.ESRCH), nil
	}
	found, err := strangers(keep)
	for _, pid := range found {
		_ = syscall.Kill(pid, syscall.SIGKILL)
	}
	return len(found) == 0, err
}

// strangers lists the processes that neither are nor descend from the agent's children in keep.
// What detached itself (setsid, double fork) has process 1 as its parent and is a stranger.
func strangers(keep []int) ([]int, error) {
	parents, err := processParents()
	if err != nil {
		return nil, err
	}
	var found []int
	for pid := range parents {
		ancestor := pid
		for ancestor > 1 && !slices.Contains(keep, ancestor) {
			ancestor = parents[ancestor]
		}
		if ancestor <= 1 && pid != 1 {
			found = append(found, pid)
		}
	}
	return found, nil
}

func processParents() (map[int]int, error) {
	dir, err := os.Open("/proc")
	if err != nil {
		return nil, err
	}
	defer func() { _ = dir.Close() }()
	names, err := dir.Readdirnames(-1)
	if err != nil {
		return nil, err
	}
	parents := map[int]int{}
	for _, name := range names {
		pid, err := strconv.Atoi(name)
		if err != nil {
			continue
		}
		stat, err := os.ReadFile("/proc/" + name + "/stat")
		if err != nil {
			continue // ended meanwhile
		}
		// "pid (name) state ppid": the name is the process's own choice and may hold parentheses.
		_, rest, _ := strings.Cut(string(stat[strings.LastIndexByte(string(stat), ')')+1:]), " ")
		fields := strings.Fields(rest)
		if len(fields) < 2 {
			continue
		}
		if parent, err := strconv.Atoi(fields[1]); err == nil {
			parents[pid] = parent
		}
	}
	return parents, nil
}
