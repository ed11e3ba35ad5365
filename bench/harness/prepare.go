package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"

	"github.com/carrel-dev/carrel/build/images"
	"github.com/carrel-dev/carrel/fault"
	"github.com/carrel-dev/carrel/harness"
	"github.com/carrel-dev/carrel/harness/docker"
	"github.com/carrel-dev/carrel/lesson"
)

// bench is everything that is measured, set up once.
type bench struct {
	runner  *docker.Runner
	engine  docker.Engine
	machine string
	lanes   []lane
	judge   *goJudge
	workers []way // Carrel's, one per CPU, for throughput
	undo    []func() error
}

// lane is one exercise and the ways to check it.
type lane struct {
	exercise
	ways []way // Carrel is the last
}

// prepare sets up every way. The caller closes the bench, whatever the error.
func prepare(ctx context.Context, chosen []exercise) (*bench, error) {
	b := &bench{runner: docker.New(docker.Options{})}
	b.undo = append(b.undo, b.runner.Close)
	var err error
	if b.engine, err = b.runner.Probe(ctx); err != nil {
		return b, err
	}
	b.machine = describe(b.engine)
	for _, e := range chosen {
		l, err := b.lane(ctx, e)
		if err != nil {
			return b, err
		}
		b.lanes = append(b.lanes, l)
	}
	for i := range b.engine.CPUs {
		c, err := b.carrel(ctx, chosen[0], fmt.Sprintf("worker-%d", i))
		if err != nil {
			return b, err
		}
		b.workers = append(b.workers, c)
	}
	if b.judge, err = startGoJudge(ctx, b.engine.CPUs); err != nil {
		return b, err
	}
	b.undo = append(b.undo, b.judge.close)
	return b, nil
}

// close removes everything prepare made.
func (b *bench) close() error {
	var errs error
	for _, step := range slices.Backward(b.undo) {
		errs = errors.Join(errs, step())
	}
	return errs
}

func (b *bench) lane(ctx context.Context, e exercise) (lane, error) {
	recipe, ok := images.Lookup(e.environment)
	if !ok {
		return lane{}, fault.New(fault.NotFound, fmt.Sprintf("There is no recipe %q.", e.environment), "")
	}
	f, err := newFolder(e, recipe.Pack())
	if err != nil {
		return lane{}, err
	}
	b.undo = append(b.undo, func() error { return os.RemoveAll(f.path) })
	warm, err := b.carrel(ctx, e, "bench")
	if err != nil {
		return lane{}, err
	}
	staying, err := startDockerExec(ctx, f, recipe.Ref())
	if err != nil {
		return lane{}, err
	}
	b.undo = append(b.undo, staying.close)
	return lane{e, []way{dockerRun{folder: f, image: recipe.Ref()}, staying, warm}}, nil
}

func (b *bench) carrel(ctx context.Context, e exercise, owner string) (carrel, error) {
	session, err := b.runner.Open(ctx, harness.Spec{Environment: lesson.Environment{Name: e.environment}, Owner: owner})
	if err != nil {
		return carrel{}, err
	}
	b.undo = append(b.undo, session.Close)
	return carrel{e, session}, nil
}

// describe tells what the numbers depend on. A load above the number of cores means that something else
// was measured too.
func describe(engine docker.Engine) string {
	load, _, _ := strings.Cut(procFile("/proc/loadavg", "unknown"), " ")
	return fmt.Sprintf("%d cores, load %s at the start, kernel %s, Docker %s on %s",
		engine.CPUs, load, procFile("/proc/sys/kernel/osrelease", runtime.GOOS), engine.Version, engine.Architecture)
}

func procFile(path, otherwise string) string {
	data, err := os.ReadFile(path)
	if err != nil {
		return otherwise // not Linux
	}
	return strings.TrimSpace(string(data))
}
