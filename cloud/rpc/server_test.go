package rpc_test

import (
	"context"
	"crypto/ed25519"
	"net/http"
	"net/http/httptest"
	"os"
	"testing"

	"connectrpc.com/connect"

	"github.com/carrel-dev/carrel/cloud/account"
	"github.com/carrel-dev/carrel/cloud/blob"
	"github.com/carrel-dev/carrel/cloud/catalog"
	"github.com/carrel-dev/carrel/cloud/evaluation"
	"github.com/carrel-dev/carrel/cloud/postgres"
	"github.com/carrel-dev/carrel/cloud/postgres/postgrestest"
	"github.com/carrel-dev/carrel/cloud/rpc"
	"github.com/carrel-dev/carrel/courses"
	"github.com/carrel-dev/carrel/journal"
	cloudv1 "github.com/carrel-dev/carrel/proto/gen/carrel/cloud/v1"
	"github.com/carrel-dev/carrel/proto/gen/carrel/cloud/v1/cloudv1connect"
	"github.com/carrel-dev/carrel/proto/gen/carrel/sync/v1/syncv1connect"
)

func TestMain(m *testing.M) { os.Exit(postgrestest.Main(m)) }

// server is the real thing on a real database, without an evaluator.
type server struct {
	url     string
	catalog *catalog.Service
	checks  *postgres.Checks
}

func newServer(t *testing.T) *server {
	t.Helper()
	db := postgrestest.Open(t)
	queue, err := postgres.NewQueue(db)
	if err != nil {
		t.Fatal(err)
	}
	installation, err := db.Installation(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	blobs, bell := blob.Memory(), postgres.NewBell(db)
	ctx, cancel := context.WithCancel(t.Context())
	listening := make(chan error, 1)
	go func() { listening <- bell.Run(ctx) }()
	s := &server{catalog: catalog.NewService(postgres.NewCatalog(db), blobs), checks: postgres.NewChecks(db, queue)}
	accounts, store := postgres.NewAccounts(db), postgres.NewJournal(db, queue)
	handler := rpc.NewHandler(rpc.Services{
		Accounts: account.NewService(accounts, accounts), Catalog: s.catalog, Blobs: blobs,
		Evaluations: evaluation.NewService(s.checks, bell, s.catalog), Journal: store,
		Exchange: journal.ServeOptions{Incarnation: installation.Incarnation,
			ServerKey: installation.SigningKey.Public().(ed25519.PublicKey), Admit: store.Admit},
	}, rpc.Options{Logger: postgrestest.Logger(t)})
	web := httptest.NewServer(handler)
	t.Cleanup(func() {
		web.Close()
		cancel()
		if err := <-listening; err != nil {
			t.Error(err)
		}
	})
	s.url = web.URL
	return s
}

// publishFirstSteps publishes the shipped course and returns it.
func (s *server) publishFirstSteps(t *testing.T) catalog.Summary {
	t.Helper()
	fsys, err := courses.Course("first-steps")
	if err != nil {
		t.Fatal(err)
	}
	summary, err := s.catalog.PublishFolder(t.Context(), fsys)
	if err != nil {
		t.Fatal(err)
	}
	return summary
}

// clients are those of one device.
type clients struct {
	accounts    cloudv1connect.AccountServiceClient
	catalog     cloudv1connect.CatalogServiceClient
	bundles     cloudv1connect.BundleServiceClient
	evaluations cloudv1connect.EvaluationServiceClient
	exchange    syncv1connect.ExchangeServiceClient
}

func (s *server) clients(token string, options ...connect.ClientOption) clients {
	options = append(options, connect.WithInterceptors(connect.UnaryInterceptorFunc(func(next connect.UnaryFunc) connect.UnaryFunc {
		return func(ctx context.Context, req connect.AnyRequest) (connect.AnyResponse, error) {
			if token != "" {
				req.Header().Set("Authorization", "Bearer "+token)
			}
			return next(ctx, req)
		}
	})))
	return clients{
		accounts:    cloudv1connect.NewAccountServiceClient(http.DefaultClient, s.url, options...),
		catalog:     cloudv1connect.NewCatalogServiceClient(http.DefaultClient, s.url, options...),
		bundles:     cloudv1connect.NewBundleServiceClient(http.DefaultClient, s.url, options...),
		evaluations: cloudv1connect.NewEvaluationServiceClient(http.DefaultClient, s.url, options...),
		exchange:    syncv1connect.NewExchangeServiceClient(http.DefaultClient, s.url, options...),
	}
}

const password = "correct horse"

// register makes an account; the first one of a server is an author.
func (s *server) register(t *testing.T, email string) (clients, *cloudv1.Session) {
	t.Helper()
	response, err := s.clients("").accounts.Register(t.Context(), &cloudv1.RegisterRequest{
		Email: email, Password: password, Device: &cloudv1.Device{Name: "laptop"},
	})
	if err != nil {
		t.Fatalf("registering %s: %v", email, err)
	}
	return s.clients(response.GetSession().GetToken()), response.GetSession()
}

func wantCode(t *testing.T, what string, err error, code connect.Code) {
	t.Helper()
	if connect.CodeOf(err) != code {
		t.Errorf("%s: %v, want %v", what, err, code)
	}
}
