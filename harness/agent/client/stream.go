package client

import (
	"context"
	"errors"
	"io"
	"sync"
	"syscall"

	harnessv1 "github.com/carrel-dev/carrel/proto/gen/carrel/harness/v1"
)

// Stream is a terminal or a connection inside the container. Read, Write and Close may be called from
// different goroutines.
type Stream struct {
	conn   *Conn
	call   *Call
	ctx    context.Context //nolint:containedctx // ends Read and Write when Close is called, as io.Closer has no other way
	cancel context.CancelFunc
	rest   []byte
	exit   *harnessv1.Exit // nil while it runs
	once   sync.Once
}

// Open starts a command that makes a stream: Run with a terminal, or Dial.
func (c *Conn) Open(command *harnessv1.Command) (*Stream, error) {
	call, err := c.Start(command)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(context.Background()) //nolint:forbidigo // a stream lives until Close
	return &Stream{conn: c, call: call, ctx: ctx, cancel: cancel}, nil
}

// Connected waits for the first sign of life of a Dial.
func (s *Stream) Connected(ctx context.Context) error {
	e, err := s.call.Next(ctx)
	if err == nil {
		s.rest = e.GetOutput().GetData()
	}
	return err
}

// Read returns what the other side sent, io.EOF when it ended.
func (s *Stream) Read(p []byte) (int, error) {
	for len(s.rest) == 0 {
		e, err := s.call.Next(s.ctx)
		if exit := e.GetExit(); exit != nil {
			s.exit = exit
		}
		if errors.Is(err, context.Canceled) || s.exit != nil {
			return 0, io.EOF
		}
		if err != nil {
			return 0, err
		}
		s.rest = e.GetOutput().GetData()
		if n := len(s.rest); n > 0 {
			s.grant(n)
		}
	}
	n := copy(p, s.rest)
	s.rest = s.rest[n:]
	return n, nil
}

// ExitCode returns the code a program ended with, once Read has returned io.EOF: as a shell tells it, 128
// and the signal's number after a signal, and -1 when it was closed before its end.
func (s *Stream) ExitCode() int {
	switch {
	case s.exit == nil:
		return -1
	case s.exit.Signal != 0:
		return 128 + int(s.exit.Signal)
	default:
		return int(s.exit.Code)
	}
}

// grant allows as much more as was taken out of the queue.
func (s *Stream) grant(n int) {
	// Grant has no answer, so it needs no call; a lost connection shows in the next Read.
	_ = s.conn.out.Send(&harnessv1.Command{Verb: &harnessv1.Command_Grant{Grant: &harnessv1.Grant{Target: s.call.id, Bytes: int64(n)}}})
}

const writeChunk = 32 << 10

// Write sends p and returns when the other side has taken it.
func (s *Stream) Write(p []byte) (int, error) {
	sent := 0
	for sent < len(p) {
		chunk := p[sent:min(sent+writeChunk, len(p))]
		err := s.conn.Do(s.ctx, &harnessv1.Command{Verb: &harnessv1.Command_Stdin{Stdin: &harnessv1.Stdin{Target: s.call.id, Data: chunk}}})
		if err != nil {
			return sent, err
		}
		sent += len(chunk)
	}
	return sent, nil
}

// CloseWrite tells the other side that nothing more comes.
func (s *Stream) CloseWrite() error {
	return s.conn.Do(s.ctx, &harnessv1.Command{Verb: &harnessv1.Command_Stdin{Stdin: &harnessv1.Stdin{Target: s.call.id, Close: true}}})
}

// Resize changes the size of a terminal.
func (s *Stream) Resize(rows, columns uint16) error {
	size := &harnessv1.Size{Rows: uint32(rows), Columns: uint32(columns)}
	return s.conn.Do(s.ctx, &harnessv1.Command{Verb: &harnessv1.Command_Resize{Resize: &harnessv1.Resize{Target: s.call.id, Size: size}}})
}

// Close ends the program or connection.
func (s *Stream) Close() error {
	s.once.Do(func() {
		s.cancel()
		kill := &harnessv1.Command{Verb: &harnessv1.Command_Signal{Signal: &harnessv1.Signal{Target: s.call.id, Signal: int32(syscall.SIGKILL)}}}
		if call, err := s.conn.Start(kill); err == nil {
			call.Close()
		}
		s.call.Close()
	})
	return nil
}
