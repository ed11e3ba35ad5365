// Command harness measures what one check costs: Carrel's warm environment beside the ways other
// systems use, a container per check, a command in a running container, and go-judge. All of them do
// the same job on the same machine in the same run, in turns, and only rounds whose verdict was right
// count.
//
// It needs a Docker engine with the environments on it (make images), the docker command, the Go
// toolchain, root for go-judge, and the project's folder as its working directory.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"slices"
	"strings"
	"time"

	"github.com/carrel-dev/carrel/fault"
)

func main() {
	rounds := flag.Int("rounds", 30, "how often each way is measured")
	warmUp := flag.Int("warm-up", 3, "rounds before the measured ones")
	languages := flag.String("languages", "python,node,go", "the exercises to measure")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, *rounds, *warmUp, strings.Split(*languages, ",")); err != nil {
		message, hint := fault.Sentence(err)
		slog.Error("the measurement did not come to an end", "message", message, "hint", hint, "error", err)
		stop()
		os.Exit(1)
	}
}

func run(ctx context.Context, rounds, warmUp int, languages []string) (err error) {
	if rounds < 1 || warmUp < 0 {
		return fault.New(fault.Invalid, "A measurement needs at least one round.", "Give -rounds a number from 1.")
	}
	chosen := slices.DeleteFunc(exercises(), func(e exercise) bool { return !slices.Contains(languages, e.environment) })
	if len(chosen) == 0 {
		return fault.New(fault.Invalid, "None of these languages has an exercise to measure.", "Choose among python, node and go.")
	}
	b, err := prepare(ctx, chosen)
	defer func() { err = errors.Join(err, b.close()) }()
	if err != nil {
		return err
	}
	fmt.Printf("%s; %d interleaved rounds\n\n", b.machine, rounds)
	for _, print := range []func(context.Context, int, int) (string, error){b.latencies, b.openings, b.rates} {
		table, err := print(ctx, rounds, warmUp)
		if err != nil {
			return err
		}
		fmt.Println(table)
	}
	return nil
}

// latencies measures each task done once, by every way that can do it.
func (b *bench) latencies(ctx context.Context, rounds, warmUp int) (string, error) {
	first := b.lanes[0]
	trivial := append([]way{b.judge}, first.ways...)
	samples, err := interleave(ctx, trivial, way.trivial, rounds, warmUp)
	if err != nil {
		return "", fmt.Errorf("measuring trivial runs: %w", err)
	}
	rows := rowsOf("trivial run (`true`)", trivial, samples)
	for _, l := range b.lanes {
		if samples, err = interleave(ctx, l.ways, way.check, rounds, warmUp); err != nil {
			return "", fmt.Errorf("measuring %s: %w", l.environment, err)
		}
		rows = append(rows, rowsOf("save to verdict, "+l.title, l.ways, samples)...)
	}
	return table(rows), nil
}

func rowsOf(task string, ways []way, samples [][]time.Duration) []row {
	rows := make([]row, len(ways))
	for i, w := range ways {
		rows[i] = row{task: task, way: w.name(), times: samples[i]}
	}
	return rows
}

func (b *bench) openings(ctx context.Context, rounds, _ int) (string, error) {
	var rows []row
	for _, l := range b.lanes {
		first, later, err := opening(ctx, b.runner, l.exercise, rounds)
		if err != nil {
			return "", fmt.Errorf("measuring first checks: %w", err)
		}
		rows = append(rows, row{l.title, "first check after a lesson opened", first}, row{l.title, "the check after it", later})
	}
	return table(rows), nil
}

// rateRounds is how often the runs per second are counted; each takes slice per way.
const rateRounds = 5

func (b *bench) rates(ctx context.Context, _, _ int) (string, error) {
	judges := make([]way, len(b.workers))
	for i := range judges {
		judges[i] = b.judge
	}
	rates, err := throughput(ctx, [][]way{judges, b.workers}, rateRounds)
	if err != nil {
		return "", fmt.Errorf("measuring runs per second: %w", err)
	}
	return rateTable(len(b.workers), []string{b.judge.name(), b.workers[0].name()}, rates), nil
}

// interleave measures every way once per round, beginning with another one each time, so that a busy
// moment of the machine does not hit always the same.
func interleave(ctx context.Context, ways []way, do func(w way, ctx context.Context, round int) error, rounds, warmUp int) ([][]time.Duration, error) {
	samples := make([][]time.Duration, len(ways))
	for round := range warmUp + rounds {
		for turn := range ways {
			i := (round + turn) % len(ways)
			began := time.Now()
			if err := do(ways[i], ctx, round); err != nil {
				return nil, fmt.Errorf("%s: %w", ways[i].name(), err)
			}
			if round >= warmUp {
				samples[i] = append(samples[i], time.Since(began))
			}
		}
	}
	return samples, nil
}
