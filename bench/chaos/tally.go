package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/carrel-dev/carrel/fault"
	"github.com/carrel-dev/carrel/harness"
)

// tally counts what became of the checks. It is safe for concurrent use.
type tally struct {
	plan  plan
	began time.Time

	mu      sync.Mutex
	count   int
	again   int // how often a check was done again because the machinery failed
	wrong   []string
	marks   map[string]int
	longest time.Duration
	killed  map[string]int
}

func newTally(p plan) *tally {
	return &tally{plan: p, began: time.Now(), marks: map[string]int{}}
}

// add notes a verdict.
func (t *tally) add(tr trial, mark string, report harness.Report, attempts int, took time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.count++
	t.again += attempts
	t.marks[mark]++
	t.longest = max(t.longest, took)
	if report.Verdict != tr.want {
		t.wrong = append(t.wrong, fmt.Sprintf("%s (%s): %s instead of %s: %s; exit %d, limit %q, log %.200q",
			tr.name, tr.environment, report.Verdict, tr.want, report.Message, report.ExitCode, report.LimitHit, report.Log.Head))
	} else if !marked(report, mark) {
		t.wrong = append(t.wrong, fmt.Sprintf("%s (%s): the report is another check's: %.200q", tr.name, tr.environment, report.Log.Head))
	}
}

func (t *tally) ended() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.count
}

// watch prints the progress now and then.
func (t *tally) watch(ctx context.Context) {
	tick := time.NewTicker(10 * time.Second)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			t.mu.Lock()
			fmt.Printf("%6.0f s  %d of %d checks, %d done again, %d wrong\n", time.Since(t.began).Seconds(), t.count, t.plan.checks, t.again, len(t.wrong))
			t.mu.Unlock()
		}
	}
}

// table is the result as Markdown.
func (t *tally) table(left []string) string {
	t.mu.Lock()
	defer t.mu.Unlock()
	var kills []string
	for _, what := range slices.Sorted(maps.Keys(t.killed)) {
		kills = append(kills, fmt.Sprintf("%d x %s", t.killed[what], what))
	}
	return fmt.Sprintf(`
| checks | killed | done again | longest wait | wrong | lost | twice | left behind | took |
|---:|---|---:|---:|---:|---:|---:|---:|---:|
| %d | %s | %d | %.1f s | %d | %d | %d | %d | %.0f s |
`, t.count, strings.Join(kills, ", "), t.again, t.longest.Seconds(), len(t.wrong), t.plan.checks-t.count, t.twice(), len(left), time.Since(t.began).Seconds())
}

func (t *tally) twice() int {
	n := 0
	for _, times := range t.marks {
		n += times - 1
	}
	return n
}

// judge is an error unless all is as it must be.
func (t *tally) judge(left []string) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, w := range append(slices.Clone(t.wrong), left...) {
		fmt.Println(w)
	}
	if len(t.wrong) > 0 || len(left) > 0 || t.twice() > 0 || t.count != t.plan.checks {
		return fault.New(fault.Internal, "Not every check had its one right verdict, or something was left behind.", "")
	}
	return nil
}
