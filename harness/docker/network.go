package docker

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"sync"

	"github.com/containerd/errdefs"
	containertypes "github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/filters"
	networktypes "github.com/docker/docker/api/types/network"

	"github.com/carrel-dev/carrel/harness"
	"github.com/carrel-dev/carrel/lesson"
)

// What a container may reach:
//
//   - none and services: nothing outside of itself. The container has a loopback and no other interface,
//     so there is no address, route, gateway or name server to find. Services join that loopback.
//   - internet: a bridge network of our own, on which containers do not see each other. What the engine's
//     host listens on beside that, and what it routes to, cannot be closed without rights over the host's
//     firewall: an engine that runs work of strangers has to close the addresses of its own network,
//     metadata services among them, by itself.

// networkPrefix starts the names of our networks.
const networkPrefix = "carrel-internet-"

// internet is this process's network to the outside, there only while a container uses it. The zero
// value is ready.
type internet struct {
	mu    sync.Mutex
	users int
}

func (r *Runner) internetName() string {
	sum := sha256.Sum256([]byte(r.process))
	return networkPrefix + hex.EncodeToString(sum[:6])
}

// joinInternet makes the network when this is its first user. leaveInternet undoes it.
func (r *Runner) joinInternet(ctx context.Context, e *connected) error {
	r.internet.mu.Lock()
	defer r.internet.mu.Unlock()
	if r.internet.users == 0 {
		_, err := e.api.NetworkCreate(ctx, r.internetName(), networktypes.CreateOptions{
			Driver:  "bridge",
			Labels:  map[string]string{labelProcess: r.process},
			Options: map[string]string{"com.docker.network.bridge.enable_icc": "false"},
		})
		if err != nil && !errdefs.IsConflict(err) {
			return fmt.Errorf("creating the network to the internet: %w", err)
		}
	}
	r.internet.users++
	return nil
}

func (r *Runner) leaveInternet(ctx context.Context, e *connected) error {
	r.internet.mu.Lock()
	defer r.internet.mu.Unlock()
	r.internet.users--
	if r.internet.users > 0 {
		return nil
	}
	if err := e.api.NetworkRemove(ctx, r.internetName()); err != nil && !errdefs.IsNotFound(err) {
		return fmt.Errorf("removing the network to the internet: %w", err)
	}
	return nil
}

// removeNetworks removes the networks of processes that are no more.
func (r *Runner) removeNetworks(ctx context.Context, e *connected) {
	list, err := e.api.NetworkList(ctx, networktypes.ListOptions{Filters: filters.NewArgs(filters.Arg("label", labelProcess))})
	if err != nil {
		r.log.Warn("leftover networks not listed", "error", err)
		return
	}
	for _, n := range list {
		if !dead(n.Labels[labelProcess]) {
			continue
		}
		if err := e.api.NetworkRemove(ctx, n.ID); err != nil && !errdefs.IsNotFound(err) {
			r.log.Warn("leftover network not removed", "error", err)
		}
	}
}

// place gives a container's configuration its network. A service shares that of the container it runs
// beside.
func (c *container) place(config *containertypes.Config, host *containertypes.HostConfig, spec harness.Spec) {
	switch {
	case c.beside != nil:
		host.NetworkMode = containertypes.NetworkMode("container:" + c.beside.id)
		config.Hostname = "" // the other's
	case spec.Network == lesson.NetworkInternet:
		host.NetworkMode = containertypes.NetworkMode(c.runner.internetName())
	default:
		host.NetworkMode = "none"
		for _, s := range spec.Services {
			host.ExtraHosts = append(host.ExtraHosts, s.Name+":127.0.0.1")
		}
	}
}
