package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/spf13/cobra"

	"github.com/carrel-dev/carrel/harness/docker"
	"github.com/carrel-dev/carrel/lesson"
	"github.com/carrel-dev/carrel/lesson/gate"
)

// courseCommand groups what authors do with a course folder.
func courseCommand() *cobra.Command {
	command := &cobra.Command{Use: "course", Short: "Work on a course folder"}
	command.AddCommand(courseCheckCommand(), coursePublishCommand())
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
		RunE: func(c *cobra.Command, args []string) (err error) {
			dir, err := existingFolder(args[0])
			if err != nil {
				return err
			}
			source := os.DirFS(dir)
			runner := docker.New(docker.Options{Parallel: jobs})
			defer func() { err = errors.Join(err, runner.Close()) }()
			if _, err := runner.Probe(c.Context()); err != nil {
				return err
			}
			bar := newProgress(c.ErrOrStderr(), "Checking")
			report, err := gate.RunFolder(c.Context(), source, runner, gate.Options{
				Jobs:     jobs,
				Only:     only,
				Progress: lessonsDone(bar, source),
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

// lessonsDone turns proofs into a count of the lessons that are being or have been proven.
func lessonsDone(bar *progress, source fs.FS) func(gate.Result) {
	total := 0
	if course, _, err := lesson.LoadLenient(source); err == nil && course != nil {
		for _, l := range course.Lessons {
			if l.Exercise != nil {
				total++
			}
		}
	}
	seen := map[string]bool{}
	return func(r gate.Result) {
		seen[r.Lesson] = true
		bar.To(len(seen), max(total, len(seen)), r.Lesson)
	}
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
