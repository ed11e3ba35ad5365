package postgres

import (
	"context"
	"errors"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/carrel-dev/carrel/cloud/catalog"
	"github.com/carrel-dev/carrel/fault"
	"github.com/carrel-dev/carrel/lesson"
)

// Catalog implements catalog.Store.
type Catalog struct{ db *Database }

// NewCatalog returns the store of published courses.
func NewCatalog(db *Database) *Catalog { return &Catalog{db: db} }

// Publish implements catalog.Store.
func (c *Catalog) Publish(ctx context.Context, publisher uuid.UUID, summary catalog.Summary) error {
	by := &publisher
	if publisher == uuid.Nil {
		by = nil
	}
	return c.db.inTx(ctx, "publishing a course", func(tx pgx.Tx) error {
		// Publications of a course wait for each other, so that its versions are numbered without a gap.
		if _, err := tx.Exec(ctx, "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", "course "+string(summary.ID)); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `
			INSERT INTO course_versions (digest, course_id, number, summary, published_by)
			VALUES ($1, $2, (SELECT coalesce(max(number), 0) + 1 FROM course_versions WHERE course_id = $2), $3, $4)
			ON CONFLICT ON CONSTRAINT course_versions_pkey DO NOTHING`, summary.Digest, summary.ID, summary, by)
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `
			INSERT INTO courses (id, newest_digest, title, is_public, chosen_by) VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT ON CONSTRAINT courses_pkey DO UPDATE
			SET newest_digest = excluded.newest_digest, title = excluded.title, is_public = excluded.is_public, chosen_by = excluded.chosen_by
			-- What an author published outlives restarts of a server that brings its own version.
			WHERE excluded.chosen_by IS NOT NULL OR courses.chosen_by IS NULL`,
			summary.ID, summary.Digest, catalog.PlaceOf(summary).Title, summary.Visibility == lesson.VisibilityPublic, by)
		if err != nil {
			return err
		}
		var ids []uuid.UUID
		var versions []lesson.Digest
		for _, l := range summary.Lessons {
			ids, versions = append(ids, l.ID), append(versions, l.Version)
		}
		_, err = tx.Exec(ctx, `
			INSERT INTO lesson_versions (lesson_id, version, bundle_digest)
			SELECT *, $3 FROM unnest($1::uuid[], $2::text[])
			ON CONFLICT ON CONSTRAINT lesson_versions_pkey DO NOTHING`, ids, versions, summary.Digest)
		return err
	})
}

// List implements catalog.Store.
func (c *Catalog) List(ctx context.Context, after catalog.Place, limit int) ([]catalog.Summary, error) {
	rows, err := c.db.pool.Query(ctx, `
		SELECT summary FROM courses JOIN course_versions ON digest = newest_digest
		WHERE is_public AND (title, courses.id) > ($1, $2)
		ORDER BY title, courses.id LIMIT $3`, after.Title, after.ID, limit)
	if err != nil {
		return nil, failure(err, "listing courses")
	}
	list, err := pgx.CollectRows(rows, pgx.RowTo[catalog.Summary])
	return list, failure(err, "listing courses")
}

// BundleOf implements catalog.Store.
func (c *Catalog) BundleOf(ctx context.Context, id lesson.ID, version lesson.Digest) (lesson.Digest, error) {
	var digest lesson.Digest
	err := c.db.pool.QueryRow(ctx, "SELECT bundle_digest FROM lesson_versions WHERE lesson_id = $1 AND version = $2", id, version).Scan(&digest)
	if errors.Is(err, pgx.ErrNoRows) {
		return "", fault.Wrap(err, fault.NotFound, "This version of the lesson was never published here.", "Update the course.")
	}
	return digest, failure(err, "finding a lesson")
}
