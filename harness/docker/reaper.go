package docker

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/containerd/errdefs"
	containertypes "github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/filters"
	networktypes "github.com/docker/docker/api/types/network"
	"github.com/docker/docker/api/types/volume"
	"github.com/docker/docker/client"
)

// The labels on everything we leave on an engine.
const (
	labelProcess = "dev.carrel.process" // who made it; see thisProcess
	labelRunner  = "dev.carrel.runner"  // which of the process's Runners
	labelCreated = "dev.carrel.created" // when, by the maker's clock
)

// labels returns what everything the Runner makes on an engine bears.
func (r *Runner) labels() map[string]string {
	return map[string]string{
		labelProcess: r.process, labelRunner: r.ledger.runner, labelCreated: time.Now().UTC().Format(time.RFC3339),
	}
}

const (
	// reapInterval is how often leftovers are looked for, at most; reapJitter is how much earlier, by
	// chance, so that the processes of a class do not ask their engine all at once.
	reapInterval, reapJitter = 30 * time.Second, 10 * time.Second
	// reapTimeout bounds one look.
	reapTimeout = 25 * time.Second
	// halfMade and abandoned are the ages at which something that does not run is a leftover although it
	// cannot be told whether its maker lives: of this host (before a restart of the computer, or in
	// another process namespace) and of another. Nothing stays that way for longer than openTimeout.
	halfMade, abandoned = 5 * time.Minute, time.Hour
)

// create makes a container and returns its id. It is not cut short when ctx ends: the engine would make
// it all the same, and nobody would know.
func (e *connected) create(ctx context.Context, config *containertypes.Config, host *containertypes.HostConfig, name string) (string, error) {
	making, cancel := context.WithTimeout(context.WithoutCancel(ctx), openTimeout)
	defer cancel()
	made, err := e.api.ContainerCreate(making, config, host, nil, nil, name)
	return made.ID, err
}

func reapPause() time.Duration {
	return reapInterval - rand.N(reapJitter) //nolint:gosec // nothing secret
}

// remains is something on an engine with our labels.
type remains struct {
	name      string
	labels    map[string]string
	running   bool // or used by something that runs
	createdAt time.Time
}

// orphaned tells whether nobody will ever remove it but us. What may belong to a live process, on
// this computer or another that uses the same engine, does not.
func (r *Runner) orphaned(x remains, now time.Time) bool {
	if x.labels[labelRunner] == r.ledger.runner {
		// Made by us, and lost: the engine carried out what it could not answer any more.
		return !r.ledger.has(x.name)
	}
	age := now.Sub(x.createdAt)
	switch fateOf(x.labels[labelProcess]) {
	case fateAlive:
		return false
	case fateDead:
		return true
	case fateUnknown:
		return !x.running && age > halfMade
	default:
		return !x.running && age > abandoned
	}
}

// reap removes from the engine what processes left that are no more, and what the engine kept of ours
// when it was restarted. It is tidying up: a failure is logged and nothing else.
func (r *Runner) reap(ctx context.Context, e *connected) {
	ctx, cancel := context.WithTimeout(ctx, reapTimeout)
	defer cancel()
	// In this order: containers hold volumes and networks.
	err := errors.Join(r.reapContainers(ctx, e), r.reapNetworks(ctx, e), r.reapVolumes(ctx, e))
	if err != nil && ctx.Err() == nil {
		r.log.Log(ctx, away(err), "leftovers not removed", "error", err)
	}
}

func (r *Runner) reapContainers(ctx context.Context, e *connected) error {
	list, err := e.api.ContainerList(ctx, containertypes.ListOptions{All: true, Filters: filters.NewArgs(filters.Arg("label", labelProcess))})
	if err != nil {
		return err
	}
	var errs error
	for _, c := range list {
		name := ""
		if len(c.Names) > 0 {
			name = strings.TrimPrefix(c.Names[0], "/")
		}
		x := remains{name, c.Labels, c.State == containertypes.StateRunning || c.State == containertypes.StatePaused, time.Unix(c.Created, 0)}
		if r.orphaned(x, time.Now()) {
			errs = errors.Join(errs, tolerate(e.api.ContainerRemove(ctx, c.ID, containertypes.RemoveOptions{Force: true})))
		}
	}
	return errs
}

func (r *Runner) reapNetworks(ctx context.Context, e *connected) error {
	list, err := e.api.NetworkList(ctx, networktypes.ListOptions{Filters: filters.NewArgs(filters.Arg("label", labelProcess))})
	if err != nil {
		return err
	}
	var errs error
	for _, n := range list {
		// One that is used is not removed: the engine refuses.
		if r.orphaned(remains{n.Name, n.Labels, false, n.Created}, time.Now()) {
			err := e.api.NetworkRemove(ctx, n.ID)
			if errdefs.IsPermissionDenied(err) {
				err = nil
			}
			errs = errors.Join(errs, tolerate(err))
		}
	}
	return errs
}

// reapVolumes removes the agent's volumes whose maker is no more and that no container uses. Another
// process that uses the same agent makes it again when it next needs it.
func (r *Runner) reapVolumes(ctx context.Context, e *connected) error {
	list, err := e.api.VolumeList(ctx, volume.ListOptions{Filters: filters.NewArgs(filters.Arg("name", volumePrefix))})
	if err != nil {
		return err
	}
	var errs error
	for _, v := range list.Volumes {
		if v.Name == e.volume || !strings.HasPrefix(v.Name, volumePrefix) {
			continue
		}
		createdAt, err := time.Parse(time.RFC3339, v.CreatedAt)
		if err != nil {
			createdAt = time.Now() // an engine that does not tell
		}
		// One without our labels was made by an engine for a container, after a process had removed it.
		if v.Labels[labelProcess] == "" || r.orphaned(remains{v.Name, v.Labels, false, createdAt}, time.Now()) {
			errs = errors.Join(errs, tolerate(e.api.VolumeRemove(ctx, v.Name, false)))
		}
	}
	return errs
}

// away is how much an operator wants to know of an error: little when the engine is not there, which
// is a normal state and told to whoever needs it.
func away(err error) slog.Level {
	if client.IsErrConnectionFailed(err) {
		return slog.LevelDebug
	}
	return slog.LevelWarn
}

// tolerate forgets errors that say that something is gone, going, or in use.
func tolerate(err error) error {
	if errdefs.IsNotFound(err) || errdefs.IsConflict(err) {
		return nil
	}
	return err
}
