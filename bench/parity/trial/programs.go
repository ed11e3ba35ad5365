package trial

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/carrel-dev/carrel/fault"
	"github.com/carrel-dev/carrel/harness"
)

const (
	readyPatience = 2 * time.Minute // publishing a course of hundreds of lessons included
	stopPatience  = 30 * time.Second
)

// notPassed is the exit code of a check whose report says anything but passed.
const notPassed = 1

// check checks the workspace in dir on one runner.
func (t *Trial) check(ctx context.Context, dir, runner string) (report harness.Report, err error) {
	out, err := t.run(ctx, "", "check", dir, "--runner", runner, "--json")
	if err != nil {
		return report, err
	}
	if err := json.Unmarshal(out, &report); err != nil {
		return report, fmt.Errorf("reading report from %s: %w", runner, err)
	}
	return report, nil
}

// run runs the command line as the trial's learner and returns what it printed.
func (t *Trial) run(ctx context.Context, stdin string, args ...string) ([]byte, error) {
	command := exec.CommandContext(ctx, t.carrel, args...)
	gently(command)
	command.Env = append(os.Environ(), "CARREL_HOME="+filepath.Join(t.temp, "home"))
	command.Stdin = strings.NewReader(stdin)
	var said bytes.Buffer
	command.Stderr = &said
	out, err := command.Output()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok && exit.ExitCode() == notPassed {
		return out, nil
	}
	if err != nil {
		return nil, fmt.Errorf("running carrel %s: %w: %s", args[0], err, bytes.TrimSpace(said.Bytes()))
	}
	return out, nil
}

// gently makes the end of the command's context an interrupt: containers and databases are given back.
func gently(command *exec.Cmd) {
	command.Cancel = func() error { return command.Process.Signal(os.Interrupt) }
	command.WaitDelay = stopPatience
}

// service is a running carreld.
type service struct {
	address string
	cancel  context.CancelFunc
	ended   chan error // has the end of the program, once
}

// serve starts a cloud with its own database in data and the course published, and waits until it answers.
func serve(ctx context.Context, program, data, course string) (*service, error) {
	ctx, cancel := context.WithCancel(ctx)
	command := exec.CommandContext(ctx, program, "serve", "--embedded", "--data", data,
		"--listen", "127.0.0.1:0", "--courses", course)
	gently(command)
	output := &output{ready: make(chan string, 1)}
	command.Stdout, command.Stderr = output, output
	if err := command.Start(); err != nil {
		cancel()
		return nil, fault.Wrap(err, fault.NotFound, "The cloud's program cannot be started.", "Build it: make build")
	}
	s := &service{cancel: cancel, ended: make(chan error, 1)}
	go func() { s.ended <- command.Wait() }()
	select {
	case s.address = <-output.ready:
		return s, nil
	case err := <-s.ended:
		cancel()
		return nil, fmt.Errorf("carreld ended before it was ready: %w\n%s", err, output.String())
	case <-time.After(readyPatience):
		return nil, errors.Join(fmt.Errorf("carreld was not ready within %v\n%s", readyPatience, output.String()), s.stop())
	}
}

// stop ends the cloud as an operator does and waits for its end.
func (s *service) stop() error {
	s.cancel()
	if err := <-s.ended; err != nil && !errors.Is(err, context.Canceled) {
		return fmt.Errorf("stopping carreld: %w", err)
	}
	return nil
}

var readyLine = regexp.MustCompile(`ready on (http://\S+)\n`)

// output keeps what a program prints and tells the address in the line that says it is ready.
type output struct {
	ready chan string // has room for the one address

	mu   sync.Mutex
	text bytes.Buffer
	told bool
}

// Write implements io.Writer.
func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	n, err := o.text.Write(p)
	if o.told {
		return n, err
	}
	if found := readyLine.FindSubmatch(o.text.Bytes()); found != nil {
		o.told = true
		o.ready <- string(found[1])
	}
	return n, err
}

// String returns everything printed so far.
func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}
