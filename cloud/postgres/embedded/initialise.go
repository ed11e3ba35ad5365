package embedded

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/carrel-dev/carrel/fault"
)

// initialise makes the cluster unless it is there. It is built beside its place and renamed, so that a
// cluster interrupted half-way is never mistaken for a whole one.
func initialise(ctx context.Context, programs, directory, password string, who identity) error {
	if _, err := os.Stat(filepath.Join(directory, "PG_VERSION")); err == nil {
		return who.own(directory)
	} else if !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("looking for the cluster: %w", err)
	}
	draft := directory + ".new"
	if err := os.RemoveAll(draft); err != nil {
		return fmt.Errorf("removing an unfinished cluster: %w", err)
	}
	if err := os.Mkdir(draft, 0o700); err != nil {
		return fmt.Errorf("making the cluster's folder: %w", err)
	}
	if err := who.own(draft); err != nil {
		return err
	}
	passwordFile, err := writePasswordFile(directory, password, who)
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(passwordFile) }() // it is closed to others, and replaced by the next try
	command := exec.CommandContext(ctx, filepath.Join(programs, "initdb"), "--pgdata", draft,
		"--username", superuser, "--pwfile", passwordFile, "--auth", "scram-sha-256",
		"--encoding", "UTF8", "--locale", "C", "--no-instructions")
	command.Dir = draft
	who.apply(command)
	if output, err := command.CombinedOutput(); err != nil {
		return fault.Wrap(fmt.Errorf("%w: %s", err, bytes.TrimSpace(output)), fault.Unavailable,
			"The database could not be created in "+directory+".",
			"Check that the disk has space and that the folder is on a local file system.")
	}
	if err := os.Rename(draft, directory); err != nil { //nolint:forbidigo // renameio is for files
		return fmt.Errorf("putting the cluster in its place: %w", err)
	}
	return syncFolder(filepath.Dir(directory))
}

// syncFolder makes the new name survive a power cut: a cluster that came back under its draft's name
// would be removed as unfinished, with everything stored since.
func syncFolder(folder string) error {
	file, err := os.Open(folder)
	if err != nil {
		return fmt.Errorf("opening the data directory: %w", err)
	}
	if err := errors.Join(file.Sync(), file.Close()); err != nil {
		return fmt.Errorf("syncing the data directory: %w", err)
	}
	return nil
}

// writePasswordFile hands the password to initdb: on a command line everybody could read it, and
// standard input cannot be opened by path under another user.
func writePasswordFile(directory, password string, who identity) (string, error) {
	path := directory + ".password.new"
	if err := os.WriteFile(path, []byte(password+"\n"), 0o600); err != nil {
		return "", fmt.Errorf("writing the first password: %w", err)
	}
	return path, who.own(path)
}
