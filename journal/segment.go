package journal

import (
	"context"
	"crypto/ed25519"
	"errors"
)

// MaxSegmentBytes bounds Segment.Size; larger segments are refused.
const MaxSegmentBytes = 256 << 10

// MaxBlobBytes is the largest file content that fits into a DraftRevision.
const MaxBlobBytes = 192 << 10

// SignSegment makes the segment with these entries after previous, signed by device.
func SignSegment(device ed25519.PrivateKey, log LogHeader, previous Head, entries []Entry) (Segment, error) {
	return Segment{}, errors.ErrUnsupported
}

// Verify checks everything about a segment that does not need a store: its size, that log binds its id,
// that its entries follow each other, and the signature. It returns the head after it. Errors are
// faults of kind Invalid.
func Verify(log LogHeader, s Segment) (Head, error) { return Head{}, errors.ErrUnsupported }

// LastSeq returns the seq of the last entry.
func (s Segment) LastSeq() uint64 { return s.FirstSeq + uint64(len(s.Entries)) - 1 }

// Size returns about how many bytes the segment takes.
func (s Segment) Size() int { return 0 }

// Chain returns the chain hash after each entry.
func (s Segment) Chain() []Hash { return nil }

// After returns the part of the segment after seq. It verifies under the same signature.
func (s Segment) After(seq uint64) Segment { return s }

// Fit decides what Accept does with a verified segment on a log that ends at head: it returns the part
// to store, without entries when all of them are there, or *ForkError or *GapError. Every store uses
// it. The function chainAt returns the stored chain hash at a seq of 1 to head.Seq.
func (s Segment) Fit(head Head, chainAt func(seq uint64) (Hash, error)) (Segment, error) {
	return s, errors.ErrUnsupported
}

// Feed gives each every entry of owner's logs after known, each log in order, and returns the heads it
// reached. With a nil known it gives everything.
func Feed(ctx context.Context, store Store, owner Owner, known map[LogID]Head, each func(LogID, Entry)) (map[LogID]Head, error) {
	return nil, errors.ErrUnsupported
}
