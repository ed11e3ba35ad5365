// Package trial checks the same work on this computer and in a cloud of its own, by the programs that
// learners and operators have, so that their reports can be compared. Tests and benchmarks may import it.
package trial

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/google/go-cmp/cmp"

	"github.com/carrel-dev/carrel/fault"
	"github.com/carrel-dev/carrel/harness"
	"github.com/carrel-dev/carrel/lesson"
)

// Options is what a Trial needs. All fields are required.
type Options struct {
	Carrel  string // path of the command line
	Carreld string // path of the cloud's program
	Course  string // folder of the course whose exercises are checked
}

// Trial is a learner with an account, a running cloud that has published the course, and room for
// workspaces. It is not safe for concurrent use: the cloud keeps one pending check per learner and lesson.
type Trial struct {
	carrel string
	folder string // of the course
	course *lesson.Course
	temp   string
	cloud  *service
	count  int // of workspaces
}

// Start reads the course, starts the cloud and registers the learner. Close gives everything back;
// the cloud also ends with ctx.
func Start(ctx context.Context, o Options) (t *Trial, err error) {
	folder, err := filepath.Abs(o.Course)
	if err != nil {
		return nil, fmt.Errorf("finding course: %w", err)
	}
	course, err := lesson.Load(os.DirFS(folder))
	if err != nil {
		return nil, err
	}
	temp, err := os.MkdirTemp("", "carrel-parity-")
	if err != nil {
		return nil, fmt.Errorf("making folder: %w", err)
	}
	t = &Trial{carrel: o.Carrel, folder: folder, course: course, temp: temp}
	defer func() {
		if err != nil {
			err = errors.Join(err, t.Close())
		}
	}()
	//nolint:gosec // searchable by others: the cloud's PostgreSQL may run as another user
	if err := os.Chmod(temp, 0o755); err != nil {
		return nil, fmt.Errorf("opening folder: %w", err)
	}
	if t.cloud, err = serve(ctx, o.Carreld, filepath.Join(temp, "cloud"), folder); err != nil {
		return nil, err
	}
	_, err = t.run(ctx, "correct horse battery\n", "login", "--register", "--email", "parity@example.org",
		"--name", "Parity", "--server", t.cloud.address)
	return t, err
}

// Close stops the cloud and removes everything the trial made.
func (t *Trial) Close() error {
	var err error
	if t.cloud != nil {
		err = t.cloud.stop()
	}
	return errors.Join(err, os.RemoveAll(t.temp))
}

// Exercises returns the lessons of the course that have an exercise.
func (t *Trial) Exercises() []*lesson.Lesson {
	found := make([]*lesson.Lesson, 0, len(t.course.Lessons))
	for _, l := range t.course.Lessons {
		if l.Exercise != nil {
			found = append(found, l)
		}
	}
	return found
}

// Solution is work on an exercise: files laid over its starter.
type Solution struct {
	Name  string
	Right bool // whether the course promises that it passes
	Files lesson.Files
}

// Solutions returns the solutions the course itself has: its reference, the starter as it is, and the
// wrong ones.
func Solutions(e *lesson.Exercise) []Solution {
	all := []Solution{{"reference", true, e.Solution}, {"starter", e.StarterPasses, nil}}
	for _, w := range e.Wrong {
		all = append(all, Solution{"wrong/" + w.Name, false, w.Files})
	}
	return all
}

// Pair is the two reports of one workspace.
type Pair struct {
	Docker, Cloud harness.Report
}

// Diff returns what differs between the reports that should not; "" when they are equal.
func (p Pair) Diff() string {
	return cmp.Diff(p.Docker.Comparable(), p.Cloud.Comparable())
}

// Check lays out the exercise as a learner does, puts the solution into it, and checks it on Docker and in
// the cloud. An error says that there is nothing to compare; a verdict about the code is none.
func (t *Trial) Check(ctx context.Context, l *lesson.Lesson, s Solution) (pair Pair, err error) {
	t.count++
	dir := filepath.Join(t.temp, "work", fmt.Sprintf("%04d", t.count))
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	if _, err := t.run(ctx, "", "start", t.folder+"/"+l.Slug, "--into", dir); err != nil {
		return pair, err
	}
	if err := layOver(dir, s.Files); err != nil {
		return pair, fmt.Errorf("laying out %s: %w", s.Name, err)
	}
	if pair.Docker, err = t.check(ctx, dir, "docker"); err != nil {
		return pair, err
	}
	if pair.Cloud, err = t.check(ctx, dir, "cloud"); err != nil {
		return pair, err
	}
	if pair.Docker.Runner == pair.Cloud.Runner {
		return pair, fault.New(fault.Internal, "Both checks ran on "+pair.Cloud.Runner+".", "")
	}
	return pair, nil
}

// layOver writes files over those in a workspace, which may be read-only.
func layOver(dir string, files lesson.Files) error {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer func() { _ = root.Close() }() // only a handle
	for _, path := range files.Paths() {
		name := filepath.FromSlash(path)
		if err := root.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			return err
		}
		if err := root.Remove(name); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
		mode := os.FileMode(0o644)
		if files[path].Executable {
			mode = 0o755
		}
		if err := root.WriteFile(name, files[path].Data, mode); err != nil {
			return err
		}
	}
	return nil
}
