package embedded

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/carrel-dev/carrel/fault"
)

// longestSocketDirectory leaves room for "/.s.PGSQL.5432.lock" within the 104 bytes that the smallest
// sun_path of the supported systems holds.
const longestSocketDirectory = 84

func makeDirectory(directory string) error {
	// Searchable by others: the server may run as another user, and everything inside is closed.
	if err := os.MkdirAll(directory, 0o755); err != nil { //nolint:gosec // on purpose, see above
		return unwritable(directory, err)
	}
	probe, err := os.CreateTemp(directory, ".writable-*")
	if err != nil {
		return unwritable(directory, err)
	}
	return errors.Join(probe.Close(), os.Remove(probe.Name()))
}

func unwritable(directory string, err error) error {
	return fault.Wrap(err, fault.Denied, "The data directory "+directory+" is not writable.",
		"Choose another one with --data, or change its owner.")
}

// loadPassword returns the superuser's password, made on first use. It guards the socket a second
// time: should the folder's permissions ever be loosened, the database stays closed.
func loadPassword(path string) (string, error) {
	content, err := os.ReadFile(path)
	if err == nil {
		return strings.TrimSpace(string(content)), nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("reading the database's password: %w", err)
	}
	password := rand.Text()
	if err := os.WriteFile(path, []byte(password+"\n"), 0o600); err != nil {
		return "", fmt.Errorf("writing the database's password: %w", err)
	}
	return password, nil
}

// makeSocketDirectory returns a folder for the socket: inside the data directory where the path is
// short enough for a socket's address, otherwise a private temporary one.
func makeSocketDirectory(directory string, who identity) (string, error) {
	socket := filepath.Join(directory, "socket")
	if len(socket) > longestSocketDirectory {
		temporary, err := os.MkdirTemp("", "carrel-pg-")
		if err != nil {
			return "", fmt.Errorf("making the socket's folder: %w", err)
		}
		socket = temporary
	}
	if err := os.MkdirAll(socket, 0o700); err != nil {
		return "", fmt.Errorf("making the socket's folder: %w", err)
	}
	if err := who.own(socket); err != nil {
		return "", err
	}
	return socket, nil
}
