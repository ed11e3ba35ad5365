package agent

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net"
	"os"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	harnessv1 "github.com/carrel-dev/carrel/proto/gen/carrel/harness/v1"
)

// zygote keeps a preloaded interpreter running, which starts the commands it understands by forking.
// The interpreter is the image's own program and is trusted: it runs as root and no learner can reach
// it. It inherits a SOCK_SEQPACKET socket as descriptor 3 and says {"ready":true} on it; then it is
// sent launches with their files, answers each with {"id":N,"unsupported":"why"} or {"id":N,"pid":N},
// and tells with {"id":N,"status":W,...} how the process ended. The zero value has no interpreter.
type zygote struct {
	mu       sync.Mutex
	preload  *harnessv1.Preload
	live     *interpreter
	failures int             // in a row
	unfit    map[string]bool // commands it does not understand
	ended    bool
}

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

// zygoteAnswer is any message of a zygote.
type zygoteAnswer struct {
	Ready       bool    `json:"ready"`
	ID          uint64  `json:"id"`
	Unsupported *string `json:"unsupported"`
	PID         *int    `json:"pid"`
	Status      *uint32 `json:"status"` // as wait(2) has it
	UserUS      int64   `json:"utime_us"`
	SystemUS    int64   `json:"stime_us"`
	MaxRSSKB    int64   `json:"maxrss_kb"`
}

var errZygoteAnswer = errors.New("not an answer of a zygote")

func parseZygoteAnswer(data []byte) (zygoteAnswer, error) {
	var got zygoteAnswer
	if err := json.Unmarshal(data, &got); err != nil {
		return zygoteAnswer{}, fmt.Errorf("%w: %w", errZygoteAnswer, err)
	}
	kinds := 0
	for _, is := range []bool{got.Ready, got.Unsupported != nil, got.PID != nil, got.Status != nil} {
		if is {
			kinds++
		}
	}
	if kinds != 1 || got.PID != nil && *got.PID <= 1 {
		return zygoteAnswer{}, errZygoteAnswer
	}
	return got, nil
}

const (
	// readyTimeout is for loading libraries from a cold disk.
	readyTimeout = 30 * time.Second
	// forkTimeout is how long a start may wait for the zygote before it goes on without.
	forkTimeout = 2 * time.Second
	// mostFailures is how often in a row a zygote may fail before it is given up.
	mostFailures = 3
	// maxRequestBytes is the largest launch a zygote is sent.
	maxRequestBytes = 64 << 10
	// mostUnfit bounds what is remembered.
	mostUnfit = 256
)

// start starts the interpreter and returns when it is ready. The same one again changes nothing.
func (z *zygote) start(a *Agent, p *harnessv1.Preload) error {
	if len(p.Argv) == 0 {
		return errors.New("no interpreter to preload")
	}
	z.mu.Lock()
	z.failures = 0
	if z.live != nil && slices.Equal(z.preload.Argv, p.Argv) && slices.Equal(z.preload.Env, p.Env) {
		z.mu.Unlock()
		return nil
	}
	old := z.live
	z.preload, z.live, z.unfit = p, nil, map[string]bool{}
	z.mu.Unlock()
	if old != nil {
		old.end()
	}
	return z.open(a, p)
}

// open starts one interpreter and makes it the live one.
func (z *zygote) open(a *Agent, p *harnessv1.Preload) error {
	i, err := startInterpreter(a, p)
	if err != nil {
		return err
	}
	z.mu.Lock()
	wanted := z.preload == p && !z.ended
	if wanted {
		z.live = i
	}
	z.mu.Unlock()
	if !wanted {
		i.end()
		return nil
	}
	a.waiting.Go(func() {
		i.listen()
		z.lost(a, i)
	})
	return nil
}

// lost replaces an interpreter that is gone.
func (z *zygote) lost(a *Agent, i *interpreter) {
	z.mu.Lock()
	again := z.live == i && !z.ended
	if z.live == i {
		z.live = nil
		z.failures++
		again = again && z.failures < mostFailures
	}
	p := z.preload
	z.mu.Unlock()
	if again {
		_ = z.open(a, p) // without one, commands are started as ever
	}
}

func (z *zygote) ready() bool {
	z.mu.Lock()
	defer z.mu.Unlock()
	return z.live != nil
}

// end ends the interpreter; none is started any more.
func (z *zygote) end() {
	z.mu.Lock()
	z.ended = true
	z.mu.Unlock()
	z.stop()
}

// stop ends the interpreter; what it started goes on.
func (z *zygote) stop() {
	z.mu.Lock()
	live := z.live
	z.live, z.unfit = nil, map[string]bool{}
	z.mu.Unlock()
	if live != nil {
		live.end()
	}
}

// fork starts a command in the zygote. It returns nil when that is not possible; lost says that the
// command may have run nevertheless.
func (z *zygote) fork(l launch, d *descriptors) (_ *child, lost bool) {
	key := strings.Join(l.Argv, "\x00")
	z.mu.Lock()
	live, unfit := z.live, z.unfit[key]
	z.mu.Unlock()
	if live == nil || unfit {
		return nil, false
	}
	got, sent := live.fork(l, d)
	z.mu.Lock()
	defer z.mu.Unlock()
	switch {
	case got.unsupported && len(z.unfit) < mostUnfit:
		z.unfit[key] = true
	case got.child != nil:
		z.failures = 0
	}
	return got.child, sent && got.child == nil && !got.unsupported
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

// retireInterval is how often a retired interpreter is asked whether it may go.
const retireInterval = 20 * time.Millisecond

// retire ends the interpreter when what it started has ended; nothing more is started in it.
func (z *zygote) retire(a *Agent) {
	z.mu.Lock()
	old := z.live
	z.live, z.unfit = nil, map[string]bool{}
	z.mu.Unlock()
	if old == nil {
		return
	}
	a.waiting.Go(func() {
		tick := time.NewTicker(retireInterval)
		defer tick.Stop()
		for {
			old.mu.Lock()
			idle := len(old.running)+len(old.waiting) == 0
			old.mu.Unlock()
			if idle {
				old.end()
				return
			}
			select {
			case <-old.gone:
				return
			case <-tick.C:
			}
		}
	})
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

// orphans ends what an interpreter that is gone had forked and not yet made the user's.
func (a *Agent) orphans() error {
	if os.Getpid() != 1 {
		return nil // there are other programs of root's
	}
	return a.untilGone(func() ([]process, error) {
		found, err := processesOf(a.procs.own(), 0)
		found = slices.DeleteFunc(found, func(p process) bool { return p.parent != 1 })
		for _, p := range found {
			_ = syscall.Kill(p.pid, syscall.SIGKILL)
		}
		return found, err
	})
}

// settleTimeout is how long a zygote may take to tell of the end of a process that is gone.
const settleTimeout = 2 * time.Second

// settle waits for the end of a killed process. When nobody tells of it, the kill was its end.
func (a *Agent) settle(c *child) {
	late := time.NewTimer(settleTimeout)
	defer late.Stop()
	select {
	case <-c.done:
	case <-late.C:
		a.zygote.drop(c)
		a.forker.drop(c)
		a.procs.finish(c.pid, ended{status: syscall.WaitStatus(syscall.SIGKILL)})
	}
}

// drop ends the interpreter that started a process, because it does not tell of its end.
func (z *zygote) drop(c *child) {
	z.mu.Lock()
	live := z.live
	z.mu.Unlock()
	if live == nil {
		return
	}
	live.mu.Lock()
	mine := false
	for _, running := range live.running {
		mine = mine || running == c
	}
	live.mu.Unlock()
	if mine {
		live.end()
	}
}
