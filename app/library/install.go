package library

import (
	"context"
	"io"
	"time"

	"github.com/carrel-dev/carrel/fault"
	"github.com/carrel-dev/carrel/lesson"
)

// bundleFolder holds installed bundles, below the state folder.
const bundleFolder = "courses"

// catalogFresh is how long the cloud's list counts, and catalogPatience how long showing the library
// waits for it: the courses of this computer must not wait for a weak line.
const (
	catalogFresh    = time.Minute
	catalogPatience = 2 * time.Second
)

// Remote is a course of the cloud. Course is as the catalog tells it: without content.
type Remote struct {
	Course    *lesson.Course
	Digest    lesson.Digest
	SizeBytes int64
}

// Catalog is the cloud's courses.
type Catalog interface {
	Courses(ctx context.Context) ([]Remote, error)
	// ReadBlob writes a whole blob to w and verifies it; after an error, what w received is worth
	// nothing.
	ReadBlob(ctx context.Context, digest lesson.Digest, w io.Writer, progress func(done, total int64)) error
}

// Task is long work that goes on.
type Task struct {
	ID string
	// TitleKey is a message key of the shared catalogue, Subject what it is about.
	TitleKey string
	Subject  string
	Fraction float64 // 0 to 1; negative when unknown
	Ended    bool
	Message  string // one sentence when it failed
}

// remoteCourses returns the cloud's courses as far as they are known.
func (l *Library) remoteCourses(ctx context.Context) []Remote {
	l.mu.Lock()
	fresh := time.Since(l.remoteAt) < catalogFresh
	known := l.remote
	l.mu.Unlock()
	if fresh {
		return known
	}
	ctx, cancel := context.WithTimeout(ctx, catalogPatience)
	defer cancel()
	courses, err := l.Catalog.Courses(ctx)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.remoteAt = time.Now()
	if err == nil { // offline is a normal state: what was last seen stays
		l.remote = courses
	}
	return l.remote
}

// Forget makes the next list ask the cloud again, after a person signed in or out.
func (l *Library) Forget() {
	l.mu.Lock()
	l.remoteAt = time.Time{}
	l.mu.Unlock()
	l.Changed()
}

func (l *Library) task(id lesson.CourseID) (Task, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	task, ok := l.installing[id]
	return task, ok
}

// Install downloads a course of the cloud in the background and returns the task. Asking again while it
// goes on returns the same task; the version that is there is used until the new one is whole.
func (l *Library) Install(ctx context.Context, id lesson.CourseID) (Task, error) {
	if task, ok := l.task(id); ok {
		return task, nil
	}
	courses, err := l.Catalog.Courses(ctx)
	if err != nil {
		return Task{}, err
	}
	for _, r := range courses {
		if r.Course.ID == id {
			return l.install(r), nil
		}
	}
	return Task{}, fault.New(fault.NotFound, "The cloud has no such course.", "It may have been withdrawn; look at the library again.")
}

func (l *Library) install(r Remote) Task {
	id := r.Course.ID
	task := Task{ID: "install-" + string(id), TitleKey: "task.install_course", Subject: r.Course.Title.In("en"), Fraction: -1}
	l.mu.Lock()
	if going, ok := l.installing[id]; ok {
		l.mu.Unlock()
		return going
	}
	l.installing[id] = task
	l.mu.Unlock()

	l.work.Go(func() {
		err := l.download(l.base, r, func(fraction float64) {
			step := task
			step.Fraction = fraction
			l.TellTask(step)
		})
		l.mu.Lock()
		delete(l.installing, id)
		l.mu.Unlock()
		end := task
		end.Ended, end.Fraction = true, 1
		if err != nil {
			message, hint := fault.Sentence(err)
			end.Message = message + " " + hint
		}
		l.TellTask(end)
		l.Changed()
	})
	return task
}
