// Command neighbour measures what one learner's checks cost alone, and while other learners' bombs go off
// beside them on the same engine: forks, memory, disk, output and busy loops, again and again.
//
// Waiting for a free CPU is told apart from the check itself: a Runner lets as many checks run at once as
// there are CPUs, so bombs make a queue and not a slow computer.
//
// It needs a Docker engine with the environment "shell" on it (make images).
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
	"sync"
	"sync/atomic"
	"time"

	"github.com/carrel-dev/carrel/fault"
	"github.com/carrel-dev/carrel/harness"
	"github.com/carrel-dev/carrel/harness/docker"
	"github.com/carrel-dev/carrel/lesson"
)

func main() {
	rounds := flag.Int("rounds", 200, "how many checks are measured, alone and beside the bombs")
	bombs := flag.Int("bombs", 10, "how many learners have a bomb")
	parallel := flag.Int("parallel", 0, "how many checks run at once; 0 is one per CPU")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, *rounds, *bombs, *parallel); err != nil {
		message, hint := fault.Sentence(err)
		slog.Error("the measurement did not come to an end", "message", message, "hint", hint, "error", err)
		stop()
		os.Exit(1)
	}
}

// explosions are what learners' scripts do, each until a limit stops it.
func explosions() []string {
	return []string{
		`f() { f | f & }; f; sleep 10`,
		`x=x; while :; do x=$x$x; done`,
		`cat /dev/zero > big`,
		`yes`,
		`for i in 1 2 3 4 5 6 7 8; do (while :; do :; done) & done; wait`,
		`mkdir d; cd d; seq 100000 | xargs touch`,
	}
}

func limits() harness.Limits {
	return harness.Limits{CPU: time.Second, Wall: 2 * time.Second, MemoryBytes: 64 << 20, Processes: 32, DiskBytes: 16 << 20}.OrDefault()
}

func suite(script string) harness.Suite {
	return harness.Suite{Command: []string{"bash", "-c", script}, Format: harness.FormatExit, Limits: limits()}
}

func run(ctx context.Context, rounds, bombs, parallel int) (err error) {
	if rounds < 1 || bombs < 1 {
		return fault.New(fault.Invalid, "A measurement needs at least one round and one bomb.", "")
	}
	runner := docker.New(docker.Options{Parallel: parallel, MaxIdle: bombs + 2})
	defer func() { err = errors.Join(err, runner.Close()) }()
	open := func(owner string) (harness.Session, error) {
		return runner.Open(ctx, harness.Spec{Environment: lesson.Environment{Name: "shell"}, Owner: owner, Limits: limits()})
	}
	victim, err := open("victim")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, victim.Close()) }()
	if _, err := measure(ctx, victim, 10); err != nil { // warming up
		return err
	}
	alone, err := measure(ctx, victim, rounds)
	if err != nil {
		return err
	}
	bombing, cease := context.WithCancel(ctx)
	defer cease()
	var work sync.WaitGroup
	var gone atomic.Int64
	for n := range bombs {
		work.Go(func() {
			s, err := open(fmt.Sprintf("bomb %d", n))
			if err != nil {
				return
			}
			defer func() { _ = s.Close() }() // the runner ends what is left
			for turn := n; bombing.Err() == nil; turn++ {
				if _, err := s.Check(bombing, suite(explosions()[turn%len(explosions())]), nil); err == nil {
					gone.Add(1)
				}
			}
		})
	}
	beside, err := measure(ctx, victim, rounds)
	cease()
	work.Wait()
	if err != nil {
		return err
	}
	fmt.Printf("%d checks of one learner; %d learners with bombs, %d of which went off\n\n%s", rounds, bombs, gone.Load(), table(alone, beside))
	return nil
}

// sample is one check of the victim.
type sample struct{ check, queued time.Duration }

func measure(ctx context.Context, s harness.Session, rounds int) ([]sample, error) {
	var samples []sample
	for round := range rounds {
		// Every check has other files, as after an edit.
		if err := s.Put(ctx, lesson.Files{"answer": lesson.NewFile(fmt.Append(nil, round))}); err != nil {
			return nil, err
		}
		began := time.Now()
		report, err := s.Check(ctx, suite(fmt.Sprintf(`[ "$(cat answer)" = %d ]`, round)), nil)
		took := time.Since(began)
		if err != nil {
			return nil, err
		}
		if report.Verdict != harness.Passed {
			return nil, fault.New(fault.Internal, fmt.Sprintf("Round %d is %s and not passed.", round, report.Verdict), report.Message)
		}
		queued := time.Duration(report.Phases.QueuedMS * float64(time.Millisecond))
		samples = append(samples, sample{took - queued, queued})
	}
	return samples, nil
}

func table(alone, beside []sample) string {
	check := func(s sample) time.Duration { return s.check }
	queued := func(s sample) time.Duration { return s.queued }
	var out strings.Builder
	out.WriteString("| | alone ms | beside bombs ms | times |\n|---|---:|---:|---:|\n")
	for _, row := range []struct {
		name string
		of   func(sample) time.Duration
		q    float64
	}{{"check, p50", check, 0.5}, {"check, p99", check, 0.99}, {"waiting for a CPU, p50", queued, 0.5}, {"waiting for a CPU, p99", queued, 0.99}} {
		a, b := quantile(alone, row.of, row.q), quantile(beside, row.of, row.q)
		fmt.Fprintf(&out, "| %s | %.2f | %.2f | %s |\n", row.name, ms(a), ms(b), times(a, b))
	}
	return out.String()
}

func times(a, b time.Duration) string {
	if a < 100*time.Microsecond {
		return "" // a ratio of next to nothing
	}
	return fmt.Sprintf("%.2f", float64(b)/float64(a))
}

func quantile(samples []sample, of func(sample) time.Duration, q float64) time.Duration {
	var all []time.Duration
	for _, s := range samples {
		all = append(all, of(s))
	}
	if len(all) == 0 {
		return 0
	}
	slices.Sort(all)
	return all[min(int(q*float64(len(all))), len(all)-1)]
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
