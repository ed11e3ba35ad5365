package docker

import (
	"errors"
	"syscall"

	"golang.org/x/sys/unix"
)

// boundUnacknowledged gives up a connection whose data nobody acknowledges: keep-alive only looks at
// connections that are quiet.
func boundUnacknowledged(_, _ string, c syscall.RawConn) error {
	var set error
	err := c.Control(func(fd uintptr) {
		set = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT, int(deadAfter.Milliseconds()))
	})
	return errors.Join(err, set)
}
