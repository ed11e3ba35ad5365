package harnesstest

import (
	_ "embed"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/carrel-dev/carrel/harness"
	"github.com/carrel-dev/carrel/lesson"
)

//go:embed testdata/python/programs.txtar
var pythonPrograms []byte

// address is where an object happens to lie.
var address = regexp.MustCompile(`0x[0-9a-f]+`)

// testPythonPrograms compares a preloaded interpreter with one that is started anew: a program may be
// forked from the former whenever that is possible and must not be able to tell.
func testPythonPrograms(t *testing.T, r harness.Runner) {
	programs := map[string]lesson.Files{}
	for _, f := range txtar.Parse(pythonPrograms).Files {
		program, name, _ := strings.Cut(f.Name, "/")
		if programs[program] == nil {
			programs[program] = lesson.Files{}
		}
		programs[program][name] = lesson.NewFile(f.Data)
	}
	s := unhurriedSession(t, r)
	t.Run("they are forked", func(t *testing.T) {
		put(t, s, files("main.py", "print(open('/proc/self/cmdline').read().split('\\0'))"))
		for range 50 { // a zygote may still be loading, and nobody waits for it
			if strings.Contains(ended(t, s, "python3 main.py").Output, "zygote.py") {
				return
			}
		}
		t.Error("the program ran in an interpreter of its own")
	})
	for name, program := range programs {
		t.Run(name, func(t *testing.T) {
			arguments := "main.py one two"
			if f, ok := program["command"]; ok {
				arguments = strings.TrimSpace(string(f.Data))
			}
			put(t, s, program)
			// No zygote knows the program "env".
			anew := ended(t, s, "env python3 "+arguments)
			forked := ended(t, s, "python3 "+arguments)
			if diff := cmp.Diff(anew, forked); diff != "" {
				t.Errorf("started anew and forked it differs (-anew +forked):\n%s", diff)
			}
		})
	}
}

// unhurried limits are out of the way of programs that behave, on a busy computer too.
func unhurried() harness.Limits {
	return harness.Limits{CPU: 30 * time.Second, Wall: time.Minute, MemoryBytes: 192 << 20, Processes: 48, OutputBytes: 1 << 20, DiskBytes: 16 << 20}
}

func unhurriedSession(t *testing.T, r harness.Runner) harness.Session {
	t.Helper()
	s, err := r.Open(t.Context(), harness.Spec{Environment: python(), Limits: unhurried(), Owner: t.Name()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// end is what can be seen of a program.
type end struct {
	Output, Errors string
	Code           int
}

func ended(t *testing.T, s harness.Session, command string) end {
	t.Helper()
	var e end
	exit, err := s.Run(t.Context(), harness.Command{Argv: strings.Fields(command), Limits: unhurried(), Output: func(stream int, text string) {
		if stream == 2 {
			e.Errors += text
		} else {
			e.Output += text
		}
	}})
	if err != nil {
		t.Fatal(err)
	}
	e.Output, e.Errors = address.ReplaceAllString(e.Output, "0x"), address.ReplaceAllString(e.Errors, "0x")
	e.Code = exit.Code
	return e
}
