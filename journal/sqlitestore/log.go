package sqlitestore

import (
	"context"
	"crypto/ed25519"
	"database/sql"
	"errors"
	"fmt"

	"github.com/google/uuid"

	"github.com/carrel-dev/carrel/journal"
)

// Heads implements journal.Store.
func (s *Store) Heads(ctx context.Context, owner journal.Owner) (map[journal.LogID]journal.Head, error) {
	heads := map[journal.LogID]journal.Head{}
	rows, err := s.db.QueryContext(ctx,
		"SELECT log_id, head_seq, head_hash FROM logs WHERE owner = ? AND head_seq > 0", owner[:])
	if err != nil {
		return nil, explain("reading heads", err)
	}
	defer rows.Close() //nolint:errcheck // rows.Err tells
	for rows.Next() {
		var id, hash []byte
		var head journal.Head
		if err := rows.Scan(&id, &head.Seq, &hash); err != nil {
			return nil, explain("reading heads", err)
		}
		head.Hash = journal.Hash(hash)
		heads[journal.LogID(id)] = head
	}
	return heads, explain("reading heads", rows.Err())
}

// Accept implements journal.Store.
func (s *Store) Accept(ctx context.Context, owner journal.Owner, segment journal.Segment) (journal.Head, error) {
	var head journal.Head
	err := s.write(ctx, func(tx *sql.Tx) error {
		var err error
		head, err = accept(ctx, tx, owner, segment)
		return err
	})
	return head, explain("storing segment", err)
}

func accept(ctx context.Context, tx *sql.Tx, owner journal.Owner, segment journal.Segment) (journal.Head, error) {
	id := segment.LogID
	head, exists, err := headOf(ctx, tx, owner, id)
	if err != nil {
		return journal.Head{}, err
	}
	rest, err := segment.Fit(head, func(seq uint64) (journal.Hash, error) {
		var hash []byte
		err := tx.QueryRowContext(ctx, "SELECT chain_hash FROM entries WHERE owner = ? AND log_id = ? AND seq = ?",
			owner[:], id[:], seq).Scan(&hash)
		if err != nil {
			return journal.Hash{}, fmt.Errorf("reading chain hash %d: %w", seq, err)
		}
		return journal.Hash(hash), nil
	})
	if err != nil || len(rest.Entries) == 0 {
		return head, err
	}
	if !exists {
		if segment.Log == nil {
			return journal.Head{}, fmt.Errorf("first segment of log %s has no header", id)
		}
		_, err := tx.ExecContext(ctx, `INSERT INTO logs (owner, log_id, device_key, learner_id, epoch, head_seq, head_hash)
			VALUES (?, ?, ?, ?, ?, 0, zeroblob(32))`,
			owner[:], id[:], []byte(segment.Log.DeviceKey), segment.Log.LearnerID[:], int64(segment.Log.Epoch)) // same bits
		if err != nil {
			return journal.Head{}, fmt.Errorf("inserting log: %w", err)
		}
	}
	return insert(ctx, tx, owner, rest)
}

// insert adds a segment that begins where its log ends.
func insert(ctx context.Context, tx *sql.Tx, owner journal.Owner, s journal.Segment) (journal.Head, error) {
	_, err := tx.ExecContext(ctx, `INSERT INTO segments (owner, log_id, first_seq, last_seq, previous_hash, signature)
		VALUES (?, ?, ?, ?, ?, ?)`, owner[:], s.LogID[:], s.FirstSeq, s.LastSeq(), s.Previous[:], s.Signature)
	if err != nil {
		return journal.Head{}, fmt.Errorf("inserting segment: %w", err)
	}
	statement, err := tx.PrepareContext(ctx, `INSERT INTO entries (owner, log_id, seq, header, payload, payload_hash, chain_hash)
		VALUES (?, ?, ?, ?, ?, ?, ?)`)
	if err != nil {
		return journal.Head{}, fmt.Errorf("preparing: %w", err)
	}
	defer statement.Close() //nolint:errcheck // ends with the transaction
	chain := s.Chain()
	for i, e := range s.Entries {
		var payload any = e.Payload
		if e.Erased() {
			payload = nil
		}
		_, err := statement.ExecContext(ctx, owner[:], s.LogID[:], e.Seq, e.Header, payload, e.PayloadHash[:], chain[i][:])
		if err != nil {
			return journal.Head{}, fmt.Errorf("inserting entry: %w", err)
		}
	}
	head := journal.Head{Seq: s.LastSeq(), Hash: chain[len(chain)-1]}
	return head, setHead(ctx, tx, owner, s.LogID, head)
}

func headOf(ctx context.Context, tx *sql.Tx, owner journal.Owner, id journal.LogID) (head journal.Head, exists bool, err error) {
	var hash []byte
	err = tx.QueryRowContext(ctx, "SELECT head_seq, head_hash FROM logs WHERE owner = ? AND log_id = ?",
		owner[:], id[:]).Scan(&head.Seq, &hash)
	if errors.Is(err, sql.ErrNoRows) {
		return journal.Head{}, false, nil
	}
	if err != nil {
		return journal.Head{}, false, fmt.Errorf("reading head: %w", err)
	}
	head.Hash = journal.Hash(hash)
	return head, true, nil
}

func setHead(ctx context.Context, tx *sql.Tx, owner journal.Owner, id journal.LogID, head journal.Head) error {
	_, err := tx.ExecContext(ctx, "UPDATE logs SET head_seq = ?, head_hash = ? WHERE owner = ? AND log_id = ?",
		head.Seq, head.Hash[:], owner[:], id[:])
	if err != nil {
		return fmt.Errorf("moving head: %w", err)
	}
	return nil
}

// Read implements journal.Store.
func (s *Store) Read(ctx context.Context, owner journal.Owner, log journal.LogID, after uint64, maxBytes int) ([]journal.Segment, error) {
	rows, err := s.db.QueryContext(ctx, `
		SELECT s.first_seq, s.last_seq, s.previous_hash, s.signature, l.device_key, l.learner_id, l.epoch,
		       e.header, e.payload, e.payload_hash
		FROM segments s
		JOIN logs l USING (owner, log_id)
		JOIN entries e ON e.owner = s.owner AND e.log_id = s.log_id AND e.seq BETWEEN s.first_seq AND s.last_seq
		WHERE s.owner = ? AND s.log_id = ?
		  AND s.first_seq >= coalesce((SELECT max(first_seq) FROM segments
		                               WHERE owner = s.owner AND log_id = s.log_id AND first_seq <= ? + 1), 0)
		ORDER BY s.first_seq, e.seq`, owner[:], log[:], after)
	if err != nil {
		return nil, explain("reading segments", err)
	}
	defer rows.Close() //nolint:errcheck // rows.Err tells
	var out []journal.Segment
	size := 0
	for rows.Next() {
		part, last, err := scanEntry(rows, log)
		if err != nil {
			return nil, explain("reading segments", err)
		}
		if n := len(out); n == 0 || out[n-1].FirstSeq != part.FirstSeq {
			out = append(out, part)
		} else {
			out[n-1].Entries = append(out[n-1].Entries, part.Entries...)
		}
		segment := &out[len(out)-1]
		if segment.LastSeq() < last {
			continue
		}
		if last <= after { // the segment before the first one wanted
			out = out[:0]
			continue
		}
		*segment = segment.After(after)
		if size += segment.Size(); size > maxBytes {
			if len(out) > 1 {
				out = out[:len(out)-1]
			}
			break
		}
	}
	return out, explain("reading segments", rows.Err())
}

// scanEntry reads one entry as a segment that has no other, and the last seq of its segment.
func scanEntry(rows *sql.Rows, log journal.LogID) (journal.Segment, uint64, error) {
	s := journal.Segment{LogID: log}
	var last uint64
	var epoch int64
	var previous, deviceKey, learner, header, payload, payloadHash []byte
	err := rows.Scan(&s.FirstSeq, &last, &previous, &s.Signature, &deviceKey, &learner, &epoch, &header, &payload, &payloadHash)
	if err != nil {
		return s, 0, err
	}
	s.Previous = journal.Hash(previous)
	if s.FirstSeq == 1 {
		s.Log = &journal.LogHeader{
			DeviceKey: ed25519.PublicKey(deviceKey), LearnerID: uuid.UUID(learner), Epoch: uint64(epoch), // same bits
		}
	}
	e, err := journal.DecodeEntry(header, payload, journal.Hash(payloadHash))
	s.Entries = []journal.Entry{e}
	return s, last, err
}
