// Package embedded runs a PostgreSQL cluster of its own in a data directory, so that carreld needs no
// database to be set up. It finds the server's programs, makes the cluster once, starts it on a Unix
// socket nobody else can reach, and stops it with its owner. It knows nothing of what is stored.
package embedded

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/carrel-dev/carrel/fault"
)

const (
	// startTimeout covers crash recovery of a large cluster on a slow disk.
	startTimeout = 2 * time.Minute
	// stopTimeout is how long a fast shutdown may take before the cluster is stopped the hard way,
	// which costs a recovery at the next start and no data.
	stopTimeout = 30 * time.Second

	superuser = "carrel"
	port      = 5432 // names the socket file; no TCP port is opened
)

// Config says where the cluster lives.
type Config struct {
	// Directory is the data directory. It is created when missing and belongs to one cluster.
	Directory string
	// Programs is a folder with initdb and postgres; empty to look in the usual places.
	Programs string
	// Settings are added to the server's configuration, as name=value.
	Settings []string
	// Logger receives what happens; PostgreSQL's own words go to postgres.log in Directory.
	Logger *slog.Logger
}

// Cluster is a running PostgreSQL. Its methods are safe for concurrent use.
type Cluster struct {
	lock      *os.File
	process   *process
	directory string // of the cluster's files
	socket    string // folder of the socket
	password  string
	logger    *slog.Logger
}

// Start makes the cluster if there is none, ends one that a killed owner left running, starts it and
// returns when it answers. Errors are faults with what to do about them. The caller stops the cluster.
func Start(ctx context.Context, config Config) (*Cluster, error) {
	directory, err := filepath.Abs(config.Directory)
	if err != nil {
		return nil, fmt.Errorf("naming the data directory: %w", err)
	}
	if err := makeDirectory(directory); err != nil {
		return nil, err
	}
	lock, err := lockDirectory(directory)
	if err != nil {
		return nil, err
	}
	c := &Cluster{lock: lock, directory: filepath.Join(directory, "postgres"), logger: config.Logger}
	if err := c.start(ctx, directory, config); err != nil {
		return nil, errors.Join(err, c.release())
	}
	return c, nil
}

func (c *Cluster) start(ctx context.Context, directory string, config Config) error {
	identity, err := chooseIdentity(ctx, directory)
	if err != nil {
		return err
	}
	folder, err := findPrograms(ctx, config.Programs, c.directory)
	if err != nil {
		return err
	}
	if err := endOrphan(ctx, c.directory, c.logger); err != nil {
		return err
	}
	if c.password, err = loadPassword(filepath.Join(directory, "postgres.password")); err != nil {
		return err
	}
	if err := initialise(ctx, folder, c.directory, c.password, identity); err != nil {
		return err
	}
	if c.socket, err = makeSocketDirectory(directory, identity); err != nil {
		return err
	}
	c.process, err = startServer(folder, c.directory, c.socket, filepath.Join(directory, "postgres.log"), config.Settings, identity)
	if err != nil {
		return err
	}
	if err := c.waitReady(ctx); err != nil {
		return errors.Join(err, c.process.stop(stopTimeout))
	}
	return nil
}

// URL returns the connection string of a database in the cluster; "postgres" always exists.
func (c *Cluster) URL(database string) string {
	return connectionString(c.socket, c.password, database)
}

// Running returns the connection string of the cluster that another process runs in a data directory;
// ok is false when none is running there.
func Running(directory, database string) (address string, ok bool, err error) {
	file, pidErr := readPIDFile(filepath.Join(directory, "postgres"))
	if pidErr != nil || !file.ready {
		return "", false, nil //nolint:nilerr // no file is no server
	}
	// A pid file may be left over from a crash; the lock never is.
	lock, err := lockDirectory(directory)
	if err == nil {
		return "", false, unlockDirectory(lock)
	}
	if fault.KindOf(err) != fault.Conflict {
		return "", false, err
	}
	password, err := loadPassword(filepath.Join(directory, "postgres.password"))
	if err != nil {
		return "", false, err
	}
	return connectionString(file.socket, password, database), true, nil
}

func connectionString(socket, password, database string) string {
	return (&url.URL{
		Scheme: "postgres",
		User:   url.UserPassword(superuser, password),
		Path:   "/" + database,
		RawQuery: url.Values{
			"host":    {socket},
			"port":    {strconv.Itoa(port)},
			"sslmode": {"disable"},
		}.Encode(),
	}).String()
}

// Exited is closed when PostgreSQL has ended, asked or not.
func (c *Cluster) Exited() <-chan struct{} { return c.process.exited }

// Stop ends PostgreSQL in the fast way: open transactions are rolled back, committed ones are on disk.
// It returns when the last process is gone and may be called twice.
func (c *Cluster) Stop() error {
	return errors.Join(c.process.stop(stopTimeout), c.release())
}

func (c *Cluster) release() error {
	if c.socket != "" && !strings.HasPrefix(c.socket, filepath.Dir(c.directory)) {
		if err := os.RemoveAll(c.socket); err != nil {
			return fmt.Errorf("removing the socket's folder: %w", err)
		}
	}
	if err := unlockDirectory(c.lock); err != nil {
		return fmt.Errorf("unlocking the data directory: %w", err)
	}
	return nil
}

// waitReady reads the status line that the postmaster keeps in its pid file, as pg_ctl does: it needs
// no client library and no connection.
func (c *Cluster) waitReady(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		if file, err := readPIDFile(c.directory); err == nil && file.pid == c.process.pid() && file.ready {
			return nil
		}
		select {
		case <-tick.C:
		case <-c.process.exited:
			return fault.Wrap(c.process.lastWords(), fault.Unavailable, "PostgreSQL did not start.",
				"Its reason is at the end of postgres.log in the data directory.")
		case <-ctx.Done():
			return fault.Wrap(ctx.Err(), fault.Unavailable, "PostgreSQL did not become ready in time.",
				"See postgres.log in the data directory.")
		}
	}
}
