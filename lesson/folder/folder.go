// Package folder writes course folders to disk: whole or not at all.
package folder

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/carrel-dev/carrel/fault"
	"github.com/carrel-dev/carrel/lesson"
)

// Write makes dir hold exactly files. They are written beside dir first and then take its place in
// one rename, so that a failure, a full disk or a cancelled context leaves what was there before. A
// dir that holds anything but a course is refused: nobody's other files are replaced.
func Write(ctx context.Context, dir string, files lesson.Files) (err error) {
	if err := lesson.CheckPaths(files.Paths()); err != nil {
		return fault.Wrap(err, fault.Invalid, "The course has a file that cannot be written.", "Rename the file in the course.")
	}
	dir, err = filepath.Abs(dir)
	if err != nil {
		return writing(err)
	}
	if err := replaceable(dir); err != nil {
		return err
	}
	parent := filepath.Dir(dir)
	if err := os.MkdirAll(parent, 0o755); err != nil { //nolint:gosec // the author's own folders; the umask decides who else reads them
		return writing(err)
	}
	staging, err := os.MkdirTemp(parent, "."+filepath.Base(dir)+"-*")
	if err != nil {
		return writing(err)
	}
	defer func() {
		if removed := os.RemoveAll(staging); removed != nil && err == nil {
			err = writing(removed)
		}
	}()
	fresh := filepath.Join(staging, "new")
	if err := writeAll(ctx, fresh, files); err != nil {
		return writing(err)
	}
	return swap(dir, fresh, filepath.Join(staging, "old"))
}

func writing(err error) error {
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("writing the course folder: %w", err)
	}
	return fault.Wrap(err, fault.Unavailable, "The course folder could not be written.",
		"Check that the disk has room and that you may write there.")
}

// replaceable refuses a dir with something else than a course in it.
func replaceable(dir string) error {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) || err == nil && len(entries) == 0 {
		return nil
	}
	if err != nil {
		return fault.Wrap(err, fault.Invalid, fmt.Sprintf("%s is not a folder to write to.", dir), "Choose another place.")
	}
	if _, err := os.Lstat(filepath.Join(dir, "course.yaml")); err != nil {
		return fault.New(fault.Conflict, fmt.Sprintf("The folder %s holds something else than a course.", dir),
			"Choose a new or empty folder.")
	}
	return nil
}

func writeAll(ctx context.Context, dir string, files lesson.Files) error {
	if err := os.Mkdir(dir, 0o755); err != nil { //nolint:gosec // as in Write
		return err
	}
	made := map[string]bool{dir: true}
	for _, p := range files.Paths() {
		if err := ctx.Err(); err != nil {
			return err
		}
		name := filepath.Join(dir, filepath.FromSlash(p))
		if parent := filepath.Dir(name); !made[parent] {
			if err := os.MkdirAll(parent, 0o755); err != nil { //nolint:gosec // as in Write
				return err
			}
			made[parent] = true
		}
		if err := writeFile(name, files[p]); err != nil {
			return err
		}
	}
	for parent := range made {
		if err := syncDir(parent); err != nil {
			return err
		}
	}
	return nil
}

func writeFile(name string, file lesson.File) error {
	mode := fs.FileMode(0o644)
	if file.Executable {
		mode = 0o755
	}
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return err
	}
	_, err = f.Write(file.Data)
	return errors.Join(err, f.Sync(), f.Close())
}

// swap puts fresh in the place of dir, and dir back if that fails.
func swap(dir, fresh, old string) error {
	err := os.Rename(dir, old) //nolint:forbidigo // renameio is for files
	existed := err == nil
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return writing(err)
	}
	if err := os.Rename(fresh, dir); err != nil { //nolint:forbidigo // as above
		if existed {
			err = errors.Join(err, os.Rename(old, dir)) //nolint:forbidigo // as above
		}
		return writing(err)
	}
	return syncDir(filepath.Dir(dir))
}
