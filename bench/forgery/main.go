// Command forgery tries to fool checks: every solution of the corpus in harness/harnesstest/forgery, judged
// by the exit code as most systems do and at each of Carrel's levels of integrity. It prints a table, how
// often guessers were lucky, and, with -v, every solution whose verdict was not the one it deserves.
//
// It needs a Docker engine with the environments of the languages on it (make images).
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"os/signal"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/carrel-dev/carrel/fault"
	"github.com/carrel-dev/carrel/harness/docker"
	"github.com/carrel-dev/carrel/harness/harnesstest/forgery"
)

func main() {
	languages := flag.String("languages", strings.Join(forgery.Names(), ","), "which languages")
	ways := flag.String("ways", "exit code;in_process;canary;split;split, cases", "how the solutions are judged")
	only := flag.String("only", "", "only solutions with this in their name")
	guesses := flag.Int("guesses", 30, "how often each guesser tries its luck with canaries")
	verbose := flag.Bool("v", false, "print every unfair verdict")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, strings.Split(*languages, ","), strings.Split(*ways, ";"), *only, *guesses, *verbose); err != nil {
		message, hint := fault.Sentence(err)
		slog.Error("the trials did not come to an end", "message", message, "hint", hint, "error", err)
		stop()
		os.Exit(1)
	}
}

func run(ctx context.Context, languages, names []string, only string, guesses int, verbose bool) (err error) {
	runner := docker.New(docker.Options{})
	defer func() { err = errors.Join(err, runner.Close()) }()
	var ways []forgery.Way
	for _, name := range names {
		ways = append(ways, forgery.Way(name))
	}
	var mu sync.Mutex
	var trials []forgery.Trial
	told := func(t forgery.Trial) {
		mu.Lock()
		defer mu.Unlock()
		trials = append(trials, t)
		if verbose && !t.Fair() {
			fmt.Printf("%-7s %-10s %-6s %-26s %s %s\n", t.Language, t.Way, t.Kind, t.Solution.Name, t.Report.Verdict, t.Report.Message)
		}
	}
	group, ctx := errgroup.WithContext(ctx)
	for _, name := range languages {
		group.Go(func() error {
			l, err := forgery.Load(name)
			if err != nil {
				return err
			}
			return forgery.Try(ctx, runner, l.Only(only), ways, told)
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	fmt.Print(forgery.Table(trials))
	return luck(ctx, runner, languages, guesses)
}

// luck tells how often solutions that read the tests and choose the likeliest copy of each get through
// canaries: chance decides, so one trial says nothing.
func luck(ctx context.Context, runner *docker.Runner, languages []string, times int) error {
	for _, name := range languages {
		l, err := forgery.Load(name)
		if err != nil {
			return err
		}
		if len(l.Guesses) == 0 {
			continue
		}
		l.Attacks, l.Right, l.Wrong = nil, nil, nil
		tried, passed := map[string]int{}, map[string]int{}
		for range times {
			err := forgery.Try(ctx, runner, l, []forgery.Way{forgery.Canary}, func(t forgery.Trial) {
				tried[t.Solution.Name]++
				if t.Passed() {
					passed[t.Solution.Name]++
				}
			})
			if err != nil {
				return err
			}
		}
		for _, guesser := range slices.Sorted(maps.Keys(tried)) {
			fmt.Printf("\nThe guesser %s in %s got through %d of %d canary checks.\n", guesser, name, passed[guesser], tried[guesser])
		}
	}
	return nil
}
