//go:build !desktop

package app

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

// Run serves the interface to a browser until the program is interrupted: the window of a program that
// was built without the tag desktop, on machines without a webview.
func Run(o Options) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM) //nolint:forbidigo // all that main does in this build
	defer stop()
	a, err := New(ctx, o)
	if err != nil {
		return err
	}
	defer func() { _ = a.Close() }() // everything that matters was written when Serve returned
	return a.Serve(ctx, 0, func(url string) {
		fmt.Printf("Carrel was built without its window. Open this address in a browser:\n%s\n", url) //nolint:forbidigo // main has no other output
	})
}
