package cloudclient

import (
	"context"

	"github.com/carrel-dev/carrel/journal"
	"github.com/carrel-dev/carrel/proto/wire"
)

// Exchange implements journal.Remote.
func (c *Client) Exchange(ctx context.Context, req journal.Request) (journal.Response, error) {
	ctx, cancel := context.WithTimeout(ctx, transferTimeout)
	defer cancel()
	resp, err := c.exchange.Exchange(ctx, wire.ExchangeRequestToProto(req))
	if err != nil {
		return journal.Response{}, err
	}
	return wire.ExchangeResponseFromProto(resp)
}
