package postgres

import (
	"errors"
	"io"
	"net"
	"syscall"
)

// connectionLost tells whether the connection broke in the middle of a statement, whose fate is then
// unknown: whoever repeats it must be idempotent, as every write of this package is.
func connectionLost(err error) bool {
	var network net.Error
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed) ||
		errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE) || errors.As(err, &network)
}
