// Package cloudclienttest is a cloud in memory for tests of the desktop: the same services behind the
// same paths, without PostgreSQL, Docker and passwords worth the name.
package cloudclienttest

import (
	"context"
	"log/slog"
	"net/http"
	"strings"
	"sync"

	"connectrpc.com/connect"
	"github.com/google/uuid"

	"github.com/carrel-dev/carrel/fault"
	"github.com/carrel-dev/carrel/harness"
	"github.com/carrel-dev/carrel/journal"
	"github.com/carrel-dev/carrel/lesson"
	cloudv1 "github.com/carrel-dev/carrel/proto/gen/carrel/cloud/v1"
	"github.com/carrel-dev/carrel/proto/gen/carrel/cloud/v1/cloudv1connect"
	syncv1 "github.com/carrel-dev/carrel/proto/gen/carrel/sync/v1"
	"github.com/carrel-dev/carrel/proto/gen/carrel/sync/v1/syncv1connect"
	"github.com/carrel-dev/carrel/proto/wire"
)

// Cloud is a whole cloud service. The zero value works; the exported fields may be set before it serves.
type Cloud struct {
	// Courses are published from the start.
	Courses []wire.CourseSummary
	// Describe returns the summary of a bundle that is published; nil makes one from its digest.
	Describe func(manifest []byte) (wire.CourseSummary, error)
	// Evaluate is the evaluator; nil passes everything.
	Evaluate func(courseID lesson.CourseID, lessonID lesson.ID, files lesson.Files) harness.Report
	// Log receives internal errors; nil drops them.
	Log *slog.Logger

	mu       sync.Mutex
	journals journal.Memory
	accounts map[string]*person // by e-mail
	tokens   map[string]*person
	blobs    map[lesson.Digest][]byte
	uploads  map[lesson.Digest][]byte
	checks   map[string]*check
}

type person struct {
	account  *cloudv1.Account
	password string
}

type check struct {
	state  cloudv1.CheckState
	report harness.Report
}

// Handler returns the services, mounted as in the real cloud.
func (c *Cloud) Handler() http.Handler {
	log := c.Log
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	options := connect.WithHandlerOptions(wire.HandlerOptions(), connect.WithInterceptors(wire.ServerFaults(log)))
	mux := http.NewServeMux()
	mux.Handle(cloudv1connect.NewAccountServiceHandler(accountService{c}, options))
	mux.Handle(cloudv1connect.NewCatalogServiceHandler(catalogService{c}, options))
	mux.Handle(cloudv1connect.NewBundleServiceHandler(bundleService{c}, options))
	mux.Handle(cloudv1connect.NewEvaluationServiceHandler(evaluationService{c}, options))
	mux.Handle(syncv1connect.NewExchangeServiceHandler(exchangeService{c}, options))
	return mux
}

// Journals returns the store of every account's journals; the owner is the account's id.
func (c *Cloud) Journals() journal.Store { return &c.journals }

// AddBlob puts a blob there, as if somebody had uploaded it.
func (c *Cloud) AddBlob(data []byte) lesson.Digest {
	c.mu.Lock()
	defer c.mu.Unlock()
	digest := lesson.DigestOf(data)
	put(&c.blobs, digest, data)
	return digest
}

// RevokeTokens makes every session end, as an administrator does.
func (c *Cloud) RevokeTokens() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.tokens = nil
}

// put writes to a map that may be nil: the zero Cloud works.
func put[K comparable, V any](m *map[K]V, key K, value V) {
	if *m == nil {
		*m = map[K]V{}
	}
	(*m)[key] = value
}

// caller returns who asks.
func (c *Cloud) caller(ctx context.Context) (*person, error) {
	p := c.tokens[token(ctx)]
	if p == nil {
		return nil, wire.NotSignedIn()
	}
	return p, nil
}

func token(ctx context.Context) string {
	info, ok := connect.CallInfoForHandlerContext(ctx)
	if !ok {
		return ""
	}
	return strings.TrimPrefix(info.RequestHeader().Get("Authorization"), "Bearer ")
}

type accountService struct{ *Cloud }

func (s accountService) Register(_ context.Context, req *cloudv1.RegisterRequest) (*cloudv1.RegisterResponse, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.accounts[req.GetEmail()] != nil {
		return nil, fault.New(fault.Conflict, "There is an account with this address already.", "Sign in instead.")
	}
	if len(req.GetPassword()) < 8 {
		return nil, fault.New(fault.Invalid, "The password is too short.", "Use at least 8 characters.")
	}
	p := &person{password: req.GetPassword(), account: &cloudv1.Account{
		Id: uuid.NewString(), Email: req.GetEmail(), Name: req.GetName(), Role: "author",
	}}
	put(&s.accounts, req.GetEmail(), p)
	return &cloudv1.RegisterResponse{Session: s.signIn(p)}, nil
}

func (s accountService) signIn(p *person) *cloudv1.Session {
	token := uuid.NewString()
	put(&s.tokens, token, p)
	return &cloudv1.Session{Token: token, Account: p.account}
}

func (s accountService) Login(_ context.Context, req *cloudv1.LoginRequest) (*cloudv1.LoginResponse, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.accounts[req.GetEmail()]
	if p == nil || p.password != req.GetPassword() {
		return nil, fault.New(fault.Denied, "The address or the password is wrong.", "Check both and try again.")
	}
	return &cloudv1.LoginResponse{Session: s.signIn(p)}, nil
}

func (s accountService) Logout(ctx context.Context, _ *cloudv1.LogoutRequest) (*cloudv1.LogoutResponse, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.tokens, token(ctx))
	return &cloudv1.LogoutResponse{}, nil
}

func (s accountService) WhoAmI(ctx context.Context, _ *cloudv1.WhoAmIRequest) (*cloudv1.WhoAmIResponse, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p, err := s.caller(ctx)
	if err != nil {
		return nil, err
	}
	return &cloudv1.WhoAmIResponse{Account: p.account}, nil
}

type exchangeService struct{ *Cloud }

func (s exchangeService) Exchange(ctx context.Context, req *syncv1.ExchangeRequest) (*syncv1.ExchangeResponse, error) {
	s.mu.Lock()
	p, err := s.caller(ctx)
	s.mu.Unlock()
	if err != nil {
		return nil, err
	}
	request, err := wire.ExchangeRequestFromProto(req)
	if err != nil {
		return nil, err
	}
	resp, err := journal.Serve(ctx, &s.journals, uuid.MustParse(p.account.GetId()), request, journal.ServeOptions{Incarnation: "memory"})
	if err != nil {
		return nil, err
	}
	return wire.ExchangeResponseToProto(resp), nil
}
