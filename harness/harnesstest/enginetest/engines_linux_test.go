package enginetest_test

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/carrel-dev/carrel/build/images"
	"github.com/carrel-dev/carrel/fault"
	"github.com/carrel-dev/carrel/harness"
	"github.com/carrel-dev/carrel/harness/docker"
	"github.com/carrel-dev/carrel/harness/harnesstest"
	"github.com/carrel-dev/carrel/harness/harnesstest/enginetest"
	"github.com/carrel-dev/carrel/harness/spread"
	"github.com/carrel-dev/carrel/lesson"
)

// machine starts a computer with the environments of the conformance suite.
func machine(t *testing.T) *enginetest.Machine {
	t.Helper()
	var refs []string
	for _, name := range []string{"shell", "python"} {
		recipe, _ := images.Lookup(name)
		refs = append(refs, recipe.Ref())
	}
	return enginetest.Boot(t, refs...)
}

// on returns the options for a machine's engine.
func on(m *enginetest.Machine) docker.Options {
	return docker.Options{Host: m.Host, TLS: docker.TLS{CA: m.CA, Cert: m.Cert, Key: m.Key}}
}

// runner returns a Runner whose engine stays until the test ends.
func runner(t *testing.T, o docker.Options) *docker.Runner {
	t.Helper()
	r := mortal(t, o)
	t.Cleanup(func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	})
	return r
}

// mortal returns a Runner that the test closes.
func mortal(t *testing.T, o docker.Options) *docker.Runner {
	t.Helper()
	o.Agent, o.Log = enginetest.Agent, slog.New(slog.NewTextHandler(t.Output(), nil))
	return docker.New(o)
}

func probe(r *docker.Runner) func(ctx context.Context) error {
	return func(ctx context.Context) error {
		_, err := r.Probe(ctx)
		return err
	}
}

func over(t *testing.T, runners ...*docker.Runner) *spread.Runner {
	t.Helper()
	var engines []spread.Engine
	for _, r := range runners {
		engines = append(engines, spread.Engine{Runner: r, Probe: probe(r)})
	}
	s := spread.New(engines, slog.New(slog.NewTextHandler(t.Output(), nil)))
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func open(t *testing.T, r harness.Runner, environment string) harness.Session {
	t.Helper()
	s, err := r.Open(t.Context(), harness.Spec{Environment: lesson.Environment{Name: environment}, Owner: t.Name()})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// script is a check whose only test is that a shell script exits with 0.
func script(text string) harness.Suite {
	return harness.Suite{Command: []string{"bash", "-c", text}, Format: harness.FormatExit}
}

// TestEngines holds every kind of engine to the same suite, and to the same reports.
func TestEngines(t *testing.T) {
	t.Parallel()
	m := machine(t)
	t.Run("gVisor is refused", func(t *testing.T) { t.Parallel(); testGVisor(t, m) })
	t.Run("reports are equal", func(t *testing.T) { t.Parallel(); testParity(t, m) })
	t.Run("over TCP with TLS", func(t *testing.T) {
		t.Parallel()
		harnesstest.Run(t, func(t *testing.T) harness.Runner { return runner(t, on(m)) })
	})
	t.Run("spread over two engines", func(t *testing.T) {
		t.Parallel()
		harnesstest.Run(t, func(t *testing.T) harness.Runner {
			return over(t, runner(t, docker.Options{}), runner(t, on(m)))
		})
	})
}

// testParity runs the same checks on every kind of engine and compares the reports.
func testParity(t *testing.T, m *enginetest.Machine) {
	server := enginetest.Serve(t)
	engines := []struct {
		name   string
		runner harness.Runner
	}{
		{"this computer's", runner(t, docker.Options{})},
		{"TLS", runner(t, on(m))},
		{"SSH", runner(t, docker.Options{Host: server.Host, SSHConfig: server.Config})},
	}
	checks := []struct {
		name, environment string
		files             lesson.Files
		suite             harness.Suite
	}{
		{"a script that passes", "shell", lesson.Files{"a": text("kept")}, script("grep kept a")},
		{"a script that fails", "shell", nil, script("ls; exit 3")},
		{"a loop", "shell", nil, brief(script("while :; do :; done"))},
		{"too much output", "shell", nil, script("yes")},
		{"pytest that passes", "python", lesson.Files{"a.py": text("def f(): return 1\n")}, pytest},
		{"pytest that fails", "python", lesson.Files{"a.py": text("def f(): return [1, 2]\n")}, pytest},
		{"a file that cannot be parsed", "python", lesson.Files{"a.py": text("def f(:\n")}, pytest},
	}
	reports := map[string][]harness.Report{}
	for _, e := range engines {
		for _, c := range checks {
			s := open(t, e.runner, c.environment)
			if err := s.Put(t.Context(), c.files); err != nil {
				t.Fatalf("%s: %v", e.name, err)
			}
			report, err := s.Check(t.Context(), c.suite, nil)
			if err := errors.Join(err, s.Close()); err != nil {
				t.Fatalf("%s, %s: %v", e.name, c.name, err)
			}
			reports[c.name] = append(reports[c.name], report)
		}
	}
	for _, c := range checks {
		for i, report := range reports[c.name] {
			if diff := cmp.Diff(reports[c.name][0].Comparable(), report.Comparable()); diff != "" {
				t.Errorf("%s differs on the engine %s:\n%s", c.name, engines[i].name, diff)
			}
		}
	}
}

var pytest = harness.Suite{Tests: lesson.Files{"test_a.py": text("from a import f\ndef test_f(): assert f() == 1\ndef test_g(): assert f() is not None\n")}}

func text(s string) lesson.File { return lesson.NewFile([]byte(s)) }

func brief(s harness.Suite) harness.Suite {
	s.Limits.CPU, s.Limits.Wall = time.Second, 3*time.Second
	return s
}

// midway runs a check that takes a while and calls do when it is under way, the first time.
func midway(t *testing.T, s harness.Session, do func()) (harness.Report, error) {
	t.Helper()
	did := false
	return s.Check(t.Context(), script("sleep 1"), func(e harness.Event) {
		if e.Running && !did {
			did = true
			do()
		}
	})
}

func TestLostEngine(t *testing.T) {
	t.Parallel()
	m := machine(t)
	o := on(m)
	o.Patience = -1 // there is another
	remote := mortal(t, o)
	// A container that its engine did not live to remove is not the Runner's to remove either.
	t.Cleanup(func() { _ = remote.Close() })
	away := open(t, remote, "shell")
	moving := open(t, over(t, remote, runner(t, docker.Options{})), "shell")
	if err := moving.Put(t.Context(), lesson.Files{"a": text("kept")}); err != nil {
		t.Fatal(err)
	}

	t.Log("the verdict of a check comes from the other engine")
	report, err := midway(t, moving, func() { m.Cut(t) })
	if err != nil || report.Verdict != harness.Passed {
		t.Errorf("got %+v, %v", report, err)
	}
	if report, err = moving.Check(t.Context(), script("grep kept a"), nil); err != nil || report.Verdict != harness.Passed {
		t.Errorf("the files stayed behind: %+v, %v", report, err)
	}
	if err := moving.Close(); err != nil {
		t.Error(err)
	}

	t.Log("without another one it is the machinery's fault")
	_, err = away.Check(t.Context(), script("true"), nil)
	if message, hint := fault.Sentence(err); fault.KindOf(err) != fault.Unavailable || message == "" || hint == "" {
		t.Errorf("got %v", err)
	}

	t.Log("an engine that comes back is used again")
	m.Power(t)
	if report, err := away.Check(t.Context(), script("true"), nil); err != nil || report.Verdict != harness.Passed {
		t.Errorf("got %+v, %v", report, err)
	}

	t.Log("a line that goes silent in a check is noticed")
	began := time.Now()
	_, err = midway(t, away, func() { m.Silence(t) })
	if fault.KindOf(err) != fault.Unavailable || time.Since(began) > 40*time.Second {
		t.Errorf("got %v after %v", err, time.Since(began))
	}
	t.Logf("after %v: %v", time.Since(began), err)
	m.Sound(t)
	if report, err := away.Check(t.Context(), script("true"), nil); err != nil || report.Verdict != harness.Passed {
		t.Errorf("got %+v, %v", report, err)
	}
	_ = away.Close()
}
