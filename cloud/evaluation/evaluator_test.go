package evaluation_test

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/carrel-dev/carrel/cloud/evaluation"
	"github.com/carrel-dev/carrel/fault"
	"github.com/carrel-dev/carrel/harness"
	"github.com/carrel-dev/carrel/journal"
	"github.com/carrel-dev/carrel/lesson"
)

func passed(context.Context, lesson.Files) (harness.Report, error) {
	return harness.Report{Verdict: harness.Passed, Runner: "docker"}, nil
}

func newDesk(l *lesson.Lesson) *desk {
	return &desk{status: evaluation.Status{State: evaluation.Queued}, check: evaluation.Check{
		ID: uuid.New(), AccountID: uuid.New(), LessonID: l.ID, LessonVersion: l.Version,
		Files: lesson.Files{"main.sh": lesson.NewFile([]byte("mine")), "data.txt": lesson.NewFile([]byte("forged"))},
	}}
}

func newEvaluator(r runner, l *lesson.Lesson, d *desk, a *attempts) *evaluation.Evaluator {
	return evaluation.NewEvaluator(r, lessons{l}, d, a, slog.New(slog.DiscardHandler))
}

func TestEvaluator_Check(t *testing.T) {
	t.Parallel()
	l := newLesson()
	d := newDesk(l)
	r := runner{
		open: func(_ context.Context, spec harness.Spec) error {
			if !spec.Fresh || spec.Owner != d.check.AccountID.String() || spec.Environment.Name != "shell" {
				t.Errorf("spec = %+v, want a fresh shell of the learner's", spec)
			}
			return nil
		},
		check: func(_ context.Context, files lesson.Files) (harness.Report, error) {
			want := lesson.Files{"main.sh": lesson.NewFile([]byte("mine")), "data.txt": lesson.NewFile([]byte("the course's"))}
			if diff := cmp.Diff(want, files); diff != "" {
				t.Errorf("what is checked: %s", diff)
			}
			return harness.Report{Verdict: harness.Failed, Runner: "docker"}, nil
		},
	}
	e := newEvaluator(r, l, d, nil)
	if err := e.Check(t.Context(), d.check.ID, 1); err != nil {
		t.Fatal(err)
	}
	if d.status.Report == nil || d.status.Report.Verdict != harness.Failed || d.status.Report.Runner != "cloud" || d.status.Report.Phases.QueuedMS != 1500 {
		t.Errorf("report = %+v", d.status.Report)
	}
	if err := e.Check(t.Context(), d.check.ID, 2); err != nil {
		t.Errorf("a job that comes twice: %v", err)
	}
}

func TestEvaluator_Check_WhenTheMachineryFails(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	tests := map[string]struct {
		err   error
		try   int
		again bool
	}{
		"the first time":                  {broken, 1, true},
		"the third time":                  {broken, 3, false},
		"the engine is away":              {fault.New(fault.Unavailable, "away", ""), 7, true},
		"the image is missing":            {fault.New(fault.NotFound, "no image", ""), 1, true},
		"the image is missing, last time": {fault.New(fault.NotFound, "no image", ""), 3, false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLesson()
			d := newDesk(l)
			e := newEvaluator(runner{open: func(context.Context, harness.Spec) error { return test.err }}, l, d, nil)
			err := e.Check(t.Context(), d.check.ID, test.try)
			if test.again {
				if !errors.Is(err, test.err) || d.status.State != evaluation.Queued {
					t.Errorf("error = %v, check is %s; want it back in the queue", err, d.status.State)
				}
				return
			}
			if err != nil || d.status.Report == nil || d.status.Report.Verdict != harness.Infrastructure || d.status.Report.Message == "" {
				t.Errorf("error = %v, report = %+v; want a report that says it was us", err, d.status.Report)
			}
		})
	}

	t.Run("the report says so", func(t *testing.T) {
		t.Parallel()
		l := newLesson()
		d := newDesk(l)
		e := newEvaluator(runner{check: func(context.Context, lesson.Files) (harness.Report, error) {
			return harness.Report{Verdict: harness.Infrastructure, Message: "The agent died."}, nil
		}}, l, d, nil)
		if err := e.Check(t.Context(), d.check.ID, 1); err == nil {
			t.Error("it was not tried again")
		}
	})
	t.Run("it hangs", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			l := newLesson()
			d := newDesk(l)
			e := newEvaluator(runner{check: func(ctx context.Context, _ lesson.Files) (harness.Report, error) {
				<-ctx.Done()
				return harness.Report{}, fault.Wrap(ctx.Err(), fault.Unavailable, "The engine does not answer.", "")
			}}, l, d, nil)
			start := time.Now()
			err := e.Check(t.Context(), d.check.ID, 1)
			if fault.KindOf(err) != fault.Internal {
				t.Errorf("error = %v, want one that counts as a try", err)
			}
			if took := time.Since(start); took != 15*time.Second {
				t.Errorf("it took %v, want the limit of 5 s and 10 s more", took)
			}
		})
	})
	t.Run("the node shuts down", func(t *testing.T) {
		t.Parallel()
		l := newLesson()
		d := newDesk(l)
		ctx, cancel := context.WithCancel(t.Context())
		e := newEvaluator(runner{check: func(ctx context.Context, _ lesson.Files) (harness.Report, error) {
			cancel()
			return harness.Report{}, ctx.Err()
		}}, l, d, nil)
		if err := e.Check(ctx, d.check.ID, 3); !errors.Is(err, context.Canceled) || d.returned != 1 {
			t.Errorf("error = %v, returned %d times; want it back in the queue", err, d.returned)
		}
	})
}

func TestEvaluator_Verify(t *testing.T) {
	t.Parallel()
	l := newLesson()
	whole := evaluation.Attempt{
		Started: journal.AttemptStarted{LessonID: l.ID, LessonVersion: l.Version, Complete: true},
		Files:   lesson.Files{"main.sh": lesson.NewFile([]byte("mine"))},
	}
	cut, old := whole, whole
	cut.Started.Complete = false
	old.Started.LessonVersion = lesson.DigestOf([]byte("another version"))
	failing := func(context.Context, lesson.Files) (harness.Report, error) {
		return harness.Report{Verdict: harness.Failed}, nil
	}
	broken := func(context.Context, lesson.Files) (harness.Report, error) {
		return harness.Report{}, errors.New("broken")
	}
	tests := map[string]struct {
		attempt evaluation.Attempt
		missing error
		check   func(context.Context, lesson.Files) (harness.Report, error)
		try     int
		agrees  []bool
		gaveUp  bool
		again   bool
	}{
		"a pass that is one":             {attempt: whole, check: passed, agrees: []bool{true}},
		"a pass that is none":            {attempt: whole, check: failing, agrees: []bool{false}},
		"a file that did not travel":     {attempt: cut, check: passed, gaveUp: true},
		"a version nobody published":     {attempt: old, check: passed, gaveUp: true},
		"a journal that lacks something": {missing: fault.New(fault.NotFound, "It lacks something.", ""), gaveUp: true},
		"broken machinery":               {attempt: whole, check: broken, try: 1, again: true},
		"broken machinery, last time":    {attempt: whole, check: broken, try: 3, gaveUp: true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := &attempts{attempt: test.attempt, err: test.missing}
			err := newEvaluator(runner{check: test.check}, l, newDesk(l), a).Verify(t.Context(), evaluation.AttemptRef{}, test.try)
			if (err != nil) != test.again {
				t.Errorf("error = %v, want one: %v", err, test.again)
			}
			var agrees []bool
			for _, verified := range a.concluded {
				agrees = append(agrees, verified.Agrees)
				if verified.Report.Runner != "cloud" || verified.LessonID != l.ID {
					t.Errorf("verified = %+v", verified)
				}
			}
			if diff := cmp.Diff(test.agrees, agrees); diff != "" {
				t.Errorf("agreements: %s", diff)
			}
			if (len(a.reasons) == 1 && a.reasons[0] != "") != test.gaveUp {
				t.Errorf("reasons = %q, want one: %v", a.reasons, test.gaveUp)
			}
		})
	}
}
