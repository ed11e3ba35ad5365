//go:build linux

// Carrel-agent is process 1 of every container in which learners' code runs. It is started by
// harness/docker and talks to nothing but its standard input and output.
package main

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"runtime/debug"

	"github.com/carrel-dev/carrel/harness/agent"
	"github.com/carrel-dev/carrel/harness/agent/cases"
)

func main() {
	if filepath.Base(os.Args[0]) == agent.LearnerProgram {
		os.Exit(agent.Learner(os.Args[1:], os.Stderr))
	}
	if len(os.Args) > 1 {
		switch os.Args[1] {
		case agent.EnterArgument:
			os.Exit(agent.Enter())
		case agent.ForkArgument:
			os.Exit(agent.Fork())
		case agent.ProbeArgument:
			os.Exit(agent.Probe(os.Args[2:], os.Stdout))
		case cases.Argument:
			os.Exit(cases.Main(context.Background()))
		}
	}
	// The agent's memory counts against the learner's limit.
	debug.SetGCPercent(50)
	program, err := os.Executable()
	if err != nil {
		program = os.Args[0]
	}
	a, err := agent.New(program, os.Stdout)
	if err == nil {
		err = a.Serve(os.Stdin)
	}
	if err != nil {
		slog.Error("agent ended", "error", err)
		os.Exit(1)
	}
}
