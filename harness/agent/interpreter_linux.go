package agent

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net"
	"slices"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	harnessv1 "github.com/carrel-dev/carrel/proto/gen/carrel/harness/v1"
)

// interpreter is one process of a zygote.
type interpreter struct {
	agent *Agent
	child *child
	conn  *net.UnixConn
	gone  chan struct{} // closed when it answers no more

	mu      sync.Mutex
	next    uint64
	waiting map[uint64]chan forked
	running map[uint64]*child
}

// forked is the answer to a launch: neither field is set when the interpreter is lost.
type forked struct {
	child       *child
	unsupported bool
}

func startInterpreter(a *Agent, p *harnessv1.Preload) (_ *interpreter, err error) {
	conn, theirs, err := channel(unix.SOCK_SEQPACKET)
	if err != nil {
		return nil, err
	}
	defer func() { _ = theirs.Close() }()
	program, err := lookUp(p.Argv[0], p.Env)
	if err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	c, err := a.procs.start(program, p.Argv, &syscall.ProcAttr{
		Dir: "/", Env: p.Env, Files: []uintptr{a.null.Fd(), a.null.Fd(), 2, theirs.Fd()},
		Sys: &syscall.SysProcAttr{Setsid: true},
	})
	if err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	i := &interpreter{agent: a, child: c, conn: conn, gone: make(chan struct{}), waiting: map[uint64]chan forked{}, running: map[uint64]*child{}}
	_ = theirs.Close() // so that its end ends the conversation
	err = conn.SetReadDeadline(time.Now().Add(readyTimeout))
	if err == nil {
		var got zygoteAnswer
		if got, err = i.receive(); err == nil && !got.Ready {
			err = errZygoteAnswer
		}
	}
	if err == nil {
		err = conn.SetReadDeadline(time.Time{})
	}
	if err != nil {
		i.end()
		return nil, fmt.Errorf("preloading %s: %w", p.Argv[0], err)
	}
	return i, nil
}

func (i *interpreter) receive() (zygoteAnswer, error) {
	var buf [4096]byte
	n, err := i.conn.Read(buf[:])
	if err != nil {
		return zygoteAnswer{}, err
	}
	return parseZygoteAnswer(buf[:n])
}

// listen carries on the conversation until the interpreter is gone or talks nonsense, and ends it.
func (i *interpreter) listen() {
	for {
		got, err := i.receive()
		if err != nil || !i.hear(got) {
			break
		}
	}
	close(i.gone)
	i.end()
	i.mu.Lock()
	left := slices.Collect(maps.Values(i.running))
	i.mu.Unlock()
	for _, c := range left {
		// The others are children of process 1 by now, which waits for them.
		if errors.Is(syscall.Kill(c.pid, 0), syscall.ESRCH) {
			i.agent.settle(c)
		}
	}
}

// hear takes one answer and tells whether it made sense.
func (i *interpreter) hear(got zygoteAnswer) bool {
	i.mu.Lock()
	defer i.mu.Unlock()
	switch {
	case got.Unsupported != nil || got.PID != nil:
		wait, ok := i.waiting[got.ID]
		if !ok {
			return false
		}
		delete(i.waiting, got.ID)
		if got.PID == nil {
			wait <- forked{unsupported: true}
			return true
		}
		c := i.agent.procs.adopt(*got.PID)
		i.running[got.ID] = c
		wait <- forked{child: c}
	case got.Status != nil:
		c, ok := i.running[got.ID]
		if !ok {
			return false
		}
		delete(i.running, got.ID)
		end := ended{status: syscall.WaitStatus(*got.Status)}
		end.usage.Utime = syscall.NsecToTimeval(got.UserUS * 1000)
		end.usage.Stime = syscall.NsecToTimeval(got.SystemUS * 1000)
		end.usage.Maxrss = got.MaxRSSKB
		i.agent.procs.finish(c.pid, end)
	default:
		return false
	}
	return true
}

// fork asks for a command. What it returns is empty when the interpreter did not answer; then it is
// ended.
func (i *interpreter) fork(l launch, d *descriptors) (_ forked, sent bool) {
	wait := make(chan forked, 1)
	i.mu.Lock()
	i.next++
	l.ID = i.next
	i.waiting[l.ID] = wait
	i.mu.Unlock()
	forget := func() {
		i.mu.Lock()
		delete(i.waiting, l.ID)
		i.mu.Unlock()
	}
	data, err := json.Marshal(l)
	if err != nil || len(data) > maxRequestBytes {
		forget()
		return forked{}, false
	}
	late := time.NewTimer(forkTimeout)
	defer late.Stop()
	_ = i.conn.SetWriteDeadline(time.Now().Add(forkTimeout))
	if _, _, err := i.conn.WriteMsgUnix(data, d.rights(), nil); err != nil {
		forget()
		i.end()
		return forked{}, false
	}
	select {
	case got := <-wait:
		return got, true
	case <-i.gone:
	case <-late.C:
		i.end()
	}
	forget()
	select {
	case got := <-wait: // it was only late
		return got, true
	default:
		return forked{}, true
	}
}

// end ends the process. It may be called more than once.
func (i *interpreter) end() {
	if !i.child.over() {
		_ = syscall.Kill(i.child.pid, syscall.SIGKILL)
	}
	_ = i.conn.Close()
	<-i.child.done
}
