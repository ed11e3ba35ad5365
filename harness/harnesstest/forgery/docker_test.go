package forgery_test

import (
	"log/slog"
	"sync"
	"testing"

	"github.com/carrel-dev/carrel/harness"
	"github.com/carrel-dev/carrel/harness/docker"
	"github.com/carrel-dev/carrel/harness/harnesstest/enginetest"
	"github.com/carrel-dev/carrel/harness/harnesstest/forgery"
)

// TestForgery is slow, because every solution is really checked, in every way that promises something.
func TestForgery(t *testing.T) {
	r := docker.New(docker.Options{Agent: enginetest.Agent, Log: slog.New(slog.NewTextHandler(t.Output(), nil))})
	t.Cleanup(func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	})
	var mu sync.Mutex
	fooled, attacks := 0, 0
	ways := []forgery.Way{forgery.ExitCode, forgery.Canary, forgery.Split, forgery.Cases}
	t.Run("languages", func(t *testing.T) {
		for _, name := range forgery.Names() {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				l, err := forgery.Load(name)
				if err != nil {
					t.Fatal(err)
				}
				l.Guesses = nil // they are for measurements
				err = forgery.Try(t.Context(), r, l, ways, func(trial forgery.Trial) {
					mu.Lock()
					defer mu.Unlock()
					if trial.Way == forgery.ExitCode && trial.Kind == forgery.Attack {
						attacks++
						if trial.Passed() {
							fooled++
						}
					}
					unfair := !trial.Fair() && (trial.Way.Safe() || trial.Kind == forgery.Right)
					if unfair || trial.Way.Safe() && !atLevel(trial) {
						t.Errorf("%s, %s %s: %s (%s) at the level %s, limit %q, log %.300q", trial.Way, trial.Kind, trial.Solution.Name,
							trial.Report.Verdict, trial.Report.Message, trial.Report.Integrity, trial.Report.LimitHit, trial.Report.Log.Head)
					}
				})
				if err != nil {
					t.Error(err)
				}
			})
		}
	})
	if fooled*3 < attacks {
		t.Errorf("only %d of %d attacks fool an exit code: the corpus proves little", fooled, attacks)
	}
}

// atLevel tells whether the check had the level that its way names.
func atLevel(t forgery.Trial) bool {
	want := harness.IntegritySplit
	if t.Way == forgery.Canary {
		want = harness.IntegrityCanary
	}
	return t.Report.Integrity == want
}
