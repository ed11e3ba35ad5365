package wire_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"connectrpc.com/connect"

	"github.com/carrel-dev/carrel/fault"
	syncv1 "github.com/carrel-dev/carrel/proto/gen/carrel/sync/v1"
	"github.com/carrel-dev/carrel/proto/gen/carrel/sync/v1/syncv1connect"
	"github.com/carrel-dev/carrel/proto/wire"
)

// failing is an exchange service that fails in one way.
type failing struct{ err error }

func (f failing) Exchange(context.Context, *syncv1.ExchangeRequest) (*syncv1.ExchangeResponse, error) {
	return nil, f.err
}

// send returns what the server logged about a handler's error, and what a client makes of it.
func send(t *testing.T, handlerErr error) (logged string, err error) {
	t.Helper()
	var out bytes.Buffer
	mux := http.NewServeMux()
	mux.Handle(syncv1connect.NewExchangeServiceHandler(failing{handlerErr}, wire.HandlerOptions(),
		connect.WithInterceptors(wire.ServerFaults(slog.New(slog.NewTextHandler(&out, nil))))))
	server := httptest.NewServer(mux)
	defer server.Close()
	client := syncv1connect.NewExchangeServiceClient(server.Client(), server.URL, wire.ClientOptions(),
		connect.WithInterceptors(wire.ClientFaults()))
	_, err = client.Exchange(t.Context(), &syncv1.ExchangeRequest{Cursor: strings.Repeat("compress me ", 100)})
	return out.String(), err
}

func TestFaults_CrossTheWire(t *testing.T) {
	t.Parallel()
	for _, kind := range fault.Kinds() {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			sent := fault.Wrap(errors.New("secret cause"), kind, "Что-то случилось: 50 %.", "Попробуйте ещё раз.\nИ ещё.")
			logged, got := send(t, sent)
			if fault.KindOf(got) != kind {
				t.Errorf("%s arrives as %s: %v", kind, fault.KindOf(got), got)
			}
			message, hint := fault.Sentence(got)
			if strings.Contains(got.Error(), "secret") {
				t.Errorf("the cause crossed the wire: %v", got)
			}
			if kind == fault.Internal {
				if strings.Contains(message, "случилось") || hint == "" {
					t.Errorf("an internal fault is told as %q, %q", message, hint)
				}
				if strings.Count(logged, "secret cause") != 1 {
					t.Errorf("an internal fault is logged as %q", logged)
				}
				return
			}
			if message != sent.Message || hint != sent.Hint || logged != "" {
				t.Errorf("got %q, %q, log %q", message, hint, logged)
			}
		})
	}
}

func TestFaults_OtherErrors(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		sent      error
		kind      fault.Kind
		signedOut bool
		logged    bool
	}{
		"an error that is no fault":   {sent: errors.New("pq: secret"), kind: fault.Internal, logged: true},
		"nobody is signed in":         {sent: wire.NotSignedIn(), kind: fault.Denied, signedOut: true},
		"a cancelled query":           {sent: context.Canceled, kind: fault.Unavailable},
		"a query that took too long":  {sent: context.DeadlineExceeded, kind: fault.Unavailable},
		"an old Connect error":        {sent: connect.NewError(connect.CodeAlreadyExists, errors.New("There is one.")), kind: fault.Conflict},
		"an interceptor's rejection":  {sent: connect.NewError(connect.CodeUnauthenticated, errors.New("No token.")), kind: fault.Denied, signedOut: true},
		"a method the server has not": {sent: connect.NewError(connect.CodeUnimplemented, errors.New("no")), kind: fault.Unavailable},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			logged, got := send(t, test.sent)
			if fault.KindOf(got) != test.kind || errors.Is(got, wire.ErrNotSignedIn) != test.signedOut || (logged != "") != test.logged {
				t.Errorf("got %s (signed out %v), logged %q: %v", fault.KindOf(got), errors.Is(got, wire.ErrNotSignedIn), logged, got)
			}
			if message, _ := fault.Sentence(got); message == "" || strings.Contains(message, "secret") {
				t.Errorf("a person reads %q", message)
			}
		})
	}
}

func TestFromConnect(t *testing.T) {
	t.Parallel()
	if err := wire.FromConnect(nil); err != nil {
		t.Errorf("nil becomes %v", err)
	}
	if err := wire.FromConnect(context.Canceled); !errors.Is(err, context.Canceled) || fault.KindOf(err) == fault.Unavailable {
		t.Errorf("a cancellation becomes %v", err)
	}
	if err := wire.FromConnect(io.ErrUnexpectedEOF); fault.KindOf(err) != fault.Unavailable || !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("a broken line becomes %v", err)
	}
	if err := wire.ToConnect(nil); err != nil {
		t.Errorf("nil becomes %v", err)
	}
}

func TestMessages_AreBounded(t *testing.T) {
	t.Parallel()
	mux := http.NewServeMux()
	mux.Handle(syncv1connect.NewExchangeServiceHandler(failing{}, wire.HandlerOptions()))
	server := httptest.NewServer(mux)
	defer server.Close()
	client := syncv1connect.NewExchangeServiceClient(server.Client(), server.URL, wire.ClientOptions(),
		connect.WithInterceptors(wire.ClientFaults()))
	// It compresses to a few kilobytes: the decompressed size counts.
	_, err := client.Exchange(t.Context(), &syncv1.ExchangeRequest{Cursor: strings.Repeat("x", wire.MaxMessageBytes+1)})
	if fault.KindOf(err) != fault.Exhausted {
		t.Errorf("a message of %d bytes: %v, want Exhausted", wire.MaxMessageBytes+1, err)
	}
}
