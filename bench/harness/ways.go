package main

import (
	"bytes"
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

// way is one way to run a learner's work.
type way interface {
	name() string
	// trivial runs a program that does nothing and waits for its end.
	trivial(ctx context.Context, round int) error
	// check puts changed files where the tests run, runs the tests, and reads the report.
	check(ctx context.Context, round int) error
}

// reportFile is where the usual commands write their reports.
const reportFile = "report.xml"

// folder is a workspace on the host that containers mount, as the usual systems do.
type folder struct {
	exercise

	path string
	pack images.Pack
}

func newFolder(e exercise, pack images.Pack) (folder, error) {
	path, err := os.MkdirTemp("", "carrel-bench-")
	if err != nil {
		return folder{}, fmt.Errorf("making folder: %w", err)
	}
	f := folder{exercise: e, path: path, pack: pack}
	// The container's user is nobody on the host.
	if err := os.Chmod(path, 0o777); err != nil { //nolint:gosec // see above
		return folder{}, fmt.Errorf("opening folder: %w", err)
	}
	for name, file := range e.support.Overlay(e.tests) {
		if err := os.WriteFile(filepath.Join(path, name), file.Data, 0o644); err != nil { //nolint:gosec // see above
			return folder{}, fmt.Errorf("writing tests: %w", err)
		}
	}
	return f, nil
}

// save writes the round's file and removes the last report.
func (f folder) save(round int) error {
	if err := os.RemoveAll(filepath.Join(f.path, reportFile)); err != nil {
		return fmt.Errorf("removing last report: %w", err)
	}
	//nolint:gosec // read by the container's user, whose id the host does not know
	return os.WriteFile(filepath.Join(f.path, f.main), f.saved(round)[f.main].Data, 0o644)
}

func (f folder) verdict(round int, printed []byte) error {
	data := printed
	if f.format == testreport.JUnit {
		var err error
		if data, err = os.ReadFile(filepath.Join(f.path, reportFile)); err != nil {
			return fmt.Errorf("reading report: %w", err)
		}
	}
	results, err := testreport.Parse(f.format, data)
	if err != nil {
		return fmt.Errorf("%w: %.300s", err, printed)
	}
	return f.right(round, results)
}

// environ returns the pack's environment as options of the docker command.
func (f folder) environ() []string {
	var options []string
	for _, e := range f.pack.Env {
		options = append(options, "--env", e)
	}
	return options
}

// hardening is what Carrel's own containers have too.
func hardening() []string {
	return []string{
		"--network", "none", "--read-only", "--tmpfs", "/tmp:exec", "--cap-drop", "ALL",
		"--security-opt", "no-new-privileges", "--pids-limit", "128",
		"--memory", "544m", "--memory-swap", "544m", "--user", "20000:20000", "--log-driver", "none",
	}
}

// checkBy saves the round's file, runs the suite with the docker command and reads the verdict.
func (f folder) checkBy(ctx context.Context, round int, run func(ctx context.Context, command ...string) (int, []byte, error)) error {
	if err := f.save(round); err != nil {
		return err
	}
	code, printed, err := run(ctx, f.usual...)
	if err != nil || code > 1 {
		return fmt.Errorf("tests ended with %d: %w: %.300s", code, err, printed)
	}
	return f.verdict(round, printed)
}

// dockerRun starts a container for every run.
type dockerRun struct {
	folder
	image string
}

func (dockerRun) name() string { return "hardened `docker run` per run" }

func (d dockerRun) trivial(ctx context.Context, _ int) error {
	_, _, err := d.run(ctx, "true")
	return err
}

func (d dockerRun) check(ctx context.Context, round int) error {
	return d.checkBy(ctx, round, d.run)
}

func (d dockerRun) run(ctx context.Context, command ...string) (code int, printed []byte, err error) {
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
	_, _, err := dockerCommand(context.Background(), "rm", "--force", d.container)
	return err
}

func (dockerExec) name() string { return "`docker exec`, container stays" }

func (d dockerExec) trivial(ctx context.Context, _ int) error {
	_, _, err := d.run(ctx, "true")
	return err
}

func (d dockerExec) check(ctx context.Context, round int) error {
	return d.checkBy(ctx, round, d.run)
}

func (d dockerExec) run(ctx context.Context, command ...string) (code int, printed []byte, err error) {
	args := append([]string{"exec"}, d.environ()...)
	return dockerCommand(ctx, append(append(args, d.container), command...)...)
}

// dockerCommand returns the exit code of the docker command and what it printed; codes of 125 and more
// are its own failures.
func dockerCommand(ctx context.Context, args ...string) (code int, printed []byte, err error) {
	var out, said bytes.Buffer
	command := exec.CommandContext(ctx, "docker", args...)
	command.Stdout, command.Stderr = &out, &said
	err = command.Run()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok && exit.ExitCode() >= 0 && exit.ExitCode() < 125 {
		return exit.ExitCode(), out.Bytes(), nil
	}
	if err != nil {
		return -1, nil, fmt.Errorf("docker %s: %w: %s", args[0], err, said.Bytes())
	}
	return 0, out.Bytes(), nil
}

// carrel keeps a session open, as the desktop does while a lesson is.
type carrel struct {
	exercise

	session harness.Session
}

func (carrel) name() string { return "Carrel, warm" }

// trivial is a whole check of a suite that does nothing: its folders are new before it, and whatever it
// left is gone after it, as with a new container.
func (c carrel) trivial(ctx context.Context, _ int) error {
	report, err := c.session.Check(ctx, harness.Suite{Command: []string{"true"}, Format: harness.FormatExit}, nil)
	if err == nil && report.Verdict != harness.Passed {
		err = fmt.Errorf("ended with %s: %s", report.Verdict, report.Message)
	}
	return err
}

func (c carrel) check(ctx context.Context, round int) error {
	if err := c.session.Put(ctx, c.saved(round)); err != nil {
		return err
	}
	report, err := c.session.Check(ctx, harness.Suite{Tests: c.tests}, nil)
	if err != nil {
		return err
	}
	return c.right(round, report.Tests)
}
