package terminal_test

import (
	"context"
	"errors"
	"io"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/carrel-dev/carrel/app/terminal"
	"github.com/carrel-dev/carrel/fault"
	"github.com/carrel-dev/carrel/harness"
	"github.com/carrel-dev/carrel/lesson"
)

// echo is a shell that prints what is typed.
type echo struct {
	*io.PipeReader
	out  *io.PipeWriter
	size harness.Size
}

func newEcho() *echo {
	r, w := io.Pipe()
	return &echo{PipeReader: r, out: w}
}

func (e *echo) Write(p []byte) (int, error)    { return e.out.Write(p) }
func (e *echo) Resize(size harness.Size) error { e.size = size; return nil }
func (e *echo) Close() error                   { return errors.Join(e.out.Close(), e.PipeReader.Close()) }

// fakeSession opens echo shells and nothing else.
type fakeSession struct {
	harness.Session
	shells []*echo
}

func (f *fakeSession) Terminal(context.Context, harness.Size) (harness.Terminal, error) {
	e := newEcho()
	f.shells = append(f.shells, e)
	return e, nil
}

// sessions gives one session to every lesson.
type sessions struct{ one harness.Session }

func (s sessions) Session(context.Context, lesson.ID) (harness.Session, error) { return s.one, nil }

// log collects events.
type log struct {
	mu     sync.Mutex
	text   strings.Builder
	ends   []string
	offset uint64
	torn   bool
}

func (l *log) tell(e terminal.Event) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.torn = l.torn || e.Offset != l.offset
	l.offset += uint64(len(e.Data))
	l.text.Write(e.Data)
	if e.Ended {
		l.ends = append(l.ends, e.Message)
	}
}

var lessonID = uuid.MustParse("018f0000-0000-7000-8000-000000000001")

func open(t *testing.T) (*terminal.Set, *fakeSession, *log, terminal.Opened) {
	t.Helper()
	session, events := &fakeSession{}, &log{}
	set := terminal.NewSet(sessions{session}, events.tell)
	opened, err := set.Open(t.Context(), lessonID, harness.Size{Rows: 24, Columns: 80}, true)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = set.Shutdown() })
	return set, session, events, opened
}

func TestSet_Write(t *testing.T) {
	t.Parallel()

	t.Run("keys arrive once and in order", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			set, _, events, opened := open(t)
			var wg sync.WaitGroup
			for _, seq := range []uint64{3, 1, 2, 2, 1, 5, 4, 3} {
				wg.Go(func() {
					if err := set.Write(t.Context(), opened.ID, seq, []byte{byte('a' + seq - 1)}); err != nil {
						t.Error(err)
					}
				})
				synctest.Wait()
			}
			wg.Wait()
			synctest.Wait()
			if got := events.text.String(); got != "abcde" || events.torn {
				t.Errorf("printed %q, offsets torn: %v", got, events.torn)
			}
		})
	})

	t.Run("a hole in the keys is told after a while", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			set, _, _, opened := open(t)
			if err := set.Write(t.Context(), opened.ID, 2, []byte("x")); fault.KindOf(err) != fault.Conflict {
				t.Errorf("error %v, want a Conflict", err)
			}
		})
	})
}

func TestSet_Replay(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		set, _, _, opened := open(t)
		const chunk = 64 << 10
		for seq := range uint64(40) {
			text := strings.Repeat(string(rune('a'+seq%26)), chunk)
			if err := set.Write(t.Context(), opened.ID, seq+1, []byte(text)); err != nil {
				t.Fatal(err)
			}
		}
		synctest.Wait()
		data, offset, err := set.Replay(opened.ID, 0)
		if err != nil {
			t.Fatal(err)
		}
		if want := uint64(40*chunk - 512<<10); offset != want || len(data) != 512<<10 {
			t.Errorf("replay of %d bytes at %d, want %d at %d", len(data), offset, 512<<10, want)
		}
		if want := byte('a' + (offset/chunk)%26); data[0] != want {
			t.Errorf("first byte %c, want %c", data[0], want)
		}
		if data, offset, _ = set.Replay(opened.ID, 40*chunk-3); len(data) != 3 || offset != 40*chunk-3 {
			t.Errorf("replay of the end: %d bytes at %d", len(data), offset)
		}
		if data, offset, _ = set.Replay(opened.ID, 1<<40); len(data) != 0 || offset != 40*chunk {
			t.Errorf("replay beyond the end: %d bytes at %d", len(data), offset)
		}
	})
}

func TestSet_Open(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		set, session, _, first := open(t)
		if err := set.Write(t.Context(), first.ID, 1, []byte("ls")); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		again, err := set.Open(t.Context(), lessonID, harness.Size{Rows: 50, Columns: 100}, true)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(terminal.Opened{ID: first.ID, Offset: 2, Seq: 1}, again); diff != "" {
			t.Errorf("reattached (-want +got):\n%s", diff)
		}
		if session.shells[0].size.Rows != 50 {
			t.Error("the terminal did not take the new size")
		}
		for range 7 {
			if _, err := set.Open(t.Context(), lessonID, harness.Size{}, false); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := set.Open(t.Context(), lessonID, harness.Size{}, false); fault.KindOf(err) != fault.Exhausted {
			t.Errorf("ninth terminal: %v, want Exhausted", err)
		}
	})
}

func TestSet_End(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		end  func(*terminal.Set, *echo, terminal.ID) error
		want string
	}{
		"the learner closes it": {func(s *terminal.Set, _ *echo, id terminal.ID) error { return s.Close(id) }, ""},
		"the shell exits":       {func(_ *terminal.Set, e *echo, _ terminal.ID) error { return e.out.Close() }, "The shell has ended."},
		"the connection breaks": {func(_ *terminal.Set, e *echo, _ terminal.ID) error {
			return e.out.CloseWithError(errors.New("reset by peer"))
		}, "The connection to the shell was lost. Open a new terminal to go on."},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				set, session, events, opened := open(t)
				if err := tt.end(set, session.shells[0], opened.ID); err != nil {
					t.Fatal(err)
				}
				synctest.Wait()
				if diff := cmp.Diff([]string{tt.want}, events.ends); diff != "" {
					t.Errorf("end (-want +got):\n%s", diff)
				}
				if err := set.Write(t.Context(), opened.ID, 1, nil); fault.KindOf(err) != fault.NotFound {
					t.Errorf("writing to an ended terminal: %v, want NotFound", err)
				}
			})
		})
	}
}
