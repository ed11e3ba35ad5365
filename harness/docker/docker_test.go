package docker_test

import (
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"github.com/carrel-dev/carrel/harness"
	"github.com/carrel-dev/carrel/harness/docker"
	"github.com/carrel-dev/carrel/harness/harnesstest"
)

// currentAgent builds the agent from the sources at hand: the one built in may be older.
var currentAgent = sync.OnceValues(func() ([]byte, error) {
	dir, err := os.MkdirTemp("", "carrel-agent")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "agent")
	build := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w", "-o", file, "../agent/cmd/carrel-agent")
	build.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux")
	if out, err := build.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("building the agent: %w\n%s", err, out)
	}
	return os.ReadFile(file)
})

func runner(t *testing.T, o docker.Options) *docker.Runner {
	t.Helper()
	o.Agent = func(string) ([]byte, error) { return currentAgent() }
	o.Log = slog.New(slog.NewTextHandler(t.Output(), nil))
	r := docker.New(o)
	t.Cleanup(func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	})
	return r
}

func TestConformance(t *testing.T) {
	t.Parallel()
	harnesstest.Run(t, func(t *testing.T) harness.Runner { return runner(t, docker.Options{}) })
}
