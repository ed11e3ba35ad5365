package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/carrel-dev/carrel/build/images"
	"github.com/carrel-dev/carrel/fault"
	"github.com/carrel-dev/carrel/harness/docker"
	"github.com/carrel-dev/carrel/lesson"
)

func imagesCommand() *cobra.Command {
	var onlyAsk bool
	command := &cobra.Command{
		Use:   "images",
		Short: "Bake the environments that lessons run in, as far as they are missing",
		Long: `Builds the images of the environments that ship with Carrel on this computer's Docker. Their names are made
from their recipes, so what is there already is kept. The first time takes a few minutes and a network.`,
		Args: noMoreThan(0),
		RunE: func(c *cobra.Command, _ []string) (err error) {
			runner := docker.New(docker.Options{})
			defer func() { err = errors.Join(err, runner.Close()) }()
			if _, err := runner.Probe(c.Context()); err != nil {
				return err
			}
			var missing []string
			for _, name := range images.Names() {
				if runner.Missing(c.Context(), lesson.Environment{Name: name}) {
					missing = append(missing, name)
				}
			}
			if onlyAsk && len(missing) > 0 {
				return fault.New(fault.NotFound, "These environments are missing: "+strings.Join(missing, ", ")+".", "Run: carrel images")
			}
			bar := newProgress(c.ErrOrStderr(), "Baking")
			defer bar.Close()
			baker := docker.NewBaker(runner, func(environment, line string) {
				bar.To(max(0, slices.Index(missing, environment)), len(missing), environment+": "+line)
			})
			for _, name := range missing {
				if err := baker.Bake(c.Context(), name); err != nil {
					return err
				}
				recipe, _ := images.Lookup(name)
				bar.Note(fmt.Sprintf("%s is ready.", recipe.Ref()))
			}
			return nil
		},
	}
	command.Flags().BoolVar(&onlyAsk, "missing", false, "only say what is missing; exit 2 when something is")
	return command
}
