package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/carrel-dev/carrel/harness/docker"
	"github.com/carrel-dev/carrel/lesson"
	"github.com/carrel-dev/carrel/lesson/gate"
)

// courseCommand groups what authors do with a course folder.
func courseCommand() *cobra.Command {
	command := &cobra.Command{Use: "course", Short: "Work on a course folder"}
	command.AddCommand(courseCheckCommand(), courseSchemaCommand(), coursePublishCommand())
	return command
}

func courseCheckCommand() *cobra.Command {
	var asJSON bool
	var jobs int
	var only []string
	command := &cobra.Command{
		Use:   "check DIR",
		Short: "Prove a course: references pass, starters fail, wrong solutions are caught",
		Args:  exactly("DIR"),
		RunE: func(c *cobra.Command, args []string) error {
			dir, err := existingFolder(args[0])
			if err != nil {
				return err
			}
			course, err := lesson.Load(os.DirFS(dir))
			if err != nil {
				return err
			}
			runner := docker.New(docker.Options{Parallel: jobs})
			defer runner.Close()
			if _, err := runner.Probe(c.Context()); err != nil {
				return err
			}
			bar := newProgress(c.ErrOrStderr(), "Checking")
			done := 0
			report, err := gate.Run(c.Context(), course, runner, gate.Options{
				Jobs: jobs,
				Only: only,
				Progress: func(r gate.Result) {
					done++
					bar.To(done, r.Total, r.Slug)
				},
			})
			bar.Close()
			if err != nil {
				return err
			}
			if err := printCourseReport(c.OutOrStdout(), report, asJSON); err != nil {
				return err
			}
			if !report.Passed {
				return errNotPassed
			}
			return nil
		},
	}
	command.Flags().BoolVar(&asJSON, "json", false, "print the report as JSON")
	command.Flags().IntVar(&jobs, "jobs", 1, "how many lessons to check at once")
	command.Flags().StringSliceVar(&only, "only", nil, "only these lessons, separated by commas")
	return command
}

// printCourseReport writes the report for a program or for a person.
func printCourseReport(w io.Writer, report gate.Report, asJSON bool) error {
	if asJSON {
		encoder := json.NewEncoder(w)
		encoder.SetIndent("", "  ")
		return encoder.Encode(report)
	}
	_, err := fmt.Fprint(w, report.String())
	return err
}
