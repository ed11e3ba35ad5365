package e2e

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"
)

// bin is the folder of the programs that TestMain built from the sources as they are.
var bin string

func TestMain(m *testing.M) {
	code, err := build(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

func build(m *testing.M) (code int, err error) {
	if bin, err = os.MkdirTemp("", "carrel-e2e-bin-"); err != nil {
		return 1, err
	}
	defer os.RemoveAll(bin)
	for _, argv := range [][]string{
		{"go", "generate", "./harness/agent/binary"},
		{"env", "CGO_ENABLED=0", "go", "build", "-o", bin, "./app/cmd/carrel", "./cloud/cmd/carreld"},
		{"env", "CGO_ENABLED=1", "go", "build", "-tags", "desktop,production,webkit2_41", "-o", filepath.Join(bin, "carrel-desktop"), "."},
	} {
		command := exec.CommandContext(context.Background(), argv[0], argv[1:]...)
		command.Dir = ".."
		if out, err := command.CombinedOutput(); err != nil {
			return 1, fmt.Errorf("%s: %w\n%s", strings.Join(argv, " "), err, out)
		}
	}
	return m.Run(), nil
}

// program is a running program of ours.
type program struct {
	command *exec.Cmd
	said    []string // what the line that announced it captured
	mu      sync.Mutex
	log     strings.Builder
	ended   chan struct{}
}

// startProgram runs a program and waits until it prints a line that matches. The caller ends it.
func startProgram(line string, env []string, name string, args ...string) (*program, error) {
	p := &program{ended: make(chan struct{})}
	p.command = exec.CommandContext(context.Background(), filepath.Join(bin, name), args...)
	p.command.Env = append(os.Environ(), env...)
	read, write, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	p.command.Stdout, p.command.Stderr = write, write
	if err := p.command.Start(); err != nil {
		return nil, errors.Join(err, read.Close(), write.Close())
	}
	_ = write.Close() // the child has its own
	announced := make(chan []string, 1)
	go func() {
		p.read(read, regexp.MustCompile(line), announced)
		_ = p.command.Wait() // how it ended is seen by those who stop it
		close(p.ended)
	}()
	select {
	case p.said = <-announced:
		return p, nil
	case <-p.ended:
		return nil, fmt.Errorf("%s ended:\n%s", name, p.text())
	case <-time.After(time.Minute):
		p.stop()
		return nil, fmt.Errorf("%s was not ready within a minute:\n%s", name, p.text())
	}
}

func (p *program) read(from io.Reader, line *regexp.Regexp, announced chan<- []string) {
	lines := bufio.NewScanner(from)
	for lines.Scan() {
		p.mu.Lock()
		fmt.Fprintln(&p.log, lines.Text())
		p.mu.Unlock()
		if match := line.FindStringSubmatch(lines.Text()); match != nil {
			select {
			case announced <- match:
			default: // only the first counts
			}
		}
	}
}

func (p *program) text() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.log.String()
}

// stop ends the program as a person would and waits for its end.
func (p *program) stop() {
	_ = p.command.Process.Signal(os.Interrupt) // it may have ended by itself
	select {
	case <-p.ended:
	case <-time.After(30 * time.Second):
		p.kill()
	}
}

// kill ends the program at once, as a crash would.
func (p *program) kill() {
	_ = p.command.Process.Kill()
	<-p.ended
}

// carrel runs the command line with a state folder and returns its output and exit code.
func carrel(t testing.TB, home string, env []string, stdin string, args ...string) (stdout string, code int) {
	t.Helper()
	command := exec.CommandContext(t.Context(), filepath.Join(bin, "carrel"), args...)
	command.Env = append(append(os.Environ(), "CARREL_HOME="+home), env...)
	command.Stdin = strings.NewReader(stdin)
	var out, errs strings.Builder
	command.Stdout, command.Stderr = &out, &errs
	err := command.Run()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		code = exit.ExitCode()
	} else if err != nil {
		t.Fatal(err)
	}
	if errs.Len() > 0 {
		t.Logf("carrel %s: %s", strings.Join(args, " "), errs.String())
	}
	return out.String(), code
}

// eventually waits until ok holds, asking five times a second: what it waits for happens in other
// processes.
func eventually(t testing.TB, what string, patience time.Duration, ok func() bool) {
	t.Helper()
	ticker := time.NewTicker(200 * time.Millisecond)
	defer ticker.Stop()
	deadline := time.After(patience)
	for !ok() {
		select {
		case <-ticker.C:
		case <-deadline:
			t.Fatalf("did not happen within %v: %s", patience, what)
		}
	}
}
