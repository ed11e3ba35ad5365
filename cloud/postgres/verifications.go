package postgres

import (
	"context"
	"errors"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/carrel-dev/carrel/cloud/evaluation"
	"github.com/carrel-dev/carrel/fault"
	"github.com/carrel-dev/carrel/journal"
	"github.com/carrel-dev/carrel/lesson"
)

// serverEpoch is that of every server-authored log: the server has one writer, the database.
const serverEpoch = 1

// Verifications implements evaluation.Attempts.
type Verifications struct {
	db           *Database
	installation Installation
}

// NewVerifications returns the store of verifications, which signs what it appends as installation.
func NewVerifications(db *Database, installation Installation) *Verifications {
	return &Verifications{db: db, installation: installation}
}

// Attempt implements evaluation.Attempts.
func (v *Verifications) Attempt(ctx context.Context, ref evaluation.AttemptRef) (attempt evaluation.Attempt, ok bool, err error) {
	var state string
	err = v.db.pool.QueryRow(ctx, "SELECT state FROM verifications WHERE account_id = $1 AND attempt_id = $2",
		ref.AccountID, ref.AttemptID).Scan(&state)
	if errors.Is(err, pgx.ErrNoRows) || (err == nil && state != "queued") {
		return attempt, false, nil
	}
	if err != nil {
		return attempt, false, failure(err, "reading a verification")
	}
	if attempt.Started, err = started(ctx, v.db.pool, ref); err != nil {
		return attempt, false, failure(err, "reading an attempt")
	}
	attempt.Files = lesson.Files{}
	for path, digest := range attempt.Started.Files {
		data, err := draft(ctx, v.db.pool, ref.AccountID, digest)
		if err != nil {
			return attempt, false, failure(err, "reading a draft")
		}
		attempt.Files[path] = lesson.NewFile(data)
	}
	return attempt, true, nil
}

func started(ctx context.Context, q querier, ref evaluation.AttemptRef) (journal.AttemptStarted, error) {
	payload, err := payloadAt(ctx, q, "SELECT log_id, seq FROM attempts WHERE account_id = $1 AND id = $2", ref.AccountID, ref.AttemptID)
	if err != nil {
		return journal.AttemptStarted{}, err
	}
	start, ok := payload.(journal.AttemptStarted)
	if !ok || start.AttemptID != ref.AttemptID {
		return journal.AttemptStarted{}, incomplete(nil)
	}
	return start, nil
}

func draft(ctx context.Context, q querier, account uuid.UUID, digest lesson.Digest) ([]byte, error) {
	payload, err := payloadAt(ctx, q, "SELECT log_id, seq FROM draft_blobs WHERE account_id = $1 AND digest = $2", account, digest)
	if err != nil {
		return nil, err
	}
	revision, ok := payload.(journal.DraftRevision)
	if !ok || lesson.DigestOf(revision.Blob) != digest {
		return nil, incomplete(nil)
	}
	return revision.Blob, nil
}

// payloadAt returns the payload of the entry that find finds. One that is missing or erased is a
// NotFound fault: the attempt cannot be run again.
func payloadAt(ctx context.Context, q querier, find string, arguments ...any) (journal.Payload, error) {
	var id []byte
	var seq int64
	err := q.QueryRow(ctx, find, arguments...).Scan(&id, &seq)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, incomplete(err)
	}
	if err != nil {
		return nil, err
	}
	segment, err := covering(ctx, q, journal.LogID(id), uint64(seq))
	if err != nil {
		return nil, err
	}
	payload, err := journal.Decode(segment.Entries[uint64(seq)-segment.FirstSeq])
	if err != nil {
		return nil, incomplete(err)
	}
	return payload, nil
}

func incomplete(err error) error {
	return fault.Wrap(err, fault.NotFound, "The journal does not hold everything this attempt used.",
		"The result stays as the device reported it.")
}

// Conclude implements evaluation.Attempts.
func (v *Verifications) Conclude(ctx context.Context, ref evaluation.AttemptRef, verified journal.AttemptVerified) error {
	state := "disagreed"
	if verified.Agrees {
		state = "agreed"
	}
	return v.db.inTx(ctx, "concluding a verification", func(tx pgx.Tx) error {
		// Conclusions about one account wait for each other: they append to one log.
		if _, err := tx.Exec(ctx, "SELECT FROM accounts WHERE id = $1 FOR NO KEY UPDATE", ref.AccountID); err != nil {
			return err
		}
		tag, err := tx.Exec(ctx, `
			UPDATE verifications SET state = $3, report = $4, finished_at = now()
			WHERE account_id = $1 AND attempt_id = $2 AND state = 'queued'`, ref.AccountID, ref.AttemptID, state, verified.Report)
		if err != nil || tag.RowsAffected() == 0 {
			return err
		}
		writer := journal.NewWriter(journalTx{tx}, ref.AccountID, v.installation.SigningKey, ref.AccountID, serverEpoch)
		return writer.Append(ctx, verified)
	})
}

// GiveUp implements evaluation.Attempts.
func (v *Verifications) GiveUp(ctx context.Context, ref evaluation.AttemptRef, reason string) error {
	_, err := v.db.pool.Exec(ctx, `
		UPDATE verifications SET state = 'impossible', reason = $3, finished_at = now()
		WHERE account_id = $1 AND attempt_id = $2 AND state = 'queued'`, ref.AccountID, ref.AttemptID, reason)
	return failure(err, "giving up a verification")
}
