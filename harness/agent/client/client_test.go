package client_test

import (
	"context"
	"errors"
	"io"
	"testing"

	"github.com/carrel-dev/carrel/harness/agent"
	"github.com/carrel-dev/carrel/harness/agent/client"
	"github.com/carrel-dev/carrel/harness/agent/frame"
	harnessv1 "github.com/carrel-dev/carrel/proto/gen/carrel/harness/v1"
)

// peer is a scripted agent: it answers each command with what answer returns.
func peer(t *testing.T, answer func(c *harnessv1.Command) []*harnessv1.Event) (*client.Conn, io.Closer) {
	t.Helper()
	commandsRead, commandsWrite := io.Pipe()
	eventsRead, eventsWrite := io.Pipe()
	conn := client.New(commandsWrite)
	ran := make(chan struct{})
	go func() { defer close(ran); conn.Run(eventsRead); _ = eventsRead.Close() }()
	served := make(chan struct{})
	go func() {
		defer close(served)
		in, out := frame.NewReader(commandsRead), frame.NewWriter(eventsWrite)
		for {
			var c harnessv1.Command
			if in.Next(&c) != nil {
				return
			}
			for _, e := range answer(&c) {
				if e.Id == 0 {
					e.Id = c.Id
				}
				if out.Send(e) != nil {
					return
				}
			}
		}
	}()
	t.Cleanup(func() {
		_ = commandsWrite.Close()
		<-served
		_ = eventsWrite.Close()
		<-ran
	})
	return conn, eventsWrite
}

func done() *harnessv1.Event {
	return &harnessv1.Event{Kind: &harnessv1.Event_Done{Done: &harnessv1.Done{}}}
}

func welcome(nonce []byte, level uint32) *harnessv1.Event {
	return &harnessv1.Event{Kind: &harnessv1.Event_Welcome{Welcome: &harnessv1.Welcome{Nonce: nonce, Level: level}}}
}

func TestConn_Hello(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		answer func(nonce []byte) *harnessv1.Event
		ok     bool
	}{
		{"our agent", func(nonce []byte) *harnessv1.Event { return welcome(nonce, agent.Level) }, true},
		{"an old stream", func([]byte) *harnessv1.Event { return welcome(make([]byte, 16), agent.Level) }, false},
		{"another level", func(nonce []byte) *harnessv1.Event { return welcome(nonce, agent.Level+1) }, false},
		{"something else", func([]byte) *harnessv1.Event { return done() }, false},
		{"a refusal", func([]byte) *harnessv1.Event {
			return &harnessv1.Event{Kind: &harnessv1.Event_Failure{Failure: &harnessv1.Failure{Message: "no"}}}
		}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			conn, _ := peer(t, func(c *harnessv1.Command) []*harnessv1.Event {
				return []*harnessv1.Event{tt.answer(c.GetHello().Nonce)}
			})
			if _, err := conn.Hello(t.Context(), &harnessv1.Hello{Uid: 1}); (err == nil) != tt.ok {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestConn_Do(t *testing.T) {
	t.Parallel()
	ping := func() *harnessv1.Command {
		return &harnessv1.Command{Verb: &harnessv1.Command_Ping{Ping: &harnessv1.Ping{}}}
	}
	t.Run("answers to nobody are dropped", func(t *testing.T) {
		t.Parallel()
		conn, _ := peer(t, func(*harnessv1.Command) []*harnessv1.Event {
			stray := done()
			stray.Id = 999
			return []*harnessv1.Event{stray, done()}
		})
		if err := conn.Do(t.Context(), ping()); err != nil {
			t.Error(err)
		}
	})
	t.Run("a failure is the agent's words", func(t *testing.T) {
		t.Parallel()
		conn, _ := peer(t, func(*harnessv1.Command) []*harnessv1.Event {
			return []*harnessv1.Event{{Kind: &harnessv1.Event_Failure{Failure: &harnessv1.Failure{Message: "no room", DiskFull: true}}}}
		})
		failed := (*client.FailedError)(nil)
		if err := conn.Do(t.Context(), ping()); !errors.As(err, &failed) || !failed.DiskFull {
			t.Errorf("got %v", err)
		}
	})
	t.Run("an agent that is gone ends every call", func(t *testing.T) {
		t.Parallel()
		var conn *client.Conn
		var events io.Closer
		ready := make(chan struct{})
		conn, events = peer(t, func(*harnessv1.Command) []*harnessv1.Event { close(ready); return nil })
		go func() { <-ready; _ = events.Close() }()
		if err := conn.Do(t.Context(), ping()); !errors.Is(err, client.ErrLost) {
			t.Errorf("got %v", err)
		}
		<-conn.Lost()
	})
	t.Run("who waits may give up", func(t *testing.T) {
		t.Parallel()
		conn, _ := peer(t, func(*harnessv1.Command) []*harnessv1.Event { return nil })
		ctx, cancel := context.WithCancelCause(t.Context())
		why := errors.New("changed my mind")
		cancel(why)
		if err := conn.Do(ctx, ping()); !errors.Is(err, why) {
			t.Errorf("got %v", err)
		}
	})
}

func TestConn_flood(t *testing.T) {
	t.Parallel()
	// A broken agent that says more than anybody reads must not fill the host's memory.
	conn, _ := peer(t, func(*harnessv1.Command) []*harnessv1.Event {
		var events []*harnessv1.Event
		for range 10 {
			events = append(events, &harnessv1.Event{Kind: &harnessv1.Event_Output{Output: &harnessv1.Output{Stream: 1, Data: make([]byte, 10<<20)}}})
		}
		return events
	})
	call, err := conn.Start(&harnessv1.Command{Verb: &harnessv1.Command_Run{Run: &harnessv1.Run{}}})
	if err != nil {
		t.Fatal(err)
	}
	defer call.Close()
	<-conn.Lost()
}
