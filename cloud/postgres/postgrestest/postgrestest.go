// Package postgrestest gives each test an empty, migrated database on a real PostgreSQL. One cluster
// serves a test process; a database is a copy of a template, 50-300 ms. A machine without PostgreSQL
// fails the tests: a skip would hide that nothing was tested.
package postgrestest

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/carrel-dev/carrel/cloud/postgres"
	"github.com/carrel-dev/carrel/cloud/postgres/embedded"
)

// cluster serves the whole test process. A test binary has no owner but TestMain to pass it on, so it
// is the one package-level state here.
var cluster *rig

type rig struct {
	server *embedded.Cluster
	count  atomic.Int64
}

// Main runs the tests of a package around a cluster; call it from TestMain with os.Exit.
func Main(m *testing.M) int {
	directory, err := os.MkdirTemp("", "carrel-postgrestest-")
	if err != nil {
		return fail(err)
	}
	defer func() { _ = os.RemoveAll(directory) }()
	// The server may run as another user.
	if err := os.Chmod(directory, 0o755); err != nil { //nolint:gosec // the cluster inside is closed
		return fail(err)
	}
	ctx := context.Background() //nolint:forbidigo // TestMain is given none
	server, err := embedded.Start(ctx, embedded.Config{
		Directory: directory, Logger: slog.New(slog.DiscardHandler),
		// Nothing here has to survive a power cut.
		Settings: []string{"fsync=off", "full_page_writes=off"},
	})
	if err != nil {
		return fail(err)
	}
	defer func() { _ = server.Stop() }()
	cluster = &rig{server: server}
	if err := cluster.makeTemplate(ctx); err != nil {
		return fail(err)
	}
	return m.Run()
}

func fail(err error) int {
	fmt.Fprintln(os.Stderr, "These tests need a PostgreSQL server:", err)
	return 1
}

func (r *rig) makeTemplate(ctx context.Context) error {
	if err := r.execute(ctx, "CREATE DATABASE template"); err != nil {
		return err
	}
	db, err := postgres.Open(ctx, r.server.URL("template"), slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	db.Close()
	return nil
}

func (r *rig) execute(ctx context.Context, sql string) error {
	conn, err := pgx.Connect(ctx, r.server.URL("postgres"))
	if err != nil {
		return err
	}
	_, err = conn.Exec(ctx, sql)
	if closeErr := conn.Close(ctx); err == nil {
		err = closeErr
	}
	return err
}

// URL returns the address of a fresh database, which goes away with the test.
func URL(t testing.TB) string {
	t.Helper()
	if cluster == nil {
		t.Fatal("call postgrestest.Main from TestMain")
	}
	name := fmt.Sprintf("test_%d", cluster.count.Add(1))
	if err := cluster.execute(t.Context(), "CREATE DATABASE "+name+" TEMPLATE template"); err != nil {
		t.Fatalf("creating a database: %v", err)
	}
	t.Cleanup(func() {
		if err := cluster.execute(context.WithoutCancel(t.Context()), "DROP DATABASE "+name+" WITH (FORCE)"); err != nil {
			t.Errorf("dropping the database: %v", err)
		}
	})
	return cluster.server.URL(name)
}

// Open returns a fresh database, which is closed with the test. What the stores log as warnings fails
// nothing; it shows in the test's output.
func Open(t testing.TB) *postgres.Database {
	t.Helper()
	db, err := postgres.Open(t.Context(), URL(t), Logger(t))
	if err != nil {
		t.Fatalf("opening the database: %v", err)
	}
	t.Cleanup(db.Close)
	return db
}

// Logger returns a logger that writes to the test's output.
func Logger(t testing.TB) *slog.Logger {
	return slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelInfo,
		ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
			if strings.EqualFold(a.Key, slog.TimeKey) {
				return slog.Attr{}
			}
			return a
		}}))
}
