package app_test

import (
	"context"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"connectrpc.com/connect"

	"github.com/carrel-dev/carrel/app"
	"github.com/carrel-dev/carrel/fault"
	"github.com/carrel-dev/carrel/harness"
	"github.com/carrel-dev/carrel/lesson"
	harnessv1 "github.com/carrel-dev/carrel/proto/gen/carrel/harness/v1"
	idev1 "github.com/carrel-dev/carrel/proto/gen/carrel/ide/v1"
	"github.com/carrel-dev/carrel/proto/gen/carrel/ide/v1/idev1connect"
)

const lessonID = "96d6b8b0-f4b5-4df5-b64d-409956c1dfb8"

// course is a small course of one lesson with a quiz.
func course() fs.FS {
	return fstest.MapFS{
		"course.yaml": {Data: []byte("id: tiny\ntitle: {en: Tiny}\nsummary: {en: One lesson.}\nauthors: [Ada]\nlicence: CC-BY-4.0\nlocales: [en]\nlessons: [greet]\n")},
		"lessons/greet/lesson.yaml": {Data: []byte("id: " + lessonID + `
title: {en: Greet}
minutes: 5
points: 5
environment: shell
main: greet.sh
run: [bash, greet.sh]
files:
  learner: ["*.sh"]
criteria:
  - title: {en: It greets}
    tests: [greet.bats::greets]
test_titles:
  greet.bats::greets: {en: It says hello}
`)},
		"lessons/greet/theory.en.md":      {Data: []byte("Say hello.\n")},
		"lessons/greet/task.en.md":        {Data: []byte("Print `hello`.\n")},
		"lessons/greet/hints.en.md":       {Data: []byte("## Use echo\n\n`echo` prints.\n")},
		"lessons/greet/quiz.yaml":         {Data: []byte("questions:\n  - id: q1\n    kind: text\n    text: {en: \"Which command prints?\"}\n    answer: [echo]\n    explanation: {en: It is echo.}\n")},
		"lessons/greet/starter/greet.sh":  {Data: []byte("# write here\n")},
		"lessons/greet/solution/greet.sh": {Data: []byte("echo hello\n")},
		"lessons/greet/tests/greet.bats":  {Data: []byte("@test greets { [ \"$(bash greet.sh)\" = hello ]; }\n")},
	}
}

// engine is a Docker in which a check passes when greet.sh says so.
type engine struct {
	mu     sync.Mutex
	opened int
	closed int
}

func (e *engine) Answer(context.Context) error                      { return nil }
func (e *engine) Describe(context.Context) (string, error)          { return "A fake", nil }
func (e *engine) Isolation(context.Context) (string, error)         { return "A fake", nil }
func (e *engine) Present(context.Context, lesson.Environment) error { return nil }
func (e *engine) Warm(context.Context, harness.Spec) error          { return nil }
func (e *engine) Close() error                                      { return nil }

func (e *engine) Open(context.Context, harness.Spec) (harness.Session, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.opened++
	return &session{engine: e}, nil
}

type session struct {
	harness.Session
	engine *engine
	files  lesson.Files
}

func (s *session) Put(_ context.Context, files lesson.Files) error {
	s.files = files
	return nil
}

func (s *session) Check(_ context.Context, suite harness.Suite, events func(harness.Event)) (harness.Report, error) {
	if len(suite.Tests) == 0 {
		return harness.Report{}, fault.New(fault.Internal, "No tests.", "")
	}
	events(harness.Event{Running: true})
	test := harness.TestResult{ID: "greet.bats::greets", Name: "greets", Status: harness.TestFailed}
	report := harness.Report{Verdict: harness.Failed, Runner: "docker"}
	if strings.Contains(string(s.files["greet.sh"].Data), "echo hello") {
		test.Status, report.Verdict = harness.TestPassed, harness.Passed
	}
	events(harness.Event{Test: &test})
	report.Tests = []harness.TestResult{test}
	return report, nil
}

func (s *session) Close() error {
	s.engine.mu.Lock()
	defer s.engine.mu.Unlock()
	s.engine.closed++
	return nil
}

// desk is a running App with clients as the frontend has them.
type desk struct {
	home      string
	library   idev1connect.LibraryServiceClient
	workspace idev1connect.WorkspaceServiceClient
	check     idev1connect.CheckServiceClient
	events    idev1connect.EventServiceClient
	sync      idev1connect.SyncServiceClient
	settings  idev1connect.SettingsServiceClient
	cursor    uint64
}

// start runs an App until the test ends.
func start(t *testing.T, home string) *desk {
	t.Helper()
	docker := &engine{}
	a, err := app.New(t.Context(), app.Options{HomeDir: home, WorkDir: filepath.Join(home, "work"), Engine: docker,
		Courses: []fs.FS{course()}, Version: "test"})
	if err != nil {
		t.Fatal(err)
	}
	// Nobody listens there: the cloud is out of reach.
	if err := a.Home.SaveServerURL("http://127.0.0.1:1"); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- a.Run(ctx) }()
	server := httptest.NewServer(a.Handler(true))
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("the App ended: %v", err)
		}
		server.Close()
		if err := a.Close(); err != nil {
			t.Error(err)
		}
		if docker.opened != docker.closed {
			t.Errorf("%d environments opened, %d closed", docker.opened, docker.closed)
		}
	})
	base := server.URL + "/rpc"
	return &desk{home: home,
		library:   idev1connect.NewLibraryServiceClient(http.DefaultClient, base),
		workspace: idev1connect.NewWorkspaceServiceClient(http.DefaultClient, base),
		check:     idev1connect.NewCheckServiceClient(http.DefaultClient, base),
		events:    idev1connect.NewEventServiceClient(http.DefaultClient, base),
		sync:      idev1connect.NewSyncServiceClient(http.DefaultClient, base),
		settings:  idev1connect.NewSettingsServiceClient(http.DefaultClient, base),
	}
}

// until pulls events until want accepts one.
func (d *desk) until(t *testing.T, want func(*idev1.Event) bool) []*idev1.Event {
	t.Helper()
	var seen []*idev1.Event
	for {
		resp, err := d.events.Pull(t.Context(), &idev1.PullRequest{Cursor: d.cursor, MaxWaitMs: 10_000})
		if err != nil {
			t.Fatal(err)
		}
		if len(resp.Events) == 0 {
			t.Fatalf("nothing happened; so far: %v", seen)
		}
		d.cursor = resp.Cursor
		seen = append(seen, resp.Events...)
		if slices.ContainsFunc(resp.Events, want) {
			return seen
		}
	}
}

func (d *desk) runCheck(t *testing.T) *harnessv1.Report {
	t.Helper()
	started, err := d.check.StartCheck(t.Context(), &idev1.StartCheckRequest{LessonId: lessonID})
	if err != nil {
		t.Fatal(err)
	}
	var report *harnessv1.Report
	d.until(t, func(e *idev1.Event) bool {
		if e.GetCheck().GetCheckId() == started.CheckId && e.GetCheck().GetReport() != nil {
			report = e.GetCheck().GetReport()
		}
		return report != nil
	})
	return report
}

func (d *desk) open(t *testing.T) *idev1.OpenLessonResponse {
	t.Helper()
	opened, err := d.library.OpenLesson(t.Context(), &idev1.OpenLessonRequest{CourseId: "tiny", Slug: "greet"})
	if err != nil {
		t.Fatal(err)
	}
	return opened
}

func TestWalk_OpenWriteCheck(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	d := start(t, home)
	opened := d.open(t)
	if opened.Lesson.Id != lessonID || opened.Hints != 1 || len(opened.Quiz) != 1 || opened.MainFile != "greet.sh" {
		t.Fatalf("opened %v", opened)
	}

	if report := d.runCheck(t); report.Verdict != harnessv1.Verdict_VERDICT_FAILED {
		t.Errorf("the starter got %v", report.Verdict)
	}
	file, err := d.workspace.ReadFile(t.Context(), &idev1.ReadFileRequest{LessonId: lessonID, Path: "greet.sh"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.workspace.WriteFile(t.Context(), &idev1.WriteFileRequest{LessonId: lessonID, Path: "greet.sh",
		Text: "echo hello\n", BaseDigest: file.Digest}); err != nil {
		t.Fatal(err)
	}
	if report := d.runCheck(t); report.Verdict != harnessv1.Verdict_VERDICT_PASSED {
		t.Errorf("the solution got %v: %s", report.Verdict, report.Message)
	}

	attempts, err := d.check.ListAttempts(t.Context(), &idev1.ListAttemptsRequest{LessonId: lessonID})
	if err != nil {
		t.Fatal(err)
	}
	if len(attempts.Attempts) != 2 || attempts.Attempts[0].Report.Verdict != harnessv1.Verdict_VERDICT_PASSED || !attempts.Attempts[0].Waiting {
		t.Errorf("attempts %v", attempts.Attempts)
	}
	list, err := d.library.ListCourses(t.Context(), &idev1.ListCoursesRequest{})
	if err != nil {
		t.Fatal(err)
	}
	card := list.Courses[0]
	if card.Progress[0].Status != idev1.LessonStatus_LESSON_STATUS_PASSED || !card.ReadyOffline || list.ContinueLessonSlug != "greet" {
		t.Errorf("library %v", list)
	}
	status, err := d.sync.Status(t.Context(), &idev1.StatusRequest{})
	if err != nil {
		t.Fatal(err)
	}
	if status.Status.State != idev1.SyncState_SYNC_STATE_SIGNED_OUT || status.Status.Waiting != 2 {
		t.Errorf("sync %v", status.Status)
	}
}

func TestWalk_Restart(t *testing.T) { //nolint:tparallel // the second step goes on where the first ended
	t.Parallel()
	home := t.TempDir()
	t.Run("before", func(t *testing.T) {
		d := start(t, home)
		d.open(t)
		if _, err := d.workspace.WriteFile(t.Context(), &idev1.WriteFileRequest{LessonId: lessonID, Path: "greet.sh", Text: "echo hello\n"}); err != nil {
			t.Fatal(err)
		}
		d.runCheck(t)
	})
	t.Run("work and progress are there after a restart", func(t *testing.T) {
		d := start(t, home)
		// Without OpenLesson first: the page was reloaded and goes on where it was.
		file, err := d.workspace.ReadFile(t.Context(), &idev1.ReadFileRequest{LessonId: lessonID, Path: "greet.sh"})
		if err != nil {
			t.Fatal(err)
		}
		if file.Text != "echo hello\n" || !file.Editable {
			t.Errorf("file %v", file)
		}
		if p := d.open(t).Progress; p.Status != idev1.LessonStatus_LESSON_STATUS_PASSED || p.Attempts != 1 {
			t.Errorf("progress %v", p)
		}
	})
}

func TestWalk_AnotherEditor(t *testing.T) {
	t.Parallel()
	d := start(t, t.TempDir())
	path := d.open(t).WorkspacePath
	file, err := d.workspace.ReadFile(t.Context(), &idev1.ReadFileRequest{LessonId: lessonID, Path: "greet.sh"})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(path, "greet.sh"), []byte("echo from vim\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	d.until(t, func(e *idev1.Event) bool { return slices.Contains(e.GetFilesChanged().GetPaths(), "greet.sh") })
	_, err = d.workspace.WriteFile(t.Context(), &idev1.WriteFileRequest{LessonId: lessonID, Path: "greet.sh", Text: "x", BaseDigest: file.Digest})
	if connect.CodeOf(err) != connect.CodeAborted {
		t.Errorf("error %v, want a conflict", err)
	}
}

func TestWalk_QuizAndHint(t *testing.T) {
	t.Parallel()
	d := start(t, t.TempDir())
	answered, err := d.library.AnswerQuiz(t.Context(), &idev1.AnswerQuizRequest{CourseId: "tiny", Slug: "greet",
		Answers: []*idev1.Answer{{QuestionId: "q1", Values: []string{"  Echo "}}}})
	if err != nil {
		t.Fatal(err)
	}
	if !answered.Results[0].Right || answered.Results[0].Explanation.ByLocale["en"] == "" {
		t.Errorf("answer %v", answered.Results[0])
	}
	if _, err := d.library.OpenHint(t.Context(), &idev1.OpenHintRequest{CourseId: "tiny", Slug: "greet", Number: 1}); err != nil {
		t.Fatal(err)
	}
	if opened := d.open(t); opened.HintsUsed != 1 || opened.Progress.QuizBest != 1 {
		t.Errorf("opened %v", opened)
	}
	if _, err := d.library.OpenHint(t.Context(), &idev1.OpenHintRequest{CourseId: "tiny", Slug: "greet", Number: 2}); connect.CodeOf(err) != connect.CodeNotFound {
		t.Errorf("second hint: %v", err)
	}
}

func TestWalk_Settings(t *testing.T) {
	t.Parallel()
	d := start(t, t.TempDir())
	if _, err := d.settings.WriteSettings(t.Context(), &idev1.WriteSettingsRequest{Settings: &idev1.Settings{Theme: "dark"}}); err != nil {
		t.Fatal(err)
	}
	read, err := d.settings.ReadSettings(t.Context(), &idev1.ReadSettingsRequest{})
	if err != nil {
		t.Fatal(err)
	}
	if read.Settings.Theme != "dark" || read.Version != "test" {
		t.Errorf("settings %v", read)
	}
	diagnosed, err := d.settings.Diagnose(t.Context(), &idev1.DiagnoseRequest{})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range diagnosed.Findings {
		if f.Message == "" || (!f.Ok && f.Hint == "") {
			t.Errorf("finding without words: %v", f)
		}
		if f.Subject == "Cloud" && f.Ok {
			t.Error("a cloud that nobody runs was found")
		}
	}
}
