package app

import (
	"context"

	"github.com/carrel-dev/carrel/app/checks"
	"github.com/carrel-dev/carrel/app/rpc"
	"github.com/carrel-dev/carrel/app/workspace"
	"github.com/carrel-dev/carrel/lesson"
)

// OpenLesson returns a lesson, with its workspace laid out and its environment starting when it has an
// exercise.
func (a *App) OpenLesson(ctx context.Context, course lesson.CourseID, slug string) (rpc.OpenedLesson, error) {
	opened, err := a.Library.Open(ctx, course, slug)
	if err != nil {
		return rpc.OpenedLesson{}, err
	}
	out := rpc.OpenedLesson{Opened: opened}
	if opened.Lesson.Lesson.Exercise == nil {
		return out, nil
	}
	w, err := a.Workspaces.Open(ctx, opened.Lesson.Lesson.ID)
	if err != nil {
		return rpc.OpenedLesson{}, err
	}
	out.WorkspacePath = w.Dir()
	a.Checks.Warm(opened.Lesson.Lesson.ID)
	return out, nil
}

// filesChanged passes on what another program did to a workspace.
func (a *App) filesChanged(id lesson.ID, paths []string) {
	a.Events.TellFiles(id, paths)
	a.Checks.Touched(id)
}

// ready tells whether every environment is on this computer.
func (a *App) ready(ctx context.Context, environments []lesson.Environment) bool {
	if len(environments) == 0 {
		return true
	}
	if a.engine.Answer(ctx) != nil {
		return false
	}
	for _, env := range environments {
		if a.engine.Present(ctx, env) != nil {
			return false
		}
	}
	return true
}

// exercises takes the learner's files from their workspaces.
type exercises struct{ workspaces *workspace.Set }

// Exercise implements checks.Exercises.
func (e exercises) Exercise(ctx context.Context, id lesson.ID) (checks.Exercise, error) {
	w, err := e.workspaces.Open(ctx, id)
	if err != nil {
		return checks.Exercise{}, err
	}
	files, err := w.Snapshot()
	if err != nil {
		return checks.Exercise{}, err
	}
	place := w.Place()
	return checks.Exercise{CourseID: place.CourseID, Lesson: place.Lesson, Files: files}, nil
}
