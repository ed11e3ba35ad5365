package agent

import (
	"errors"
	"io"
	"os"
	"sync"
	"syscall"

	"github.com/creack/pty"

	harnessv1 "github.com/carrel-dev/carrel/proto/gen/carrel/harness/v1"
)

// stream is a process or connection that the host can feed. It exists from the moment the command
// arrives: what the host sends while the process is being started waits for it.
type stream struct {
	home   bool // it runs in the home folder
	window window
	input  chan input    // nil when it takes none
	gone   chan struct{} // closed when it ended

	mu       sync.Mutex
	child    *child
	terminal *os.File
	to       io.WriteCloser // where input goes
	killed   bool           // before there was anything to kill
}

// input is one Stdin command.
type input struct {
	id    uint64
	data  []byte
	close bool
}

// pendingInputs bounds what waits for a reader that does not read. The host waits for the answer to
// each Stdin command, so a well-behaved one never has more than one in flight per writer.
const pendingInputs = 16

var errInputFull = errors.New("the program does not read its input")

// windowBytes is how much a terminal or connection may send before the host has read it.
const windowBytes = 256 << 10

// window counts how much may be sent.
type window struct {
	mu   sync.Mutex
	more *sync.Cond
	left int64
	open bool
}

func (w *window) init() {
	w.more = sync.NewCond(&w.mu)
	w.left, w.open = windowBytes, true
}

func (w *window) grant(n int64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.left = min(w.left+max(n, 0), windowBytes)
	w.more.Broadcast()
}

// take waits until something may be sent and returns how much, at most n; 0 when the stream is gone.
func (w *window) take(n int) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	for w.left <= 0 && w.open {
		w.more.Wait()
	}
	if !w.open {
		return 0
	}
	got := min(int64(n), w.left)
	w.left -= got
	return int(got)
}

// back returns what was taken and not used.
func (w *window) back(n int) { w.grant(int64(n)) }

func (w *window) close() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.open = false
	w.more.Broadcast()
}

// signal reaches the process group; a connection is closed by any signal.
func (s *stream) signal(number int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.child != nil && number > 0 && number < 65:
		_ = syscall.Kill(-s.child.pid, syscall.Signal(number))
	case s.child == nil && s.to != nil:
		_ = s.to.Close()
	case s.child == nil && syscall.Signal(number) == syscall.SIGKILL:
		s.killed = true
	}
}

func (s *stream) resize(size *harnessv1.Size) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.terminal != nil {
		_ = pty.Setsize(s.terminal, winsize(size))
	}
}

func winsize(size *harnessv1.Size) *pty.Winsize {
	clamp := func(n uint32) uint16 { return uint16(min(max(n, 1), 4096)) }
	return &pty.Winsize{Rows: clamp(size.GetRows()), Cols: clamp(size.GetColumns())}
}

func (a *Agent) stream(id uint64) *stream {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.streams[id]
}

// open makes a stream known to the host's commands.
func (a *Agent) open(id uint64, home, takesInput bool) *stream {
	s := &stream{home: home, gone: make(chan struct{})}
	s.window.init()
	if takesInput {
		s.input = make(chan input, pendingInputs)
	}
	a.mu.Lock()
	a.streams[id] = s
	a.mu.Unlock()
	return s
}

// attach connects a stream to what it stands for; child and terminal are nil for a connection.
func (a *Agent) attach(s *stream, to io.WriteCloser, c *child, terminal *os.File) {
	s.mu.Lock()
	s.child, s.terminal, s.to = c, terminal, to
	killed := s.killed
	s.mu.Unlock()
	if killed {
		s.signal(int(syscall.SIGKILL))
	}
	if to != nil && s.input != nil {
		a.waiting.Go(func() { a.write(s, to) })
	}
}

// close forgets a stream and answers what still waits for it.
func (a *Agent) close(id uint64) {
	a.mu.Lock()
	s := a.streams[id]
	delete(a.streams, id)
	a.mu.Unlock()
	if s == nil {
		return
	}
	s.hangUp()
	close(s.gone)
	a.dismiss(s)
}

// hangUp wakes whoever waits for the host, and a writer whose reader does not read.
func (s *stream) hangUp() {
	s.window.close()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.to != nil {
		_ = s.to.Close()
	}
}

// feed hands a Stdin command to its stream. It never waits for the program. The lock makes sure that
// what is queued is answered: a closing stream answers what was queued before it left the map.
func (a *Agent) feed(id uint64, in *harnessv1.Stdin) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	s := a.streams[in.Target]
	if s == nil || s.input == nil {
		a.done(id) // ended meanwhile
		return nil
	}
	select {
	case s.input <- input{id, in.Data, in.Close}:
		return nil
	default:
		return errInputFull
	}
}

// write carries out the Stdin commands of a stream until it is gone.
func (a *Agent) write(s *stream, to io.WriteCloser) {
	for {
		select {
		case in := <-s.input:
			if len(in.data) > 0 {
				_, _ = to.Write(in.data) // a program that closed its input has decided so
			}
			if in.close {
				endInput(to)
			}
			a.done(in.id)
		case <-s.gone:
			a.dismiss(s)
			return
		}
	}
}

// dismiss answers the Stdin commands that nobody will carry out.
func (a *Agent) dismiss(s *stream) {
	for {
		select {
		case in := <-s.input:
			a.done(in.id)
		default:
			return
		}
	}
}

// endInput closes the writing side only, where the two can be told apart.
func endInput(to io.Closer) {
	if half, ok := to.(interface{ CloseWrite() error }); ok {
		_ = half.CloseWrite()
		return
	}
	_ = to.Close()
}

// pump sends what from gives, within the stream's window, until it ends.
func (a *Agent) pump(id uint64, number uint32, from io.Reader, s *stream) {
	buf := make([]byte, 32<<10)
	for {
		room := s.window.take(len(buf))
		if room == 0 {
			return
		}
		n, err := from.Read(buf[:room])
		if n < room {
			s.window.back(room - n)
		}
		if n > 0 {
			a.output(id, number, buf[:n])
		}
		if err != nil {
			return
		}
	}
}
