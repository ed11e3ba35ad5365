package docker_test

import (
	"testing"

	"github.com/carrel-dev/carrel/harness"
	"github.com/carrel-dev/carrel/harness/docker"
	"github.com/carrel-dev/carrel/harness/harnesstest"
)

func TestLanguages(t *testing.T) {
	t.Parallel()
	harnesstest.Languages(t, func(t *testing.T) harness.Runner { return runner(t, docker.Options{}) })
}
