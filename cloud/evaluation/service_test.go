package evaluation_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"

	"github.com/carrel-dev/carrel/cloud/evaluation"
	"github.com/carrel-dev/carrel/fault"
	"github.com/carrel-dev/carrel/harness"
	"github.com/carrel-dev/carrel/lesson"
)

func TestService_Submit_Refuses(t *testing.T) {
	t.Parallel()
	l := newLesson()
	theory := newLesson()
	theory.Exercise = nil
	good := newDesk(l).check
	tests := map[string]struct {
		lesson *lesson.Lesson
		change func(*evaluation.Check)
		kind   fault.Kind
	}{
		"no id":                        {l, func(c *evaluation.Check) { c.ID = uuid.Nil }, fault.Invalid},
		"no version":                   {l, func(c *evaluation.Check) { c.LessonVersion = "latest" }, fault.Invalid},
		"an old version":               {l, func(c *evaluation.Check) { c.LessonVersion = lesson.DigestOf(nil) }, fault.NotFound},
		"an unknown lesson":            {l, func(c *evaluation.Check) { c.LessonID = uuid.New() }, fault.NotFound},
		"a lesson without an exercise": {theory, func(c *evaluation.Check) { c.LessonID = theory.ID }, fault.Invalid},
		"a path that leads out": {l, func(c *evaluation.Check) {
			c.Files = lesson.Files{"../etc/passwd": lesson.NewFile(nil)}
		}, fault.Invalid},
		"files that are too large": {l, func(c *evaluation.Check) {
			c.Files = lesson.Files{"a": lesson.NewFile([]byte(strings.Repeat("x", 1<<20+1)))}
		}, fault.Exhausted},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			check := good
			test.change(&check)
			d := &desk{}
			_, err := evaluation.NewService(d, bell{}, lessons{test.lesson}).Submit(t.Context(), check)
			if fault.KindOf(err) != test.kind || d.status.State != "" {
				t.Errorf("error = %v, stored as %q; want %s and nothing stored", err, d.status.State, test.kind)
			}
			if message, hint := fault.Sentence(err); message == "" || hint == "" {
				t.Errorf("message %q, hint %q: both are needed", message, hint)
			}
		})
	}
}

func TestService_Watch(t *testing.T) {
	t.Parallel()
	const forEver = time.Hour
	t.Run("returns at once when the state is news", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			start := time.Now()
			status, err := watch(t, &desk{status: evaluation.Status{State: evaluation.Running}}, bell{}, forEver)
			if err != nil || status.State != evaluation.Running || time.Since(start) != 0 {
				t.Errorf("%v, %v after %v", status, err, time.Since(start))
			}
		})
	})
	t.Run("wakes when the bell rings", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			d := &desk{status: evaluation.Status{State: evaluation.Queued}}
			rings := make(chan struct{}, 1)
			time.AfterFunc(time.Second, func() {
				if err := d.Deliver(t.Context(), evaluation.Assignment{}, harness.Report{Verdict: harness.Passed}); err != nil {
					t.Error(err)
				}
				rings <- struct{}{}
			})
			start := time.Now()
			status, err := watch(t, d, bell{rings}, forEver)
			if err != nil || status.State != evaluation.Finished || time.Since(start) != time.Second {
				t.Errorf("%v, %v after %v", status, err, time.Since(start))
			}
		})
	})
	t.Run("notices a lost ring soon", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			d := &desk{status: evaluation.Status{State: evaluation.Queued}}
			time.AfterFunc(time.Second, func() {
				if err := d.Deliver(t.Context(), evaluation.Assignment{}, harness.Report{}); err != nil {
					t.Error(err)
				}
			})
			start := time.Now()
			status, err := watch(t, d, bell{}, forEver)
			if err != nil || status.State != evaluation.Finished || time.Since(start) > 3*time.Second {
				t.Errorf("%v, %v after %v", status, err, time.Since(start))
			}
		})
	})
	t.Run("returns when the node shuts down", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			service := evaluation.NewService(&desk{status: evaluation.Status{State: evaluation.Queued}}, bell{}, lessons{})
			time.AfterFunc(time.Second, service.Drain)
			start := time.Now()
			status, err := service.Watch(t.Context(), uuid.New(), uuid.New(), evaluation.Queued, forEver)
			if err != nil || status.State != evaluation.Queued || time.Since(start) != time.Second {
				t.Errorf("%v, %v after %v", status, err, time.Since(start))
			}
		})
	})
	for name, wait := range map[string]time.Duration{"at most as long as asked": time.Second, "never longer than 20 s": forEver, "not at all": -1} {
		t.Run("waits "+name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				start := time.Now()
				status, err := watch(t, &desk{status: evaluation.Status{State: evaluation.Queued}}, bell{}, wait)
				if want := min(max(wait, 0), evaluation.MaxWait); err != nil || status.State != evaluation.Queued || time.Since(start) != want {
					t.Errorf("%v, %v after %v, want %v", status, err, time.Since(start), want)
				}
			})
		})
	}
}

func watch(t *testing.T, d *desk, b bell, wait time.Duration) (evaluation.Status, error) {
	t.Helper()
	return evaluation.NewService(d, b, lessons{}).Watch(t.Context(), uuid.New(), uuid.New(), evaluation.Queued, wait)
}
