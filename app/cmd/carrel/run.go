package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/spf13/cobra"

	"github.com/carrel-dev/carrel/app"
	"github.com/carrel-dev/carrel/fault"
	"github.com/carrel-dev/carrel/harness"
)

func runCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "run [DIR | COURSE/LESSON] [-- COMMAND...]",
		Short: "Run your program, or a command, in an exercise's environment",
		Long: `Runs the exercise's program on your files, where checks run too: with its services, without the internet.
A COMMAND after -- is run instead. DIR is the folder with your work (default: this folder).

Exit code: that of the program; 2 bad usage or input, 3 machinery failed.`,
		Example: "  carrel run\n  carrel run database/first-questions -- psql -c 'SELECT 1'",
		Args:    exerciseArgs,
		RunE: func(c *cobra.Command, args []string) error {
			name, command := exerciseName(c, args)
			return withEnvironment(c.Context(), name, func(ctx context.Context, e *app.Environment) error {
				program, err := programOf(e, command)
				if err != nil {
					return err
				}
				return runProgram(ctx, c, e, program)
			})
		},
	}
}

// exerciseArgs accepts the name of an exercise, and a command after "--".
func exerciseArgs(c *cobra.Command, args []string) error {
	if dash := c.ArgsLenAtDash(); dash >= 0 {
		args = args[:dash]
	}
	return noMoreThan(1)(c, args)
}

// exerciseName splits the arguments; without a name this folder is meant.
func exerciseName(c *cobra.Command, args []string) (name string, command []string) {
	if dash := c.ArgsLenAtDash(); dash >= 0 {
		args, command = args[:dash], args[dash:]
	}
	if len(args) == 0 {
		return ".", command
	}
	return args[0], command
}

// withEnvironment opens the environment of an exercise and keeps the learner's files in it up to date for
// as long as fn runs.
func withEnvironment(ctx context.Context, name string, fn func(context.Context, *app.Environment) error) error {
	return withApp(ctx, func(a *app.App) (err error) {
		e, err := a.OpenEnvironment(ctx, name)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, e.Close()) }()
		ctx, cancel := context.WithCancel(ctx)
		var following sync.WaitGroup
		following.Go(func() { e.Follow(ctx) })
		defer following.Wait()
		defer cancel()
		return fn(ctx, e)
	})
}

// programOf returns what to run: the command, or the exercise's program when it is empty.
func programOf(e *app.Environment, command []string) (harness.Command, error) {
	program := harness.ProgramFor(e.Exercise)
	if len(command) > 0 {
		program.Argv = command
	}
	if len(program.Argv) == 0 {
		return program, fault.New(fault.Invalid, "This exercise has no program to run.", "Name a command after --, or use carrel check.")
	}
	return program, nil
}

// runProgram runs a program to its end and prints what it prints.
func runProgram(ctx context.Context, c *cobra.Command, e *app.Environment, program harness.Command) error {
	to := [3]io.Writer{1: c.OutOrStdout(), 2: c.ErrOrStderr()}
	program.Output = func(stream int, text string) { _, _ = io.WriteString(to[stream], text) } // a closed pipe is its reader's choice
	exit, err := e.Run(ctx, program)
	switch {
	case err != nil:
		return err
	case exit.LimitHit != "":
		fmt.Fprintf(c.ErrOrStderr(), "carrel: the program was stopped at its limit: %s\n", limitName(exit.LimitHit))
		return errNotPassed
	case exit.Code < 0:
		fmt.Fprintln(c.ErrOrStderr(), "carrel: the program was killed")
		return errNotPassed
	case exit.Code != 0:
		return programEnded(exit.Code)
	}
	return nil
}

// limitName is a limit in words.
func limitName(limit string) string {
	names := map[string]string{
		harness.LimitWall: "time", harness.LimitCPU: "CPU time", harness.LimitMemory: "memory", harness.LimitProcesses: "number of processes",
		harness.LimitOutput: "output", harness.LimitDisk: "disk",
	}
	if name, ok := names[limit]; ok {
		return name
	}
	return limit
}
