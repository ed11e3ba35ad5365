//go:build unix && !linux

package embedded

import (
	"context"
	"syscall"
)

func mapRoot(*syscall.SysProcAttr) {}

// canMapUsers is false: only Linux has user namespaces.
func canMapUsers(context.Context) bool { return false }
