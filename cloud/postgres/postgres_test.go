package postgres_test

import (
	"os"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/carrel-dev/carrel/cloud/account"
	"github.com/carrel-dev/carrel/cloud/postgres"
	"github.com/carrel-dev/carrel/cloud/postgres/postgrestest"
	"github.com/carrel-dev/carrel/fault"
)

func TestMain(m *testing.M) { os.Exit(postgrestest.Main(m)) }

func newQueue(t *testing.T, db *postgres.Database) *postgres.Queue {
	t.Helper()
	queue, err := postgres.NewQueue(db)
	if err != nil {
		t.Fatal(err)
	}
	return queue
}

// newAccount stores an account and returns its id.
func newAccount(t *testing.T, db *postgres.Database) uuid.UUID {
	t.Helper()
	id := uuid.New()
	_, err := postgres.NewAccounts(db).CreateAccount(t.Context(),
		account.Account{ID: id, Email: id.String() + "@example.org", Name: "Ada", Role: account.RoleLearner}, "hash")
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// eventually waits until the condition holds. It is for what other goroutines do against a real
// database, where no fake clock helps.
func eventually(t *testing.T, what string, condition func() bool) {
	t.Helper()
	deadline := time.After(20 * time.Second)
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !condition() {
		select {
		case <-deadline:
			t.Fatalf("it never happened: %s", what)
		case <-tick.C:
		}
	}
}

func TestOpen(t *testing.T) {
	t.Parallel()
	t.Run("migrating twice changes nothing", func(t *testing.T) {
		t.Parallel()
		url := postgrestest.URL(t)
		for range 2 {
			db, err := postgres.Open(t.Context(), url, postgrestest.Logger(t))
			if err != nil {
				t.Fatal(err)
			}
			if err := db.Ping(t.Context()); err != nil {
				t.Error(err)
			}
			db.Close()
		}
	})
	t.Run("an address that is none", func(t *testing.T) {
		t.Parallel()
		_, err := postgres.Open(t.Context(), "mysql//", postgrestest.Logger(t))
		if fault.KindOf(err) != fault.Invalid {
			t.Errorf("error = %v", err)
		}
	})
	t.Run("a server that is not there", func(t *testing.T) {
		t.Parallel()
		_, err := postgres.Open(t.Context(), "postgres://nobody@127.0.0.1:1/none", postgrestest.Logger(t))
		if fault.KindOf(err) != fault.Unavailable {
			t.Errorf("error = %v", err)
		}
	})
}

func TestDatabase_Installation(t *testing.T) {
	t.Parallel()
	db := postgrestest.Open(t)
	first, err := db.Installation(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	again, err := db.Installation(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if first.Incarnation != again.Incarnation || !first.SigningKey.Equal(again.SigningKey) {
		t.Error("a database is not the same twice")
	}
	other, err := postgrestest.Open(t).Installation(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if first.Incarnation == other.Incarnation || first.SigningKey.Equal(other.SigningKey) {
		t.Error("two databases are the same")
	}
}
