package e2e

import (
	"errors"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/creack/pty"
	"github.com/rogpeppe/go-internal/testscript"
)

// screen is what a program has written to its terminal.
type screen struct {
	mu   sync.Mutex
	text strings.Builder
}

// Write implements io.Writer.
func (s *screen) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.Write(p)
}

func (s *screen) shows(want string) bool { return strings.Contains(s.String(), want) }

func (s *screen) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String()
}

// typeInTerminal is the command "terminal CODE KEYS [CARREL-ARGUMENTS...]": it runs carrel terminal in a
// terminal of 100 columns and 30 rows, types the lines of the file KEYS, and wants the exit code CODE. A line
// "? TEXT" waits until TEXT is on the screen, "= COLUMNS ROWS" changes the size.
func typeInTerminal(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: terminal CODE KEYS [ARGUMENTS...]")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	command := exec.Command(filepath.Join(bin, "carrel"), append([]string{"terminal"}, args[2:]...)...)
	command.Dir, command.Env = ts.MkAbs("."), environ(ts)
	keyboard, err := pty.StartWithSize(command, &pty.Winsize{Cols: 100, Rows: 30})
	ts.Check(err)
	seen, read := &screen{}, make(chan struct{})
	go func() {
		defer close(read)
		_, _ = io.Copy(seen, keyboard) // ends with an error when the program does
	}()
	ended := make(chan error, 1)
	go func() { ended <- command.Wait() }()
	for line := range strings.Lines(ts.ReadFile(args[1])) {
		line = strings.TrimSuffix(line, "\n")
		switch {
		case strings.HasPrefix(line, "? "):
			if !within(time.Minute, func() bool { return seen.shows(line[2:]) }) {
				_ = command.Process.Kill()
				ts.Fatalf("the terminal never showed %q, but\n%s", line[2:], seen)
			}
		case strings.HasPrefix(line, "= "):
			size := strings.Fields(line)
			columns, _ := strconv.Atoi(size[1])
			rows, _ := strconv.Atoi(size[2])
			ts.Check(pty.Setsize(keyboard, &pty.Winsize{Cols: uint16(columns), Rows: uint16(rows)}))
		default:
			_, err := io.WriteString(keyboard, line+"\n")
			ts.Check(err)
		}
	}
	select {
	case err = <-ended:
	case <-time.After(time.Minute):
		_ = command.Process.Kill()
		ts.Fatalf("the terminal did not end:\n%s", seen)
	}
	<-read
	_ = keyboard.Close()
	code := 0
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		code = exit.ExitCode()
	}
	if code != want {
		ts.Fatalf("exit code %d, want %d:\n%s", code, want, seen)
	}
}

// askPreview is the command "preview STATUS PATH TEXT [CARREL-ARGUMENTS...]": it runs carrel preview, asks for
// PATH where it says the program answers, and ends it as a person would.
func askPreview(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 3 {
		ts.Fatalf("usage: preview STATUS PATH TEXT [ARGUMENTS...]")
	}
	argv := []string{"preview"}
	for _, a := range args[3:] {
		if _, err := os.Stat(ts.MkAbs(a)); err == nil {
			a = ts.MkAbs(a) // the program is not started in the script's folder
		}
		argv = append(argv, a)
	}
	p, err := startProgram(`answers at (http://127\.0\.0\.1:\d+)$`, environ(ts), "carrel", argv...)
	ts.Check(err)
	defer p.stop()
	answer, err := http.Get(p.said[1] + args[1])
	ts.Check(err)
	body, err := io.ReadAll(answer.Body)
	ts.Check(errors.Join(err, answer.Body.Close()))
	if strconv.Itoa(answer.StatusCode) != args[0] || !strings.Contains(string(body), args[2]) {
		ts.Fatalf("%s is answered with %d:\n%s", args[1], answer.StatusCode, body)
	}
	p.stop()
	if code := p.command.ProcessState.ExitCode(); code != 0 {
		ts.Fatalf("exit code %d:\n%s", code, p.text())
	}
}

// environ is the script's environment for programs that testscript does not start.
func environ(ts *testscript.TestScript) []string {
	env := os.Environ()
	for _, name := range []string{"PATH", "CARREL_HOME", "HOME", "CARREL_SERVER", "LC_ALL"} {
		env = append(env, name+"="+ts.Getenv(name))
	}
	return append(env, "TERM=xterm")
}

// within asks until ok holds or the patience ends.
func within(patience time.Duration, ok func() bool) bool {
	ticker := time.NewTicker(50 * time.Millisecond)
	defer ticker.Stop()
	for end := time.After(patience); !ok(); {
		select {
		case <-ticker.C:
		case <-end:
			return false
		}
	}
	return true
}
