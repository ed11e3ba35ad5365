// Package postgres holds every SQL statement of the cloud: the stores of the domain packages, the
// journal store, the migrations and the River queue. Only this package and those below it know pgx and
// River. Each store is safe for concurrent use; errors are faults where a person can do something.
package postgres

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/carrel-dev/carrel/fault"
)

// Database is a pool of connections to a migrated database.
type Database struct {
	pool   *pgxpool.Pool
	logger *slog.Logger
}

// Open connects and brings the schema up to date. The caller closes the database.
func Open(ctx context.Context, url string, logger *slog.Logger) (*Database, error) {
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, fault.Wrap(err, fault.Invalid, "The database's address cannot be read.",
			"It looks like postgres://user:password@host:5432/database.")
	}
	// Of several hosts, the one that accepts writes: after a fail-over the pool follows it.
	if !strings.Contains(url, "target_session_attrs") {
		config.ConnConfig.ValidateConnect = pgconn.ValidateConnectTargetSessionAttrsReadWrite
	}
	// A session that hangs in a transaction, because its node froze, must not hold locks for ever.
	config.ConnConfig.RuntimeParams["idle_in_transaction_session_timeout"] = "60000"
	config.ConnConfig.RuntimeParams["application_name"] = "carreld"
	config.ConnConfig.ConnectTimeout = 5 * time.Second
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, failure(err, "opening the database")
	}
	db := &Database{pool: pool, logger: logger}
	if err := db.migrate(ctx); err != nil {
		pool.Close()
		return nil, err
	}
	return db, nil
}

// Close waits for running statements and closes every connection.
func (d *Database) Close() { d.pool.Close() }

// Ping tells whether the database answers.
func (d *Database) Ping(ctx context.Context) error {
	return failure(d.pool.Ping(ctx), "asking the database")
}

// querier is what a statement needs: the pool or a transaction.
type querier interface {
	Exec(ctx context.Context, sql string, arguments ...any) (pgconn.CommandTag, error)
	Query(ctx context.Context, sql string, arguments ...any) (pgx.Rows, error)
	QueryRow(ctx context.Context, sql string, arguments ...any) pgx.Row
}

// inTx runs work in a transaction, which is committed when work returns nil.
func (d *Database) inTx(ctx context.Context, doing string, work func(tx pgx.Tx) error) error {
	return failure(pgx.BeginFunc(ctx, d.pool, work), doing)
}

// failure makes a database's error readable: one that a repetition may cure is Unavailable, any other
// is our mistake. Faults, which the work inside a transaction made, and nil stay as they are.
func failure(err error, doing string) error {
	if err == nil || fault.KindOf(err) != fault.Internal {
		return err
	}
	var connecting *pgconn.ConnectError
	var server *pgconn.PgError
	switch {
	case errors.As(err, &connecting), pgconn.SafeToRetry(err), errors.Is(err, context.DeadlineExceeded):
	case errors.As(err, &server) && transient(server.Code):
	case server == nil && !errors.Is(err, pgx.ErrNoRows) && !errors.Is(err, context.Canceled) && connectionLost(err):
	default:
		return fmt.Errorf("%s: %w", doing, err)
	}
	return fault.Wrap(fmt.Errorf("%s: %w", doing, err), fault.Unavailable,
		"The server's database cannot be reached.", "Try again in a moment.")
}

// transient tells by SQLSTATE whether repeating may help: lost connections (08), read-only after a
// fail-over (25006), conflicts between transactions (40), full (53), shutting down (57P).
func transient(code string) bool {
	for _, class := range []string{"08", "25006", "40", "53", "57P"} {
		if strings.HasPrefix(code, class) {
			return true
		}
	}
	return false
}

// violates tells whether err is the violation of this constraint.
func violates(err error, constraint string) bool {
	var server *pgconn.PgError
	return errors.As(err, &server) && server.ConstraintName == constraint
}
