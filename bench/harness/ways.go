package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/carrel-dev/carrel/build/images"
	"github.com/carrel-dev/carrel/fault"
	"github.com/carrel-dev/carrel/harness"
	"github.com/carrel-dev/carrel/harness/testreport"
)

// folder is a workspace on the host that containers mount, as the usual systems do.
type folder struct {
	path string
	pack images.Pack
}

// save writes the round's file and removes the last report.
func (f folder) save(round int) error {
	if err := os.RemoveAll(filepath.Join(f.path, f.pack.Check.Report)); err != nil {
		return fmt.Errorf("removing last report: %w", err)
	}
	//nolint:gosec // read by the container's user, whose id the host does not know
	return os.WriteFile(filepath.Join(f.path, "greeting.py"), solution(round), 0o644)
}

func (f folder) verdict(round int) error {
	data, err := os.ReadFile(filepath.Join(f.path, f.pack.Check.Report))
	if err != nil {
		return fmt.Errorf("reading report: %w", err)
	}
	results, err := testreport.Parse(f.pack.Check.Format, data)
	if err != nil {
		return err
	}
	return right(round, results)
}

// environ returns the pack's check environment as options of the docker command.
func (f folder) environ() []string {
	var options []string
	for _, e := range append(f.pack.Env, f.pack.Check.Env...) {
		options = append(options, "--env", e)
	}
	return options
}

// hardening is what Carrel's own containers have too.
func hardening() []string {
	return []string{
		"--network", "none", "--read-only", "--tmpfs", "/tmp", "--cap-drop", "ALL",
		"--security-opt", "no-new-privileges", "--pids-limit", "64",
		"--memory", "512m", "--memory-swap", "512m", "--user", "20000:20000", "--log-driver", "none",
	}
}

// dockerRun starts a container for every run.
type dockerRun struct {
	folder
	image string
}

func (dockerRun) name() string { return "hardened `docker run` per run" }

func (d dockerRun) trivial(ctx context.Context, _ int) error {
	_, err := d.run(ctx, "true")
	return err
}

func (d dockerRun) check(ctx context.Context, round int) error {
	if err := d.save(round); err != nil {
		return err
	}
	if code, err := d.run(ctx, d.pack.Check.Command...); err != nil || code > 1 {
		return fmt.Errorf("tests ended with %d: %w", code, err)
	}
	return d.verdict(round)
}

func (d dockerRun) run(ctx context.Context, command ...string) (code int, err error) {
	args := append([]string{"run", "--rm", "--volume", d.path + ":/work"}, hardening()...)
	args = append(append(args, d.environ()...), d.image)
	return dockerCommand(ctx, append(args, command...)...)
}

// dockerExec runs commands in one container that stays.
type dockerExec struct {
	folder
	container string
}

func startDockerExec(ctx context.Context, f folder, image string) (dockerExec, error) {
	args := append([]string{"run", "--detach", "--rm", "--volume", f.path + ":/work"}, hardening()...)
	out, err := exec.CommandContext(ctx, "docker", append(args, image, "sleep", "infinity")...).Output()
	if err != nil {
		return dockerExec{}, fault.Wrap(err, fault.Unavailable, "The docker command could not start a container.", "Is the engine running?")
	}
	return dockerExec{folder: f, container: strings.TrimSpace(string(out))}, nil
}

func (d dockerExec) close() error {
	_, err := dockerCommand(context.Background(), "rm", "--force", d.container)
	return err
}

func (dockerExec) name() string { return "`docker exec`, container stays" }

func (d dockerExec) trivial(ctx context.Context, _ int) error {
	_, err := d.run(ctx, "true")
	return err
}

func (d dockerExec) check(ctx context.Context, round int) error {
	if err := d.save(round); err != nil {
		return err
	}
	if code, err := d.run(ctx, d.pack.Check.Command...); err != nil || code > 1 {
		return fmt.Errorf("tests ended with %d: %w", code, err)
	}
	return d.verdict(round)
}

func (d dockerExec) run(ctx context.Context, command ...string) (code int, err error) {
	args := append(append([]string{"exec"}, d.environ()...), d.container)
	return dockerCommand(ctx, append(args, command...)...)
}

// dockerCommand returns the exit code of the docker command; 125 and more are its own failures.
func dockerCommand(ctx context.Context, args ...string) (code int, err error) {
	out, err := exec.CommandContext(ctx, "docker", args...).CombinedOutput()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok && exit.ExitCode() >= 0 && exit.ExitCode() < 125 {
		return exit.ExitCode(), nil
	}
	if err != nil {
		return -1, fmt.Errorf("docker %s: %w: %s", args[0], err, out)
	}
	return 0, nil
}

// carrel keeps a session open, as the desktop does while a lesson is.
type carrel struct {
	session harness.Session
}

func (carrel) name() string { return "Carrel, warm" }

func (c carrel) trivial(ctx context.Context, _ int) error {
	exit, err := c.session.Run(ctx, harness.Command{Argv: []string{"true"}})
	if err == nil && exit.Code != 0 {
		err = fmt.Errorf("ended with %d", exit.Code)
	}
	return err
}

func (c carrel) check(ctx context.Context, round int) error {
	if err := c.session.Put(ctx, starter(round)); err != nil {
		return err
	}
	report, err := c.session.Check(ctx, harness.Suite{Tests: suite()}, nil)
	if err != nil {
		return err
	}
	return right(round, report.Tests)
}
