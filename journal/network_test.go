package journal_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/carrel-dev/carrel/fault"
	"github.com/carrel-dev/carrel/journal"
	"github.com/carrel-dev/carrel/journal/journaltest"
)

var (
	account = uuid.NewSHA1(uuid.Nil, []byte("account"))
	learner = uuid.NewSHA1(uuid.Nil, []byte("learner"))

	errCrash = errors.New("crashed")
	errLost  = fault.New(fault.Unavailable, "The line is cut.", "Wait.")
)

// server is a store and its incarnation behind an exchange.
type server struct {
	store       *journal.Memory
	incarnation int
}

func (s *server) serve(ctx context.Context, store journal.Store, req journal.Request) (journal.Response, error) {
	return journal.Serve(ctx, store, account, req, journal.ServeOptions{Incarnation: fmt.Sprint(s.incarnation)})
}

// Exchange implements journal.Remote on a good day.
func (s *server) Exchange(ctx context.Context, req journal.Request) (journal.Response, error) {
	return s.serve(ctx, s.store, req)
}

// device is a computer with a journal.
type device struct {
	name  string // devices of the same name have the same key: clones
	store *journal.Memory
}

func newDevice(name string) *device { return &device{name: name, store: &journal.Memory{}} }

func (d *device) append(t require, payloads ...journal.Payload) {
	writer := journal.NewWriter(d.store, uuid.Nil, journaltest.Device(d.name), learner, 1)
	if err := writer.Append(context.Background(), payloads...); err != nil {
		t.Fatalf("%s: appending: %v", d.name, err)
	}
}

func (d *device) exchange(remote journal.Remote) (journal.Result, error) {
	return d.replica(d.store, remote).Exchange(context.Background())
}

func (d *device) replica(store journaltest.LocalStore, remote journal.Remote) *journal.Replica {
	return &journal.Replica{Store: store, States: store, Remote: remote, RemoteName: "cloud", Device: journaltest.Device(d.name)}
}

// require is what testing.T and rapid.T have in common.
type require interface {
	Fatalf(format string, args ...any)
}

// numbers counts the hints in a store by number.
func numbers(t require, store journal.Store, owner journal.Owner) map[int]int {
	count := map[int]int{}
	_, err := journal.Feed(context.Background(), store, owner, nil, func(_ journal.LogID, e journal.Entry) {
		if payload, err := journal.Decode(e); err == nil {
			if hint, ok := payload.(journal.HintUsed); ok {
				count[hint.Number]++
			}
		}
	})
	if err != nil {
		t.Fatalf("reading everything: %v", err)
	}
	return count
}

func heads(t require, store journal.Store, owner journal.Owner) map[journal.LogID]journal.Head {
	h, err := store.Heads(context.Background(), owner)
	if err != nil {
		t.Fatalf("reading heads: %v", err)
	}
	return h
}

func progressOf(t require, store journal.Store, owner journal.Owner) []journal.LessonProgress {
	progress := journal.NewProgress()
	if _, err := journal.Feed(context.Background(), store, owner, nil, progress.Add); err != nil {
		t.Fatalf("folding: %v", err)
	}
	return progress.Lessons()
}

// crashing is a store whose process dies at one of its operations, before or after its effect.
type crashing struct {
	journaltest.LocalStore
	left  int
	after bool
}

func crash[T any](c *crashing, operation func() (T, error)) (T, error) {
	var none T
	c.left--
	if c.left > 0 {
		return operation()
	}
	if c.left == 0 && c.after {
		if _, err := operation(); err != nil {
			return none, err
		}
	}
	return none, errCrash
}

func (c *crashing) Heads(ctx context.Context, owner journal.Owner) (map[journal.LogID]journal.Head, error) {
	return crash(c, func() (map[journal.LogID]journal.Head, error) { return c.LocalStore.Heads(ctx, owner) })
}

func (c *crashing) Accept(ctx context.Context, owner journal.Owner, s journal.Segment) (journal.Head, error) {
	return crash(c, func() (journal.Head, error) { return c.LocalStore.Accept(ctx, owner, s) })
}

func (c *crashing) SaveState(ctx context.Context, remote string, state journal.State) error {
	_, err := crash(c, func() (struct{}, error) { return struct{}{}, c.LocalStore.SaveState(ctx, remote, state) })
	return err
}

func (c *crashing) Supersede(ctx context.Context, owner journal.Owner, s journal.Supersession) error {
	_, err := crash(c, func() (struct{}, error) { return struct{}{}, c.LocalStore.Supersede(ctx, owner, s) })
	return err
}

// network is a bad line between devices and a server.
type network struct {
	t      *rapid.T
	server *server
	old    []journal.Request // requests that may arrive again later
}

// Exchange implements journal.Remote: requests and answers are lost, requests arrive twice, late, and
// again, and the server crashes.
func (n *network) Exchange(ctx context.Context, req journal.Request) (journal.Response, error) {
	n.old = append(n.old, req)
	switch rapid.IntRange(0, 9).Draw(n.t, "line") {
	case 0:
		return journal.Response{}, errLost
	case 1:
		if _, err := n.server.Exchange(ctx, req); err != nil {
			n.t.Fatalf("serving: %v", err)
		}
		return journal.Response{}, errLost
	case 2:
		if _, err := n.server.Exchange(ctx, req); err != nil {
			n.t.Fatalf("serving: %v", err)
		}
	case 3:
		late := rapid.SampledFrom(n.old).Draw(n.t, "late request")
		if _, err := n.server.Exchange(ctx, late); err != nil {
			n.t.Fatalf("serving a late request: %v", err)
		}
	case 4:
		dying := &crashing{LocalStore: n.server.store, left: rapid.IntRange(1, 6).Draw(n.t, "server dies at"), after: rapid.Bool().Draw(n.t, "after")}
		if resp, err := n.server.serve(ctx, dying, req); err == nil {
			return resp, nil
		}
		return journal.Response{}, errLost
	}
	// A small budget now and then, so that exchanges take several rounds.
	if rapid.IntRange(0, 3).Draw(n.t, "budget") == 0 {
		req.MaxBytes = 1
	}
	return n.server.Exchange(ctx, req)
}

// world is a server, devices and what has been written.
type world struct {
	t       *rapid.T
	net     *network
	devices []*device
	next    int
	written map[int]bool
}

func newWorld(t *rapid.T, devices int) *world {
	w := &world{t: t, net: &network{t: t, server: &server{store: &journal.Memory{}}}, written: map[int]bool{}}
	for i := range devices {
		w.devices = append(w.devices, newDevice(string(rune('a'+i))))
	}
	return w
}

func (w *world) some() *device { return rapid.SampledFrom(w.devices).Draw(w.t, "device") }

func (w *world) appendSome(t *rapid.T) {
	var payloads []journal.Payload
	for range rapid.IntRange(1, 4).Draw(t, "entries") {
		w.next++
		w.written[w.next] = true
		payloads = append(payloads, journaltest.Hint(w.next))
	}
	w.some().append(t, payloads...)
}

func (w *world) exchange(t *rapid.T) {
	d := w.some()
	var store journaltest.LocalStore = d.store
	if rapid.IntRange(0, 3).Draw(t, "dies") == 0 {
		store = &crashing{LocalStore: d.store, left: rapid.IntRange(1, 25).Draw(t, "dies at"), after: rapid.Bool().Draw(t, "after")}
	}
	_, err := d.replica(store, w.net).Exchange(context.Background())
	if err != nil && !errors.Is(err, errLost) && !errors.Is(err, errCrash) && fault.KindOf(err) != fault.Unavailable {
		t.Fatalf("%s: exchanging: %v", d.name, err)
	}
}

// settle lets everybody exchange on a good line and checks that all have the same.
func (w *world) settle(exactlyOnce bool) {
	for range 3 {
		for i, d := range w.devices {
			if _, err := d.exchange(w.net.server); err != nil {
				w.t.Fatalf("device %d: settling: %v", i, err)
			}
		}
	}
	want := heads(w.t, w.net.server.store, account)
	progress := progressOf(w.t, w.net.server.store, account)
	count := numbers(w.t, w.net.server.store, account)
	for n := range w.written {
		if count[n] == 0 || exactlyOnce && count[n] != 1 {
			w.t.Fatalf("entry %d arrived %d times", n, count[n])
		}
	}
	for i, d := range w.devices {
		if diff := cmp.Diff(want, heads(w.t, d.store, uuid.Nil)); diff != "" {
			w.t.Fatalf("device %d has other logs than the server (-server +device):\n%s", i, diff)
		}
		if diff := cmp.Diff(progress, progressOf(w.t, d.store, uuid.Nil)); diff != "" {
			w.t.Fatalf("device %d has other progress (-server +device):\n%s", i, diff)
		}
		result, err := d.exchange(w.net.server)
		if err != nil || result.Requests != 1 || result.Pushed+result.Pulled != 0 || len(result.Forks) != 0 {
			w.t.Fatalf("device %d: an exchange of nothing is %+v, %v", i, result, err)
		}
		state, err := d.store.State(context.Background(), "cloud")
		if err != nil {
			w.t.Fatalf("reading state: %v", err)
		}
		if diff := cmp.Diff(want, state.Upstream); diff != "" {
			w.t.Fatalf("device %d does not know what has arrived (-server +known):\n%s", i, diff)
		}
	}
}

func TestExchange_BadLines(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(t, rapid.IntRange(1, 3).Draw(t, "devices"))
		t.Repeat(map[string]func(*rapid.T){"append": w.appendSome, "exchange": w.exchange})
		w.settle(true)
	})
}

func TestExchange_ServerRestored(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(t, rapid.IntRange(1, 3).Draw(t, "devices"))
		backup := w.net.server.store.Clone()
		t.Repeat(map[string]func(*rapid.T){
			"append": w.appendSome, "exchange": w.exchange,
			"back up": func(*rapid.T) { backup = w.net.server.store.Clone() },
			"restore": func(*rapid.T) {
				w.net.server = &server{store: backup.Clone(), incarnation: w.net.server.incarnation + 1}
			},
		})
		w.settle(true)
	})
}

// Disks are cloned and restored from backups: two computers write the same log. Nothing that is on any
// disk at the end is lost.
func TestExchange_ClonedDisks(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(t, rapid.IntRange(1, 2).Draw(t, "devices"))
		backups := map[*device]*journal.Memory{}
		t.Repeat(map[string]func(*rapid.T){
			"append": w.appendSome, "exchange": w.exchange,
			"clone": func(t *rapid.T) {
				if len(w.devices) > 4 {
					t.Skip("enough devices")
				}
				d := w.some()
				w.devices = append(w.devices, &device{name: d.name, store: d.store.Clone()})
			},
			"back up": func(*rapid.T) { d := w.some(); backups[d] = d.store.Clone() },
			"restore": func(t *rapid.T) {
				d := w.some()
				if backups[d] == nil {
					t.Skip("no backup")
				}
				d.store = backups[d].Clone()
				w.forgetLost(t)
			},
		})
		w.settle(false)
	})
}

// forgetLost drops what was written from what is expected when no disk has it any more.
func (w *world) forgetLost(t *rapid.T) {
	kept := numbers(t, w.net.server.store, account)
	for _, d := range w.devices {
		for n := range numbers(t, d.store, uuid.Nil) {
			kept[n]++
		}
	}
	for n := range w.written {
		if kept[n] == 0 {
			delete(w.written, n)
		}
	}
}

// The same request twice changes nothing the second time, and is answered the same.
func TestServe_IsIdempotent(t *testing.T) {
	t.Parallel()
	s, d := &server{store: &journal.Memory{}}, newDevice("a")
	d.append(t, journaltest.Hints(1, 5)...)
	req := journal.Request{Level: journal.Level, Have: heads(t, d.store, uuid.Nil)}
	for id := range req.Have {
		segments, err := d.store.Read(t.Context(), uuid.Nil, id, 0, 1<<20)
		if err != nil {
			t.Fatal(err)
		}
		req.Push = segments
	}
	var responses [2]journal.Response
	for i := range responses {
		resp, err := s.Exchange(t.Context(), req)
		if err != nil {
			t.Fatal(err)
		}
		resp.ServerTimeMS = 0
		responses[i] = resp
	}
	if diff := cmp.Diff(responses[0], responses[1]); diff != "" {
		t.Errorf("the second answer differs (-first +second):\n%s", diff)
	}
	if diff := cmp.Diff(req.Have, responses[0].Durable); diff != "" {
		t.Errorf("not everything is durable (-have +durable):\n%s", diff)
	}
}
