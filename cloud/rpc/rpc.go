// Package rpc offers the cloud's services over Connect. A handler decodes, calls one method and
// encodes; who may call what is in one table, and everything else is refused. Only this package of the
// cloud knows Connect and the generated code.
package rpc

import (
	"log/slog"
	"net/http"

	"connectrpc.com/connect"

	"github.com/carrel-dev/carrel/cloud/account"
	"github.com/carrel-dev/carrel/cloud/blob"
	"github.com/carrel-dev/carrel/cloud/catalog"
	"github.com/carrel-dev/carrel/cloud/evaluation"
	"github.com/carrel-dev/carrel/journal"
	"github.com/carrel-dev/carrel/proto/gen/carrel/cloud/v1/cloudv1connect"
	"github.com/carrel-dev/carrel/proto/gen/carrel/sync/v1/syncv1connect"
	"github.com/carrel-dev/carrel/proto/wire"
)

// Services are what the handlers call.
type Services struct {
	Accounts    *account.Service
	Catalog     *catalog.Service
	Blobs       *blob.Store
	Evaluations *evaluation.Service
	Journal     journal.Store
	// Exchange says how journals are served.
	Exchange journal.ServeOptions
}

// Options say how requests arrive.
type Options struct {
	Logger *slog.Logger
	// TrustProxy believes the last address in X-Forwarded-For. Set it only where every request passes a
	// proxy that writes it.
	TrustProxy bool
}

// The largest messages, decompressed. A segment has at most 256 KiB, so a push holds many.
const (
	smallMessage    = 64 << 10
	partMessage     = blob.MaxPartBytes + 4<<10
	checkMessage    = 2 << 20
	exchangeMessage = 8 << 20
)

// NewHandler returns the handler of every service.
func NewHandler(services Services, options Options) http.Handler {
	mux := http.NewServeMux()
	limited := func(bytes int) connect.HandlerOption {
		return connect.WithHandlerOptions(
			wire.HandlerOptions(),
			connect.WithReadMaxBytes(bytes),
			connect.WithInterceptors(
				logRequests(options.Logger),
				wire.ServerFaults(options.Logger),
				recoverPanics(),
				authorise(services.Accounts),
			),
		)
	}
	mux.Handle(cloudv1connect.NewAccountServiceHandler(
		&accountHandler{accounts: services.Accounts, trustProxy: options.TrustProxy}, limited(smallMessage)))
	mux.Handle(cloudv1connect.NewCatalogServiceHandler(&catalogHandler{catalog: services.Catalog}, limited(smallMessage)))
	mux.Handle(cloudv1connect.NewBundleServiceHandler(&bundleHandler{blobs: services.Blobs}, limited(partMessage)))
	mux.Handle(cloudv1connect.NewEvaluationServiceHandler(&evaluationHandler{evaluations: services.Evaluations}, limited(checkMessage)))
	mux.Handle(syncv1connect.NewExchangeServiceHandler(
		&exchangeHandler{journal: services.Journal, options: services.Exchange}, limited(exchangeMessage)))
	return nameRequests(mux)
}
