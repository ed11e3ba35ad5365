package exchange_test

import (
	"context"
	"crypto/ed25519"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/carrel-dev/carrel/app/exchange"
	"github.com/carrel-dev/carrel/app/settings"
	"github.com/carrel-dev/carrel/fault"
	"github.com/carrel-dev/carrel/journal"
)

// world is everything around a Service, faked: a home, a fold that counts, and a cloud that can be away.
type world struct {
	journal.Memory

	mu        sync.Mutex
	session   settings.Session
	server    string
	waiting   int
	refreshed int
	away      bool
	refuses   error
	revoked   int
	words     []exchange.Word
}

func (w *world) Session() (settings.Session, error)         { return w.session, nil }
func (w *world) SaveSession(s settings.Session) error       { w.session = s; return nil }
func (w *world) ServerURL() (string, error)                 { return "https://carrel.example", nil }
func (w *world) SaveServerURL(address string) error         { w.server = address; return nil }
func (w *world) Refresh(context.Context) error              { w.refreshed++; return nil }
func (w *world) Refold(context.Context) error               { return nil }
func (w *world) SetUpstream(map[journal.LogID]journal.Head) {}
func (w *world) Waiting() int                               { w.mu.Lock(); defer w.mu.Unlock(); return w.waiting }

// cloud is the world's cloud.
type cloud struct {
	*world
	address string
}

func (c cloud) SignIn(_ context.Context, in exchange.Credentials) (settings.Session, error) {
	if in.Password != "right" {
		return settings.Session{}, fault.New(fault.Denied, "The password is not right.", "Try again.")
	}
	return settings.Session{Token: "token", AccountID: "a", Name: "Ada", Email: in.Email, ServerURL: c.address}, nil
}

func (c cloud) SignOut(context.Context) error { c.revoked++; return nil }

func (c cloud) Exchange(context.Context, journal.Request) (journal.Response, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.away {
		return journal.Response{}, fault.New(fault.Unavailable, "No network.", "")
	}
	if c.refuses != nil {
		return journal.Response{}, c.refuses
	}
	c.waiting = 0
	return journal.Response{Level: journal.Level, Incarnation: "one", Cursor: "c"}, nil
}

// with runs a test on a running service, in a bubble.
func with(t *testing.T, w *world, test func(*testing.T, *exchange.Service)) {
	t.Helper()
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		_, key, err := ed25519.GenerateKey(nil)
		if err != nil {
			t.Fatal(err)
		}
		s, err := exchange.New(exchange.Options{Home: w, Store: &w.Memory, Folds: w, Device: key,
			Dial: func(address string, _ func() string) (exchange.Cloud, error) { return cloud{w, address}, nil },
			Changed: func(s exchange.Status) {
				w.mu.Lock()
				defer w.mu.Unlock()
				w.words = append(w.words, s.Word)
			}})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(context.Background())
		ended := make(chan error, 1)
		go func() { ended <- s.Run(ctx) }()
		synctest.Wait()
		test(t, s)
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

func signIn(t *testing.T, s *exchange.Service) {
	t.Helper()
	if _, err := s.SignIn(t.Context(), exchange.Credentials{Email: "ada@example.org", Password: "right"}); err != nil {
		t.Fatal(err)
	}
	time.Sleep(time.Minute) // the bubble's clock
	synctest.Wait()
}

func TestService_Status(t *testing.T) {
	t.Parallel()

	t.Run("nobody is signed in", func(t *testing.T) {
		with(t, &world{waiting: 2}, func(t *testing.T, s *exchange.Service) {
			if at := s.Status(); at.Word != exchange.SignedOut || at.Waiting != 2 || at.ServerURL != "https://carrel.example" {
				t.Errorf("status %+v", at)
			}
			if fault.KindOf(s.Ready()) != fault.Denied {
				t.Errorf("ready: %v", s.Ready())
			}
		})
	})

	t.Run("signing in exchanges what waits", func(t *testing.T) {
		w := &world{waiting: 2}
		with(t, w, func(t *testing.T, s *exchange.Service) {
			signIn(t, s)
			if at := s.Status(); at.Word != exchange.Synced || at.Account.Name != "Ada" || at.LastAt.IsZero() {
				t.Errorf("status %+v", at)
			}
			if s.Ready() != nil || w.refreshed == 0 {
				t.Errorf("ready %v, %d refreshes", s.Ready(), w.refreshed)
			}
		})
	})

	t.Run("away is a state and ends by itself", func(t *testing.T) {
		w := &world{waiting: 1, away: true, session: settings.Session{Token: "token", ServerURL: "https://carrel.example"}}
		with(t, w, func(t *testing.T, s *exchange.Service) {
			time.Sleep(time.Minute)
			if at := s.Status(); at.Word != exchange.Offline || at.OfflineSince.IsZero() || at.Err != nil {
				t.Errorf("status %+v", at)
			}
			w.mu.Lock()
			w.away = false
			w.mu.Unlock()
			time.Sleep(time.Hour)
			if at := s.Status(); at.Word != exchange.Synced {
				t.Errorf("status %+v", at)
			}
		})
	})

	t.Run("a refusal comes with its sentence", func(t *testing.T) {
		w := &world{refuses: fault.New(fault.Denied, "You are not signed in.", "Sign in.")}
		with(t, w, func(t *testing.T, s *exchange.Service) {
			signIn(t, s)
			if at := s.Status(); at.Word != exchange.Refused || at.Err == nil {
				t.Errorf("status %+v", at)
			}
		})
	})
}

func TestService_SignOut(t *testing.T) {
	w := &world{}
	with(t, w, func(t *testing.T, s *exchange.Service) {
		signIn(t, s)
		at, err := s.SignOut(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if at.Word != exchange.SignedOut || w.revoked != 1 || w.session.Token != "" {
			t.Errorf("status %+v, %d tokens revoked, session %+v", at, w.revoked, w.session)
		}
	})
}

func TestService_SignIn_WrongPasswordChangesNothing(t *testing.T) {
	w := &world{}
	with(t, w, func(t *testing.T, s *exchange.Service) {
		_, err := s.SignIn(t.Context(), exchange.Credentials{ServerURL: "https://other.example", Password: "wrong"})
		if fault.KindOf(err) != fault.Denied || w.session.Token != "" || w.server != "" {
			t.Errorf("error %v, session %+v, server %q", err, w.session, w.server)
		}
	})
}
