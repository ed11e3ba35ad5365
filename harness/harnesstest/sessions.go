package harnesstest

import (
	"context"
	"errors"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/carrel-dev/carrel/harness"
)

func testFiles(t *testing.T, r harness.Runner) {
	s := session(t, r, shell())
	steps := []struct {
		name  string
		files []string
		want  string // what find and cat tell
	}{
		{"first files", []string{"a", "1", "d/b", "2"}, "./a=1 ./d/b=2 "},
		{"one changes", []string{"a", "one", "d/b", "2"}, "./a=one ./d/b=2 "},
		{"one goes, one comes", []string{"d/b", "2", "e/f/c", "3"}, "./d/b=2 ./e/f/c=3 "},
		{"a folder becomes a file", []string{"d", "4"}, "./d=4 "},
		{"and a folder again", []string{"d/x", "5"}, "./d/x=5 "},
		{"none", nil, ""},
	}
	list := `for f in $(find . -type f | sort); do printf '%s=%s ' "$f" "$(cat "$f")"; done`
	for _, tt := range steps {
		t.Run(tt.name, func(t *testing.T) {
			put(t, s, files(tt.files...))
			report := check(t, s, script(list))
			if report.Log.Head != tt.want {
				t.Errorf("a check sees %q, want %q", report.Log.Head, tt.want)
			}
			if got := output(t, s, "cd ~; "+list); got != tt.want {
				t.Errorf("a program sees %q, want %q", got, tt.want)
			}
		})
	}
	t.Run("a program may be executable", func(t *testing.T) {
		put(t, s, files("hello", "#!/bin/sh\necho hello\n"))
		wantVerdict(t, check(t, s, script(`[ "$(./hello)" = hello ]`)), harness.Passed)
	})
	t.Run("many and large files", func(t *testing.T) {
		f := files()
		for i := range 300 {
			f["many/"+strings.Repeat("x", i%50)+string(rune('a'+i%26))+time.Duration(i).String()] = files("x", strings.Repeat("y", i*40))["x"]
		}
		f["large"] = files("x", strings.Repeat("z", 3<<20))["x"]
		put(t, s, f)
		report := check(t, s, script(`[ "$(find . -type f | wc -l)" = 301 ] && [ "$(wc -c < large)" = 3145728 ]`))
		wantVerdict(t, report, harness.Passed)
	})
	t.Run("files larger than the disk limit", func(t *testing.T) {
		put(t, s, files("a", strings.Repeat("z", 10<<20), "b", strings.Repeat("z", 10<<20)))
		wantVerdict(t, check(t, s, script("exit 0")), harness.DiskLimit)
		put(t, s, files("keep.txt", "original"))
		wantVerdict(t, check(t, s, script(nothingLeft)), harness.Passed)
	})
}

func output(t *testing.T, s harness.Session, text string) string {
	t.Helper()
	var out strings.Builder
	exit, err := s.Run(t.Context(), harness.Command{Argv: []string{"bash", "-c", text}, Limits: limits(), Output: func(_ int, text string) { out.WriteString(text) }})
	if err != nil {
		t.Fatal(err)
	}
	if exit.Code != 0 {
		t.Errorf("%q exited with %d: %s", text, exit.Code, out.String())
	}
	return out.String()
}

func testPrograms(t *testing.T, r harness.Runner) {
	s := session(t, r, shell())
	put(t, s, files("greet.sh", "echo hello $1"))
	t.Run("a program runs on the learner's files", func(t *testing.T) {
		if got := output(t, s, "bash greet.sh you"); got != "hello you\n" {
			t.Errorf("got %q", got)
		}
	})
	t.Run("a program's limits hold", func(t *testing.T) {
		l := limits()
		l.Wall = 300 * time.Millisecond
		exit, err := s.Run(t.Context(), harness.Command{Argv: []string{"sleep", "100"}, Limits: l})
		if err != nil || exit.LimitHit != harness.LimitWall || exit.Code != -1 {
			t.Errorf("got %+v, %v", exit, err)
		}
	})
	t.Run("a terminal is one, sees changes, and survives a check", func(t *testing.T) { testTerminal(t, s) })
	t.Run("a program's port can be dialled", func(t *testing.T) { testDial(t, r) })
}

func testTerminal(t *testing.T, s harness.Session) {
	term, err := s.Terminal(t.Context(), harness.Size{Rows: 30, Columns: 100})
	if err != nil {
		t.Fatal(err)
	}
	screen := &screen{from: term}
	say := func(line string) {
		t.Helper()
		if _, err := io.WriteString(term, line+"\n"); err != nil {
			t.Fatal(err)
		}
	}
	say("stty size; tty -s && echo is-a-$((1))-terminal")
	screen.wait(t, "30 100")
	screen.wait(t, "is-a-1-terminal")
	if err := term.Resize(harness.Size{Rows: 20, Columns: 60}); err != nil {
		t.Fatal(err)
	}
	say("stty size")
	screen.wait(t, "20 60")
	say("echo kept > notes.txt; x=remembered")
	put(t, s, files("greet.sh", "echo good day $1"))
	say("bash greet.sh ter''minal")
	screen.wait(t, "good day terminal")
	wantVerdict(t, check(t, s, script("[ ! -e notes.txt ] && (setsid -f sleep 100; exit 0)")), harness.Passed)
	say(`echo $x-$(cat notes.txt)`)
	screen.wait(t, "remembered-kept")
	say("seq 200000 | tail -n 1; yes | head -n 300000 | wc -l")
	screen.wait(t, "200000")
	screen.wait(t, "300000")
	say("exit")
	screen.wait(t, "")
	if err := term.Close(); err != nil {
		t.Error(err)
	}
}

// screen reads a terminal until a text appears after all those waited for before.
type screen struct {
	from io.Reader
	text string
}

// wait waits for a text; for the end when it is empty. The test's own timeout bounds it.
func (s *screen) wait(t *testing.T, text string) {
	t.Helper()
	buf := make([]byte, 4096)
	for {
		if i := strings.Index(s.text, text); i >= 0 && text != "" {
			s.text = s.text[i+len(text):]
			return
		}
		n, err := s.from.Read(buf)
		s.text += string(buf[:n])
		if errors.Is(err, io.EOF) && text == "" {
			return
		}
		if err != nil {
			t.Fatalf("waiting for %q: %v; after %q", text, err, s.text)
		}
	}
}

func testDial(t *testing.T, r harness.Runner) {
	s := session(t, r, python())
	if c, err := s.Dial(t.Context(), 8000); err == nil {
		t.Errorf("a connection to nobody: %v", c.Close())
	}
	put(t, s, files("echo.py", "import socket\ns = socket.create_server(('127.0.0.1', 8000))\nprint('ready', flush=True)\nc, _ = s.accept()\n"+
		"while (d := c.recv(65536)): c.sendall(d)\n"))
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	ready, ended := make(chan struct{}), make(chan struct{})
	isReady := sync.OnceFunc(func() { close(ready) })
	go func() {
		defer close(ended)
		l := limits()
		l.Wall = 20 * time.Second
		_, _ = s.Run(ctx, harness.Command{Argv: []string{"python3", "echo.py"}, Limits: l, Output: func(int, string) { isReady() }})
	}()
	<-ready
	conn, err := s.Dial(t.Context(), 8000)
	if err != nil {
		t.Fatal(err)
	}
	// More than any buffer on the way holds, so that both directions have to flow.
	sent := strings.Repeat("0123456789abcdef", 1<<16)
	wrote := make(chan error, 1)
	go func() { _, err := io.WriteString(conn, sent); wrote <- err }()
	got := make([]byte, len(sent))
	if _, err := io.ReadFull(conn, got); err != nil || string(got) != sent {
		t.Errorf("the echo is another: %v", err)
	}
	if err := errors.Join(<-wrote, conn.Close()); err != nil {
		t.Error(err)
	}
	<-ended
}

func testSessions(t *testing.T, r harness.Runner) {
	t.Run("a cancelled check stops at once, and the next one works", func(t *testing.T) {
		s := session(t, r, shell())
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		began := time.Now()
		_, err := s.Check(ctx, script("sleep 1000"), func(e harness.Event) {
			if e.Running {
				cancel()
			}
		})
		if !errors.Is(err, context.Canceled) || time.Since(began) > limits().Wall {
			t.Errorf("got %v after %v", err, time.Since(began))
		}
		checkNextIsClean(t, s)
	})
	t.Run("what one session leaves, the owner's next does not find", func(t *testing.T) {
		open := func(fresh bool) harness.Session {
			s, err := r.Open(t.Context(), harness.Spec{Environment: shell(), Limits: limits(), Owner: "somebody", Fresh: fresh})
			if err != nil {
				t.Fatal(err)
			}
			return s
		}
		for _, fresh := range []bool{false, false, true} {
			s := open(fresh)
			put(t, s, files("keep.txt", "original"))
			if got := output(t, s, "find ~ -type f"); got != "/home/learner/keep.txt\n" {
				t.Errorf("home has %q", got)
			}
			output(t, s, "echo x > ~/left; echo x > /tmp/left; setsid -f sleep 100")
			checkNextIsClean(t, s)
			if err := errors.Join(s.Close(), s.Close()); err != nil {
				t.Error(err)
			}
		}
	})
	t.Run("a closed session says so", func(t *testing.T) {
		s := session(t, r, shell())
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Check(t.Context(), script("exit 0"), nil); err == nil {
			t.Error("a check ran")
		}
	})
}
