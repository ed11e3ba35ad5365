// Package sqlitestore keeps journals in one SQLite file: the store of desktops and hubs. Several
// processes may use the file at once. What Accept returned for is on disk: it survives kill -9 and a
// loss of power.
package sqlitestore

import (
	"context"
	"database/sql"
	_ "embed"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"strings"

	_ "modernc.org/sqlite" // the driver

	"github.com/carrel-dev/carrel/fault"
)

//go:embed schema.sql
var schema string

// schemaVersion is the version of schema.sql. A later one adds a step to migrate.
const schemaVersion = 1

// Store is a journal.Store and journal.StateStore in a SQLite file. It is safe for concurrent use.
type Store struct {
	db *sql.DB
}

// Open opens the file at path, making it first when it does not exist; its folder must exist. Errors
// are faults. The caller closes the store.
func Open(ctx context.Context, path string) (*Store, error) {
	db, err := sql.Open("sqlite", dataSource(path))
	if err != nil {
		return nil, explain("opening journal", err)
	}
	// SQLite has one writer at a time anyway; a few connections let reads go on beside it.
	db.SetMaxOpenConns(4)
	s := &Store{db: db}
	if err := s.migrate(ctx); err != nil {
		return nil, errors.Join(explain("opening journal", err), db.Close())
	}
	return s, nil
}

// Close closes the file.
func (s *Store) Close() error { return s.db.Close() }

// dataSource names the file with the settings of every connection. Transactions are immediate: one that
// starts by reading and then writes would fail when another process wrote in between.
func dataSource(path string) string {
	path = filepath.ToSlash(path)
	if filepath.VolumeName(path) != "" && !strings.HasPrefix(path, "/") {
		path = "/" + path
	}
	escaped := (&url.URL{Path: path}).EscapedPath()
	settings := url.Values{
		"_pragma": {
			"busy_timeout(10000)", "journal_mode(WAL)", "synchronous(FULL)", "foreign_keys(ON)",
		},
		"_txlock": {"immediate"},
	}
	return "file:" + escaped + "?" + settings.Encode()
}

// migrate brings the file to schemaVersion, in one transaction.
func (s *Store) migrate(ctx context.Context) error {
	return s.write(ctx, func(tx *sql.Tx) error {
		var version int
		if err := tx.QueryRowContext(ctx, "PRAGMA user_version").Scan(&version); err != nil {
			return fmt.Errorf("reading schema version: %w", err)
		}
		switch {
		case version == schemaVersion:
			return nil
		case version > schemaVersion:
			return fault.Wrap(fmt.Errorf("schema version %d, want at most %d", version, schemaVersion), fault.Invalid,
				"The journal on this computer was written by a newer Carrel.", "Update Carrel. Nothing was changed.")
		}
		if _, err := tx.ExecContext(ctx, schema); err != nil {
			return fmt.Errorf("creating tables: %w", err)
		}
		// PRAGMA takes no parameters.
		if _, err := tx.ExecContext(ctx, fmt.Sprintf("PRAGMA user_version = %d", schemaVersion)); err != nil {
			return fmt.Errorf("writing schema version: %w", err)
		}
		return nil
	})
}

// write runs work in a transaction: all of it happens or none.
func (s *Store) write(ctx context.Context, work func(*sql.Tx) error) error {
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("beginning: %w", err)
	}
	if err := work(tx); err != nil {
		if rollback := tx.Rollback(); rollback != nil && !errors.Is(rollback, sql.ErrTxDone) {
			return errors.Join(err, fmt.Errorf("rolling back: %w", rollback))
		}
		return err
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("committing: %w", err)
	}
	return nil
}
