package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os/exec"
	"runtime"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/carrel-dev/carrel/app"
	"github.com/carrel-dev/carrel/app/preview"
	"github.com/carrel-dev/carrel/fault"
)

func previewCommand() *cobra.Command {
	var port, to uint16
	var open bool
	command := &cobra.Command{
		Use:   "preview [DIR | COURSE/LESSON] [-- COMMAND...]",
		Short: "Run your web program and look at it in a browser",
		Long: `Starts the exercise's program, or the COMMAND after --, and makes the port it listens on reachable on
127.0.0.1 of this computer, and nowhere else. Ctrl+C ends both. To start the program yourself in a shell, use
carrel terminal --port.

Exit code: that of the program, 0 after Ctrl+C; 2 bad usage or input, 3 machinery failed.`,
		Example: "  carrel preview\n  carrel preview web-server/first-answer --port 8080 --open",
		Args:    exerciseArgs,
		RunE: func(c *cobra.Command, args []string) error {
			name, command := exerciseName(c, args)
			err := withEnvironment(c.Context(), name, func(ctx context.Context, e *app.Environment) error {
				program, err := programOf(e, command)
				if err != nil {
					return err
				}
				if to == 0 {
					to = e.Exercise.Preview
				}
				if to == 0 {
					return fault.New(fault.Invalid, "This exercise does not say on which port its program listens.", "Name it with --to, such as --to 8000.")
				}
				tell := func(ctx context.Context, url string) error { return announce(ctx, c, e, to, url, open) }
				return serveWhile(ctx, e, port, to, tell, func(ctx context.Context) error { return runProgram(ctx, c, e, program) })
			})
			if errors.Is(err, context.Canceled) {
				return nil // Ctrl+C is how a server ends
			}
			return err
		},
	}
	command.Flags().Uint16Var(&port, "port", 0, "port on 127.0.0.1 (default: a free one)")
	command.Flags().Uint16Var(&to, "to", 0, "port the program listens on (default: the exercise's)")
	command.Flags().BoolVar(&open, "open", false, "open it in your browser")
	return command
}

// announce waits until the program answers and says where.
func announce(ctx context.Context, c *cobra.Command, e *app.Environment, to uint16, url string, open bool) error {
	err := preview.Await(ctx, e, to, func() {
		fmt.Fprintf(c.ErrOrStderr(), "Waiting for your program to listen on port %d.\n", to)
	})
	if err != nil {
		return err
	}
	fmt.Fprintf(c.OutOrStdout(), "Your program answers at %s\n", url)
	if open {
		return openBrowser(ctx, url)
	}
	return nil
}

// serveWhile makes a port of the environment reachable here for as long as work runs. tell is told the
// address, beside work and no longer than it; what it returns is told when work has nothing to say.
func serveWhile(ctx context.Context, e *app.Environment, port, to uint16, tell func(ctx context.Context, url string) error, work func(context.Context) error) error {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(int(port))))
	if err != nil {
		return fault.Wrap(err, fault.Unavailable, fmt.Sprintf("Port %d of this computer is in use.", port), "Choose another one with --port, or leave it out.")
	}
	ctx, cancel := context.WithCancel(ctx)
	served, told := make(chan error, 1), make(chan error, 1)
	go func() { served <- preview.Serve(ctx, listener, e, to) }()
	go func() { told <- tell(ctx, "http://"+listener.Addr().String()) }()
	err = work(ctx)
	cancel()
	for _, also := range []error{<-served, <-told} {
		if err == nil && !errors.Is(also, context.Canceled) {
			err = also
		}
	}
	return err
}

// openBrowser shows an address of ours in the person's browser.
func openBrowser(ctx context.Context, url string) error {
	argv := []string{"xdg-open", url}
	switch runtime.GOOS {
	case "darwin":
		argv = []string{"open", url}
	case "windows":
		argv = []string{"rundll32", "url.dll,FileProtocolHandler", url}
	}
	if err := exec.CommandContext(context.WithoutCancel(ctx), argv[0], argv[1:]...).Run(); err != nil {
		return fault.Wrap(err, fault.Unavailable, "No browser could be opened.", "Open "+url+" yourself.")
	}
	return nil
}
