package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/spf13/cobra"

	"github.com/carrel-dev/carrel/build/images"
	"github.com/carrel-dev/carrel/courses"
	"github.com/carrel-dev/carrel/fault"
	"github.com/carrel-dev/carrel/harness/docker"
	"github.com/carrel-dev/carrel/lesson"
)

func imagesCommand() *cobra.Command {
	var onlyAsk, forCourses bool
	command := &cobra.Command{
		Use:   "images [environment...]",
		Short: "Bake the environments that lessons run in, as far as they are missing",
		Long: `Builds the images of the environments that ship with Carrel on this computer's Docker: all of them, those
named, or with --courses those that the shipped courses need. Their names are made from their recipes, so what
is there already is kept. The first time takes a few minutes and a network.`,
		ValidArgs: images.Names(),
		RunE: func(c *cobra.Command, names []string) (err error) {
			if forCourses {
				if names, err = neededByCourses(names); err != nil {
					return err
				}
			} else if len(names) == 0 {
				names = images.Names()
			}
			runner := docker.New(docker.Options{})
			defer func() { err = errors.Join(err, runner.Close()) }()
			if _, err := runner.Facts(c.Context()); err != nil {
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
	command.Flags().BoolVar(&forCourses, "courses", false, "only what the courses that come with Carrel need")
	return command
}

// neededByCourses returns the environments of the shipped courses' exercises, services included.
func neededByCourses(also []string) ([]string, error) {
	names := also
	for _, id := range courses.IDs() {
		fsys, err := courses.Course(id)
		if err != nil {
			return nil, err
		}
		course, err := lesson.Load(fsys)
		if err != nil {
			return nil, err
		}
		for _, l := range course.Lessons {
			if l.Exercise == nil {
				continue
			}
			for _, env := range l.Exercise.Environments() {
				if !slices.Contains(names, env.Name) {
					names = append(names, env.Name)
				}
			}
		}
	}
	return names, nil
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
