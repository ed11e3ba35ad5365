package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/carrel-dev/carrel/app"
	"github.com/carrel-dev/carrel/fault"
)

func serveCommand() *cobra.Command {
	var port int
	command := &cobra.Command{
		Use:   "serve [COURSE/LESSON]",
		Short: "Serve the IDE to a browser on this computer",
		Long: `Serves the same IDE as the window, on 127.0.0.1 only, and prints its address. The address holds a secret
token: whoever has it can use your Carrel. Ctrl+C ends it.`,
		Args: noMoreThan(1),
		RunE: func(c *cobra.Command, args []string) error {
			return withAppAt(c.Context(), strings.Join(args, ""), func(a *app.App) error {
				return a.Serve(c.Context(), port, func(url string) {
					fmt.Fprintf(c.OutOrStdout(), "Carrel is open at %s\n", url)
				})
			})
		},
	}
	command.Flags().IntVar(&port, "port", 0, "port on 127.0.0.1 (default: a free one)")
	return command
}

func doctorCommand() *cobra.Command {
	var only []string
	command := &cobra.Command{
		Use:   "doctor",
		Short: "Look at what Carrel needs on this computer, and say what is missing",
		Args:  noMoreThan(0),
		RunE: func(c *cobra.Command, _ []string) error {
			return withApp(c.Context(), func(a *app.App) error {
				healthy := true
				for _, f := range a.Doctor.Diagnose(c.Context()) {
					if len(only) > 0 && !slices.ContainsFunc(only, func(s string) bool { return strings.EqualFold(s, f.Subject) }) {
						continue
					}
					mark := "ok     "
					if !f.OK {
						mark, healthy = "missing", false
					}
					fmt.Fprintf(c.OutOrStdout(), "%s  %s: %s\n", mark, f.Subject, f.Message)
					if f.Hint != "" {
						fmt.Fprintf(c.OutOrStdout(), "         %s\n", f.Hint)
					}
				}
				if !healthy {
					return fault.New(fault.Unavailable, "Something that Carrel needs is missing.", "Each line above says what to do.")
				}
				return nil
			})
		},
	}
	command.Flags().StringSliceVar(&only, "only", nil, "only these subjects, such as docker")
	return command
}
