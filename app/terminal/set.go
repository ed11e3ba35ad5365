package terminal

import (
	"context"
	"errors"
	"sync"

	"github.com/google/uuid"

	"github.com/carrel-dev/carrel/fault"
	"github.com/carrel-dev/carrel/harness"
	"github.com/carrel-dev/carrel/lesson"
)

// maxOpen bounds terminals per lesson: each is a process in the environment, which has few.
const maxOpen = 8

// Sessions gives the live environment of a lesson with the learner's files in it.
type Sessions interface {
	Session(ctx context.Context, id lesson.ID) (harness.Session, error)
}

// Opened tells about an open terminal.
type Opened struct {
	ID     ID
	Offset uint64 // bytes printed so far
	Seq    uint64 // of the last write applied
}

// Set is the open terminals of this process. It is safe for concurrent use.
type Set struct {
	sessions Sessions
	tell     func(Event)

	// opening makes "reuse the lesson's terminal" true for two requests at once.
	opening sync.Mutex
	readers sync.WaitGroup

	mu     sync.Mutex
	byID   map[ID]*terminal
	closed bool
}

// NewSet returns a set that tells its events to tell, one terminal's in order.
func NewSet(sessions Sessions, tell func(Event)) *Set {
	return &Set{sessions: sessions, tell: tell, byID: map[ID]*terminal{}}
}

// Open starts a shell in the lesson's environment, or returns the lesson's open one when reuse is set.
func (s *Set) Open(ctx context.Context, id lesson.ID, size harness.Size, reuse bool) (Opened, error) {
	s.opening.Lock()
	defer s.opening.Unlock()
	first, count := s.ofLesson(id)
	if reuse && first != nil {
		return first.opened(), first.shell.Resize(size)
	}
	if count >= maxOpen {
		return Opened{}, fault.New(fault.Exhausted, "This lesson has enough open terminals.", "Close one first.")
	}
	session, err := s.sessions.Session(ctx, id)
	if err != nil {
		return Opened{}, err
	}
	// The terminal outlives the request that opened it.
	shell, err := session.Terminal(context.WithoutCancel(ctx), size)
	if err != nil {
		return Opened{}, err
	}
	return s.add(newTerminal(ID(uuid.NewString()), id, shell))
}

func (s *Set) add(t *terminal) (Opened, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return Opened{}, errors.Join(notFound(), t.shell.Close())
	}
	s.byID[t.id] = t
	s.readers.Go(func() {
		t.read(s.tell)
		s.mu.Lock()
		delete(s.byID, t.id)
		s.mu.Unlock()
		_ = t.shell.Close() // it has ended; this only gives back what it held
	})
	return t.opened(), nil
}

// Write types data into a terminal. Writes are applied in the order of seq, from 1; repeated ones are
// ignored and early ones wait for those before them.
func (s *Set) Write(ctx context.Context, id ID, seq uint64, data []byte) error {
	t, err := s.find(id)
	if err != nil {
		return err
	}
	return t.write(ctx.Done(), seq, data)
}

// Resize tells the terminal its new size.
func (s *Set) Resize(id ID, size harness.Size) error {
	t, err := s.find(id)
	if err != nil {
		return err
	}
	return t.shell.Resize(size)
}

// Replay returns what the terminal printed from offset on, as far as it is kept, and its position.
func (s *Set) Replay(id ID, offset uint64) ([]byte, uint64, error) {
	t, err := s.find(id)
	if err != nil {
		return nil, 0, err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	data, from := t.tape.from(offset)
	return data, from, nil
}

// Close ends a shell. A terminal that is not open is closed already.
func (s *Set) Close(id ID) error {
	t, err := s.find(id)
	if err != nil {
		return nil //nolint:nilerr // it is closed, which was asked
	}
	return t.close()
}

// Shutdown closes every terminal and waits until each has told its end.
func (s *Set) Shutdown() error {
	s.mu.Lock()
	s.closed = true
	var errs []error
	for _, t := range s.byID {
		errs = append(errs, t.close())
	}
	s.mu.Unlock()
	s.readers.Wait()
	return errors.Join(errs...)
}

func (s *Set) find(id ID) (*terminal, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if t, ok := s.byID[id]; ok {
		return t, nil
	}
	return nil, notFound()
}

// ofLesson returns one open terminal of the lesson, nil when there is none, and how many there are.
func (s *Set) ofLesson(id lesson.ID) (first *terminal, count int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, t := range s.byID {
		if t.lesson == id {
			first, count = t, count+1
		}
	}
	return first, count
}
