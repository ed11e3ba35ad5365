package main

import (
	"testing"
	"time"

	"github.com/carrel-dev/carrel/harness"
)

func TestTally(t *testing.T) {
	t.Parallel()
	tr := trials()[0]
	report := func(verdict harness.Verdict, log string) harness.Report {
		return harness.Report{Verdict: verdict, Log: harness.Log{Head: log}}
	}
	tests := map[string]struct {
		checks int
		tell   func(t *tally)
		left   []string
		good   bool
	}{
		"all is well":               {1, func(t *tally) { t.add(tr, "m1", report(tr.want, "m1"), 2, time.Second) }, nil, true},
		"a wrong verdict":           {1, func(t *tally) { t.add(tr, "m1", report(harness.Crashed, "m1"), 0, 0) }, nil, false},
		"the report of another one": {1, func(t *tally) { t.add(tr, "m1", report(tr.want, "m2"), 0, 0) }, nil, false},
		"one is lost":               {2, func(t *tally) { t.add(tr, "m1", report(tr.want, "m1"), 0, 0) }, nil, false},
		"one has two": {2, func(t *tally) {
			t.add(tr, "m1", report(tr.want, "m1"), 0, 0)
			t.add(tr, "m1", report(tr.want, "m1"), 0, 0)
		}, nil, false},
		"something is left": {0, func(*tally) {}, []string{"container x"}, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := newTally(plan{checks: tt.checks})
			tt.tell(got)
			if err := got.judge(tt.left); (err == nil) != tt.good {
				t.Errorf("got %v", err)
			}
		})
	}
}
