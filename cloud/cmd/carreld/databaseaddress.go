package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/carrel-dev/carrel/cloud/postgres/embedded"
	"github.com/carrel-dev/carrel/fault"
)

// databaseCommand helps operators to reach the embedded database with PostgreSQL's own tools.
func databaseCommand() *cobra.Command {
	command := &cobra.Command{Use: "database", Short: "Reach the database with other tools"}
	var where databaseOptions
	url := &cobra.Command{
		Use:     "url",
		Short:   "Print the address of the running embedded PostgreSQL; it holds the password",
		Example: `  psql "$(carreld database url)"`,
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			address, ok, err := embedded.Running(where.data, embeddedDatabase)
			if err != nil {
				return err
			}
			if !ok {
				return fault.New(fault.Unavailable, "No PostgreSQL is running in "+where.data+".", "Start it with: carreld serve --embedded --data "+where.data)
			}
			_, err = fmt.Fprintln(cmd.OutOrStdout(), address)
			return err
		},
	}
	where.register(url)
	command.AddCommand(url)
	return command
}
