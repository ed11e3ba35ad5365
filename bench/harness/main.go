// Command harness measures what one check costs: Carrel's warm environment beside the two ways most
// systems use, a container per check and a command in a running container. All of them do the same job
// on the same engine in the same run, in turns, and only rounds whose verdict was right count.
//
// It needs a Docker engine with the environment "python" on it (make images) and the docker command.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"time"

	"github.com/carrel-dev/carrel/fault"
)

func main() {
	rounds := flag.Int("rounds", 30, "how often each way is measured")
	warmUp := flag.Int("warm-up", 3, "rounds before the measured ones")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, *rounds, *warmUp); err != nil {
		message, hint := fault.Sentence(err)
		slog.Error("the measurement did not come to an end", "message", message, "hint", hint, "error", err)
		stop()
		os.Exit(1)
	}
}

func run(ctx context.Context, rounds, warmUp int) (err error) {
	if rounds < 1 || warmUp < 0 {
		return fault.New(fault.Invalid, "A measurement needs at least one round.", "Give -rounds a number from 1.")
	}
	ways, machine, cleanUp, err := prepare(ctx)
	defer func() { err = errors.Join(err, cleanUp()) }()
	if err != nil {
		return err
	}
	tasks := []task{
		{name: "trivial run (`true`)", do: way.trivial},
		{name: "save to verdict, 4 pytest tests", do: way.check},
	}
	measured := make([]row, 0, len(tasks)*len(ways))
	for _, t := range tasks {
		samples, err := interleave(ctx, ways, t, rounds, warmUp)
		if err != nil {
			return err
		}
		for i, w := range ways {
			measured = append(measured, row{task: t.name, way: w.name(), times: samples[i]})
		}
	}
	fmt.Print(table(machine, rounds, measured))
	return nil
}

// way is one way to run a learner's work.
type way interface {
	name() string
	// trivial runs a program that does nothing and waits for its end.
	trivial(ctx context.Context, round int) error
	// check puts changed files where the tests run, runs the tests, and reads the report.
	check(ctx context.Context, round int) error
}

type task struct {
	name string
	do   func(w way, ctx context.Context, round int) error
}

// interleave measures every way once per round, beginning with another one each time, so that a busy
// moment of the machine does not hit always the same.
func interleave(ctx context.Context, ways []way, t task, rounds, warmUp int) ([][]time.Duration, error) {
	samples := make([][]time.Duration, len(ways))
	for round := range warmUp + rounds {
		for turn := range ways {
			i := (round + turn) % len(ways)
			began := time.Now()
			if err := t.do(ways[i], ctx, round); err != nil {
				return nil, fmt.Errorf("measuring %s, %s: %w", t.name, ways[i].name(), err)
			}
			if round >= warmUp {
				samples[i] = append(samples[i], time.Since(began))
			}
		}
	}
	return samples, nil
}
