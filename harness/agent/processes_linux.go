package agent

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"syscall"
)

// ended is how a process ended.
type ended struct {
	status syscall.WaitStatus
	usage  syscall.Rusage
}

// child is a process the agent waits for: it started it itself, or through its zygote.
type child struct {
	pid  int
	done chan struct{} // closed once end is set
	end  ended
	own  bool // a part of the agent; changed under the lock of processes
}

// over tells whether the process has ended.
func (c *child) over() bool {
	select {
	case <-c.done:
		return true
	default:
		return false
	}
}

// processes starts and reaps what runs in the container.
type processes struct {
	mu       sync.Mutex
	children map[int]*child
	started  chan struct{} // has room for one: there is a child to wait for
}

func newProcesses() *processes {
	return &processes{children: map[int]*child{}, started: make(chan struct{}, 1)}
}

// start runs a program as a part of the agent. It must go through here: os/exec would race with the
// reaper for the exit status, because process 1 has to wait for processes it did not start, too.
func (p *processes) start(program string, argv []string, attr *syscall.ProcAttr) (*child, error) {
	p.mu.Lock() // held so that the reaper finds a child that ends at once
	defer p.mu.Unlock()
	pid, err := syscall.ForkExec(program, argv, attr)
	if err != nil {
		return nil, fmt.Errorf("starting %s: %w", program, err)
	}
	c := p.add(pid)
	c.own = true
	select {
	case p.started <- struct{}{}:
	default:
	}
	return c, nil
}

// adopt waits for a process that the zygote started. The zygote tells how it ended; should the zygote
// end first, the kernel makes it a child of the agent.
func (p *processes) adopt(pid int) *child {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.add(pid)
}

func (p *processes) add(pid int) *child {
	c := &child{pid: pid, done: make(chan struct{})}
	p.children[pid] = c
	return c
}

// finish tells how a process ended; the first who knows it is right.
func (p *processes) finish(pid int, end ended) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if c, ok := p.children[pid]; ok {
		c.end = end
		delete(p.children, pid)
		close(c.done)
	}
}

// hand makes a part of the agent a process of the learner's.
func (p *processes) hand(c *child) {
	p.mu.Lock()
	defer p.mu.Unlock()
	c.own = false
}

// own lists the processes that are parts of the agent.
func (p *processes) own() map[int]bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	own := make(map[int]bool, len(p.children))
	for pid, c := range p.children {
		own[pid] = c.own
	}
	return own
}

// others lists the children but one that are not parts of the agent.
func (p *processes) others(but *child) []int {
	p.mu.Lock()
	defer p.mu.Unlock()
	var pids []int
	for pid, c := range p.children {
		if c != but && !c.own {
			pids = append(pids, pid)
		}
	}
	return pids
}

// reap waits for ended processes, in a thread of its own: each is known one wake-up after its end. It
// returns when stop is closed and no process is left.
func (p *processes) reap(stop <-chan struct{}) {
	for {
		var end ended
		pid, err := syscall.Wait4(-1, &end.status, 0, &end.usage)
		switch {
		case errors.Is(err, syscall.EINTR):
		case err != nil: // no children
			select {
			case <-p.started:
			case <-stop:
				return
			}
		default:
			p.finish(pid, end)
		}
	}
}

// strangers returns those of the found processes that neither are nor descend from one in keep. What
// detached itself (setsid, double fork) has process 1 as its parent and is a stranger.
func strangers(found []process, keep []int) []process {
	parents := make(map[int]int, len(found))
	for _, p := range found {
		parents[p.pid] = p.parent
	}
	return slices.DeleteFunc(found, func(p process) bool {
		ancestor, known := p.pid, true
		for known && !slices.Contains(keep, ancestor) {
			ancestor, known = parents[ancestor]
		}
		return known
	})
}
