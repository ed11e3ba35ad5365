package journal

import (
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"slices"

	"github.com/carrel-dev/carrel/fault"
)

// MaxSegmentBytes bounds Segment.Size; larger segments are refused.
const MaxSegmentBytes = 256 << 10

// MaxBlobBytes is the largest file content that fits into a DraftRevision.
const MaxBlobBytes = 192 << 10

// What a segment and an entry take beside their headers and payloads, rounded up.
const (
	segmentOverhead = 256
	entryOverhead   = 48
)

// SignSegment makes the segment with these entries after previous, signed by device.
func SignSegment(device ed25519.PrivateKey, log LogHeader, previous Head, entries []Entry) (Segment, error) {
	s := Segment{LogID: log.ID(), FirstSeq: previous.Seq + 1, Previous: previous.Hash, Entries: entries}
	if s.FirstSeq == 1 {
		s.Log = &log
	}
	if s.Size() > MaxSegmentBytes {
		return Segment{}, fault.New(fault.Exhausted, "This is too large for the journal.",
			"Record fewer or smaller files at a time.")
	}
	head, err := s.head()
	if err != nil {
		return Segment{}, err
	}
	s.Signature = ed25519.Sign(device, signedMessage(s.LogID, head))
	return s, nil
}

// signedMessage is what a segment's signature covers: the chain hash after it, and also the log and the
// seq, so that a signature cannot be moved to another log of the same device.
func signedMessage(id LogID, head Head) []byte {
	message := []byte("carrel journal segment 1\x00")
	message = append(message, id[:]...)
	message = binary.BigEndian.AppendUint64(message, head.Seq)
	return append(message, head.Hash[:]...)
}

// Verify checks everything about a segment that does not need a store: its size, that log binds its id,
// that its entries follow each other, and the signature. It returns the head after it. Errors are
// faults of kind Invalid.
func Verify(log LogHeader, s Segment) (Head, error) {
	if len(log.DeviceKey) != ed25519.PublicKeySize {
		return Head{}, invalidSegment(fmt.Errorf("device key has %d bytes", len(log.DeviceKey)))
	}
	if s.LogID != log.ID() {
		return Head{}, invalidSegment(fmt.Errorf("log id %s is not that of its header", s.LogID))
	}
	if size := s.Size(); size > MaxSegmentBytes {
		return Head{}, invalidSegment(fmt.Errorf("segment has %d bytes", size))
	}
	if s.FirstSeq == 1 && (s.Log == nil || s.Previous != (Hash{})) {
		return Head{}, invalidSegment(fmt.Errorf("first segment of log %s has no header or follows something", s.LogID))
	}
	if s.Log != nil && s.Log.ID() != s.LogID {
		return Head{}, invalidSegment(fmt.Errorf("segment of log %s carries the header of another", s.LogID))
	}
	for _, e := range s.Entries {
		if err := e.check(); err != nil {
			return Head{}, err
		}
	}
	head, err := s.head()
	if err != nil {
		return Head{}, err
	}
	if !ed25519.Verify(log.DeviceKey, signedMessage(s.LogID, head), s.Signature) {
		return Head{}, invalidSegment(fmt.Errorf("signature of log %s at seq %d is wrong", s.LogID, head.Seq))
	}
	return head, nil
}

// check makes sure that the decoded fields of an entry are those of its bytes.
func (e Entry) check() error {
	got, err := DecodeEntry(e.Header, e.Payload, e.PayloadHash)
	if err != nil {
		return err
	}
	if got.Seq != e.Seq || got.Kind != e.Kind || got.KindVersion != e.KindVersion ||
		got.WallMS != e.WallMS || got.MonoMS != e.MonoMS || got.PayloadHash != e.PayloadHash {
		return invalidSegment(fmt.Errorf("entry %d is not what its header says", e.Seq))
	}
	return nil
}

// LastSeq returns the seq of the last entry, FirstSeq-1 when there is none.
func (s Segment) LastSeq() uint64 { return s.FirstSeq + uint64(len(s.Entries)) - 1 }

// Size returns about how many bytes the segment takes.
func (s Segment) Size() int {
	size := segmentOverhead
	for _, e := range s.Entries {
		size += len(e.Header) + len(e.Payload) + entryOverhead
	}
	return size
}

// Chain returns the chain hash after each entry: SHA-256 over the chain hash before it, its header and
// the hash of its payload.
func (s Segment) Chain() []Hash {
	chain := make([]Hash, len(s.Entries))
	previous := s.Previous
	digest := sha256.New()
	for i, e := range s.Entries {
		digest.Reset()
		digest.Write(previous[:])
		digest.Write(e.Header)
		digest.Write(e.PayloadHash[:])
		digest.Sum(chain[i][:0])
		previous = chain[i]
	}
	return chain
}

// head returns the head after the segment, or an error when its entries do not follow each other.
func (s Segment) head() (Head, error) {
	if s.FirstSeq == 0 || len(s.Entries) == 0 {
		return Head{}, invalidSegment(fmt.Errorf("segment of log %s is empty", s.LogID))
	}
	for i, e := range s.Entries {
		if e.Seq != s.FirstSeq+uint64(i) {
			return Head{}, invalidSegment(fmt.Errorf("entry %d of log %s has seq %d", s.FirstSeq+uint64(i), s.LogID, e.Seq))
		}
	}
	chain := s.Chain()
	return Head{Seq: s.LastSeq(), Hash: chain[len(chain)-1]}, nil
}

// After returns the part of the segment after seq. It verifies under the same signature.
func (s Segment) After(seq uint64) Segment {
	if seq < s.FirstSeq {
		return s
	}
	known := min(seq-s.FirstSeq+1, uint64(len(s.Entries)))
	if known > 0 {
		s.Previous = s.Chain()[known-1]
	}
	s.Log = nil
	s.FirstSeq += known
	s.Entries = s.Entries[known:]
	return s
}

// Fit decides what Accept does with a verified segment on a log that ends at head: it returns the part
// to store, without entries when all of them are there, or *ForkError or *GapError. Every store uses
// it. The function chainAt returns the stored chain hash at a seq of 1 to head.Seq.
func (s Segment) Fit(head Head, chainAt func(seq uint64) (Hash, error)) (Segment, error) {
	if s.FirstSeq > head.Seq+1 {
		return Segment{}, &GapError{LogID: s.LogID, After: head.Seq}
	}
	stored := func(seq uint64) (Hash, error) {
		switch seq {
		case 0:
			return Hash{}, nil
		case head.Seq:
			return head.Hash, nil
		default:
			return chainAt(seq)
		}
	}
	before, err := stored(s.FirstSeq - 1)
	if err != nil {
		return Segment{}, err
	}
	if before != s.Previous {
		return Segment{}, &ForkError{LogID: s.LogID, Seq: s.FirstSeq - 1}
	}
	chain := s.Chain()
	last := min(s.LastSeq(), head.Seq)
	// The chain hash covers everything before it, so the last common one speaks for all of them.
	if last >= s.FirstSeq {
		at, err := stored(last)
		if err != nil {
			return Segment{}, err
		}
		if at != chain[last-s.FirstSeq] {
			return Segment{}, s.findFork(last, chain, stored)
		}
	}
	return s.After(last), nil
}

// findFork returns the ForkError of the first entry, at most last, that differs.
func (s Segment) findFork(last uint64, chain []Hash, stored func(uint64) (Hash, error)) error {
	for seq := s.FirstSeq; seq < last; seq++ {
		at, err := stored(seq)
		if err != nil {
			return err
		}
		if at != chain[seq-s.FirstSeq] {
			return &ForkError{LogID: s.LogID, Seq: seq}
		}
	}
	return &ForkError{LogID: s.LogID, Seq: last}
}

// readBytes is how much Feed and other readers of whole logs take from a store at a time.
const readBytes = 1 << 20

// Feed gives each every entry of owner's logs after known, each log in order, and returns the heads it
// reached. With a nil known it gives everything. The entries' bytes must not be changed.
func Feed(ctx context.Context, store Store, owner Owner, known map[LogID]Head, each func(LogID, Entry)) (map[LogID]Head, error) {
	heads, err := store.Heads(ctx, owner)
	if err != nil {
		return nil, err
	}
	for id, head := range heads {
		err := readSegments(ctx, store, owner, id, known[id].Seq, head.Seq, func(s Segment) {
			for _, e := range s.Entries {
				each(id, e)
			}
		})
		if err != nil {
			return nil, err
		}
	}
	return heads, nil
}

// readSegments gives each the segments of a log after seq up to last, which must be the end of one.
func readSegments(ctx context.Context, store Store, owner Owner, id LogID, after, last uint64, each func(Segment)) error {
	for after < last {
		segments, err := store.Read(ctx, owner, id, after, readBytes)
		if err != nil {
			return err
		}
		if len(segments) == 0 {
			return fault.Wrap(fmt.Errorf("log %s ends at seq %d instead of %d", id, after, last), fault.Internal,
				"The journal is incomplete.", "Restore it from a backup, or exchange with the cloud.")
		}
		for _, s := range segments {
			if after = s.LastSeq(); after > last {
				return nil // appended after the caller looked
			}
			each(s)
		}
	}
	return nil
}

// headerOf returns the header of a log in a store; nil when the store does not have it.
func headerOf(ctx context.Context, store Store, owner Owner, id LogID) (*LogHeader, error) {
	segments, err := store.Read(ctx, owner, id, 0, 1)
	if err != nil || len(segments) == 0 {
		return nil, err
	}
	return segments[0].Log, nil
}

// hashAt returns the chain hash of a stored log at a seq up to its head.
func hashAt(ctx context.Context, store Store, owner Owner, id LogID, head Head, seq uint64) (Hash, error) {
	switch seq {
	case 0:
		return Hash{}, nil
	case head.Seq:
		return head.Hash, nil
	}
	segments, err := store.Read(ctx, owner, id, seq, 1)
	if err != nil {
		return Hash{}, err
	}
	if len(segments) == 0 {
		return Hash{}, fmt.Errorf("log %s has nothing after seq %d", id, seq)
	}
	return segments[0].Previous, nil
}

// sortedIDs returns the keys of a map by log in a stable order.
func sortedIDs[V any](m map[LogID]V) []LogID {
	ids := make([]LogID, 0, len(m))
	for id := range m {
		ids = append(ids, id)
	}
	slices.SortFunc(ids, func(a, b LogID) int { return slices.Compare(a[:], b[:]) })
	return ids
}
