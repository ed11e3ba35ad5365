package terminal

import (
	"errors"
	"io"
	"sync"
	"time"

	"github.com/carrel-dev/carrel/fault"
	"github.com/carrel-dev/carrel/harness"
	"github.com/carrel-dev/carrel/lesson"
)

// ID names a terminal.
type ID string

// Event is what a terminal did.
type Event struct {
	Terminal ID
	// Offset is the position of Data in everything it printed.
	Offset uint64
	Data   []byte
	// Ended is set once, at the end; Message says why in one sentence, empty when the learner closed it.
	Ended   bool
	Message string
}

// gapPatience is how long a write waits for the ones before it, which another connection carries.
const gapPatience = 2 * time.Second

// readBytes is the largest piece of output that becomes one event.
const readBytes = 32 << 10

// terminal is one open shell.
type terminal struct {
	id     ID
	lesson lesson.ID
	shell  harness.Terminal

	mu     sync.Mutex
	tape   tape
	seq    uint64        // of the last write applied
	typing bool          // a write to the shell goes on
	moved  chan struct{} // closed and replaced when seq grows or the terminal ends
	ended  bool
	closed bool // by the learner
}

func newTerminal(id ID, lesson lesson.ID, shell harness.Terminal) *terminal {
	return &terminal{id: id, lesson: lesson, shell: shell, moved: make(chan struct{})}
}

// read tells everything the shell prints until it ends. It returns after the last event.
func (t *terminal) read(tell func(Event)) {
	buf := make([]byte, readBytes)
	for {
		n, err := t.shell.Read(buf)
		if n > 0 {
			data := append([]byte(nil), buf[:n]...)
			t.mu.Lock()
			offset := t.tape.write(data)
			t.mu.Unlock()
			tell(Event{Terminal: t.id, Offset: offset, Data: data})
		}
		if err != nil {
			tell(t.end(err))
			return
		}
	}
}

func (t *terminal) end(err error) Event {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.ended = true
	t.wake()
	event := Event{Terminal: t.id, Offset: t.tape.end, Ended: true}
	switch {
	case t.closed:
	case errors.Is(err, io.EOF):
		event.Message = "The shell has ended."
	default:
		event.Message = "The connection to the shell was lost. Open a new terminal to go on."
	}
	return event
}

// write types data when its turn has come. Writes that were applied before are ignored.
func (t *terminal) write(done <-chan struct{}, seq uint64, data []byte) error {
	patience := time.NewTimer(gapPatience)
	defer patience.Stop()
	for {
		t.mu.Lock()
		switch {
		case t.ended:
			t.mu.Unlock()
			return notFound()
		case seq <= t.seq:
			t.mu.Unlock()
			return nil
		case seq == t.seq+1 && !t.typing:
			return t.apply(seq, data)
		}
		moved := t.moved
		t.mu.Unlock()
		select {
		case <-moved:
		case <-patience.C:
			return fault.New(fault.Conflict, "Some keys did not reach the terminal.", "Type them again.")
		case <-done:
			return fault.New(fault.Unavailable, "The keys did not reach the terminal.", "Type them again.")
		}
	}
}

// apply writes to the shell and unlocks mu, which the caller holds. The shell is written to without the
// lock: it may take no more keys before its echo is read, and reading needs the lock.
func (t *terminal) apply(seq uint64, data []byte) error {
	t.typing = true
	t.mu.Unlock()
	_, err := t.shell.Write(data)
	t.mu.Lock()
	defer t.mu.Unlock()
	t.typing = false
	if err == nil {
		t.seq = seq
	}
	t.wake()
	if err != nil {
		return fault.Wrap(err, fault.Unavailable, "The keys did not reach the terminal.", "Open a new terminal.")
	}
	return nil
}

// wake lets waiting writes look again. The caller holds mu.
func (t *terminal) wake() {
	close(t.moved)
	t.moved = make(chan struct{})
}

func (t *terminal) close() error {
	t.mu.Lock()
	t.closed = true
	t.mu.Unlock()
	return t.shell.Close()
}

func (t *terminal) opened() Opened {
	t.mu.Lock()
	defer t.mu.Unlock()
	return Opened{ID: t.id, Offset: t.tape.end, Seq: t.seq}
}
