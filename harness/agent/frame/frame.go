// Package frame reads and writes the frames in which the host and the agent talk: a protobuf message
// preceded by its length in four bytes, big endian.
package frame

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"sync"

	"google.golang.org/protobuf/proto"
)

// MaxBytes is the largest frame either side accepts. It holds one file of the largest size a course
// may have, with room for the tar around it.
const MaxBytes = 20 << 20

// ErrTooLarge is returned for a frame above MaxBytes.
var ErrTooLarge = errors.New("frame is larger than allowed")

// Reader reads frames. It is not safe for concurrent use.
type Reader struct {
	from io.Reader
	buf  []byte
}

// NewReader returns a Reader of from.
func NewReader(from io.Reader) *Reader { return &Reader{from: from} }

// keepBytes is how much buffer a Reader holds on to between frames: it lives inside the learner's
// memory limit.
const keepBytes = 64 << 10

// Next reads one frame into m. It returns io.EOF only between two frames, io.ErrUnexpectedEOF when the
// stream ends inside one, and ErrTooLarge before any of a too large one is read.
func (r *Reader) Next(m proto.Message) error {
	var head [4]byte
	if _, err := io.ReadFull(r.from, head[:]); err != nil {
		return err
	}
	size := binary.BigEndian.Uint32(head[:])
	if size > MaxBytes {
		return fmt.Errorf("%w: %d bytes", ErrTooLarge, size)
	}
	body := r.room(int(size))
	if _, err := io.ReadFull(r.from, body); err != nil {
		if errors.Is(err, io.EOF) {
			return io.ErrUnexpectedEOF
		}
		return err
	}
	if err := proto.Unmarshal(body, m); err != nil {
		return fmt.Errorf("decoding frame: %w", err)
	}
	return nil
}

func (r *Reader) room(size int) []byte {
	if size > keepBytes {
		return make([]byte, size)
	}
	if r.buf == nil {
		r.buf = make([]byte, keepBytes)
	}
	return r.buf[:size]
}

// Writer writes frames. It is safe for concurrent use; each frame is one Write.
type Writer struct {
	mu  sync.Mutex
	to  io.Writer
	buf []byte
}

// NewWriter returns a Writer to to.
func NewWriter(to io.Writer) *Writer { return &Writer{to: to} }

// Send writes m as one frame.
func (w *Writer) Send(m proto.Message) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	size := proto.Size(m)
	if size > MaxBytes {
		return fmt.Errorf("%w: %d bytes", ErrTooLarge, size)
	}
	buf := binary.BigEndian.AppendUint32(w.buf[:0], uint32(size))
	buf, err := proto.MarshalOptions{UseCachedSize: true}.MarshalAppend(buf, m)
	if err != nil {
		return fmt.Errorf("encoding frame: %w", err)
	}
	if cap(buf) <= keepBytes {
		w.buf = buf
	}
	_, err = w.to.Write(buf)
	return err
}
