package postgres

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/carrel-dev/carrel/cloud/evaluation"
	"github.com/carrel-dev/carrel/fault"
	"github.com/carrel-dev/carrel/harness"
	"github.com/carrel-dev/carrel/lesson"
)

// Checks implements evaluation.Checks and evaluation.Desk.
type Checks struct {
	db    *Database
	queue *Queue
}

// NewChecks returns the store of checks.
func NewChecks(db *Database, queue *Queue) *Checks { return &Checks{db: db, queue: queue} }

// Submit implements evaluation.Checks.
func (c *Checks) Submit(ctx context.Context, check evaluation.Check) (position int, err error) {
	err = c.db.inTx(ctx, "queueing a check", func(tx pgx.Tx) error {
		// A learner's submissions wait for each other, so that the newest one finds its predecessor.
		if _, err := tx.Exec(ctx, "SELECT FROM accounts WHERE id = $1 FOR NO KEY UPDATE", check.AccountID); err != nil {
			return err
		}
		found, err := owned(ctx, tx, check.AccountID, check.ID)
		if err != nil {
			return err
		}
		if !found {
			if err := c.insert(ctx, tx, check); err != nil {
				return err
			}
		}
		position, err = positionOf(ctx, tx, check.ID)
		return err
	})
	return position, err
}

// owned tells whether the check exists. One of another account is denied: ids are random, so this is no
// accident.
func owned(ctx context.Context, tx pgx.Tx, account, id uuid.UUID) (bool, error) {
	var owner uuid.UUID
	err := tx.QueryRow(ctx, "SELECT account_id FROM checks WHERE id = $1", id).Scan(&owner)
	if errors.Is(err, pgx.ErrNoRows) {
		return false, nil
	}
	if err == nil && owner != account {
		err = unknownCheck(nil)
	}
	return true, err
}

func (c *Checks) insert(ctx context.Context, tx pgx.Tx, check evaluation.Check) error {
	pending, err := tx.Query(ctx, `
		SELECT id, job_id FROM checks
		WHERE account_id = $1 AND lesson_id = $2 AND state IN ('queued', 'running') FOR UPDATE`, check.AccountID, check.LessonID)
	if err != nil {
		return err
	}
	replaced, err := pgx.CollectRows(pending, pgx.RowToStructByPos[pendingCheck])
	if err != nil {
		return err
	}
	for _, old := range replaced {
		if err := c.end(ctx, tx, old); err != nil {
			return err
		}
	}
	jobID, err := c.queue.insertCheck(ctx, tx, check.ID)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `
		INSERT INTO checks (id, state, account_id, course_id, lesson_id, lesson_version, job_id)
		VALUES ($1, 'queued', $2, $3, $4, $5, $6)`,
		check.ID, check.AccountID, check.CourseID, check.LessonID, check.LessonVersion, jobID)
	if violates(err, "checks_pkey") {
		return unknownCheck(err) // another account used the same id a moment ago
	}
	if err != nil {
		return err
	}
	return insertFiles(ctx, tx, check)
}

func insertFiles(ctx context.Context, tx pgx.Tx, check evaluation.Check) error {
	paths := check.Files.Paths()
	_, err := tx.CopyFrom(ctx, pgx.Identifier{"check_files"}, []string{"check_id", "path", "data", "executable"},
		pgx.CopyFromSlice(len(paths), func(i int) ([]any, error) {
			file := check.Files[paths[i]]
			return []any{check.ID, paths[i], append([]byte{}, file.Data...), file.Executable}, nil
		}))
	return err
}

type pendingCheck struct {
	ID    uuid.UUID
	JobID int64
}

// end cancels a pending check and its job, wherever that runs.
func (c *Checks) end(ctx context.Context, tx pgx.Tx, check pendingCheck) error {
	if _, err := tx.Exec(ctx, "UPDATE checks SET state = 'cancelled', finished_at = now() WHERE id = $1", check.ID); err != nil {
		return err
	}
	if _, err := c.queue.insert.JobCancelTx(ctx, tx, check.JobID); err != nil {
		return err
	}
	return ring(ctx, tx, check.ID)
}

// Status implements evaluation.Checks.
func (c *Checks) Status(ctx context.Context, accountID, id uuid.UUID) (evaluation.Status, error) {
	var status evaluation.Status
	err := c.db.pool.QueryRow(ctx, "SELECT state, report FROM checks WHERE id = $1 AND account_id = $2", id, accountID).
		Scan(&status.State, &status.Report)
	if errors.Is(err, pgx.ErrNoRows) {
		return status, unknownCheck(err)
	}
	if err == nil && status.State == evaluation.Queued {
		status.Position, err = positionOf(ctx, c.db.pool, id)
	}
	return status, failure(err, "reading a check")
}

func positionOf(ctx context.Context, q querier, id uuid.UUID) (position int, err error) {
	err = q.QueryRow(ctx, `
		SELECT count(*) FROM checks
		WHERE state = 'queued' AND number < (SELECT number FROM checks WHERE id = $1 AND state = 'queued')`, id).Scan(&position)
	return position, err
}

func unknownCheck(err error) error {
	return fault.Wrap(err, fault.NotFound, "There is no such check.", "Start a new one.")
}

// Cancel implements evaluation.Checks.
func (c *Checks) Cancel(ctx context.Context, accountID, id uuid.UUID) error {
	return c.db.inTx(ctx, "cancelling a check", func(tx pgx.Tx) error {
		var state evaluation.State
		check := pendingCheck{ID: id}
		err := tx.QueryRow(ctx, "SELECT state, job_id FROM checks WHERE id = $1 AND account_id = $2 FOR UPDATE", id, accountID).
			Scan(&state, &check.JobID)
		if errors.Is(err, pgx.ErrNoRows) {
			return unknownCheck(err)
		}
		if err != nil || state == evaluation.Finished || state == evaluation.Cancelled {
			return err
		}
		return c.end(ctx, tx, check)
	})
}

// Take implements evaluation.Desk.
func (c *Checks) Take(ctx context.Context, id uuid.UUID) (a evaluation.Assignment, ok bool, err error) {
	err = c.db.inTx(ctx, "taking a check", func(tx pgx.Tx) error {
		var createdAt, startedAt time.Time
		err := tx.QueryRow(ctx, `
			UPDATE checks SET state = 'running', fence = fence + 1, started_at = now()
			WHERE id = $1 AND state IN ('queued', 'running')
			RETURNING id, account_id, course_id, lesson_id, lesson_version, fence, created_at, started_at`, id).
			Scan(&a.ID, &a.AccountID, &a.CourseID, &a.LessonID, &a.LessonVersion, &a.Fence, &createdAt, &startedAt)
		if errors.Is(err, pgx.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		ok, a.QueuedFor = true, startedAt.Sub(createdAt)
		if a.Files, err = filesOf(ctx, tx, id); err != nil {
			return err
		}
		return ring(ctx, tx, id)
	})
	return a, ok && err == nil, err
}

func filesOf(ctx context.Context, tx pgx.Tx, id uuid.UUID) (lesson.Files, error) {
	rows, err := tx.Query(ctx, "SELECT path, data, executable FROM check_files WHERE check_id = $1", id)
	if err != nil {
		return nil, err
	}
	files := lesson.Files{}
	var path string
	var data []byte
	var executable bool
	_, err = pgx.ForEachRow(rows, []any{&path, &data, &executable}, func() error {
		files[path] = lesson.File{Data: append([]byte{}, data...), Executable: executable}
		return nil
	})
	return files, err
}

// Deliver implements evaluation.Desk.
func (c *Checks) Deliver(ctx context.Context, a evaluation.Assignment, report harness.Report) error {
	return c.move(ctx, a, "delivering a report", `
		UPDATE checks SET state = 'finished', report = $3, finished_at = now()
		WHERE id = $1 AND fence = $2 AND state = 'running'`, report)
}

// Return implements evaluation.Desk.
func (c *Checks) Return(ctx context.Context, a evaluation.Assignment) error {
	return c.move(ctx, a, "returning a check", `
		UPDATE checks SET state = 'queued', started_at = NULL
		WHERE id = $1 AND fence = $2 AND state = 'running'`)
}

// move changes the state of a check that is still in these hands; of any other it does nothing.
func (c *Checks) move(ctx context.Context, a evaluation.Assignment, doing, update string, more ...any) error {
	return c.db.inTx(ctx, doing, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, update, append([]any{a.ID, a.Fence}, more...)...)
		if err != nil || tag.RowsAffected() == 0 {
			return err
		}
		return ring(ctx, tx, a.ID)
	})
}
