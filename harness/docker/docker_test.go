package docker_test

import (
	"log/slog"
	"testing"

	"github.com/carrel-dev/carrel/harness"
	"github.com/carrel-dev/carrel/harness/docker"
	"github.com/carrel-dev/carrel/harness/harnesstest"
)

func runner(t *testing.T, o docker.Options) *docker.Runner {
	t.Helper()
	o.Agent = func(string) ([]byte, error) { return docker.BuiltAgent() }
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
