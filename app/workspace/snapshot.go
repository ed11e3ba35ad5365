package workspace

import (
	"fmt"
	"io/fs"
	"slices"

	"github.com/carrel-dev/carrel/fault"
	"github.com/carrel-dev/carrel/lesson"
)

// Snapshot returns the learner's files as they are on disk, and the starter's where a glob of the learner's
// files covers what is read-only after all. Files on the list of the exercise that are
// links, too large or too many are refused with a sentence: a check must be the same everywhere.
func (w *Workspace) Snapshot() (lesson.Files, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	files := lesson.Files{}
	var total int64
	err := fs.WalkDir(w.root.FS(), ".", func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return ignoreVanished(err)
		}
		if d.IsDir() {
			if p != "." && slices.Contains(noise, d.Name()) {
				return fs.SkipDir
			}
			return nil
		}
		if !w.editable(p) {
			return nil
		}
		if err := lesson.CheckPath(p); err != nil {
			return fault.Wrap(err, fault.Invalid, fmt.Sprintf("The file %q cannot be checked: %v.", p, err), "Rename it.")
		}
		if !d.Type().IsRegular() {
			return fault.New(fault.Invalid, p+" is a link or a device, not a file.", "Put a plain file in its place.")
		}
		data, err := w.readBounded(p)
		if err != nil {
			return ignoreVanished(err)
		}
		if total += int64(len(data)); total > maxSnapshotBytes || len(files) >= maxEntries {
			return fault.New(fault.Exhausted, "The files of this exercise are too many or too large to be checked.",
				fmt.Sprintf("Keep them below %d files and %d MiB; move the rest out of the folder.", maxEntries, maxSnapshotBytes>>20))
		}
		files[p] = lesson.NewFile(data)
		return nil
	})
	if err != nil {
		return nil, err
	}
	ex := w.place.Lesson.Exercise
	for p, f := range ex.Starter {
		if lesson.MatchAny(ex.Learner, p) && !w.editable(p) {
			files[p] = f
		}
	}
	return files, nil
}

func (w *Workspace) readBounded(p string) ([]byte, error) {
	info, err := w.root.Lstat(p)
	if err != nil {
		return nil, err
	}
	if info.Size() > MaxFileBytes {
		return nil, tooLarge(p, info.Size())
	}
	return w.root.ReadFile(p)
}
