package agent

import (
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	harnessv1 "github.com/carrel-dev/carrel/proto/gen/carrel/harness/v1"
)

// launchSocket is where the launcher asks for learner's code while a split check runs.
const launchSocket = RunFolder + "/launch"

// learnerRequest is what the launcher asks for, along with the files for descriptors 0, 1, 2 and,
// perhaps, 3.
type learnerRequest struct {
	Argv []string `json:"argv"`
	Env  []string `json:"env,omitempty"` // on top of the suite's own
}

// learnerAnswer is how a command of the learner's ended.
type learnerAnswer struct {
	Status  uint32 `json:"status"` // as wait(2) has it
	Message string `json:"message,omitempty"`
}

const (
	// maxRequest bounds a request of the launcher.
	maxRequest = 128 << 10
	// requestTimeout is for a launcher that connects and says nothing.
	requestTimeout = 10 * time.Second
	// mostLaunches may run at once.
	mostLaunches = 32
	// notStartedStatus is the wait status of a command that is not there, as shells have it.
	notStartedStatus = 127 << 8
)

var errRequest = errors.New("not a request of the launcher")

// parseRequest reads a request that came with so many files.
func parseRequest(data []byte, files int) (learnerRequest, error) {
	var r learnerRequest
	if err := json.Unmarshal(data, &r); err != nil {
		return learnerRequest{}, fmt.Errorf("%w: %w", errRequest, err)
	}
	if len(r.Argv) == 0 || files < 3 || files > 4 {
		return learnerRequest{}, fmt.Errorf("%w: no command, or %d files", errRequest, files)
	}
	for _, e := range r.Env {
		if !isAssignment(e) {
			return learnerRequest{}, fmt.Errorf("%w: %q is no variable", errRequest, e)
		}
	}
	return r, nil
}

// split starts learner's code for the tests of one check.
type split struct {
	agent    *Agent
	base     launch // what all commands of the learner have in common
	tester   user
	listener *net.UnixListener
	serving  sync.WaitGroup
	stopping chan struct{}
	once     sync.Once

	// starting is read-locked while a command of the learner is started and counted, and locked to end
	// what commands left behind.
	starting sync.RWMutex
	counting sync.Mutex
	running  int
}

// openSplit begins to listen for the launcher.
func (a *Agent) openSplit(r *harnessv1.Run) (*split, error) {
	h := a.settings()
	if h.TestsDir == "" {
		return nil, errors.New("there is no folder for tests")
	}
	if err := os.Remove(launchSocket); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	listener, err := net.ListenUnix("unixpacket", &net.UnixAddr{Name: launchSocket, Net: "unixpacket"})
	if err != nil {
		return nil, err
	}
	// Until now nobody but root could connect: that takes the right to write.
	if err := errors.Join(os.Chmod(launchSocket, 0o600), os.Chown(launchSocket, int(tester(h)), int(tester(h)))); err != nil {
		return nil, errors.Join(err, listener.Close())
	}
	without := slices.DeleteFunc(slices.Clone(r.Env), func(e string) bool { return strings.HasPrefix(e, reportVariable+"=") })
	s := &split{
		agent: a, tester: tester(h), listener: listener, stopping: make(chan struct{}),
		base: launch{Env: without, Cwd: h.WorkDir, UID: learner(h), GID: learner(h), Limits: limitsOf(r.GetLimits())},
	}
	s.serving.Go(s.accept)
	return s, nil
}

// end ends every command of the learner; none is started any more. It may be called more than once.
func (s *split) end() {
	s.once.Do(func() {
		close(s.stopping)
		_ = s.listener.Close()
	})
	done := make(chan struct{})
	go func() { defer close(done); s.serving.Wait() }()
	again := time.NewTicker(finishInterval)
	defer again.Stop()
	for {
		select {
		case <-done:
			return
		case <-again.C:
			// The learner may have stopped a process that was about to become its own.
			_ = s.base.UID.kill(sender(s.agent.settings()))
		}
	}
}

func (s *split) accept() {
	free := make(chan struct{}, mostLaunches)
	for {
		conn, err := s.listener.AcceptUnix()
		if err != nil {
			return
		}
		select {
		case free <- struct{}{}:
		case <-s.stopping:
			_ = conn.Close()
			return
		}
		s.serving.Go(func() {
			defer func() { <-free }()
			defer func() { _ = conn.Close() }()
			got := s.serve(conn)
			if data, err := json.Marshal(got); err == nil {
				_, _ = conn.Write(data) // a launcher that is gone needs no answer
			}
		})
	}
}

func failed(err error) learnerAnswer { return learnerAnswer{notStartedStatus, err.Error()} }

// serve carries out one request to its end.
func (s *split) serve(conn *net.UnixConn) learnerAnswer {
	request, d, err := s.receive(conn)
	if err != nil {
		return failed(err)
	}
	defer d.close()
	l := s.base
	l.Argv = request.Argv
	for _, e := range request.Env {
		name, value, _ := strings.Cut(e, "=")
		l.Env = setEnv(l.Env, name, value)
	}
	c, got, err := s.start(l, d)
	if err != nil {
		return failed(err)
	}
	d.close()
	hungUp := make(chan struct{})
	s.serving.Go(func() { // ends at the latest when the connection is closed after the answer
		defer close(hungUp)
		var buf [1]byte
		_, _ = conn.Read(buf[:])
	})
	select {
	case <-c.done:
	case <-hungUp:
	case <-s.stopping:
	}
	s.agent.stop(c)
	if err := s.ended(); err != nil {
		return failed(err)
	}
	if got.NotStarted {
		return learnerAnswer{notStartedStatus, got.Message}
	}
	return learnerAnswer{Status: uint32(c.end.status)}
}

// receive reads a request, of the tester only.
func (s *split) receive(conn *net.UnixConn) (learnerRequest, *descriptors, error) {
	raw, err := conn.SyscallConn()
	if err != nil {
		return learnerRequest{}, nil, err
	}
	var peer *unix.Ucred
	var failed error
	if err := raw.Control(func(fd uintptr) { peer, failed = unix.GetsockoptUcred(int(fd), unix.SOL_SOCKET, unix.SO_PEERCRED) }); err != nil || failed != nil {
		return learnerRequest{}, nil, errors.Join(err, failed)
	}
	if user(peer.Uid) != s.tester {
		return learnerRequest{}, nil, fmt.Errorf("%w: from user %d", errRequest, peer.Uid)
	}
	if err := conn.SetReadDeadline(time.Now().Add(requestTimeout)); err != nil {
		return learnerRequest{}, nil, err
	}
	buf, rights := make([]byte, maxRequest+1), make([]byte, unix.CmsgSpace(maxFDs*4))
	n, oob, flags, _, err := conn.ReadMsgUnix(buf, rights)
	if err != nil {
		return learnerRequest{}, nil, err
	}
	fds, err := parseRights(rights[:oob])
	d := &descriptors{}
	for number, fd := range fds {
		d.add(number, os.NewFile(uintptr(fd), "learner"))
	}
	if err == nil && (n > maxRequest || flags&(unix.MSG_TRUNC|unix.MSG_CTRUNC) != 0) {
		err = fmt.Errorf("%w: it is too long", errRequest)
	}
	var request learnerRequest
	if err == nil {
		request, err = parseRequest(buf[:n], len(fds))
	}
	if err == nil {
		err = conn.SetReadDeadline(time.Time{})
	}
	if err != nil {
		d.close()
		return learnerRequest{}, nil, err
	}
	return request, d, nil
}

var errCheckOver = errors.New("the check is over")

func (s *split) start(l launch, d *descriptors) (*child, answer, error) {
	s.starting.RLock()
	defer s.starting.RUnlock()
	select {
	case <-s.stopping:
		return nil, answer{}, errCheckOver
	default:
	}
	c, got, err := s.agent.start(l, d, func() error { return nil })
	if err != nil {
		return nil, got, err
	}
	if got.Message != "" && !got.NotStarted {
		<-c.done
		return nil, got, errors.New(got.Message)
	}
	s.counting.Lock()
	s.running++
	s.counting.Unlock()
	// The next one will be asked for soon.
	s.serving.Go(func() { s.agent.spares.refill(s.agent) })
	return c, got, nil
}

// ended ends what commands left behind once none of them runs, so that one test's are not found by
// the next.
func (s *split) ended() error {
	s.counting.Lock()
	s.running--
	last := s.running == 0
	s.counting.Unlock()
	if !last {
		return nil
	}
	s.starting.Lock()
	defer s.starting.Unlock()
	s.counting.Lock()
	last = s.running == 0
	s.counting.Unlock()
	if !last {
		return nil // another one was started meanwhile and will do it
	}
	return s.agent.sweep(s.base.UID)
}

// environment is that of the tests of a split check: with the launcher on its path, and a home of its
// own. Interpreters run what they find at home, and the usual one is a folder the learner writes to.
func (a *Agent) environment(env []string) []string {
	path := "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
	for _, e := range env {
		if value, ok := strings.CutPrefix(e, "PATH="); ok {
			path = value
		}
	}
	return setEnv(setEnv(env, "HOME", a.settings().TestsDir), "PATH", filepath.Dir(a.program)+":"+path)
}
