package agent

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// EnterArgument makes the program a spare process of the agent's: see Enter.
const EnterArgument = "enter"

// The descriptors of a spare process.
const (
	orderFD = 3   // what it inherits: a socket, for a launch and for what was wrong with it
	highFD  = 100 // its own start here, out of the way of the command's
)

// Enter waits for a launch, becomes its user and its command. It returns an exit code when there was
// nothing to become.
func Enter() int {
	// Ids and the command belong to one thread.
	runtime.LockOSThread()
	if _, err := parseLaunch(rehearsal, 1); err != nil {
		return 3
	}
	closeOnExec()
	socket, err := moveUp(orderFD)
	if err != nil {
		return 3
	}
	l, files, err := receiveLaunch(socket)
	if errors.Is(err, io.EOF) {
		return 0
	}
	a := answer{}
	if err == nil {
		err = l.become(files)
		a.NotStarted = errors.Is(err, errNotStarted)
	}
	a.Message = err.Error()
	data, err := json.Marshal(a)
	if err == nil {
		_, err = unix.Write(socket, data)
	}
	if err != nil {
		return 3
	}
	return 127
}

// rehearsal is read while there is time, so that the decoder is set up when it counts.
var rehearsal = []byte(`{"id":1,"argv":["a"],"env":["a=b"],"cwd":"/","uid":1,"gid":1,"limits":{"fsize":1},"fds":[0]}`)

// closeOnExec keeps whatever else was inherited from commands. Kernels before 5.11 cannot do it at once;
// the agent opens nothing that is inherited.
func closeOnExec() { _ = unix.CloseRange(3, math.MaxInt32, unix.CLOSE_RANGE_CLOEXEC) }

// moveUp moves a descriptor above those of commands.
func moveUp(fd int) (int, error) {
	high, err := unix.FcntlInt(uintptr(fd), unix.F_DUPFD_CLOEXEC, highFD)
	if err == nil {
		err = unix.Close(fd)
	}
	return high, err
}

var errNotStarted = errors.New("the command could not be started")

// notStartedError is for the learner: its text is what a shell would say.
type notStartedError struct{ error }

// Is makes it an errNotStarted.
func (notStartedError) Is(target error) bool { return target == errNotStarted }

// become replaces this process by the command. It returns only when that fails.
func (l launch) become(files []int) error {
	high := make([]int, len(files))
	for i, fd := range files {
		var err error
		if high[i], err = moveUp(fd); err != nil {
			return err
		}
	}
	for i, fd := range high {
		if err := unix.Dup3(fd, l.FDs[i], 0); err != nil {
			return err
		}
	}
	if l.Terminal {
		if err := unix.IoctlSetInt(0, unix.TIOCSCTTY, 0); err != nil {
			return fmt.Errorf("taking the terminal: %w", err)
		}
	}
	if err := volunteer(); err != nil {
		return err
	}
	if err := l.Limits.apply(); err != nil {
		return fmt.Errorf("setting limits: %w", err)
	}
	if err := l.dropTo(); err != nil {
		return fmt.Errorf("giving up privileges: %w", err)
	}
	syscall.Umask(0o022)
	if err := os.Chdir(l.Cwd); err != nil {
		return notStartedError{err}
	}
	program, err := lookUp(l.Argv[0], l.Env)
	if err != nil {
		return notStartedError{err}
	}
	return notStartedError{syscall.Exec(program, l.Argv, l.Env)}
}

// volunteer makes this process the kernel's first choice of a victim, which must never be the agent.
func volunteer() error {
	if err := os.WriteFile("/proc/self/oom_score_adj", []byte("1000"), 0); err != nil {
		return fmt.Errorf("volunteering for the memory limit: %w", err)
	}
	return nil
}

// apply sets the limits of this process. Only a core file is always forbidden.
func (r resourceLimits) apply() error {
	for _, l := range []struct {
		resource   int
		soft, hard uint64
	}{
		{unix.RLIMIT_CORE, 0, 0},
		{unix.RLIMIT_FSIZE, r.FileBytes, r.FileBytes},
		{unix.RLIMIT_CPU, r.CPU, max(r.CPU, r.CPUHard)},
		{unix.RLIMIT_NPROC, r.Processes, r.Processes},
	} {
		if l.soft == 0 && l.resource != unix.RLIMIT_CORE {
			continue
		}
		if err := syscall.Setrlimit(l.resource, &syscall.Rlimit{Cur: l.soft, Max: l.hard}); err != nil {
			return err
		}
	}
	return nil
}

// dropTo makes this thread the user's for good. It is the one that becomes the command; the others
// end with it.
func (l launch) dropTo() error {
	if _, _, errno := unix.RawSyscall(unix.SYS_SETGROUPS, 0, 0, 0); errno != 0 {
		return errno
	}
	if err := setIDs(unix.SYS_SETRESGID, l.GID, l.GID, l.GID); err != nil {
		return err
	}
	if err := setIDs(unix.SYS_SETRESUID, l.UID, l.UID, l.UID); err != nil {
		return err
	}
	return unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
}

// lookUp finds a program as a shell would, on the PATH the command gets and not on the agent's.
func lookUp(name string, env []string) (string, error) {
	for _, e := range env {
		if path, ok := strings.CutPrefix(e, "PATH="); ok {
			if err := os.Setenv("PATH", path); err != nil {
				return "", err
			}
		}
	}
	found, err := exec.LookPath(name)
	if errors.Is(err, exec.ErrDot) {
		err = nil
	}
	return found, err
}
