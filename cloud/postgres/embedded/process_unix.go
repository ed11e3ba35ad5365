//go:build unix

package embedded

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/carrel-dev/carrel/fault"
)

// process is a running postmaster, our child.
type process struct {
	command *exec.Cmd
	logPath string
	exited  chan struct{}
}

func startServer(programs, directory, socket, logPath string, settings []string, who identity) (*process, error) {
	log, err := os.OpenFile(logPath, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, fmt.Errorf("opening the database's log: %w", err)
	}
	defer func() { _ = log.Close() }() // the child has its own descriptor
	// No context ends it: stopping is Stop's, in the right order.
	command := exec.Command(filepath.Join(programs, "postgres"), "-D", directory, //nolint:noctx // see above
		"-c", "listen_addresses=",
		"-c", "unix_socket_directories="+socket,
		"-c", "unix_socket_permissions=0700",
		"-c", "port="+strconv.Itoa(port),
		"-c", "max_connections=100")
	for _, setting := range settings {
		command.Args = append(command.Args, "-c", setting)
	}
	command.Dir = directory
	command.Stdout, command.Stderr = log, log
	who.apply(command)
	if err := command.Start(); err != nil {
		return nil, fault.Wrap(err, fault.Unavailable, "PostgreSQL could not be started.",
			"Check that its programs may be run by every user.")
	}
	p := &process{command: command, logPath: logPath, exited: make(chan struct{})}
	go func() {
		defer close(p.exited)
		_ = command.Wait() // how it ended is in its log
	}()
	return p, nil
}

func (p *process) pid() int { return p.command.Process.Pid }

// stop asks for a fast shutdown, then insists.
func (p *process) stop(patience time.Duration) error {
	for _, signal := range []syscall.Signal{syscall.SIGINT, syscall.SIGQUIT, syscall.SIGKILL} {
		if err := p.command.Process.Signal(signal); err != nil && !errors.Is(err, os.ErrProcessDone) {
			return fmt.Errorf("stopping the database: %w", err)
		}
		select {
		case <-p.exited:
			return nil
		case <-time.After(patience):
		}
	}
	return errors.New("stopping the database: it does not end")
}

// lastWords returns the end of the server's log as an error.
func (p *process) lastWords() error {
	file, err := os.Open(p.logPath)
	if err != nil {
		return fmt.Errorf("reading the database's log: %w", err)
	}
	defer func() { _ = file.Close() }()
	if info, err := file.Stat(); err == nil && info.Size() > 2048 {
		if _, err := file.Seek(-2048, io.SeekEnd); err != nil {
			return fmt.Errorf("reading the database's log: %w", err)
		}
	}
	tail, err := io.ReadAll(file)
	if err != nil {
		return fmt.Errorf("reading the database's log: %w", err)
	}
	return errors.New(strings.TrimSpace(string(tail)))
}

// lockDirectory takes the data directory for this process. The lock ends with the process, however
// that dies; the server does not inherit it.
func lockDirectory(directory string) (*os.File, error) {
	file, err := os.OpenFile(filepath.Join(directory, "carreld.lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, unwritable(directory, err)
	}
	err = syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		err = fault.New(fault.Conflict, "Another carreld is using the data directory "+directory+".",
			"Stop it first, or choose another directory with --data.")
	}
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return file, nil
}

// unlockDirectory gives the data directory back. Closing alone is not enough: a process that is being
// started at this moment holds a copy of the file until its own program runs. It may be called twice.
func unlockDirectory(lock *os.File) error {
	unlocked := syscall.Flock(int(lock.Fd()), syscall.LOCK_UN)
	if err := lock.Close(); err != nil {
		if errors.Is(err, os.ErrClosed) {
			return nil
		}
		return err
	}
	return unlocked
}

// endOrphan stops a cluster whose owner was killed. The lock proves that nobody is using it; a pid file
// whose process is not this cluster's is left over from a crash of the machine, and PostgreSQL itself
// knows how to deal with that.
func endOrphan(ctx context.Context, directory string, logger *slog.Logger) error {
	file, err := readPIDFile(directory)
	if err != nil || !isPostmaster(ctx, file.pid, directory) {
		return nil
	}
	logger.Info("stopping a database that was left running", "pid", file.pid)
	if err := syscall.Kill(file.pid, syscall.SIGINT); err != nil && !errors.Is(err, syscall.ESRCH) {
		return fmt.Errorf("stopping the database left running: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, stopTimeout)
	defer cancel()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for isPostmaster(ctx, file.pid, directory) {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return fault.Wrap(ctx.Err(), fault.Unavailable,
				"The database that was left running in "+directory+" does not stop.",
				"End the process "+strconv.Itoa(file.pid)+", then start again.")
		}
	}
	return nil
}

// isPostmaster tells whether the process is alive and was started on this directory.
func isPostmaster(ctx context.Context, pid int, directory string) bool {
	if syscall.Kill(pid, 0) == syscall.ESRCH {
		return false
	}
	if content, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid)); err == nil {
		// Empty for a zombie: it has released everything already.
		return strings.Contains(string(content), "-D\x00"+directory+"\x00")
	}
	output, err := exec.CommandContext(ctx, "ps", "-ww", "-o", "command=", "-p", strconv.Itoa(pid)).Output()
	return err == nil && strings.Contains(string(output), "-D "+directory)
}
