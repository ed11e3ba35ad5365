package rpc

import (
	"context"

	"github.com/carrel-dev/carrel/journal"
	syncv1 "github.com/carrel-dev/carrel/proto/gen/carrel/sync/v1"
	"github.com/carrel-dev/carrel/proto/wire"
)

type exchangeHandler struct {
	journal journal.Store
	options journal.ServeOptions
}

// Exchange implements ExchangeService.
func (h *exchangeHandler) Exchange(ctx context.Context, req *syncv1.ExchangeRequest) (*syncv1.ExchangeResponse, error) {
	request, err := wire.ExchangeRequestFromProto(req)
	if err != nil {
		return nil, err
	}
	response, err := journal.Serve(ctx, h.journal, callerOf(ctx).ID, request, h.options)
	if err != nil {
		return nil, err
	}
	return wire.ExchangeResponseToProto(response), nil
}
