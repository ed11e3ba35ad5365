package main

import (
	"context"
	"fmt"
	"time"

	"github.com/carrel-dev/carrel/harness"
	"github.com/carrel-dev/carrel/harness/docker"
	"github.com/carrel-dev/carrel/lesson"
)

// opening measures the first check after a lesson was opened, once its environment is ready, and the one
// after it, each time for another learner.
func opening(ctx context.Context, runner *docker.Runner, e exercise, rounds int) (first, later []time.Duration, err error) {
	for round := range rounds {
		spec := harness.Spec{Environment: lesson.Environment{Name: e.environment}, Owner: fmt.Sprintf("opening-%d", round)}
		if err := runner.Warm(ctx, spec); err != nil {
			return nil, nil, err
		}
		one, two, err := openOnce(ctx, runner, e, spec, round)
		if err != nil {
			return nil, nil, err
		}
		first, later = append(first, one), append(later, two)
	}
	return first, later, nil
}

func openOnce(ctx context.Context, runner *docker.Runner, e exercise, spec harness.Spec, round int) (first, later time.Duration, err error) {
	began := time.Now()
	session, err := runner.Open(ctx, spec)
	if err != nil {
		return 0, 0, err
	}
	defer func() { _ = session.Close() }()
	c := carrel{exercise: e, session: session}
	if err := c.check(ctx, round); err != nil {
		return 0, 0, err
	}
	first = time.Since(began)
	began = time.Now()
	if err := c.check(ctx, round+1); err != nil {
		return 0, 0, err
	}
	return first, time.Since(began), nil
}
