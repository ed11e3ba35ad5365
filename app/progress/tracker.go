// Package progress keeps this device's journal and the folds over it: what the learner has reached,
// which attempts there are, and which version of each draft is known.
package progress

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"

	"github.com/carrel-dev/carrel/journal"
	"github.com/carrel-dev/carrel/lesson"
)

// Appender writes to the device's own log, durably; *journal.Writer is one.
type Appender interface {
	Append(ctx context.Context, payloads ...journal.Payload) error
}

// Tracker is the journal as this process sees it. It is safe for concurrent use; other processes may
// write to the same store.
type Tracker struct {
	store  journal.Store
	writer Appender
	hooks  Hooks

	// reading lets one goroutine at a time bring the folds up to date.
	reading sync.Mutex

	mu     sync.Mutex
	known  map[journal.LogID]journal.Head
	fold   *journal.Progress
	drafts map[draftKey][]lesson.Digest
	// upstream is how far each log has reached the cloud.
	upstream map[journal.LogID]journal.Head
}

type draftKey struct {
	lesson lesson.ID
	path   string
}

// Hooks are told what happens to the journal. Both are required.
type Hooks struct {
	// Appended is called after this process wrote entries.
	Appended func()
	// Changed is called after entries were found or written, with the lessons they are about.
	Changed func(lessons []lesson.ID)
}

// New returns a tracker of everything in store.
func New(ctx context.Context, store journal.Store, writer Appender, hooks Hooks) (*Tracker, error) {
	t := &Tracker{store: store, writer: writer, hooks: hooks}
	t.forget()
	if err := t.refresh(ctx, func([]lesson.ID) {}); err != nil {
		return nil, err
	}
	return t, nil
}

// Append records payloads, all of them or none. They are durable and counted when it returns nil.
func (t *Tracker) Append(ctx context.Context, payloads ...journal.Payload) error {
	if err := t.writer.Append(ctx, payloads...); err != nil {
		return fmt.Errorf("writing journal: %w", err)
	}
	t.hooks.Appended()
	return t.Refresh(ctx)
}

// Refresh takes in what other processes and exchanges have added.
func (t *Tracker) Refresh(ctx context.Context) error { return t.refresh(ctx, t.hooks.Changed) }

// Refold does the same from the beginning, after a fork replaced entries that were counted.
func (t *Tracker) Refold(ctx context.Context) error {
	t.mu.Lock()
	t.forget()
	t.mu.Unlock()
	return t.Refresh(ctx)
}

// forget empties the folds. The caller holds mu, or is alone.
func (t *Tracker) forget() {
	t.known, t.fold, t.drafts = nil, journal.NewProgress(), map[draftKey][]lesson.Digest{}
}

func (t *Tracker) refresh(ctx context.Context, changed func([]lesson.ID)) error {
	t.reading.Lock()
	defer t.reading.Unlock()
	t.mu.Lock()
	known := t.known
	t.mu.Unlock()

	var touched []lesson.ID
	heads, err := journal.Feed(ctx, t.store, journal.Owner{}, known, func(log journal.LogID, e journal.Entry) {
		t.mu.Lock()
		defer t.mu.Unlock()
		t.fold.Add(log, e)
		if id, ok := t.note(e); ok && !slices.Contains(touched, id) {
			touched = append(touched, id)
		}
	})
	if err != nil {
		return fmt.Errorf("reading journal: %w", err)
	}
	t.mu.Lock()
	t.known = heads
	t.mu.Unlock()
	if len(touched) > 0 {
		changed(touched)
	}
	return nil
}

// note follows the drafts and tells which lesson an entry is about. The caller holds mu.
func (t *Tracker) note(e journal.Entry) (lesson.ID, bool) {
	payload, err := journal.Decode(e)
	if err != nil {
		return lesson.ID{}, false // unknown, erased or damaged: the fold skips it too
	}
	switch p := payload.(type) {
	case journal.DraftRevision:
		key := draftKey{p.LessonID, p.Path}
		heads := slices.DeleteFunc(slices.Clone(t.drafts[key]), func(d lesson.Digest) bool {
			return d == p.Digest || slices.Contains(p.Parents, d)
		})
		t.drafts[key] = append(heads, p.Digest)
		return lesson.ID{}, false // nothing on screen shows drafts
	case journal.AttemptStarted:
		return p.LessonID, true
	case journal.AttemptFinished:
		return p.LessonID, true
	case journal.AttemptVerified:
		return p.LessonID, true
	case journal.LessonViewed:
		return p.LessonID, true
	case journal.QuizAnswered:
		return p.LessonID, true
	case journal.HintUsed:
		return p.LessonID, true
	}
	return lesson.ID{}, false
}

// Lesson returns the progress in a lesson.
func (t *Tracker) Lesson(id lesson.ID) journal.LessonProgress {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.fold.Lesson(id)
}

// Lessons returns the progress in every lesson with activity, latest activity first.
func (t *Tracker) Lessons() []journal.LessonProgress {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.fold.Lessons()
}

// Attempt is an attempt and whether it has not reached the cloud.
type Attempt struct {
	journal.Attempt
	Waiting bool
}

// Attempts returns the finished attempts at a lesson, newest first.
func (t *Tracker) Attempts(id lesson.ID) []Attempt {
	t.mu.Lock()
	defer t.mu.Unlock()
	var out []Attempt
	for _, a := range t.fold.Attempts(id) {
		if a.Report != nil {
			out = append(out, Attempt{a, a.Waiting(t.upstream)})
		}
	}
	return out
}

// SetUpstream tells how far each log has reached the cloud.
func (t *Tracker) SetUpstream(upstream map[journal.LogID]journal.Head) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.upstream = maps.Clone(upstream)
}

// Waiting counts the finished attempts that have not reached the cloud.
func (t *Tracker) Waiting() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.fold.Waiting(t.upstream)
}
