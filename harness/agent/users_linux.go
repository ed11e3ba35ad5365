package agent

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	harnessv1 "github.com/carrel-dev/carrel/proto/gen/carrel/harness/v1"
)

// user is the id of a user and of the group that belongs to it.
type user uint32

// The users of a container, see Hello.
func learner(h *harnessv1.Hello) user { return user(h.GetUid()) }
func home(h *harnessv1.Hello) user    { return user(h.GetHomeUid()) }
func tester(h *harnessv1.Hello) user  { return user(h.GetTesterUid()) }

// everyone are the users whose processes the agent ends.
func everyone(h *harnessv1.Hello) []user { return []user{learner(h), tester(h), home(h)} }

// sender is the id next to the learner's that the host reserves and nobody has; see kill.
func sender(h *harnessv1.Hello) user { return user(h.GetUid() + reservedIDs - 1) }

// reservedIDs is how many user ids, from the learner's on, belong to one container alone.
const reservedIDs = 4

// as does something to files with the rights of the user and a group: whatever links and modes a
// learner left behind, it reaches no further than that user can. Only this thread acts as the user,
// with its effective ids; the real and the saved ones stay root's, so that no process of the user can
// signal or inspect it.
func (u user) as(group user, do func() error) error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if err := setIDs(unix.SYS_SETRESGID, keepID, group, keepID); err != nil {
		return err
	}
	defer mustRestore(unix.SYS_SETRESGID, keepID, 0)
	if err := setIDs(unix.SYS_SETRESUID, keepID, u, keepID); err != nil {
		return err
	}
	defer mustRestore(unix.SYS_SETRESUID, keepID, 0)
	return do()
}

// kill ends every process of the user in one step that no fork can outrun, unlike a walk over /proc.
// The kernel lets a signal pass when the sender's effective id is the receiver's, so this thread takes
// the user's; when the sender's real id is the receiver's, so it gives up root's, which the agent's
// own helpers have; and the user's processes could signal a thread whose real id is theirs, so it
// takes one that nobody has.
func (u user) kill(sender user) error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if err := setIDs(unix.SYS_SETRESUID, sender, u, keepID); err != nil {
		return err
	}
	defer mustRestore(unix.SYS_SETRESUID, 0, 0)
	_ = syscall.Kill(-1, syscall.SIGKILL) // whether anybody is left is for processesOf to say
	return nil
}

const keepID = ^user(0) // for the kernel, -1

// setIDs changes the ids of this thread only; the functions of package syscall change them on all.
func setIDs(call uintptr, actual, effective, saved user) error {
	wide := func(u user) uintptr { return uintptr(int(int32(u))) } // -1 in full width
	if _, _, errno := unix.RawSyscall(call, wide(actual), wide(effective), wide(saved)); errno != 0 {
		return fmt.Errorf("changing user: %w", errno)
	}
	return nil
}

// mustRestore does not return when it fails: a thread with another's ids would serve any goroutine.
func mustRestore(call uintptr, actual, effective user) {
	if err := setIDs(call, actual, effective, keepID); err != nil {
		panic(err)
	}
}

// sweepTimeout is how long killed processes may take to disappear; a gigabyte of dirty pages takes
// about a second.
const sweepTimeout = 3 * time.Second

var errNotAlone = errors.New("processes survived being killed")

// sweep kills every process of the users and returns when the kernel lists none of them any more. No
// process may be on its way to become one of theirs meanwhile.
func (a *Agent) sweep(users ...user) error {
	return a.untilGone(func() ([]process, error) {
		for _, u := range users {
			if err := u.kill(sender(a.settings())); err != nil {
				return nil, err
			}
		}
		return processesOf(a.procs.own(), users...)
	})
}

// untilGone repeats a round of killing until it finds nobody.
func (a *Agent) untilGone(round func() ([]process, error)) error {
	deadline := time.Now().Add(sweepTimeout)
	for pause := 50 * time.Microsecond; ; pause = min(2*pause, 10*time.Millisecond) {
		left, err := round()
		if len(left) == 0 || err != nil {
			return err
		}
		if time.Now().After(deadline) {
			return errNotAlone
		}
		time.Sleep(pause) //nolint:forbidigo // the kernel has no event for the last process of a user
	}
}

// process is what the kernel tells of one.
type process struct {
	pid, parent int
	user        user
	tasks       int64
}

// processesOf lists the processes of users, but those in except. What counts is the status and not
// the owner of the process's folder, which a process that hides its memory can change.
func processesOf(except map[int]bool, users ...user) ([]process, error) {
	dir, err := os.Open("/proc")
	if err != nil {
		return nil, err
	}
	defer func() { _ = dir.Close() }()
	names, err := dir.Readdirnames(-1)
	if err != nil {
		return nil, err
	}
	var found []process
	for _, name := range names {
		pid, err := strconv.Atoi(name)
		if err != nil || pid == 1 || except[pid] {
			continue
		}
		status, err := os.ReadFile("/proc/" + name + "/status")
		if err != nil {
			continue // ended meanwhile
		}
		p := parseStatus(string(status))
		p.pid = pid
		for _, u := range users {
			if p.user == u {
				found = append(found, p)
			}
		}
	}
	return found, nil
}

// parseStatus reads what it needs of a process's status. The name of the process is its own choice,
// but the kernel escapes line ends in it.
func parseStatus(text string) process {
	var p process
	for line := range strings.Lines(text) {
		key, value, _ := strings.Cut(line, ":")
		switch key {
		case "PPid":
			p.parent = firstNumber(value)
		case "Uid":
			p.user = user(firstNumber(value))
		case "Threads":
			p.tasks = int64(firstNumber(value))
		}
	}
	return p
}

func firstNumber(text string) int {
	fields := strings.Fields(text)
	if len(fields) == 0 {
		return 0
	}
	n, err := strconv.Atoi(fields[0])
	if err != nil {
		return 0
	}
	return n
}
