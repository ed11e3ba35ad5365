package app

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"

	"github.com/carrel-dev/carrel/app/power"
	"github.com/carrel-dev/carrel/harness/docker"
	"github.com/carrel-dev/carrel/lesson"
)

// dockerEngine is the Docker of this computer as an Engine.
type dockerEngine struct{ *docker.Runner }

func newDocker(log *slog.Logger) Engine {
	return dockerEngine{docker.New(docker.Options{Log: log, Saving: power.Saving})}
}

// Answer implements Engine.
func (d dockerEngine) Answer(ctx context.Context) error {
	_, err := d.Facts(ctx)
	return err
}

// Describe implements doctor.Engine.
func (d dockerEngine) Describe(ctx context.Context) (string, error) {
	e, err := d.Facts(ctx)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("Docker %s with %d CPUs and %.1f GB, at %s,", e.Version, e.CPUs, float64(e.MemoryBytes)/1e9, e.Host), nil
}

// Isolation implements doctor.Engine.
func (d dockerEngine) Isolation(ctx context.Context) (string, error) {
	e, err := d.Probe(ctx)
	if err != nil {
		return "", err
	}
	means := slices.Concat(e.Security, e.Protections)
	if e.UserNamespaces {
		means = append(means, "user namespaces")
	}
	if e.Rootless {
		means = append(means, "a rootless engine")
	}
	if len(means) == 0 {
		return fmt.Sprintf("A container of the runtime %s was tried and is safe.", e.Runtime), nil
	}
	return fmt.Sprintf("A container of the runtime %s was tried and is safe; around it are %s.", e.Runtime, strings.Join(means, ", ")), nil
}

// Present implements doctor.Engine.
func (d dockerEngine) Present(ctx context.Context, environment lesson.Environment) error {
	_, err := d.Environment(ctx, environment)
	return err
}
