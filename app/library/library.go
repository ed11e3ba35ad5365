// Package library is the courses on this computer: those that ship with Carrel, folders a person added,
// and bundles from the cloud; and what a learner does with a lesson outside its files: reading it,
// answering its quiz, opening its hints.
package library

import (
	"context"
	"io/fs"
	"sync"
	"time"

	"github.com/carrel-dev/carrel/fault"
	"github.com/carrel-dev/carrel/journal"
	"github.com/carrel-dev/carrel/lesson"
)

// State keeps small files of the library; *settings.Home is one.
type State interface {
	ReadJSON(name string, v any) error
	UpdateJSON(name string, v any, change func() error) error
	// Path returns the absolute path of a folder of the library's own.
	Path(elem ...string) string
}

// Journal records what the learner does and knows what they reached; *progress.Tracker is one.
type Journal interface {
	Append(ctx context.Context, payloads ...journal.Payload) error
	Lesson(id lesson.ID) journal.LessonProgress
	// Lessons returns the lessons with activity, latest first.
	Lessons() []journal.LessonProgress
}

// Options is what a Library needs.
type Options struct {
	State   State
	Journal Journal
	// Shipped are the courses that come with the program, in the order of a newcomer's way.
	Shipped []fs.FS
	// Catalog is the cloud's courses.
	Catalog Catalog
	// Ready tells whether every one of these environments is on this computer.
	Ready func(ctx context.Context, environments []lesson.Environment) bool
	// TellTask is told how downloads get on.
	TellTask func(Task)
	// Changed is called when the list of courses changed.
	Changed func()
}

// Library is safe for concurrent use.
type Library struct {
	Options
	work   sync.WaitGroup
	base   context.Context // of downloads
	cancel context.CancelFunc

	mu         sync.Mutex
	loaded     map[string]*loaded // by source
	viewed     map[lesson.ID]time.Time
	installing map[lesson.CourseID]Task
	remote     []Remote // as last seen
	remoteAt   time.Time
}

// New returns a library; Close ends its downloads.
func New(o Options) *Library {
	base, cancel := context.WithCancel(context.Background()) //nolint:forbidigo // downloads last until Close
	return &Library{Options: o, base: base, cancel: cancel, loaded: map[string]*loaded{},
		viewed: map[lesson.ID]time.Time{}, installing: map[lesson.CourseID]Task{}}
}

// Close stops the downloads and waits for them.
func (l *Library) Close() error {
	l.cancel()
	l.work.Wait()
	return nil
}

// CourseState is where a course is.
type CourseState string

// The states.
const (
	Installed  CourseState = "installed"
	InCloud    CourseState = "in_cloud"
	Installing CourseState = "installing"
	Broken     CourseState = "broken"
)

// Card is a course in the list.
type Card struct {
	// Course is without content when it is only in the cloud, and without lessons when it is broken.
	Course    *lesson.Course
	State     CourseState
	Digest    lesson.Digest // of its bundle; empty for folders
	SizeBytes int64
	// Message is one sentence about what is wrong with it.
	Message string
	// ReadyOffline means that every environment its lessons need is on this computer.
	ReadyOffline bool
	Progress     []journal.LessonProgress // of its lessons, in order
}

// List is the whole library.
type List struct {
	Courses []Card
	// Continue is the lesson the learner was last at; the zero value at first.
	ContinueCourse lesson.CourseID
	ContinueSlug   string
}

// Courses returns the courses of this computer, last opened first, then those only in the cloud.
func (l *Library) Courses(ctx context.Context) (List, error) {
	sources, err := l.sources()
	if err != nil {
		return List{}, err
	}
	var list List
	seen := map[lesson.CourseID]bool{}
	for _, s := range sources {
		card := l.card(ctx, s)
		if !seen[card.Course.ID] {
			seen[card.Course.ID] = true
			list.Courses = append(list.Courses, card)
		}
	}
	l.byLastOpened(&list)
	for _, r := range l.remoteCourses(ctx) {
		if !seen[r.Course.ID] {
			list.Courses = append(list.Courses, l.remoteCard(r))
		}
	}
	return list, nil
}

func (l *Library) card(ctx context.Context, s source) Card {
	found := l.load(s)
	card := Card{Course: found.course, State: Installed, Digest: s.digest, SizeBytes: s.size, Message: found.message}
	if found.err != nil {
		card.State = Broken
		return card
	}
	if task, ok := l.task(card.Course.ID); ok {
		card.State, card.Message = Installing, task.Message
	}
	card.Progress = l.progress(card.Course)
	card.ReadyOffline = l.Ready(ctx, environments(card.Course))
	return card
}

func (l *Library) remoteCard(r Remote) Card {
	card := Card{Course: r.Course, State: InCloud, Digest: r.Digest, SizeBytes: r.SizeBytes, Progress: l.progress(r.Course)}
	if _, ok := l.task(r.Course.ID); ok {
		card.State = Installing
	}
	return card
}

func (l *Library) progress(c *lesson.Course) []journal.LessonProgress {
	out := make([]journal.LessonProgress, len(c.Lessons))
	for i, lesson := range c.Lessons {
		out[i] = l.Journal.Lesson(lesson.ID)
	}
	return out
}

// byLastOpened orders the cards by the learner's last activity and finds where to continue. Courses
// that were never opened keep their order, after the others.
func (l *Library) byLastOpened(list *List) {
	var ordered []Card
	taken := map[lesson.CourseID]bool{}
	for _, p := range l.Journal.Lessons() {
		for _, card := range list.Courses {
			at := card.Course.LessonByID(p.LessonID)
			if at == nil || (p.CourseID != "" && p.CourseID != card.Course.ID) {
				continue
			}
			if list.ContinueSlug == "" {
				list.ContinueCourse, list.ContinueSlug = card.Course.ID, at.Slug
			}
			if !taken[card.Course.ID] {
				taken[card.Course.ID] = true
				ordered = append(ordered, card)
			}
		}
	}
	for _, card := range list.Courses {
		if !taken[card.Course.ID] {
			ordered = append(ordered, card)
		}
	}
	list.Courses = ordered
}

// Environments returns the different environments that the courses on this computer need.
func (l *Library) Environments() []lesson.Environment {
	sources, err := l.sources()
	if err != nil {
		return nil // whoever lists the courses tells it
	}
	all := &lesson.Course{}
	for _, s := range sources {
		all.Lessons = append(all.Lessons, l.load(s).course.Lessons...)
	}
	return environments(all)
}

// environments returns the different environments a course needs.
func environments(c *lesson.Course) []lesson.Environment {
	var out []lesson.Environment
	seen := map[lesson.Environment]bool{}
	for _, l := range c.Lessons {
		if l.Exercise == nil {
			continue
		}
		for _, env := range l.Exercise.Environments() {
			if !seen[env] {
				seen[env] = true
				out = append(out, env)
			}
		}
	}
	return out
}

func noCourse() error {
	return fault.New(fault.NotFound, "This course is not on this computer.", "Open the library and install it.")
}

func noLesson() error {
	return fault.New(fault.NotFound, "This lesson is not on this computer.",
		"It may have been renamed; open its course from the library.")
}
