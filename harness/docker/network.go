package docker

import (
	"context"
	"fmt"
	"sync"

	containertypes "github.com/docker/docker/api/types/container"
	networktypes "github.com/docker/docker/api/types/network"

	"github.com/carrel-dev/carrel/harness"
)

// What a container may reach:
//
//   - none and services: nothing outside of itself. The container has a loopback and no other interface,
//     so there is no address, route, gateway or name server to find. Services join that loopback.
//   - internet: a bridge network of our own, on which containers do not see each other. What the engine's
//     host listens on beside that, and what it routes to, cannot be closed without rights over the host's
//     firewall: an engine that runs work of strangers has to close the addresses of its own network,
//     metadata services among them, by itself.

// internet is the Runner's network to the outside, there only while a container uses it. The zero value
// is ready.
type internet struct {
	mu    sync.Mutex
	users int
	name  string
}

// joinInternet makes the network when this is its first user, and returns its name. leaveInternet undoes
// it.
func (r *Runner) joinInternet(ctx context.Context, e *connected) (string, error) {
	n := &r.internet
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.users == 0 {
		name := r.ledger.name()
		_, err := e.api.NetworkCreate(ctx, name, networktypes.CreateOptions{
			Driver:  "bridge",
			Labels:  r.labels(),
			Options: map[string]string{"com.docker.network.bridge.enable_icc": "false"},
		})
		if err != nil {
			r.ledger.forget(name) // the reaper removes what the engine made all the same
			return "", fmt.Errorf("creating the network to the internet: %w", err)
		}
		n.name = name
	}
	n.users++
	return n.name, nil
}

func (r *Runner) leaveInternet(ctx context.Context, e *connected) error {
	n := &r.internet
	n.mu.Lock()
	defer n.mu.Unlock()
	n.users--
	if n.users > 0 {
		return nil
	}
	r.ledger.forget(n.name)
	if err := tolerate(e.api.NetworkRemove(ctx, n.name)); err != nil {
		return fmt.Errorf("removing the network to the internet: %w", err)
	}
	return nil
}

// place gives a container's configuration its network. A service shares that of the container it runs
// beside.
func (c *container) place(config *containertypes.Config, host *containertypes.HostConfig, spec harness.Spec) {
	switch {
	case c.beside != nil:
		host.NetworkMode = containertypes.NetworkMode("container:" + c.beside.id)
		config.Hostname = "" // the other's
	case c.online != "":
		host.NetworkMode = containertypes.NetworkMode(c.online)
	default:
		host.NetworkMode = "none"
		for _, s := range spec.Services {
			host.ExtraHosts = append(host.ExtraHosts, s.Name+":127.0.0.1")
		}
	}
}
