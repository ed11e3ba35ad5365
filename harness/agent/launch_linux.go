package agent

import (
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"slices"
	"syscall"

	"golang.org/x/sys/unix"
)

// launch is an order to start a command as a user. It is what spare processes and zygotes are told,
// as JSON, along with the files that become the command's descriptors.
type launch struct {
	ID     uint64         `json:"id"`
	Argv   []string       `json:"argv"`
	Env    []string       `json:"env"`
	Cwd    string         `json:"cwd"`
	UID    user           `json:"uid"`
	GID    user           `json:"gid"`
	Limits resourceLimits `json:"limits"`
	// FDs are the command's numbers for the files, in their order.
	FDs []int `json:"fds"`
	// Terminal makes descriptor 0 the controlling terminal; spare processes only.
	Terminal bool `json:"terminal,omitempty"`
}

// resourceLimits are per process, but for the last; zero means none. A core file is never written.
type resourceLimits struct {
	FileBytes uint64 `json:"fsize"`
	// CPU is in seconds; at the first limit the kernel signals, at the hard one it kills.
	CPU     uint64 `json:"cpu"`
	CPUHard uint64 `json:"cpu_hard"`
	// Processes counts all of the user.
	Processes uint64 `json:"nproc"`
}

// answer is what went wrong before a command ran.
type answer struct {
	Message string
	// NotStarted is set when all is well but the command: there is none of that name, for example.
	NotStarted bool
}

// maxLaunchBytes bounds a launch: argument lists of files travel in it.
const maxLaunchBytes = 1 << 20

// maxFDs is how many files come with a launch.
const maxFDs = 8

var errLaunch = errors.New("not a launch")

// parseLaunch reads what came with so many files.
func parseLaunch(data []byte, files int) (launch, error) {
	var l launch
	if err := json.Unmarshal(data, &l); err != nil {
		return launch{}, fmt.Errorf("%w: %w", errLaunch, err)
	}
	if len(l.Argv) == 0 || len(l.FDs) != files || l.UID == 0 || l.GID == 0 {
		return launch{}, fmt.Errorf("%w: no command, no user, or not its files", errLaunch)
	}
	for i, fd := range l.FDs {
		if fd < 0 || fd >= maxFDs {
			return launch{}, fmt.Errorf("%w: descriptor %d", errLaunch, fd)
		}
		if slices.Contains(l.FDs[:i], fd) {
			return launch{}, fmt.Errorf("%w: descriptor %d twice", errLaunch, fd)
		}
	}
	return l, nil
}

// channel makes a pair of connected sockets: ours, and one to hand to a process.
func channel(kind int) (*net.UnixConn, *os.File, error) {
	pair, err := unix.Socketpair(unix.AF_UNIX, kind|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, nil, err
	}
	ours, theirs := os.NewFile(uintptr(pair[0]), "ours"), os.NewFile(uintptr(pair[1]), "theirs")
	defer func() { _ = ours.Close() }()
	conn, err := net.FileConn(ours) // on a descriptor of its own
	if err != nil {
		_ = theirs.Close()
		return nil, nil, err
	}
	c, ok := conn.(*net.UnixConn)
	if !ok {
		return nil, nil, errors.Join(errors.New("not a unix socket"), conn.Close(), theirs.Close())
	}
	return c, theirs, nil
}

// descriptors are the files of a command that is started, by their number there.
type descriptors struct {
	files   []*os.File
	numbers []int
}

func (d *descriptors) add(number int, f *os.File) {
	d.files, d.numbers = append(d.files, f), append(d.numbers, number)
}

func (d *descriptors) rights() []byte {
	fds := make([]int, len(d.files))
	for i, f := range d.files {
		fds[i] = int(f.Fd())
	}
	return unix.UnixRights(fds...)
}

func (d *descriptors) close() {
	for _, f := range d.files {
		_ = f.Close()
	}
	d.files = nil
}

// pipe makes a pipe with one end for a command of the user, which may open it anew by its name under
// /dev/fd, and the other for the agent.
func pipe(owner user, commandReads bool) (ours, theirs *os.File, err error) {
	var fds [2]int
	if err := unix.Pipe2(fds[:], unix.O_CLOEXEC); err != nil {
		return nil, nil, err
	}
	our, their := fds[0], fds[1]
	if commandReads {
		our, their = fds[1], fds[0]
	}
	err = unix.Fchown(their, int(owner), int(owner))
	if errors.Is(err, unix.EPERM) && underGVisor() {
		err = nil // there pipes have no owner
	}
	err = errors.Join(err, unix.SetNonblock(our, true))
	ours, theirs = os.NewFile(uintptr(our), "pipe"), os.NewFile(uintptr(their), "pipe")
	if err != nil {
		return nil, nil, errors.Join(err, ours.Close(), theirs.Close())
	}
	return ours, theirs, nil
}

// start starts a command as a user: forked from the language pack's zygote where that understands it,
// else from the agent's own, else in a spare process. Should a zygote be lost over it, again is called
// before the next start: the command may have begun.
func (a *Agent) start(l launch, d *descriptors, again func() error) (*child, answer, error) {
	l.FDs = d.numbers
	var zygotes []*zygote
	if !l.Terminal { // which they do not know
		zygotes = append(zygotes, &a.zygote)
	}
	// Programs are not in a hurry, and their limits are others.
	if l.UID != home(a.settings()) && a.forker.ready() && a.forks.suit(a, l.Limits) {
		zygotes = append(zygotes, &a.forker)
	}
	for _, z := range zygotes {
		c, lost := z.fork(l, d)
		if c != nil {
			return c, answer{}, nil
		}
		if lost {
			if err := errors.Join(a.orphans(), again()); err != nil {
				return nil, answer{}, err
			}
		}
	}
	// A spare process that the kernel killed for memory, say, is only noticed now.
	for attempt := 1; ; attempt++ {
		s, err := a.spares.take(a)
		if err != nil {
			return nil, answer{}, err
		}
		got, err := s.become(a, l, d)
		if err == nil {
			return s.child, got, nil
		}
		s.end()
		if attempt == 2 || !errors.Is(err, syscall.EPIPE) {
			return nil, answer{}, err
		}
	}
}
