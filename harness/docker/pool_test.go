package docker

import (
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/carrel-dev/carrel/harness"
	"github.com/carrel-dev/carrel/harness/agent/client"
	"github.com/carrel-dev/carrel/lesson"
)

// dummy is a container that the pool takes for a live one.
func dummy(s shape) *container { return &container{shape: s, conn: client.New(io.Discard)} }

func ownedDummy(s shape, owner string) *container {
	c := dummy(s)
	c.used, c.owner = true, owner
	return c
}

// end makes a container one whose agent is gone.
func end(c *container) { c.conn.Run(strings.NewReader("")) }

// arrives brings an unowned container into the pool.
func (p *pool) arrives(c *container) {
	a, _ := p.announce(c.shape)
	p.arrive(c.shape, a, c, nil)
}

// wants asks often enough for unowned containers.
func (p *pool) wants(s shape, spec harness.Spec) {
	p.ask(s, spec, image{})
	p.ask(s, spec, image{})
}

func shapeNamed(name string) shape { return shape{image: name} }

// TestPool_owners: whatever happens in whatever order, a container serves one owner, a fresh one nobody
// before, and none is lost or in two places.
func TestPool_owners(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var p pool
		owners := rapid.SampledFrom([]string{"ada", "grace", ""})
		shapes := rapid.Map(rapid.SampledFrom([]string{"python", "shell"}), shapeNamed)
		servedTo := map[*container]string{}
		served := map[*container]bool{}
		out := map[*container]bool{} // in use
		made, gone := 0, 0
		t.Repeat(map[string]func(*rapid.T){
			"one arrives": func(t *rapid.T) {
				made++
				p.arrives(dummy(shapes.Draw(t, "shape")))
			},
			"one is taken": func(t *rapid.T) {
				s, owner, fresh := shapes.Draw(t, "shape"), owners.Draw(t, "owner"), rapid.Bool().Draw(t, "fresh")
				p.ask(s, harness.Spec{}, image{})
				had := p.has(s, owner, fresh)
				c := p.take(s, owner, fresh)
				switch {
				case had != (c != nil):
					t.Fatalf("has said %v, and take returned %v", had, c)
				case c == nil:
					return
				case c.shape != s:
					t.Fatalf("wanted %v, got %v", s, c.shape)
				case out[c]:
					t.Fatal("a container in use was given away")
				case served[c] && (fresh || servedTo[c] != owner):
					t.Fatalf("a container of %q was given to %q, fresh %v", servedTo[c], owner, fresh)
				}
				out[c], served[c], servedTo[c] = true, true, owner
			},
			"one comes back": func(*rapid.T) {
				for c := range out {
					delete(out, c)
					p.give(c)
					return
				}
			},
			"one dies": func(t *rapid.T) {
				if idle := p.waiting(); len(idle) > 0 {
					if c := rapid.SampledFrom(idle).Draw(t, "dies"); c.alive() {
						end(c)
					}
				}
			},
			"old ones expire": func(*rapid.T) { gone += len(p.expired(time.Now().Add(-time.Hour))) },
			"room is needed": func(t *rapid.T) {
				gone += len(p.trim(bounds{most: rapid.IntRange(0, 5).Draw(t, "most"), bytes: 1 << 40}))
			},
			"": func(t *rapid.T) {
				if n := len(p.waiting()) + len(out) + gone; n != made {
					t.Fatalf("%d containers are known, %d were made", n, made)
				}
			},
		})
	})
}

func TestPool_trim(t *testing.T) {
	t.Parallel()
	fill := func() (*pool, map[string]*container) {
		p := &pool{}
		all := map[string]*container{
			"old guess": dummy(shapeNamed("shell")), "new guess": dummy(shapeNamed("python")),
			"ada's": ownedDummy(shapeNamed("shell"), "ada"), "grace's": ownedDummy(shapeNamed("shell"), "grace"),
		}
		p.ask(shapeNamed("shell"), harness.Spec{}, image{})
		p.ask(shapeNamed("python"), harness.Spec{}, image{})
		p.give(all["ada's"])
		p.arrives(all["new guess"])
		p.arrives(all["old guess"])
		p.give(all["grace's"])
		return p, all
	}
	order := []string{"old guess", "ada's", "grace's", "new guess"}
	for kept := range 5 {
		p, all := fill()
		gone := p.trim(bounds{most: kept, bytes: 1 << 40})
		for i, name := range order {
			if wanted := i < 4-kept; wanted != slices.Contains(gone, all[name]) {
				t.Errorf("room for %d: %s removed is not %v", kept, name, wanted)
			}
		}
	}
	t.Run("by memory, of which those in use have their part", func(t *testing.T) {
		t.Parallel()
		p, all := fill()
		all["ada's"].bytes.Store(100 << 20)
		if gone := p.trim(bounds{most: 8, bytes: 400 << 20, busy: 156 << 20}); len(gone) != 0 {
			t.Errorf("%d were removed although there is room", len(gone))
		}
		if gone := p.trim(bounds{most: 8, bytes: 400 << 20, busy: 157 << 20}); len(gone) != 1 || gone[0] != all["old guess"] {
			t.Errorf("%d were removed, want the old guess", len(gone))
		}
	})
}

func TestPool_missing(t *testing.T) {
	t.Parallel()
	room := bounds{most: 8, bytes: 1 << 40}
	shell, python := shapeNamed("shell"), shapeNamed("python")
	t.Run("what was asked for last is made first, up to the number of spares", func(t *testing.T) {
		t.Parallel()
		var p pool
		p.wants(shell, harness.Spec{})
		p.wants(python, harness.Spec{})
		var got []string
		for {
			s, _, gone, ok := p.missing(2, room)
			if !ok {
				break
			}
			if len(gone) > 0 {
				t.Error("something was removed although there is room")
			}
			got = append(got, s.image)
			p.arrives(dummy(s))
		}
		if want := []string{"python", "python", "shell", "shell"}; !slices.Equal(got, want) {
			t.Errorf("made %v, want %v", got, want)
		}
	})
	t.Run("one on its way counts, a dead one and an owned one do not", func(t *testing.T) {
		t.Parallel()
		var p pool
		p.wants(shell, harness.Spec{})
		lost := dummy(shell)
		p.arrives(lost)
		end(lost)
		p.give(ownedDummy(shell, "ada"))
		if _, _, _, ok := p.missing(1, room); !ok {
			t.Error("nothing is missing")
		}
		p.announce(shell)
		if _, _, _, ok := p.missing(1, room); ok {
			t.Error("one is missing although it is on its way")
		}
	})
	t.Run("a guess takes the place of an older guess and of nothing else", func(t *testing.T) {
		t.Parallel()
		var p pool
		full := bounds{most: 2, bytes: 1 << 40}
		old := dummy(shell)
		p.wants(shell, harness.Spec{})
		p.arrives(old)
		p.give(ownedDummy(shell, "ada"))
		if _, _, _, ok := p.missing(2, full); ok {
			t.Error("a guess pushed out its like")
		}
		p.wants(python, harness.Spec{})
		s, _, gone, ok := p.missing(1, full)
		if !ok || s != python || !slices.Equal(gone, []*container{old}) {
			t.Errorf("got %v, %v, %v", s, gone, ok)
		}
		p.arrives(dummy(python))
		if s, _, _, ok := p.missing(1, full); ok {
			t.Errorf("%v is missing, and would push out what was asked for later", s)
		}
	})
	t.Run("what was asked for once is not guessed", func(t *testing.T) {
		t.Parallel()
		var p pool
		p.ask(shell, harness.Spec{}, image{})
		if _, _, _, ok := p.missing(1, room); ok {
			t.Error("something is missing")
		}
	})
	t.Run("nothing is guessed for shapes with services, or when nothing may wait", func(t *testing.T) {
		t.Parallel()
		var p pool
		p.wants(shell, harness.Spec{})
		if _, _, _, ok := p.missing(1, bounds{most: -1, bytes: 1 << 40}); ok {
			t.Error("something is missing")
		}
		p = pool{}
		p.wants(shell, harness.Spec{Services: []lesson.Service{{Name: "postgres"}}})
		if _, _, _, ok := p.missing(1, room); ok {
			t.Error("a database is guessed")
		}
	})
}

func TestPool_expired(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var p pool
		shell, python := shapeNamed("shell"), shapeNamed("python")
		p.ask(shell, harness.Spec{}, image{})
		p.ask(python, harness.Spec{}, image{})
		guess, wanted, owned := dummy(shell), dummy(python), ownedDummy(shell, "ada")
		p.arrives(guess)
		p.arrives(wanted)
		time.Sleep(5 * time.Minute) // the bubble's clock
		p.give(owned)
		p.ask(python, harness.Spec{}, image{})
		time.Sleep(6 * time.Minute)
		if gone := p.expired(time.Now().Add(-10 * time.Minute)); !slices.Equal(gone, []*container{guess}) {
			t.Errorf("%d expired, want the guess nobody asked for", len(gone))
		}
		end(wanted)
		time.Sleep(6 * time.Minute)
		if gone := p.expired(time.Now().Add(-10 * time.Minute)); len(gone) != 2 {
			t.Errorf("%d expired, want the dead one and the one nobody came back for", len(gone))
		}
	})
}

func TestPool_await(t *testing.T) {
	t.Parallel()
	shell := shapeNamed("shell")
	t.Run("who comes while one is made gets it, and only one does", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			var p pool
			a, begun := p.announce(shell)
			if _, again := p.announce(shell); !begun || again {
				t.Error("it is announced twice")
			}
			got := make(chan *container)
			go func() { got <- p.await(t.Context(), shell, "ada") }()
			synctest.Wait()
			if !p.claimed(a) {
				t.Error("it is not claimed")
			}
			if c := p.await(t.Context(), shell, "grace"); c != nil {
				t.Error("two wait for one")
			}
			made := dummy(shell)
			p.arrive(shell, a, made, nil)
			if c := <-got; c != made || c.owner != "ada" || !c.used {
				t.Errorf("got %+v", c)
			}
			if len(p.waiting()) != 0 {
				t.Error("it waits in the pool, too")
			}
		})
	})
	t.Run("who gives up leaves it to the pool", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			var p pool
			a, _ := p.announce(shell)
			ctx, cancel := context.WithCancel(t.Context())
			got := make(chan *container)
			go func() { got <- p.await(ctx, shell, "ada") }()
			synctest.Wait()
			cancel()
			if c := <-got; c != nil {
				t.Errorf("got %+v", c)
			}
			made := dummy(shell)
			p.arrive(shell, a, made, nil)
			if c := p.take(shell, "grace", true); c != made {
				t.Errorf("the pool has %+v", c)
			}
		})
	})
	t.Run("one that could not be made is nobody's", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			var p pool
			a, _ := p.announce(shell)
			got := make(chan *container)
			go func() { got <- p.await(t.Context(), shell, "ada") }()
			synctest.Wait()
			p.arrive(shell, a, nil, errors.New("no engine"))
			if c := <-got; c != nil {
				t.Errorf("got %+v", c)
			}
			if _, begun := p.announce(shell); !begun {
				t.Error("it cannot be tried again")
			}
		})
	})
}

func TestSlots_calm(t *testing.T) {
	t.Parallel()
	const quiet, patience = time.Second, 10 * time.Second
	waited := func(t *testing.T, s *slots) time.Duration {
		t.Helper()
		began := time.Now()
		if err := s.calm(t.Context(), quiet, patience); err != nil {
			t.Error(err)
		}
		return time.Since(began)
	}
	t.Run("where nobody checks, at once, and a while after a check", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			var s slots
			s.size(2, 2)
			if d := waited(t, &s); d != 0 {
				t.Errorf("waited %v for nobody", d)
			}
			s.touch()
			if d := waited(t, &s); d != quiet {
				t.Errorf("waited %v after somebody came", d)
			}
		})
	})
	t.Run("beside a check that takes long, after patience", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			var s slots
			s.size(2, 2)
			if err := s.take(t.Context(), nil); err != nil {
				t.Fatal(err)
			}
			if d := waited(t, &s); d != patience {
				t.Errorf("waited %v", d)
			}
		})
	})
	t.Run("never while somebody waits", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			var s slots
			s.size(1, 1)
			if err := s.take(t.Context(), nil); err != nil {
				t.Fatal(err)
			}
			calm := make(chan time.Duration, 1)
			go func() { calm <- waited(t, &s) }()
			waiting := make(chan error)
			go func() { waiting <- s.take(t.Context(), func(int) {}) }()
			time.Sleep(time.Minute) // the bubble's clock
			s.free()                // to the one that waits
			if err := <-waiting; err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Minute)
			if len(calm) > 0 {
				t.Error("it is calm while a check has the only slot")
			}
			s.free()
			if d := <-calm; d != 2*time.Minute {
				t.Errorf("waited %v", d)
			}
		})
	})
}
