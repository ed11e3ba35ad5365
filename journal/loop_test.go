package journal_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/carrel-dev/carrel/fault"
	"github.com/carrel-dev/carrel/journal"
)

func TestBackoff(t *testing.T) {
	t.Parallel()
	b := journal.Backoff{Base: time.Second, Max: 10 * time.Second}
	for round := range 2 {
		for i, bound := range []time.Duration{1, 2, 4, 8, 10, 10, 10} {
			if got := b.Next(); got <= 0 || got > bound*time.Second {
				t.Errorf("round %d: delay %d is %v, want at most %v", round, i, got, bound*time.Second)
			}
		}
		b.Reset()
	}
	var zero journal.Backoff
	longest := time.Duration(0)
	for range 100 {
		longest = max(longest, zero.Next())
	}
	if longest > 5*time.Minute || longest < time.Minute {
		t.Errorf("the longest of 100 delays is %v, want up to five minutes", longest)
	}
}

// running is a loop in a bubble of virtual time.
type running struct {
	*journal.Loop
	exchanges []time.Duration // since the start
	phases    []journal.Phase
	stop      func() error
}

func run(t *testing.T, exchange func(ctx context.Context, n int) error) *running {
	t.Helper()
	start, n := time.Now(), 0
	r := &running{}
	r.Loop = &journal.Loop{
		Interval: time.Minute,
		Backoff:  journal.Backoff{Base: time.Second, Max: 4 * time.Second},
		Changed:  func(s journal.Status) { r.phases = append(r.phases, s.Phase) },
		Exchange: func(ctx context.Context) (journal.Result, error) {
			n++
			r.exchanges = append(r.exchanges, time.Since(start))
			return journal.Result{Requests: n}, exchange(ctx, n)
		},
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- r.Run(ctx) }()
	r.stop = func() error { cancel(); return <-done }
	return r
}

func TestLoop_Periodically(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := run(t, func(context.Context, int) error { return nil })
		time.Sleep(2*time.Minute + time.Second)
		r.Poke()
		time.Sleep(time.Second)
		if err := r.stop(); !errors.Is(err, context.Canceled) {
			t.Errorf("Run = %v", err)
		}
		want := []time.Duration{0, time.Minute, 2 * time.Minute, 2*time.Minute + time.Second}
		if diff := cmp.Diff(want, r.exchanges); diff != "" {
			t.Errorf("exchanges at other times (-want +got):\n%s", diff)
		}
		status := r.Status()
		if status.Phase != journal.PhaseIdle || status.LastAt.IsZero() || status.Last.Requests != 4 {
			t.Errorf("status is %+v", status)
		}
	})
}

func TestLoop_FollowsQuicklyAfterAPush(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		var exchanges []time.Duration
		loop := &journal.Loop{Interval: time.Hour, Eager: time.Second, Exchange: func(context.Context) (journal.Result, error) {
			exchanges = append(exchanges, time.Since(start))
			if len(exchanges) == 1 {
				return journal.Result{Pushed: 1}, nil
			}
			return journal.Result{}, nil
		}}
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Hour)
		defer cancel()
		if err := loop.Run(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Run = %v", err)
		}
		if len(exchanges) != 12 || exchanges[10] != 10*time.Second || exchanges[11] != time.Hour+10*time.Second {
			t.Errorf("exchanges at %v, want ten a second apart and the next an hour later", exchanges)
		}
	})
}

func TestLoop_Offline(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		r := run(t, func(_ context.Context, n int) error {
			if n <= 5 {
				return fault.New(fault.Unavailable, "Offline.", "")
			}
			return nil
		})
		synctest.Wait()
		if s := r.Status(); s.Phase != journal.PhaseOffline || !s.OfflineSince.Equal(start) || s.Err == nil {
			t.Errorf("status is %+v, want offline since the start", s)
		}
		time.Sleep(20 * time.Second)
		if s := r.Status(); s.Phase != journal.PhaseIdle || !s.OfflineSince.IsZero() || s.Err != nil {
			t.Errorf("status is %+v, want idle again", s)
		}
		if err := r.stop(); !errors.Is(err, context.Canceled) {
			t.Errorf("Run = %v", err)
		}
		if len(r.exchanges) != 6 {
			t.Errorf("%d exchanges in 20 seconds, want 6", len(r.exchanges))
		}
		want := []journal.Phase{journal.PhaseExchanging, journal.PhaseOffline}
		if diff := cmp.Diff(want, r.phases[:2]); diff != "" {
			t.Errorf("phases differ (-want +got):\n%s", diff)
		}
	})
}

func TestLoop_Sync(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		refused := fault.New(fault.Denied, "No.", "")
		r := run(t, func(_ context.Context, n int) error {
			time.Sleep(time.Second)
			if n == 2 {
				return refused
			}
			return nil
		})
		time.Sleep(500 * time.Millisecond) // in the middle of the first exchange
		status, err := r.Sync(t.Context())
		if err != nil || status.Last.Requests != 2 || !errors.Is(status.Err, refused) || status.Phase != journal.PhaseRefused {
			t.Errorf("Sync = %+v, %v, want the status after the second exchange", status, err)
		}
		if err := r.stop(); !errors.Is(err, context.Canceled) {
			t.Errorf("Run = %v", err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := r.Sync(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Sync without Run = %v", err)
		}
	})
}

func TestLoop_StoppedInTheMiddle(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := run(t, func(ctx context.Context, _ int) error {
			<-ctx.Done()
			return ctx.Err()
		})
		synctest.Wait()
		if s := r.Status(); s.Phase != journal.PhaseExchanging {
			t.Errorf("phase is %s", s.Phase)
		}
		if err := r.stop(); !errors.Is(err, context.Canceled) {
			t.Errorf("Run = %v", err)
		}
		if s := r.Status(); s.Phase != journal.PhaseIdle || s.Err != nil {
			t.Errorf("status is %+v, want idle: nobody refused", s)
		}
	})
}
