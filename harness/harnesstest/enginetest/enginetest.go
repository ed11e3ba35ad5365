// Package enginetest gives tests further Docker engines: each on what is as good as another computer,
// with a process table, a network and a power cord of its own. It needs root, or sudo without a
// password, and the Debian packages docker.io and iproute2.
package enginetest

import (
	"context"
	"os/exec"
	"time"
)

const (
	bootTimeout  = 60 * time.Second
	copyTimeout  = 3 * time.Minute
	pollInterval = 50 * time.Millisecond
)

func command(ctx context.Context, argv ...string) *exec.Cmd {
	return exec.CommandContext(ctx, argv[0], argv[1:]...)
}
