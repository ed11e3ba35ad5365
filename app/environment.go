package app

import (
	"context"
	"os"
	"time"

	"github.com/carrel-dev/carrel/app/workspace"
	"github.com/carrel-dev/carrel/fault"
	"github.com/carrel-dev/carrel/harness"
	"github.com/carrel-dev/carrel/lesson"
)

// Environment is the live environment of one exercise with the learner's files in it. The caller closes it.
type Environment struct {
	harness.Session
	Exercise *lesson.Exercise

	files func() (lesson.Files, error)
	put   lesson.Digest // what the environment has
	close func() error
}

// OpenEnvironment opens the environment of an exercise on this computer. name is a folder that holds a
// workspace, or COURSE/LESSON: with the id of a course in the library its workspace is opened, with a
// course folder the starter, which is what its author wants to see.
func (a *App) OpenEnvironment(ctx context.Context, name string) (*Environment, error) {
	e, err := a.findFiles(ctx, name)
	if err != nil {
		return nil, err
	}
	if e.Session, err = a.engine.Open(ctx, harness.SpecFor(e.Exercise, a.owner())); err != nil {
		_ = e.close() // it was only read
		return nil, err
	}
	if err := e.refresh(ctx); err != nil {
		_ = e.Close() // what went wrong first is told
		return nil, err
	}
	return e, nil
}

func (a *App) findFiles(ctx context.Context, name string) (*Environment, error) {
	nothing := func() error { return nil }
	info, err := os.Stat(name)
	if err == nil && info.IsDir() {
		w, err := a.OpenFolder(name)
		if err != nil {
			return nil, err
		}
		return &Environment{Exercise: w.Place().Lesson.Exercise, files: w.Snapshot, close: w.Close}, nil
	}
	place, err := a.FindPlace(name)
	if err != nil {
		return nil, err
	}
	ex := place.Lesson.Exercise
	if w, err := a.Workspaces.Open(ctx, place.Lesson.ID); err == nil && samePlace(w.Place(), place) {
		return &Environment{Exercise: w.Place().Lesson.Exercise, files: w.Snapshot, close: nothing}, nil // the set closes it
	} else if err != nil && fault.KindOf(err) != fault.NotFound {
		return nil, err
	}
	return &Environment{Exercise: ex, files: func() (lesson.Files, error) { return ex.Starter, nil }, close: nothing}, nil
}

// samePlace tells whether two names mean one exercise: an author's copy of a course in the library is
// another one.
func samePlace(a, b workspace.Place) bool {
	return a.CourseID == b.CourseID && a.Source == b.Source && a.Lesson.Version == b.Lesson.Version
}

// followPause is how often Follow looks at the files. Looking is enough for the few files of an exercise;
// watching would need more than the command line has.
const followPause = 500 * time.Millisecond

// Follow brings what changes in the learner's files into the environment until ctx ends. A file that cannot
// be taken now, half-written say, is taken the next time.
func (e *Environment) Follow(ctx context.Context) {
	ticker := time.NewTicker(followPause)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			_ = e.refresh(ctx)
		}
	}
}

func (e *Environment) refresh(ctx context.Context) error {
	files, err := e.files()
	if err != nil {
		return err
	}
	if digest := files.Digest(); digest != e.put {
		if err := e.Put(ctx, harness.SnapshotFor(e.Exercise, files)); err != nil {
			return err
		}
		e.put = digest
	}
	return nil
}

// Close gives the environment back.
func (e *Environment) Close() error {
	err := e.Session.Close()
	if closed := e.close(); err == nil {
		err = closed
	}
	return err
}
