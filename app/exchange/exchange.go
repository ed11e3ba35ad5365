// Package exchange keeps this computer's journal and the cloud's in step, and knows who is signed in.
// Being offline is one of its normal states.
package exchange

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/carrel-dev/carrel/app/settings"
	"github.com/carrel-dev/carrel/fault"
	"github.com/carrel-dev/carrel/journal"
)

// Cloud is one cloud service.
type Cloud interface {
	// SignIn signs this computer in, making the account first when c.Register is set.
	SignIn(ctx context.Context, c Credentials) (settings.Session, error)
	// SignOut revokes the token.
	SignOut(ctx context.Context) error
	journal.Remote
}

// Credentials are what a person types to sign in.
type Credentials struct {
	ServerURL string // empty keeps the present one
	Email     string
	Password  string
	Register  bool
	Name      string // of a new account
}

// Home keeps who is signed in where; *settings.Home does.
type Home interface {
	Session() (settings.Session, error)
	SaveSession(s settings.Session) error
	ServerURL() (string, error)
	SaveServerURL(address string) error
}

// Folds are what grows by an exchange; *progress.Tracker is one.
type Folds interface {
	Refresh(ctx context.Context) error
	Refold(ctx context.Context) error
	// SetUpstream tells how far each log has reached the cloud.
	SetUpstream(upstream map[journal.LogID]journal.Head)
	// Waiting counts the attempts that have not.
	Waiting() int
}

// Store is the device's journal with what is remembered about remotes.
type Store interface {
	journal.Store
	journal.StateStore
}

// Options is what a Service needs.
type Options struct {
	Home   Home
	Store  Store
	Folds  Folds
	Device ed25519.PrivateKey
	// Dial returns the service at an address; the function token is asked for each request.
	Dial func(address string, token func() string) (Cloud, error)
	// Changed is told each new status.
	Changed func(Status)
}

// Word is the one word of a Status.
type Word string

// The words.
const (
	SignedOut Word = "signed_out"
	Offline   Word = "offline"
	Synced    Word = "synced"
	Waiting   Word = "waiting"
	Syncing   Word = "syncing"
	Refused   Word = "refused"
)

// Status is how this computer stands with the cloud.
type Status struct {
	Word         Word
	Waiting      int // attempts that have not reached the cloud
	LastAt       time.Time
	OfflineSince time.Time
	Err          error // why the cloud refused
	Account      settings.Session
	ServerURL    string
}

// Service is safe for concurrent use.
type Service struct {
	Options

	mu      sync.Mutex
	session settings.Session
	loop    *journal.Loop   // nil while signed out
	turn    context.Context // done when the session is no longer the present one
	end     context.CancelFunc
}

// New returns a service for whoever is signed in. Run does the work.
func New(o Options) (*Service, error) {
	session, err := o.Home.Session()
	if err != nil {
		return nil, err
	}
	s := &Service{Options: o, session: session}
	s.turn, s.end = context.WithCancel(context.Background()) //nolint:forbidigo // a session lasts until change ends it
	return s, nil
}

// Run exchanges while somebody is signed in, until ctx ends.
func (s *Service) Run(ctx context.Context) error {
	for ctx.Err() == nil {
		if err := s.runSession(ctx); err != nil {
			return err
		}
	}
	return nil
}

// runSession serves one session until it changes or ctx ends.
func (s *Service) runSession(ctx context.Context) error {
	s.mu.Lock()
	session, turn := s.session, s.turn
	s.mu.Unlock()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(turn, cancel)()
	if session.Token == "" {
		s.tell()
		<-ctx.Done()
		return nil
	}
	loop, err := s.newLoop(ctx, session)
	if err != nil {
		return err
	}
	s.mu.Lock()
	if s.turn == turn {
		s.loop = loop
	}
	s.mu.Unlock()
	loop.Poke()
	if err := loop.Run(ctx); err != nil && ctx.Err() == nil {
		return fmt.Errorf("exchanging journals: %w", err)
	}
	return nil
}

func (s *Service) newLoop(ctx context.Context, session settings.Session) (*journal.Loop, error) {
	cloud, err := s.Dial(session.ServerURL, func() string { return session.Token })
	if err != nil {
		return nil, err
	}
	remote := session.ServerURL + " " + session.AccountID
	replica := &journal.Replica{Store: s.Store, States: s.Store, Remote: cloud, RemoteName: remote, Device: s.Device}
	state, err := s.Store.State(ctx, remote)
	if err != nil {
		return nil, fmt.Errorf("reading state of the cloud: %w", err)
	}
	s.Folds.SetUpstream(state.Upstream)
	return &journal.Loop{
		Exchange: func(ctx context.Context) (journal.Result, error) {
			result, err := replica.Exchange(ctx)
			return result, errors.Join(err, s.settle(ctx, remote, result))
		},
		Interval: idlePause,
		Eager:    eagerPause,
		Changed:  func(journal.Status) { s.tell() },
	}, nil
}

// The pauses between exchanges. An exchange without news costs a few hundred bytes, so another
// computer's work and the cloud's verifications show up while the learner still thinks of them.
const (
	idlePause  = 15 * time.Second
	eagerPause = 2 * time.Second
)

// settle takes in what an exchange changed.
func (s *Service) settle(ctx context.Context, remote string, result journal.Result) error {
	ctx = context.WithoutCancel(ctx) // it has happened; counting it is quick
	state, err := s.Store.State(ctx, remote)
	if err != nil {
		return fmt.Errorf("reading state of the cloud: %w", err)
	}
	s.Folds.SetUpstream(state.Upstream)
	if len(result.Forks) > 0 {
		return s.Folds.Refold(ctx)
	}
	return s.Folds.Refresh(ctx)
}

// Poke asks for an exchange soon: there is something new. It never blocks.
func (s *Service) Poke() {
	s.mu.Lock()
	loop := s.loop
	s.mu.Unlock()
	if loop != nil {
		loop.Poke()
	}
	s.tell()
}

// syncPatience bounds how long a person waits for an exchange they asked for.
const syncPatience = 15 * time.Second

// SyncNow exchanges at once and returns the status after it.
func (s *Service) SyncNow(ctx context.Context) (Status, error) {
	s.mu.Lock()
	loop := s.loop
	s.mu.Unlock()
	if loop == nil {
		return s.Status(), nil
	}
	ctx, cancel := context.WithTimeout(ctx, syncPatience)
	defer cancel()
	if _, err := loop.Sync(ctx); err != nil {
		slog.Debug("exchange goes on in the background", "err", err)
	}
	return s.Status(), nil
}

// Once exchanges one time and returns the status after it, for a program that does not call Run.
func (s *Service) Once(ctx context.Context) (Status, error) {
	session := s.Session()
	if session.Token == "" {
		return s.Status(), nil
	}
	loop, err := s.newLoop(ctx, session)
	if err != nil {
		return Status{}, err
	}
	s.mu.Lock()
	s.loop = loop
	s.mu.Unlock()
	loop.Once(ctx)
	return s.Status(), ctx.Err()
}

// SignIn signs this computer in and brings the journals in step as far as that is quick.
func (s *Service) SignIn(ctx context.Context, c Credentials) (Status, error) {
	address := c.ServerURL
	if address == "" {
		var err error
		if address, err = s.Home.ServerURL(); err != nil {
			return Status{}, err
		}
	}
	cloud, err := s.Dial(address, func() string { return "" })
	if err != nil {
		return Status{}, err
	}
	session, err := cloud.SignIn(ctx, c)
	if err != nil {
		return Status{}, err
	}
	if c.ServerURL != "" {
		if err := s.Home.SaveServerURL(session.ServerURL); err != nil {
			return Status{}, err
		}
	}
	if err := s.change(session); err != nil {
		return Status{}, err
	}
	return s.Status(), nil
}

// SignOut forgets the token. Work stays on this computer.
func (s *Service) SignOut(ctx context.Context) (Status, error) {
	s.mu.Lock()
	session := s.session
	s.mu.Unlock()
	if session.Token != "" {
		cloud, err := s.Dial(session.ServerURL, func() string { return session.Token })
		if err == nil {
			err = cloud.SignOut(ctx)
		}
		if err != nil { // offline: the token is forgotten here, and the account's device list can revoke it
			slog.Info("token not revoked", "err", err)
		}
	}
	if err := s.change(settings.Session{}); err != nil {
		return Status{}, err
	}
	return s.Status(), nil
}

// change makes session the present one, on disk first.
func (s *Service) change(session settings.Session) error {
	if err := s.Home.SaveSession(session); err != nil {
		return err
	}
	s.mu.Lock()
	s.end()
	s.session, s.loop = session, nil
	s.turn, s.end = context.WithCancel(context.Background()) //nolint:forbidigo // as in New
	s.mu.Unlock()
	s.tell()
	return nil
}

// Session returns who is signed in.
func (s *Service) Session() settings.Session {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.session
}

// Ready tells why the cloud cannot be used now, as a fault; nil when it can as far as is known.
func (s *Service) Ready() error {
	switch status := s.Status(); status.Word {
	case SignedOut:
		return fault.New(fault.Denied, "You are not signed in.", "Sign in to check in the cloud.")
	case Offline:
		return fault.New(fault.Unavailable, "The cloud cannot be reached.", "Check your connection, or check on this computer.")
	case Refused:
		return status.Err
	case Synced, Waiting, Syncing:
	}
	return nil
}

func (s *Service) tell() { s.Changed(s.Status()) }

// Status returns how this computer stands with the cloud.
func (s *Service) Status() Status {
	s.mu.Lock()
	session, loop := s.session, s.loop
	s.mu.Unlock()
	out := Status{Word: SignedOut, Waiting: s.Folds.Waiting(), Account: session, ServerURL: session.ServerURL}
	if session.Token == "" {
		if address, err := s.Home.ServerURL(); err == nil {
			out.ServerURL = address
		}
		return out
	}
	if loop == nil {
		out.Word = Syncing // the first exchange is about to start
		return out
	}
	at := loop.Status()
	out.LastAt, out.OfflineSince = at.LastAt, at.OfflineSince
	switch {
	case at.Phase == journal.PhaseExchanging:
		out.Word = Syncing
	case at.Phase == journal.PhaseOffline:
		out.Word = Offline
	case at.Phase == journal.PhaseRefused:
		out.Word, out.Err = Refused, at.Err
	case len(at.Last.Refusals) > 0:
		out.Word, out.Err = Refused, fault.New(fault.Denied, at.Last.Refusals[0].Message, "Sign in with the account this work belongs to.")
	case out.Waiting > 0:
		out.Word = Waiting
	default:
		out.Word = Synced
	}
	return out
}
