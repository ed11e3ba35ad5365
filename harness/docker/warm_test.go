package docker

import (
	"context"
	"errors"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/containerd/errdefs"

	"github.com/carrel-dev/carrel/fault"
	"github.com/carrel-dev/carrel/harness"
	"github.com/carrel-dev/carrel/lesson"
)

func shellSpec(owner string, fresh bool) harness.Spec {
	return harness.Spec{Environment: lesson.Environment{Name: "shell"}, Owner: owner, Fresh: fresh}
}

func opened(t *testing.T, r *Runner, spec harness.Spec) *session {
	t.Helper()
	s, err := r.Open(t.Context(), spec)
	if err != nil {
		t.Fatal(err)
	}
	return s.(*session)
}

// made is how many containers the Runner ever made.
func made(r *Runner) int {
	r.ledger.mu.Lock()
	defer r.ledger.mu.Unlock()
	return r.ledger.made
}

func TestRunner_Warm(t *testing.T) {
	t.Parallel()
	t.Run("whoever asks at once, one container is made, and the next Open gets it", func(t *testing.T) {
		t.Parallel()
		r := poolRunner(t, "warm", Options{Spare: -1})
		if _, err := r.connect(t.Context()); err != nil {
			t.Fatal(err)
		}
		var asking sync.WaitGroup
		for range 5 {
			asking.Go(func() {
				if err := r.Warm(t.Context(), shellSpec("ada", false)); err != nil {
					t.Error(err)
				}
			})
		}
		asking.Wait()
		const fill = 1 // the container that takes the agent
		if n, waiting := made(r), r.pool.waiting(); n != 1+fill || len(waiting) != 1 {
			t.Fatalf("%d were made, %d wait", n, len(waiting))
		}
		warm := r.pool.waiting()[0]
		s := opened(t, r, shellSpec("ada", false))
		if s.current != warm {
			t.Error("Open did not take the warm one")
		}
		passes(t, s)
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		if err := r.Warm(t.Context(), shellSpec("ada", false)); err != nil || made(r) != 1+fill {
			t.Errorf("another was made although the owner's own waits; %v", err)
		}
	})
	t.Run("Open takes the one that is on its way", func(t *testing.T) {
		t.Parallel()
		r := poolRunner(t, "on-its-way", Options{Spare: -1})
		spec, i, err := r.resolve(t.Context(), shellSpec("ada", false))
		if err != nil {
			t.Fatal(err)
		}
		a, _ := r.pool.announce(shapeOf(spec, i.ref))
		waiting := make(chan *session)
		go func() {
			s, err := r.Open(t.Context(), shellSpec("ada", false))
			if err != nil {
				t.Error(err)
			}
			waiting <- s.(*session)
		}()
		r.prepare(spec, i, a)
		s := <-waiting
		passes(t, s)
		if n := len(r.containers); n != 1 {
			t.Errorf("there are %d containers", n)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	t.Run("it goes on when who asked has left", func(t *testing.T) {
		t.Parallel()
		r := poolRunner(t, "left", Options{Spare: -1})
		spec, i, err := r.resolve(t.Context(), shellSpec("ada", false))
		if err != nil {
			t.Fatal(err)
		}
		a, _ := r.pool.announce(shapeOf(spec, i.ref))
		ctx, cancel := context.WithCancel(t.Context())
		result := make(chan error)
		go func() { result <- r.Warm(ctx, shellSpec("ada", false)) }()
		cancel()
		if err := <-result; !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
		r.prepare(spec, i, a)
		if len(r.pool.waiting()) != 1 {
			t.Error("nothing waits")
		}
	})
	t.Run("nothing is made while power is saved, but for who asks", func(t *testing.T) {
		t.Parallel()
		var saving atomic.Bool
		saving.Store(true)
		r := poolRunner(t, "saving", Options{Saving: saving.Load})
		if err := r.Warm(t.Context(), shellSpec("ada", false)); err == nil {
			t.Error("it warmed")
		}
		first, second := opened(t, r, shellSpec("ada", false)), opened(t, r, shellSpec("ada", false))
		if r.refill() {
			t.Error("the pool was refilled")
		}
		saving.Store(false)
		passes(t, first)
		if err := errors.Join(first.Close(), second.Close()); err != nil {
			t.Error(err)
		}
	})
	t.Run("an environment that is missing is told, and not tried again and again", func(t *testing.T) {
		t.Parallel()
		r := poolRunner(t, "missing", Options{})
		err := r.Warm(t.Context(), harness.Spec{Environment: lesson.Environment{Image: "carrel.invalid/none:1"}})
		if fault.KindOf(err) != fault.NotFound || made(r) != 0 {
			t.Errorf("got %v, and %d were made", err, made(r))
		}
	})
	t.Run("where nothing may wait, nothing is warmed", func(t *testing.T) {
		t.Parallel()
		r := poolRunner(t, "no-room", Options{MaxIdle: -1})
		if err := r.Warm(t.Context(), shellSpec("ada", false)); err == nil {
			t.Error("it warmed")
		}
		s := opened(t, r, shellSpec("ada", false))
		c := s.current
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		r.disposed(t, c)
	})
}

// disposed waits until a container is removed.
func (r *Runner) disposed(t *testing.T, c *container) {
	t.Helper()
	if err := c.remove(); err != nil { // waits for the one that is under way
		t.Error(err)
	}
	if _, err := direct(t).ContainerInspect(t.Context(), c.id); !errdefs.IsNotFound(err) {
		t.Errorf("the container is there: %v", err)
	}
}

// filled waits until the pool has its spares.
func filled(r *Runner) {
	for r.refill() {
	}
	r.pool.mu.Lock()
	coming := slices.Collect(maps.Values(r.pool.coming)) // the keeper's
	r.pool.mu.Unlock()
	for _, a := range coming {
		<-a.done
	}
}

func TestRunner_spare(t *testing.T) {
	t.Parallel()
	r := poolRunner(t, "spare", Options{})
	if err := r.Warm(t.Context(), shellSpec("ada", true)); err != nil {
		t.Fatal(err)
	}
	spare := r.pool.waiting()[0]
	graded := opened(t, r, shellSpec("ada", true))
	if graded.current != spare {
		t.Error("a graded check did not take the one nobody has used")
	}
	passes(t, graded)
	if err := graded.Close(); err != nil {
		t.Fatal(err)
	}
	r.disposed(t, spare)

	practice := opened(t, r, shellSpec("ada", false))
	own := practice.current
	if own == spare {
		t.Error("a used container came back")
	}
	passes(t, practice)
	if err := practice.Close(); err != nil {
		t.Fatal(err)
	}
	filled(r)
	fresh := opened(t, r, shellSpec("ada", true))
	grace := opened(t, r, shellSpec("grace", false))
	again := opened(t, r, shellSpec("ada", false))
	if again.current != own {
		t.Error("practice did not get its own container back")
	}
	if fresh.current == own || grace.current == own {
		t.Error("a used container was given to another, or for a graded check")
	}
	for _, s := range []*session{fresh, grace, again} {
		passes(t, s)
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
	none(t, r)
}

// TestRunner_memory: a waiting container is measured, and the budget counts.
func TestRunner_memory(t *testing.T) {
	t.Parallel()
	r := poolRunner(t, "memory", Options{Spare: -1, MemoryBudget: 1 << 40})
	s := opened(t, r, shellSpec("ada", false))
	c := s.current
	passes(t, s)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	r.measure(t.Context())
	if n := c.bytes.Load(); n < 1<<20 || n > 128<<20 {
		t.Errorf("a waiting container takes %d bytes", n)
	}
	r.options.MemoryBudget = c.footprint() - 1
	if gone := r.pool.trim(r.bounds()); len(gone) != 1 || gone[0] != c {
		t.Errorf("%d are too many, want the one", len(gone))
	}
}
