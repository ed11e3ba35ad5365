package enginetest_test

import (
	"log/slog"
	"testing"

	"github.com/carrel-dev/carrel/build/images"
	"github.com/carrel-dev/carrel/harness"
	"github.com/carrel-dev/carrel/harness/docker"
	"github.com/carrel-dev/carrel/harness/harnesstest"
	"github.com/carrel-dev/carrel/harness/harnesstest/enginetest"
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

func runner(t *testing.T, o docker.Options) *docker.Runner {
	t.Helper()
	o.Agent, o.Log = enginetest.Agent, slog.New(slog.NewTextHandler(t.Output(), nil))
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
	m := machine(t)
	t.Run("an engine over TCP with TLS", func(t *testing.T) {
		t.Parallel()
		harnesstest.Run(t, func(t *testing.T) harness.Runner { return runner(t, on(m)) })
	})
	t.Run("gVisor", func(t *testing.T) {
		t.Parallel()
		harnesstest.Run(t, func(t *testing.T) harness.Runner {
			o := on(m)
			o.Runtime = "runsc"
			return runner(t, o)
		})
	})
}
