package docker

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"github.com/docker/docker/client"

	"github.com/carrel-dev/carrel/fault"
)

// Engine is what is known of a usable Docker engine.
type Engine struct {
	Host         string // address in the form of DOCKER_HOST
	Version      string
	Architecture string // in Go's names
	CPUs         int
	MemoryBytes  int64
}

// connectTimeout is for one candidate; a local socket answers in a millisecond.
const connectTimeout = 5 * time.Second

// connect tries the places where an engine may be, in the order in which Docker's own tools do, and
// returns the first that answers and is fit for checks.
func connect(ctx context.Context, explicit string) (*client.Client, Engine, error) {
	var tried error
	for _, options := range candidates(explicit) {
		api, err := client.NewClientWithOpts(append(options, client.WithAPIVersionNegotiation())...)
		if err != nil {
			tried = errors.Join(tried, err)
			continue
		}
		engine, err := examine(ctx, api)
		if err == nil {
			return api, engine, nil
		}
		_ = api.Close()
		if unfit := (*unfitError)(nil); errors.As(err, &unfit) {
			return nil, Engine{}, unfit.fault
		}
		if ctx.Err() != nil {
			return nil, Engine{}, context.Cause(ctx)
		}
		tried = errors.Join(tried, err)
	}
	return nil, Engine{}, fault.Wrap(tried, fault.Unavailable, "Docker is not running.", "Start Docker, or run checks in the cloud.")
}

// unfitError is an engine that answers but must not be used.
type unfitError struct{ fault *fault.Error }

func (e *unfitError) Error() string { return e.fault.Error() }

func unfit(message, hint string) error {
	return &unfitError{fault.New(fault.Unavailable, message, hint)}
}

// examine refuses an engine whose limits would not hold: a fork bomb there is the computer's.
func examine(ctx context.Context, api *client.Client) (Engine, error) {
	ctx, cancel := context.WithTimeout(ctx, connectTimeout)
	defer cancel()
	info, err := api.Info(ctx)
	if err != nil {
		return Engine{}, fmt.Errorf("asking %s: %w", api.DaemonHost(), err)
	}
	switch {
	case info.OSType != "linux":
		return Engine{}, unfit("Docker is set to Windows containers, and exercises need Linux ones.", "In Docker's menu, choose: Switch to Linux containers.")
	case !info.MemoryLimit:
		return Engine{}, unfit("This Docker cannot limit memory, so a mistake in an exercise could stop the computer.", "Turn on the memory cgroup of the kernel (cgroup_enable=memory), or run checks in the cloud.")
	case !info.PidsLimit:
		return Engine{}, unfit("This Docker cannot limit processes, so a mistake in an exercise could stop the computer.", "Turn on the pids cgroup of the kernel, or run checks in the cloud.")
	}
	arch := map[string]string{"x86_64": "amd64", "aarch64": "arm64"}[info.Architecture]
	return Engine{
		Host: api.DaemonHost(), Version: info.ServerVersion, Architecture: cmp.Or(arch, info.Architecture),
		CPUs: info.NCPU, MemoryBytes: info.MemTotal,
	}, nil
}

// candidates lists the client options to try.
func candidates(explicit string) [][]client.Opt {
	if explicit != "" {
		return [][]client.Opt{{client.WithHost(explicit)}}
	}
	if os.Getenv("DOCKER_HOST") != "" {
		return [][]client.Opt{{client.FromEnv}}
	}
	var list [][]client.Opt
	home, err := os.UserHomeDir()
	if err == nil {
		if options := fromContext(filepath.Join(home, ".docker")); options != nil {
			list = append(list, options)
		}
	}
	if runtime.GOOS == "windows" {
		return append(list, []client.Opt{client.WithHost(client.DefaultDockerHost)})
	}
	sockets := []string{"/var/run/docker.sock"}
	if home != "" {
		sockets = append(sockets, filepath.Join(home, ".docker/run/docker.sock"), filepath.Join(home, ".colima/default/docker.sock"),
			filepath.Join(home, ".local/share/containers/podman/machine/podman.sock"))
	}
	if run := os.Getenv("XDG_RUNTIME_DIR"); run != "" {
		sockets = append(sockets, filepath.Join(run, "docker.sock"), filepath.Join(run, "podman/podman.sock"))
	}
	for _, path := range append(sockets, "/run/podman/podman.sock") {
		if info, err := os.Stat(path); err == nil && info.Mode()&os.ModeSocket != 0 { //nolint:gosec // the places Docker's own tools use
			list = append(list, []client.Opt{client.WithHost("unix://" + path)})
		}
	}
	return list
}

// fromContext returns the options of the context chosen with `docker context use`, nil when there is
// none or its file says nothing we understand.
func fromContext(folder string) []client.Opt {
	var config struct{ CurrentContext string }
	name := os.Getenv("DOCKER_CONTEXT")
	if name == "" {
		if !readJSON(filepath.Join(folder, "config.json"), &config) {
			return nil
		}
		name = config.CurrentContext
	}
	if name == "" || name == "default" {
		return nil
	}
	sum := sha256.Sum256([]byte(name))
	id := hex.EncodeToString(sum[:])
	var meta struct {
		Endpoints struct {
			Docker struct{ Host string } `json:"docker"`
		}
	}
	if !readJSON(filepath.Join(folder, "contexts", "meta", id, "meta.json"), &meta) || meta.Endpoints.Docker.Host == "" {
		return nil
	}
	options := []client.Opt{client.WithHost(meta.Endpoints.Docker.Host)}
	tls := filepath.Join(folder, "contexts", "tls", id, "docker")
	if _, err := os.Stat(filepath.Join(tls, "ca.pem")); err == nil { //nolint:gosec // as above
		options = append(options, client.WithTLSClientConfig(filepath.Join(tls, "ca.pem"), filepath.Join(tls, "cert.pem"), filepath.Join(tls, "key.pem")))
	}
	return options
}

func readJSON(path string, into any) bool {
	data, err := os.ReadFile(path) //nolint:gosec // as above
	return err == nil && json.Unmarshal(data, into) == nil
}
