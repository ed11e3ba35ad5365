package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/carrel-dev/carrel/fault"
	"github.com/carrel-dev/carrel/lesson/importer/exercism"
)

// importCommand turns foreign courses into Carrel's.
func importCommand() *cobra.Command {
	command := &cobra.Command{
		Use:   "import FORMAT SRC --out DIR",
		Short: "Import a course written for another system",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usageError{fmt.Errorf("%q is no format Carrel can import. Formats: exercism", args[0])}
			}
			return nil
		},
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	command.AddCommand(importExercismCommand())
	return command
}

func importExercismCommand() *cobra.Command {
	var out string
	var only []string
	command := &cobra.Command{
		Use:     "exercism SRC --out DIR",
		Short:   "Import an Exercism track (python or bash) from a checkout of its repository",
		Example: "  carrel import exercism ~/exercism/python --out python\n  carrel course check python --jobs 2",
		Args:    exactly("SRC"),
		RunE: func(c *cobra.Command, args []string) error {
			if out == "" {
				return usageError{fmt.Errorf("--out is missing. It names the folder for the course")}
			}
			source, err := existingFolder(args[0])
			if err != nil {
				return err
			}
			bar := newProgress(c.ErrOrStderr(), "Importing")
			report, err := exercism.Import(c.Context(), os.DirFS(source), out, exercism.Options{
				Only:     only,
				Progress: func(done, total int, slug string) { bar.To(done, total, slug) },
			})
			bar.Close()
			if err != nil {
				return err
			}
			fmt.Fprint(c.OutOrStdout(), report.String())
			fmt.Fprintf(c.OutOrStdout(), "\nNext: carrel course check %s --jobs 2\n", out)
			return nil
		},
	}
	command.Flags().StringVar(&out, "out", "", "folder for the course; an import that is there is renewed")
	command.Flags().StringSliceVar(&only, "only", nil, "only these exercises, separated by commas")
	return command
}

// existingFolder returns the absolute path of a folder that is there.
func existingFolder(path string) (string, error) {
	absolute, err := filepath.Abs(path)
	if err != nil {
		return "", fmt.Errorf("finding folder: %w", err)
	}
	info, err := os.Stat(absolute)
	if err != nil {
		return "", fault.Wrap(err, fault.NotFound, "There is no folder "+path+".", "Check the path.")
	}
	if !info.IsDir() {
		return "", fault.New(fault.Invalid, path+" is a file, not a folder.", "Give the folder that holds it.")
	}
	return absolute, nil
}
