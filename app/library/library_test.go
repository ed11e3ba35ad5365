package library_test

import (
	"bytes"
	"context"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/carrel-dev/carrel/app/library"
	"github.com/carrel-dev/carrel/app/settings"
	"github.com/carrel-dev/carrel/courses"
	"github.com/carrel-dev/carrel/fault"
	"github.com/carrel-dev/carrel/journal"
	"github.com/carrel-dev/carrel/lesson"
	"github.com/carrel-dev/carrel/lesson/bundle"
)

// learner is a journal that keeps payloads.
type learner struct {
	mu      sync.Mutex
	entries []journal.Payload
	at      []journal.LessonProgress
}

func (l *learner) Append(_ context.Context, payloads ...journal.Payload) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.entries = append(l.entries, payloads...)
	return nil
}

func (l *learner) Lesson(id lesson.ID) journal.LessonProgress {
	return journal.LessonProgress{LessonID: id}
}

func (l *learner) Lessons() []journal.LessonProgress { return l.at }

// shop is a cloud with one bundle; the line breaks after some blobs when it is told to.
type shop struct {
	bundle *bundle.Bundle
	course *lesson.Course
	breaks int // blobs until the line breaks; negative never
	asked  []lesson.Digest
	forged bool
}

func (s *shop) Courses(context.Context) ([]library.Remote, error) {
	if s.bundle == nil {
		return nil, fault.New(fault.Unavailable, "No network.", "")
	}
	return []library.Remote{{Course: s.course, Digest: s.bundle.Digest, SizeBytes: s.bundle.Size()}}, nil
}

func (s *shop) ReadBlob(ctx context.Context, d lesson.Digest, w io.Writer, progress func(done, total int64)) error {
	s.asked = append(s.asked, d)
	if s.breaks == 0 {
		return fault.New(fault.Unavailable, "The line broke.", "Try again.")
	}
	s.breaks--
	data := s.bundle.Manifest
	if d != s.bundle.Digest {
		var err error
		if data, err = s.bundle.Fetch(ctx, d); err != nil {
			return err
		}
		if s.forged {
			data = bytes.ToUpper(data)
		}
	}
	_, err := w.Write(data)
	progress(int64(len(data)), int64(len(data)))
	return err
}

type shelf struct {
	*library.Library
	learner *learner
	tasks   chan library.Task
}

func open(t *testing.T, home string, s *shop, shipped ...fs.FS) shelf {
	t.Helper()
	h, err := settings.Open(home)
	if err != nil {
		t.Fatal(err)
	}
	out := shelf{learner: &learner{}, tasks: make(chan library.Task, 1000)}
	out.Library = library.New(library.Options{State: h, Journal: out.learner, Shipped: shipped, Catalog: s,
		Ready:    func(context.Context, []lesson.Environment) bool { return true },
		TellTask: func(task library.Task) { out.tasks <- task }, Changed: func() {}})
	t.Cleanup(func() {
		_ = out.Close()
		_ = h.Close()
	})
	return out
}

func firstSteps(t *testing.T) fs.FS {
	t.Helper()
	course, err := courses.Course("first-steps")
	if err != nil {
		t.Fatal(err)
	}
	return course
}

func newShop(t *testing.T) *shop {
	t.Helper()
	b, err := bundle.Pack(firstSteps(t))
	if err != nil {
		t.Fatal(err)
	}
	course, err := lesson.Load(firstSteps(t))
	if err != nil {
		t.Fatal(err)
	}
	return &shop{bundle: b, course: course, breaks: -1}
}

// install installs the shop's course and returns how the task ended.
func (s shelf) install(t *testing.T) library.Task {
	t.Helper()
	if _, err := s.Install(t.Context(), "first-steps"); err != nil {
		t.Fatal(err)
	}
	for {
		if task := <-s.tasks; task.Ended {
			return task
		}
	}
}

func (s shelf) states(t *testing.T) map[lesson.CourseID]library.CourseState {
	t.Helper()
	list, err := s.Courses(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	out := map[lesson.CourseID]library.CourseState{}
	for _, c := range list.Courses {
		out[c.Course.ID] = c.State
	}
	return out
}

func TestLibrary_Install(t *testing.T) {
	t.Parallel()

	t.Run("a course of the cloud becomes a course of this computer", func(t *testing.T) {
		t.Parallel()
		home, cloud := t.TempDir(), newShop(t)
		s := open(t, home, cloud)
		if got := s.states(t)["first-steps"]; got != library.InCloud {
			t.Errorf("before: %s", got)
		}
		if task := s.install(t); task.Message != "" {
			t.Fatalf("task ended with %q", task.Message)
		}
		if got := s.states(t)["first-steps"]; got != library.Installed {
			t.Errorf("after: %s", got)
		}
		// Another start of the program, without a network.
		again := open(t, home, &shop{})
		if _, err := again.Open(t.Context(), "first-steps", "pipes"); err != nil {
			t.Errorf("opening offline: %v", err)
		}
		left, err := os.ReadDir(filepath.Join(home, "downloads"))
		if err != nil {
			t.Fatal(err)
		}
		if len(left) != 0 {
			t.Errorf("%d blobs stayed", len(left))
		}
	})

	t.Run("a broken download goes on where it ended", func(t *testing.T) {
		t.Parallel()
		cloud := newShop(t)
		cloud.breaks = 3
		s := open(t, t.TempDir(), cloud)
		if task := s.install(t); !strings.Contains(task.Message, "The line broke.") {
			t.Fatalf("task ended with %q", task.Message)
		}
		if got := s.states(t)["first-steps"]; got != library.InCloud {
			t.Errorf("after a broken download: %s", got)
		}
		cloud.breaks = -1
		if task := s.install(t); task.Message != "" {
			t.Fatalf("task ended with %q", task.Message)
		}
		slices.Sort(cloud.asked)
		if n := len(cloud.asked) - len(slices.Compact(slices.Clone(cloud.asked))); n != 1 {
			t.Errorf("%d blobs were asked for twice, want the broken one alone", n)
		}
	})

	t.Run("a forged part is refused", func(t *testing.T) {
		t.Parallel()
		cloud := newShop(t)
		cloud.forged = true
		s := open(t, t.TempDir(), cloud)
		if task := s.install(t); task.Message == "" {
			t.Error("it was installed")
		}
		if got := s.states(t)["first-steps"]; got != library.InCloud {
			t.Errorf("after a forgery: %s", got)
		}
	})
}

func TestLibrary_AddFolder(t *testing.T) {
	t.Parallel()

	t.Run("a broken course shows its sentence and the others work", func(t *testing.T) {
		t.Parallel()
		dir := t.TempDir()
		if err := os.CopyFS(dir, firstSteps(t)); err != nil {
			t.Fatal(err)
		}
		s := open(t, t.TempDir(), &shop{}, firstSteps(t))
		if _, err := s.AddFolder(t.Context(), dir); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "course.yaml"), []byte("id: {"), 0o644); err != nil {
			t.Fatal(err)
		}
		again := open(t, t.TempDir(), &shop{}, os.DirFS(dir), firstSteps(t))
		list, err := again.Courses(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if broken := list.Courses[0]; broken.State != library.Broken || broken.Message == "" {
			t.Errorf("card %+v", broken)
		}
		if _, err := again.Open(t.Context(), "first-steps", "pipes"); err != nil {
			t.Errorf("the sound course: %v", err)
		}
	})

	t.Run("what is no course is refused", func(t *testing.T) {
		t.Parallel()
		s := open(t, t.TempDir(), &shop{})
		for _, path := range []string{"relative", t.TempDir(), "/nowhere/at/all"} {
			if _, err := s.AddFolder(t.Context(), path); err == nil {
				t.Errorf("%s was added", path)
			}
		}
	})
}

func TestLibrary_Open_ViewsAreRecordedOnce(t *testing.T) {
	t.Parallel()
	s := open(t, t.TempDir(), &shop{}, firstSteps(t))
	for range 3 {
		if _, err := s.Open(t.Context(), "first-steps", "pipes"); err != nil {
			t.Fatal(err)
		}
	}
	if len(s.learner.entries) != 1 {
		t.Errorf("%d entries", len(s.learner.entries))
	}
	if _, err := s.Open(t.Context(), "first-steps", "nothing"); fault.KindOf(err) != fault.NotFound {
		t.Errorf("a missing lesson: %v", err)
	}
}

func TestLibrary_AnswerQuiz(t *testing.T) {
	t.Parallel()
	s := open(t, t.TempDir(), &shop{}, firstSteps(t))
	found, err := s.Lesson("first-steps", "quiz")
	if err != nil {
		t.Fatal(err)
	}
	right := map[string][]string{}
	for _, q := range found.Lesson.Quiz {
		right[q.ID] = q.Answer
		if q.Kind == lesson.QuestionText {
			right[q.ID] = []string{"  " + strings.ToUpper(q.Answer[0]) + " "}
		}
		if q.Kind == lesson.QuestionMultiple {
			right[q.ID] = slices.Clone(q.Answer)
			slices.Reverse(right[q.ID])
		}
	}
	for name, answers := range map[string]map[string][]string{"right": right, "nothing": nil} {
		results, err := s.AnswerQuiz(t.Context(), "first-steps", "quiz", answers)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range results {
			if r.Right != (name == "right") {
				t.Errorf("%s: question %s is %v", name, r.Question.ID, r.Right)
			}
		}
	}
}
