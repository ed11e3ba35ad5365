package sqlitestore

import (
	"context"
	"errors"
	"fmt"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/carrel-dev/carrel/fault"
	"github.com/carrel-dev/carrel/journal"
)

// explain turns an error of the database into a fault; doing is a gerund, for the log. Faults, forks,
// gaps and cancellations stay as they are.
func explain(doing string, err error) error {
	if err == nil {
		return nil
	}
	if _, ok := errors.AsType[*fault.Error](err); ok {
		return err
	}
	if _, ok := errors.AsType[*journal.ForkError](err); ok {
		return err
	}
	if _, ok := errors.AsType[*journal.GapError](err); ok {
		return err
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	err = fmt.Errorf("%s: %w", doing, err)
	code := 0
	if e, ok := errors.AsType[*sqlite.Error](err); ok {
		code = e.Code()
	}
	switch {
	case code == sqlite3.SQLITE_INTERRUPT:
		return err // ctx was done while a statement ran
	case code&0xff == sqlite3.SQLITE_FULL, code == sqlite3.SQLITE_IOERR_WRITE, code == sqlite3.SQLITE_IOERR_SHMSIZE:
		return fault.Wrap(err, fault.Exhausted, "The disk is full, so your progress cannot be saved.",
			"Free some space. What was saved before is safe.")
	case code&0xff == sqlite3.SQLITE_BUSY, code&0xff == sqlite3.SQLITE_LOCKED:
		return fault.Wrap(err, fault.Unavailable, "Another program is using the journal.",
			"Close other Carrel programs and try again.")
	case code&0xff == sqlite3.SQLITE_READONLY, code&0xff == sqlite3.SQLITE_PERM, code&0xff == sqlite3.SQLITE_CANTOPEN:
		return fault.Wrap(err, fault.Denied, "The journal on this computer cannot be opened for writing.",
			"Check that Carrel's data folder exists and belongs to you.")
	case code&0xff == sqlite3.SQLITE_CORRUPT, code&0xff == sqlite3.SQLITE_NOTADB:
		return fault.Wrap(err, fault.Internal, "The journal on this computer is damaged.",
			"Move the file away and exchange with the cloud to get your progress back.")
	default:
		return fault.Wrap(err, fault.Internal, "The journal on this computer cannot be used.",
			"Restart Carrel. If it happens again, send us the log.")
	}
}
