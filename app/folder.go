package app

import (
	"context"
	"os"
	"path/filepath"
	"strings"

	"github.com/carrel-dev/carrel/app/checks"
	"github.com/carrel-dev/carrel/app/workspace"
	"github.com/carrel-dev/carrel/fault"
	"github.com/carrel-dev/carrel/harness"
	"github.com/carrel-dev/carrel/lesson"
)

// FindPlace returns the exercise that name means: "COURSE/LESSON", where COURSE is a course folder on
// this computer or the id of a course in the library.
func (a *App) FindPlace(name string) (workspace.Place, error) {
	name = strings.TrimRight(filepath.ToSlash(name), "/")
	cut := strings.LastIndex(name, "/")
	if cut < 0 {
		return workspace.Place{}, fault.New(fault.Invalid, "\""+name+"\" names no lesson.",
			"Write COURSE/LESSON, such as first-steps/pipes or ./my-course/hello.")
	}
	course, slug := name[:cut], name[cut+1:]
	if info, err := os.Stat(course); err == nil && info.IsDir() {
		source, err := filepath.Abs(course)
		if err != nil {
			return workspace.Place{}, err
		}
		return placeIn(source, slug)
	}
	found, err := a.Library.Lesson(lesson.CourseID(course), slug)
	if err != nil {
		return workspace.Place{}, err
	}
	return asPlace(found.Course, found.Lesson, found.Source)
}

// OpenFolder opens the workspace in dir, wherever it is.
func (a *App) OpenFolder(dir string) (*workspace.Workspace, error) {
	info, err := workspace.ReadInfo(dir)
	if err != nil {
		return nil, err
	}
	place, err := a.placeOf(info)
	if err != nil {
		return nil, err
	}
	return workspace.Create(dir, place, func(ctx context.Context, files lesson.Files) error {
		return a.Progress.Keep(ctx, place.Lesson.ID, files)
	})
}

func (a *App) placeOf(info workspace.Info) (workspace.Place, error) {
	if info.Source != "" {
		return placeIn(info.Source, info.Slug)
	}
	found, err := a.Library.Lesson(info.CourseID, info.Slug)
	if err != nil {
		return workspace.Place{}, err
	}
	return asPlace(found.Course, found.Lesson, found.Source)
}

// placeIn returns the exercise in a course folder. Problems of other lessons do not matter.
func placeIn(source, slug string) (workspace.Place, error) {
	course, problems, err := lesson.LoadLenient(os.DirFS(source))
	if err != nil {
		return workspace.Place{}, err
	}
	own := make([]lesson.Problem, 0, len(problems))
	for _, p := range problems {
		if course == nil || p.Lesson == "" || p.Lesson == slug {
			own = append(own, p)
		}
	}
	if len(own) > 0 {
		return workspace.Place{}, &lesson.InvalidError{Problems: own}
	}
	found := course.Lesson(slug)
	if found == nil {
		return workspace.Place{}, fault.New(fault.NotFound, "The course in "+source+" has no lesson \""+slug+"\".",
			"Its lessons are the folders below "+filepath.Join(source, "lessons")+".")
	}
	return asPlace(course, found, source)
}

func asPlace(course *lesson.Course, l *lesson.Lesson, source string) (workspace.Place, error) {
	if l.Exercise == nil {
		return workspace.Place{}, fault.New(fault.Invalid, "This lesson has no exercise.", "Read it and go on to the next one.")
	}
	return workspace.Place{CourseID: course.ID, Lesson: l, Source: source}, nil
}

// CheckFolder checks an open workspace and records the attempt, exactly as the window does. Steps are
// told in order. The error is a problem of the machinery; anything about the learner's code is in the
// report.
func (a *App) CheckFolder(ctx context.Context, w *workspace.Workspace, on checks.Kind, step func(harness.Event)) (harness.Report, error) {
	ended := make(chan checks.Event, 1)
	service := checks.New(checks.Options{
		Exercises: folderExercise{w}, Journal: a.Progress, Docker: a.engine,
		Cloud: cloudChecks{a.Exchange, a.dial}, Owner: a.owner(),
		Tell: func(e checks.Event) {
			if e.Step != nil {
				step(*e.Step)
				return
			}
			ended <- e
		},
		RunnersChanged: func() {},
	})
	life, end := context.WithCancel(context.WithoutCancel(ctx))
	done := make(chan error, 1)
	go func() { done <- service.Run(life) }()
	defer func() {
		end()
		<-done //nolint:errcheck // a session that does not close changes nothing about the report
	}()
	if _, err := service.Start(ctx, w.Place().Lesson.ID, on); err != nil {
		return harness.Report{}, err
	}
	select {
	case <-ctx.Done():
		return harness.Report{}, context.Cause(ctx)
	case e := <-ended:
		if e.Report == nil {
			return harness.Report{}, context.Canceled
		}
		return *e.Report, nil
	}
}

// folderExercise takes the learner's files from one workspace.
type folderExercise struct{ workspace *workspace.Workspace }

// Exercise implements checks.Exercises.
func (f folderExercise) Exercise(context.Context, lesson.ID) (checks.Exercise, error) {
	files, err := f.workspace.Snapshot()
	if err != nil {
		return checks.Exercise{}, err
	}
	place := f.workspace.Place()
	return checks.Exercise{CourseID: place.CourseID, Lesson: place.Lesson, Files: files}, nil
}
