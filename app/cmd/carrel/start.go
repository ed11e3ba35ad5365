package main

import (
	"errors"
	"fmt"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/carrel-dev/carrel/app"
	"github.com/carrel-dev/carrel/app/workspace"
)

func startCommand() *cobra.Command {
	var into string
	command := &cobra.Command{
		Use:   "start COURSE/LESSON --into DIR",
		Short: "Lay out the files of an exercise in a folder",
		Long: `Lays out the files of an exercise. COURSE is a course folder on this computer or the id of a course in your
library. Files that are there already are never overwritten.`,
		Example: "  carrel start first-steps/pipes --into pipes\n  carrel check pipes",
		Args:    exactly("COURSE/LESSON"),
		RunE: func(c *cobra.Command, args []string) error {
			if into == "" {
				return usageError{errors.New("--into is missing. It names the folder for your work")}
			}
			dir, err := filepath.Abs(into)
			if err != nil {
				return err
			}
			return withApp(c.Context(), func(a *app.App) error {
				place, err := a.FindPlace(args[0])
				if err != nil {
					return err
				}
				w, err := workspace.Create(dir, place, nil)
				if err != nil {
					return err
				}
				out := c.OutOrStdout()
				fmt.Fprintf(out, "%s\n\n", place.Lesson.Title.In(locale()))
				for _, pattern := range place.Lesson.Exercise.Learner {
					fmt.Fprintf(out, "  you change  %s\n", filepath.Join(into, filepath.FromSlash(pattern)))
				}
				fmt.Fprintf(out, "\nNext: carrel check %s\n", into)
				return w.Close()
			})
		},
	}
	command.Flags().StringVar(&into, "into", "", "folder for your work")
	return command
}
