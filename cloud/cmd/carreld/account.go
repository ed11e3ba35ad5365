package main

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/carrel-dev/carrel/cloud/account"
	"github.com/carrel-dev/carrel/cloud/postgres"
	"github.com/carrel-dev/carrel/cloud/postgres/embedded"
	"github.com/carrel-dev/carrel/fault"
)

func accountCommand() *cobra.Command {
	command := &cobra.Command{Use: "account", Short: "Manage accounts"}
	command.AddCommand(promoteCommand())
	return command
}

func promoteCommand() *cobra.Command {
	var role string
	var where databaseOptions
	command := &cobra.Command{
		Use:   "promote EMAIL",
		Short: "Change what an account may do",
		Args:  exactly("EMAIL"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return promote(cmd.Context(), cmd.OutOrStdout(), where, args[0], role)
		},
	}
	command.Flags().StringVar(&role, "role", string(account.RoleAuthor), `what the account becomes: "author" or "learner"`)
	where.register(command)
	return command
}

func promote(ctx context.Context, stdout io.Writer, where databaseOptions, email, roleName string) (err error) {
	role, err := account.ParseRole(roleName)
	if err != nil {
		return err
	}
	where.fromEnvironment()
	db, closeDatabase, err := where.openBeside(ctx, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closeDatabase()) }()
	accounts := postgres.NewAccounts(db)
	changed, err := account.NewService(accounts, accounts).SetRole(ctx, email, role)
	if err != nil {
		return err
	}
	_, err = io.WriteString(stdout, changed.Email+" is now "+string(changed.Role)+".\n")
	return err
}

// openBeside opens the database also while a carreld is using it.
func (o databaseOptions) openBeside(ctx context.Context, logger *slog.Logger) (*postgres.Database, func() error, error) {
	if o.url == "" {
		if _, err := os.Stat(filepath.Join(o.data, "postgres")); err != nil {
			return nil, nil, fault.Wrap(err, fault.NotFound, "There is no database in "+o.data+".",
				"Name the data directory of carreld with --data, or its server with --database-url.")
		}
		url, running, err := embedded.Running(o.data, embeddedDatabase)
		if err != nil {
			return nil, nil, err
		}
		o.url, o.embedded = url, !running
	}
	return o.open(ctx, logger, nil)
}
