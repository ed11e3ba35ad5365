package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/carrel-dev/carrel/app"
	"github.com/carrel-dev/carrel/app/checks"
	"github.com/carrel-dev/carrel/app/workspace"
	"github.com/carrel-dev/carrel/fault"
	"github.com/carrel-dev/carrel/harness"
	"github.com/carrel-dev/carrel/harness/docker"
)

// checkFlags are the flags of carrel check.
type checkFlags struct {
	json      bool
	reference bool
	starter   bool
	runner    string
}

func checkCommand() *cobra.Command {
	var flags checkFlags
	command := &cobra.Command{
		Use:   "check [DIR]",
		Short: "Check the work in a folder",
		Long: `Runs the exercise's tests on the files in DIR (default: this folder) and records the attempt. With
--reference or --starter the course's own files are checked instead and nothing is recorded.

Exit codes: 0 passed, 1 any other verdict about the code, 2 bad usage or input, 3 machinery failed.`,
		Args: noMoreThan(1),
		RunE: func(c *cobra.Command, args []string) error {
			dir := "."
			if len(args) == 1 {
				dir = args[0]
			}
			absolute, err := existingFolder(dir)
			if err != nil {
				return err
			}
			return withApp(c.Context(), func(a *app.App) error { return check(c, a, absolute, flags) })
		},
	}
	command.Flags().BoolVar(&flags.json, "json", false, "print the report as JSON; its schema: carrel schema report")
	command.Flags().BoolVar(&flags.reference, "reference", false, "check the course's reference solution")
	command.Flags().BoolVar(&flags.starter, "starter", false, "check the untouched starter")
	command.Flags().StringVar(&flags.runner, "runner", "auto", `where to run: "auto", "docker" or "cloud"`)
	command.MarkFlagsMutuallyExclusive("reference", "starter")
	return command
}

// check checks one workspace, prints the report and says by its error what did not pass.
func check(c *cobra.Command, a *app.App, dir string, flags checkFlags) error {
	on, err := runnerKind(flags.runner)
	if err != nil {
		return err
	}
	w, err := a.OpenFolder(dir)
	if err != nil {
		return err
	}
	defer func() { _ = w.Close() }() // read-only from here on
	var report harness.Report
	if flags.reference || flags.starter {
		report, err = checkCourseFiles(c.Context(), w.Place(), flags.reference)
	} else {
		report, err = a.CheckFolder(c.Context(), w, on, func(harness.Event) {})
	}
	if err != nil {
		return err
	}
	return printReport(c, w.Place(), report, flags.json)
}

func runnerKind(name string) (checks.Kind, error) {
	switch name {
	case "auto":
		return checks.KindAuto, nil
	case "docker":
		return checks.KindDocker, nil
	case "cloud":
		return checks.KindCloud, nil
	}
	return "", usageError{fmt.Errorf("there is no runner %q; there are auto, docker and cloud", name)}
}

// checkCourseFiles checks the reference or the starter on this computer.
func checkCourseFiles(ctx context.Context, place workspace.Place, reference bool) (report harness.Report, err error) {
	exercise := place.Lesson.Exercise
	files := exercise.Starter
	if reference {
		files = files.Overlay(exercise.Solution)
	}
	runner := docker.New(docker.Options{})
	defer func() { err = errors.Join(err, runner.Close()) }()
	session, err := runner.Open(ctx, harness.SpecFor(exercise, "course"))
	if err != nil {
		return report, err
	}
	defer func() { err = errors.Join(err, session.Close()) }()
	if err := session.Put(ctx, harness.SnapshotFor(exercise, files)); err != nil {
		return report, err
	}
	return session.Check(ctx, harness.SuiteFor(exercise), func(harness.Event) {})
}

// printReport prints the report and returns what the exit code is made of.
func printReport(c *cobra.Command, place workspace.Place, report harness.Report, asJSON bool) error {
	if asJSON {
		encoder := json.NewEncoder(c.OutOrStdout())
		encoder.SetIndent("", "  ")
		if err := encoder.Encode(report); err != nil {
			return err
		}
	} else {
		writeReport(c.OutOrStdout(), place.Lesson, report)
	}
	switch report.Verdict {
	case harness.Passed:
		return nil
	case harness.Infrastructure:
		return fault.New(fault.Unavailable, "The check could not be run.", report.Message)
	default:
		return errNotPassed
	}
}
