package main

import (
	"fmt"
	"strings"

	"github.com/carrel-dev/carrel/bench/parity/trial"
	"github.com/carrel-dev/carrel/harness"
)

// row is one solution of one exercise, checked twice.
type row struct {
	exercise string
	solution trial.Solution
	pair     trial.Pair
	err      error // why there is nothing to compare
}

// state is what came of a comparison.
type state string

const (
	equal     state = "equal"
	different state = "DIFFERENT"
	notRun    state = "NOT RUN"
)

func (r row) state() state {
	switch {
	case r.err != nil:
		return notRun
	case r.pair.Diff() != "":
		return different
	}
	return equal
}

// verdict returns the verdict, or both when they differ.
func (r row) verdict() string {
	docker, cloud := r.pair.Docker.Verdict, r.pair.Cloud.Verdict
	switch {
	case r.err != nil:
		return "none"
	case docker != cloud:
		return fmt.Sprintf("%s here, %s in the cloud", docker, cloud)
	}
	return string(docker)
}

// surprising tells whether the verdict is not what the course promises of the solution.
func (r row) surprising() bool {
	return r.err == nil && (r.pair.Docker.Verdict == harness.Passed) != r.solution.Right
}

// table returns the rows as Markdown, the totals, and every difference in full.
func table(rows []row) string {
	var b, differences strings.Builder
	states := map[state]int{}
	verdicts := map[harness.Verdict]int{}
	var exercises, surprises, tests int
	last := ""
	b.WriteString("| exercise | solution | verdict | reports |\n|---|---|---|---|\n")
	for _, r := range rows {
		states[r.state()]++
		if r.exercise != last {
			exercises, last = exercises+1, r.exercise
		}
		if r.surprising() {
			surprises++
		}
		if r.err == nil {
			verdicts[r.pair.Docker.Verdict]++
			tests += len(r.pair.Docker.Tests)
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", r.exercise, r.solution.Name, r.verdict(), r.state())
		switch r.state() {
		case different:
			fmt.Fprintf(&differences, "\n%s, %s (-docker +cloud):\n%s", r.exercise, r.solution.Name, r.pair.Diff())
		case notRun:
			fmt.Fprintf(&differences, "\n%s, %s: %v\n", r.exercise, r.solution.Name, r.err)
		case equal:
		}
	}
	fmt.Fprintf(&b, "\n%d exercises, %d solutions, %d test results: %d pairs of reports equal, %d different, %d not run.\n",
		exercises, len(rows), tests, states[equal], states[different], states[notRun])
	b.WriteString("Verdicts on Docker:")
	separator := " "
	for _, v := range harness.Verdicts() {
		if verdicts[v] > 0 {
			fmt.Fprintf(&b, "%s%d %s", separator, verdicts[v], v)
			separator = ", "
		}
	}
	fmt.Fprintf(&b, "; %d are not what the course promises of the solution.\n", surprises)
	b.WriteString(differences.String())
	return b.String()
}
