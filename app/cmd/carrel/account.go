package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/carrel-dev/carrel/app"
	"github.com/carrel-dev/carrel/app/exchange"
	"github.com/carrel-dev/carrel/fault"
)

func loginCommand() *cobra.Command {
	var in exchange.Credentials
	command := &cobra.Command{
		Use:   "login",
		Short: "Sign this computer in to the cloud",
		Long: `Signs this computer in, so that attempts travel to the cloud and your other computers. The password is
asked for, or read from standard input when that is no terminal.`,
		Args: noMoreThan(0),
		RunE: func(c *cobra.Command, _ []string) error {
			var err error
			if in.Email == "" {
				return usageError{errors.New("--email is missing. It names your account")}
			}
			if in.Password, err = readPassword(c); err != nil {
				return err
			}
			return withApp(c.Context(), func(a *app.App) error {
				status, err := a.Exchange.SignIn(c.Context(), in)
				if err != nil {
					return err
				}
				fmt.Fprintf(c.OutOrStdout(), "Signed in as %s at %s.\n", status.Account.Email, status.ServerURL)
				return nil
			})
		},
	}
	command.Flags().StringVar(&in.Email, "email", "", "your e-mail address")
	command.Flags().StringVar(&in.ServerURL, "server", "", "address of the cloud service (default: the last one)")
	command.Flags().BoolVar(&in.Register, "register", false, "make a new account")
	command.Flags().StringVar(&in.Name, "name", "", "your name, for a new account")
	return command
}

// readPassword asks in a terminal without showing what is typed; elsewhere it reads one line.
func readPassword(c *cobra.Command) (string, error) {
	if f, ok := c.InOrStdin().(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		fmt.Fprint(c.ErrOrStderr(), "Password: ")
		password, err := term.ReadPassword(int(f.Fd()))
		fmt.Fprintln(c.ErrOrStderr())
		return string(password), err
	}
	line, err := bufio.NewReader(c.InOrStdin()).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", fmt.Errorf("reading password: %w", err)
	}
	return strings.TrimRight(line, "\r\n"), nil
}

func logoutCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "logout",
		Short: "Sign this computer out; work stays on it",
		Args:  noMoreThan(0),
		RunE: func(c *cobra.Command, _ []string) error {
			return withApp(c.Context(), func(a *app.App) error {
				_, err := a.Exchange.SignOut(c.Context())
				return err
			})
		},
	}
}

func syncCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "sync",
		Short: "Exchange attempts with the cloud now",
		Args:  noMoreThan(0),
		RunE: func(c *cobra.Command, _ []string) error {
			return withApp(c.Context(), func(a *app.App) error {
				status, err := a.Exchange.Once(c.Context())
				if err != nil {
					return err
				}
				switch status.Word {
				case exchange.SignedOut:
					return fault.New(fault.Denied, "Nobody is signed in on this computer.", "Run: carrel login --email YOU@EXAMPLE.ORG")
				case exchange.Offline:
					return fault.New(fault.Unavailable, "The cloud at "+status.ServerURL+" cannot be reached.",
						"Nothing is lost: attempts wait on this computer and travel when it is back.")
				case exchange.Refused:
					return status.Err
				case exchange.Synced, exchange.Waiting, exchange.Syncing:
				}
				fmt.Fprintln(c.OutOrStdout(), syncLine(status))
				return nil
			})
		},
	}
}

// syncLine says in one line how this computer stands with the cloud.
func syncLine(s exchange.Status) string {
	waiting := ""
	if s.Waiting > 0 {
		waiting = fmt.Sprintf(" %d attempts wait to sync.", s.Waiting)
	}
	switch s.Word {
	case exchange.SignedOut:
		return "Not signed in; work stays on this computer." + waiting
	case exchange.Offline:
		return "Offline; work is saved on this computer." + waiting
	case exchange.Refused:
		message, _ := fault.Sentence(s.Err)
		return message + waiting
	case exchange.Waiting, exchange.Syncing:
		return "Signed in as " + s.Account.Email + "." + waiting
	case exchange.Synced:
	}
	return "Signed in as " + s.Account.Email + ". Everything is synced."
}
