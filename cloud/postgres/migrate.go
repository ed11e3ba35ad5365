package postgres

import (
	"context"
	"embed"
	"fmt"
	"io/fs"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/tern/v2/migrate"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"
)

//go:embed migrations/*.sql
var migrations embed.FS

// migrationLock is held while a node migrates; others wait, then find nothing left to do.
const migrationLock = 0x63617272656c // "carrel"

// migrate brings the schema forward, never back. A schema that is newer than this program is left
// alone: migrations only ever add what the previous release can ignore, so that a rollback is the
// previous program on the newer schema.
func (d *Database) migrate(ctx context.Context) error {
	conn, err := d.pool.Acquire(ctx)
	if err != nil {
		return failure(err, "connecting to the database")
	}
	defer conn.Release()
	if _, err := conn.Exec(ctx, "SELECT pg_advisory_lock($1)", int64(migrationLock)); err != nil {
		return failure(err, "waiting to migrate")
	}
	err = d.migrateLocked(ctx, conn.Conn())
	// Closing the session would unlock as well; this keeps the connection.
	if _, unlockErr := conn.Exec(context.WithoutCancel(ctx), "SELECT pg_advisory_unlock($1)", int64(migrationLock)); err == nil {
		err = unlockErr
	}
	return failure(err, "migrating the database")
}

func (d *Database) migrateLocked(ctx context.Context, conn *pgx.Conn) error {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	migrator, err := migrate.NewMigrator(ctx, conn, "public.schema_versions")
	if err != nil {
		return fmt.Errorf("preparing migrations: %w", err)
	}
	if err := migrator.LoadMigrations(files); err != nil {
		return fmt.Errorf("loading migrations: %w", err)
	}
	current, err := migrator.GetCurrentVersion(ctx)
	if err != nil {
		return fmt.Errorf("reading the schema's version: %w", err)
	}
	if int(current) < len(migrator.Migrations) {
		if err := migrator.Migrate(ctx); err != nil {
			return err
		}
	}
	queue, err := rivermigrate.New(riverpgxv5.New(d.pool), &rivermigrate.Config{Logger: quiet(d.logger)})
	if err != nil {
		return fmt.Errorf("preparing the queue's migrations: %w", err)
	}
	_, err = queue.Migrate(ctx, rivermigrate.DirectionUp, nil)
	return err
}
