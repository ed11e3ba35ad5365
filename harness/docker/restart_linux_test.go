package docker

import (
	"errors"
	"testing"
	"time"

	containertypes "github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/filters"
	networktypes "github.com/docker/docker/api/types/network"

	"github.com/carrel-dev/carrel/harness"
	"github.com/carrel-dev/carrel/harness/harnesstest/enginetest"
	"github.com/carrel-dev/carrel/lesson"
)

// TestEngineRestart is slow because it boots an engine twice: its computer loses power in the
// middle of a check, with containers in use, waiting, and half made.
func TestEngineRestart(t *testing.T) {
	t.Parallel()
	m := enginetest.Boot(t, shellRef())
	r := poolRunner(t, "restart", Options{Host: m.Host, TLS: TLS{CA: m.CA, Cert: m.Cert, Key: m.Key}, Patience: time.Minute, Spare: -1})
	s := openShell(t, r)
	if err := s.Put(t.Context(), lesson.Files{"a": lesson.NewFile([]byte("kept"))}); err != nil {
		t.Fatal(err)
	}
	started := 0
	report, err := s.Check(t.Context(), harness.Suite{Command: []string{"sh", "-c", "sleep 0.2; grep kept a"}, Format: harness.FormatExit}, func(e harness.Event) {
		if !e.Running {
			return
		}
		if started++; started == 1 {
			if err := r.Warm(t.Context(), shellSpec("grace", false)); err != nil {
				t.Error(err)
			}
			leave(t, r, "carrel-left", "carrel-left")
			m.Cut(t)
			m.Power(t)
		}
	})
	if err != nil || report.Verdict != harness.Passed || started != 2 {
		t.Errorf("got %s, %v after %d starts", report.Verdict, err, started)
	}
	grace := opened(t, r, shellSpec("grace", false))
	passes(t, grace)

	e, err := r.connect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	r.reap(t.Context(), e)
	r.dispose(r.pool.expired(time.Now().Add(-time.Hour))...)
	list, err := e.api.ContainerList(t.Context(), containertypes.ListOptions{All: true, Filters: filters.NewArgs(filters.Arg("label", labelProcess))})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range list {
		if c.State != containertypes.StateRunning {
			t.Errorf("left behind: %s, %s", c.Names, c.Status)
		}
	}
	networks, err := e.api.NetworkList(t.Context(), networktypes.ListOptions{Filters: filters.NewArgs(filters.Arg("label", labelProcess))})
	if err != nil || len(networks) != 0 {
		t.Errorf("%d networks are left behind, %v", len(networks), err)
	}
	if err := errors.Join(s.Close(), grace.Close()); err != nil {
		t.Error(err)
	}
}
