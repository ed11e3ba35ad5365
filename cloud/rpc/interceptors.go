package rpc

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"regexp"
	"runtime/debug"
	"strings"
	"time"

	"connectrpc.com/connect"
	"github.com/google/uuid"

	"github.com/carrel-dev/carrel/cloud/account"
	"github.com/carrel-dev/carrel/fault"
	"github.com/carrel-dev/carrel/proto/wire"
)

// requestIDHeader names a request in both directions, so that a learner's report finds our log.
const requestIDHeader = "Carrel-Request-Id"

var requestIDForm = regexp.MustCompile(`^[A-Za-z0-9-]{8,64}$`)

type (
	callerKey    struct{}
	requestIDKey struct{}
)

// callerOf returns who is calling. Procedures that policy opens to people who are not signed in do not
// ask.
func callerOf(ctx context.Context) account.Account {
	caller, _ := ctx.Value(callerKey{}).(account.Account)
	return caller
}

// nameRequests gives each request an id, the client's where it sent a sane one.
func nameRequests(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id := r.Header.Get(requestIDHeader)
		if !requestIDForm.MatchString(id) {
			id = uuid.NewString()
		}
		w.Header().Set(requestIDHeader, id)
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), requestIDKey{}, id)))
	})
}

// logRequests writes one line per request: never a token, an address or anything a learner wrote.
func logRequests(logger *slog.Logger) connect.UnaryInterceptorFunc {
	return func(next connect.UnaryFunc) connect.UnaryFunc {
		return func(ctx context.Context, req connect.AnyRequest) (connect.AnyResponse, error) {
			start := time.Now()
			response, err := next(ctx, req)
			code := "ok"
			if err != nil {
				code = connect.CodeOf(err).String()
			}
			logger.InfoContext(ctx, "request",
				"request_id", ctx.Value(requestIDKey{}),
				"procedure", req.Spec().Procedure,
				"code", code,
				"duration_ms", float64(time.Since(start).Microseconds())/1000)
			return response, err
		}
	}
}

// recoverPanics turns a handler's panic into an internal error, so that it ends one request only.
func recoverPanics() connect.UnaryInterceptorFunc {
	return func(next connect.UnaryFunc) connect.UnaryFunc {
		return func(ctx context.Context, req connect.AnyRequest) (response connect.AnyResponse, err error) {
			defer func() {
				switch p := recover(); p {
				case nil:
				case http.ErrAbortHandler:
					panic(p)
				default:
					response, err = nil, fmt.Errorf("panic: %v\n%s", p, debug.Stack())
				}
			}()
			return next(ctx, req)
		}
	}
}

// authorise finds out who is calling and asks the policy.
func authorise(accounts *account.Service) connect.UnaryInterceptorFunc {
	return func(next connect.UnaryFunc) connect.UnaryFunc {
		return func(ctx context.Context, req connect.AnyRequest) (connect.AnyResponse, error) {
			procedure := req.Spec().Procedure
			if policy[procedure] == anyone {
				return next(ctx, req) // a token that is no longer good must not close what is open to all
			}
			caller, err := authenticate(ctx, accounts, req.Header())
			if err != nil {
				return nil, err
			}
			if err := allow(procedure, caller); err != nil {
				return nil, err
			}
			return next(context.WithValue(ctx, callerKey{}, *caller), req)
		}
	}
}

// authenticate returns whose token the request carries, nil when it carries none.
func authenticate(ctx context.Context, accounts *account.Service, header http.Header) (*account.Account, error) {
	token := bearerToken(header)
	if token == "" {
		return nil, nil //nolint:nilnil // nobody is a caller too
	}
	caller, err := accounts.Authenticate(ctx, token)
	if fault.KindOf(err) == fault.Denied {
		message, hint := fault.Sentence(err)
		return nil, fault.Wrap(errors.Join(wire.ErrNotSignedIn, err), fault.Denied, message, hint)
	}
	if err != nil {
		return nil, err
	}
	return &caller, nil
}

// bearerToken returns the token of a request, empty when there is none.
func bearerToken(header http.Header) string {
	scheme, token, _ := strings.Cut(header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	return strings.TrimSpace(token)
}
