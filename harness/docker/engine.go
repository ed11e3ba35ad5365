package docker

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/docker/docker/api/types/system"
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
	// Runtime is what runs the containers, such as "runc" or "runsc".
	Runtime string
	// Rootless is an engine whose own processes are an ordinary user's; UserNamespaces one whose
	// containers' root is nobody outside of them.
	Rootless, UserNamespaces bool
	// Security are the kernel's means that the engine knows of: "seccomp", "apparmor", "selinux".
	Security []string
	// Protections is what the agent found to protect its container beyond that. Only Probe knows it.
	Protections []string
}

// connectTimeout is for one candidate; a local socket answers in a millisecond.
const connectTimeout = 5 * time.Second

// connect tries the places where an engine may be and returns the first that answers and is fit for
// checks.
func (o Options) connect(ctx context.Context) (*client.Client, Engine, error) {
	var tried []error
	for _, a := range o.addresses() {
		if f := a.validate(); f != nil {
			return nil, Engine{}, f
		}
		api, err := a.open()
		if err != nil {
			tried = append(tried, unreachable(a, err))
			continue
		}
		engine, err := examine(ctx, api, o.Runtime)
		if err == nil {
			engine.Host = a.host
			return api, engine, nil
		}
		_ = api.Close()
		if unfit := (*unfitError)(nil); errors.As(err, &unfit) {
			return nil, Engine{}, unfit.fault
		}
		if ctx.Err() != nil {
			return nil, Engine{}, context.Cause(ctx)
		}
		tried = append(tried, unreachable(a, err))
	}
	if len(tried) == 1 {
		return nil, Engine{}, tried[0]
	}
	return nil, Engine{}, errNotRunning(errors.Join(tried...))
}

// unfitError is an engine that answers but must not be used.
type unfitError struct{ fault *fault.Error }

func (e *unfitError) Error() string { return e.fault.Error() }

func unfit(message, hint string) error {
	return &unfitError{fault.New(fault.Unavailable, message, hint)}
}

// examine refuses an engine whose limits would not hold: a fork bomb there is the computer's. The
// runtime may be empty for the engine's own choice.
func examine(ctx context.Context, api *client.Client, runtime string) (Engine, error) {
	ctx, cancel := context.WithTimeout(ctx, connectTimeout)
	defer cancel()
	info, err := api.Info(ctx)
	if err != nil {
		return Engine{}, fmt.Errorf("asking for the engine's facts: %w", err)
	}
	if err := fit(info, runtime); err != nil {
		return Engine{}, err
	}
	arch := map[string]string{"x86_64": "amd64", "aarch64": "arm64"}[info.Architecture]
	engine := Engine{
		Version: info.ServerVersion, Architecture: cmp.Or(arch, info.Architecture),
		CPUs: info.NCPU, MemoryBytes: info.MemTotal, Runtime: cmp.Or(runtime, info.DefaultRuntime),
	}
	for _, option := range info.SecurityOptions {
		name, _, _ := strings.Cut(strings.TrimPrefix(option, "name="), ",")
		switch name {
		case "rootless":
			engine.Rootless = true
		case "userns":
			engine.UserNamespaces = true
		case "seccomp", "apparmor", "selinux":
			engine.Security = append(engine.Security, name)
		}
	}
	slices.Sort(engine.Security)
	return engine, nil
}

func fit(info system.Info, runtime string) error {
	_, known := info.Runtimes[runtime]
	switch {
	case info.OSType != "linux":
		return unfit("Docker is set to Windows containers, and exercises need Linux ones.", "In Docker's menu, choose: Switch to Linux containers.")
	case !info.MemoryLimit:
		return unfit("This Docker cannot limit memory, so a mistake in an exercise could stop the computer.", "Turn on the memory cgroup of the kernel (cgroup_enable=memory), or run checks in the cloud.")
	case !info.PidsLimit:
		return unfit("This Docker cannot limit processes, so a mistake in an exercise could stop the computer.", "Turn on the pids cgroup of the kernel, or run checks in the cloud.")
	case runtime != "" && !known:
		return unfit(fmt.Sprintf("This Docker does not know the runtime %q.", runtime),
			"Install it, name it under \"runtimes\" in /etc/docker/daemon.json and restart Docker, or choose another runtime.")
	}
	return nil
}
