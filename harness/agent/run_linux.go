package agent

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/creack/pty"

	harnessv1 "github.com/carrel-dev/carrel/proto/gen/carrel/harness/v1"
)

// program is a command that runs, with the agent's ends of its pipes.
type program struct {
	child    *child
	outputs  []*os.File // by number from 1: standard output, error, report; only the terminal when there is one
	input    *os.File
	terminal *os.File
}

func (p *program) close() {
	for _, f := range append([]*os.File{p.input}, p.outputs...) {
		if f != nil {
			_ = f.Close()
		}
	}
}

// connect makes what the command's descriptors are connected to.
func (p *program) connect(r *harnessv1.Run, owner user, null *os.File) (_ *descriptors, err error) {
	d := &descriptors{}
	defer func() {
		if err != nil {
			p.close()
			d.close()
		}
	}()
	if r.GetTerminal() != nil {
		controller, tty, err := pty.Open()
		if err != nil {
			return nil, fmt.Errorf("opening a terminal: %w", err)
		}
		p.terminal, p.input, p.outputs = controller, controller, []*os.File{controller}
		d.files, d.numbers = []*os.File{tty, tty, tty}, []int{0, 1, 2}
		return d, errors.Join(pty.Setsize(controller, winsize(r.Terminal)), tty.Chown(int(owner), -1))
	}
	var stdin *os.File
	if r.Stdin {
		p.input, stdin, err = pipe(owner, true)
	} else {
		stdin, err = duplicate(null)
	}
	if err != nil {
		return nil, err
	}
	d.add(0, stdin)
	outputs := []int{1, 2}
	if r.ReportBytes > 0 {
		outputs = append(outputs, reportFD)
	}
	for _, number := range outputs {
		ours, theirs, err := pipe(owner, false)
		if err != nil {
			return nil, err
		}
		p.outputs = append(p.outputs, ours)
		d.add(number, theirs)
	}
	return d, nil
}

// run carries out a Run command to its end.
func (a *Agent) run(id uint64, r *harnessv1.Run, s *stream) error {
	if len(r.Argv) == 0 {
		return errors.New("no command to run")
	}
	if r.Dir != "" {
		if err := checkPath(r.Dir); err != nil {
			return err
		}
	}
	if r.Check {
		return a.check(id, r, s)
	}
	if err := a.refreshHome(); err != nil {
		return err
	}
	defer a.background(id, func() error { a.spares.refill(a); return nil })
	h := a.settings()
	return a.carryOut(id, r, s, conditions{
		dir: h.HomeDir, user: home(h), env: r.Env, folders: []string{h.HomeDir}, counted: []user{home(h)},
		again: func() error { return nil },
		ended: func() {},
		sweep: func(c *child) error { return a.sweepHome(home(h), c) },
	})
}

// check runs a command in folders of its own.
func (a *Agent) check(id uint64, r *harnessv1.Run, s *stream) error {
	a.checks.Lock()
	// Emptied at once, so that hidden tests are not left lying about, but after the answer is sent.
	defer a.background(id, func() error {
		defer a.checks.Unlock()
		a.spares.refill(a)
		return a.clean()
	})
	if err := a.clean(); err != nil { // what the last one could not, and what programs left meanwhile
		return err
	}
	h := a.settings()
	dir, runs, err := a.layOut(r)
	a.dirty = true
	if err != nil {
		return err
	}
	c := conditions{
		dir: dir, user: runs, env: r.Env, folders: ownFolders(h), counted: []user{learner(h)},
		ended: func() {},
		again: func() error { return a.sweep(learner(h), tester(h)) },
		sweep: func(*child) error { return a.sweep(learner(h), tester(h)) },
	}
	if r.Integrity == harnessv1.Integrity_INTEGRITY_SPLIT {
		launches, err := a.openSplit(r)
		if err != nil {
			return fmt.Errorf("listening for the launcher: %w", err)
		}
		defer launches.end()
		c.env, c.counted, c.ended = a.environment(r.Env), []user{learner(h), tester(h)}, launches.end
	}
	return a.carryOut(id, r, s, c)
}

// clean empties the folders of checks.
func (a *Agent) clean() error {
	h := a.settings()
	if err := clear(sharedFolders(), everyone(h)...); err != nil {
		return err
	}
	if !a.dirty {
		return nil
	}
	if err := errors.Join(clear(ownFolders(h), learner(h), tester(h)), removeIPC(learner(h), tester(h))); err != nil {
		return err
	}
	a.dirty = false
	return nil
}

func (t tree) laidOver(tests tree) tree {
	all := make(tree, len(t)+len(tests))
	maps.Copy(all, t)
	maps.Copy(all, tests)
	return all
}

// conditions are what differs between a check and a program.
type conditions struct {
	dir     string // Run.dir is relative to it
	user    user
	env     []string
	folders []string             // those whose fill level counts
	counted []user               // whose processes count
	again   func() error         // before a start that may be the second
	ended   func()               // when the command has ended; after it nothing is started for the run
	sweep   func(c *child) error // after that
}

// launchOf is the order to start a Run's command.
func launchOf(r *harnessv1.Run, c conditions) launch {
	l := launch{Argv: r.Argv, Env: c.env, Cwd: path.Join(c.dir, r.Dir), UID: c.user, GID: c.user, Limits: limitsOf(r.GetLimits()), Terminal: r.Terminal != nil}
	if r.ReportBytes > 0 {
		l.Env = setEnv(l.Env, reportVariable, fmt.Sprintf("/dev/fd/%d", reportFD))
	}
	return l
}

func limitsOf(l *harnessv1.Limits) resourceLimits {
	r := resourceLimits{Processes: uint64(max(l.GetProcesses(), 0)), FileBytes: uint64(max(l.GetDiskBytes(), 0))}
	if ms := l.GetCpuMs(); ms > 0 {
		r.CPU = uint64(ms/1000) + 2 // a backstop: the watch looks at all processes together
		r.CPUHard = r.CPU + 2
	}
	return r
}

// The report channel of a command.
const (
	reportFD       = 3
	reportVariable = "CARREL_REPORT"
)

// setEnv returns the environment with one variable changed.
func setEnv(env []string, name, value string) []string {
	next := slices.DeleteFunc(slices.Clone(env), func(e string) bool { return strings.HasPrefix(e, name+"=") })
	return append(next, name+"="+value)
}

// drainTimeout is how long the output of ended processes may take to be read.
const drainTimeout = 5 * time.Second

// carryOut runs one program under watch and answers with what it printed and how it ended.
func (a *Agent) carryOut(id uint64, r *harnessv1.Run, s *stream, c conditions) error {
	p := &program{}
	d, err := p.connect(r, c.user, a.null)
	if err != nil {
		return err
	}
	defer p.close()
	l := launchOf(r, c)
	w := a.newWatch(r, c)
	var got answer
	p.child, got, err = a.start(l, d, c.again)
	d.close()
	if err != nil {
		c.ended()
		return errors.Join(err, c.sweep(nil))
	}
	if got.Message != "" && !got.NotStarted {
		<-p.child.done
		return errors.New(got.Message)
	}
	var to io.WriteCloser
	if p.input != nil {
		to = p.input
	}
	a.attach(s, to, p.child, p.terminal)
	if got.NotStarted {
		a.output(id, 2, []byte(got.Message+"\n"))
	}
	var pumps sync.WaitGroup
	for i, from := range p.outputs {
		pumps.Go(func() {
			switch {
			case p.terminal != nil:
				a.pump(id, 1, from, s)
			default:
				a.meter(id, uint32(i+1), from, w)
			}
		})
	}
	w.until(p.child)
	c.ended()
	swept := c.sweep(p.child)
	a.drain(p, s, &pumps)
	if swept != nil {
		return swept
	}
	exit := w.exit(p.child)
	if r.Collect != nil {
		a.collect(id, c.dir, c.user, r.Collect)
	}
	a.send(&harnessv1.Event{Id: id, Kind: &harnessv1.Event_Exit{Exit: exit}})
	return nil
}

// drain waits until everything that was printed is sent: all who could print more are gone, but a
// terminal may be held by a program that outlives its shell.
func (a *Agent) drain(p *program, s *stream, pumps *sync.WaitGroup) {
	drained := make(chan struct{})
	go func() { pumps.Wait(); close(drained) }()
	late := time.NewTimer(drainTimeout)
	defer late.Stop()
	select {
	case <-drained:
	case <-late.C:
		s.window.close()
		for _, f := range p.outputs {
			_ = f.SetReadDeadline(time.Now())
		}
		<-drained
	}
}

// sweepHome ends what a program left behind. What descends from another program or terminal that
// still runs is not its.
func (a *Agent) sweepHome(u user, ended *child) error {
	return a.untilGone(func() ([]process, error) {
		keep := a.procs.others(ended)
		if len(keep) == 0 {
			if err := u.kill(sender(a.settings())); err != nil {
				return nil, err
			}
		}
		found, err := processesOf(a.procs.own(), u)
		left := strangers(found, keep)
		for _, p := range left {
			_ = syscall.Kill(p.pid, syscall.SIGKILL)
		}
		return left, err
	})
}

// stop kills a command's process group and waits for the end of its first process.
func (a *Agent) stop(c *child) {
	if !c.over() {
		_ = syscall.Kill(-c.pid, syscall.SIGKILL)
		_ = syscall.Kill(c.pid, syscall.SIGKILL) // it may not have its group yet
	}
	a.settle(c)
}

// meter sends what a program prints up to the output limit and reads on without sending, so that a
// flood ends at the limit and not at a full pipe.
func (a *Agent) meter(id uint64, number uint32, from io.Reader, w *watch) {
	buf := make([]byte, 32<<10)
	for {
		n, err := from.Read(buf)
		if send := w.printed(number, n); send > 0 {
			a.output(id, number, buf[:send])
		}
		if err != nil {
			return
		}
	}
}

// duplicate returns another descriptor of a file.
func duplicate(f *os.File) (*os.File, error) {
	fd, err := syscall.Dup(int(f.Fd()))
	if err != nil {
		return nil, err
	}
	syscall.CloseOnExec(fd)
	return os.NewFile(uintptr(fd), f.Name()), nil
}
