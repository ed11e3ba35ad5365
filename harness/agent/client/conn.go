// Package client is the host's side of the agent's protocol: many commands at once over one
// connection.
package client

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/carrel-dev/carrel/harness/agent"
	"github.com/carrel-dev/carrel/harness/agent/frame"
	harnessv1 "github.com/carrel-dev/carrel/proto/gen/carrel/harness/v1"
)

// ErrLost is returned once the agent is gone, whatever the reason.
var ErrLost = errors.New("the connection to the agent is lost")

// FailedError is the agent's answer to a command it could not carry out.
type FailedError struct {
	Message  string
	DiskFull bool
}

// Error returns the agent's words.
func (e *FailedError) Error() string { return "agent: " + e.Message }

// Conn is a connection to one agent. It is safe for concurrent use.
type Conn struct {
	out  *frame.Writer
	lost chan struct{} // closed when the agent is gone

	mu    sync.Mutex
	next  uint64
	calls map[uint64]*Call
}

// New returns a connection that sends commands to an agent's input. Run must be running: it delivers
// the answers.
func New(stdin io.Writer) *Conn {
	return &Conn{out: frame.NewWriter(stdin), lost: make(chan struct{}), calls: map[uint64]*Call{}}
}

// Run delivers what the agent says until stdout ends; then every call fails with ErrLost.
func (c *Conn) Run(stdout io.Reader) {
	defer close(c.lost)
	in := frame.NewReader(stdout)
	for {
		e := &harnessv1.Event{}
		if in.Next(e) != nil {
			return
		}
		c.mu.Lock()
		call := c.calls[e.Id]
		c.mu.Unlock()
		if call != nil && !call.push(e) {
			return
		}
	}
}

// Lost is closed when the agent is gone.
func (c *Conn) Lost() <-chan struct{} { return c.lost }

// Idle tells whether no command is under way: no check, no program, no terminal.
func (c *Conn) Idle() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.calls) == 0
}

// Hello opens the session and returns what the agent found out about its container. It fails when
// something else than an agent of our level answers.
func (c *Conn) Hello(ctx context.Context, h *harnessv1.Hello) (*harnessv1.Welcome, error) {
	h.Nonce = make([]byte, 16)
	if _, err := rand.Read(h.Nonce); err != nil {
		return nil, err
	}
	call, err := c.Start(&harnessv1.Command{Verb: &harnessv1.Command_Hello{Hello: h}})
	if err != nil {
		return nil, err
	}
	defer call.Close()
	e, err := call.Next(ctx)
	if err != nil {
		return nil, err
	}
	w := e.GetWelcome()
	if w == nil || !bytes.Equal(w.Nonce, h.Nonce) {
		return nil, errors.New("the agent's welcome is not an answer to our hello")
	}
	if w.Level != agent.Level {
		return nil, fmt.Errorf("the agent speaks protocol level %d, not %d", w.Level, agent.Level)
	}
	return w, nil
}

// Do carries out a command that has no result but done.
func (c *Conn) Do(ctx context.Context, command *harnessv1.Command) error {
	call, err := c.Start(command)
	if err != nil {
		return err
	}
	defer call.Close()
	for {
		if _, err := call.Next(ctx); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
	}
}

// Start sends a command. The caller closes the call.
func (c *Conn) Start(command *harnessv1.Command) (*Call, error) {
	c.mu.Lock()
	c.next++
	command.Id = c.next
	call := &Call{conn: c, id: c.next, arrived: make(chan struct{}, 1)}
	c.calls[call.id] = call
	c.mu.Unlock()
	if err := c.out.Send(command); err != nil {
		call.Close()
		if errors.Is(err, frame.ErrTooLarge) {
			return nil, err
		}
		return nil, fmt.Errorf("%w: %w", ErrLost, err)
	}
	return call, nil
}

// Call is a command under way.
type Call struct {
	conn    *Conn
	id      uint64
	arrived chan struct{}

	mu     sync.Mutex
	events []*harnessv1.Event
	bytes  int
}

// maxQueuedBytes bounds what one call may have unread. Runs end at their output limit and streams at
// their window, so only a broken agent gets there.
const maxQueuedBytes = 64 << 20

func (c *Call) push(e *harnessv1.Event) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.bytes += len(e.GetOutput().GetData()) + len(e.GetFile().GetData()) + 64
	if c.bytes > maxQueuedBytes {
		return false
	}
	c.events = append(c.events, e)
	select {
	case c.arrived <- struct{}{}:
	default:
	}
	return true
}

// ID is what other commands name this one by.
func (c *Call) ID() uint64 { return c.id }

// Next returns the next event. It returns io.EOF after done, a *FailedError when the command failed,
// and ErrLost when the agent is gone.
func (c *Call) Next(ctx context.Context) (*harnessv1.Event, error) {
	for {
		if e := c.pop(); e != nil {
			return result(e)
		}
		select {
		case <-c.arrived:
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		case <-c.conn.lost:
			if e := c.pop(); e != nil { // its last words
				return result(e)
			}
			return nil, ErrLost
		}
	}
}

func result(e *harnessv1.Event) (*harnessv1.Event, error) {
	switch kind := e.Kind.(type) {
	case *harnessv1.Event_Done:
		return nil, io.EOF
	case *harnessv1.Event_Failure:
		return nil, &FailedError{kind.Failure.Message, kind.Failure.DiskFull}
	}
	return e, nil
}

func (c *Call) pop() *harnessv1.Event {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.events) == 0 {
		return nil
	}
	e := c.events[0]
	c.events[0] = nil
	c.events = c.events[1:]
	c.bytes -= len(e.GetOutput().GetData()) + len(e.GetFile().GetData()) + 64
	return e
}

// Close forgets the call; what still arrives for it is dropped.
func (c *Call) Close() {
	c.conn.mu.Lock()
	defer c.conn.mu.Unlock()
	delete(c.conn.calls, c.id)
}
