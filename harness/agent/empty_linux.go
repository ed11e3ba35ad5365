package agent

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// mostForeignDepth bounds how deep another user's folders are searched for one's own files.
const mostForeignDepth = 64

// emptyTimeout ends a race with a program that fills a folder as it is emptied.
const emptyTimeout = 10 * time.Second

var errNeverEmpty = errors.New("the folder does not become empty")

// emptying removes what is in a folder as far as the user of this thread may.
type emptying struct {
	me    user
	top   int // the folder
	moved int
	own   []string // folders of the user's in top that are not empty yet
	left  int      // what stays
}

// emptyFolder removes everything in dir that the user may remove, whatever its depth and modes, and
// returns how many entries stay because others own them. It moves folders up one by one instead of
// descending, so that a chain of ten thousand of them costs neither stack, nor file descriptors, nor
// a path that is too long.
func emptyFolder(dir string, me user) (left int, err error) {
	top, err := unix.Open(dir, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return 0, err
	}
	defer func() { _ = unix.Close(top) }()
	e := emptying{me: me, top: top}
	deadline := time.Now().Add(emptyTimeout)
	if err := e.visit(top, 0); err != nil {
		return 0, err
	}
	for len(e.own) > 0 {
		if time.Now().After(deadline) {
			return 0, errNeverEmpty
		}
		name := e.own[len(e.own)-1]
		e.own = e.own[:len(e.own)-1]
		if err := e.descend(top, name, 0); err != nil {
			return 0, err
		}
		if err := e.stays(unix.Unlinkat(top, name, unix.AT_REMOVEDIR)); err != nil {
			return 0, err
		}
	}
	return e.left, nil
}

// stays turns an error that another user's files explain into one more entry that stays.
func (e *emptying) stays(err error) error {
	for _, foreign := range []error{unix.EPERM, unix.EACCES, unix.ENOTEMPTY, unix.EEXIST} {
		if errors.Is(err, foreign) {
			e.left++
			return nil
		}
	}
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// visit removes the files of an open folder, moves the user's folders to the top, and looks into
// those of others.
func (e *emptying) visit(fd, depth int) error {
	return eachEntry(fd, func(name string, folder bool) error {
		if !folder {
			return e.stays(unix.Unlinkat(fd, name, 0))
		}
		var st unix.Stat_t
		if err := unix.Fstatat(fd, name, &st, unix.AT_SYMLINK_NOFOLLOW); err != nil {
			return e.stays(err)
		}
		switch {
		case user(st.Uid) == e.me && fd == e.top:
			e.own = append(e.own, name)
			return nil
		case user(st.Uid) == e.me:
			return e.stays(e.moveUp(fd, name))
		case unix.Unlinkat(fd, name, unix.AT_REMOVEDIR) == nil:
			return nil
		}
		e.left++
		if depth == mostForeignDepth {
			return nil
		}
		return e.descend(fd, name, depth+1)
	})
}

// descend visits the folder name in fd. One that cannot be opened is another user's.
func (e *emptying) descend(fd int, name string, depth int) error {
	if depth == 0 {
		if err := unix.Fchmodat(fd, name, 0o700, 0); err != nil {
			return e.stays(err)
		}
	}
	inner, err := unix.Openat(fd, name, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0)
	if err != nil {
		return e.stays(err)
	}
	defer func() { _ = unix.Close(inner) }()
	return e.visit(inner, depth)
}

// moveUp moves one of the user's folders to the top under a new name.
func (e *emptying) moveUp(fd int, name string) error {
	// A folder that changes its parent must be writable itself.
	if err := unix.Fchmodat(fd, name, 0o700, 0); err != nil {
		return err
	}
	for {
		e.moved++
		next := ".carrel-" + strconv.Itoa(e.moved)
		err := unix.Renameat2(fd, name, e.top, next, unix.RENAME_NOREPLACE)
		if errors.Is(err, unix.EEXIST) {
			continue
		}
		if err == nil {
			e.own = append(e.own, next)
		}
		return err
	}
}

func eachEntry(fd int, visit func(name string, folder bool) error) error {
	own, err := unix.FcntlInt(uintptr(fd), unix.F_DUPFD_CLOEXEC, 0)
	if err != nil {
		return err
	}
	dir := os.NewFile(uintptr(own), "folder")
	defer func() { _ = dir.Close() }()
	// All names are read before the first removal: what a folder lists while it changes is open.
	entries, err := dir.ReadDir(-1)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if err := visit(e.Name(), e.IsDir()); err != nil {
			return err
		}
	}
	return nil
}

// isEmpty tells whether a folder that this user may read holds nothing.
func isEmpty(dir string) (bool, error) {
	f, err := os.Open(dir)
	if err != nil {
		return false, err
	}
	defer func() { _ = f.Close() }()
	names, err := f.Readdirnames(1)
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return len(names) == 0, err
}

// ipcKinds are the files that list System V segments, semaphores and queues, and the calls that remove
// one.
var ipcKinds = []struct {
	file string
	call uintptr
	args func(id uintptr) [3]uintptr
}{
	{"shm", unix.SYS_SHMCTL, func(id uintptr) [3]uintptr { return [3]uintptr{id, unix.IPC_RMID} }},
	{"sem", unix.SYS_SEMCTL, func(id uintptr) [3]uintptr { return [3]uintptr{id, 0, unix.IPC_RMID} }},
	{"msg", unix.SYS_MSGCTL, func(id uintptr) [3]uintptr { return [3]uintptr{id, unix.IPC_RMID} }},
}

// removeIPC removes what users made or own of the three kinds: it outlives processes.
func removeIPC(users ...user) error {
	for _, k := range ipcKinds {
		ids, err := listIPC(k.file)
		if err != nil {
			return err
		}
		if len(ids) == 0 {
			continue
		}
		for _, u := range users {
			if err := u.as(u, func() error {
				for _, id := range ids {
					args := k.args(id)
					_, _, errno := syscall.Syscall(k.call, args[0], args[1], args[2])
					switch errno {
					case 0, syscall.EINVAL, syscall.EIDRM, syscall.EPERM, syscall.EACCES: // gone, or another's
					default:
						return fmt.Errorf("removing %s %d: %w", k.file, id, errno)
					}
				}
				return nil
			}); err != nil {
				return err
			}
		}
	}
	return nil
}

func listIPC(kind string) ([]uintptr, error) {
	data, err := os.ReadFile("/proc/sysvipc/" + kind)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil // a kernel without it
	}
	if err != nil {
		return nil, err
	}
	var ids []uintptr
	for line := range strings.Lines(string(data)) {
		fields := strings.Fields(line)
		if len(fields) < 2 {
			continue
		}
		if id, err := strconv.ParseUint(fields[1], 10, 32); err == nil { // not the heading
			ids = append(ids, uintptr(id))
		}
	}
	return ids, nil
}
