package journal

import (
	"context"
	"fmt"
	"math/rand/v2"

	"github.com/carrel-dev/carrel/fault"
)

// restart moves the entries of the device's own log from seq on to a new epoch: somebody else, a clone
// of this disk or what was here before a backup was restored, wrote the same seqs. Payloads and clocks
// stay as they are, and with them attempt ids.
func (r *Replica) restart(ctx context.Context, old LogHeader, seq uint64) error {
	for range appendAttempts {
		err := r.tryRestart(ctx, old, seq)
		if !moved(err) {
			return err
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	return fault.New(fault.Unavailable, "The journal is too busy to write to.", "Try again in a moment.")
}

func (r *Replica) tryRestart(ctx context.Context, old LogHeader, seq uint64) error {
	id := old.ID()
	heads, err := r.Store.Heads(ctx, r.Owner)
	if err != nil {
		return err
	}
	if heads[id].Seq < seq {
		return nil // another process of this device was faster
	}
	fresh, err := currentEpoch(ctx, r.Store, r.Owner, old)
	if err != nil {
		return err
	}
	if fresh.Epoch == old.Epoch {
		// A clone may restart at the same moment, so the next number would collide again.
		fresh.Epoch += 1 + rand.Uint64N(1<<32) //nolint:gosec // to keep clones apart; nobody gains by guessing it
	}
	s := Supersession{Log: id, Head: heads[id], Epoch: fresh.Epoch}
	var branch []Segment
	err = readSegments(ctx, r.Store, r.Owner, id, 0, heads[id].Seq, func(segment Segment) {
		if segment.LastSeq() >= seq {
			branch = append(branch, segment)
		}
	})
	if err != nil {
		return err
	}
	s.From = branch[0].FirstSeq
	head := heads[fresh.ID()]
	for _, segment := range branch {
		again, err := r.again(segment, fresh, head)
		if err != nil {
			return err
		}
		if head, err = again.head(); err != nil {
			return err
		}
		s.Fresh = append(s.Fresh, again)
	}
	return r.States.Supersede(ctx, r.Owner, s)
}

// again signs the entries of a segment anew, after head of another log.
func (r *Replica) again(segment Segment, log LogHeader, head Head) (Segment, error) {
	entries := make([]Entry, len(segment.Entries))
	for i, e := range segment.Entries {
		e.Seq = head.Seq + 1 + uint64(i)
		header, err := e.encodeHeader()
		if err != nil {
			return Segment{}, fmt.Errorf("appending entry %d again: %w", e.Seq, err)
		}
		e.Header = header
		entries[i] = e
	}
	return SignSegment(r.Device, log, head, entries)
}
