package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/carrel-dev/carrel/build/images"
	"github.com/carrel-dev/carrel/fault"
	"github.com/carrel-dev/carrel/harness"
	"github.com/carrel-dev/carrel/harness/docker"
	"github.com/carrel-dev/carrel/lesson"
)

// prepare sets up every way and describes the machine. cleanUp is never nil and removes all of it.
func prepare(ctx context.Context) (ways []way, machine string, cleanUp func() error, err error) {
	var undo []func() error
	cleanUp = func() error {
		var errs error
		for _, step := range slices.Backward(undo) {
			errs = errors.Join(errs, step())
		}
		return errs
	}
	runner := docker.New(docker.Options{})
	undo = append(undo, runner.Close)
	engine, err := runner.Probe(ctx)
	if err != nil {
		return nil, "", cleanUp, err
	}
	recipe, ok := images.Lookup("python")
	if !ok {
		return nil, "", cleanUp, fault.New(fault.NotFound, "There is no recipe for Python.", "")
	}
	f, err := newFolder(recipe.Pack())
	if err != nil {
		return nil, "", cleanUp, err
	}
	undo = append(undo, func() error { return os.RemoveAll(f.path) })
	session, err := runner.Open(ctx, harness.Spec{Environment: lesson.Environment{Name: "python"}, Owner: "bench"})
	if err != nil {
		return nil, "", cleanUp, err
	}
	undo = append(undo, session.Close)
	staying, err := startDockerExec(ctx, f, recipe.Ref())
	if err != nil {
		return nil, "", cleanUp, err
	}
	undo = append(undo, staying.close)
	ways = []way{dockerRun{folder: f, image: recipe.Ref()}, staying, carrel{session}}
	return ways, describe(engine), cleanUp, nil
}

func newFolder(pack images.Pack) (folder, error) {
	path, err := os.MkdirTemp("", "carrel-bench-")
	if err != nil {
		return folder{}, fmt.Errorf("making folder: %w", err)
	}
	f := folder{path: path, pack: pack}
	// The container's user is nobody on the host.
	if err := os.Chmod(path, 0o777); err != nil { //nolint:gosec // see above
		return folder{}, fmt.Errorf("opening folder: %w", err)
	}
	for name, file := range suite() {
		if err := os.WriteFile(filepath.Join(path, name), file.Data, 0o644); err != nil { //nolint:gosec // see above
			return folder{}, fmt.Errorf("writing tests: %w", err)
		}
	}
	return f, nil
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
