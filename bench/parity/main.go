// Command parity proves that a verdict does not depend on where it is made: it checks exercises of a
// course on Docker and in a cloud that it starts for this, with right and wrong solutions, and compares
// the reports whole, times and hosts apart. It exits with 1 when any two differ.
//
// It needs a Docker engine with the course's environments on it (make images).
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
	"time"

	"github.com/carrel-dev/carrel/bench/parity/trial"
	"github.com/carrel-dev/carrel/fault"
	"github.com/carrel-dev/carrel/lesson"
)

func main() {
	n := flag.Int("n", 30, "how many exercises, spread evenly over the course")
	var options trial.Options
	flag.StringVar(&options.Carrel, "carrel", "build/bin/carrel", "the command line")
	flag.StringVar(&options.Carreld, "carreld", "build/bin/carreld", "the cloud's program")
	flag.Parse()
	options.Course = flag.Arg(0)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	err := run(ctx, options, *n, os.Stdout, os.Stderr)
	if err != nil && !errors.Is(err, errDifferent) {
		message, hint := fault.Sentence(err)
		slog.Error("the comparison did not come to an end", "message", message, "hint", hint, "error", err)
	}
	if err != nil {
		stop()
		os.Exit(1)
	}
}

// errDifferent says that the table already tells what is wrong.
var errDifferent = errors.New("not all reports are equal")

func run(ctx context.Context, options trial.Options, n int, stdout, progress io.Writer) (err error) {
	if options.Course == "" || n < 1 {
		return fault.New(fault.Invalid, "A comparison needs a course folder and at least one exercise.",
			"Write: go run ./bench/parity -n 30 COURSE_DIR")
	}
	t, err := trial.Start(ctx, options)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, t.Close()) }()
	rows, err := compare(ctx, t, spread(t.Exercises(), n), progress)
	if err != nil {
		return err
	}
	if _, err := io.WriteString(stdout, table(rows)); err != nil {
		return err
	}
	for _, r := range rows {
		if r.state() != equal {
			return errDifferent
		}
	}
	return nil
}

// compare checks every solution of the exercises. What could not be checked is a row too; the error is
// the end of ctx.
func compare(ctx context.Context, t *trial.Trial, exercises []*lesson.Lesson, progress io.Writer) ([]row, error) {
	var rows []row
	for i, l := range exercises {
		for _, s := range trial.Solutions(l.Exercise) {
			began := time.Now()
			pair, err := t.Check(ctx, l, s)
			if ctx.Err() != nil {
				return nil, ctx.Err()
			}
			r := row{exercise: l.Slug, solution: s, pair: pair, err: err}
			rows = append(rows, r)
			fmt.Fprintf(progress, "%d/%d %s %s: %s, %s (%.1f s)\n",
				i+1, len(exercises), l.Slug, s.Name, r.verdict(), r.state(), time.Since(began).Seconds())
		}
	}
	return rows, nil
}

// spread returns n of the items, as far apart as they can be; all of them when there are no more.
func spread[T any](items []T, n int) []T {
	n = min(n, len(items))
	picked := make([]T, 0, n)
	for i := range n {
		picked = append(picked, items[i*len(items)/n])
	}
	return picked
}
