//go:build linux

// Command desktop measures what opening the window at a lesson costs: the time, the processor and the
// memory of the real program with all its WebKit processes, each round with a state folder nobody has
// used, on an X server of its own.
//
// It needs Linux, Xvfb and the built window (make build). Measure on an idle machine: on a loaded one
// every time is longer, processor time included, because caches and cores are shared.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"

	"github.com/carrel-dev/carrel/fault"
)

type options struct {
	rounds  int
	program string // of the window
	bundle  string // folder of the page
	course  string // id of a course that ships
	lesson  string // its slug
	file    string // of the lesson's workspace, to know that it is laid out
}

func main() {
	o := options{course: "first-steps", lesson: "pipes", file: "busiest.sh"}
	flag.IntVar(&o.rounds, "rounds", 10, "how often the window is opened")
	flag.StringVar(&o.program, "window", "build/bin/carrel-desktop", "the window's program")
	flag.StringVar(&o.bundle, "bundle", "frontend/dist", "folder of the built page")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, o, os.Stdout, os.Stderr); err != nil {
		message, hint := fault.Sentence(err)
		slog.Error("the measurement did not come to an end", "message", message, "hint", hint, "error", err)
		stop()
		os.Exit(1)
	}
}

func run(ctx context.Context, o options, stdout, progress io.Writer) (err error) {
	if o.rounds < 1 {
		return fault.New(fault.Invalid, "A measurement needs at least one round.", "Give -rounds a number from 1.")
	}
	script, err := firstScreen(os.DirFS(o.bundle))
	if err != nil {
		return fault.Wrap(err, fault.NotFound, "The built page cannot be read.", "Build it: make build")
	}
	program, err := os.Stat(o.program)
	if err != nil {
		return fault.Wrap(err, fault.NotFound, "The window's program is not there.", "Build it: make build")
	}
	display, err := startDisplay(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, display.stop()) }()
	before := load()
	samples := make([]sample, 0, o.rounds)
	for i := range o.rounds {
		s, err := open(ctx, o, display.name)
		if err != nil {
			return fmt.Errorf("round %d: %w", i+1, err)
		}
		samples = append(samples, s)
		fmt.Fprintf(progress, "%d/%d: %s\n", i+1, o.rounds, s)
	}
	_, err = io.WriteString(stdout, table(machine(before, load()), samples, program.Size(), script))
	return err
}
