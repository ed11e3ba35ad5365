// Package workspace is the learner's real folder of files for one exercise: laid out once, never
// overwritten, read and written by this program and by any other editor alike.
package workspace

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"sync"
	"time"

	"github.com/carrel-dev/carrel/app/atomicfile"
	"github.com/carrel-dev/carrel/fault"
	"github.com/carrel-dev/carrel/lesson"
)

// ownFolder is where a workspace keeps what is not the learner's; it is never listed or checked.
const ownFolder = ".carrel"

const infoFile = ownFolder + "/workspace.json"

// Place is an exercise and where it comes from.
type Place struct {
	CourseID lesson.CourseID
	Lesson   *lesson.Lesson // with an exercise
	// Source is the course folder or bundle on this computer; empty for the courses that ship.
	Source string
}

// Info is what a workspace says about itself, so that the CLI and other tools know what a folder is.
type Info struct {
	CourseID lesson.CourseID `json:"course_id"`
	LessonID lesson.ID       `json:"lesson_id"`
	Slug     string          `json:"slug"`
	Version  lesson.Digest   `json:"version"`
	Source   string          `json:"source,omitempty"`
}

// ReadInfo returns what the folder says about itself; NotFound when it is no workspace.
func ReadInfo(dir string) (Info, error) {
	data, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(infoFile)))
	if errors.Is(err, fs.ErrNotExist) {
		return Info{}, fault.Wrap(err, fault.NotFound, "There is no exercise in "+dir+".",
			"Open a lesson first; its folder is made then.")
	}
	if err != nil {
		return Info{}, fmt.Errorf("reading workspace: %w", err)
	}
	var info Info
	if err := json.Unmarshal(data, &info); err != nil {
		return Info{}, fault.Wrap(err, fault.Invalid, "The file "+infoFile+" in "+dir+" is damaged.",
			"Delete it and open the lesson again. Your own files stay as they are.")
	}
	return info, nil
}

// Keep keeps the content of files that are about to be deleted or reset.
type Keep func(ctx context.Context, files lesson.Files) error

// Workspace is an open workspace. It is safe for concurrent use.
type Workspace struct {
	dir   string
	root  *os.Root
	place Place
	keep  Keep

	// mu makes every change of a file and of the index one step, so that the watcher never takes our
	// own half-done write for somebody else's.
	mu    sync.Mutex
	index index
}

// Create opens the workspace in dir, making the folder and laying the starter's files when they are
// missing. Files that are there are never overwritten, except that files the learner may not change
// follow the lesson when its version changed. It may be called again at any time.
// A nil keep keeps nothing.
func Create(dir string, place Place, keep Keep) (*Workspace, error) {
	if err := os.MkdirAll(filepath.Join(dir, ownFolder), 0o755); err != nil { //nolint:gosec // the learner's own folder; the umask decides who else reads it
		return nil, cannotWrite(dir, err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, cannotWrite(dir, err)
	}
	if keep == nil {
		keep = func(context.Context, lesson.Files) error { return nil }
	}
	w := &Workspace{dir: dir, root: root, place: place, keep: keep}
	if err := w.lay(); err != nil {
		return nil, errors.Join(err, root.Close())
	}
	if w.index, err = scan(root, nil, nil); err != nil {
		return nil, errors.Join(err, root.Close())
	}
	return w, nil
}

// Close gives the folder back.
func (w *Workspace) Close() error { return w.root.Close() }

// Dir returns the absolute path of the folder.
func (w *Workspace) Dir() string { return w.dir }

// Place returns the exercise that is worked on.
func (w *Workspace) Place() Place { return w.place }

// lay puts the starter's files where they are missing. The info file is written last: a crash before
// that lays the rest at the next start, a deleted file is not brought back after it.
func (w *Workspace) lay() error {
	if err := atomicfile.Sweep(w.root, ownFolder, time.Minute); err != nil {
		return fmt.Errorf("sweeping workspace: %w", err)
	}
	want := Info{CourseID: w.place.CourseID, LessonID: w.place.Lesson.ID, Slug: w.place.Lesson.Slug,
		Version: w.place.Lesson.Version, Source: w.place.Source}
	have, err := ReadInfo(w.dir)
	if err == nil && have == want {
		return nil
	}
	sameVersion := err == nil && have.LessonID == want.LessonID && have.Version == want.Version
	if !sameVersion {
		if err := w.layStarter(); err != nil {
			return err
		}
	}
	data, err := json.MarshalIndent(want, "", "  ")
	if err != nil {
		return fmt.Errorf("encoding workspace info: %w", err)
	}
	return w.put(infoFile, append(data, '\n'))
}

func (w *Workspace) layStarter() error {
	for p, file := range w.place.Lesson.Exercise.Starter {
		_, err := w.root.Lstat(p)
		switch {
		case err == nil && w.editable(p):
			continue
		case err != nil && !errors.Is(err, fs.ErrNotExist):
			return cannotWrite(w.dir, err)
		}
		if err := w.put(p, file.Data); err != nil {
			return err
		}
		if file.Executable {
			if err := w.root.Chmod(p, 0o755); err != nil {
				return cannotWrite(w.dir, err)
			}
		}
	}
	return nil
}

// put writes a file and the folders it needs.
func (w *Workspace) put(p string, data []byte) error {
	if dir := path.Dir(p); dir != "." {
		if err := w.root.MkdirAll(dir, 0o755); err != nil {
			return cannotWrite(w.dir, err)
		}
	}
	if err := atomicfile.Write(w.root, ownFolder, p, data, 0o644); err != nil {
		return cannotWrite(w.dir, err)
	}
	return nil
}

func cannotWrite(dir string, err error) error {
	return fault.Wrap(err, fault.Unavailable, "Carrel cannot write to the folder "+dir+".",
		"Make room on the disk and check that the folder is yours.")
}
