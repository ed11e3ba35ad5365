package postgres

import (
	"context"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/carrel-dev/carrel/cloud/evaluation"
)

// note writes down what is in a segment and queues passes for verification, once each.
func note(ctx context.Context, tx pgx.Tx, queue *Queue, account uuid.UUID, x evaluation.Extract) error {
	if err := noteFound(ctx, tx, account, x.Drafts, `
		INSERT INTO draft_blobs (account_id, digest, log_id, seq)
		SELECT $1, * FROM unnest($2::text[], $3::bytea[], $4::bigint[])
		ON CONFLICT ON CONSTRAINT draft_blobs_pkey DO NOTHING`); err != nil {
		return err
	}
	if err := noteFound(ctx, tx, account, x.Started, `
		INSERT INTO attempts (account_id, id, log_id, seq)
		SELECT $1, * FROM unnest($2::uuid[], $3::bytea[], $4::bigint[])
		ON CONFLICT ON CONSTRAINT attempts_pkey DO NOTHING`); err != nil {
		return err
	}
	if len(x.Passed) == 0 {
		return nil
	}
	keys, logs, seqs := columns(x.Passed)
	rows, err := tx.Query(ctx, `
		INSERT INTO verifications (account_id, attempt_id, state, log_id, seq)
		SELECT $1, attempt_id, 'queued', log_id, seq FROM unnest($2::uuid[], $3::bytea[], $4::bigint[]) AS passed (attempt_id, log_id, seq)
		ON CONFLICT ON CONSTRAINT verifications_pkey DO NOTHING
		RETURNING attempt_id`, account, keys, logs, seqs)
	if err != nil {
		return err
	}
	fresh, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
	if err != nil {
		return err
	}
	return queue.insertVerifications(ctx, tx, account, fresh)
}

func noteFound[K any](ctx context.Context, tx pgx.Tx, account uuid.UUID, found []evaluation.Found[K], insert string) error {
	if len(found) == 0 {
		return nil
	}
	keys, logs, seqs := columns(found)
	_, err := tx.Exec(ctx, insert, account, keys, logs, seqs)
	return err
}

func columns[K any](found []evaluation.Found[K]) (keys []K, logs [][]byte, seqs []int64) {
	for _, f := range found {
		keys = append(keys, f.Key)
		logs = append(logs, f.Place.LogID[:])
		seqs = append(seqs, int64(f.Place.Seq))
	}
	return keys, logs, seqs
}
