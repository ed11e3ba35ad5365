package cloudclient

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/carrel-dev/carrel/fault"
	"github.com/carrel-dev/carrel/harness"
	"github.com/carrel-dev/carrel/journal"
	"github.com/carrel-dev/carrel/lesson"
)

// Checker runs checks in the cloud. It is not a harness.Runner: tests and environment are the cloud's
// own. It is safe for concurrent use.
type Checker struct {
	Client *Client
	// Patience is how long the cloud may stay out of reach during a check; two minutes when zero.
	Patience time.Duration
}

// Limits of what is checked in the cloud, and of waiting for it.
const (
	maxCheckBytes   = 1 << 20
	watchWait       = 20 * time.Second
	minWatch        = 200 * time.Millisecond // between answers that say nothing new
	submitPatience  = 5 * time.Second
	defaultPatience = 2 * time.Minute
	cancelTimeout   = 10 * time.Second
)

// Check submits the files, waits for the report and tells events on the way, on the calling goroutine.
// The function events may be nil. Broken connections are waited out; when ctx is done the check is
// cancelled in the cloud too. The error is a fault, or ctx's error; whatever the learner's code did is a
// report.
func (c *Checker) Check(ctx context.Context, req CheckRequest, events func(harness.Event)) (harness.Report, error) {
	if events == nil {
		events = func(harness.Event) {}
	}
	if err := checkSize(req.Files); err != nil {
		return harness.Report{}, err
	}
	w := &watch{checker: c, id: req.CheckID, events: events}
	err := w.persist(ctx, submitPatience, func(ctx context.Context) error {
		position, err := c.Client.SubmitCheck(ctx, req)
		if err == nil {
			w.tell(CheckStatus{State: CheckQueued, QueuePosition: position})
		}
		return err
	})
	var report harness.Report
	if err == nil {
		report, err = w.wait(ctx)
	}
	if ctx.Err() != nil {
		w.cancel(ctx)
		return harness.Report{}, ctx.Err()
	}
	return report, err
}

func checkSize(files lesson.Files) error {
	size := 0
	for path, f := range files {
		size += len(path) + len(f.Data)
	}
	if size > maxCheckBytes {
		return fault.Wrap(fmt.Errorf("files have %d bytes", size), fault.Exhausted,
			"Your files are too large to check in the cloud.", "Keep them below 1 MB together, or check on this computer.")
	}
	return nil
}

// watch is one check being waited for.
type watch struct {
	checker *Checker
	id      uuid.UUID
	events  func(harness.Event)
	last    CheckStatus
}

// wait watches until the check is over.
func (w *watch) wait(ctx context.Context) (harness.Report, error) {
	patience := w.checker.Patience
	if patience <= 0 {
		patience = defaultPatience
	}
	for {
		var status CheckStatus
		asked := time.Now()
		err := w.persist(ctx, patience, func(ctx context.Context) (err error) {
			status, err = w.checker.Client.WatchCheck(ctx, w.id, w.last.State, watchWait)
			return err
		})
		if err != nil {
			return harness.Report{}, err
		}
		if early := minWatch - time.Since(asked); status.State == w.last.State && early > 0 {
			if err := sleep(ctx, early); err != nil {
				return harness.Report{}, err
			}
		}
		w.tell(status)
		switch status.State {
		case CheckFinished:
			return status.Report, nil
		case CheckCancelled:
			return harness.Report{}, fault.New(fault.Conflict, "The check was stopped in the cloud.",
				"A newer check of this lesson replaces an older one. Check again if there is none.")
		case CheckQueued, CheckRunning:
		}
	}
}

// tell turns a change of state into events.
func (w *watch) tell(status CheckStatus) {
	changed := status.State != w.last.State || status.QueuePosition != w.last.QueuePosition
	last := w.last
	w.last = status
	if !changed {
		return
	}
	switch status.State {
	case CheckQueued:
		if status.QueuePosition > 0 {
			w.events(harness.Event{Queued: status.QueuePosition})
		}
	case CheckRunning:
		w.events(harness.Event{Running: true})
	case CheckFinished:
		if last.State != CheckRunning {
			w.events(harness.Event{Running: true}) // over before we looked
		}
		for _, test := range status.Report.Tests {
			w.events(harness.Event{Test: &test})
		}
	case CheckCancelled: // an error, which wait returns
	}
}

// persist carries out a call, again while the cloud is out of reach, but not longer than patience.
func (w *watch) persist(ctx context.Context, patience time.Duration, call func(ctx context.Context) error) error {
	backoff := journal.Backoff{Base: 250 * time.Millisecond, Max: 5 * time.Second}
	start := time.Now()
	for {
		err := call(ctx)
		if err == nil || fault.KindOf(err) != fault.Unavailable || ctx.Err() != nil {
			return err
		}
		pause := backoff.Next()
		if time.Since(start)+pause > patience {
			return err
		}
		if err := sleep(ctx, pause); err != nil {
			return err
		}
	}
}

// cancel stops the check in the cloud. The caller has given up on it, so nobody waits for an answer
// longer than a moment, and a failure tells nobody anything: the cloud's limits end the check too.
func (w *watch) cancel(ctx context.Context) {
	ctx, done := context.WithTimeout(context.WithoutCancel(ctx), cancelTimeout)
	defer done()
	_ = w.checker.Client.CancelCheck(ctx, w.id)
}
