package main

import (
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/carrel-dev/carrel/harness"
	"github.com/carrel-dev/carrel/lesson/schema"
)

// schemaCommand prints the JSON Schemas of what Carrel reads and writes.
func schemaCommand() *cobra.Command {
	schemas := map[string]func() []byte{
		"report": harness.ReportSchema,
		"cases":  schema.Cases,
		"course": schema.Course,
		"lesson": schema.Lesson,
		"quiz":   schema.Quiz,
	}
	names := slices.Sorted(maps.Keys(schemas))
	return &cobra.Command{
		Use:       "schema " + strings.Join(names, "|"),
		Short:     "Print the JSON Schema of a report or of a course's files",
		ValidArgs: names,
		Args:      cobra.MatchAll(exactly("NAME"), knownName(names)),
		RunE: func(c *cobra.Command, args []string) error {
			_, err := c.OutOrStdout().Write(schemas[args[0]]())
			return err
		},
	}
}
