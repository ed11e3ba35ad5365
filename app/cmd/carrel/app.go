package main

import (
	"context"
	"errors"

	"github.com/carrel-dev/carrel/app"
	"github.com/carrel-dev/carrel/frontend"
)

// withApp runs fn on this computer's Carrel and gives everything back after it.
func withApp(ctx context.Context, fn func(*app.App) error) error { return withAppAt(ctx, "", fn) }

// withAppAt is withApp for commands that show the interface, at a lesson when it is not empty.
func withAppAt(ctx context.Context, lesson string, fn func(*app.App) error) (err error) {
	a, err := app.New(ctx, app.Options{Version: version, Frontend: frontend.Dist(), Open: lesson})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	return fn(a)
}
