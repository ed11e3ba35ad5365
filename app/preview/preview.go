// Package preview brings a port of an environment to this computer: a plain listener on the loopback whose
// connections are carried into the environment, with no port published by its engine.
package preview

import (
	"context"
	"errors"
	"io"
	"net"
	"sync"
	"time"
)

// Dialer connects to a port inside an environment. A harness.Session is one.
type Dialer interface {
	Dial(ctx context.Context, port uint16) (io.ReadWriteCloser, error)
}

// awaitPause is between two looks for a program that has not begun to listen.
const awaitPause = 150 * time.Millisecond

// Await returns once something answers on the port, or ctx ends. waiting is called once when nothing does
// at first.
func Await(ctx context.Context, dialer Dialer, port uint16, waiting func()) error {
	for first := true; ; first = false {
		conn, err := dialer.Dial(ctx, port)
		if err == nil {
			return conn.Close()
		}
		if first {
			waiting()
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(awaitPause):
		}
	}
}

// Serve carries every connection of the listener into the environment until ctx ends, then closes the
// listener and all connections. A connection that nothing answers to is closed.
func Serve(ctx context.Context, listener net.Listener, dialer Dialer, port uint16) error {
	ctx, cancel := context.WithCancel(ctx)
	var carrying sync.WaitGroup
	defer carrying.Wait()
	defer cancel()
	defer context.AfterFunc(ctx, func() { _ = listener.Close() })()
	for {
		conn, err := listener.Accept()
		if ctx.Err() != nil {
			if err == nil {
				_ = conn.Close()
			}
			return nil
		}
		if err != nil {
			return errors.Join(err, listener.Close())
		}
		carrying.Go(func() { carry(ctx, conn, dialer, port) })
	}
}

// carry joins one connection with a new one inside until both directions have ended.
func carry(ctx context.Context, outside net.Conn, dialer Dialer, port uint16) {
	defer func() { _ = outside.Close() }() // what there was to say is said
	inside, err := dialer.Dial(ctx, port)
	if err != nil {
		return
	}
	defer func() { _ = inside.Close() }()
	defer context.AfterFunc(ctx, func() {
		_ = outside.Close()
		_ = inside.Close()
	})()
	var there sync.WaitGroup
	there.Go(func() {
		_, _ = io.Copy(inside, outside) // an end by force is an end
		endWriting(inside)
	})
	_, _ = io.Copy(outside, inside)
	endWriting(outside)
	// A program that has said all it had to say reads no more: what a browser keeps open would wait for ever.
	_ = outside.SetReadDeadline(time.Now().Add(lingering))
	there.Wait()
}

// lingering is how long a client may go on sending after the program has ended its side.
const lingering = 5 * time.Second

// endWriting closes the writing side only, where the two can be told apart.
func endWriting(c any) {
	if half, ok := c.(interface{ CloseWrite() error }); ok {
		_ = half.CloseWrite()
	}
}
