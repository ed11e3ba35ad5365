package agent

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/carrel-dev/carrel/harness/agent/frame"
	harnessv1 "github.com/carrel-dev/carrel/proto/gen/carrel/harness/v1"
)

// Agent serves one host. The zero value is not usable; see New.
type Agent struct {
	program string // this program's own path, to enter as the learner's user
	out     *frame.Writer
	null    *os.File
	procs   *processes
	spares  spares
	zygote  zygote // the language pack's
	forker  zygote // the agent's own: see Fork
	forks   forks
	cgroup  *cgroup

	mu      sync.Mutex
	hello   *harnessv1.Hello
	work    tree
	tests   tree
	home    tree // what the home folder was last given
	streams map[uint64]*stream
	waiting sync.WaitGroup // commands that are being carried out

	checks     sync.Mutex // held while the work folder is in use
	landlocked bool       // set once, by Hello
	dirty      bool       // the folders of checks may hold something; under checks
	homes      sync.Mutex // held while files are brought into the home folder
}

// New returns an agent that answers on out. Program is its own path, of which it starts helpers.
func New(program string, out io.Writer) (*Agent, error) {
	c, err := openCgroup("/sys/fs/cgroup")
	if err != nil {
		return nil, err
	}
	null, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
	if err != nil {
		return nil, err
	}
	return &Agent{
		program: program, out: frame.NewWriter(out), null: null, procs: newProcesses(), cgroup: c,
		work: tree{}, tests: tree{}, home: tree{}, streams: map[uint64]*stream{},
	}, nil
}

// Serve carries out commands until in ends, then kills what is left.
func (a *Agent) Serve(in io.Reader) error {
	// Other processes of the container must not read this one's memory, which holds the tests.
	if err := unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0); err != nil {
		return fmt.Errorf("hiding the agent's memory: %w", err)
	}
	closeOnExec()
	// Groups of root's would be those of a thread that acts as a user.
	if err := syscall.Setgroups(nil); err != nil {
		return fmt.Errorf("leaving groups: %w", err)
	}
	stop, reaped := make(chan struct{}), make(chan struct{})
	go func() { defer close(reaped); a.procs.reap(stop) }()
	err := a.read(frame.NewReader(in))
	if killed := a.finish(); killed != nil {
		return errors.Join(err, killed) // the end of process 1 ends them all the same
	}
	a.spares.end()
	close(stop)
	<-reaped
	return errors.Join(err, a.null.Close())
}

// finish ends every command, those that were about to start, too.
func (a *Agent) finish() error {
	done := make(chan struct{})
	go func() { defer close(done); a.waiting.Wait() }()
	again := time.NewTicker(finishInterval)
	defer again.Stop()
	for {
		a.hangUp()
		if err := a.end(); err != nil {
			return err
		}
		select {
		case <-done:
			return nil
		case <-again.C:
		}
	}
}

// finishInterval is how often what still started is ended.
const finishInterval = 50 * time.Millisecond

// end ends every process but the spare ones.
func (a *Agent) end() error {
	a.zygote.end()
	a.forker.end()
	if h := a.settings(); h != nil {
		return a.sweep(everyone(h)...)
	}
	return nil
}

// hangUp ends what still waits for the host.
func (a *Agent) hangUp() {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, s := range a.streams {
		s.hangUp()
	}
}

func (a *Agent) read(in *frame.Reader) error {
	for {
		var c harnessv1.Command
		if err := in.Next(&c); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return fmt.Errorf("reading commands: %w", err)
		}
		if err := a.handle(&c); err != nil {
			a.fail(c.Id, err)
		}
	}
}

var errNoHello = errors.New("the first command must be hello")

// handle carries out short commands itself and starts the others. What it returns ends the command.
func (a *Agent) handle(c *harnessv1.Command) error {
	if a.settings() == nil && c.GetHello() == nil {
		return errNoHello
	}
	switch verb := c.Verb.(type) {
	case *harnessv1.Command_Hello:
		return a.welcome(c.Id, verb.Hello)
	case *harnessv1.Command_Put:
		return a.put(c.Id, verb.Put)
	case *harnessv1.Command_Run:
		s := a.open(c.Id, !verb.Run.Check, verb.Run.Stdin || verb.Run.Terminal != nil)
		a.background(c.Id, func() error {
			defer a.close(c.Id)
			return a.run(c.Id, verb.Run, s)
		})
	case *harnessv1.Command_Stdin:
		return a.feed(c.Id, verb.Stdin)
	case *harnessv1.Command_Signal:
		if s := a.stream(verb.Signal.Target); s != nil {
			s.signal(int(verb.Signal.Signal))
		}
		a.done(c.Id)
	case *harnessv1.Command_Resize:
		if s := a.stream(verb.Resize.Target); s != nil {
			s.resize(verb.Resize.Size)
		}
		a.done(c.Id)
	case *harnessv1.Command_Dial:
		s := a.open(c.Id, false, true)
		a.background(c.Id, func() error {
			defer a.close(c.Id)
			return a.dial(c.Id, verb.Dial.Port, s)
		})
	case *harnessv1.Command_Collect:
		a.background(c.Id, func() error {
			h := a.settings()
			a.collect(c.Id, h.HomeDir, home(h), verb.Collect)
			a.done(c.Id)
			return nil
		})
	case *harnessv1.Command_Preload:
		a.background(c.Id, func() error {
			if err := a.zygote.start(a, verb.Preload); err != nil {
				return err
			}
			a.done(c.Id)
			return nil
		})
	case *harnessv1.Command_Reset_:
		a.background(c.Id, func() error { return a.reset(c.Id) })
	case *harnessv1.Command_Ping:
		a.done(c.Id)
	case *harnessv1.Command_Grant:
		if s := a.stream(verb.Grant.Target); s != nil {
			s.window.grant(verb.Grant.Bytes)
		}
	default:
		return fmt.Errorf("unknown command %T", verb)
	}
	return nil
}

func (a *Agent) background(id uint64, do func() error) {
	a.waiting.Go(func() {
		if err := do(); err != nil {
			a.fail(id, err)
		}
	})
}

func (a *Agent) settings() *harnessv1.Hello {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.hello
}

func (a *Agent) welcome(id uint64, h *harnessv1.Hello) error {
	if a.settings() != nil {
		return errors.New("hello was said before")
	}
	seen := map[user]bool{0: true, sender(h): true}
	for _, u := range everyone(h) {
		if seen[u] {
			return fmt.Errorf("user %d is root, not alone, or there twice", u)
		}
		seen[u] = true
	}
	for _, l := range []layout{
		{dir: h.WorkDir, owner: learner(h), group: learner(h), mode: 0o700},
		{dir: h.HomeDir, owner: home(h), group: home(h), mode: 0o700},
		{dir: h.TestsDir, owner: tester(h), group: tester(h), mode: 0o700},
	} {
		if l.dir == "" {
			continue
		}
		if err := l.apply(nil); err != nil {
			return err
		}
	}
	a.mu.Lock()
	a.hello = h
	a.mu.Unlock()
	// Every spare process, and so every command, comes from here on.
	a.landlocked = confine(append(sharedFolders(), h.WorkDir, h.HomeDir, h.TestsDir, RunFolder))
	weaknesses, protections, err := a.inspect(h)
	if err != nil {
		return err
	}
	a.spares.refill(a)
	a.background(id, func() error {
		_ = a.startForker()
		return nil
	})
	a.send(&harnessv1.Event{Id: id, Kind: &harnessv1.Event_Welcome{Welcome: &harnessv1.Welcome{
		Nonce: h.Nonce, Level: Level, Weaknesses: weaknesses, Protections: protections,
	}}})
	return nil
}

func (a *Agent) put(id uint64, p *harnessv1.Put) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	target := &a.work
	if p.Tests {
		target = &a.tests
	}
	next, err := target.apply(p.Tar, p.Remove, p.ReplaceAll)
	if err != nil {
		return err
	}
	*target = next
	live := false
	for _, s := range a.streams {
		live = live || s.home
	}
	if !live || p.Tests {
		a.done(id)
		return nil
	}
	a.background(id, func() error { // someone is looking at the home folder
		if err := a.refreshHome(); err != nil {
			return err
		}
		a.done(id)
		return nil
	})
	return nil
}

// refreshHome brings what changed in the workspace into the home folder.
func (a *Agent) refreshHome() error {
	a.homes.Lock()
	defer a.homes.Unlock()
	a.mu.Lock()
	now := a.work
	write, remove := now.since(a.home)
	h := a.hello
	a.mu.Unlock()
	if len(write)+len(remove) == 0 {
		return nil
	}
	l := layout{dir: h.HomeDir, owner: home(h), group: home(h), mode: 0o700, files: write}
	if err := l.apply(remove); err != nil {
		return fmt.Errorf("filling %s: %w", h.HomeDir, err)
	}
	a.mu.Lock()
	a.home = now
	a.mu.Unlock()
	return nil
}

// reset ends everything the learner runs and forgets the home folder.
func (a *Agent) reset(id uint64) error {
	h := a.settings()
	if err := a.sweep(everyone(h)...); err != nil { // so that nobody has to be waited for
		return err
	}
	a.checks.Lock()
	defer a.checks.Unlock()
	a.homes.Lock()
	defer a.homes.Unlock()
	if err := a.sweep(everyone(h)...); err != nil {
		return err
	}
	if err := errors.Join(a.clean(), clear([]string{h.HomeDir}, everyone(h)...), removeIPC(everyone(h)...)); err != nil {
		return err
	}
	a.mu.Lock()
	a.home = tree{}
	a.mu.Unlock()
	a.done(id)
	return nil
}

// dialTimeout is for the container's own loopback.
const dialTimeout = 5 * time.Second

func (a *Agent) dial(id uint64, port uint32, s *stream) error {
	d := net.Dialer{Timeout: dialTimeout}
	conn, err := d.DialContext(context.Background(), "tcp", fmt.Sprintf("127.0.0.1:%d", port)) //nolint:forbidigo // the timeout ends it
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	a.attach(s, conn, nil, nil)
	a.output(id, 1, nil) // says that the connection stands
	a.pump(id, 1, conn, s)
	a.done(id)
	return nil
}

func (a *Agent) send(e *harnessv1.Event) {
	// When the host is gone, so is the input; Serve notices that and ends.
	_ = a.out.Send(e)
}

func (a *Agent) done(id uint64) {
	a.send(&harnessv1.Event{Id: id, Kind: &harnessv1.Event_Done{Done: &harnessv1.Done{}}})
}

func (a *Agent) fail(id uint64, err error) {
	full := errors.Is(err, unix.ENOSPC)
	a.send(&harnessv1.Event{Id: id, Kind: &harnessv1.Event_Failure{Failure: &harnessv1.Failure{Message: err.Error(), DiskFull: full}}})
}

func (a *Agent) output(id uint64, number uint32, data []byte) {
	a.send(&harnessv1.Event{Id: id, Kind: &harnessv1.Event_Output{Output: &harnessv1.Output{Stream: number, Data: data}}})
}
