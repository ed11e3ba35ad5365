// Package cloudclient speaks to the cloud: Connect clients behind plain Go methods that take and return
// the domain's types. Every error is a fault; Unavailable is the normal state of a computer without a
// network.
package cloudclient

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"connectrpc.com/connect"

	"github.com/carrel-dev/carrel/fault"
	"github.com/carrel-dev/carrel/proto/gen/carrel/cloud/v1/cloudv1connect"
	"github.com/carrel-dev/carrel/proto/gen/carrel/sync/v1/syncv1connect"
	"github.com/carrel-dev/carrel/proto/wire"
)

// Client speaks to one cloud service. It is safe for concurrent use. It implements journal.Remote.
type Client struct {
	address string

	account    cloudv1connect.AccountServiceClient
	catalog    cloudv1connect.CatalogServiceClient
	bundle     cloudv1connect.BundleServiceClient
	evaluation cloudv1connect.EvaluationServiceClient
	exchange   syncv1connect.ExchangeServiceClient
}

// Options are what a Client may be told; the zero value is good.
type Options struct {
	// UserAgent names the program, such as "carrel/1.2".
	UserAgent string
	// Transport carries the requests; nil is a transport with sensible timeouts.
	Transport http.RoundTripper
}

// New returns a client for the service at address, such as "https://carrel.example". The function token
// returns the session's token, or "" when nobody is signed in; it is called for each request. A nil
// token is that of nobody. It does not connect; an address that is none is an Invalid fault.
func New(address string, token func() string, options Options) (*Client, error) {
	base, err := ParseAddress(address)
	if err != nil {
		return nil, err
	}
	if token == nil {
		token = func() string { return "" }
	}
	if options.UserAgent == "" {
		options.UserAgent = "carrel"
	}
	if options.Transport == nil {
		options.Transport = newTransport()
	}
	httpClient := &http.Client{
		Transport: options.Transport,
		// Our services redirect nobody; sign-in pages of networks do, and must not see the request.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	clientOptions := connect.WithClientOptions(
		wire.ClientOptions(),
		connect.WithInterceptors(wire.ClientFaults(), identify(token, options.UserAgent)),
	)
	return &Client{
		address:    base,
		account:    cloudv1connect.NewAccountServiceClient(httpClient, base, clientOptions),
		catalog:    cloudv1connect.NewCatalogServiceClient(httpClient, base, clientOptions),
		bundle:     cloudv1connect.NewBundleServiceClient(httpClient, base, clientOptions),
		evaluation: cloudv1connect.NewEvaluationServiceClient(httpClient, base, clientOptions),
		exchange:   syncv1connect.NewExchangeServiceClient(httpClient, base, clientOptions),
	}, nil
}

// Address returns the service's address in its canonical form.
func (c *Client) Address() string { return c.address }

// ParseAddress returns the canonical form of an address as a person types it: with a scheme (https
// unless said otherwise) and without a slash at the end. Errors are faults of kind Invalid.
func ParseAddress(text string) (string, error) {
	text = strings.TrimSpace(text)
	if text != "" && !strings.Contains(text, "://") {
		text = "https://" + text
	}
	u, err := url.Parse(text)
	if err == nil && ((u.Scheme != "https" && u.Scheme != "http") || u.Hostname() == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "") {
		err = errors.New("not the address of a server")
	}
	if err != nil {
		return "", fault.Wrap(err, fault.Invalid, "This is not the address of a Carrel service.",
			"It looks like https://carrel.example.")
	}
	u.Host, u.Path = strings.ToLower(u.Host), strings.TrimRight(u.Path, "/")
	return u.String(), nil
}

// newTransport bounds every step in which nothing should take long. Transfers are bounded per call.
func newTransport() http.RoundTripper {
	dialer := &net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second}
	return &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           dialer.DialContext,
		ForceAttemptHTTP2:     true,
		TLSHandshakeTimeout:   15 * time.Second,
		ExpectContinueTimeout: time.Second,
		IdleConnTimeout:       90 * time.Second,
		MaxIdleConnsPerHost:   4,
	}
}

// identify puts the token and the program's name into each request.
func identify(token func() string, userAgent string) connect.UnaryInterceptorFunc {
	return func(next connect.UnaryFunc) connect.UnaryFunc {
		return func(ctx context.Context, req connect.AnyRequest) (connect.AnyResponse, error) {
			req.Header().Set("User-Agent", userAgent)
			if t := token(); t != "" {
				req.Header().Set("Authorization", "Bearer "+t)
			}
			return next(ctx, req)
		}
	}
}

// How long calls may take. A line of 64 kbit/s carries 1 MiB in 131 seconds.
const (
	callTimeout     = 30 * time.Second
	transferTimeout = 5 * time.Minute
)
