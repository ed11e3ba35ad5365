// Package atomicfile is the one way in which the desktop program writes to disk: a reader sees the
// old content or the new, whenever the power goes. Files are named relative to an os.Root, so that no
// link on the way leads outside of it; that is why a library that takes plain paths does not do.
package atomicfile

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"strings"
	"time"
)

// tempPrefix starts the name of every unfinished file, so that Sweep knows what a crash left behind.
const tempPrefix = ".carrel-unfinished-"

// Write replaces the file name below root by data, durably: temporary file in tempDir, fsync, rename,
// fsync of the folder. tempDir must be on the same file system as name; "." will do. A file that is
// there keeps its permissions, a new one gets perm.
func Write(root *os.Root, tempDir, name string, data []byte, perm fs.FileMode) (err error) {
	if info, err := root.Stat(name); err == nil && info.Mode().IsRegular() {
		perm = info.Mode().Perm()
	}
	temp := path.Join(tempDir, tempPrefix+rand.Text())
	if err := fill(root, temp, data, perm); err != nil {
		return errors.Join(err, ignoreNotExist(root.Remove(temp)))
	}
	if err := root.Rename(temp, name); err != nil {
		return errors.Join(fmt.Errorf("replacing file: %w", err), root.Remove(temp))
	}
	if err := SyncFolder(root, path.Dir(name)); err != nil {
		return fmt.Errorf("syncing folder: %w", err)
	}
	return nil
}

// Sweep removes what crashed writes left in tempDir. Files younger than age may be another process's
// writes that go on, and stay.
func Sweep(root *os.Root, tempDir string, age time.Duration) error {
	entries, err := fs.ReadDir(root.FS(), path.Clean(tempDir))
	if err != nil {
		return ignoreNotExist(err)
	}
	var errs []error
	for _, e := range entries {
		if !IsTemporary(e.Name()) {
			continue
		}
		if info, err := e.Info(); err == nil && time.Since(info.ModTime()) >= age {
			errs = append(errs, ignoreNotExist(root.Remove(path.Join(tempDir, e.Name()))))
		}
	}
	return errors.Join(errs...)
}

// IsTemporary tells whether a file of this name is an unfinished write.
func IsTemporary(name string) bool { return strings.HasPrefix(path.Base(name), tempPrefix) }

func fill(root *os.Root, name string, data []byte, perm fs.FileMode) (err error) {
	f, err := root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, perm)
	if err != nil {
		return fmt.Errorf("creating temporary file: %w", err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if _, err := f.Write(data); err != nil {
		return fmt.Errorf("writing temporary file: %w", err)
	}
	// The umask may have taken bits that the file which is replaced has. Windows keeps no such bits.
	if err := f.Chmod(perm); err != nil && !errors.Is(err, errors.ErrUnsupported) {
		return fmt.Errorf("setting permissions: %w", err)
	}
	if err := f.Sync(); err != nil {
		return fmt.Errorf("syncing temporary file: %w", err)
	}
	return nil
}

func ignoreNotExist(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}
