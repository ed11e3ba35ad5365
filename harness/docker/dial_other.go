//go:build !linux

package docker

import "syscall"

// boundUnacknowledged has no counterpart here; keep-alive notices quiet connections.
func boundUnacknowledged(_, _ string, _ syscall.RawConn) error { return nil }
