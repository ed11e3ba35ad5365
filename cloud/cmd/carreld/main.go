// Command carreld is the cloud of Carrel: accounts, courses, journals and checks, in one program that
// runs as a node of a large installation or, with --embedded, alone on a computer with nothing set up.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/carrel-dev/carrel/fault"
)

// Exit codes.
const (
	exitFailed = 1
	exitUsage  = 2
)

func main() {
	// After the first signal the default returns: the second one ends the program at once.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// run executes a command line and returns the exit code.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	root := &cobra.Command{
		Use:           "carreld",
		Short:         "The cloud of Carrel",
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.SetArgs(args)
	root.SetOut(stdout)
	root.SetErr(stderr)
	root.CompletionOptions.DisableDefaultCmd = true
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usageError{err.Error() + "."} })
	root.AddCommand(serveCommand(), accountCommand(), databaseCommand(), versionCommand())
	err := root.ExecuteContext(ctx)
	if err == nil {
		return 0
	}
	if usage, ok := errors.AsType[usageError](err); ok {
		complain(stderr, usage.message, "See carreld --help.", nil)
		return exitUsage
	}
	f, ok := errors.AsType[*fault.Error](err)
	if !ok {
		// An operator can do more with our mistakes than a learner can.
		complain(stderr, "Something went wrong.", "", err)
		return exitFailed
	}
	cause := f.Err
	if f.Kind == fault.NotFound || f.Kind == fault.Conflict {
		cause = nil // the sentence says it all
	}
	complain(stderr, f.Message, f.Hint, cause)
	return exitFailed
}

// complain writes what happened, what to do, and for operators why.
func complain(w io.Writer, message, hint string, cause error) {
	lines := "carreld: " + message + "\n"
	if hint != "" {
		lines += hint + "\n"
	}
	if cause != nil {
		lines += fmt.Sprintf("(%v)\n", cause)
	}
	_, _ = io.WriteString(w, lines) // there is nowhere else to say it
}

// usageError is a command line that makes no sense; its message is a sentence.
type usageError struct{ message string }

// Error implements error.
func (e usageError) Error() string { return e.message }
