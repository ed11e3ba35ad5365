package forgery

import (
	"context"
	"errors"
	"time"

	"github.com/carrel-dev/carrel/harness"
)

// Kind is what a solution is.
type Kind string

// The kinds of solutions.
const (
	Attack Kind = "attack"
	Guess  Kind = "guess"
	Right  Kind = "right"
	Wrong  Kind = "wrong"
)

// Trial is one solution judged in one way.
type Trial struct {
	Language string
	Way      Way
	Kind     Kind
	Solution Solution
	Report   harness.Report
}

// Passed tells whether the solution passed.
func (t Trial) Passed() bool { return t.Report.Verdict == harness.Passed }

// Fair tells whether the verdict is the one that the solution deserves.
func (t Trial) Fair() bool { return t.Passed() == (t.Kind == Right) }

// limits are small, so that a solution that hangs costs little; building Go takes what it takes.
func limits(language string) harness.Limits {
	l := harness.Limits{CPU: 15 * time.Second, Wall: 12 * time.Second}
	if language == "go" {
		l = harness.Limits{CPU: 40 * time.Second, Wall: 30 * time.Second, MemoryBytes: 1 << 30, Processes: 128, DiskBytes: 256 << 20}
	}
	return l.OrDefault()
}

// Try judges every solution of a language in the ways, one after another in one session, so that what
// one leaves behind meets the next. Each trial is told as it ends. The error is of the machinery.
func Try(ctx context.Context, r harness.Runner, l *Language, ways []Way, told func(Trial)) (err error) {
	spec := harness.SpecFor(l.Exercise, "forgery")
	spec.Limits = limits(l.Name)
	session, err := r.Open(ctx, spec)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, session.Close()) }()
	for _, group := range []struct {
		kind Kind
		all  []Solution
	}{{Right, l.Right}, {Wrong, l.Wrong}, {Attack, l.Attacks}, {Guess, l.Guesses}} {
		for _, solution := range group.all {
			for _, way := range ways {
				if !l.Can(way) {
					continue
				}
				trial := Trial{Language: l.Name, Way: way, Kind: group.kind, Solution: solution}
				if trial.Report, err = try(ctx, session, l, solution, way); err != nil {
					return err
				}
				told(trial)
			}
		}
	}
	return nil
}

func try(ctx context.Context, session harness.Session, l *Language, s Solution, way Way) (harness.Report, error) {
	if err := session.Put(ctx, harness.SnapshotFor(l.Exercise, l.Exercise.Starter.Overlay(s.Files))); err != nil {
		return harness.Report{}, err
	}
	suite := l.Suite(way)
	suite.Limits = limits(l.Name)
	report, err := session.Check(ctx, suite, nil)
	if s.Twice && err == nil {
		return session.Check(ctx, suite, nil)
	}
	return report, err
}
