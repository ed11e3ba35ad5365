package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/carrel-dev/carrel/fault"
)

// engine is a Docker engine that may be killed: its disk, network and mounts are its own.
type engine struct {
	dir string
	// home holds the namespaces, which outlive a daemon as those of a computer do.
	home *process

	mu     sync.Mutex
	daemon *process

	stopped bool
}

const (
	bootTimeout = 60 * time.Second
	stopTimeout = 20 * time.Second
	cgroup      = "carrelchaos"
)

// startEngine starts an engine with these images of this computer's engine.
func startEngine(ctx context.Context, refs []string) (*engine, error) {
	dir, err := os.MkdirTemp("", "chaos-of-carrel-")
	if err != nil {
		return nil, fmt.Errorf("making a disk: %w", err)
	}
	e := &engine{dir: dir}
	// Mounts are seen by nobody else, and end with the last process.
	e.home, err = begin(os.Stderr, "unshare", "--net", "--mount", "--propagation", "private", "--", "sleep", "infinity")
	if err == nil {
		err = e.settle(ctx)
	}
	if err == nil {
		err = e.boot(ctx)
	}
	if err == nil {
		err = e.load(ctx, refs)
	}
	if err != nil {
		return nil, errors.Join(err, e.stop())
	}
	return e, nil
}

// settle waits until home has namespaces of its own: an engine in this computer's network would take
// its bridges for leftovers.
func (e *engine) settle(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, bootTimeout)
	defer cancel()
	for {
		apart := true
		for _, kind := range []string{"net", "mnt"} {
			ours, err := os.Readlink("/proc/self/ns/" + kind)
			if err != nil {
				return err
			}
			theirs, err := os.Readlink(fmt.Sprintf("/proc/%d/ns/%s", e.home.Pid, kind))
			apart = apart && err == nil && theirs != ours
		}
		if apart {
			return nil
		}
		select {
		case <-e.home.gone:
			return fault.New(fault.Unavailable, "A network of its own could not be made.", "This needs root.")
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// process is one that ends with this program, however this program ends.
type process struct {
	*os.Process
	gone chan struct{} // closed when it has ended
}

func begin(log *os.File, argv ...string) (*process, error) {
	command := exec.Command(argv[0], argv[1:]...) //nolint:noctx // it is ended by end
	command.Stdout, command.Stderr = log, log
	command.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Pdeathsig: syscall.SIGKILL}
	p := &process{gone: make(chan struct{})}
	started := make(chan error, 1)
	go func() {
		// The signal comes when the thread ends that started it.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		defer close(p.gone)
		err := command.Start()
		p.Process = command.Process
		started <- err
		if err == nil {
			_ = command.Wait() // it is killed, mostly
		}
	}()
	if err := <-started; err != nil {
		return nil, fault.Wrap(err, fault.Unavailable, "An engine could not be started.", "This needs root and the packages docker.io and util-linux.")
	}
	return p, nil
}

// end kills a process. It may be called twice.
func (p *process) end() {
	_ = p.Kill() // it may have ended
	<-p.gone
}

func (e *engine) host() string { return "unix://" + filepath.Join(e.dir, "docker.sock") }

// boot starts the daemon and returns when it answers.
func (e *engine) boot(ctx context.Context) error {
	log, err := os.OpenFile(filepath.Join(e.dir, "log"), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	defer func() { _ = log.Close() }() // the daemon has its own
	daemon, err := begin(log, "nsenter", "--net", "--mount", "--target", strconv.Itoa(e.home.Pid), "--",
		"dockerd", "--storage-driver", "overlay2", "--bridge", "none", "--iptables=false", "--ip-forward=false", "--ip-masq=false",
		"--data-root", filepath.Join(e.dir, "data"), "--exec-root", filepath.Join(e.dir, "run"), "--pidfile", filepath.Join(e.dir, "pid"),
		"--cgroup-parent", "/"+cgroup, "--shutdown-timeout", "3", "-H", e.host())
	if err != nil {
		return err
	}
	e.mu.Lock()
	e.daemon = daemon
	e.mu.Unlock()
	ctx, cancel := context.WithTimeout(ctx, bootTimeout)
	defer cancel()
	for e.docker(ctx, "version").Run() != nil {
		select {
		case <-daemon.gone:
			return e.failed("The engine has ended.")
		case <-ctx.Done():
			return e.failed("The engine does not answer.")
		case <-time.After(50 * time.Millisecond):
		}
	}
	return nil
}

func (e *engine) failed(message string) error {
	said, _ := os.ReadFile(filepath.Join(e.dir, "log"))
	return fault.New(fault.Unavailable, message, string(said[max(0, len(said)-2000):]))
}

// load copies images from this computer's engine.
func (e *engine) load(ctx context.Context, refs []string) error {
	save, load := exec.CommandContext(ctx, "docker", append([]string{"save"}, refs...)...), e.docker(ctx, "load")
	out, err := save.StdoutPipe()
	if err != nil {
		return err
	}
	load.Stdin = out
	if err := save.Start(); err != nil {
		return err
	}
	said, err := load.CombinedOutput()
	if err := errors.Join(err, save.Wait()); err != nil {
		return fault.Wrap(err, fault.NotFound, "The environments could not be copied: "+strings.TrimSpace(string(said)), "Prepare them with make images.")
	}
	return nil
}

func (e *engine) docker(ctx context.Context, args ...string) *exec.Cmd {
	return exec.CommandContext(ctx, "docker", append([]string{"--host", e.host()}, args...)...)
}

// list is what a docker command prints, word by word; nothing when the engine is away.
func (e *engine) list(ctx context.Context, args ...string) []string {
	out, err := e.docker(ctx, args...).Output()
	if err != nil {
		return nil
	}
	return strings.Fields(string(out))
}

// kill kills the daemon and starts it again.
func (e *engine) kill(ctx context.Context) error {
	e.mu.Lock()
	daemon := e.daemon
	e.mu.Unlock()
	daemon.end()
	for _, pid := range e.remaining("containerd\x00--config") {
		_ = syscall.Kill(pid, syscall.SIGKILL)
	}
	// Process id files name processes that are no more, or by now other ones.
	_ = os.Remove(filepath.Join(e.dir, "pid"))
	_ = os.Remove(filepath.Join(e.dir, "run/containerd/containerd.pid"))
	return e.boot(ctx)
}

// leftovers is what is on the engine once the runner is closed; things on their way out have a moment.
func (e *engine) leftovers(ctx context.Context) []string {
	var left []string
	for range 40 {
		left = nil
		for what, args := range map[string][]string{
			"container": {"ps", "--all", "--quiet"}, "volume": {"volume", "ls", "--quiet"}, "network": {"network", "ls", "--quiet", "--filter", "type=custom"},
		} {
			for _, id := range e.list(ctx, args...) {
				left = append(left, what+" "+id)
			}
		}
		if len(left) == 0 && e.docker(ctx, "version").Run() == nil {
			return nil
		}
		time.Sleep(250 * time.Millisecond)
	}
	return left
}

// stop ends the engine and removes its disk. It may be called twice.
func (e *engine) stop() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.stopped {
		return nil
	}
	e.stopped = true
	if e.daemon != nil {
		_ = e.daemon.Signal(syscall.SIGTERM)
		select {
		case <-e.daemon.gone:
		case <-time.After(stopTimeout):
			e.daemon.end()
		}
	}
	// Shims outlive a killed daemon.
	for _, pid := range e.remaining("") {
		_ = syscall.Kill(pid, syscall.SIGKILL)
	}
	for range 50 {
		if len(e.remaining("")) == 0 {
			break
		}
		time.Sleep(100 * time.Millisecond)
	}
	if e.home != nil {
		e.home.end()
	}
	for _, pattern := range []string{"/sys/fs/cgroup/*/" + cgroup, "/sys/fs/cgroup/" + cgroup} {
		found, _ := filepath.Glob(pattern)
		for _, dir := range found {
			_ = exec.Command("find", dir, "-depth", "-type", "d", "-exec", "rmdir", "{}", ";").Run() //nolint:noctx // a moment
		}
	}
	return os.RemoveAll(e.dir)
}

// remaining finds the processes that name our disk in their arguments, and a text.
func (e *engine) remaining(text string) []int {
	found, _ := filepath.Glob("/proc/[0-9]*/cmdline")
	var pids []int
	for _, file := range found {
		data, err := os.ReadFile(file)
		pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(file)))
		if err == nil && pid != os.Getpid() && strings.Contains(string(data), e.dir+"/run") && strings.Contains(string(data), text) {
			pids = append(pids, pid)
		}
	}
	return pids
}
