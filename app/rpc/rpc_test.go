package rpc

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/fstest"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"
	"pgregory.net/rapid"

	"github.com/carrel-dev/carrel/app/checks"
	"github.com/carrel-dev/carrel/app/terminal"
	idev1 "github.com/carrel-dev/carrel/proto/gen/carrel/ide/v1"
)

func stateEvent() *idev1.Event {
	return &idev1.Event{Kind: &idev1.Event_RunnersChanged{RunnersChanged: &idev1.RunnersChanged{}}}
}

func output(text string) *idev1.Event {
	return &idev1.Event{Kind: &idev1.Event_Run{Run: &idev1.RunEvent{RunId: "r", Stream: 1, Text: text}}}
}

func typed(offset uint64, data string) *idev1.Event {
	return &idev1.Event{Kind: &idev1.Event_Terminal{Terminal: &idev1.TerminalEvent{TerminalId: "t", Offset: offset, Data: []byte(data)}}}
}

func TestRing_After(t *testing.T) {
	t.Parallel()

	t.Run("each event once and in order", func(t *testing.T) {
		t.Parallel()
		r := newRing(100)
		for range 5 {
			r.add(stateEvent())
		}
		events, cursor, gap := r.after(0, maxBatch)
		if len(events) != 5 || cursor != 105 || gap {
			t.Errorf("%d events, cursor %d, gap %v", len(events), cursor, gap)
		}
		if events, cursor, gap = r.after(cursor, maxBatch); len(events) != 0 || cursor != 105 || gap {
			t.Errorf("%d events, cursor %d, gap %v", len(events), cursor, gap)
		}
	})

	t.Run("a cursor of another run of the program is a gap", func(t *testing.T) {
		t.Parallel()
		r := newRing(100)
		r.add(stateEvent())
		for _, cursor := range []uint64{7, 5000} {
			if events, _, gap := r.after(cursor, maxBatch); !gap || len(events) != 1 {
				t.Errorf("cursor %d: %d events, gap %v", cursor, len(events), gap)
			}
		}
	})

	t.Run("a flood of output never evicts state or terminals", func(t *testing.T) {
		t.Parallel()
		r := newRing(0)
		r.add(stateEvent())
		r.add(typed(0, "$ "))
		for i := range 1000 {
			r.add(output(strings.Repeat("x", 8<<10)))
			if i%10 == 0 {
				r.seen = r.last // somebody pulls now and then
			}
		}
		events, _, gap := r.after(1, maxBatch)
		if gap || events[0].GetTerminal() == nil {
			t.Errorf("gap %v, first event %v", gap, events[0].GetKind())
		}
		if text := events[1].GetRun().GetText(); !strings.Contains(text, "bytes left out") {
			t.Errorf("no marker in %.60q", text)
		}
		size := 0
		for _, e := range events {
			size += proto.Size(e)
		}
		if size > laneRoom[outputLane]+1024 {
			t.Errorf("%d bytes are kept", size)
		}
	})

	t.Run("a flood of state is a gap", func(t *testing.T) {
		t.Parallel()
		r := newRing(100)
		for range 20_000 {
			r.add(stateEvent())
		}
		if _, _, gap := r.after(101, maxBatch); !gap {
			t.Error("no gap")
		}
		if _, _, gap := r.after(r.last-1, maxBatch); gap {
			t.Error("a gap for who is up to date")
		}
	})
}

// TestRing_Terminal_NoByteIsLost pulls at random moments and puts the terminal's output together again.
func TestRing_Terminal_NoByteIsLost(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		r := newRing(0)
		var cursor, end uint64
		var got, want strings.Builder
		pull := func() {
			var events []*idev1.Event
			events, cursor, _ = r.after(cursor, rapid.IntRange(1, 4096).Draw(t, "batch"))
			for _, e := range events {
				if term := e.GetTerminal(); term != nil {
					if term.Offset != uint64(got.Len()) {
						t.Fatalf("hole: offset %d after %d bytes", term.Offset, got.Len())
					}
					got.Write(term.Data)
				}
			}
		}
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			switch rapid.IntRange(0, 3).Draw(t, "step") {
			case 0:
				pull()
			case 1:
				r.add(stateEvent())
			case 2:
				r.add(output("x"))
			default:
				data := rapid.StringN(1, 50, 200).Draw(t, "data")
				r.add(typed(end, data))
				end += uint64(len(data))
				want.WriteString(data)
			}
		}
		for cursor < r.last {
			pull()
		}
		if got.String() != want.String() {
			t.Fatalf("got %d bytes, want %d", got.Len(), want.Len())
		}
	})
}

func TestEvents_Pull(t *testing.T) {
	t.Parallel()

	t.Run("waits for the first event", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			e := NewEvents()
			s := &eventService{events: e}
			first, err := s.Pull(t.Context(), &idev1.PullRequest{})
			if err != nil {
				t.Fatal(err)
			}
			go func() {
				time.Sleep(7 * time.Second)
				e.TellTerminal(terminal.Event{Terminal: "t", Data: []byte("hi")})
			}()
			began := time.Now()
			resp, err := s.Pull(t.Context(), &idev1.PullRequest{Cursor: first.Cursor, MaxWaitMs: 20_000})
			if err != nil {
				t.Fatal(err)
			}
			if len(resp.Events) != 1 || time.Since(began) != 7*time.Second {
				t.Errorf("%d events after %s", len(resp.Events), time.Since(began))
			}
		})
	})

	t.Run("never waits longer than webviews do", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			s := &eventService{events: NewEvents()}
			began := time.Now()
			if _, err := s.Pull(t.Context(), &idev1.PullRequest{MaxWaitMs: 3_600_000}); err != nil {
				t.Fatal(err)
			}
			if time.Since(began) != maxPullWait {
				t.Errorf("waited %s", time.Since(began))
			}
		})
	})

	t.Run("Close lets everyone go", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			e := NewEvents()
			done := make(chan struct{})
			go func() {
				defer close(done)
				_, closed := e.wait(context.Background(), 0, time.Hour)
				if !closed {
					t.Error("not told that it is closed")
				}
			}()
			synctest.Wait()
			e.Close()
			<-done
		})
	})
}

func TestEvents_TellCheck_SplitsLargeOutput(t *testing.T) {
	t.Parallel()
	e := NewEvents()
	text := strings.Repeat("é", maxPiece)
	e.TellCheck(checks.Event{Output: &checks.Output{Stream: 1, Text: text}})
	b, _ := e.wait(t.Context(), 0, 0)
	var got strings.Builder
	for _, event := range b.events {
		if len(event.GetRun().GetText()) > 2*maxPiece {
			t.Errorf("a piece of %d bytes", len(event.GetRun().GetText()))
		}
		got.WriteString(event.GetRun().GetText())
	}
	if got.String() != text {
		t.Error("the pieces are not the text")
	}
}

func TestStatic(t *testing.T) {
	t.Parallel()
	files := fstest.MapFS{
		"index.html":           {Data: []byte("<!doctype html>")},
		"assets/app-1a2b3c.js": {Data: []byte("1")},
		"favicon.svg":          {Data: []byte("<svg/>")},
	}
	tests := map[string]struct {
		method, path string
		status       int
		contentType  string
		immutable    bool
	}{
		"root":             {"GET", "/", 200, "text/html; charset=utf-8", false},
		"a screen":         {"GET", "/courses/python/lists", 200, "text/html; charset=utf-8", false},
		"a hashed script":  {"GET", "/assets/app-1a2b3c.js", 200, "text/javascript; charset=utf-8", true},
		"an image":         {"HEAD", "/favicon.svg", 200, "image/svg+xml", false},
		"a missing script": {"GET", "/assets/old.js", 404, "text/plain; charset=utf-8", false},
		"outside":          {"GET", "/../../etc/passwd", 200, "text/html; charset=utf-8", false},
		"a write":          {"POST", "/", 405, "text/plain; charset=utf-8", false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := httptest.NewRecorder()
			r := httptest.NewRequestWithContext(t.Context(), tt.method, "http://localhost/", nil)
			r.URL.Path = tt.path
			static(files).ServeHTTP(w, r)
			if w.Code != tt.status || w.Header().Get("Content-Type") != tt.contentType {
				t.Errorf("%d %s", w.Code, w.Header().Get("Content-Type"))
			}
			if got := strings.Contains(w.Header().Get("Cache-Control"), "immutable"); got != tt.immutable {
				t.Errorf("Cache-Control %q", w.Header().Get("Cache-Control"))
			}
			if tt.status == 200 && !strings.Contains(w.Header().Get("Content-Security-Policy"), "default-src 'none'") {
				t.Error("no Content-Security-Policy")
			}
		})
	}

	t.Run("a program without its frontend says so", func(t *testing.T) {
		t.Parallel()
		w := httptest.NewRecorder()
		static(fstest.MapFS{}).ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), "GET", "/", nil))
		if !strings.Contains(w.Body.String(), "without its interface") {
			t.Errorf("body %q", w.Body)
		}
	})
}

func TestLoopback(t *testing.T) { //nolint:tparallel // connections dialled in parallel and never used would hold up the end of Run
	t.Parallel()
	l, err := ListenLoopback(t.Context(), 0, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusTeapot)
	}))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- l.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	u, err := url.Parse(l.URL("/"))
	if err != nil {
		t.Fatal(err)
	}
	if u.Hostname() != "127.0.0.1" || len(l.token) != 64 || u.Fragment != "token="+l.token {
		t.Fatalf("address %s", l.URL("/"))
	}
	tests := map[string]struct {
		path, host, origin, token string
		want                      int
	}{
		"a page needs no token":             {"/", "", "", "", http.StatusTeapot},
		"a call needs it":                   {"/rpc/x", "", "", "", http.StatusUnauthorized},
		"a call with a wrong one":           {"/rpc/x", "", "", strings.Repeat("0", 64), http.StatusUnauthorized},
		"a call with the right one":         {"/rpc/x", "", "", l.token, http.StatusTeapot},
		"our own page":                      {"/rpc/x", "", "http://" + u.Host, l.token, http.StatusTeapot},
		"our own page, by name":             {"/rpc/x", "localhost:" + u.Port(), "http://localhost:" + u.Port(), l.token, http.StatusTeapot},
		"another site, even with the token": {"/rpc/x", "", "https://evil.example", l.token, http.StatusForbidden},
		"another port of this computer":     {"/rpc/x", "", "http://127.0.0.1:1", l.token, http.StatusForbidden},
		"a rebound name":                    {"/", "evil.example:" + u.Port(), "", l.token, http.StatusMisdirectedRequest},
		"a host without its port":           {"/", "127.0.0.1", "", l.token, http.StatusMisdirectedRequest},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, fmt.Sprintf("http://%s%s", u.Host, tt.path), nil)
			if err != nil {
				t.Fatal(err)
			}
			r.Host = tt.host
			if tt.origin != "" {
				r.Header.Set("Origin", tt.origin)
			}
			r.Header.Set(TokenHeader, tt.token)
			resp, err := http.DefaultClient.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			_ = resp.Body.Close()
			if diff := cmp.Diff(tt.want, resp.StatusCode); diff != "" {
				t.Errorf("status (-want +got):\n%s", diff)
			}
			if resp.Header.Get("Access-Control-Allow-Origin") != "" {
				t.Error("another origin is allowed")
			}
		})
	}
}
