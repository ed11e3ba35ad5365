package workspace

import (
	"context"
	"errors"
	"maps"
	"path/filepath"
	"time"

	"github.com/fsnotify/fsnotify"

	"github.com/carrel-dev/carrel/lesson"
)

// The watcher waits this long for more, because editors save in several steps (write beside, rename
// over), but never longer than maxSettle while a program keeps writing.
const (
	settle    = 60 * time.Millisecond
	maxSettle = 400 * time.Millisecond
)

// pending is what was heard about a workspace and not yet looked at.
type pending struct {
	since time.Time
	dirty map[string]bool
}

// Run watches the open workspaces until ctx ends, and closes them then.
//
// Folders are watched, not files: a file that an editor replaces by renaming would take its watch with
// it. An event only says where to look; what changed is found by comparing the folder with the last
// look, so renames, lost events and new folders need no cases of their own, and our own writes, which
// update that last look, are no news.
func (s *Set) Run(ctx context.Context) error {
	heard := map[lesson.ID]*pending{}
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return s.close()
		case event, ok := <-s.watcher.Events:
			if !ok {
				return nil
			}
			s.hear(heard, event)
			timer.Reset(settle)
		case err, ok := <-s.watcher.Errors:
			if !ok {
				return nil
			}
			if errors.Is(err, fsnotify.ErrEventOverflow) {
				s.hearAll(heard)
				timer.Reset(settle)
			}
		case <-timer.C:
			s.lookAt(heard, 0)
			if len(heard) > 0 {
				timer.Reset(settle)
			}
			continue
		}
		s.lookAt(heard, maxSettle)
	}
}

// hear notes an event at the workspace it belongs to.
func (s *Set) hear(heard map[lesson.ID]*pending, event fsnotify.Event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	w := s.byDir[filepath.Dir(event.Name)]
	if w == nil {
		if w = s.byDir[event.Name]; w == nil {
			return
		}
	}
	rel, err := filepath.Rel(w.dir, event.Name)
	if err != nil || filepath.ToSlash(rel) == ownFolder {
		return
	}
	s.note(heard, w).dirty[filepath.ToSlash(rel)] = true
}

// hearAll has every workspace looked at: the system dropped events.
func (s *Set) hearAll(heard map[lesson.ID]*pending) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, w := range s.open {
		s.note(heard, w)
	}
}

func (s *Set) note(heard map[lesson.ID]*pending, w *Workspace) *pending {
	id := w.place.Lesson.ID
	p := heard[id]
	if p == nil {
		p = &pending{since: time.Now(), dirty: map[string]bool{}}
		heard[id] = p
	}
	return p
}

// lookAt looks at the workspaces that were heard of at least age ago, and tells what changed.
func (s *Set) lookAt(heard map[lesson.ID]*pending, age time.Duration) {
	for id, p := range maps.Clone(heard) {
		if time.Since(p.since) < age {
			continue
		}
		delete(heard, id)
		s.mu.Lock()
		w := s.open[id]
		s.mu.Unlock()
		if w == nil {
			continue
		}
		paths, err := w.rescan(p.dirty)
		s.mu.Lock()
		if s.open[id] == w && s.watch(w) {
			s.note(heard, w) // a new folder may have been filled before it was watched
		}
		s.mu.Unlock()
		if err != nil || len(paths) > 0 {
			s.changed(id, paths) // no paths after an error: whoever shows the folder reads it and sees why
		}
	}
}

// watch adds the folders that are not watched yet. A folder that cannot be watched (network drives,
// exhausted watches) is still read when the lesson is opened or checked. It tells whether there was a
// new one. The caller holds s.mu.
func (s *Set) watch(w *Workspace) (added bool) {
	w.mu.Lock()
	folders := w.index.folders()
	w.mu.Unlock()
	known := map[string]bool{}
	for _, f := range folders {
		dir := filepath.Join(w.dir, filepath.FromSlash(f))
		known[dir] = true
		if s.byDir[dir] == nil && s.watcher.Add(dir) == nil {
			s.byDir[dir], added = w, true
		}
	}
	for dir, owner := range s.byDir {
		if owner == w && !known[dir] {
			delete(s.byDir, dir)
			_ = s.watcher.Remove(dir) // a removed folder has lost its watch already
		}
	}
	return added
}

// rescan compares the folder with the last look and returns what differs.
func (w *Workspace) rescan(dirty map[string]bool) ([]string, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	now, err := scan(w.root, w.index, dirty)
	if err != nil {
		return nil, err
	}
	paths := changes(w.index, now)
	w.index = now
	return paths, nil
}
