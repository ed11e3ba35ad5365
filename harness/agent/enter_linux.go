package agent

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// EnterArgument makes the program act as the learner's user for the agent: see Enter.
const EnterArgument = "enter"

// The file descriptors an entering process inherits beside the standard ones.
const (
	orderFD  = 3 // order as JSON, preceded by its length in a line, then a tar
	answerFD = 4 // answer as JSON; end of file without one says that the command runs
)

// order tells an entering process what to do as the learner's user.
type order struct {
	// Empty are folders to empty first.
	Empty []string
	// IPC removes what System V inter-process communication left behind.
	IPC bool
	// Dir is where Remove and the tar apply.
	Dir    string
	Remove []string
	// Argv is the command to become; none when empty.
	Argv []string
	Env  []string
	Cwd  string
	// MaxFileBytes, MaxCPUSeconds and MaxProcesses become resource limits; zero means none.
	MaxFileBytes, MaxCPUSeconds, MaxProcesses uint64
}

// answer is what went wrong in an entering process.
type answer struct {
	Message  string
	DiskFull bool
	// NotStarted is set when the files are in place and only the command could not be started.
	NotStarted bool
}

// Enter carries out an order. It runs in a process that already is the learner's user, so that
// whatever links and modes the learner left behind, it can reach no further than the learner can.
// It returns an exit code when there is no command to become.
func Enter() int {
	syscall.CloseOnExec(orderFD)
	syscall.CloseOnExec(answerFD)
	out := os.NewFile(answerFD, "answer")
	o, archive, err := readOrder(os.NewFile(orderFD, "order"))
	if err == nil {
		err = o.prepare(archive)
	}
	a := answer{}
	if err == nil {
		if len(o.Argv) == 0 {
			return 0
		}
		err = o.become()
		a.NotStarted = true
	}
	a.Message = err.Error()
	a.DiskFull = errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EFBIG)
	if err := json.NewEncoder(out).Encode(a); err != nil {
		return 3
	}
	return 127
}

func sendOrder(to io.Writer, o order, files tree) error {
	head, err := json.Marshal(o)
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintf(to, "%d\n%s", len(head), head); err != nil {
		return err
	}
	return writeTar(to, files)
}

// readOrder returns the order and the reader of the tar that follows it.
func readOrder(from io.Reader) (order, io.Reader, error) {
	in := bufio.NewReader(from)
	line, err := in.ReadString('\n')
	if err != nil {
		return order{}, nil, fmt.Errorf("reading order: %w", err)
	}
	size, err := strconv.Atoi(strings.TrimSpace(line))
	if err != nil {
		return order{}, nil, fmt.Errorf("reading order: %w", err)
	}
	var o order
	if err := json.NewDecoder(io.LimitReader(in, int64(size))).Decode(&o); err != nil {
		return order{}, nil, fmt.Errorf("reading order: %w", err)
	}
	return o, in, nil
}

// prepare empties folders and brings files into place.
func (o order) prepare(archive io.Reader) error {
	syscall.Umask(0o022)
	for _, dir := range o.Empty {
		if err := emptyFolder(dir); err != nil {
			return fmt.Errorf("emptying %s: %w", dir, err)
		}
	}
	if o.IPC {
		if err := removeIPC(); err != nil {
			return err
		}
	}
	if o.Dir == "" {
		return nil
	}
	return place(o.Dir, archive, o.Remove)
}

// place removes files below dir and writes those of the archive one by one: all of them together may
// not fit into the memory limit beside the agent's copy. Whatever stands in the way of a file is
// removed.
func place(dir string, archive io.Reader, remove []string) error {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer func() { _ = root.Close() }()
	for _, p := range remove {
		if err := root.RemoveAll(p); err != nil {
			return err
		}
		removeEmptyParents(root, p)
	}
	made := map[string]bool{".": true}
	return eachFile(archive, func(p string, executable bool, _ int64, data io.Reader) error {
		if err := makeFolder(root, path.Dir(p), made); err != nil {
			return err
		}
		return writeFile(root, p, executable, data)
	})
}

func removeEmptyParents(root *os.Root, p string) {
	for dir := path.Dir(p); dir != "."; dir = path.Dir(dir) {
		if root.Remove(dir) != nil {
			return // not empty
		}
	}
}

func makeFolder(root *os.Root, dir string, made map[string]bool) error {
	if made[dir] {
		return nil
	}
	if err := makeFolder(root, path.Dir(dir), made); err != nil {
		return err
	}
	info, err := root.Lstat(dir)
	if err == nil && !info.IsDir() {
		if err := root.Remove(dir); err != nil {
			return err
		}
		err = fs.ErrNotExist
	}
	if errors.Is(err, fs.ErrNotExist) {
		err = root.Mkdir(dir, 0o755)
	}
	made[dir] = err == nil
	return err
}

func writeFile(root *os.Root, p string, executable bool, data io.Reader) error {
	if err := root.RemoveAll(p); err != nil {
		return err
	}
	mode := fs.FileMode(0o644)
	if executable {
		mode = 0o755
	}
	f, err := root.OpenFile(p, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return err
	}
	_, err = io.Copy(f, data)
	return errors.Join(err, f.Close())
}

// become replaces this process by the command. It returns only when that fails.
func (o order) become() error {
	if err := os.Chdir(o.Cwd); err != nil {
		return err
	}
	program, err := lookUp(o.Argv[0], o.Env)
	if err != nil {
		return err
	}
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return fmt.Errorf("giving up privileges: %w", err)
	}
	// The kernel's choice of a victim must never be the agent.
	if err := os.WriteFile("/proc/self/oom_score_adj", []byte("1000"), 0); err != nil {
		return fmt.Errorf("volunteering for the memory limit: %w", err)
	}
	for _, l := range []struct {
		resource int
		value    uint64
		spare    uint64 // between the soft limit, which signals, and the hard one, which kills
	}{
		{unix.RLIMIT_CORE, 0, 0},
		{unix.RLIMIT_FSIZE, o.MaxFileBytes, 0},
		{unix.RLIMIT_CPU, o.MaxCPUSeconds, 2},
		{unix.RLIMIT_NPROC, o.MaxProcesses, 0},
	} {
		if l.value == 0 && l.resource != unix.RLIMIT_CORE {
			continue
		}
		if err := syscall.Setrlimit(l.resource, &syscall.Rlimit{Cur: l.value, Max: l.value + l.spare}); err != nil {
			return fmt.Errorf("setting limits: %w", err)
		}
	}
	return syscall.Exec(program, o.Argv, o.Env)
}

// lookUp finds a program as a shell would, on the PATH the command gets and not on the agent's.
func lookUp(name string, env []string) (string, error) {
	for _, e := range env {
		if len(e) > 5 && e[:5] == "PATH=" {
			if err := os.Setenv("PATH", e[5:]); err != nil {
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
