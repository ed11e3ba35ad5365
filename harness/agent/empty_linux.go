package agent

import (
	"bufio"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// emptyFolder removes everything in dir that this user may remove, whatever its depth and modes.
// It moves folders up one by one instead of descending, so that a chain of ten thousand of them costs
// neither stack, nor file descriptors, nor a path that is too long.
func emptyFolder(dir string) error {
	top, err := unix.Open(dir, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer func() { _ = unix.Close(top) }()
	var folders []string
	if err := eachEntry(top, func(name string, folder bool) error {
		if folder {
			folders = append(folders, name)
			return nil
		}
		return unix.Unlinkat(top, name, 0)
	}); err != nil {
		return err
	}
	moved := 0
	for len(folders) > 0 {
		name := folders[len(folders)-1]
		folders = folders[:len(folders)-1]
		up, err := emptyInto(top, name, &moved)
		if err != nil {
			return err
		}
		folders = append(folders, up...)
		if err := unix.Unlinkat(top, name, unix.AT_REMOVEDIR); err != nil {
			return err
		}
	}
	return nil
}

// emptyInto removes the files of the folder name in top and moves its folders to top under new names.
func emptyInto(top int, name string, moved *int) (up []string, err error) {
	if err := unix.Fchmodat(top, name, 0o700, 0); err != nil {
		return nil, err
	}
	fd, err := unix.Openat(top, name, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	defer func() { _ = unix.Close(fd) }()
	err = eachEntry(fd, func(child string, folder bool) error {
		if !folder {
			return unix.Unlinkat(fd, child, 0)
		}
		// A folder that changes its parent must be writable itself.
		if err := unix.Fchmodat(fd, child, 0o700, 0); err != nil {
			return err
		}
		for {
			*moved++
			name := ".carrel-" + strconv.Itoa(*moved)
			err := unix.Renameat2(fd, child, top, name, unix.RENAME_NOREPLACE)
			if errors.Is(err, unix.EEXIST) {
				continue
			}
			if err == nil {
				up = append(up, name)
			}
			return err
		}
	})
	return up, err
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
		if err := visit(e.Name(), e.IsDir()); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// removeIPC removes this user's System V segments, semaphores and queues: they outlive processes.
func removeIPC() error {
	kinds := []struct {
		file string
		call uintptr
		args func(id uintptr) [4]uintptr
	}{
		{"shm", unix.SYS_SHMCTL, func(id uintptr) [4]uintptr { return [4]uintptr{id, unix.IPC_RMID} }},
		{"sem", unix.SYS_SEMCTL, func(id uintptr) [4]uintptr { return [4]uintptr{id, 0, unix.IPC_RMID} }},
		{"msg", unix.SYS_MSGCTL, func(id uintptr) [4]uintptr { return [4]uintptr{id, unix.IPC_RMID} }},
	}
	for _, k := range kinds {
		f, err := os.Open("/proc/sysvipc/" + k.file)
		if errors.Is(err, fs.ErrNotExist) {
			continue // a kernel without it
		}
		if err != nil {
			return err
		}
		lines := bufio.NewScanner(f)
		for lines.Scan() {
			fields := strings.Fields(lines.Text())
			if len(fields) < 2 {
				continue
			}
			id, err := strconv.ParseUint(fields[1], 10, 32)
			if err != nil {
				continue // the heading
			}
			a := k.args(uintptr(id))
			if _, _, errno := syscall.Syscall6(k.call, a[0], a[1], a[2], a[3], 0, 0); errno != 0 && errno != syscall.EINVAL && errno != syscall.EIDRM {
				_ = f.Close()
				return fmt.Errorf("removing %s %d: %w", k.file, id, errno)
			}
		}
		if err := f.Close(); err != nil {
			return err
		}
	}
	return nil
}
