package docker

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/carrel-dev/carrel/build/images"
	"github.com/carrel-dev/carrel/fault"
	"github.com/carrel-dev/carrel/harness"
	"github.com/carrel-dev/carrel/harness/agent/client"
	"github.com/carrel-dev/carrel/lesson"
	harnessv1 "github.com/carrel-dev/carrel/proto/gen/carrel/harness/v1"
)

// What a service's Reset is told: the two things that a service keeps apart.
const (
	forPractice = "practice" // terminals and programs
	forChecks   = "check"
)

const (
	// readyTimeout is for a service that starts on a cold disk of a busy laptop, or replays its seeds.
	readyTimeout = 60 * time.Second
	resetService = 20 * time.Second
	// dyingTimeout is how long a service that does not answer may take to end or to answer again.
	dyingTimeout = 3 * time.Second
	// readyPause is between two looks at a service that starts; PostgreSQL takes 60 ms.
	readyPause = 20 * time.Millisecond
	// seedChunk is how much of a seed travels in one frame.
	seedChunk = 256 << 10
	// spokenBytes bounds what a seed or reset may print; a service itself may print for ever, and its end
	// is kept.
	spokenBytes = 64 << 10
)

// service is a program beside an exercise, in a container of its own that shares the network of the
// exercise's. It is started again whenever it stops. It is safe for concurrent use.
type service struct {
	runner *Runner
	image  serviceImage
	beside *container

	life context.Context //nolint:containedctx // ended by remove, and with it what is being done to the service
	end  context.CancelFunc

	mu        sync.Mutex // held while it is started or reset
	container *container // nil before the first start
	run       *serviceRun
	checks    int  // that began with it
	used      bool // by one since its last reset
}

// serviceRun is one life of a service's program. The fields below ended are written before it is closed.
type serviceRun struct {
	said  tailBuffer
	ended chan struct{}
	exit  harness.Exit
}

func (r *serviceRun) over() bool {
	select {
	case <-r.ended:
		return true
	default:
		return false
	}
}

// startService makes the container and returns when the service is ready and seeded.
func (r *Runner) startService(ctx context.Context, beside *container, i serviceImage) (*service, error) {
	s := &service{runner: r, image: i, beside: beside}
	s.life, s.end = context.WithCancel(context.Background()) //nolint:forbidigo // a service lives until remove
	if err := s.up(ctx); err != nil {
		return nil, errors.Join(err, s.remove())
	}
	return s, nil
}

// hold takes mu for something that ends when ctx does or the service is removed.
func (s *service) hold(ctx context.Context) (held context.Context, release func()) {
	ctx, cancel := context.WithCancel(ctx)
	stop := context.AfterFunc(s.life, cancel)
	s.mu.Lock()
	return ctx, func() {
		s.mu.Unlock()
		stop()
		cancel()
	}
}

// start brings the service into its first state, in a new container where the old one is lost. The
// caller holds mu.
func (s *service) start(ctx context.Context) error {
	if s.life.Err() != nil {
		return errClosed()
	}
	ctx, cancel := context.WithTimeout(ctx, readyTimeout)
	defer cancel()
	if s.container != nil && !s.container.alive() {
		if err := s.container.remove(); err != nil {
			return err
		}
		s.container = nil
	}
	if s.container == nil {
		c, err := s.runner.startBeside(ctx, s.beside.engine, harness.Spec{Limits: s.image.limits()}, s.image.image, s.beside)
		if err != nil {
			return err
		}
		s.container = c
	}
	err := s.begin()
	if err == nil {
		err = s.ready(ctx)
	}
	for _, seed := range s.image.Seed {
		if err != nil {
			break
		}
		if err = s.do(ctx, s.image.pack.Service.Seed, seed.Data); err != nil {
			err = s.seedFault(seed.Path, err)
		}
	}
	for _, what := range []string{forPractice, forChecks} {
		if err == nil {
			err = s.reset(ctx, what)
		}
	}
	s.used = false
	return err
}

// begin starts the program and follows it to its end.
func (s *service) begin() error {
	env := slices.Concat(s.image.env, s.image.pack.Env, s.image.Env, []string{"HOME=" + homeDir, "CARREL_SERVICE_PORT=" + s.image.port()})
	// Without limits of its own: the container's hold, and a full disk is the service's to tell.
	start := &harnessv1.Run{Argv: s.image.pack.Service.Start, Env: env, Limits: &harnessv1.Limits{}}
	call, err := s.container.conn.Start(&harnessv1.Command{Verb: &harnessv1.Command_Run{Run: start}})
	if err != nil {
		return err
	}
	run := &serviceRun{ended: make(chan struct{}), exit: harness.Exit{Code: -1}}
	s.run = run
	go func() { // ends with the container's connection at the latest; remove waits for it
		defer close(run.ended)
		defer call.Close()
		for {
			e, err := call.Next(context.Background()) //nolint:forbidigo // the connection's end ends it
			if err != nil {
				if failed := (*client.FailedError)(nil); errors.As(err, &failed) {
					_, _ = run.said.Write([]byte(failed.Message))
				}
				return
			}
			if o := e.GetOutput(); o != nil {
				_, _ = run.said.Write(o.Data)
			}
			if x := e.GetExit(); x != nil {
				run.exit = exitOf(x)
				return
			}
		}
	}()
	return nil
}

// ready waits until the service can be used.
func (s *service) ready(ctx context.Context) error {
	for {
		err := s.answers(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-s.run.ended:
			return s.startFault("The service %s ended as soon as it was started.%s", errors.New("the program ended"))
		case <-ctx.Done():
			return s.startFault("The service %s did not answer in time.%s", errors.Join(context.Cause(ctx), err))
		case <-time.After(readyPause):
		}
	}
}

func (s *service) answers(ctx context.Context) error {
	stream, err := s.container.conn.Open(&harnessv1.Command{Verb: &harnessv1.Command_Dial{Dial: &harnessv1.Dial{Port: uint32(s.image.Port)}}})
	if err != nil {
		return err
	}
	err = stream.Connected(ctx)
	_ = stream.Close() // whether it connected is all that was asked
	if err == nil && len(s.image.pack.Service.Ready) > 0 {
		err = s.do(ctx, s.image.pack.Service.Ready, nil)
	}
	return err
}

// reset brings practice or checks back to the state after the seeds. The caller holds mu.
func (s *service) reset(ctx context.Context, what string) error {
	argv := s.image.pack.Service.Reset
	if len(argv) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, resetService)
	defer cancel()
	if err := s.do(ctx, append(slices.Clone(argv), what), nil); err != nil {
		return fmt.Errorf("resetting the service %s: %w", s.image.Name, err)
	}
	return nil
}

// do runs one of the service's commands to its end. The error has what it said.
func (s *service) do(ctx context.Context, argv []string, stdin []byte) error {
	if len(argv) == 0 {
		return errors.New("the service's language pack has no command for this")
	}
	env := slices.Concat(s.image.env, s.image.pack.Env, s.image.Env, []string{"HOME=" + homeDir, "CARREL_SERVICE_PORT=" + s.image.port()})
	run := &harnessv1.Run{Argv: argv, Env: env, Stdin: stdin != nil, Limits: &harnessv1.Limits{OutputBytes: spokenBytes}}
	conn := s.container.conn
	call, err := conn.Start(&harnessv1.Command{Verb: &harnessv1.Command_Run{Run: run}})
	if err != nil {
		return err
	}
	defer call.Close()
	for chunk := range slices.Chunk(stdin, seedChunk) {
		if err := conn.Do(ctx, &harnessv1.Command{Verb: &harnessv1.Command_Stdin{Stdin: &harnessv1.Stdin{Target: call.ID(), Data: chunk}}}); err != nil {
			return err
		}
	}
	if stdin != nil {
		if err := conn.Do(ctx, &harnessv1.Command{Verb: &harnessv1.Command_Stdin{Stdin: &harnessv1.Stdin{Target: call.ID(), Close: true}}}); err != nil {
			return err
		}
	}
	var said tailBuffer
	for {
		e, err := call.Next(ctx)
		if err != nil {
			return err
		}
		if o := e.GetOutput(); o != nil {
			_, _ = said.Write(o.Data)
		}
		if x := e.GetExit(); x != nil {
			if x.Code != 0 {
				return &commandError{int(x.Code), harness.Neutral(said.String())}
			}
			return nil
		}
	}
}

// commandError is a service's command that ended with another code than 0.
type commandError struct {
	code int
	said string
}

func (e *commandError) Error() string { return fmt.Sprintf("ended with code %d: %s", e.code, e.said) }

// startFault wraps err; message has the service's name and what it said.
func (s *service) startFault(message string, err error) error {
	said := harness.Neutral(s.run.said.String())
	return fault.Wrap(fmt.Errorf("%w; it said: %s", err, said), fault.Unavailable, fmt.Sprintf(message, s.image.Name, reason(said)),
		"Try again. If it happens again, tell the author of the lesson.")
}

func (s *service) seedFault(path string, err error) error {
	failed := (*commandError)(nil)
	if !errors.As(err, &failed) {
		return err
	}
	return fault.Wrap(err, fault.Invalid, fmt.Sprintf("The service %s does not take its seed %s.%s", s.image.Name, path, reason(failed.said)),
		"This is a mistake of the lesson: tell its author.")
}

// reason is what a log has for a sentence: the first line that speaks of an error, else the last.
func reason(log string) string {
	lines := strings.Split(strings.TrimSpace(log), "\n")
	line := lines[len(lines)-1]
	if i := slices.IndexFunc(lines, func(l string) bool { return strings.Contains(strings.ToLower(l), "error") }); i >= 0 {
		line = lines[i]
	}
	if line == "" {
		return ""
	}
	return " It said: " + line
}

// up makes sure that the service can be used: it starts one that has stopped.
func (s *service) up(ctx context.Context) error {
	ctx, release := s.hold(ctx)
	defer release()
	if s.run != nil && s.lasts(ctx, s.run) {
		return nil
	}
	return s.upLocked(ctx)
}

func (s *service) upLocked(ctx context.Context) error {
	if s.run != nil && !s.run.over() && s.container != nil && s.container.alive() {
		return nil
	}
	return s.start(ctx)
}

// fresh makes sure that the service runs and that checks find it in its first state.
func (s *service) fresh(ctx context.Context) error {
	ctx, release := s.hold(ctx)
	defer release()
	if err := s.upLocked(ctx); err != nil {
		return err
	}
	if s.used {
		if err := s.reset(ctx, forChecks); err != nil {
			// Whatever a check did to it, a new one is clean.
			if err := s.restart(ctx); err != nil {
				return err
			}
		}
	}
	s.used = true
	s.checks++
	return nil
}

// clean resets the service after its check of this number, so that the next one need not wait. When that
// has begun, it has done so itself.
func (s *service) clean(ctx context.Context, check int) {
	ctx, release := s.hold(ctx)
	defer release()
	if ctx.Err() != nil || s.checks != check || s.run.over() {
		return
	}
	if err := s.reset(ctx, forChecks); err == nil {
		s.used = false
	}
}

// restart ends the container, however its program is, and starts a new one. The caller holds mu.
func (s *service) restart(ctx context.Context) error {
	if s.container != nil {
		if err := s.container.remove(); err != nil {
			return err
		}
		<-s.run.ended
	}
	return s.start(ctx)
}

// anew brings what terminals and programs see back to the first state.
func (s *service) anew(ctx context.Context) error {
	ctx, release := s.hold(ctx)
	defer release()
	if s.run.over() {
		return nil // started again before its next use
	}
	return s.reset(ctx, forPractice)
}

// current returns the number of the check that has the service now, and the life in which it has it.
func (s *service) current() (check int, life *serviceRun) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.checks, s.run
}

// survived tells whether the service still can be used after a check that did not pass. A client hears of
// a server's death before we do.
func (s *service) survived(ctx context.Context, life *serviceRun) bool {
	ctx, release := s.hold(ctx)
	defer release()
	return s.lasts(ctx, life)
}

// lasts is survived for a caller that holds mu.
func (s *service) lasts(ctx context.Context, life *serviceRun) bool {
	ctx, cancel := context.WithTimeout(ctx, dyingTimeout)
	defer cancel()
	for !life.over() && ctx.Err() == nil {
		if s.answers(ctx) == nil {
			return true
		}
		select {
		case <-life.ended:
		case <-ctx.Done():
		case <-time.After(readyPause):
		}
	}
	return !life.over()
}

func (s *service) remove() error {
	s.end()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.container == nil {
		return nil
	}
	err := s.container.remove()
	if s.run != nil {
		<-s.run.ended
	}
	return err
}

// serviceImage is a service with the environment it runs in, which is present on the engine.
type serviceImage struct {
	lesson.Service // its Port is never 0
	image
}

func (i serviceImage) port() string { return strconv.Itoa(int(i.Port)) }

func (i serviceImage) limits() harness.Limits {
	p := i.pack.Service
	return harness.Limits{MemoryBytes: int64(p.MemoryMB) << 20, DiskBytes: int64(p.DiskMB) << 20}.OrDefault()
}

// clientEnv is what the exercise's processes get to find the service.
func (i serviceImage) clientEnv(what string) []string {
	p := i.pack.Service
	list := p.PracticeEnv
	if what == forChecks {
		list = p.CheckEnv
	}
	fill := strings.NewReplacer("{host}", i.Name, "{port}", i.port())
	var env []string
	for _, e := range slices.Concat(p.ClientEnv, list) {
		env = append(env, fill.Replace(e))
	}
	return env
}

// serviceImages finds what an exercise's services run in. Errors are faults: NotFound when it is missing,
// Invalid when the services cannot run together.
func (r *Runner) serviceImages(ctx context.Context, engine *connected, services []lesson.Service) ([]serviceImage, error) {
	var out []serviceImage
	for _, s := range services {
		i, err := r.image(ctx, engine, s.Environment)
		if err != nil {
			return nil, err
		}
		p := i.pack.Service
		if p == nil || len(p.Start) == 0 {
			return nil, fault.New(fault.Invalid, fmt.Sprintf("The environment %q does not say how it is started as a service.", s.Environment.Name),
				"Its image needs a label "+images.LabelPack+" with a section \"service\".")
		}
		if s.Port == 0 {
			s.Port = p.Port
		}
		for _, other := range out {
			if other.Port == s.Port {
				return nil, fault.New(fault.Invalid, fmt.Sprintf("The services %s and %s both use port %d.", other.Name, s.Name, s.Port),
					"They share the exercise's loopback: the author has to give one of them another port.")
			}
		}
		out = append(out, serviceImage{s, i})
	}
	return out, nil
}
