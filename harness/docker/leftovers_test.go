package docker

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/containerd/errdefs"
	containertypes "github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/filters"
	"github.com/docker/docker/api/types/mount"
	networktypes "github.com/docker/docker/api/types/network"
	"github.com/docker/docker/api/types/volume"

	"github.com/carrel-dev/carrel/harness"
	"github.com/carrel-dev/carrel/lesson"
)

// testRunner has an agent of its own, by its bytes, and so a volume of its own. It makes containers only
// when they are asked for.
func testRunner(t *testing.T, mark string) *Runner {
	t.Helper()
	return poolRunner(t, mark, Options{Spare: -1})
}

func poolRunner(t *testing.T, mark string, o Options) *Runner {
	t.Helper()
	o.Agent = func(string) ([]byte, error) {
		agent, err := builtAgent()
		return append(slices.Clip(agent), mark...), err
	}
	o.Log = slog.New(slog.NewTextHandler(t.Output(), nil))
	r := New(o)
	t.Cleanup(func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	})
	return r
}

func openShell(t *testing.T, r *Runner) *session {
	t.Helper()
	opened, err := r.Open(t.Context(), harness.Spec{Environment: lesson.Environment{Name: "shell"}, Owner: t.Name()})
	if err != nil {
		t.Fatal(err)
	}
	s, ok := opened.(*session)
	if !ok {
		t.Fatalf("a session is a %T", opened)
	}
	return s
}

func passes(t *testing.T, s harness.Session) {
	t.Helper()
	report, err := s.Check(t.Context(), harness.Suite{Command: []string{"true"}, Format: harness.FormatExit}, nil)
	if err != nil || report.Verdict != harness.Passed {
		t.Errorf("got %s, %v", report.Verdict, err)
	}
}

func TestRunner_Close(t *testing.T) {
	t.Parallel()
	r := testRunner(t, "close")
	s := openShell(t, r)
	passes(t, s)
	engine, id := r.engine, s.current.id
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Check(t.Context(), harness.Suite{Command: []string{"true"}}, nil); err == nil {
		t.Error("a check ran on a closed runner")
	}
	r = testRunner(t, "other")
	now, err := r.connect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := now.api.ContainerInspect(t.Context(), id); !errdefs.IsNotFound(err) {
		t.Errorf("the container is there: %v", err)
	}
	if _, err := now.api.VolumeInspect(t.Context(), engine.volume); !errdefs.IsNotFound(err) {
		t.Errorf("the volume is there: %v", err)
	}
}

func TestRunner_reuse(t *testing.T) {
	t.Parallel()
	r := testRunner(t, "reuse")
	first := openShell(t, r)
	id := first.current.id
	passes(t, first)
	second := openShell(t, r)
	secondID := second.current.id
	if secondID == id {
		t.Error("two sessions share a container")
	}
	if err := errors.Join(first.Close(), second.Close()); err != nil {
		t.Fatal(err)
	}
	again := openShell(t, r)
	defer func() { _ = again.Close() }()
	if used := again.current.id; used != secondID && used != id {
		t.Error("a waiting container was not used again")
	}
	other, err := r.Open(t.Context(), harness.Spec{Environment: lesson.Environment{Name: "shell"}, Owner: "somebody else"})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = other.Close() }()
	if s, ok := other.(*session); ok && (s.current.id == id || s.current.id == again.current.id) {
		t.Error("another owner got a used container")
	}
}

func TestSession_lostContainer(t *testing.T) {
	t.Parallel()
	r := testRunner(t, "lost")
	kill := func(t *testing.T, s *session) {
		t.Helper()
		if err := r.engine.api.ContainerKill(t.Context(), s.current.id, "KILL"); err != nil {
			t.Fatal(err)
		}
	}
	t.Run("between two checks", func(t *testing.T) {
		t.Parallel()
		s := openShell(t, r)
		defer func() { _ = s.Close() }()
		if err := s.Put(t.Context(), lesson.Files{"a": lesson.NewFile([]byte("kept"))}); err != nil {
			t.Fatal(err)
		}
		kill(t, s)
		report, err := s.Check(t.Context(), harness.Suite{Command: []string{"grep", "kept", "a"}, Format: harness.FormatExit}, nil)
		if err != nil || report.Verdict != harness.Passed {
			t.Errorf("got %s, %v", report.Verdict, err)
		}
	})
	t.Run("in the middle of a check", func(t *testing.T) {
		t.Parallel()
		s := openShell(t, r)
		defer func() { _ = s.Close() }()
		started := 0
		report, err := s.Check(t.Context(), harness.Suite{Command: []string{"sleep", "0.3"}, Format: harness.FormatExit}, func(e harness.Event) {
			if e.Running {
				started++
			}
			if e.Running && started == 1 {
				kill(t, s)
			}
		})
		if err != nil || report.Verdict != harness.Passed || started != 2 {
			t.Errorf("got %s, %v after %d starts", report.Verdict, err, started)
		}
	})
}

func TestAgentVolume(t *testing.T) {
	t.Parallel()
	t.Run("a fill that was interrupted is done again", func(t *testing.T) {
		t.Parallel()
		r := testRunner(t, "interrupted")
		engine, err := r.connect(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := engine.api.VolumeCreate(t.Context(), volume.CreateOptions{Name: engine.volume}); err != nil {
			t.Fatal(err)
		}
		s := openShell(t, r)
		passes(t, s)
		if err := errors.Join(s.Close(), r.Close()); err != nil {
			t.Error(err)
		}
		witness, err := testRunner(t, "witness").connect(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := witness.api.VolumeInspect(t.Context(), engine.volume); !errdefs.IsNotFound(err) {
			t.Errorf("a volume without a label stays: %v", err)
		}
	})
	t.Run("a volume that another process removed is made again", func(t *testing.T) {
		t.Parallel()
		r := testRunner(t, "removed")
		s := openShell(t, r)
		if err := s.current.remove(); err != nil {
			t.Fatal(err)
		}
		if err := r.engine.api.VolumeRemove(t.Context(), r.engine.volume, false); err != nil && !errdefs.IsNotFound(err) {
			t.Fatal(err)
		}
		passes(t, s)
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	t.Run("two processes fill at once", func(t *testing.T) {
		t.Parallel()
		errs := make(chan error)
		for range 2 {
			r := testRunner(t, "twice")
			go func() {
				engine, err := r.connect(t.Context())
				if err == nil {
					err = r.fillVolume(t.Context(), engine, shellRef())
				}
				errs <- err
			}()
		}
		if err := errors.Join(<-errs, <-errs); err != nil {
			t.Error(err)
		}
	})
}

func TestLeftovers(t *testing.T) {
	t.Parallel()
	first := testRunner(t, "leftovers")
	engine, err := first.connect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	create := func(label string) string {
		made, err := engine.api.ContainerCreate(t.Context(), &containertypes.Config{Image: shellRef(), Cmd: []string{"true"}, Labels: map[string]string{labelProcess: label}}, nil, nil, nil, "")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			err := engine.api.ContainerRemove(context.WithoutCancel(t.Context()), made.ID, containertypes.RemoveOptions{Force: true})
			if err != nil && !errdefs.IsNotFound(err) {
				t.Error(err)
			}
		})
		return made.ID
	}
	gone, elsewhere, own := create(hostName()+"/4194999/12/"+place()), create("elsewhere/4194999/12/x"), create(thisProcess())
	first.reap(t.Context(), engine)
	for _, tt := range []struct {
		name, id string
		stays    bool
	}{{"of a dead process", gone, false}, {"of another computer", elsewhere, true}, {"of a live process", own, true}} {
		_, err := engine.api.ContainerInspect(t.Context(), tt.id)
		if stays := err == nil; stays != tt.stays {
			t.Errorf("a container %s: stays is %v (%v), want %v", tt.name, stays, err, tt.stays)
		}
	}
}

// TestKilledProcess starts this test again in a process that leaves everything it can leave and is
// killed. What runs the engine ends without anybody's help, the rest is the reaper's.
func TestKilledProcess(t *testing.T) {
	t.Parallel()
	if os.Getenv("CARREL_TEST_KILLED") != "" {
		r := testRunner(t, "killed")
		openShell(t, r)
		leave(t, r, r.ledger.name(), r.ledger.name())
		_, _ = os.Stdout.WriteString("process=" + thisProcess() + "\n")
		select {}
	}
	child := exec.Command(os.Args[0], "-test.run=^TestKilledProcess$")
	child.Env = append(os.Environ(), "CARREL_TEST_KILLED=1")
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	process := ""
	buf := make([]byte, 4096)
	for process == "" {
		n, err := out.Read(buf)
		if err != nil {
			t.Fatal(err)
		}
		if _, rest, ok := strings.Cut(string(buf[:n]), "process="); ok {
			process = strings.TrimSpace(rest)
		}
	}
	r := testRunner(t, "witness")
	engine, err := r.connect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	byProcess := filters.NewArgs(filters.Arg("label", labelProcess+"="+process))
	left := func() (running string, containers, networks, volumes int) {
		list, err := engine.api.ContainerList(t.Context(), containertypes.ListOptions{All: true, Filters: byProcess})
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range list {
			if c.State == containertypes.StateRunning {
				running = c.ID
			}
		}
		nets, err := engine.api.NetworkList(t.Context(), networktypes.ListOptions{Filters: byProcess})
		if err != nil {
			t.Fatal(err)
		}
		vols, err := engine.api.VolumeList(t.Context(), volume.ListOptions{Filters: byProcess})
		if err != nil {
			t.Fatal(err)
		}
		return running, len(list), len(nets), len(vols.Volumes)
	}
	r.reap(t.Context(), engine)
	running, c, n, v := left()
	if running == "" || c != 2 || n != 1 || v != 1 {
		t.Fatalf("a live process has %d containers, %d networks, %d volumes", c, n, v)
	}
	removed, failed := engine.api.ContainerWait(t.Context(), running, containertypes.WaitConditionRemoved)
	if err := child.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = child.Wait() // it was killed
	select {
	case <-removed:
	case err := <-failed:
		if !errdefs.IsNotFound(err) {
			t.Error(err)
		}
	}
	r.reap(t.Context(), engine)
	if running, c, n, v := left(); running != "" || c+n+v != 0 {
		t.Errorf("a dead process has %d containers, %d networks, %d volumes", c, n, v)
	}
}

// leave makes what a process leaves that is killed at a bad moment: a container that never ran, and a
// network.
func leave(t *testing.T, r *Runner, containerName, networkName string) {
	t.Helper()
	engine, err := r.connect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	_, err = engine.api.ContainerCreate(t.Context(), &containertypes.Config{Image: shellRef(), Cmd: []string{"true"}, Labels: r.labels()},
		&containertypes.HostConfig{Mounts: []mount.Mount{r.agentMount(engine.volume, true)}}, nil, nil, containerName)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := engine.api.NetworkCreate(t.Context(), networkName, networktypes.CreateOptions{Driver: "bridge", Internal: true, Labels: r.labels()}); err != nil {
		t.Fatal(err)
	}
}
