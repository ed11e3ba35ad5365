package main

import (
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"github.com/spf13/cobra"

	"github.com/carrel-dev/carrel/build/images"
	"github.com/carrel-dev/carrel/fault"
	"github.com/carrel-dev/carrel/harness/docker"
	"github.com/carrel-dev/carrel/lesson"
)

func imagesCommand() *cobra.Command {
	var onlyAsk bool
	command := &cobra.Command{
		Use:   "images [environment...]",
		Short: "Bake the environments that lessons run in, as far as they are missing",
		Long: `Builds the images of the environments that ship with Carrel on this computer's Docker: all of them, or those
named. Their names are made from their recipes, so what is there already is kept. The first time takes a few
minutes and a network.`,
		ValidArgs: images.Names(),
		RunE: func(c *cobra.Command, names []string) (err error) {
			if len(names) == 0 {
				names = images.Names()
			}
			runner := docker.New(docker.Options{})
			defer func() { err = errors.Join(err, runner.Close()) }()
			if _, err := runner.Probe(c.Context()); err != nil {
				return err
			}
			var missing []string
			for _, name := range names {
				if runner.Missing(c.Context(), lesson.Environment{Name: name}) {
					missing = append(missing, name)
				}
			}
			if onlyAsk {
				if len(missing) > 0 {
					return fault.New(fault.NotFound, "These environments are missing: "+strings.Join(missing, ", ")+".", "Run: carrel images "+strings.Join(missing, " "))
				}
				return nil
			}
			return bake(c, runner, names, len(missing))
		},
	}
	command.Flags().BoolVar(&onlyAsk, "missing", false, "only say what is missing; exit 2 when something is")
	return command
}

// bake makes the environments and lists them with their sizes.
func bake(c *cobra.Command, runner *docker.Runner, names []string, missing int) error {
	bar := newProgress(c.ErrOrStderr(), "Baking")
	defer bar.Close()
	var made atomic.Int64
	baker := docker.NewBaker(runner, func(environment, line string) {
		bar.To(int(made.Load()), missing, environment+": "+line)
	})
	began := time.Now()
	err := baker.BakeAll(c.Context(), names, func(b docker.Baked) {
		line := fmt.Sprintf("  %-28s %5d MB", b.Ref, b.Bytes/1_000_000)
		if b.Took > 0 {
			made.Add(1)
			line += fmt.Sprintf("  made in %d s", int(b.Took.Seconds()))
		}
		bar.Note(line)
	})
	if n := made.Load(); n > 0 && err == nil {
		bar.Note(fmt.Sprintf("%d environments are ready after %d s.", n, int(time.Since(began).Seconds())))
	}
	return err
}
