package main

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/carrel-dev/carrel/bench/parity/trial"
	"github.com/carrel-dev/carrel/harness"
)

func TestSpread(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		n    int
		want []int
	}{
		"one":                {1, []int{0}},
		"a few":              {3, []int{0, 2, 4}},
		"all":                {6, []int{0, 1, 2, 3, 4, 5}},
		"more than there is": {99, []int{0, 1, 2, 3, 4, 5}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tt.want, spread([]int{0, 1, 2, 3, 4, 5}, tt.n)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestTable(t *testing.T) {
	t.Parallel()
	report := func(v harness.Verdict) harness.Report {
		return harness.Report{Verdict: v, Tests: []harness.TestResult{{ID: "adds"}}}
	}
	right, starter := trial.Solution{Name: "reference", Right: true}, trial.Solution{Name: "starter"}
	got := table([]row{
		{"pipes", right, trial.Pair{Docker: report(harness.Passed), Cloud: report(harness.Passed)}, nil},
		{"pipes", starter, trial.Pair{Docker: report(harness.Passed), Cloud: report(harness.Failed)}, nil},
		{"marks", right, trial.Pair{}, errors.New("no engine")},
	})
	want := `| exercise | solution | verdict | reports |
|---|---|---|---|
| pipes | reference | passed | equal |
| pipes | starter | passed here, failed in the cloud | DIFFERENT |
| marks | reference | none | NOT RUN |

2 exercises, 3 solutions, 2 test results: 1 pairs of reports equal, 1 different, 1 not run.
Verdicts on Docker: 2 passed; 1 are not what the course promises of the solution.
`
	if !strings.HasPrefix(got, want) {
		t.Errorf("table differs (-want +got):\n%s", cmp.Diff(want, got))
	}
	for _, detail := range []string{"pipes, starter (-docker +cloud):", "marks, reference: no engine"} {
		if !strings.Contains(got, detail) {
			t.Errorf("table lacks %q:\n%s", detail, got)
		}
	}
}
