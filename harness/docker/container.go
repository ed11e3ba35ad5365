package docker

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/containerd/errdefs"
	"github.com/docker/docker/api/types"
	containertypes "github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/mount"
	"github.com/docker/docker/pkg/stdcopy"

	"github.com/carrel-dev/carrel/fault"
	"github.com/carrel-dev/carrel/harness"
	"github.com/carrel-dev/carrel/harness/agent"
	"github.com/carrel-dev/carrel/harness/agent/client"
	"github.com/carrel-dev/carrel/lesson"
	harnessv1 "github.com/carrel-dev/carrel/proto/gen/carrel/harness/v1"
)

// The folders of every container.
const (
	workDir = "/work"         // checks
	homeDir = "/home/learner" // programs and terminals
	testDir = "/tests"        // the tests of a split check
)

const (
	openTimeout   = 60 * time.Second // a cold disk, a busy laptop
	removeTimeout = 20 * time.Second

	// memoryReserve is what the agent and its spare process need beside the learner's limit.
	memoryReserve = 32 << 20
	// zygoteReserve is for a preloaded interpreter.
	zygoteReserve = 96 << 20
	// processUsers each have the process limit for themselves: learner, home and tester.
	processUsers = 3
	// processReserve keeps the agent able to start threads and helpers whatever the learner's processes
	// do; their own limit is a resource limit below it.
	processReserve = 64
	// runFolder is for the agent's own socket.
	runFolder = "rw,noexec,nosuid,nodev,size=65536,nr_inodes=16,mode=0755"
	// bytesPerFile bounds the number of files of one folder by its size.
	bytesPerFile = 1 << 10
	// openFiles is per process.
	openFiles = 4096
)

// container is a running environment and the connection to its agent.
type container struct {
	runner    *Runner
	engine    *connected
	id        string
	name      string // known before the engine has told the id
	shape     shape
	owner     string       // whose it is, once used
	used      bool         // somebody's files are or were there
	bytes     atomic.Int64 // what it takes while it waits; 0 until measured
	load      load
	uid       uint32
	conn      *client.Conn
	stream    types.HijackedResponse
	idleSince time.Time
	ended     sync.WaitGroup
	once      sync.Once
	removeErr error
	said      tailBuffer // on standard error, by the agent

	beside   *container // whose network a service shares; nil for an exercise's own container
	services services
	online   string // the network to the internet, when it uses that

	protections []string // what the agent found to protect it

	work, tests map[string]lesson.Digest // what the agent has
}

// start creates a container and returns when its agent has answered.
func (r *Runner) start(ctx context.Context, spec harness.Spec, i image) (*container, error) {
	engine, err := r.connect(ctx)
	if err != nil {
		return nil, err
	}
	if !r.begin() {
		return nil, errClosed()
	}
	defer r.work.Done()
	ctx, cancel := context.WithTimeout(ctx, openTimeout)
	defer cancel()
	defer context.AfterFunc(r.stopped, cancel)()
	if err := r.fillOnce(ctx, engine, i.ref); err != nil {
		return nil, infrastructure(err)
	}
	c, err := r.startOnce(ctx, engine, spec, i)
	if already := (*fault.Error)(nil); errors.As(err, &already) {
		return nil, err // a service says what is wrong with it
	}
	if refused := (*unfitError)(nil); err != nil && ctx.Err() == nil && !errors.As(err, &refused) {
		// Another process may have removed the volume just before ours was made; then the engine made
		// an empty one.
		if filled := r.fillVolume(ctx, engine, i.ref); filled != nil {
			return nil, infrastructure(errors.Join(err, filled))
		}
		c, err = r.startOnce(ctx, engine, spec, i)
	}
	if errdefs.IsNotFound(err) {
		return nil, errMissing(spec.Environment)
	}
	if err != nil {
		return nil, infrastructure(err)
	}
	return c, nil
}

func (r *Runner) fillOnce(ctx context.Context, e *connected, ref string) error {
	e.filling.Lock()
	defer e.filling.Unlock()
	if e.filled {
		return nil
	}
	err := r.fillVolume(ctx, e, ref)
	e.filled = err == nil
	return err
}

// startOnce creates the container of an exercise, with its services.
func (r *Runner) startOnce(ctx context.Context, e *connected, spec harness.Spec, i image) (*container, error) {
	c, err := r.startBeside(ctx, e, spec, i, nil)
	if err != nil || len(i.services) == 0 {
		return c, err
	}
	if c.services, err = r.startServices(ctx, c, i.services); err != nil {
		return nil, errors.Join(err, c.remove())
	}
	return c, nil
}

// startBeside creates one container: an exercise's own, or a service's beside it.
func (r *Runner) startBeside(ctx context.Context, e *connected, spec harness.Spec, i image, beside *container) (_ *container, err error) {
	c := &container{beside: beside, runner: r, engine: e, shape: shapeOf(spec, i.ref)}
	if err := r.enlist(c); err != nil {
		return nil, err
	}
	if spec.Network == lesson.NetworkInternet {
		network, err := r.joinInternet(ctx, e)
		if err != nil {
			r.dismiss(c)
			return nil, err
		}
		c.online = network
	}
	config, host := c.config(spec, i)
	c.place(config, host, spec)
	if r.options.tamper != nil {
		r.options.tamper(host)
	}
	made, err := e.create(ctx, config, host, c.name)
	if err != nil {
		r.dismiss(c) // should the engine have made it after all, the reaper finds it
		if c.online != "" {
			err = errors.Join(err, r.leaveInternet(context.WithoutCancel(ctx), e))
		}
		return nil, fmt.Errorf("creating container: %w", err)
	}
	c.id = made
	defer func() {
		if err != nil {
			err = errors.Join(err, c.remove())
			if said := c.said.String(); said != "" {
				err = fmt.Errorf("%w; the agent said: %s", err, said)
			}
		}
	}()
	c.stream, err = e.api.ContainerAttach(ctx, c.id, containertypes.AttachOptions{Stream: true, Stdin: true, Stdout: true, Stderr: true})
	if err != nil {
		return nil, fmt.Errorf("attaching to container: %w", err)
	}
	c.conn = client.New(c.stream.Conn)
	c.listen()
	if err := e.api.ContainerStart(ctx, c.id, containertypes.StartOptions{}); err != nil {
		return nil, fmt.Errorf("starting container: %w", err)
	}
	hello := &harnessv1.Hello{
		Uid: c.uid, HomeUid: c.uid + 1, TesterUid: c.uid + 2,
		WorkDir: workDir, HomeDir: homeDir, TestsDir: testDir, Network: c.online != "",
	}
	welcome, err := c.conn.Hello(ctx, hello)
	if err != nil {
		return nil, fmt.Errorf("greeting the agent: %w", err)
	}
	c.protections = welcome.Protections
	if err := errUnsafe(welcome.Weaknesses); err != nil {
		return nil, err
	}
	return c, nil
}

// listen reads what the container says until the connection ends.
func (c *container) listen() {
	read, write := io.Pipe()
	c.ended.Go(func() {
		_, err := stdcopy.StdCopy(write, &c.said, c.stream.Reader)
		_ = write.CloseWithError(errors.Join(err, io.EOF))
	})
	c.ended.Go(func() {
		c.conn.Run(read)
		_ = read.Close()
	})
}

func (c *container) config(spec harness.Spec, i image) (*containertypes.Config, *containertypes.HostConfig) {
	off := false
	pids := processUsers*spec.Limits.Processes + processReserve
	memory := spec.Limits.MemoryBytes + memoryReserve
	if len(i.pack.Zygote) > 0 {
		memory += zygoteReserve
	}
	name := i.pack.Name
	if name == "" {
		name = "lesson"
	}
	folder := func(mode string) string {
		return fmt.Sprintf("rw,exec,nosuid,nodev,size=%d,nr_inodes=%d,mode=%s", spec.Limits.DiskBytes, max(spec.Limits.DiskBytes/bytesPerFile, 1024), mode)
	}
	return &containertypes.Config{
			Image: i.ref, Entrypoint: []string{agentPath}, Cmd: []string{}, User: "0:0", WorkingDir: "/", Hostname: name,
			AttachStdin: true, AttachStdout: true, AttachStderr: true, OpenStdin: true,
			// The container's input ends when we do, however we end; then the agent ends, and with it
			// the container.
			StdinOnce: true,
			Labels:    c.runner.labels(),
			Env:       []string{"GOMAXPROCS=2"},
			// An image's own check would run as root and use up the learner's limits.
			Healthcheck: &containertypes.HealthConfig{Test: []string{"NONE"}},
		}, &containertypes.HostConfig{
			AutoRemove:     true,
			Runtime:        c.runner.options.Runtime,
			LogConfig:      containertypes.LogConfig{Type: "none"},
			CapDrop:        []string{"ALL"},
			CapAdd:         []string{"SETUID", "SETGID", "KILL", "CHOWN"},
			SecurityOpt:    []string{"no-new-privileges", "seccomp=" + seccompProfile()},
			ReadonlyRootfs: true,
			Tmpfs: map[string]string{
				workDir: folder("0700"), homeDir: folder("0700"), testDir: folder("0700"), "/tmp": folder("1777"), agent.RunFolder: runFolder,
			},
			ShmSize:     4 << 20,
			Init:        &off,
			IpcMode:     "private",
			OomScoreAdj: 500, // the learner's work goes before anything else on the computer
			Mounts:      []mount.Mount{c.runner.agentMount(c.engine.volume, true)},
			Resources: containertypes.Resources{
				Memory: memory, MemorySwap: memory, PidsLimit: &pids, NanoCPUs: cpuCap(c.engine.facts.CPUs),
				Ulimits: []*containertypes.Ulimit{{Name: "nofile", Soft: openFiles, Hard: openFiles}},
			},
		}
}

// alive tells whether the agent is still connected.
func (c *container) alive() bool {
	select {
	case <-c.conn.Lost():
		return false
	default:
		return true
	}
}

// put makes the agent's copy of the workspace or the tests equal to files.
func (c *container) put(ctx context.Context, files lesson.Files, tests bool) error {
	has := &c.work
	if tests {
		has = &c.tests
	}
	for frame, err := range putFrames(*has, files, tests) {
		if err == nil {
			err = c.conn.Do(ctx, &harnessv1.Command{Verb: &harnessv1.Command_Put{Put: frame}})
		}
		if err != nil {
			*has = nil // unknown by now; the next Put starts over
			return err
		}
	}
	now := make(map[string]lesson.Digest, len(files))
	for p, f := range files {
		now[p] = digestOf(f)
	}
	*has = now
	return nil
}

// digestOf covers the mode, too: a file that becomes executable has changed.
func digestOf(f lesson.File) lesson.Digest {
	return lesson.Digest(strconv.FormatBool(f.Executable)) + lesson.DigestOf(f.Data)
}

// reset ends what the learner left running, so that the container can wait for its owner.
func (c *container) reset(ctx context.Context) error {
	if err := c.services.anew(ctx); err != nil {
		return err
	}
	return c.conn.Do(ctx, &harnessv1.Command{Verb: &harnessv1.Command_Reset_{Reset_: &harnessv1.Reset{}}})
}

// remove ends the container. It may be called twice.
func (c *container) remove() error {
	c.once.Do(func() {
		served := c.services.remove()
		if c.stream.Conn != nil {
			c.stream.Close()
		}
		ctx, cancel := context.WithTimeout(context.Background(), removeTimeout) //nolint:forbidigo // cleaning up outlives every request
		defer cancel()
		err := c.engine.api.ContainerRemove(ctx, c.id, containertypes.RemoveOptions{Force: true, RemoveVolumes: false})
		// A conflict says that the engine is removing it already.
		if errdefs.IsConflict(err) {
			err = c.awaitRemoval(ctx)
		}
		if err != nil && !errdefs.IsNotFound(err) {
			c.removeErr = fmt.Errorf("removing container: %w", err)
		}
		if c.online != "" {
			c.removeErr = errors.Join(c.removeErr, c.runner.leaveInternet(ctx, c.engine))
		}
		c.removeErr = errors.Join(c.removeErr, served)
		c.ended.Wait()
		c.runner.dismiss(c)
	})
	return c.removeErr
}

func (c *container) awaitRemoval(ctx context.Context) error {
	done, failed := c.engine.api.ContainerWait(ctx, c.id, containertypes.WaitConditionRemoved)
	select {
	case <-done:
		return nil
	case err := <-failed:
		return err
	}
}

// tailBuffer keeps the last few kilobytes written to it. The zero value is ready.
type tailBuffer struct {
	mu   sync.Mutex
	data []byte
}

const tailBytes = 4 << 10

// Write never fails.
func (b *tailBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.data = append(b.data, p...)
	if over := len(b.data) - tailBytes; over > 0 {
		b.data = bytes.Clone(b.data[over:])
	}
	return len(p), nil
}

func (b *tailBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return strings.TrimSpace(string(b.data))
}
