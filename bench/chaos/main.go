// Command chaos checks thousands of solutions whose verdicts are known while it kills what checks depend
// on: agents, interpreters, containers and the engine itself, all with SIGKILL. In the end every check has
// exactly one verdict, the right one, and nothing is left on the engine.
//
// It starts an engine of its own, in a network of its own, and copies the environments "python" and "shell"
// to it from this computer's engine. It needs root, Linux, and Debian's docker.io, iproute2 and util-linux.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"os/signal"
	"time"

	"github.com/carrel-dev/carrel/build/images"
	"github.com/carrel-dev/carrel/fault"
	"github.com/carrel-dev/carrel/harness/docker"
)

// plan is what a run does.
type plan struct {
	checks, kills, engineKills int
	learners                   int
	seed                       uint64
	atMost                     time.Duration
}

func main() {
	var p plan
	flag.IntVar(&p.checks, "checks", 10000, "how many checks")
	flag.IntVar(&p.kills, "kills", 1000, "how many agents, interpreters and containers are killed meanwhile")
	flag.IntVar(&p.engineKills, "engine-kills", 20, "how often the engine is killed")
	flag.IntVar(&p.learners, "learners", 6, "how many learners check at once")
	flag.Uint64Var(&p.seed, "seed", rand.Uint64(), "what chance starts from") //nolint:gosec // no secret
	flag.DurationVar(&p.atMost, "at-most", 30*time.Minute, "when to give up")
	verbose := flag.Bool("v", false, "print the runner's log")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	log := slog.New(slog.DiscardHandler)
	if *verbose {
		log = slog.Default()
	}
	if err := run(ctx, p, log); err != nil {
		message, hint := fault.Sentence(err)
		slog.Error("chaos won", "message", message, "hint", hint, "error", err, "seed", p.seed)
		stop()
		os.Exit(1)
	}
}

func run(ctx context.Context, p plan, log *slog.Logger) (err error) {
	fmt.Printf("%d checks by %d learners, %d kills, %d kills of the engine; seed %d\n", p.checks, p.learners, p.kills, p.engineKills, p.seed)
	ctx, cancel := context.WithTimeout(ctx, p.atMost)
	defer cancel()
	var refs []string
	for _, name := range []string{"python", "shell"} {
		recipe, ok := images.Lookup(name)
		if !ok {
			return fault.New(fault.NotFound, fmt.Sprintf("There is no recipe for %s.", name), "")
		}
		refs = append(refs, recipe.Ref())
	}
	e, err := startEngine(ctx, refs)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, e.stop()) }()
	runner := docker.New(docker.Options{Host: e.host(), Log: log})
	tally, err := play(ctx, p, runner, e)
	err = errors.Join(err, runner.Close())
	left := e.leftovers(context.WithoutCancel(ctx))
	fmt.Print(tally.table(left))
	if err != nil {
		return err
	}
	return tally.judge(left)
}
