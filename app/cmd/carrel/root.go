package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"
)

// rootCommand builds the command tree.
func rootCommand(stdout, stderr io.Writer) *cobra.Command {
	root := &cobra.Command{
		Use:   "carrel",
		Short: "Practical programming lessons in a real environment",
		Long: `Carrel gives every lesson a real machine, a small IDE and tests that check the work,
offline on this computer or in the cloud, with the same verdict.

Exit codes: 0 passed or done, 1 not passed, 2 bad usage or input, 3 machinery failed.`,
		SilenceUsage:  true,
		SilenceErrors: true,
		Version:       version,
	}
	root.SetOut(stdout)
	root.SetErr(stderr)
	root.SetFlagErrorFunc(func(c *cobra.Command, err error) error {
		return usageError{fmt.Errorf("%w. Try: %s --help", err, c.CommandPath())}
	})
	root.AddGroup(
		&cobra.Group{ID: "learn", Title: "Learn:"},
		&cobra.Group{ID: "author", Title: "Write courses:"},
		&cobra.Group{ID: "system", Title: "This computer:"},
	)
	add := func(group string, commands ...*cobra.Command) {
		for _, c := range commands {
			c.GroupID = group
			root.AddCommand(c)
		}
	}
	add("learn", startCommand(), checkCommand(), runCommand(), terminalCommand(), previewCommand(), statusCommand(), syncCommand(), loginCommand(), logoutCommand())
	add("author", courseCommand(), importCommand(), schemaCommand())
	add("system", serveCommand(), doctorCommand(), imagesCommand())
	root.SetHelpCommandGroupID("system")
	root.SetCompletionCommandGroupID("system")
	return root
}

// exactly is cobra.ExactArgs with a sentence that names what is missing.
func exactly(names ...string) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		if len(args) < len(names) {
			return usageError{fmt.Errorf("%s is missing. Usage: %s", names[len(args)], c.UseLine())}
		}
		return noMoreThan(len(names))(c, args)
	}
}

// noMoreThan is cobra.MaximumNArgs with a sentence that names what is too much.
func noMoreThan(n int) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		if len(args) > n {
			return usageError{fmt.Errorf("%q is too much. Usage: %s", args[n], c.UseLine())}
		}
		return nil
	}
}

// knownName wants the first argument to be one of names.
func knownName(names []string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		if !slices.Contains(names, args[0]) {
			return usageError{fmt.Errorf("there is no schema %q; there are %s", args[0], strings.Join(names, ", "))}
		}
		return nil
	}
}
