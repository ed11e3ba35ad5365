//go:build desktop

package app

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"os"
	"sync"

	"github.com/wailsapp/wails/v2"
	"github.com/wailsapp/wails/v2/pkg/options"
	"github.com/wailsapp/wails/v2/pkg/options/assetserver"
	"github.com/wailsapp/wails/v2/pkg/options/linux"
	"github.com/wailsapp/wails/v2/pkg/runtime"

	"github.com/carrel-dev/carrel/fault"
)

// The window's look before its page is there, the token --desk.
const (
	title                    = "Carrel"
	width, height            = 1440, 900
	minWidth, minHeight      = 720, 560
	red, green, blue    byte = 0xeb, 0xe4, 0xd8
	instanceID               = "dev.carrel.desktop"
	noDMABuf                 = "WEBKIT_DISABLE_DMABUF_RENDERER"
	webviewName              = "carrel"
)

// Run shows the window and returns when it was closed and everything has ended.
func Run(o Options) error {
	// WebKitGTK shows an empty window on many drivers without it.
	if _, set := os.LookupEnv(noDMABuf); !set {
		if err := os.Setenv(noDMABuf, "1"); err != nil {
			return err
		}
	}
	w := newWindow(o)
	err := wails.Run(&options.App{
		Title: title, Width: width, Height: height, MinWidth: minWidth, MinHeight: minHeight,
		BackgroundColour: options.NewRGB(red, green, blue),
		// Middleware sees every request; a Handler would only see what the asset server does not know.
		AssetServer:        &assetserver.Options{Middleware: func(http.Handler) http.Handler { return w }},
		SingleInstanceLock: &options.SingleInstanceLock{UniqueId: instanceID, OnSecondInstanceLaunch: w.show},
		OnStartup:          w.startup,
		OnDomReady:         w.shown,
		OnShutdown:         w.shutdown,
		Bind:               []any{&Chrome{window: w}},
		Linux:              &linux.Options{ProgramName: webviewName},
	})
	return errors.Join(err, w.err)
}

// window joins an App to the window that shows it. The App is made in startup and not before: a second
// instance ends inside wails.Run, and must not have touched anything by then.
type window struct {
	options Options
	ready   chan struct{} // closed when handler is set
	handler http.Handler
	life    sync.WaitGroup

	ctx  context.Context //nolint:containedctx // Wails' handle of the window; set by startup, before ready
	stop context.CancelFunc
	err  error // why the App ended

	opened sync.Once
}

func newWindow(o Options) *window {
	return &window{options: o, ready: make(chan struct{}), stop: func() {}}
}

// ServeHTTP answers the page once the App is there: the page may be quicker.
func (w *window) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	select {
	case <-w.ready:
		w.handler.ServeHTTP(rw, r)
	case <-r.Context().Done():
	}
}

func (w *window) startup(ctx context.Context) {
	defer close(w.ready)
	w.ctx = ctx
	a, err := New(ctx, w.options)
	if err != nil {
		w.fail(err)
		return
	}
	// Wails never cancels requests, so a stream would outlive its page.
	w.handler = a.Handler(false)
	life, stop := context.WithCancel(context.WithoutCancel(ctx))
	w.stop = stop
	w.life.Go(func() {
		w.err = errors.Join(a.Run(life), a.Close())
	})
}

// shown is called when a page is there. The first one is sent to the lesson that was asked for: the
// page's own address cannot be chosen before.
func (w *window) shown(ctx context.Context) {
	w.opened.Do(func() {
		slog.Info("the window is open")
		if w.options.Open != "" {
			path, err := json.Marshal(lessonPath(w.options.Open))
			if err != nil {
				return // a string can always be marshalled
			}
			runtime.WindowExecJS(ctx, "window.location.hash = "+string(path))
		}
	})
}

// fail tells why there is no App and closes the window.
func (w *window) fail(err error) {
	w.err = err
	w.handler = http.NotFoundHandler()
	message, hint := fault.Sentence(err)
	_, _ = runtime.MessageDialog(w.ctx, runtime.MessageDialogOptions{ // the error is returned by Run too
		Type: runtime.ErrorDialog, Title: title, Message: message + "\n\n" + hint})
	runtime.Quit(w.ctx)
}

// shutdown waits until what the learner did is on disk.
func (w *window) shutdown(context.Context) {
	w.stop()
	w.life.Wait()
}

// show brings the window to the front: somebody started Carrel again.
func (w *window) show(options.SecondInstanceData) {
	<-w.ready
	runtime.WindowUnminimise(w.ctx)
	runtime.Show(w.ctx)
}

// Chrome is what the page can ask of the native window. Everything else goes through Connect.
type Chrome struct{ window *window }

// ChooseFolder asks the person for a folder; "" when they closed the dialog.
func (c *Chrome) ChooseFolder(title string) (string, error) {
	return runtime.OpenDirectoryDialog(c.window.ctx, runtime.OpenDialogOptions{Title: title})
}
