package main

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"github.com/adrg/xdg"
	"github.com/spf13/cobra"

	"github.com/carrel-dev/carrel/cloud/postgres"
	"github.com/carrel-dev/carrel/cloud/postgres/embedded"
	"github.com/carrel-dev/carrel/fault"
)

// embeddedDatabase is the database in an embedded cluster that is ours; it exists from the start.
const embeddedDatabase = "postgres"

// databaseOptions say where the data are.
type databaseOptions struct {
	data     string
	url      string
	embedded bool
}

func (o *databaseOptions) register(command *cobra.Command) {
	flags := command.Flags()
	flags.StringVar(&o.data, "data", defaultDataDirectory(), "folder for everything that is not in the database")
	flags.StringVar(&o.url, "database-url", "", "PostgreSQL server (default $DATABASE_URL)")
}

func defaultDataDirectory() string {
	if os.Geteuid() == 0 {
		return "/var/lib/carreld"
	}
	return filepath.Join(xdg.DataHome, "carreld")
}

// fromEnvironment takes the server from $DATABASE_URL where nothing on the command line says otherwise.
func (o *databaseOptions) fromEnvironment() {
	if o.url == "" && !o.embedded {
		o.url = os.Getenv("DATABASE_URL")
	}
}

// open opens the database; the returned function closes it. Where it is embedded, ended receives when
// PostgreSQL stops by itself; nil to not care.
func (o databaseOptions) open(ctx context.Context, logger *slog.Logger, ended func(<-chan struct{})) (*postgres.Database, func() error, error) {
	if o.url == "" && !o.embedded {
		return nil, nil, fault.New(fault.Invalid, "There is no database.",
			"Add --embedded to bring one along, or name a PostgreSQL server with --database-url.")
	}
	stop := func() error { return nil }
	if o.embedded {
		cluster, err := embedded.Start(ctx, embedded.Config{Directory: o.data, Logger: logger})
		if err != nil {
			return nil, nil, err
		}
		o.url, stop = cluster.URL(embeddedDatabase), cluster.Stop
		if ended != nil {
			ended(cluster.Exited())
		}
	}
	db, err := postgres.Open(ctx, o.url, logger)
	if err != nil {
		return nil, nil, joinStop(err, stop)
	}
	return db, func() error {
		db.Close()
		return stop()
	}, nil
}

// exactly wants these arguments and no others.
func exactly(names ...string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		if len(args) == len(names) {
			return nil
		}
		return usageError{"This command needs " + strings.Join(names, " and ") + " and nothing else."}
	}
}
