package postgres_test

import (
	"context"
	"crypto/ed25519"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/carrel-dev/carrel/cloud/account"
	"github.com/carrel-dev/carrel/cloud/evaluation"
	"github.com/carrel-dev/carrel/cloud/postgres"
	"github.com/carrel-dev/carrel/cloud/postgres/postgrestest"
	"github.com/carrel-dev/carrel/fault"
	"github.com/carrel-dev/carrel/harness"
	"github.com/carrel-dev/carrel/journal"
	"github.com/carrel-dev/carrel/journal/journaltest"
	"github.com/carrel-dev/carrel/lesson"
)

func TestJournal_Conforms(t *testing.T) {
	t.Parallel()
	journaltest.Run(t, func(t *testing.T) journal.Store {
		db := postgrestest.Open(t)
		return &anyOwner{Journal: postgres.NewJournal(db, newQueue(t, db)), accounts: postgres.NewAccounts(db)}
	})
}

// anyOwner makes an account of every owner the suite invents: here logs belong to accounts.
type anyOwner struct {
	*postgres.Journal
	accounts *postgres.Accounts
	mu       sync.Mutex
	known    map[uuid.UUID]bool
}

func (a *anyOwner) Accept(ctx context.Context, owner journal.Owner, segment journal.Segment) (journal.Head, error) {
	if err := a.admit(ctx, owner); err != nil {
		return journal.Head{}, err
	}
	return a.Journal.Accept(ctx, owner, segment)
}

func (a *anyOwner) admit(ctx context.Context, owner uuid.UUID) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.known[owner] {
		return nil
	}
	if a.known == nil {
		a.known = map[uuid.UUID]bool{}
	}
	a.known[owner] = true
	_, err := a.accounts.CreateAccount(ctx, account.Account{ID: owner, Email: owner.String() + "@example.org", Role: account.RoleLearner}, "hash")
	return err
}

func TestJournal_BelongsToTheFirstAccount(t *testing.T) {
	t.Parallel()
	db := postgrestest.Open(t)
	store := postgres.NewJournal(db, newQueue(t, db))
	ada, bob := newAccount(t, db), newAccount(t, db)
	log := journaltest.NewLog("laptop")
	segment := log.Segment(t, journaltest.Hint(1))
	for _, owner := range []uuid.UUID{ada, bob} {
		if err := store.Admit(t.Context(), owner, log.Header()); err != nil {
			t.Errorf("a new log is not admitted: %v", err)
		}
	}
	if _, err := store.Accept(t.Context(), ada, segment); err != nil {
		t.Fatal(err)
	}
	if err := store.Admit(t.Context(), ada, log.Header()); err != nil {
		t.Errorf("its owner is not admitted: %v", err)
	}
	if err := store.Admit(t.Context(), bob, log.Header()); fault.KindOf(err) != fault.Denied {
		t.Errorf("somebody else is admitted: %v", err)
	}
	if _, err := store.Accept(t.Context(), bob, segment); fault.KindOf(err) != fault.Denied {
		t.Errorf("somebody else's push is stored: %v", err)
	}
	if heads, err := store.Heads(t.Context(), bob); err != nil || len(heads) != 0 {
		t.Errorf("somebody else sees %v, %v", heads, err)
	}
}

// pass is an attempt that passed on a device, with everything the cloud needs to run it again.
func pass(attempt uuid.UUID) []journal.Payload {
	content := []byte("print('hello')\n")
	id, version := uuid.NewSHA1(uuid.Nil, []byte("lesson")), lesson.DigestOf([]byte("version"))
	return []journal.Payload{
		journal.DraftRevision{LessonID: id, Path: "main.py", Digest: lesson.DigestOf(content), Blob: content},
		journal.AttemptStarted{AttemptID: attempt, LessonID: id, LessonVersion: version, CourseID: "first-steps",
			Files: map[string]lesson.Digest{"main.py": lesson.DigestOf(content)}, Complete: true},
		journal.AttemptFinished{AttemptID: attempt, LessonID: id, Report: harness.Report{Verdict: harness.Passed, Runner: "docker"}},
	}
}

func TestVerifications(t *testing.T) {
	t.Parallel()
	db := postgrestest.Open(t)
	queue := newQueue(t, db)
	store := postgres.NewJournal(db, queue)
	installation, err := db.Installation(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	verifications := postgres.NewVerifications(db, installation)
	ada := newAccount(t, db)
	attempt := uuid.New()
	payloads := pass(attempt)

	t.Log("a pass that arrives twice, from two devices, is one job")
	laptop, desktop := journaltest.NewLog("laptop"), journaltest.NewLog("desktop")
	for _, log := range []*journaltest.Log{laptop, desktop} {
		segment := log.Segment(t, payloads...)
		for range 2 {
			if _, err := store.Accept(t.Context(), ada, segment); err != nil {
				t.Fatal(err)
			}
		}
	}
	failed := laptop.Segment(t, journal.AttemptFinished{AttemptID: uuid.New(), Report: harness.Report{Verdict: harness.Failed}})
	if _, err := store.Accept(t.Context(), ada, failed); err != nil {
		t.Fatal(err)
	}
	jobs := make(chan evaluation.AttemptRef, 10)
	stop := work(t, queue, evaluations{verify: func(_ context.Context, ref evaluation.AttemptRef, _ int) error {
		jobs <- ref
		return nil
	}}, postgres.WorkOptions{Jobs: 4, Patience: time.Second})
	ref := <-jobs
	if want := (evaluation.AttemptRef{AccountID: ada, AttemptID: attempt}); ref != want {
		t.Errorf("job for %v, want %v", ref, want)
	}
	stop()
	if len(jobs) != 0 {
		t.Errorf("%d more jobs, want none", len(jobs))
	}

	t.Log("the attempt is rebuilt from the journal")
	got, ok, err := verifications.Attempt(t.Context(), ref)
	if err != nil || !ok {
		t.Fatalf("Attempt: %v, %v", ok, err)
	}
	want := evaluation.Attempt{Started: payloads[1].(journal.AttemptStarted),
		Files: lesson.Files{"main.py": lesson.NewFile([]byte("print('hello')\n"))}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}

	t.Log("the result is appended once, however often it is concluded")
	verified := journal.AttemptVerified{AttemptID: attempt, Agrees: true, Report: harness.Report{Verdict: harness.Passed, Runner: "cloud"}}
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			if err := verifications.Conclude(t.Context(), ref, verified); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	server := journal.LogHeader{DeviceKey: installation.SigningKey.Public().(ed25519.PublicKey), LearnerID: ada, Epoch: 1}
	segments, err := store.Read(t.Context(), ada, server.ID(), 0, 1<<20)
	if err != nil || len(segments) != 1 || len(segments[0].Entries) != 1 {
		t.Fatalf("the server's log has %d segments, %v; want one with one entry", len(segments), err)
	}
	if _, err := journal.Verify(server, segments[0]); err != nil {
		t.Error(err)
	}
	payload, err := journal.Decode(segments[0].Entries[0])
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(journal.Payload(verified), payload); diff != "" {
		t.Error(diff)
	}
	if _, ok, err := verifications.Attempt(t.Context(), ref); ok || err != nil {
		t.Errorf("a concluded attempt waits still: %v, %v", ok, err)
	}
}

func TestVerifications_OfAnIncompleteJournal(t *testing.T) {
	t.Parallel()
	for name, missing := range map[string]int{"without the draft": 0, "without the start": 1} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db := postgrestest.Open(t)
			ada, attempt := newAccount(t, db), uuid.New()
			payloads := pass(attempt)
			payloads = append(payloads[:missing:missing], payloads[missing+1:]...)
			if _, err := postgres.NewJournal(db, newQueue(t, db)).Accept(t.Context(), ada, journaltest.NewLog("laptop").Segment(t, payloads...)); err != nil {
				t.Fatal(err)
			}
			verifications := postgres.NewVerifications(db, postgres.Installation{})
			ref := evaluation.AttemptRef{AccountID: ada, AttemptID: attempt}
			if _, _, err := verifications.Attempt(t.Context(), ref); fault.KindOf(err) != fault.NotFound {
				t.Errorf("error = %v, want not found", err)
			}
			if err := verifications.GiveUp(t.Context(), ref, "It lacks something."); err != nil {
				t.Fatal(err)
			}
			if _, ok, err := verifications.Attempt(t.Context(), ref); ok || err != nil {
				t.Errorf("after giving up it waits still: %v, %v", ok, err)
			}
		})
	}
}
