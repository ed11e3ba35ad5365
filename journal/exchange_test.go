package journal_test

import (
	"context"
	"crypto/ed25519"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/google/uuid"

	"github.com/carrel-dev/carrel/fault"
	"github.com/carrel-dev/carrel/harness"
	"github.com/carrel-dev/carrel/journal"
	"github.com/carrel-dev/carrel/journal/journaltest"
	"github.com/carrel-dev/carrel/lesson"
)

// remote is a journal.Remote made of a function.
type remote func(ctx context.Context, req journal.Request) (journal.Response, error)

func (r remote) Exchange(ctx context.Context, req journal.Request) (journal.Response, error) {
	return r(ctx, req)
}

func mustExchange(t *testing.T, d *device, r journal.Remote) journal.Result {
	t.Helper()
	result, err := d.exchange(r)
	if err != nil {
		t.Fatal(err)
	}
	return result
}

func TestReplica_OtherDevicesWorkArrivesAtOnce(t *testing.T) {
	t.Parallel()
	s, a, b := &server{store: &journal.Memory{}}, newDevice("a"), newDevice("b")
	for i := range 5 {
		a.append(t, journaltest.Hint(i))
		if got := mustExchange(t, a, s); got.Pushed != 1 {
			t.Fatalf("round %d: a's exchange is %+v, want 1 pushed", i, got)
		}
		if got := mustExchange(t, b, s); got.Pulled != 1 {
			t.Fatalf("round %d: b's exchange is %+v, want 1 pulled", i, got)
		}
	}
}

func TestReplica_RequestsAreSmall(t *testing.T) {
	t.Parallel()
	s, a := &server{store: &journal.Memory{}}, newDevice("a")
	for i := range 10 {
		other := newDevice(string(rune('b' + i)))
		other.append(t, journaltest.Hint(i))
		mustExchange(t, other, s)
	}
	mustExchange(t, a, s)
	var requests []journal.Request
	watched := remote(func(ctx context.Context, req journal.Request) (journal.Response, error) {
		requests = append(requests, req)
		return s.Exchange(ctx, req)
	})
	mustExchange(t, a, watched)
	a.append(t, journaltest.Hint(100))
	mustExchange(t, a, watched)
	if len(requests) != 2 {
		t.Fatalf("%d requests, want 2", len(requests))
	}
	for i, want := range []int{0, 1} {
		if got := requests[i]; len(got.Have) != want || len(got.Push) != want || got.Cursor == "" {
			t.Errorf("request %d names %d logs and pushes %d segments, want %d", i, len(got.Have), len(got.Push), want)
		}
	}
}

func TestReplica_MoreThanABatch(t *testing.T) {
	t.Parallel()
	s, a, b := &server{store: &journal.Memory{}}, newDevice("a"), newDevice("b")
	for i := range 40 {
		a.append(t, journal.DraftRevision{Path: "main.py", Blob: make([]byte, 30_000)}, journaltest.Hint(i))
	}
	if got := mustExchange(t, a, s); got.Pushed != 80 || got.Requests < 2 || got.Requests > 8 {
		t.Errorf("a's exchange is %+v, want 80 pushed in a few requests", got)
	}
	if got := mustExchange(t, b, s); got.Pulled != 80 || got.Requests < 2 || got.Requests > 8 {
		t.Errorf("b's exchange is %+v, want 80 pulled in a few requests", got)
	}
}

func TestReplica_ForksGoOnInANewEpoch(t *testing.T) {
	t.Parallel()
	s, a := &server{store: &journal.Memory{}}, newDevice("a")
	a.append(t, journaltest.Hint(1))
	mustExchange(t, a, s)
	clone := &device{name: "a", store: a.store.Clone()}
	clone.append(t, journaltest.Hint(2))
	attempt := uuid.New()
	a.append(t, journal.AttemptStarted{AttemptID: attempt}, journal.AttemptFinished{AttemptID: attempt, Report: harness.Report{Verdict: harness.Passed}})
	mustExchange(t, clone, s)

	got := mustExchange(t, a, s)
	if len(got.Forks) != 1 || got.Forks[0].Seq != 2 || got.Pushed != 2 || got.Pulled != 1 {
		t.Fatalf("the exchange is %+v, want one fork at 2, two entries pushed and one pulled", got)
	}
	for _, d := range []*device{a, clone} {
		d.append(t, journaltest.Hint(10))
		if got := mustExchange(t, d, s); len(got.Forks) != 0 {
			t.Errorf("a fork again after the first was resolved: %+v", got)
		}
	}
	mustExchange(t, a, s)
	progress := journal.NewProgress()
	if _, err := journal.Feed(t.Context(), a.store, uuid.Nil, nil, progress.Add); err != nil {
		t.Fatal(err)
	}
	found, ok := progress.Attempt(attempt)
	if !ok || found.Started == nil || found.Report == nil || len(progress.Attempts(uuid.Nil)) != 1 {
		t.Errorf("the attempt is %+v, %v, want it once and whole", found, ok)
	}
	if diff := cmp.Diff(heads(t, s.store, account), heads(t, a.store, uuid.Nil)); diff != "" {
		t.Errorf("the device has other logs than the server (-server +device):\n%s", diff)
	}
}

func TestReplica_StateOrStoreLost(t *testing.T) { //nolint:tparallel // steps with one server, each after what the last one left
	t.Parallel()
	s, a := &server{store: &journal.Memory{}}, newDevice("a")
	a.append(t, journaltest.Hints(1, 3)...)
	mustExchange(t, a, s)
	state, err := a.store.State(t.Context(), "cloud")
	if err != nil {
		t.Fatal(err)
	}
	t.Run("without the state nothing is doubled", func(t *testing.T) {
		if err := a.store.SaveState(t.Context(), "cloud", journal.State{}); err != nil {
			t.Fatal(err)
		}
		mustExchange(t, a, s)
		again, err := a.store.State(t.Context(), "cloud")
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(state, again); diff != "" {
			t.Errorf("the state differs (-before +after):\n%s", diff)
		}
	})
	t.Run("without the store everything comes back", func(t *testing.T) {
		empty := newDevice("a")
		if err := empty.store.SaveState(t.Context(), "cloud", state); err != nil {
			t.Fatal(err)
		}
		if got := mustExchange(t, empty, s); got.Pulled != 3 {
			t.Errorf("the exchange is %+v, want 3 pulled", got)
		}
	})
}

// A server that sends rubbish, or never has enough, cannot hurt or hold a device.
func TestReplica_HostileServers(t *testing.T) {
	t.Parallel()
	forged := journaltest.NewLog("forger").Segment(t, journaltest.Hint(1))
	forged.Entries[0].Payload = []byte{0xa0}
	t.Run("a forged segment is not stored", func(t *testing.T) {
		t.Parallel()
		d := newDevice("a")
		result, err := d.exchange(remote(func(context.Context, journal.Request) (journal.Response, error) {
			return journal.Response{Pull: []journal.Segment{forged}}, nil
		}))
		if err != nil || len(result.Refusals) != 1 || result.Pulled != 0 {
			t.Errorf("Exchange = %+v, %v, want one refusal", result, err)
		}
		if got := heads(t, d.store, uuid.Nil); len(got) != 0 {
			t.Errorf("something was stored: %v", got)
		}
	})
	t.Run("what is not durable with the same hash is not acknowledged", func(t *testing.T) {
		t.Parallel()
		d := newDevice("a")
		d.append(t, journaltest.Hint(1))
		_, err := d.exchange(remote(func(_ context.Context, req journal.Request) (journal.Response, error) {
			durable := map[journal.LogID]journal.Head{}
			for id := range req.Have {
				durable[id] = journal.Head{Seq: 1, Hash: journal.Hash{1}}
			}
			return journal.Response{Durable: durable, DurableUpstream: durable}, nil
		}))
		if fault.KindOf(err) != fault.Unavailable {
			t.Errorf("Exchange = %v, want Unavailable", err)
		}
		if state, err := d.store.State(t.Context(), "cloud"); err != nil || len(state.Upstream)+len(state.Acknowledged) != 0 {
			t.Errorf("the device believes %+v, %v", state, err)
		}
	})
	t.Run("always asking for more ends", func(t *testing.T) {
		t.Parallel()
		requests := 0
		_, err := newDevice("a").exchange(remote(func(context.Context, journal.Request) (journal.Response, error) {
			requests++
			return journal.Response{More: true}, nil
		}))
		if fault.KindOf(err) != fault.Unavailable || requests > 10 {
			t.Errorf("Exchange = %v after %d requests", err, requests)
		}
	})
}

func TestServe_Refusals(t *testing.T) {
	t.Parallel()
	serverKey := journaltest.Device("server")
	verified := journal.AttemptVerified{AttemptID: uuid.New(), Agrees: true}
	broken := journaltest.NewLog("a").Segment(t, journaltest.Hint(1))
	broken.Signature = make([]byte, ed25519.SignatureSize)
	tests := map[string]struct {
		push    journal.Segment
		admit   func(context.Context, journal.Owner, journal.LogHeader) error
		refused bool
	}{
		"a hint of a device":               {push: journaltest.NewLog("a").Segment(t, journaltest.Hint(1))},
		"a broken signature":               {push: broken, refused: true},
		"a device that verifies itself":    {push: journaltest.NewLog("a").Segment(t, verified), refused: true},
		"the server's log about the owner": {push: journaltest.NewLogOf("server", account).Segment(t, verified)},
		"the server's log about another":   {push: journaltest.NewLogOf("server", uuid.New()).Segment(t, verified), refused: true},
		"a log that is not admitted": {push: journaltest.NewLog("a").Segment(t, journaltest.Hint(1)), refused: true,
			admit: func(context.Context, journal.Owner, journal.LogHeader) error {
				return fault.New(fault.Denied, "This device belongs to another account.", "Sign out first.")
			}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			store := &journal.Memory{}
			good := journaltest.NewLog("good").Segment(t, journaltest.Hint(1))
			resp, err := journal.Serve(t.Context(), store, account, journal.Request{Push: []journal.Segment{test.push, good}},
				journal.ServeOptions{ServerKey: serverKey.Public().(ed25519.PublicKey), Admit: func(ctx context.Context, o journal.Owner, h journal.LogHeader) error {
					if test.admit == nil || h.ID() == good.LogID {
						return nil
					}
					return test.admit(ctx, o, h)
				}})
			if err != nil {
				t.Fatal(err)
			}
			if got := len(resp.Refusals) == 1; got != test.refused || got && (resp.Refusals[0].LogID != test.push.LogID || resp.Refusals[0].Message == "") {
				t.Errorf("refusals are %+v, want refused %v", resp.Refusals, test.refused)
			}
			stored := heads(t, store, account)
			if _, ok := stored[test.push.LogID]; ok == test.refused {
				t.Errorf("stored is %v although refused is %v", ok, test.refused)
			}
			if _, ok := stored[good.LogID]; !ok {
				t.Error("the other log was not stored")
			}
		})
	}
}

// The cloud writes what it verified into a log of its own, which reaches the device like any other.
func TestServe_ServerAuthoredLog(t *testing.T) {
	t.Parallel()
	s, a := &server{store: &journal.Memory{}}, newDevice("a")
	attempt, lessonID := uuid.New(), uuid.New()
	a.append(t, journal.AttemptStarted{AttemptID: attempt, LessonID: lessonID, CourseID: "c", Files: map[string]lesson.Digest{}},
		journal.AttemptFinished{AttemptID: attempt, LessonID: lessonID, Report: harness.Report{Verdict: harness.Passed}})
	waiting := func() int {
		progress := journal.NewProgress()
		if _, err := journal.Feed(t.Context(), a.store, uuid.Nil, nil, progress.Add); err != nil {
			t.Fatal(err)
		}
		state, err := a.store.State(t.Context(), "cloud")
		if err != nil {
			t.Fatal(err)
		}
		return progress.Waiting(state.Upstream)
	}
	if got := waiting(); got != 1 {
		t.Errorf("%d attempts wait before the exchange, want 1", got)
	}
	mustExchange(t, a, s)
	if got := waiting(); got != 0 {
		t.Errorf("%d attempts wait after the exchange, want 0", got)
	}
	writer := journal.NewWriter(s.store, account, journaltest.Device("server"), account, 1)
	if err := writer.Append(t.Context(), journal.AttemptVerified{AttemptID: attempt, LessonID: lessonID, Agrees: true}); err != nil {
		t.Fatal(err)
	}
	mustExchange(t, a, s)
	got := progressOf(t, a.store, uuid.Nil)
	want := []journal.LessonProgress{{LessonID: lessonID, CourseID: "c", Status: journal.Verified, Attempts: 1, QuizBest: -1}}
	if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(journal.LessonProgress{}, "LastAtMS", "ActiveMS")); diff != "" {
		t.Errorf("progress differs (-want +got):\n%s", diff)
	}
}
