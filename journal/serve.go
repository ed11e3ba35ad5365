package journal

import (
	"context"
	"crypto/ed25519"
	"errors"
)

// ServeOptions is what Serve has to know about the server.
type ServeOptions struct {
	// Incarnation identifies the store; a restored store gets a new one.
	Incarnation string
	// ServerKey is the key of the server's own logs. Entries that only the server may write
	// (attempt.verified) are refused from any other author, and the server's own logs from owners
	// they are not about.
	ServerKey ed25519.PublicKey
	// Admit decides whether owner may keep a log that the store does not have yet; the sentence of its
	// error becomes the refusal. Nil admits every log.
	Admit func(ctx context.Context, owner Owner, log LogHeader) error
	// Upstream tells what has reached the cloud. Nil means that this is the cloud.
	Upstream func(ctx context.Context) (map[LogID]Head, error)
}

// Serve is the server's half of an exchange: it verifies and stores every pushed segment, each whole or
// not at all, and answers with what the client lacks. The same request twice changes nothing the second
// time. Segments that cannot be stored become forks and refusals of the response; an error means that
// the store failed, and that the client should send the same request again.
func Serve(ctx context.Context, store Store, owner Owner, req Request, opts ServeOptions) (Response, error) {
	return Response{}, errors.ErrUnsupported
}
