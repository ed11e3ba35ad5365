package agent

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

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
