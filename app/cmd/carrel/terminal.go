package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/carrel-dev/carrel/app"
	"github.com/carrel-dev/carrel/fault"
	"github.com/carrel-dev/carrel/harness"
)

func terminalCommand() *cobra.Command {
	var port, to uint16
	command := &cobra.Command{
		Use:   "terminal [DIR | COURSE/LESSON]",
		Short: "Open a shell in an exercise's environment",
		Long: `Opens a shell where the exercise's checks run, with your files and the exercise's services. What you save in
the folder with your work appears there at once. With --port, a program that you start in the shell can be
opened in a browser meanwhile.

Exit code: that of the shell; 2 bad usage or input, 3 machinery failed.`,
		Example: "  carrel terminal\n  carrel terminal web-server/first-answer --port 8000",
		Args:    noMoreThan(1),
		RunE: func(c *cobra.Command, args []string) error {
			keys, ok := c.InOrStdin().(*os.File)
			if !ok || !term.IsTerminal(int(keys.Fd())) {
				return usageError{errors.New("there is no terminal to type in. For a single command use: carrel run -- COMMAND")}
			}
			name, _ := exerciseName(c, args)
			return withEnvironment(c.Context(), name, func(ctx context.Context, e *app.Environment) error {
				shell := func(ctx context.Context) error { return interact(ctx, e, keys, c.OutOrStdout()) }
				if !c.Flags().Changed("port") {
					return shell(ctx)
				}
				if to = cmp.Or(to, e.Exercise.Preview, port); to == 0 {
					return usageError{errors.New("this exercise does not say on which port its program listens. Name it with --to, such as --to 8000")}
				}
				return serveWhile(ctx, e, port, to, func(_ context.Context, url string) error {
					fmt.Fprintf(c.ErrOrStderr(), "What listens on port %d here is at %s until this shell ends.\r\n", to, url)
					return nil
				}, shell)
			})
		},
	}
	command.Flags().Uint16Var(&port, "port", 0, "make your program reachable on this port of 127.0.0.1 (0: a free one)")
	command.Flags().Uint16Var(&to, "to", 0, "port your program listens on (default: the exercise's)")
	return command
}

// interact joins this terminal with a shell in the environment until the shell ends.
func interact(ctx context.Context, e *app.Environment, keys *os.File, screen io.Writer) error {
	fd := int(keys.Fd())
	shell, err := e.Terminal(ctx, sizeOf(fd))
	if err != nil {
		return err
	}
	defer func() { _ = shell.Close() }() // it has ended, or is given up
	before, err := term.MakeRaw(fd)
	if err != nil {
		return fault.Wrap(err, fault.Unavailable, "This terminal cannot be used for a shell.", "Use another terminal program.")
	}
	defer func() { _ = term.Restore(fd, before) }() // nothing else can be done about it

	ctx, cancel := context.WithCancel(ctx)
	var sizes sync.WaitGroup
	sizes.Go(func() { eachResize(ctx, func() { _ = shell.Resize(sizeOf(fd)) }) }) // a shell that has ended needs no size
	defer sizes.Wait()
	defer cancel()
	defer context.AfterFunc(ctx, func() { _ = shell.Close() })()
	// Not waited for: a read of the keyboard ends with the next key, and the program ends before.
	go func() { _, _ = io.Copy(shell, keys) }()
	if _, err := io.Copy(screen, shell); err != nil {
		return fault.Wrap(err, fault.Unavailable, "The connection to the shell was lost.", "Open a new terminal.")
	}
	if ended, ok := shell.(interface{ ExitCode() int }); ok {
		if code := ended.ExitCode(); code > 0 {
			return programEnded(code)
		}
	}
	return nil
}

func sizeOf(fd int) harness.Size {
	columns, rows, err := term.GetSize(fd)
	if err != nil || columns <= 0 || rows <= 0 {
		return harness.Size{Rows: 24, Columns: 80}
	}
	return harness.Size{Rows: uint16(min(rows, 1000)), Columns: uint16(min(columns, 1000))}
}
