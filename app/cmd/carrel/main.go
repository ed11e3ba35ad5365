// Command carrel is Carrel in a terminal: the same use-cases as the window, in pure Go.
//
// Exit codes: 0 passed or done; 1 the learner's code or the course has not passed; 2 bad usage or
// input; 3 the machinery (Docker, network, disk) failed. Commands that run the learner's own program end
// with its code.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/carrel-dev/carrel/fault"
)

// version is set by the linker.
var version = "dev" //nolint:gochecknoglobals // the linker can set nothing else

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// The exit codes.
const (
	exitDone      = 0
	exitNotPassed = 1
	exitUsage     = 2
	exitMachinery = 3
)

// errNotPassed ends a command that has already said what did not pass.
var errNotPassed = errors.New("not passed")

// run executes one command line and returns its exit code.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	root := rootCommand(stdout, stderr)
	root.SetArgs(args)
	return exitCode(root.ExecuteContext(ctx), stderr)
}

// exitCode tells the person about err and turns it into an exit code.
func exitCode(err error, stderr io.Writer) int {
	switch {
	case err == nil:
		return exitDone
	case errors.Is(err, errNotPassed):
		return exitNotPassed
	case errors.Is(err, context.Canceled):
		fmt.Fprintln(stderr, "carrel: stopped")
		return exitMachinery
	}
	if ended, ok := errors.AsType[programEnded](err); ok {
		return int(ended)
	}
	if _, ok := errors.AsType[usageError](err); ok {
		fmt.Fprintf(stderr, "carrel: %v\n", err)
		return exitUsage
	}
	message, hint := fault.Sentence(err)
	fmt.Fprintf(stderr, "carrel: %s\n", message)
	if hint != "" {
		fmt.Fprintf(stderr, "  %s\n", hint)
	}
	switch fault.KindOf(err) {
	case fault.Invalid, fault.NotFound, fault.Conflict, fault.Denied:
		return exitUsage
	case fault.Internal:
		// The text of an internal error is for the log, and a terminal is where its reader looks.
		fmt.Fprintf(stderr, "  (%v)\n", err)
	case fault.Unavailable, fault.Exhausted:
	}
	return exitMachinery
}

// usageError is a command line that makes no sense.
type usageError struct{ error }

// programEnded is the exit code of the learner's own program, which becomes ours.
type programEnded int

func (p programEnded) Error() string { return fmt.Sprintf("the program ended with code %d", int(p)) }
