// Package gate proves that a course works before anyone learns from it: references pass, starters and
// empty submissions fail, and each wrong solution fails by the tests that should catch it. One
// implementation serves the command line, the author's window and the checks of course repositories.
package gate

import (
	"context"
	"fmt"
	"io/fs"
	"runtime"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/carrel-dev/carrel/fault"
	"github.com/carrel-dev/carrel/harness"
	"github.com/carrel-dev/carrel/lesson"
)

// Options of a run. The zero value proves the whole course in silence, one lesson per CPU at a time.
type Options struct {
	// Jobs is how many lessons are proven at once.
	Jobs int
	// Only are the slugs of the lessons to prove; empty for all.
	Only []string
	// Progress is called after each proof, in the order in which they end, one call at a time.
	Progress func(Result)
}

// Run proves the lessons of a course. The error is about the run as a whole: an unknown slug or a
// context that ended. Everything about the course, and every check that could not be run, is in the
// report.
func Run(ctx context.Context, course *lesson.Course, runner harness.Runner, opts Options) (Report, error) {
	lessons, err := chosen(course, opts.Only)
	if err != nil {
		return Report{}, err
	}
	if opts.Jobs <= 0 {
		opts.Jobs = runtime.NumCPU()
	}
	var progress sync.Mutex
	told := func(r Result) {
		if opts.Progress != nil {
			progress.Lock()
			defer progress.Unlock()
			opts.Progress(r)
		}
	}
	results := make([][]Result, len(lessons))
	next := make(chan int)
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error {
		defer close(next)
		for i := range lessons {
			select {
			case next <- i:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		return nil
	})
	for job := range opts.Jobs {
		group.Go(func() error {
			// The job owns what it opens, so that a runner that keeps environments warm for an owner can
			// use one for many lessons.
			owner := fmt.Sprintf("gate-%d", job+1)
			for i := range next {
				p := prover{lesson: lessons[i], bench: &bench{runner: runner, exercise: lessons[i].Exercise, owner: owner}, told: told}
				if err := p.run(ctx); err != nil {
					return err
				}
				results[i] = p.results
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return Report{}, fmt.Errorf("proving the course: %w", err)
	}
	return newReport(course.ID, slices.Concat(results...), nil), nil
}

// RunFolder reads a course folder and proves what can be read of it. Problems of the format are in
// the report beside the proofs of the sound lessons.
func RunFolder(ctx context.Context, fsys fs.FS, runner harness.Runner, opts Options) (Report, error) {
	course, problems, err := lesson.LoadLenient(fsys)
	if err != nil {
		return Report{}, err
	}
	if course == nil {
		return newReport("", nil, problems), nil
	}
	// A lesson that cannot be read is told by its problems, not as one that is not there.
	only := slices.DeleteFunc(slices.Clone(opts.Only), func(slug string) bool {
		return slices.ContainsFunc(problems, func(p lesson.Problem) bool { return p.Lesson == slug })
	})
	if len(opts.Only) > 0 && len(only) == 0 {
		return newReport(course.ID, nil, problems), nil
	}
	opts.Only = only
	report, err := Run(ctx, course, runner, opts)
	if err != nil {
		return Report{}, err
	}
	return newReport(course.ID, report.Results, problems), nil
}

// chosen returns the lessons with an exercise among those asked for.
func chosen(course *lesson.Course, only []string) ([]*lesson.Lesson, error) {
	for _, slug := range only {
		if course.Lesson(slug) == nil {
			var slugs []string
			for _, l := range course.Lessons {
				slugs = append(slugs, l.Slug)
			}
			return nil, fault.New(fault.Invalid, fmt.Sprintf("The course has no lesson %q.", slug), "Its lessons are "+strings.Join(slugs, ", ")+".")
		}
	}
	var out []*lesson.Lesson
	for _, l := range course.Lessons {
		if l.Exercise != nil && (len(only) == 0 || slices.Contains(only, l.Slug)) {
			out = append(out, l)
		}
	}
	return out, nil
}
