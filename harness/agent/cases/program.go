package cases

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strings"
	"sync"
	"time"
)

// Program is a running command of the learner's.
type Program struct {
	// Channel is the other end of the program's descriptor 3; nil when it has none.
	Channel net.Conn

	kill   func()
	ended  chan struct{}
	status int // once ended is closed

	mu             sync.Mutex
	stdout, stderr bytes.Buffer
	taken          [2]int // how much of them NewOutput has returned
	changed        time.Time
}

// Kill ends the program and waits for its end. It may be called more than once.
func (p *Program) Kill() {
	p.kill()
	<-p.ended
	if p.Channel != nil {
		_ = p.Channel.Close()
	}
}

// Wait waits for the program's end and returns its status; false when the context ended first.
func (p *Program) Wait(ctx context.Context) (status int, ok bool) {
	select {
	case <-p.ended:
		return p.status, true
	case <-ctx.Done():
		return 0, false
	}
}

// Output returns what the program has printed so far.
func (p *Program) Output() (stdout, stderr string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.stdout.String(), p.stderr.String()
}

// NewOutput returns what was printed since it was last called.
func (p *Program) NewOutput() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	text := p.stdout.String()[p.taken[0]:] + p.stderr.String()[p.taken[1]:]
	p.taken = [2]int{p.stdout.Len(), p.stderr.Len()}
	return text
}

// settle waits until the program has printed nothing for a moment, at most for long.
func (p *Program) settle(long time.Duration) {
	const moment = time.Millisecond
	deadline := time.After(long)
	for {
		p.mu.Lock()
		quiet := time.Since(p.changed) > moment
		p.mu.Unlock()
		if quiet {
			return
		}
		select {
		case <-deadline:
			return
		case <-time.After(moment):
		}
	}
}

// capped keeps the first bytes of an output and takes the rest.
type capped struct {
	program *Program
	to      *bytes.Buffer
}

// Write implements io.Writer.
func (c capped) Write(data []byte) (int, error) {
	c.program.mu.Lock()
	defer c.program.mu.Unlock()
	c.program.changed = time.Now()
	if room := maxOutput - c.to.Len(); room > 0 {
		c.to.Write(data[:min(len(data), room)])
	}
	return len(data), nil
}

// Exec starts programs through the launcher "learner", which is on the tester's PATH.
type Exec struct {
	// Command is put before the learner's command; nil for the launcher.
	Command []string
}

// Start implements Launcher.
func (e Exec) Start(argv []string, stdin string, channel bool) (*Program, error) {
	launcher := e.Command
	if launcher == nil {
		launcher = []string{"learner"}
	}
	full := append(append([]string{}, launcher...), argv...)
	cmd := exec.Command(full[0], full[1:]...) //nolint:noctx // the command is what is tested; Kill ends it
	p := &Program{ended: make(chan struct{})}
	cmd.Stdout, cmd.Stderr = capped{p, &p.stdout}, capped{p, &p.stderr}
	cmd.Stdin = strings.NewReader(stdin)
	// What the program left behind may hold its output open.
	cmd.WaitDelay = time.Second
	var theirs *os.File
	if channel {
		ours, other, err := socketpair()
		if err != nil {
			return nil, fmt.Errorf("opening a channel: %w", err)
		}
		p.Channel, theirs = ours, other
		cmd.ExtraFiles = []*os.File{theirs}
		cmd.Env = append(os.Environ(), "CARREL_LEARNER_FD=3")
	}
	err := cmd.Start()
	if theirs != nil {
		_ = theirs.Close()
	}
	if err != nil {
		if p.Channel != nil {
			_ = p.Channel.Close()
		}
		return nil, err
	}
	p.kill = func() { _ = cmd.Process.Kill() }
	go func() {
		defer close(p.ended)
		p.status = statusOf(cmd.Wait())
	}()
	return p, nil
}

func statusOf(err error) int {
	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit) && exit.ExitCode() >= 0:
		return exit.ExitCode()
	case errors.As(err, &exit):
		return 128 + 9 // only a kill of ours ends the launcher by a signal
	default:
		return 0 // a late output is no failure
	}
}
