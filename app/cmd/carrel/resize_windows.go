package main

import (
	"context"
	"time"
)

// resizePause is how often the size is looked at: Windows has no signal for it.
const resizePause = 500 * time.Millisecond

// eachResize calls changed so often that a change of this terminal's size is followed, until ctx ends.
func eachResize(ctx context.Context, changed func()) {
	ticker := time.NewTicker(resizePause)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			changed()
		}
	}
}
