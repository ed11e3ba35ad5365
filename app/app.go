// Package app is Carrel on a learner's computer: it puts the parts together and owns their lives. The
// window and the CLI are two ways to show the same App. Wails is imported by the files with the build
// tag desktop alone, so that everything else is pure Go.
package app

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/carrel-dev/carrel/app/checks"
	"github.com/carrel-dev/carrel/app/doctor"
	"github.com/carrel-dev/carrel/app/exchange"
	"github.com/carrel-dev/carrel/app/library"
	"github.com/carrel-dev/carrel/app/progress"
	"github.com/carrel-dev/carrel/app/rpc"
	"github.com/carrel-dev/carrel/app/settings"
	"github.com/carrel-dev/carrel/app/terminal"
	"github.com/carrel-dev/carrel/app/workspace"
	"github.com/carrel-dev/carrel/courses"
	"github.com/carrel-dev/carrel/journal"
	"github.com/carrel-dev/carrel/journal/sqlitestore"
	"github.com/carrel-dev/carrel/lesson"
)

// Engine is this computer's Docker, or what stands for it in tests.
type Engine interface {
	checks.Docker
	doctor.Engine
	Close() error
}

// Options configures an App. The zero value is right for a learner's computer.
type Options struct {
	// Version is shown to people and sent to the cloud.
	Version string
	// Open is the lesson to show first, as "COURSE/LESSON"; empty shows the library.
	Open string
	// HomeDir and WorkDir default to those of package settings.
	HomeDir, WorkDir string
	// Frontend is the built frontend; without it a page says how to build it.
	Frontend fs.FS
	// Log defaults to slog's default logger.
	Log *slog.Logger
	// Engine defaults to the Docker that is found on this computer. The App closes it.
	Engine Engine
	// Courses are the shipped ones; nil means those of package courses.
	Courses []fs.FS
}

// App is one running Carrel. Its parts are ready after New; Run gives them their life, Close takes it.
type App struct {
	Home       *settings.Home
	Progress   *progress.Tracker
	Library    *library.Library
	Workspaces *workspace.Set
	Checks     *checks.Service
	Terminals  *terminal.Set
	Exchange   *exchange.Service
	Doctor     *doctor.Doctor
	Events     *rpc.Events

	options  Options
	identity settings.Identity
	engine   Engine
	store    *sqlitestore.Store
}

// New puts an App together. Call Close in the end, whether it ran or not.
func New(ctx context.Context, o Options) (_ *App, err error) {
	if err := o.complete(); err != nil {
		return nil, err
	}
	a := &App{options: o, engine: o.Engine, Events: rpc.NewEvents()}
	defer func() {
		if err != nil {
			err = errors.Join(err, a.Close())
		}
	}()
	if a.Home, err = settings.Open(o.HomeDir); err != nil {
		return nil, err
	}
	if a.store, err = sqlitestore.Open(ctx, a.Home.Path("journal.db")); err != nil {
		return nil, err
	}
	if a.identity, err = a.Home.Identity(); err != nil {
		return nil, err
	}
	if err := a.openJournal(ctx, a.identity); err != nil {
		return nil, err
	}
	a.openLibrary()
	if a.Workspaces, err = workspace.NewSet(o.WorkDir, a.Library, a.Progress, a.filesChanged); err != nil {
		return nil, err
	}
	a.Checks = checks.New(checks.Options{
		Exercises: exercises{a.Workspaces}, Journal: a.Progress, Docker: a.engine,
		Cloud: cloudChecks{a.Exchange, a.dial}, Owner: a.owner(),
		Tell: a.Events.TellCheck, RunnersChanged: a.Events.TellRunners,
	})
	a.Terminals = terminal.NewSet(a.Checks, a.Events.TellTerminal)
	a.Doctor = &doctor.Doctor{Dir: a.Home.Dir(), Engine: a.engine, Environments: a.Library.Environments, ServerURL: a.Home.ServerURL}
	return a, nil
}

// owner is whose work runs in environments.
func (a *App) owner() string { return a.identity.LearnerID.String() }

func (o *Options) complete() error {
	if o.HomeDir == "" {
		o.HomeDir = settings.DefaultDir()
	}
	if o.WorkDir == "" {
		o.WorkDir = settings.DefaultWorkDir()
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	if o.Frontend == nil {
		o.Frontend = lesson.Files{}.FS()
	}
	if o.Engine == nil {
		o.Engine = newDocker(o.Log)
	}
	if o.Courses == nil {
		for _, id := range courses.IDs() {
			course, err := courses.Course(id)
			if err != nil {
				return fmt.Errorf("opening shipped course %s: %w", id, err)
			}
			o.Courses = append(o.Courses, course)
		}
	}
	return nil
}

// openJournal opens the device's journal and its exchange with the cloud.
func (a *App) openJournal(ctx context.Context, id settings.Identity) (err error) {
	writer := journal.NewWriter(a.store, journal.Owner{}, id.Key, id.LearnerID, id.Epoch)
	a.Progress, err = progress.New(ctx, a.store, writer, progress.Hooks{
		Appended: func() { a.Exchange.Poke() },
		Changed:  func(lessons []lesson.ID) { a.Events.TellProgress(lessons...) },
	})
	if err != nil {
		return err
	}
	a.Exchange, err = exchange.New(exchange.Options{
		Home: a.Home, Store: a.store, Folds: a.Progress, Device: id.Key,
		Dial: func(address string, token func() string) (exchange.Cloud, error) {
			return a.dialFor(id, address, token)
		},
		Changed: a.Events.TellSync,
	})
	return err
}

func (a *App) openLibrary() {
	a.Library = library.New(library.Options{
		State: a.Home, Journal: a.Progress, Shipped: a.options.Courses, Catalog: catalog{a.Home, a.dial},
		Ready: a.ready, TellTask: a.Events.TellTask, Changed: func() { a.Events.TellProgress() },
	})
}

// Run gives the parts their life until ctx ends, and returns when all of it has ended: checks stopped,
// terminals closed, environments given back.
func (a *App) Run(ctx context.Context) error {
	life, end := context.WithCancel(context.WithoutCancel(ctx))
	defer end()
	parts, life := errgroup.WithContext(life)
	parts.Go(func() error { return a.Workspaces.Run(life) })
	parts.Go(func() error { return a.Checks.Run(life) })
	parts.Go(func() error { return a.Exchange.Run(life) })
	select {
	case <-ctx.Done():
	case <-life.Done():
	}
	// Who waits for events must not hold up the end, and terminals live in environments.
	a.Events.Close()
	err := errors.Join(a.Terminals.Shutdown(), a.Library.Close())
	end()
	return errors.Join(parts.Wait(), err)
}

// Close gives back what New opened.
func (a *App) Close() error {
	var errs []error
	if a.engine != nil {
		errs = append(errs, a.engine.Close())
	}
	if a.store != nil {
		errs = append(errs, a.store.Close())
	}
	if a.Home != nil {
		errs = append(errs, a.Home.Close())
	}
	return errors.Join(errs...)
}

// Handler serves the interface. Streams says whether the mount can stream responses.
func (a *App) Handler(streams bool) http.Handler {
	return rpc.Handler(rpc.Options{
		Version: a.options.Version, Library: a.Library, Workspaces: a.Workspaces, Checks: a.Checks,
		Terminals: a.Terminals, Exchange: a.Exchange, Progress: a.Progress, Home: a.Home, Doctor: a.Doctor,
		Events: a.Events, OpenLesson: a.OpenLesson, Frontend: a.options.Frontend, Log: a.options.Log,
	}, streams)
}

// Serve runs the App with its interface on a port of 127.0.0.1, a free one when port is 0, until ctx
// ends. The function ready is told the address to open.
func (a *App) Serve(ctx context.Context, port int, ready func(url string)) error {
	loopback, err := rpc.ListenLoopback(ctx, port, a.Handler(true))
	if err != nil {
		return err
	}
	parts, ctx := errgroup.WithContext(ctx)
	parts.Go(func() error { return a.Run(ctx) })
	parts.Go(func() error { return loopback.Run(ctx) })
	ready(loopback.URL(lessonPath(a.options.Open)))
	return parts.Wait()
}

// lessonPath is the page of a lesson given as "COURSE/LESSON", or of the library when it is empty.
func lessonPath(lesson string) string {
	if lesson == "" {
		return "/"
	}
	return "/course/" + strings.Trim(lesson, "/")
}
