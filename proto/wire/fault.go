package wire

import (
	"context"
	"errors"
	"net/url"

	"connectrpc.com/connect"

	"github.com/carrel-dev/carrel/fault"
)

// HintHeader is the metadata that carries a fault's hint, percent-encoded UTF-8.
const HintHeader = "carrel-hint"

// codes is the two-way table of kinds and codes, walked whole by a test.
var codes = map[fault.Kind]connect.Code{
	fault.Invalid:     connect.CodeInvalidArgument,
	fault.NotFound:    connect.CodeNotFound,
	fault.Conflict:    connect.CodeAborted,
	fault.Denied:      connect.CodePermissionDenied,
	fault.Unavailable: connect.CodeUnavailable,
	fault.Exhausted:   connect.CodeResourceExhausted,
	fault.Internal:    connect.CodeInternal,
}

// ErrNotSignedIn is the cause of a Denied fault that signing in would cure: there is no token, or it is
// no longer good. It crosses the wire as the code unauthenticated; every other Denied is
// permission_denied. Use it as fault.Wrap(wire.ErrNotSignedIn, fault.Denied, ...), or NotSignedIn.
var ErrNotSignedIn = errors.New("not signed in")

// NotSignedIn returns the fault for a request without a good token.
func NotSignedIn() error {
	return fault.Wrap(ErrNotSignedIn, fault.Denied, "You are not signed in.", "Sign in and try again.")
}

// ToConnect returns the Connect error for err: the fault's sentence and hint, never the text of its
// cause. Errors that are no faults become internal; Connect errors stay as they are.
func ToConnect(err error) *connect.Error {
	if err == nil {
		return nil
	}
	if _, isFault := errors.AsType[*fault.Error](err); !isFault {
		if e, ok := errors.AsType[*connect.Error](err); ok {
			return e
		}
		switch {
		case errors.Is(err, context.Canceled):
			return connect.NewError(connect.CodeCanceled, errors.New("The request was cancelled."))
		case errors.Is(err, context.DeadlineExceeded):
			return connect.NewError(connect.CodeDeadlineExceeded, errors.New("The request took too long."))
		}
	}
	message, hint := fault.Sentence(err)
	code := codes[fault.KindOf(err)]
	if code == connect.CodeInternal {
		message, hint = fault.Sentence(errors.New("internal")) // not even the sentence of a careless fault
	}
	if errors.Is(err, ErrNotSignedIn) {
		code = connect.CodeUnauthenticated
	}
	out := connect.NewError(code, errors.New(message))
	if hint != "" {
		out.Meta().Set(HintHeader, url.PathEscape(hint))
	}
	return out
}

// FromConnect returns the fault for an error of a Connect client: what the server said, or Unavailable
// when it could not be reached. The cause stays in the chain. Nil stays nil, and so do the caller's own
// cancellations.
func FromConnect(err error) error {
	if err == nil {
		return nil
	}
	if _, isFault := errors.AsType[*fault.Error](err); isFault {
		return err
	}
	e, ok := errors.AsType[*connect.Error](err)
	if !ok {
		if errors.Is(err, context.Canceled) {
			return err
		}
		return unreachable(err)
	}
	if e.Code() == connect.CodeCanceled {
		if errors.Is(err, context.Canceled) {
			return err
		}
		return unreachable(err)
	}
	// Only the server's own words are for the person: transports put addresses into theirs.
	if !connect.IsWireError(err) {
		return local(e)
	}
	hint, hintErr := url.PathUnescape(e.Meta().Get(HintHeader))
	if hintErr != nil {
		hint = ""
	}
	switch e.Code() {
	case connect.CodeUnauthenticated:
		return fault.Wrap(errors.Join(ErrNotSignedIn, err), fault.Denied, e.Message(), hint)
	case connect.CodeDeadlineExceeded:
		return unreachable(err)
	case connect.CodeUnimplemented:
		return fault.Wrap(err, fault.Unavailable, "The other side does not offer this.", "Update Carrel on both sides.")
	default:
		kind := kindOf(e.Code())
		if kind == fault.Internal && hint == "" {
			return fault.Wrap(err, kind, "The other side made a mistake.", "Try again in a few minutes.")
		}
		if kind == fault.Unavailable && hint == "" {
			return unreachable(err) // a proxy on the way, not a program of ours
		}
		return fault.Wrap(err, kind, e.Message(), hint)
	}
}

// local turns an error that arose on this side of the connection into a fault.
func local(e *connect.Error) error {
	switch e.Code() {
	case connect.CodeResourceExhausted:
		return fault.Wrap(e, fault.Exhausted, "The message is too large.", "Send less at a time.")
	case connect.CodeInvalidArgument:
		return fault.Wrap(e, fault.Invalid, "The message cannot be sent.", "Update Carrel.")
	default:
		// Broken answers come from captive portals and proxies far more often than from mistakes.
		return unreachable(e)
	}
}

func unreachable(err error) error {
	return fault.Wrap(err, fault.Unavailable, "The other side cannot be reached.",
		"Check the connection. Carrel tries again by itself.")
}

// kindOf reads the table backwards; codes it does not have are Internal.
func kindOf(code connect.Code) fault.Kind {
	switch code {
	case connect.CodeUnauthenticated:
		return fault.Denied
	case connect.CodeAlreadyExists, connect.CodeFailedPrecondition:
		return fault.Conflict
	case connect.CodeOutOfRange:
		return fault.Invalid
	default:
		if kind := keyOf(codes, code); kind != "" {
			return kind
		}
		return fault.Internal
	}
}
