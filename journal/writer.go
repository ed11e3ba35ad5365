package journal

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/carrel-dev/carrel/fault"
)

// Writer appends to the log of one device and learner. It is safe for concurrent use, and any number
// of writers of the same log may share a store, also from several processes.
type Writer struct {
	store   Store
	owner   Owner
	device  ed25519.PrivateKey
	first   LogHeader
	started time.Time
	mu      sync.Mutex
}

// NewWriter returns a writer that starts in epoch. Where the store is a StateStore too, the writer
// follows the log to the epochs that replaced this one after forks.
func NewWriter(store Store, owner Owner, device ed25519.PrivateKey, learner uuid.UUID, epoch uint64) *Writer {
	return &Writer{store: store, owner: owner, device: device, started: time.Now(), first: LogHeader{
		DeviceKey: publicKey(device), LearnerID: learner, Epoch: epoch,
	}}
}

func publicKey(device ed25519.PrivateKey) ed25519.PublicKey {
	return ed25519.PublicKey(device[ed25519.SeedSize:])
}

// appendAttempts bounds how often Append starts over because another process was faster. Each of them
// means that somebody else made progress.
const appendAttempts = 1000

// Append records payloads, in order, as one signed segment: all of them or none. When it returns nil
// they are durable. Payloads that together exceed MaxSegmentBytes are an Exhausted fault; append fewer
// at a time. No payloads are no segment.
func (w *Writer) Append(ctx context.Context, payloads ...Payload) error {
	if len(payloads) == 0 {
		return nil
	}
	// Writers of other processes are met by trying again; those of this one need not race.
	w.mu.Lock()
	defer w.mu.Unlock()
	for range appendAttempts {
		err := w.tryAppend(ctx, payloads)
		if !moved(err) {
			return err
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	return fault.New(fault.Unavailable, "The journal is too busy to write to.", "Try again in a moment.")
}

// moved tells that a log changed between reading its head and writing after it.
func moved(err error) bool {
	if _, ok := errors.AsType[*ForkError](err); ok {
		return true
	}
	_, ok := errors.AsType[*GapError](err)
	return ok
}

func (w *Writer) tryAppend(ctx context.Context, payloads []Payload) error {
	header, err := currentEpoch(ctx, w.store, w.owner, w.first)
	if err != nil {
		return err
	}
	heads, err := w.store.Heads(ctx, w.owner)
	if err != nil {
		return err
	}
	head := heads[header.ID()]
	now := time.Now()
	entries := make([]Entry, len(payloads))
	for i, payload := range payloads {
		entries[i], err = EncodeEntry(head.Seq+1+uint64(i), now.UnixMilli(), now.Sub(w.started).Milliseconds(), payload)
		if err != nil {
			return err
		}
	}
	segment, err := SignSegment(w.device, header, head, entries)
	if err != nil {
		return err
	}
	_, err = w.store.Accept(ctx, w.owner, segment)
	return err
}

// maxEpochs bounds how many forks a log is followed through, so that a damaged store cannot hold us.
const maxEpochs = 10_000

// currentEpoch follows a log to the epoch its device writes now.
func currentEpoch(ctx context.Context, store Store, owner Owner, header LogHeader) (LogHeader, error) {
	states, ok := store.(StateStore)
	if !ok {
		return header, nil
	}
	for range maxEpochs {
		next, ok, err := states.Successor(ctx, owner, header.ID())
		if err != nil || !ok {
			return header, err
		}
		header.Epoch = next
	}
	return header, fmt.Errorf("log %s has more than %d successors", header.ID(), maxEpochs)
}
