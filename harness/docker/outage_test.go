package docker

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	containertypes "github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/filters"

	"github.com/carrel-dev/carrel/fault"
	"github.com/carrel-dev/carrel/harness"
	"github.com/carrel-dev/carrel/harness/agent/client"
	"github.com/carrel-dev/carrel/harness/agent/frame"
	"github.com/carrel-dev/carrel/lesson"
	harnessv1 "github.com/carrel-dev/carrel/proto/gen/carrel/harness/v1"
)

// none fails the test when a Runner left containers behind, running or not.
func none(t *testing.T, r *Runner) {
	t.Helper()
	list, err := direct(t).ContainerList(context.WithoutCancel(t.Context()), containertypes.ListOptions{All: true, Filters: filters.NewArgs(filters.Arg("label", labelRunner+"="+r.ledger.runner))})
	if err != nil {
		t.Error(err)
	}
	for _, c := range list {
		t.Errorf("left behind: %s, %s", c.Names, c.Status)
	}
}

// TestOutage: an engine that goes away and comes back is no news for who checks.
func TestOutage(t *testing.T) {
	t.Parallel()
	open := func(t *testing.T) (*line, *Runner, *session) {
		t.Helper()
		l := newLine(t)
		r := poolRunner(t, "outage", Options{Host: l.host, Spare: -1})
		return l, r, openShell(t, r)
	}
	// counts is a suite whose verdict tells whether the files arrived as they were put.
	counts := harness.Suite{
		Tests:   lesson.Files{"test.sh": lesson.NewFile([]byte("for i in 1 2 3 4 5; do echo line $i; done; cat a b | cksum | grep '^862279280 7$'\n"))},
		Command: []string{"sh", "test.sh"}, Format: harness.FormatExit,
	}
	files := lesson.Files{"a": lesson.NewFile([]byte("123456")), "b": lesson.NewFile([]byte("7"))}

	t.Run("between two checks", func(t *testing.T) {
		t.Parallel()
		l, r, s := open(t)
		passes(t, s)
		l.cut(3)
		passes(t, s)
		closeAll(t, r, s)
	})
	t.Run("in the middle of a check", func(t *testing.T) {
		t.Parallel()
		l, r, s := open(t)
		started := 0
		report, err := s.Check(t.Context(), harness.Suite{Command: []string{"sleep", "0.2"}, Format: harness.FormatExit}, func(e harness.Event) {
			if e.Running {
				started++
			}
			if e.Running && started == 1 {
				l.cut(3)
			}
		})
		if err != nil || report.Verdict != harness.Passed || started != 2 {
			t.Errorf("got %s, %v after %d starts", report.Verdict, err, started)
		}
		closeAll(t, r, s)
	})
	t.Run("in the middle of every check", func(t *testing.T) {
		t.Parallel()
		l, r, s := open(t)
		report, err := s.Check(t.Context(), harness.Suite{Command: []string{"sleep", "0.2"}, Format: harness.FormatExit}, func(e harness.Event) {
			if e.Running {
				l.cut(0)
			}
		})
		if fault.KindOf(err) != fault.Unavailable || report.Verdict != "" {
			t.Errorf("got %q, %v", report.Verdict, err)
		}
		passes(t, s)
		closeAll(t, r, s)
	})
	t.Run("for longer than anybody waits", func(t *testing.T) {
		t.Parallel()
		l, r, s := open(t)
		r.options.Patience = 300 * time.Millisecond
		l.cut(1 << 30)
		_, err := s.Check(t.Context(), counts, nil)
		if message, _ := fault.Sentence(err); fault.KindOf(err) != fault.Unavailable || message == "" {
			t.Errorf("got %v", err)
		}
		l.mend()
		passes(t, s)
		closeAll(t, r, s)
	})
	t.Run("after any number of bytes", func(t *testing.T) {
		t.Parallel()
		l, r, s := open(t)
		for bytes := 1; bytes < 2000; bytes = bytes*5/3 + 7 {
			// Different files each time, so that they travel; the wrong ones must be told from the right.
			right := bytes%2 == 0
			now, want := files.Overlay(), harness.Passed
			if now["c"] = lesson.NewFile(fmt.Append(nil, bytes)); !right {
				now["a"], want = lesson.NewFile([]byte("654321")), harness.Failed
			}
			l.cutAfter(bytes)
			err := s.Put(t.Context(), now)
			var report harness.Report
			if err == nil {
				report, err = s.Check(t.Context(), counts, nil)
			}
			if err != nil || report.Verdict != want || report.Log.Head == "" {
				t.Errorf("cut after %d bytes: %s, %v, want %s; it said %q", bytes, report.Verdict, err, want, report.Log.Head)
			}
		}
		closeAll(t, r, s)
	})
	t.Run("with containers that wait", func(t *testing.T) {
		t.Parallel()
		l, r, s := open(t)
		first := s.current
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		l.cut(1)
		<-first.conn.Lost()
		s = openShell(t, r)
		if s.current == first {
			t.Error("a lost container was given away")
		}
		passes(t, s)
		if gone := r.pool.expired(time.Now().Add(-time.Hour)); len(gone) != 1 || gone[0] != first {
			t.Errorf("%d lost ones are removed, want 1", len(gone))
		}
		closeAll(t, r, s)
	})
	t.Run("just after it made a container", func(t *testing.T) {
		t.Parallel()
		l, r, s := open(t)
		lost := 0
		l.lose = func(request string) bool {
			if !strings.HasPrefix(request, "POST ") || !strings.HasSuffix(request, "/containers/create") || lost > 0 {
				return false
			}
			lost++
			return true
		}
		second, err := r.Open(t.Context(), s.spec)
		if err != nil && fault.KindOf(err) != fault.Unavailable {
			t.Errorf("got %v", err)
		}
		e, err := r.connect(t.Context())
		if err != nil || lost != 1 {
			t.Fatalf("%d answers were lost; %v", lost, err)
		}
		r.reap(t.Context(), e)
		passes(t, s)
		if second != nil {
			passes(t, second)
		}
		closeAll(t, r, s)
	})
}

// closeAll ends everything and looks for leftovers.
func closeAll(t *testing.T, r *Runner, s harness.Session) {
	t.Helper()
	if err := errors.Join(s.Close(), r.Close()); err != nil {
		t.Error(err)
	}
	none(t, r)
}

// TestVouch: a command that was killed says nothing about the learner's code when the whole container
// was.
func TestVouch(t *testing.T) {
	t.Parallel()
	killed := &harnessv1.Exit{Code: -1, Signal: 9}
	tests := []struct {
		name     string
		exit     *harnessv1.Exit
		survives bool
		lost     bool
	}{
		{"killed, and the agent lives", killed, true, false},
		{"killed with the agent", killed, false, true},
		{"killed at a limit", &harnessv1.Exit{Code: -1, Signal: 9, LimitHit: harness.LimitMemory}, false, false},
		{"ended by itself", &harnessv1.Exit{Code: 1}, false, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			commands, in := io.Pipe()
			out, events := io.Pipe()
			c := &container{conn: client.New(in)}
			c.ended.Go(func() { c.conn.Run(out) })
			c.ended.Go(func() { // an agent that was told to run, answers, and perhaps lives on
				defer func() { _ = errors.Join(events.Close(), commands.Close()) }()
				reader, writer := frame.NewReader(commands), frame.NewWriter(events)
				for {
					var command harnessv1.Command
					if reader.Next(&command) != nil {
						return
					}
					answer := &harnessv1.Event{Id: command.Id, Kind: &harnessv1.Event_Done{Done: &harnessv1.Done{}}}
					if command.GetRun() != nil {
						answer.Kind = &harnessv1.Event_Exit{Exit: tt.exit}
					}
					if writer.Send(answer) != nil || !tt.survives {
						return
					}
				}
			})
			exit, _, err := c.follow(t.Context(), &harnessv1.Run{Limits: &harnessv1.Limits{WallMs: 1000}}, func(int, []byte) {})
			if lost := errors.Is(err, client.ErrLost); lost != tt.lost || !lost && exit != nil && exit.Code != tt.exit.Code {
				t.Errorf("got %v, %v", exit, err)
			}
			_ = errors.Join(in.Close(), out.Close())
			c.ended.Wait()
		})
	}
}
