package workspace

import (
	"context"
	"encoding/hex"
	"os"
	"path/filepath"
	"sync"

	"github.com/fsnotify/fsnotify"

	"github.com/carrel-dev/carrel/fault"
	"github.com/carrel-dev/carrel/lesson"
)

// Lessons finds lessons on this computer.
type Lessons interface {
	// Place returns the exercise of a lesson; NotFound when no course has it, Invalid when the lesson
	// has no exercise.
	Place(ctx context.Context, id lesson.ID) (Place, error)
}

// Keeper keeps file contents that are about to be deleted.
type Keeper interface {
	Keep(ctx context.Context, id lesson.ID, files lesson.Files) error
}

// Set is the open workspaces of this process and their watcher. It is safe for concurrent use.
type Set struct {
	dir     string
	lessons Lessons
	keeper  Keeper
	changed func(id lesson.ID, paths []string)
	watcher *fsnotify.Watcher

	mu     sync.Mutex
	open   map[lesson.ID]*Workspace
	byDir  map[string]*Workspace // watched folder to workspace
	closed bool
}

// NewSet returns a set that makes workspaces below dir. changed is called, from Run, with the paths
// that another program changed; no paths means that everything is to be read again.
func NewSet(dir string, lessons Lessons, keeper Keeper, changed func(lesson.ID, []string)) (*Set, error) {
	watcher, err := fsnotify.NewBufferedWatcher(256)
	if err != nil {
		return nil, fault.Wrap(err, fault.Unavailable, "This computer has no room left for watching files.",
			"Close other programs that watch many files, such as editors and sync clients.")
	}
	return &Set{dir: dir, lessons: lessons, keeper: keeper, changed: changed, watcher: watcher,
		open: map[lesson.ID]*Workspace{}, byDir: map[string]*Workspace{}}, nil
}

// Open returns the workspace of a lesson, creating it at first use, after its folder was removed and
// when the lesson changed.
func (s *Set) Open(ctx context.Context, id lesson.ID) (*Workspace, error) {
	place, err := s.lessons.Place(ctx, id)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, fault.New(fault.Unavailable, "Carrel is closing.", "Start it again.")
	}
	if w := s.open[id]; w != nil {
		if w.current(place) {
			return w, nil
		}
		s.forget(id, w)
	}
	w, err := Create(s.folder(place), place, func(ctx context.Context, files lesson.Files) error {
		return s.keeper.Keep(ctx, id, files)
	})
	if err != nil {
		return nil, err
	}
	s.open[id] = w
	s.watch(w)
	return w, nil
}

// current tells whether the workspace is still the one for place.
func (w *Workspace) current(place Place) bool {
	if w.place.Source != place.Source || w.place.Lesson.Version != place.Lesson.Version {
		return false
	}
	_, err := os.Stat(filepath.Join(w.dir, filepath.FromSlash(infoFile)))
	return err == nil
}

// forget drops a workspace. Calls that still hold it fail once its folder is closed. The caller holds mu.
func (s *Set) forget(id lesson.ID, w *Workspace) {
	delete(s.open, id)
	for dir, owner := range s.byDir {
		if owner == w {
			delete(s.byDir, dir)
			_ = s.watcher.Remove(dir) // the folder may be gone, and its watch with it
		}
	}
	_ = w.Close()
}

// close ends all of it.
func (s *Set) close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	for id, w := range s.open {
		s.forget(id, w)
	}
	return s.watcher.Close()
}

// folder chooses where an exercise lives: where it is already, whatever its slug was then, else below
// its course, apart from a lesson of the same name in another course of the same name.
func (s *Set) folder(place Place) string {
	course := filepath.Join(s.dir, string(place.CourseID))
	plain := filepath.Join(course, place.Lesson.Slug)
	apart := plain + "-" + hex.EncodeToString(place.Lesson.ID[:4])
	for _, dir := range []string{plain, apart} {
		if info, err := ReadInfo(dir); err == nil && info.LessonID == place.Lesson.ID {
			return dir
		}
	}
	entries, _ := os.ReadDir(course) // a course that was never opened has no folder yet
	for _, e := range entries {
		dir := filepath.Join(course, e.Name())
		if info, err := ReadInfo(dir); err == nil && info.LessonID == place.Lesson.ID {
			return dir
		}
	}
	if _, err := ReadInfo(plain); err == nil {
		return apart
	}
	return plain
}
