package agent

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// spare is this program, started ahead of time as root, with nothing of a learner's in it. It waits
// for a launch, becomes the user and then the command: see Enter. A command is so started in the time
// of one execve, and not of two and the start of a Go program.
type spare struct {
	child *child
	conn  *net.UnixConn
}

// spares keeps one spare process ready. The zero value is ready.
type spares struct {
	mu    sync.Mutex
	ready []*spare
}

// take returns a spare process, starting one when none is ready.
func (s *spares) take(a *Agent) (*spare, error) {
	s.mu.Lock()
	for len(s.ready) > 0 {
		last := s.ready[len(s.ready)-1]
		s.ready = s.ready[:len(s.ready)-1]
		if !last.child.over() {
			s.mu.Unlock()
			return last, nil
		}
		_ = last.conn.Close()
	}
	s.mu.Unlock()
	return startSpare(a)
}

// refill starts a spare process when none is ready. It matters to nobody whether that succeeds: take
// will try again.
func (s *spares) refill(a *Agent) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.ready) > 0 && !s.ready[0].child.over() {
		return
	}
	if fresh, err := startSpare(a); err == nil {
		s.ready = append(s.ready, fresh)
	}
}

func (s *spares) end() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, one := range s.ready {
		one.end()
	}
	s.ready = nil
}

func startSpare(a *Agent) (*spare, error) {
	conn, theirs, err := channel(unix.SOCK_STREAM)
	if err != nil {
		return nil, err
	}
	defer func() { _ = theirs.Close() }()
	c, err := a.procs.start(a.program, []string{a.program, EnterArgument}, &syscall.ProcAttr{
		Dir: "/",
		// It never lives long enough for a garbage collection to pay.
		Env:   []string{"GOMAXPROCS=1", "GOGC=off"},
		Files: []uintptr{a.null.Fd(), a.null.Fd(), 2, theirs.Fd()},
		Sys:   &syscall.SysProcAttr{Setsid: true},
	})
	if err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return &spare{c, conn}, nil
}

// end ends a process that was not used.
func (s *spare) end() {
	_ = s.conn.Close()
	if !s.child.over() {
		_ = syscall.Kill(s.child.pid, syscall.SIGKILL)
	}
	<-s.child.done
}

// enterTimeout is for reading an order and becoming a command; learners' code does not run in it.
const enterTimeout = 20 * time.Second

// become hands over a launch. It returns when the process is the command, or with an answer that says
// why there is no such command. The error is EPIPE when the process had ended before it got the order.
func (s *spare) become(a *Agent, l launch, d *descriptors) (answer, error) {
	data, err := json.Marshal(l)
	if err != nil {
		return answer{}, err
	}
	if len(data) > maxLaunchBytes {
		return answer{Message: "The argument list is too long.", NotStarted: true}, nil
	}
	if err := s.conn.SetDeadline(time.Now().Add(enterTimeout)); err != nil {
		return answer{}, err
	}
	a.procs.hand(s.child)
	message := append(binary.BigEndian.AppendUint32(nil, uint32(len(data))), data...)
	n, _, err := s.conn.WriteMsgUnix(message, d.rights(), nil)
	if err == nil && n < len(message) {
		_, err = s.conn.Write(message[n:])
	}
	if err != nil {
		return answer{}, fmt.Errorf("starting a command: %w", err)
	}
	defer func() { _ = s.conn.Close() }()
	var got answer
	reply, err := io.ReadAll(s.conn)
	if err == nil && len(reply) > 0 {
		err = json.Unmarshal(reply, &got)
	}
	if err != nil {
		return answer{}, fmt.Errorf("starting a command: %w", err)
	}
	return got, nil
}

// receiveLaunch waits for a launch on a socket. It returns io.EOF when there will be none.
func receiveLaunch(socket int) (launch, []int, error) {
	buf, rights := make([]byte, 64<<10), make([]byte, unix.CmsgSpace(maxFDs*4))
	n, oob, err := 0, 0, error(nil)
	for {
		n, oob, _, _, err = unix.Recvmsg(socket, buf, rights, unix.MSG_CMSG_CLOEXEC)
		if !errors.Is(err, unix.EINTR) {
			break
		}
	}
	if err != nil {
		return launch{}, nil, err
	}
	if n == 0 {
		return launch{}, nil, io.EOF
	}
	fds, err := parseRights(rights[:oob])
	if err != nil {
		return launch{}, nil, err
	}
	for n < 4 || n < 4+int(binary.BigEndian.Uint32(buf)) {
		if n >= 4 {
			size := 4 + int(binary.BigEndian.Uint32(buf))
			if size > 4+maxLaunchBytes {
				return launch{}, nil, errLaunch
			}
			buf = append(buf, make([]byte, max(size-len(buf), 0))...)
		}
		more, err := unix.Read(socket, buf[n:])
		if err != nil && !errors.Is(err, unix.EINTR) {
			return launch{}, nil, err
		}
		if more == 0 && err == nil {
			return launch{}, nil, io.ErrUnexpectedEOF
		}
		n += max(more, 0)
	}
	l, err := parseLaunch(buf[4:4+int(binary.BigEndian.Uint32(buf))], len(fds))
	return l, fds, err
}

func parseRights(control []byte) ([]int, error) {
	messages, err := unix.ParseSocketControlMessage(control)
	if err != nil {
		return nil, err
	}
	var fds []int
	for _, m := range messages {
		got, err := unix.ParseUnixRights(&m)
		if err != nil {
			return nil, err
		}
		fds = append(fds, got...)
	}
	return fds, nil
}
