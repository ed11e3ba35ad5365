package agent

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"

	harnessv1 "github.com/carrel-dev/carrel/proto/gen/carrel/harness/v1"
)

// collect sends files of a folder back, read as its user. Links are not followed and only regular
// files are opened, so it can read nothing that the folder does not hold.
func (a *Agent) collect(id uint64, dir string, u user, c *harnessv1.Collect) {
	for _, name := range c.Paths {
		var data []byte
		err := u.as(u, func() (err error) {
			data, err = readBeneath(dir, name, c.MaxBytes)
			return err
		})
		f := &harnessv1.File{Path: name, Found: err == nil, Data: data}
		a.send(&harnessv1.Event{Id: id, Kind: &harnessv1.Event_File{File: f}})
	}
}

var errNotRegular = errors.New("not a regular file of acceptable size")

func readBeneath(dir, name string, maxBytes int64) ([]byte, error) {
	if err := checkPath(filepath.ToSlash(name)); err != nil {
		return nil, err
	}
	root, err := unix.Open(dir, unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	defer func() { _ = unix.Close(root) }()
	fd, err := unix.Openat2(root, name, &unix.OpenHow{
		// Without O_NONBLOCK a named pipe would hold the agent.
		Flags:   unix.O_RDONLY | unix.O_NONBLOCK | unix.O_NOCTTY | unix.O_CLOEXEC,
		Resolve: unix.RESOLVE_BENEATH | unix.RESOLVE_NO_SYMLINKS | unix.RESOLVE_NO_MAGICLINKS | unix.RESOLVE_NO_XDEV,
	})
	if err != nil {
		return nil, err
	}
	f := os.NewFile(uintptr(fd), name)
	defer func() { _ = f.Close() }()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if info.Mode()&fs.ModeType != 0 || info.Size() > maxBytes {
		return nil, errNotRegular
	}
	return io.ReadAll(io.LimitReader(f, maxBytes))
}
