package journal

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"maps"
	"time"

	"github.com/google/uuid"

	"github.com/carrel-dev/carrel/fault"
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

// How many bytes of segments a response carries.
const (
	defaultPullBytes = 1 << 20
	maxPullBytes     = 4 << 20
)

// Serve is the server's half of an exchange: it verifies and stores every pushed segment, each whole or
// not at all, and answers with what the client lacks. The same request twice changes nothing the second
// time. Segments that cannot be stored become forks and refusals of the response; an error means that
// the store failed, and that the client should send the same request again.
func Serve(ctx context.Context, store Store, owner Owner, req Request, opts ServeOptions) (Response, error) {
	s := &serving{store: store, owner: owner, opts: opts, headers: map[LogID]*LogHeader{}}
	s.resp = Response{Level: Level, Durable: map[LogID]Head{}, Incarnation: opts.Incarnation}
	before, err := store.Heads(ctx, owner)
	if err != nil {
		return Response{}, err
	}
	known := s.learnVector(req, before)
	for _, segment := range req.Push {
		if err := s.accept(ctx, segment, before); err != nil {
			return Response{}, err
		}
	}
	after, err := store.Heads(ctx, owner)
	if err != nil {
		return Response{}, err
	}
	if known {
		err = s.pull(ctx, after, req.MaxBytes)
	}
	if err != nil {
		return Response{}, err
	}
	s.resp.More = s.resp.More || !known
	if !s.resp.More && len(s.resp.Forks) == 0 {
		s.resp.Cursor = cursorOf(after)
	}
	if err := s.confirm(ctx, req, after); err != nil {
		return Response{}, err
	}
	s.resp.ServerTimeMS = time.Now().UnixMilli()
	return s.resp, nil
}

// serving is one run of Serve.
type serving struct {
	store   Store
	owner   Owner
	opts    ServeOptions
	resp    Response
	have    map[LogID]Head       // what the client has, as far as it is known
	headers map[LogID]*LogHeader // nil for a log the store does not have
	broken  map[LogID]bool       // forked or refused in this exchange
}

// learnVector finds out what the client has and reports whether that is all it has. A cursor stands for
// the server's vector at the time; when that has changed since, the client has to name every log.
func (s *serving) learnVector(req Request, before map[LogID]Head) bool {
	s.broken = map[LogID]bool{}
	s.have = map[LogID]Head{}
	known := req.Cursor == ""
	if !known && req.Incarnation == s.opts.Incarnation && req.Cursor == cursorOf(before) {
		known = true
		maps.Copy(s.have, before)
	}
	maps.Copy(s.have, req.Have)
	return known
}

// cursorOf returns a short name for a vector.
func cursorOf(heads map[LogID]Head) string {
	digest := sha256.New()
	for _, id := range sortedIDs(heads) {
		head := heads[id]
		if head.Seq == 0 {
			continue
		}
		digest.Write(id[:])
		digest.Write(binary.BigEndian.AppendUint64(nil, head.Seq))
		digest.Write(head.Hash[:])
	}
	return base64.RawURLEncoding.EncodeToString(digest.Sum(nil)[:16])
}

// accept stores one pushed segment, or notes why not. Only failures of the store are errors.
func (s *serving) accept(ctx context.Context, segment Segment, before map[LogID]Head) error {
	id := segment.LogID
	s.resp.Durable[id] = Head{}
	if s.broken[id] {
		return nil // what follows a fork or a refusal cannot be stored either
	}
	header, err := s.header(ctx, segment)
	if err != nil {
		return err
	}
	if header == nil {
		return nil // a gap; Durable tells the client to start from the beginning
	}
	if _, stored := before[id]; !stored && s.opts.Admit != nil {
		if err := s.opts.Admit(ctx, s.owner, *header); err != nil {
			return s.refuse(segment, err)
		}
	}
	if err := s.verify(*header, segment); err != nil {
		return s.refuse(segment, err)
	}
	head, err := s.store.Accept(ctx, s.owner, segment)
	if fork, ok := errors.AsType[*ForkError](err); ok {
		s.broken[id] = true
		s.resp.Forks = append(s.resp.Forks, Fork{LogID: id, Seq: fork.Seq})
		return nil
	}
	if _, ok := errors.AsType[*GapError](err); ok {
		return nil
	}
	if err != nil {
		return s.refuse(segment, err) // such as a log that another owner took a moment ago
	}
	if pushed := segment.LastSeq(); s.have[id].Seq < pushed && head.Seq >= pushed {
		chain := segment.Chain()
		s.have[id] = Head{Seq: pushed, Hash: chain[len(chain)-1]}
	}
	return nil
}

// refuse turns an error about a segment into a refusal. Errors that are not about the segment are errors
// of the exchange.
func (s *serving) refuse(segment Segment, err error) error {
	kind := fault.KindOf(err)
	if kind != fault.Invalid && kind != fault.Denied {
		return err
	}
	message, _ := fault.Sentence(err)
	s.broken[segment.LogID] = true
	s.resp.Refusals = append(s.resp.Refusals, Refusal{LogID: segment.LogID, FirstSeq: segment.FirstSeq, Message: message})
	return nil
}

// header returns the header of a segment's log, nil when neither the segment nor the store tells it.
func (s *serving) header(ctx context.Context, segment Segment) (*LogHeader, error) {
	if segment.Log != nil {
		return segment.Log, nil
	}
	if header, ok := s.headers[segment.LogID]; ok && header != nil {
		return header, nil
	}
	header, err := headerOf(ctx, s.store, s.owner, segment.LogID)
	s.headers[segment.LogID] = header
	return header, err
}

// verify checks a segment's bytes and its author's authority.
func (s *serving) verify(header LogHeader, segment Segment) error {
	if _, err := Verify(header, segment); err != nil {
		return err
	}
	if len(s.opts.ServerKey) == 0 {
		return nil
	}
	if bytes.Equal(header.DeviceKey, s.opts.ServerKey) {
		if header.LearnerID != uuid.UUID(s.owner) {
			return fault.New(fault.Denied, "These results belong to somebody else.", "Sign in as the person they belong to.")
		}
		return nil
	}
	for _, e := range segment.Entries {
		if e.Kind == KindAttemptVerified {
			return fault.New(fault.Denied, "Only the cloud can mark work as verified.", "Update Carrel on this device.")
		}
	}
	return nil
}

// pull fills the response with what the client lacks.
func (s *serving) pull(ctx context.Context, after map[LogID]Head, maxBytes int) error {
	if maxBytes <= 0 {
		maxBytes = defaultPullBytes
	}
	left := min(maxBytes, maxPullBytes)
	for _, id := range sortedIDs(after) {
		head, have := after[id], s.have[id]
		if s.broken[id] || have.Seq > head.Seq {
			continue
		}
		if have.Seq == head.Seq {
			if have.Hash != (Hash{}) && have.Hash != head.Hash {
				s.resp.Forks = append(s.resp.Forks, Fork{LogID: id, Seq: have.Seq})
			}
			continue
		}
		if left <= 0 {
			s.resp.More = true
			return nil
		}
		segments, err := s.store.Read(ctx, s.owner, id, have.Seq, left)
		if err != nil {
			return err
		}
		if len(segments) > 0 && have.Hash != (Hash{}) && segments[0].Previous != have.Hash {
			s.resp.Forks = append(s.resp.Forks, Fork{LogID: id, Seq: have.Seq})
			continue
		}
		last := have.Seq
		for _, segment := range segments {
			left -= segment.Size()
			last = segment.LastSeq()
		}
		s.resp.Pull = append(s.resp.Pull, segments...)
		s.resp.More = s.resp.More || last < head.Seq
	}
	return nil
}

// confirm tells what is durable of every log the request named or the response changes.
func (s *serving) confirm(ctx context.Context, req Request, after map[LogID]Head) error {
	for id := range req.Have {
		s.resp.Durable[id] = Head{}
	}
	for _, segment := range s.resp.Pull {
		s.resp.Durable[segment.LogID] = Head{}
	}
	for id := range s.resp.Durable {
		s.resp.Durable[id] = after[id]
	}
	s.resp.DurableUpstream = maps.Clone(s.resp.Durable)
	if s.opts.Upstream == nil {
		return nil
	}
	upstream, err := s.opts.Upstream(ctx)
	if err != nil {
		return err
	}
	for id := range s.resp.DurableUpstream {
		s.resp.DurableUpstream[id] = upstream[id]
	}
	return nil
}
