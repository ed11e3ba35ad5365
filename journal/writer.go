package journal

import (
	"context"
	"crypto/ed25519"
	"errors"

	"github.com/google/uuid"
)

// Writer appends to the log of one device and learner. It is safe for concurrent use, and any number
// of writers of the same log may share a store, also from several processes.
type Writer struct {
	store  Store
	owner  Owner
	device ed25519.PrivateKey
	first  LogHeader
}

// NewWriter returns a writer that starts in epoch. Where the store is a StateStore too, the writer
// follows the log to the epochs that replaced this one after forks.
func NewWriter(store Store, owner Owner, device ed25519.PrivateKey, learner uuid.UUID, epoch uint64) *Writer {
	return &Writer{store: store, owner: owner, device: device, first: LogHeader{
		DeviceKey: device.Public().(ed25519.PublicKey), LearnerID: learner, Epoch: epoch,
	}}
}

// Append records payloads, in order, as one signed segment: all of them or none. When it returns nil
// they are durable. Payloads that together exceed MaxSegmentBytes are an Exhausted fault; append fewer
// at a time. No payloads are no segment.
func (w *Writer) Append(ctx context.Context, payloads ...Payload) error {
	return errors.ErrUnsupported
}
