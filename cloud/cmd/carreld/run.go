package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"os"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/carrel-dev/carrel/cloud/evaluation"
	"github.com/carrel-dev/carrel/cloud/postgres"
	"github.com/carrel-dev/carrel/courses"
	"github.com/carrel-dev/carrel/fault"
)

const (
	// requestPatience and jobPatience are how long a node that shuts down lets work finish. Together they
	// stay below the 90 s that systemd waits.
	requestPatience = 10 * time.Second
	jobPatience     = 25 * time.Second
	// engineProbe is how often a node without a container engine looks for one.
	engineProbe = 5 * time.Second
	// Uploads that nobody continues are swept away.
	sweepInterval = time.Hour
	uploadAge     = 7 * 24 * time.Hour
)

// publishCourses publishes the courses that ship with Carrel and the folders of --courses.
func (n *node) publishCourses(ctx context.Context) error {
	if role(n.options.role) == roleEvaluator {
		return nil
	}
	for _, id := range courses.IDs() {
		fsys, err := courses.Course(id)
		if err != nil {
			return fmt.Errorf("opening shipped course %s: %w", id, err)
		}
		if err := n.publish(ctx, fsys); err != nil {
			return fmt.Errorf("publishing shipped course %s: %w", id, err)
		}
	}
	for _, folder := range n.options.courses {
		if err := n.publish(ctx, os.DirFS(folder)); err != nil {
			return fault.Wrap(err, fault.Invalid, "The course in "+folder+" cannot be published.",
				"Run carrel course check on it.")
		}
	}
	return nil
}

func (n *node) publish(ctx context.Context, fsys fs.FS) error {
	summary, err := n.catalog.PublishFolder(ctx, fsys)
	if err != nil {
		return err
	}
	n.logger.InfoContext(ctx, "published", "course_id", summary.ID, "digest", summary.Digest)
	return nil
}

// run serves until ctx ends or a part fails. Shutting down has two steps: first nothing new is taken
// and what is under way may finish, then it is cancelled; cancelled checks go back into the queue.
func (n *node) run(ctx context.Context, listener net.Listener, ready func() error) error {
	server := n.httpServer()
	// The parts outlive ctx by the time they need to finish.
	group, failed := errgroup.WithContext(context.WithoutCancel(ctx))
	stopping, stop := context.WithCancel(failed)
	defer stop()
	defer context.AfterFunc(ctx, stop)()

	group.Go(func() error { return n.bell.Run(stopping) })
	group.Go(func() error { return n.sweep(stopping) })
	if role(n.options.role) != roleAPI {
		group.Go(func() error { return n.evaluate(stopping) })
	}
	group.Go(func() error { return n.watchDatabase(stopping) })
	group.Go(func() error {
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			return fmt.Errorf("serving: %w", err)
		}
		return nil
	})
	group.Go(func() error {
		<-stopping.Done()
		n.logger.Info("shutting down")
		n.health.Drain()
		n.evaluations.Drain()
		late, cancel := context.WithTimeout(context.WithoutCancel(ctx), requestPatience)
		defer cancel()
		if err := server.Shutdown(late); err != nil {
			return server.Close()
		}
		return nil
	})
	if err := ready(); err != nil {
		stop()
		return errors.Join(err, group.Wait())
	}
	return group.Wait()
}

// watchDatabase fails when the embedded PostgreSQL ends by itself.
func (n *node) watchDatabase(ctx context.Context) error {
	select {
	case <-n.databaseEnded:
		return fault.New(fault.Unavailable, "The embedded database has stopped.", "See postgres.log in the data directory, then start again.")
	case <-ctx.Done():
		return nil
	}
}

func (n *node) sweep(ctx context.Context) error {
	tick := time.NewTicker(sweepInterval)
	defer tick.Stop()
	for {
		if err := n.blobs.Sweep(ctx, time.Now().Add(-uploadAge)); err != nil && ctx.Err() == nil {
			n.logger.WarnContext(ctx, "sweeping old uploads failed", "error", err)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return nil
		}
	}
}

// evaluate works the queue. Without a container engine it waits for one: checks stay in the queue, and
// everything else works.
func (n *node) evaluate(ctx context.Context) error {
	engines, err := n.openEngines()
	if err != nil {
		return err
	}
	defer func() {
		if err := engines.close(); err != nil {
			n.logger.Warn("closing the engines failed", "error", err)
		}
	}()
	ready, wait := engines.prepare(ctx, n)
	defer wait()
	if !ready {
		return nil
	}
	evaluator := evaluation.NewEvaluator(engines, n.catalog, n.checks, n.verifications, n.logger)
	options := postgres.WorkOptions{Jobs: n.options.jobs, Patience: jobPatience}
	if n.options.database.embedded {
		options.Node = "embedded" // the data directory's lock makes it the only one
	}
	for ctx.Err() == nil {
		if err := n.queue.Work(ctx, evaluator, options); err != nil {
			n.logger.Warn("working the queue failed", "error", err)
			pause(ctx, engineProbe)
		}
	}
	return nil
}

// pause waits and tells whether ctx is still alive.
func pause(ctx context.Context, d time.Duration) bool {
	select {
	case <-time.After(d):
		return true
	case <-ctx.Done():
		return false
	}
}
