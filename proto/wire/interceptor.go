package wire

import (
	"context"
	"errors"
	"io"
	"log/slog"

	"connectrpc.com/connect"

	"github.com/carrel-dev/carrel/fault"
)

// ServerFaults returns the interceptor of handlers: it turns what they return into Connect errors by
// ToConnect, and logs internal errors, once. It belongs outermost.
func ServerFaults(log *slog.Logger) connect.Interceptor {
	return faultInterceptor{server: func(ctx context.Context, procedure string, err error) error {
		if err == nil {
			return nil
		}
		out := ToConnect(err)
		if out.Code() == connect.CodeInternal || out.Code() == connect.CodeUnknown {
			log.ErrorContext(ctx, "handler failed", "procedure", procedure, "kind", fault.KindOf(err), "err", err)
		}
		return out
	}}
}

// ClientFaults returns the interceptor of clients: it turns Connect and network errors into faults by
// FromConnect. It belongs outermost.
func ClientFaults() connect.Interceptor {
	return faultInterceptor{client: FromConnect}
}

// faultInterceptor translates errors on one side; the other function is nil.
type faultInterceptor struct {
	server func(ctx context.Context, procedure string, err error) error
	client func(error) error
}

// WrapUnary implements connect.Interceptor.
func (i faultInterceptor) WrapUnary(next connect.UnaryFunc) connect.UnaryFunc {
	return func(ctx context.Context, req connect.AnyRequest) (connect.AnyResponse, error) {
		resp, err := next(ctx, req)
		if i.client != nil && req.Spec().IsClient {
			return resp, i.client(err)
		}
		if i.server != nil && !req.Spec().IsClient {
			return resp, i.server(ctx, req.Spec().Procedure, err)
		}
		return resp, err
	}
}

// WrapStreamingHandler implements connect.Interceptor.
func (i faultInterceptor) WrapStreamingHandler(next connect.StreamingHandlerFunc) connect.StreamingHandlerFunc {
	return func(ctx context.Context, conn connect.StreamingHandlerConn) error {
		err := next(ctx, conn)
		if i.server == nil {
			return err
		}
		return i.server(ctx, conn.Spec().Procedure, err)
	}
}

// WrapStreamingClient implements connect.Interceptor.
func (i faultInterceptor) WrapStreamingClient(next connect.StreamingClientFunc) connect.StreamingClientFunc {
	if i.client == nil {
		return next
	}
	return func(ctx context.Context, spec connect.Spec) connect.StreamingClientConn {
		return faultStream{StreamingClientConn: next(ctx, spec), translate: i.client}
	}
}

// faultStream translates the errors of a client's stream. io.EOF, the normal end, stays.
type faultStream struct {
	connect.StreamingClientConn
	translate func(error) error
}

func (s faultStream) Send(message any) error { return s.errorOf(s.StreamingClientConn.Send(message)) }
func (s faultStream) Receive(message any) error {
	return s.errorOf(s.StreamingClientConn.Receive(message))
}

func (s faultStream) errorOf(err error) error {
	if errors.Is(err, io.EOF) {
		return err
	}
	return s.translate(err)
}
