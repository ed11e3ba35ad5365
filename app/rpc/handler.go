package rpc

import (
	"context"
	"io/fs"
	"log/slog"
	"net/http"

	"connectrpc.com/connect"

	"github.com/carrel-dev/carrel/app/checks"
	"github.com/carrel-dev/carrel/app/doctor"
	"github.com/carrel-dev/carrel/app/exchange"
	"github.com/carrel-dev/carrel/app/library"
	"github.com/carrel-dev/carrel/app/progress"
	"github.com/carrel-dev/carrel/app/settings"
	"github.com/carrel-dev/carrel/app/terminal"
	"github.com/carrel-dev/carrel/app/workspace"
	"github.com/carrel-dev/carrel/lesson"
	"github.com/carrel-dev/carrel/proto/gen/carrel/ide/v1/idev1connect"
	"github.com/carrel-dev/carrel/proto/wire"
)

// Prefix is where the Connect services are mounted.
const Prefix = "/rpc/"

// maxRequestBytes bounds a request: a file of 1 MiB and what encodes it.
const maxRequestBytes = 2 << 20

// OpenedLesson is a lesson whose workspace is ready.
type OpenedLesson struct {
	library.Opened
	WorkspacePath string // empty when the lesson has no exercise
}

// Options is what the handlers work on.
type Options struct {
	Version    string
	Library    *library.Library
	Workspaces *workspace.Set
	Checks     *checks.Service
	Terminals  *terminal.Set
	Exchange   *exchange.Service
	Progress   *progress.Tracker
	Home       *settings.Home
	Doctor     *doctor.Doctor
	Events     *Events
	// OpenLesson opens a lesson with its workspace.
	OpenLesson func(ctx context.Context, course lesson.CourseID, slug string) (OpenedLesson, error)
	// Frontend is the built frontend; Log takes internal errors.
	Frontend fs.FS
	Log      *slog.Logger
}

// Handler serves the services below Prefix and the frontend everywhere else. Streams says whether the
// mount can stream responses and cancels requests; the window's cannot.
func Handler(o Options, streams bool) http.Handler {
	services := http.NewServeMux()
	opts := connect.WithHandlerOptions(
		connect.WithInterceptors(wire.ServerFaults(o.Log)),
		connect.WithReadMaxBytes(maxRequestBytes),
	)
	services.Handle(idev1connect.NewEventServiceHandler(&eventService{o.Events, streams}, opts))
	services.Handle(idev1connect.NewLibraryServiceHandler(&libraryService{o.Library, o.OpenLesson}, opts))
	services.Handle(idev1connect.NewWorkspaceServiceHandler(&workspaceService{o.Workspaces, o.Checks.Touched}, opts))
	services.Handle(idev1connect.NewCheckServiceHandler(&checkService{o.Checks, o.Progress}, opts))
	services.Handle(idev1connect.NewTerminalServiceHandler(&terminalService{o.Terminals}, opts))
	services.Handle(idev1connect.NewSyncServiceHandler(&syncService{o.Exchange}, opts))
	services.Handle(idev1connect.NewSettingsServiceHandler(&settingsService{o.Home, o.Doctor, o.Version}, opts))

	mux := http.NewServeMux()
	mux.Handle(Prefix, flushable(http.StripPrefix("/rpc", services)))
	mux.Handle("/", static(o.Frontend))
	return mux
}

// flushable gives writers that cannot flush a Flush that does nothing: Connect insists on one, and the
// window's writer sends everything at the end anyway.
func flushable(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, ok := w.(http.Flusher); !ok {
			w = unflushed{w}
		}
		next.ServeHTTP(w, r)
	})
}

type unflushed struct{ http.ResponseWriter }

// Flush does nothing.
func (unflushed) Flush() {}
