package agent_test

import (
	"testing"
	"time"

	harnessv1 "github.com/carrel-dev/carrel/proto/gen/carrel/harness/v1"
)

// BenchmarkRun is a check from the command to its exit: over the pipe, without an engine. In a loop as
// tight as this the emptying after one check is part of the next.
func BenchmarkRun(b *testing.B) {
	r := start(b)
	r.put(b, false, "a.py", "def f(): return 1\n")
	r.put(b, true, "test_a.py", "import a\n")
	r.do(b, &harnessv1.Command{Verb: &harnessv1.Command_Preload{Preload: &harnessv1.Preload{Argv: []string{bin + "/zygote"}}}})
	for _, bb := range []struct {
		name string
		run  *harnessv1.Run
	}{
		{"ping", nil},
		{"true", &harnessv1.Run{Argv: []string{"true"}, Check: true}},
		{"program", &harnessv1.Run{Argv: []string{"true"}}},
		{"split", &harnessv1.Run{Argv: []string{"learner", "true"}, Check: true, Integrity: harnessv1.Integrity_INTEGRITY_SPLIT}},
	} {
		b.Run(bb.name, func(b *testing.B) {
			best := time.Hour // on a busy computer the only number that tells
			for b.Loop() {
				before := time.Now()
				if bb.run == nil {
					r.do(b, &harnessv1.Command{Verb: &harnessv1.Command_Ping{Ping: &harnessv1.Ping{}}})
				} else {
					r.passes(b, bb.run)
				}
				best = min(best, time.Since(before))
			}
			b.ReportMetric(float64(best.Microseconds()), "best-us")
		})
	}
}
