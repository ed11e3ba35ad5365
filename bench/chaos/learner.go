package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/carrel-dev/carrel/harness"
	"github.com/carrel-dev/carrel/lesson"
)

// trial is a solution and the verdict it must have.
type trial struct {
	name        string
	environment string
	want        harness.Verdict
	files       func(mark string) lesson.Files
	suite       harness.Suite
}

const shopTests = `from shop import total


def test_three():
    assert total([1, 2, 3]) == 6


def test_none():
    assert total([]) == 0
`

func trials() []trial {
	shop := harness.Suite{Tests: lesson.Files{"tests/test_shop.py": lesson.NewFile([]byte(shopTests))}}
	script := harness.Suite{Tests: lesson.Files{"check.sh": lesson.NewFile([]byte(`. ./answer.sh; cat mark; [ "$answer" = 42 ]`))}, Command: []string{"bash", "check.sh"}, Format: harness.FormatExit}
	python := func(body string) func(string) lesson.Files {
		return func(mark string) lesson.Files {
			return lesson.Files{"shop.py": lesson.NewFile([]byte("def total(items):\n    " + body + "\n\n\nimport atexit\natexit.register(print, '" + mark + "')\n"))}
		}
	}
	shell := func(body string) func(string) lesson.Files {
		return func(mark string) lesson.Files {
			return lesson.Files{"answer.sh": lesson.NewFile([]byte(body + "\n")), "mark": lesson.NewFile([]byte(mark + "\n"))}
		}
	}
	return []trial{
		{"right", "shell", harness.Passed, shell("answer=42"), script},
		{"wrong", "shell", harness.Failed, shell("answer=41"), script},
		{"slow and right", "shell", harness.Passed, shell("sleep 0.2; answer=42"), script},
		{"slow and wrong", "shell", harness.Failed, shell("sleep 0.2; answer=0"), script},
		{"leaves a daemon", "shell", harness.Passed, shell("setsid -f sleep 100; answer=42"), script},
		{"right", "python", harness.Passed, python("return sum(items)"), shop},
		{"wrong", "python", harness.Failed, python("return 6"), shop},
	}
}

// play has the learners check until all checks have their verdict, while the killer kills.
func play(ctx context.Context, p plan, r harness.Runner, e *engine) (*tally, error) {
	t := newTally(p)
	all := trials()
	var next atomic.Int64
	group, ctx := errgroup.WithContext(ctx)
	watching, stopWatching := context.WithCancel(ctx)
	var watch sync.WaitGroup
	watch.Go(func() { t.watch(watching) })
	defer func() { stopWatching(); watch.Wait() }()
	k := &killer{engine: e, chance: rand.New(rand.NewPCG(p.seed, 0))} //nolint:gosec // chance that can be had again
	group.Go(func() error { return k.run(ctx, p, t.ended) })
	for n := range p.learners {
		group.Go(func() error {
			chance := rand.New(rand.NewPCG(p.seed, uint64(n)+1)) //nolint:gosec // as above
			l := &learner{runner: r, name: fmt.Sprintf("learner %d", n), tally: t, sessions: map[string]harness.Session{}}
			defer l.close()
			for number := next.Add(1); number <= int64(p.checks); number = next.Add(1) {
				if err := l.check(ctx, all[chance.IntN(len(all))], fmt.Sprintf("mark-%d-%d-", p.seed, number), chance.IntN(20) == 0); err != nil {
					return err
				}
			}
			return nil
		})
	}
	err := group.Wait()
	t.killed = k.done
	return t, err
}

// learner checks in sessions that stay open, one per environment.
type learner struct {
	runner   harness.Runner
	name     string
	tally    *tally
	sessions map[string]harness.Session
}

// check has one verdict in the end: what the machinery fails at is done again.
func (l *learner) check(ctx context.Context, tr trial, mark string, anew bool) error {
	if anew {
		l.drop(tr.environment)
	}
	began := time.Now()
	for attempt := 0; ; attempt++ {
		report, err := l.once(ctx, tr, mark)
		if err == nil && report.Verdict != harness.Infrastructure {
			l.tally.add(tr, mark, report, attempt, time.Since(began))
			return nil
		}
		if ctx.Err() != nil {
			return fmt.Errorf("waiting for a verdict: %w", context.Cause(ctx))
		}
		l.drop(tr.environment)
		select {
		case <-ctx.Done():
		case <-time.After(100 * time.Millisecond):
		}
	}
}

func (l *learner) once(ctx context.Context, tr trial, mark string) (harness.Report, error) {
	s := l.sessions[tr.environment]
	if s == nil {
		var err error
		s, err = l.runner.Open(ctx, harness.Spec{Environment: lesson.Environment{Name: tr.environment}, Owner: l.name})
		if err != nil {
			return harness.Report{}, err
		}
		l.sessions[tr.environment] = s
	}
	if err := s.Put(ctx, tr.files(mark)); err != nil {
		return harness.Report{}, err
	}
	return s.Check(ctx, tr.suite, nil)
}

func (l *learner) drop(environment string) {
	if s := l.sessions[environment]; s != nil {
		_ = s.Close() // the runner knows what it could not end
		delete(l.sessions, environment)
	}
}

func (l *learner) close() {
	for environment := range l.sessions {
		l.drop(environment)
	}
}

// marked tells whether a report is that of the check with a mark.
func marked(report harness.Report, mark string) bool {
	return strings.Contains(report.Log.Head+report.Log.Tail, mark)
}
