package library

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/carrel-dev/carrel/app/workspace"
	"github.com/carrel-dev/carrel/fault"
	"github.com/carrel-dev/carrel/lesson"
)

// stateFile says which folders and bundles belong to the library.
const stateFile = "library.json"

// folderFresh is how long a loaded folder counts: its author may be editing it.
const folderFresh = 2 * time.Second

// state is the form of stateFile.
type state struct {
	Folders   []string                      `json:"folders,omitempty"`
	Installed map[lesson.CourseID]installed `json:"installed,omitempty"`
}

// installed is a bundle on this computer.
type installed struct {
	Digest    lesson.Digest `json:"digest"`
	SizeBytes int64         `json:"size_bytes"`
	Folder    string        `json:"folder"` // below the library's own folder
}

// source is one course folder.
type source struct {
	key    string // unique; the folder's path for those on disk
	path   string // empty for shipped courses
	files  fs.FS
	own    bool // changes only when we change it
	digest lesson.Digest
	size   int64
}

// loaded is what was read from a source.
type loaded struct {
	at      time.Time
	course  *lesson.Course // never nil; named after its folder when it is broken
	message string
	err     error
}

// sources returns every course folder. An earlier one hides later ones of the same course: what a
// person is editing, then what they installed, then what ships.
func (l *Library) sources() ([]source, error) {
	var st state
	if err := l.State.ReadJSON(stateFile, &st); err != nil {
		return nil, err
	}
	var out []source
	for _, dir := range st.Folders {
		out = append(out, folder(dir))
	}
	for _, in := range st.Installed {
		dir := l.State.Path(bundleFolder, in.Folder)
		s := folder(dir)
		s.own, s.digest, s.size = true, in.Digest, in.SizeBytes
		out = append(out, s)
	}
	slices.SortStableFunc(out[len(st.Folders):], func(a, b source) int {
		return slices.Compare([]byte(a.key), []byte(b.key))
	})
	for i, files := range l.Shipped {
		out = append(out, source{key: fmt.Sprintf("shipped %d", i), files: files, own: true})
	}
	return out, nil
}

func folder(dir string) source { return source{key: dir, path: dir, files: os.DirFS(dir)} }

// load reads a course leniently: lessons that cannot be read are left out and told about, and the rest
// works.
func (l *Library) load(s source) *loaded {
	l.mu.Lock()
	had := l.loaded[s.key]
	l.mu.Unlock()
	if had != nil && (s.own || time.Since(had.at) < folderFresh) {
		return had
	}
	got := &loaded{at: time.Now()}
	course, problems, err := lesson.LoadLenient(s.files)
	switch {
	case err != nil:
		got.err = err
	case course == nil:
		got.err = &lesson.InvalidError{Problems: problems}
	case len(problems) > 0:
		_, got.message = fault.Sentence(&lesson.InvalidError{Problems: problems})
	}
	if got.course = course; got.err != nil {
		message, hint := fault.Sentence(got.err)
		got.message = message + " " + hint
		name := filepath.Base(s.key)
		got.course = &lesson.Course{ID: lesson.CourseID(name), Title: lesson.Text{"en": name}}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.loaded[s.key] = got
	return got
}

// Lesson is a lesson and where it is.
type Lesson struct {
	Course *lesson.Course
	Lesson *lesson.Lesson
	Source string // folder on this computer; empty for shipped courses
}

// find returns the first lesson that match accepts; nil as its Lesson when there is none.
func (l *Library) find(match func(*lesson.Course) *lesson.Lesson) (Lesson, error) {
	sources, err := l.sources()
	if err != nil {
		return Lesson{}, err
	}
	for _, s := range sources {
		found := l.load(s)
		if found.err != nil {
			continue
		}
		if at := match(found.course); at != nil {
			return Lesson{Course: found.course, Lesson: at, Source: s.path}, nil
		}
	}
	return Lesson{}, nil
}

// Lesson finds a lesson by course and slug.
func (l *Library) Lesson(course lesson.CourseID, slug string) (Lesson, error) {
	missing := noCourse()
	found, err := l.find(func(c *lesson.Course) *lesson.Lesson {
		if c.ID != course {
			return nil
		}
		missing = noLesson()
		return c.Lesson(slug)
	})
	if err == nil && found.Lesson == nil {
		err = missing
	}
	return found, err
}

// Place implements workspace.Lessons.
func (l *Library) Place(_ context.Context, id lesson.ID) (workspace.Place, error) {
	found, err := l.find(func(c *lesson.Course) *lesson.Lesson { return c.LessonByID(id) })
	switch {
	case err != nil:
		return workspace.Place{}, err
	case found.Lesson == nil:
		return workspace.Place{}, noLesson()
	case found.Lesson.Exercise == nil:
		return workspace.Place{}, fault.New(fault.Invalid, "This lesson has no exercise.", "Read it and go on to the next one.")
	}
	return workspace.Place{CourseID: found.Course.ID, Lesson: found.Lesson, Source: found.Source}, nil
}

// AddFolder adds a course folder. A folder that holds no readable course is refused with every problem.
func (l *Library) AddFolder(ctx context.Context, path string) (Card, error) {
	if !filepath.IsAbs(path) {
		return Card{}, fault.New(fault.Invalid, "The folder's path is not complete.", "Write it from the root of the disk on.")
	}
	path = filepath.Clean(path)
	s := folder(path)
	if found := l.load(s); found.err != nil {
		return Card{}, found.err
	}
	var st state
	err := l.State.UpdateJSON(stateFile, &st, func() error {
		if !slices.Contains(st.Folders, path) {
			st.Folders = append([]string{path}, st.Folders...)
		}
		return nil
	})
	if err != nil {
		return Card{}, err
	}
	l.Changed()
	return l.card(ctx, s), nil
}
