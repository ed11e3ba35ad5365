package wire

import (
	"bytes"
	"fmt"
	"maps"
	"slices"

	"github.com/google/uuid"

	"github.com/carrel-dev/carrel/journal"
	syncv1 "github.com/carrel-dev/carrel/proto/gen/carrel/sync/v1"
)

// SegmentToProto translates a segment. The message shares the segment's bytes.
func SegmentToProto(s journal.Segment) *syncv1.Segment {
	out := &syncv1.Segment{
		LogId: s.LogID[:], FirstSeq: s.FirstSeq, PreviousHash: s.Previous[:], Signature: s.Signature,
		Entries: make([]*syncv1.Entry, len(s.Entries)),
	}
	if s.Log != nil {
		out.Log = &syncv1.LogHeader{DeviceKey: s.Log.DeviceKey, LearnerId: s.Log.LearnerID[:], Epoch: s.Log.Epoch}
	}
	for i, e := range s.Entries {
		out.Entries[i] = &syncv1.Entry{Header: e.Header, Payload: e.Payload}
		if e.Erased() {
			out.Entries[i].PayloadHash = e.PayloadHash[:]
		}
	}
	return out
}

// SegmentFromProto translates a segment and decodes its entries' headers. It does not verify the
// segment. Errors are faults of kind Invalid.
func SegmentFromProto(s *syncv1.Segment) (journal.Segment, error) {
	id, err := logID(s.GetLogId())
	if err != nil {
		return journal.Segment{}, err
	}
	out := journal.Segment{
		LogID: id, FirstSeq: s.GetFirstSeq(), Signature: s.GetSignature(),
		Entries: make([]journal.Entry, len(s.GetEntries())),
	}
	if out.Previous, err = hash(s.GetPreviousHash()); err != nil {
		return journal.Segment{}, err
	}
	if log := s.GetLog(); log != nil {
		learner, err := uuid.FromBytes(log.GetLearnerId())
		if err != nil {
			return journal.Segment{}, malformed("learner_id", err)
		}
		out.Log = &journal.LogHeader{DeviceKey: log.GetDeviceKey(), LearnerID: learner, Epoch: log.GetEpoch()}
	}
	for i, e := range s.GetEntries() {
		erased, err := hash(e.GetPayloadHash())
		if err != nil {
			return journal.Segment{}, err
		}
		if out.Entries[i], err = journal.DecodeEntry(e.GetHeader(), e.GetPayload(), erased); err != nil {
			return journal.Segment{}, err
		}
	}
	return out, nil
}

// logID reads a log id.
func logID(b []byte) (journal.LogID, error) {
	if len(b) != len(journal.LogID{}) {
		return journal.LogID{}, malformed("log_id", fmt.Errorf("%d bytes", len(b)))
	}
	return journal.LogID(b), nil
}

// hash reads a hash; an empty one is the zero hash.
func hash(b []byte) (journal.Hash, error) {
	if len(b) == 0 {
		return journal.Hash{}, nil
	}
	if len(b) != len(journal.Hash{}) {
		return journal.Hash{}, malformed("hash", fmt.Errorf("%d bytes", len(b)))
	}
	return journal.Hash(b), nil
}

// ExchangeRequestToProto translates the client's half of an exchange.
func ExchangeRequestToProto(r journal.Request) *syncv1.ExchangeRequest {
	return &syncv1.ExchangeRequest{
		Level: uint32(max(r.Level, 0)), Have: positionsToProto(r.Have), Push: segmentsToProto(r.Push), // small
		Cursor: r.Cursor, Incarnation: r.Incarnation, MaxBytes: uint32(max(r.MaxBytes, 0)), // a few MiB
	}
}

// ExchangeRequestFromProto translates the client's half. Errors are faults of kind Invalid.
func ExchangeRequestFromProto(r *syncv1.ExchangeRequest) (journal.Request, error) {
	have, err := positionsFromProto(r.GetHave())
	if err != nil {
		return journal.Request{}, err
	}
	push, err := segmentsFromProto(r.GetPush())
	if err != nil {
		return journal.Request{}, err
	}
	return journal.Request{
		Level: int(r.GetLevel()), Have: have, Push: push,
		Cursor: r.GetCursor(), Incarnation: r.GetIncarnation(), MaxBytes: int(r.GetMaxBytes()),
	}, nil
}

// ExchangeResponseToProto translates the server's half of an exchange.
func ExchangeResponseToProto(r journal.Response) *syncv1.ExchangeResponse {
	out := &syncv1.ExchangeResponse{
		Level:   uint32(max(r.Level, 0)), // small
		Durable: positionsToProto(r.Durable), DurableUpstream: positionsToProto(r.DurableUpstream),
		Pull: segmentsToProto(r.Pull), More: r.More, Cursor: r.Cursor, Incarnation: r.Incarnation,
		ServerTimeMs: r.ServerTimeMS,
	}
	for _, f := range r.Forks {
		out.Forks = append(out.Forks, &syncv1.Fork{LogId: f.LogID[:], Seq: f.Seq})
	}
	for _, f := range r.Refusals {
		out.Refusals = append(out.Refusals, &syncv1.Refusal{LogId: f.LogID[:], FirstSeq: f.FirstSeq, Message: text(f.Message)})
	}
	return out
}

// ExchangeResponseFromProto translates the server's half. Errors are faults of kind Invalid.
func ExchangeResponseFromProto(r *syncv1.ExchangeResponse) (journal.Response, error) {
	out := journal.Response{
		Level: int(r.GetLevel()), More: r.GetMore(), Cursor: r.GetCursor(), Incarnation: r.GetIncarnation(),
		ServerTimeMS: r.GetServerTimeMs(),
	}
	var err error
	if out.Durable, err = positionsFromProto(r.GetDurable()); err != nil {
		return journal.Response{}, err
	}
	if out.DurableUpstream, err = positionsFromProto(r.GetDurableUpstream()); err != nil {
		return journal.Response{}, err
	}
	if out.Pull, err = segmentsFromProto(r.GetPull()); err != nil {
		return journal.Response{}, err
	}
	for _, f := range r.GetForks() {
		id, err := logID(f.GetLogId())
		if err != nil {
			return journal.Response{}, err
		}
		out.Forks = append(out.Forks, journal.Fork{LogID: id, Seq: f.GetSeq()})
	}
	for _, f := range r.GetRefusals() {
		id, err := logID(f.GetLogId())
		if err != nil {
			return journal.Response{}, err
		}
		out.Refusals = append(out.Refusals, journal.Refusal{LogID: id, FirstSeq: f.GetFirstSeq(), Message: f.GetMessage()})
	}
	return out, nil
}

func segmentsToProto(segments []journal.Segment) []*syncv1.Segment {
	var out []*syncv1.Segment
	for _, s := range segments {
		out = append(out, SegmentToProto(s))
	}
	return out
}

func segmentsFromProto(segments []*syncv1.Segment) ([]journal.Segment, error) {
	var out []journal.Segment
	for _, s := range segments {
		segment, err := SegmentFromProto(s)
		if err != nil {
			return nil, err
		}
		out = append(out, segment)
	}
	return out, nil
}

// positionsToProto sorts by log, so that equal vectors are equal bytes.
func positionsToProto(heads map[journal.LogID]journal.Head) []*syncv1.Position {
	ids := slices.SortedFunc(maps.Keys(heads), func(a, b journal.LogID) int { return bytes.Compare(a[:], b[:]) })
	var out []*syncv1.Position
	for _, id := range ids {
		head := heads[id]
		position := &syncv1.Position{LogId: id[:], Seq: head.Seq}
		if head.Hash != (journal.Hash{}) {
			position.Hash = head.Hash[:]
		}
		out = append(out, position)
	}
	return out
}

func positionsFromProto(positions []*syncv1.Position) (map[journal.LogID]journal.Head, error) {
	heads := make(map[journal.LogID]journal.Head, len(positions))
	for _, p := range positions {
		id, err := logID(p.GetLogId())
		if err != nil {
			return nil, err
		}
		hash, err := hash(p.GetHash())
		if err != nil {
			return nil, err
		}
		heads[id] = journal.Head{Seq: p.GetSeq(), Hash: hash}
	}
	return heads, nil
}
