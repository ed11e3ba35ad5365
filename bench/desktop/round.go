//go:build linux

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"time"
)

const (
	openLine      = "the window is open"
	openPatience  = time.Minute
	quietPatience = 2 * time.Minute
	stopPatience  = 30 * time.Second

	pollPause = 100 * time.Millisecond
	// quiet is how long a window that has finished starting uses no more processor than idle: a caret
	// blinks, a watcher looks.
	quiet = time.Second
	idle  = 2 * tick
)

// sample is what one round measured.
type sample struct {
	open      time.Duration // until the line that the window is open
	usable    time.Duration // until the quiet second began
	cpu       time.Duration // of the process tree until then
	pss       int64         // bytes of the process tree after it
	processes int
}

// String tells the round in one line.
func (s sample) String() string {
	return fmt.Sprintf("open after %d ms, usable after %d ms, %.2f s of processor, %d processes with %.0f MB",
		s.open.Milliseconds(), s.usable.Milliseconds(), s.cpu.Seconds(), s.processes, mb(s.pss))
}

// open opens the window with a new state folder, waits until the lesson can be worked on, and closes it.
func open(ctx context.Context, o options, display string) (s sample, err error) {
	home, err := os.MkdirTemp("", "carrel-desktop-bench-")
	if err != nil {
		return s, fmt.Errorf("making folder: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(home)) }()
	w, err := startWindow(ctx, o, display, home)
	if err != nil {
		return s, err
	}
	defer func() { err = errors.Join(err, w.stop()) }()
	select {
	case at := <-w.output.opened:
		s.open = at.Sub(w.began)
	case <-w.ended:
		return s, fmt.Errorf("the window ended:\n%s", w.output)
	case <-time.After(openPatience):
		return s, fmt.Errorf("no window within %v:\n%s", openPatience, w.output)
	case <-ctx.Done():
		return s, ctx.Err()
	}
	settledAt, err := w.settle(ctx, filepath.Join(home, "work", o.course, o.lesson, o.file))
	if err != nil {
		return s, err
	}
	s.usable, s.cpu = settledAt.at, settledAt.cpu
	tree, err := treeOf(w.command.Process.Pid)
	if err != nil {
		return s, err
	}
	s.processes = len(tree)
	s.pss, err = proportional(tree)
	return s, err
}

// window is the running program.
type window struct {
	command *exec.Cmd
	began   time.Time
	output  *output
	ended   chan struct{} // closed when it has ended
}

func startWindow(ctx context.Context, o options, display, home string) (*window, error) {
	command := exec.CommandContext(context.WithoutCancel(ctx), o.program, o.course+"/"+o.lesson) // stop ends it
	command.Env = append(os.Environ(), "DISPLAY="+display, "GDK_BACKEND=x11", "CARREL_HOME="+home,
		"CARREL_SERVER=http://127.0.0.1:9") // the discard port: no cloud, as on most first starts
	// A group of its own, so that WebKit's processes can be ended when the window dies before them.
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	w := &window{command: command, output: &output{opened: make(chan time.Time, 1)}, ended: make(chan struct{})}
	command.Stdout, command.Stderr = w.output, w.output
	command.WaitDelay = stopPatience
	w.began = time.Now()
	if err := command.Start(); err != nil {
		return nil, fmt.Errorf("starting window: %w", err)
	}
	go func() {
		_ = command.Wait() // how it ended does not matter: it is stopped, or its output tells
		close(w.ended)
	}()
	return w, nil
}

// stop closes the window as a person would and ends what is left of its process group.
func (w *window) stop() error {
	_ = w.command.Process.Signal(os.Interrupt) // it may have ended by itself
	select {
	case <-w.ended:
	case <-time.After(stopPatience):
	}
	err := syscall.Kill(-w.command.Process.Pid, syscall.SIGKILL)
	<-w.ended
	if err != nil && !errors.Is(err, syscall.ESRCH) {
		return fmt.Errorf("ending what the window left: %w", err)
	}
	return nil
}

// reading is the processor time of the process tree at a moment since the start.
type reading struct{ at, cpu time.Duration }

// settle waits until the file is there and a quiet second follows, and returns the beginning of it.
func (w *window) settle(ctx context.Context, file string) (reading, error) {
	ticker := time.NewTicker(pollPause)
	defer ticker.Stop()
	deadline := time.After(quietPatience)
	var readings []reading
	for {
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return reading{}, ctx.Err()
		case <-deadline:
			return reading{}, fmt.Errorf("the window did not become quiet within %v:\n%s", quietPatience, w.output)
		}
		if _, err := os.Stat(file); err != nil {
			continue
		}
		tree, err := treeOf(w.command.Process.Pid)
		if err != nil {
			return reading{}, fmt.Errorf("%w:\n%s", err, w.output)
		}
		now := reading{at: time.Since(w.began)}
		for _, p := range tree {
			now.cpu += p.cpu
		}
		readings = append(readings, now)
		if since, ok := settled(readings); ok {
			return since, nil
		}
	}
}

// settled returns the beginning of a quiet second that ends with the last reading, if it does.
func settled(readings []reading) (since reading, ok bool) {
	if len(readings) == 0 {
		return reading{}, false
	}
	last := readings[len(readings)-1]
	for _, r := range readings {
		if last.at-r.at < quiet {
			break
		}
		since, ok = r, true
	}
	return since, ok && last.cpu-since.cpu <= idle
}

// output keeps what the window prints and tells when it said that it is open.
type output struct {
	opened chan time.Time // has room for the one moment

	mu   sync.Mutex
	text bytes.Buffer
	told bool
}

// Write implements io.Writer.
func (o *output) Write(p []byte) (int, error) {
	now := time.Now()
	o.mu.Lock()
	defer o.mu.Unlock()
	n, err := o.text.Write(p)
	if !o.told && bytes.Contains(o.text.Bytes(), []byte(openLine)) {
		o.told = true
		o.opened <- now
	}
	return n, err
}

// String returns everything printed so far.
func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}
