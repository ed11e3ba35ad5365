//go:build !unix

package embedded

import (
	"context"
	"log/slog"
	"os"
	"os/exec"
	"time"

	"github.com/carrel-dev/carrel/fault"
)

type identity struct{}

func chooseIdentity(context.Context, string) (identity, error) { return identity{}, unsupported() }
func (identity) apply(*exec.Cmd)                               {}
func (identity) own(string) error                              { return unsupported() }

type process struct{ exited chan struct{} }

func startServer(_, _, _, _ string, _ []string, _ identity) (*process, error) {
	return nil, unsupported()
}
func (p *process) pid() int                 { return 0 }
func (p *process) stop(time.Duration) error { return unsupported() }
func (p *process) lastWords() error         { return unsupported() }

func lockDirectory(string) (*os.File, error) { return nil, unsupported() }
func unlockDirectory(*os.File) error         { return unsupported() }

func endOrphan(context.Context, string, *slog.Logger) error { return unsupported() }

func unsupported() error {
	return fault.New(fault.Unavailable, "The embedded database does not run on this system.",
		"Name a PostgreSQL server with --database-url.")
}
