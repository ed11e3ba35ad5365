package postgres_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/carrel-dev/carrel/cloud/evaluation"
	"github.com/carrel-dev/carrel/cloud/postgres"
	"github.com/carrel-dev/carrel/cloud/postgres/postgrestest"
	"github.com/carrel-dev/carrel/fault"
	"github.com/carrel-dev/carrel/harness"
	"github.com/carrel-dev/carrel/lesson"
)

func newCheck(accountID uuid.UUID) evaluation.Check {
	return evaluation.Check{
		ID: uuid.New(), AccountID: accountID, CourseID: "first-steps", LessonID: uuid.New(),
		LessonVersion: lesson.DigestOf([]byte("version")),
		Files:         lesson.Files{"main.sh": lesson.NewFile([]byte("#!/bin/sh\n")), "empty": lesson.NewFile([]byte{})},
	}
}

func submit(t *testing.T, checks *postgres.Checks, check evaluation.Check, wantPosition int) {
	t.Helper()
	position, err := checks.Submit(t.Context(), check)
	if err != nil {
		t.Fatalf("submitting: %v", err)
	}
	if position != wantPosition {
		t.Errorf("position = %d, want %d", position, wantPosition)
	}
}

func stateOf(t *testing.T, checks *postgres.Checks, check evaluation.Check) evaluation.State {
	t.Helper()
	status, err := checks.Status(t.Context(), check.AccountID, check.ID)
	if err != nil {
		t.Fatalf("reading the check: %v", err)
	}
	return status.State
}

func TestChecks_Submit(t *testing.T) {
	t.Parallel()
	db := postgrestest.Open(t)
	checks := postgres.NewChecks(db, newQueue(t, db))
	ada, bob := newAccount(t, db), newAccount(t, db)

	first, second := newCheck(ada), newCheck(bob)
	submit(t, checks, first, 0)
	submit(t, checks, second, 1)
	submit(t, checks, first, 0)

	t.Log("a newer check of the same learner and lesson wins")
	newer := newCheck(ada)
	newer.LessonID = first.LessonID
	submit(t, checks, newer, 1)
	if got := stateOf(t, checks, first); got != evaluation.Cancelled {
		t.Errorf("the older check is %s", got)
	}
	submit(t, checks, first, 0)
	if got := stateOf(t, checks, newer); got != evaluation.Queued {
		t.Errorf("after the older one was sent again, the newer one is %s", got)
	}

	t.Log("others' checks are nobody's business")
	stolen := second
	stolen.AccountID = ada
	if _, err := checks.Submit(t.Context(), stolen); fault.KindOf(err) != fault.NotFound {
		t.Errorf("submitting with somebody's id: %v", err)
	}
	if _, err := checks.Status(t.Context(), ada, second.ID); fault.KindOf(err) != fault.NotFound {
		t.Errorf("looking at somebody's check: %v", err)
	}
	if err := checks.Cancel(t.Context(), ada, second.ID); fault.KindOf(err) != fault.NotFound {
		t.Errorf("cancelling somebody's check: %v", err)
	}
}

func TestChecks_SubmitAtTheSameTime(t *testing.T) {
	t.Parallel()
	db := postgrestest.Open(t)
	checks := postgres.NewChecks(db, newQueue(t, db))
	same := newCheck(newAccount(t, db))
	var group sync.WaitGroup
	all := make([]evaluation.Check, 10)
	for i := range all {
		all[i] = same
		if i%2 == 0 {
			all[i].ID = uuid.New()
		}
		group.Go(func() {
			if _, err := checks.Submit(context.Background(), all[i]); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	pending := map[uuid.UUID]bool{}
	for _, check := range all {
		if stateOf(t, checks, check) == evaluation.Queued {
			pending[check.ID] = true
		}
	}
	if len(pending) != 1 {
		t.Errorf("%d checks of one lesson are pending, want the newest", len(pending))
	}
}

func TestChecks_Desk(t *testing.T) {
	t.Parallel()
	db := postgrestest.Open(t)
	checks := postgres.NewChecks(db, newQueue(t, db))
	check := newCheck(newAccount(t, db))
	submit(t, checks, check, 0)
	take := func() evaluation.Assignment {
		a, ok, err := checks.Take(t.Context(), check.ID)
		if err != nil || !ok {
			t.Fatalf("taking: %v, %v", ok, err)
		}
		return a
	}

	dead := take()
	if diff := cmp.Diff(check, dead.Check); diff != "" {
		t.Errorf("what arrives is not what was sent: %s", diff)
	}
	if got := stateOf(t, checks, check); got != evaluation.Running {
		t.Errorf("a taken check is %s", got)
	}
	alive := take()

	t.Log("an evaluator that was replaced changes nothing any more")
	if err := checks.Deliver(t.Context(), dead, harness.Report{Verdict: harness.Failed}); err != nil {
		t.Fatal(err)
	}
	if err := checks.Return(t.Context(), dead); err != nil {
		t.Fatal(err)
	}
	if got := stateOf(t, checks, check); got != evaluation.Running {
		t.Errorf("after the old evaluator spoke, the check is %s", got)
	}

	if err := checks.Return(t.Context(), alive); err != nil {
		t.Fatal(err)
	}
	if got := stateOf(t, checks, check); got != evaluation.Queued {
		t.Errorf("a returned check is %s", got)
	}

	want := harness.Report{Verdict: harness.Passed, Tests: []harness.TestResult{{ID: "a", Name: "nul\x00", Status: harness.TestPassed}}}
	last := take()
	for range 2 {
		if err := checks.Deliver(t.Context(), last, want); err != nil {
			t.Fatal(err)
		}
	}
	status, err := checks.Status(t.Context(), check.AccountID, check.ID)
	if err != nil || status.Report == nil {
		t.Fatalf("status = %+v, %v", status, err)
	}
	if diff := cmp.Diff(want, *status.Report); diff != "" {
		t.Error(diff)
	}
	if _, ok, err := checks.Take(t.Context(), check.ID); ok || err != nil {
		t.Errorf("taking a finished check: %v, %v", ok, err)
	}
	if err := checks.Cancel(t.Context(), check.AccountID, check.ID); err != nil {
		t.Fatal(err)
	}
	if got := stateOf(t, checks, check); got != evaluation.Finished {
		t.Errorf("a check that was cancelled too late is %s", got)
	}
}

// evaluations is what the queue's jobs do in these tests.
type evaluations struct {
	check  func(ctx context.Context, id uuid.UUID, try int) error
	verify func(ctx context.Context, ref evaluation.AttemptRef, try int) error
}

func (e evaluations) Check(ctx context.Context, id uuid.UUID, try int) error {
	return e.check(ctx, id, try)
}
func (e evaluations) Verify(ctx context.Context, ref evaluation.AttemptRef, try int) error {
	return e.verify(ctx, ref, try)
}

// work runs the queue in the background until stop is called or the test ends.
func work(t *testing.T, queue *postgres.Queue, e evaluations, options postgres.WorkOptions) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- queue.Work(ctx, e, options) }()
	var once sync.Once
	stop = func() {
		once.Do(func() {
			cancel()
			if err := <-done; err != nil {
				t.Errorf("working the queue: %v", err)
			}
		})
	}
	t.Cleanup(stop)
	return stop
}

func TestQueue_Work(t *testing.T) {
	t.Parallel()
	db := postgrestest.Open(t)
	queue := newQueue(t, db)
	checks := postgres.NewChecks(db, queue)
	account := newAccount(t, db)

	t.Log("a check that fails is tried again; one whose engine is away waits without counting")
	flaky := newCheck(account)
	submit(t, checks, flaky, 0)
	tries := make(chan int, 10)
	stop := work(t, queue, evaluations{check: func(_ context.Context, _ uuid.UUID, try int) error {
		tries <- try
		if try == 1 {
			return errors.New("the machinery failed")
		}
		return nil
	}}, postgres.WorkOptions{Jobs: 2, Patience: time.Second})
	for want := 1; want <= 2; want++ {
		if got := <-tries; got != want {
			t.Errorf("try %d, want %d", got, want)
		}
	}
	stop()

	t.Log("a running check stops when its learner cancels it")
	cancelled := newCheck(account)
	submit(t, checks, cancelled, 1)
	started, ended := make(chan struct{}), make(chan struct{})
	stop = work(t, queue, evaluations{check: func(ctx context.Context, _ uuid.UUID, _ int) error {
		close(started)
		<-ctx.Done()
		close(ended)
		return ctx.Err()
	}}, postgres.WorkOptions{Jobs: 2, Patience: time.Minute})
	<-started
	if err := checks.Cancel(t.Context(), account, cancelled.ID); err != nil {
		t.Fatal(err)
	}
	<-ended
	stop()

	t.Log("a check whose node shuts down goes to the next one at once")
	moved := newCheck(account)
	submit(t, checks, moved, 1)
	began := make(chan struct{}, 1)
	stop = work(t, queue, evaluations{check: func(ctx context.Context, id uuid.UUID, _ int) error {
		if id != moved.ID {
			return errors.New("a cancelled check came back")
		}
		began <- struct{}{}
		<-ctx.Done()
		return ctx.Err()
	}}, postgres.WorkOptions{Jobs: 2, Patience: time.Millisecond})
	<-began
	stop()
	again := make(chan uuid.UUID, 1)
	work(t, queue, evaluations{check: func(_ context.Context, id uuid.UUID, _ int) error {
		again <- id
		return nil
	}}, postgres.WorkOptions{Jobs: 2, Patience: time.Second})
	if got := <-again; got != moved.ID {
		t.Errorf("the next node got %s, want %s", got, moved.ID)
	}
}

func TestBell(t *testing.T) {
	t.Parallel()
	db := postgrestest.Open(t)
	checks := postgres.NewChecks(db, newQueue(t, db))
	bell := postgres.NewBell(db)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- bell.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})

	check := newCheck(newAccount(t, db))
	submit(t, checks, check, 0)
	rings, stop := bell.Subscribe(check.ID)
	defer stop()
	other, stopOther := bell.Subscribe(uuid.New())
	defer stopOther()
	// The bell may not listen yet; every take rings again.
	eventually(t, "a ring", func() bool {
		if _, _, err := checks.Take(t.Context(), check.ID); err != nil {
			t.Fatal(err)
		}
		select {
		case <-rings:
			return true
		default:
			return false
		}
	})
	select {
	case <-other:
		t.Error("somebody else's bell rang")
	default:
	}
}

func TestQueue_Work_FreesWhatAnEarlierLifeLeft(t *testing.T) {
	t.Parallel()
	url := postgrestest.URL(t)
	db, err := postgres.Open(t.Context(), url, postgrestest.Logger(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(db.Close)
	queue := newQueue(t, db)
	checks := postgres.NewChecks(db, queue)
	check := newCheck(newAccount(t, db))
	submit(t, checks, check, 0)

	// What a node leaves behind that is killed while it runs a check.
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	tag, err := conn.Exec(t.Context(), `
		UPDATE river_job SET state = 'running', attempt = 1, attempted_at = now(), attempted_by = ARRAY['somebody', 'this node']`)
	if err != nil || tag.RowsAffected() != 1 {
		t.Fatalf("leaving a job behind: %v, %v", tag, err)
	}
	if err := conn.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, ok, err := checks.Take(t.Context(), check.ID); !ok || err != nil {
		t.Fatalf("taking: %v, %v", ok, err)
	}

	again := make(chan uuid.UUID, 1)
	work(t, queue, evaluations{check: func(_ context.Context, id uuid.UUID, _ int) error {
		again <- id
		return nil
	}}, postgres.WorkOptions{Jobs: 1, Node: "this node", Patience: time.Second})
	if got := <-again; got != check.ID {
		t.Errorf("got %s, want %s", got, check.ID)
	}
}
