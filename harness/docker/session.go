package docker

import (
	"cmp"
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/carrel-dev/carrel/fault"
	"github.com/carrel-dev/carrel/harness"
	"github.com/carrel-dev/carrel/harness/agent/client"
	"github.com/carrel-dev/carrel/lesson"
	harnessv1 "github.com/carrel-dev/carrel/proto/gen/carrel/harness/v1"
)

// session is one owner's use of one container at a time; a container that is lost is replaced.
type session struct {
	runner *Runner
	spec   harness.Spec
	image  image
	opened time.Duration // how long the first container took; told in the first report

	mu      sync.Mutex
	current *container
	files   lesson.Files
	closed  bool
}

// container returns the live container, opening one when there is none.
func (s *session) container(ctx context.Context) (*container, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed || s.runner.stopped.Err() != nil {
		return nil, errClosed()
	}
	if s.current != nil && s.current.alive() {
		return s.current, nil
	}
	if s.current != nil {
		s.discardLocked(s.current)
	}
	c, err := s.runner.acquire(ctx, s.spec, s.image)
	if err != nil {
		return nil, err
	}
	s.current = c
	return s.current, nil
}

// ready tells whether the next command finds a live container.
func (s *session) ready() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.current != nil && s.current.alive()
}

// lost tells whether there was a container and is none any more.
func (s *session) lost() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.current != nil && !s.current.alive()
}

// discard ends a container that cannot be trusted any more, in the background.
func (s *session) discard(c *container) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.discardLocked(c)
}

func (s *session) discardLocked(c *container) {
	if s.current == c {
		s.current = nil
	}
	s.runner.dispose(c)
}

// try does something in the container, a second time in a new one when the first is lost. Whatever
// goes wrong, the container is given up.
func (s *session) try(ctx context.Context, do func(c *container) error) error {
	for attempt := 1; ; attempt++ {
		if attempt > 1 || s.lost() {
			if err := s.runner.returned(ctx); err != nil {
				return err
			}
		}
		c, err := s.container(ctx)
		if err != nil {
			return err
		}
		err = do(c)
		if err == nil {
			return nil
		}
		s.discard(c)
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if attempt == 1 && errors.Is(err, client.ErrLost) {
			s.runner.log.Warn("container lost, trying a new one", "said", c.said.String())
			continue
		}
		if already := (*fault.Error)(nil); errors.As(err, &already) {
			return err
		}
		return infrastructure(err)
	}
}

// Put makes the learner's files equal to files.
func (s *session) Put(ctx context.Context, files lesson.Files) error {
	files = files.Overlay() // the caller may change its map
	s.mu.Lock()
	s.files = files
	s.mu.Unlock()
	if files.Size() > s.spec.Limits.DiskBytes {
		return nil // they stay here: a check says disk_limit, which is a verdict and no error
	}
	return s.try(ctx, func(c *container) error { return c.put(ctx, files, false) })
}

// environ returns the environment of a process.
func (s *session) environ(more ...[]string) []string {
	return environ(append([][]string{s.image.env, s.image.pack.Env}, more...)...)
}

// environ joins environments; the later of two values counts.
func environ(lists ...[]string) []string {
	var env []string
	at := map[string]int{}
	for _, e := range slices.Concat(lists...) {
		name, _, ok := strings.Cut(e, "=")
		if !ok {
			continue
		}
		if i, ok := at[name]; ok {
			env[i] = e
			continue
		}
		at[name] = len(env)
		env = append(env, e)
	}
	return env
}

func (s *session) homeEnv() []string {
	return append(s.image.serviceEnv(forPractice), "HOME="+homeDir, "USER=learner", "LOGNAME=learner")
}

// Run starts a command without tests and waits for its end.
func (s *session) Run(ctx context.Context, command harness.Command) (harness.Exit, error) {
	limits := s.bounded(command.Limits)
	run := &harnessv1.Run{Argv: command.Argv, Env: s.environ(s.homeEnv(), command.Env), Limits: wireLimits(limits)}
	var exit harness.Exit
	err := s.try(ctx, func(c *container) error {
		if err := s.sync(ctx, c); err != nil {
			return err
		}
		var clean [3]harness.Cleaner
		say := func(stream int, text string) {
			if command.Output != nil && text != "" {
				command.Output(stream, text)
			}
		}
		ended, _, err := s.follow(ctx, c, run, func(stream int, data []byte) { say(stream, clean[stream].Clean(data)) })
		for stream := 1; stream < len(clean); stream++ {
			say(stream, clean[stream].End())
		}
		exit = exitOf(ended)
		return err
	})
	return exit, err
}

// sync brings the files of the last Put into a container that may be newer than it, and starts services
// that stopped.
func (s *session) sync(ctx context.Context, c *container) error {
	s.mu.Lock()
	files := s.files
	s.mu.Unlock()
	if files.Size() > s.spec.Limits.DiskBytes {
		return fault.New(fault.Exhausted, "Your files are larger than this exercise allows.", "Delete what you do not need.")
	}
	if err := c.services.up(ctx); err != nil {
		return err
	}
	return c.put(ctx, files, false)
}

// follow carries out a Run command to its end; see container.follow.
func (s *session) follow(ctx context.Context, c *container, run *harnessv1.Run, output func(stream int, data []byte)) (*harnessv1.Exit, map[string][]byte, error) {
	return c.follow(ctx, run, output)
}

// follow carries out a Run command to its end. What the command prints is handed over as it comes, on
// the calling goroutine: stream 1 or 2, and 3 for the report when the run has that channel.
func (c *container) follow(ctx context.Context, run *harnessv1.Run, output func(stream int, data []byte)) (*harnessv1.Exit, map[string][]byte, error) {
	c.load.begins(ctx, c, run)
	call, err := c.conn.Start(&harnessv1.Command{Verb: &harnessv1.Command_Run{Run: run}})
	if err != nil {
		return nil, nil, err
	}
	defer call.Close()
	// The agent ends a run at its limit; one that it does not end is ours to end.
	ctx, cancel := context.WithTimeout(ctx, 3*time.Duration(run.Limits.WallMs)*time.Millisecond+graceTimeout)
	defer cancel()
	files := map[string][]byte{}
	for {
		e, err := call.Next(ctx)
		if err != nil {
			return nil, nil, err
		}
		switch kind := e.Kind.(type) {
		case *harnessv1.Event_Output:
			if stream := int(kind.Output.Stream); stream < reportStream || run.ReportBytes > 0 {
				output(min(stream, reportStream), kind.Output.Data)
			}
		case *harnessv1.Event_File:
			if kind.File.Found {
				files[kind.File.Path] = kind.File.Data
			}
		case *harnessv1.Event_Exit:
			c.load.ended(run, kind.Exit)
			return kind.Exit, files, c.vouch(ctx, kind.Exit)
		}
	}
}

// reportStream is the number of the report's channel.
const reportStream = 3

// vouch makes sure that a command which was killed was not killed together with its container: then
// its end says nothing about the learner's code. An agent that still answers was not.
func (c *container) vouch(ctx context.Context, exit *harnessv1.Exit) error {
	if exit.Signal != int32(syscall.SIGKILL) || exit.LimitHit != "" {
		return nil
	}
	return c.conn.Do(ctx, &harnessv1.Command{Verb: &harnessv1.Command_Ping{Ping: &harnessv1.Ping{}}})
}

// graceTimeout is what opening folders, killing and emptying may take on top of a run's wall time.
const graceTimeout = 30 * time.Second

// bounded returns a run's limits, which cannot be above those the container was opened with.
func (s *session) bounded(l harness.Limits) harness.Limits {
	outer := s.spec.Limits
	within := func(n, most int64) int64 { return min(cmp.Or(max(n, 0), most), most) }
	l.MemoryBytes, l.Processes, l.DiskBytes = within(l.MemoryBytes, outer.MemoryBytes), within(l.Processes, outer.Processes), within(l.DiskBytes, outer.DiskBytes)
	l.CPU, l.Wall, l.OutputBytes = cmp.Or(l.CPU, outer.CPU), cmp.Or(l.Wall, outer.Wall), cmp.Or(l.OutputBytes, outer.OutputBytes)
	return l.OrDefault()
}

func wireLimits(l harness.Limits) *harnessv1.Limits {
	return &harnessv1.Limits{
		CpuMs: l.CPU.Milliseconds(), WallMs: l.Wall.Milliseconds(), MemoryBytes: l.MemoryBytes,
		Processes: l.Processes, OutputBytes: l.OutputBytes, DiskBytes: l.DiskBytes,
	}
}

func exitOf(e *harnessv1.Exit) harness.Exit {
	u := e.GetUsage()
	return harness.Exit{
		Code: int(e.GetCode()), LimitHit: e.GetLimitHit(),
		Usage: harness.Usage{CPUMS: u.GetCpuMs(), WallMS: u.GetWallMs(), PeakMemoryBytes: u.GetPeakMemoryBytes()},
	}
}

// Terminal starts an interactive shell.
func (s *session) Terminal(ctx context.Context, size harness.Size) (harness.Terminal, error) {
	shell := s.image.pack.Shell
	if len(shell) == 0 {
		shell = []string{"/bin/sh", "-l"}
	}
	limits := &harnessv1.Limits{Processes: s.spec.Limits.Processes, DiskBytes: s.spec.Limits.DiskBytes}
	run := &harnessv1.Run{
		Argv: shell, Env: s.environ([]string{"TERM=xterm-256color", "COLORTERM=truecolor"}, s.homeEnv()), Limits: limits, Stdin: true,
		Terminal: &harnessv1.Size{Rows: uint32(size.Rows), Columns: uint32(size.Columns)},
	}
	var t *terminal
	err := s.try(ctx, func(c *container) error {
		if err := s.sync(ctx, c); err != nil {
			return err
		}
		c.load.begins(ctx, c, run)
		stream, err := c.conn.Open(&harnessv1.Command{Verb: &harnessv1.Command_Run{Run: run}})
		t = &terminal{stream}
		return err
	})
	if err != nil {
		return nil, err
	}
	return t, nil
}

type terminal struct{ *client.Stream }

// Resize changes the size.
func (t *terminal) Resize(size harness.Size) error { return t.Stream.Resize(size.Rows, size.Columns) }

// Dial connects to a TCP port inside the environment.
func (s *session) Dial(ctx context.Context, port uint16) (io.ReadWriteCloser, error) {
	c, err := s.container(ctx)
	if err != nil {
		return nil, err
	}
	stream, err := c.conn.Open(&harnessv1.Command{Verb: &harnessv1.Command_Dial{Dial: &harnessv1.Dial{Port: uint32(port)}}})
	if err != nil {
		return nil, infrastructure(err)
	}
	if err := stream.Connected(ctx); err != nil {
		_ = stream.Close()
		if failed := (*client.FailedError)(nil); errors.As(err, &failed) {
			return nil, fault.Wrap(err, fault.Unavailable, "Nothing answers on that port.", "Start your program, and let it listen on the port.")
		}
		return nil, infrastructure(err)
	}
	return stream, nil
}

// resetTimeout is how long it may take to end everything a learner left running.
const resetTimeout = 10 * time.Second

// Close ends every process and gives the environment back. One that is not kept is removed in the
// background, which Runner.Close waits for.
func (s *session) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.current
	if s.closed || c == nil {
		s.closed = true
		return nil
	}
	s.closed, s.current = true, nil
	if s.spec.Fresh || !c.alive() || s.runner.stopped.Err() != nil {
		s.runner.dispose(c)
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), resetTimeout) //nolint:forbidigo // io.Closer has no context
	defer cancel()
	if err := c.reset(ctx); err != nil {
		s.runner.log.Warn("container not reset", "error", err)
		s.runner.dispose(c)
		return nil
	}
	s.runner.pool.give(c)
	s.runner.dispose(s.runner.pool.trim(s.runner.bounds())...)
	return nil
}
