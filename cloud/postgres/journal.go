package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/carrel-dev/carrel/cloud/evaluation"
	"github.com/carrel-dev/carrel/fault"
	"github.com/carrel-dev/carrel/journal"
)

// Journal implements journal.Store. A log belongs to the account that pushed it first. Passes that
// arrive are queued for verification in the transaction that stores them.
type Journal struct {
	db    *Database
	queue *Queue
}

// NewJournal returns the journal store.
func NewJournal(db *Database, queue *Queue) *Journal { return &Journal{db: db, queue: queue} }

// Heads implements journal.Store.
func (j *Journal) Heads(ctx context.Context, owner journal.Owner) (map[journal.LogID]journal.Head, error) {
	return heads(ctx, j.db.pool, owner)
}

// Accept implements journal.Store.
func (j *Journal) Accept(ctx context.Context, owner journal.Owner, segment journal.Segment) (head journal.Head, err error) {
	err = j.db.inTx(ctx, "storing a segment", func(tx pgx.Tx) error {
		var extract evaluation.Extract
		head, extract, err = accept(ctx, tx, owner, segment)
		if err != nil {
			return err
		}
		return note(ctx, tx, j.queue, owner, extract)
	})
	return head, err
}

// Read implements journal.Store.
func (j *Journal) Read(ctx context.Context, owner journal.Owner, log journal.LogID, after uint64, maxBytes int) ([]journal.Segment, error) {
	return read(ctx, j.db.pool, owner, log, after, maxBytes)
}

// Admit refuses a log that belongs to another account. It is the Admit of journal.ServeOptions.
func (j *Journal) Admit(ctx context.Context, owner journal.Owner, log journal.LogHeader) error {
	id := log.ID()
	var account uuid.UUID
	err := j.db.pool.QueryRow(ctx, "SELECT account_id FROM logs WHERE id = $1", id[:]).Scan(&account)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	if err != nil {
		return failure(err, "looking for a log's owner")
	}
	return checkOwner(owner, account)
}

func checkOwner(owner, account uuid.UUID) error {
	if owner != account {
		return fault.New(fault.Denied, "The work on this computer belongs to another account.",
			"Sign in with the account that was used here first.")
	}
	return nil
}

// journalTx is a journal.Store inside a transaction, for entries that the server itself writes.
type journalTx struct{ tx pgx.Tx }

// Heads implements journal.Store.
func (j journalTx) Heads(ctx context.Context, owner journal.Owner) (map[journal.LogID]journal.Head, error) {
	return heads(ctx, j.tx, owner)
}

// Accept implements journal.Store.
func (j journalTx) Accept(ctx context.Context, owner journal.Owner, segment journal.Segment) (journal.Head, error) {
	head, _, err := accept(ctx, j.tx, owner, segment)
	return head, err
}

// Read implements journal.Store.
func (j journalTx) Read(ctx context.Context, owner journal.Owner, log journal.LogID, after uint64, maxBytes int) ([]journal.Segment, error) {
	return read(ctx, j.tx, owner, log, after, maxBytes)
}

func heads(ctx context.Context, q querier, owner journal.Owner) (map[journal.LogID]journal.Head, error) {
	rows, err := q.Query(ctx, "SELECT id, seq, hash FROM logs WHERE account_id = $1", owner)
	if err != nil {
		return nil, failure(err, "reading heads")
	}
	out := map[journal.LogID]journal.Head{}
	var id, hash []byte
	var seq int64
	_, err = pgx.ForEachRow(rows, []any{&id, &seq, &hash}, func() error {
		out[journal.LogID(id)] = journal.Head{Seq: uint64(seq), Hash: journal.Hash(hash)}
		return nil
	})
	return out, failure(err, "reading heads")
}

// accept stores what fits of a segment and returns what is worth noting about that part.
func accept(ctx context.Context, tx pgx.Tx, owner journal.Owner, segment journal.Segment) (journal.Head, evaluation.Extract, error) {
	head, err := lockLog(ctx, tx, owner, segment)
	if err != nil {
		return journal.Head{}, evaluation.Extract{}, err
	}
	rest, err := segment.Fit(head, func(seq uint64) (journal.Hash, error) {
		return chainAt(ctx, tx, segment.LogID, seq)
	})
	if err != nil {
		return journal.Head{}, evaluation.Extract{}, err
	}
	if len(rest.Entries) == 0 {
		return head, evaluation.Extract{}, nil
	}
	if err := insertSegment(ctx, tx, rest); err != nil {
		return journal.Head{}, evaluation.Extract{}, err
	}
	chain := rest.Chain()
	head = journal.Head{Seq: rest.LastSeq(), Hash: chain[len(chain)-1]}
	_, err = tx.Exec(ctx, "UPDATE logs SET seq = $2, hash = $3 WHERE id = $1",
		segment.LogID[:], int64(head.Seq), head.Hash[:])
	return head, evaluation.ExtractOf(rest), err
}

// lockLog makes segments of one log wait for each other, and returns its head. A log that is new comes
// into being here, and disappears again when the transaction fails.
func lockLog(ctx context.Context, tx pgx.Tx, owner journal.Owner, segment journal.Segment) (journal.Head, error) {
	if log := segment.Log; log != nil {
		_, err := tx.Exec(ctx, `
			INSERT INTO logs (id, account_id, device_key, learner_id, epoch, seq, hash) VALUES ($1, $2, $3, $4, $5, 0, $6)
			ON CONFLICT ON CONSTRAINT logs_pkey DO NOTHING`,
			segment.LogID[:], owner, []byte(log.DeviceKey), log.LearnerID, int64(log.Epoch), make([]byte, len(journal.Hash{})))
		if err != nil {
			return journal.Head{}, err
		}
	}
	var account uuid.UUID
	var seq int64
	var hash []byte
	err := tx.QueryRow(ctx, "SELECT account_id, seq, hash FROM logs WHERE id = $1 FOR NO KEY UPDATE", segment.LogID[:]).
		Scan(&account, &seq, &hash)
	if errors.Is(err, pgx.ErrNoRows) {
		return journal.Head{}, &journal.GapError{LogID: segment.LogID}
	}
	if err != nil {
		return journal.Head{}, err
	}
	return journal.Head{Seq: uint64(seq), Hash: journal.Hash(hash)}, checkOwner(owner, account)
}

func insertSegment(ctx context.Context, tx pgx.Tx, s journal.Segment) error {
	headers, payloads, hashes := make([][]byte, len(s.Entries)), make([][]byte, len(s.Entries)), make([][]byte, len(s.Entries))
	for i, entry := range s.Entries {
		headers[i], hashes[i] = entry.Header, entry.PayloadHash[:]
		payloads[i] = append([]byte{}, entry.Payload...) // never null: empty says erased
	}
	_, err := tx.Exec(ctx, `
		INSERT INTO segments (log_id, first_seq, last_seq, size_bytes, previous_hash, signature, headers, payloads, payload_hashes)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		s.LogID[:], int64(s.FirstSeq), int64(s.LastSeq()), s.Size(), s.Previous[:], s.Signature, headers, payloads, hashes)
	return err
}

// chainAt returns the chain hash of a stored log at seq.
func chainAt(ctx context.Context, q querier, log journal.LogID, seq uint64) (journal.Hash, error) {
	segment, err := covering(ctx, q, log, seq)
	if err != nil {
		return journal.Hash{}, err
	}
	return segment.Chain()[seq-segment.FirstSeq], nil
}

// covering returns the stored segment with this entry.
func covering(ctx context.Context, q querier, log journal.LogID, seq uint64) (journal.Segment, error) {
	rows, err := q.Query(ctx, selectSegments+`
		WHERE log_id = $1 AND last_seq >= $2 ORDER BY last_seq LIMIT 1`, log[:], int64(seq))
	if err != nil {
		return journal.Segment{}, err
	}
	segment, err := pgx.CollectExactlyOneRow(rows, scanSegment)
	if err != nil {
		return journal.Segment{}, fmt.Errorf("reading entry %d of log %s: %w", seq, log, err)
	}
	return segment, nil
}

const selectSegments = `
	SELECT log_id, first_seq, previous_hash, signature, headers, payloads, payload_hashes,
		device_key, learner_id, epoch
	FROM segments JOIN logs ON logs.id = segments.log_id`

func read(ctx context.Context, q querier, owner journal.Owner, log journal.LogID, after uint64, maxBytes int) ([]journal.Segment, error) {
	rows, err := q.Query(ctx, selectSegments+`
		JOIN (
			SELECT first_seq AS wanted_seq, sum(size_bytes) OVER (ORDER BY first_seq) AS total,
				row_number() OVER (ORDER BY first_seq) AS place
			FROM segments WHERE log_id = $1 AND last_seq > $2
		) AS wanted ON wanted_seq = first_seq
		WHERE log_id = $1 AND account_id = $3 AND (total <= $4 OR place = 1)
		ORDER BY first_seq`, log[:], int64(after), owner, maxBytes)
	if err != nil {
		return nil, failure(err, "reading segments")
	}
	segments, err := pgx.CollectRows(rows, scanSegment)
	if err != nil {
		return nil, failure(err, "reading segments")
	}
	if len(segments) > 0 && segments[0].FirstSeq <= after {
		segments[0] = segments[0].After(after)
	}
	return segments, nil
}

func scanSegment(row pgx.CollectableRow) (journal.Segment, error) {
	var segment journal.Segment
	var log journal.LogHeader
	var id, previous, key []byte
	var headers, payloads, hashes [][]byte
	var first, epoch int64
	err := row.Scan(&id, &first, &previous, &segment.Signature, &headers, &payloads, &hashes, &key, &log.LearnerID, &epoch)
	if err != nil {
		return segment, err
	}
	segment.LogID, segment.FirstSeq, segment.Previous = journal.LogID(id), uint64(first), journal.Hash(previous)
	if first == 1 {
		log.DeviceKey, log.Epoch = key, uint64(epoch)
		segment.Log = &log
	}
	segment.Entries = make([]journal.Entry, len(headers))
	for i := range headers {
		segment.Entries[i], err = journal.DecodeEntry(headers[i], payloads[i], journal.Hash(hashes[i]))
		if err != nil {
			return segment, err
		}
	}
	return segment, nil
}
