//go:build unix

package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

// eachResize calls changed whenever this terminal's size changes, until ctx ends.
func eachResize(ctx context.Context, changed func()) {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGWINCH)
	defer signal.Stop(signals)
	for {
		select {
		case <-ctx.Done():
			return
		case <-signals:
			changed()
		}
	}
}
