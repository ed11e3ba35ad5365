package agent

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"github.com/creack/pty"
	"golang.org/x/sys/unix"

	harnessv1 "github.com/carrel-dev/carrel/proto/gen/carrel/harness/v1"
)

// program is an entered process with the ends of its pipes.
type program struct {
	child    *child
	answer   *os.File
	outputs  []*os.File // standard output and error; only the terminal when there is one
	input    *os.File
	terminal *os.File
}

func (p *program) close() {
	for _, f := range append([]*os.File{p.answer, p.input}, p.outputs...) {
		if f != nil {
			_ = f.Close()
		}
	}
}

// enter starts this program again as the learner's user and gives it an order.
func (a *Agent) enter(o order, files tree, r *harnessv1.Run) (_ *program, err error) {
	p := &program{}
	var theirs []*os.File
	defer func() {
		for _, f := range theirs {
			_ = f.Close()
		}
		if err != nil {
			p.close()
		}
	}()
	pipe := func() (read, write *os.File, err error) { return os.Pipe() }

	null, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
	if err != nil {
		return nil, err
	}
	theirs = append(theirs, null)
	stdin, stdout, stderr := null, null, null
	attr := &syscall.SysProcAttr{
		Credential: &syscall.Credential{Uid: a.settings().Uid, Gid: a.settings().Uid},
		Setsid:     true,
	}
	switch {
	case r.GetTerminal() != nil:
		controller, tty, err := pty.Open()
		if err != nil {
			return nil, fmt.Errorf("opening a terminal: %w", err)
		}
		p.terminal, p.input, p.outputs = controller, controller, []*os.File{controller}
		theirs = append(theirs, tty)
		if err := errors.Join(pty.Setsize(controller, winsize(r.Terminal)), tty.Chown(int(a.settings().Uid), -1)); err != nil {
			return nil, err
		}
		stdin, stdout, stderr = tty, tty, tty
		attr.Setctty, attr.Ctty = true, 0
	case r != nil:
		for _, end := range []**os.File{&stdout, &stderr} {
			read, write, err := pipe()
			if err != nil {
				return nil, err
			}
			p.outputs, theirs, *end = append(p.outputs, read), append(theirs, write), write
		}
		if r.Stdin {
			read, write, err := pipe()
			if err != nil {
				return nil, err
			}
			p.input, theirs, stdin = write, append(theirs, read), read
		}
	}
	orderRead, orderWrite, err := pipe()
	if err != nil {
		return nil, err
	}
	theirs = append(theirs, orderRead)
	answerRead, answerWrite, err := pipe()
	if err != nil {
		_ = orderWrite.Close()
		return nil, err
	}
	p.answer, theirs = answerRead, append(theirs, answerWrite)
	p.child, err = a.procs.start([]string{a.program, EnterArgument}, &syscall.ProcAttr{
		Dir: "/",
		Env: []string{"GOMAXPROCS=1"},
		// Fd also makes the file blocking, which is what programs expect of theirs.
		Files: []uintptr{stdin.Fd(), stdout.Fd(), stderr.Fd(), orderRead.Fd(), answerWrite.Fd()},
		Sys:   attr,
	})
	if err != nil {
		_ = orderWrite.Close()
		return nil, err
	}
	a.waiting.Go(func() {
		// An entering process that cannot read on has an answer that says more than this error.
		_ = sendOrder(orderWrite, o, files)
		_ = orderWrite.Close()
	})
	return p, nil
}

// enterTimeout is for emptying and filling folders; learners' code does not run in it.
const enterTimeout = 20 * time.Second

// started waits until the order is carried out as far as it can be without the command's end.
func (p *program) started() (answer, error) {
	if err := p.answer.SetReadDeadline(time.Now().Add(enterTimeout)); err != nil {
		return answer{}, err
	}
	var got answer
	err := json.NewDecoder(p.answer).Decode(&got)
	if errors.Is(err, io.EOF) {
		return answer{}, nil
	}
	if err != nil {
		_ = syscall.Kill(p.child.pid, syscall.SIGKILL)
		return answer{}, fmt.Errorf("entering as the learner's user: %w", err)
	}
	return got, nil
}

// errand carries out an order without a command.
func (a *Agent) errand(o order, files tree) error {
	p, err := a.enter(o, files, nil)
	if err != nil {
		return err
	}
	defer p.close()
	got, err := p.started()
	<-p.child.done
	if err == nil && got.DiskFull {
		err = fmt.Errorf("%s: %w", got.Message, syscall.ENOSPC)
	} else if err == nil && (got.Message != "" || p.child.end.status.ExitStatus() != 0) {
		err = fmt.Errorf("errand ended with status %d: %s", p.child.end.status, got.Message)
	}
	return err
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
	h := a.settings()
	if !r.Check {
		if err := a.refreshHome(); err != nil {
			return err
		}
		return a.carryOut(id, r, s, a.orderFor(r, h.HomeDir), nil)
	}
	a.checks.Lock()
	a.mu.Lock()
	files := a.work.laidOver(a.tests)
	a.mu.Unlock()
	o := a.orderFor(r, h.WorkDir)
	o.Empty, o.IPC = append(temporaryFolders(), h.WorkDir), true
	o.Dir = h.WorkDir
	err := a.carryOut(id, r, s, o, files)
	// Emptied now, so that hidden tests are not left lying about, but after the answer is sent.
	a.background(id, func() error {
		defer a.checks.Unlock()
		return a.errand(order{Empty: o.Empty, IPC: true}, nil)
	})
	return err
}

func (t tree) laidOver(tests tree) tree {
	all := make(tree, len(t)+len(tests))
	maps.Copy(all, t)
	maps.Copy(all, tests)
	return all
}

func (a *Agent) orderFor(r *harnessv1.Run, dir string) order {
	l := r.GetLimits()
	o := order{Argv: r.Argv, Env: r.Env, Cwd: path.Join(dir, r.Dir)}
	o.MaxProcesses = uint64(max(l.GetProcesses(), 0))
	o.MaxFileBytes = uint64(max(l.GetDiskBytes(), 0))
	if ms := l.GetCpuMs(); ms > 0 {
		o.MaxCPUSeconds = uint64(ms/1000) + 2 // a backstop: the watch looks at all processes together
	}
	return o
}

// drainTimeout is how long the output of ended processes may take to be read.
const drainTimeout = 5 * time.Second

// carryOut runs one program under watch and answers with what it printed and how it ended.
func (a *Agent) carryOut(id uint64, r *harnessv1.Run, s *stream, o order, files tree) error {
	p, err := a.enter(o, files, r)
	if err != nil {
		return err
	}
	defer p.close()
	got, err := p.started()
	if err != nil {
		return errors.Join(err, a.procs.sweep(p.child))
	}
	if got.Message != "" && !got.NotStarted {
		<-p.child.done
		if got.DiskFull {
			return fmt.Errorf("%s: %w", got.Message, syscall.ENOSPC)
		}
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

	w := a.newWatch(r.GetLimits(), o.Dir)
	var pumps sync.WaitGroup
	for i, from := range p.outputs {
		pumps.Go(func() {
			if p.terminal != nil {
				a.pump(id, 1, from, s)
			} else {
				a.meter(id, uint32(i+1), from, w)
			}
		})
	}
	w.until(p.child)
	swept := a.procs.sweep(p.child)
	drained := make(chan struct{})
	go func() { pumps.Wait(); close(drained) }()
	select {
	case <-drained:
	case <-time.After(drainTimeout):
		s.window.close()
		for _, f := range p.outputs {
			_ = f.SetReadDeadline(time.Now())
		}
		<-drained
	}
	if swept != nil {
		return swept
	}
	exit := w.exit(p.child)
	if r.Collect != nil {
		a.collect(id, o.Dir, r.Collect)
	}
	a.send(&harnessv1.Event{Id: id, Kind: &harnessv1.Event_Exit{Exit: exit}})
	return nil
}

// meter sends what a program prints up to the output limit and reads on without sending, so that a
// flood ends at the limit and not at a full pipe.
func (a *Agent) meter(id uint64, number uint32, from io.Reader, w *watch) {
	buf := make([]byte, 32<<10)
	for {
		n, err := from.Read(buf)
		if send := w.printed(n); send > 0 {
			a.output(id, number, buf[:send])
		}
		if err != nil {
			return
		}
	}
}

// collect sends files back. The agent reads them itself: links are not followed and only regular
// files are opened, so it can read nothing that the folder does not hold.
func (a *Agent) collect(id uint64, dir string, c *harnessv1.Collect) {
	for _, name := range c.Paths {
		data, err := readBeneath(dir, name, c.MaxBytes)
		f := &harnessv1.File{Path: name, Found: err == nil, Data: data}
		a.send(&harnessv1.Event{Id: id, Kind: &harnessv1.Event_File{File: f}})
	}
}

var errNotRegular = errors.New("not a regular file of acceptable size")

func readBeneath(dir, name string, maxBytes int64) ([]byte, error) {
	if err := checkPath(filepath.ToSlash(name)); err != nil {
		return nil, err
	}
	root, err := unix.Open(dir, unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	defer func() { _ = unix.Close(root) }()
	fd, err := unix.Openat2(root, name, &unix.OpenHow{
		// Without O_NONBLOCK a named pipe would hold the agent.
		Flags:   unix.O_RDONLY | unix.O_NONBLOCK | unix.O_NOCTTY | unix.O_CLOEXEC,
		Resolve: unix.RESOLVE_BENEATH | unix.RESOLVE_NO_SYMLINKS | unix.RESOLVE_NO_MAGICLINKS | unix.RESOLVE_NO_XDEV,
	})
	if err != nil {
		return nil, err
	}
	f := os.NewFile(uintptr(fd), name)
	defer func() { _ = f.Close() }()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if info.Mode()&fs.ModeType != 0 || info.Size() > maxBytes {
		return nil, errNotRegular
	}
	return io.ReadAll(io.LimitReader(f, maxBytes))
}
