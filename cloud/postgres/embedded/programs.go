package embedded

import (
	"cmp"
	"context"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/carrel-dev/carrel/fault"
)

// findPrograms returns a folder with initdb and postgres that can serve the cluster in directory, which
// may not exist yet. A cluster is only readable by the major version that made it.
func findPrograms(ctx context.Context, given, directory string) (string, error) {
	candidates := []string{given}
	if given == "" {
		candidates = usualPlaces()
	}
	made, err := clusterVersion(directory)
	if err != nil {
		return "", err
	}
	var seen []string
	for _, folder := range candidates {
		version, ok := programVersion(ctx, folder)
		if !ok {
			continue
		}
		if made == "" || made == version {
			return folder, nil
		}
		seen = append(seen, version)
	}
	if len(seen) > 0 {
		return "", fault.New(fault.Unavailable,
			"The data directory was made by PostgreSQL "+made+", and only version "+seen[0]+" is here.",
			"Install PostgreSQL "+made+", or move the data over with pg_upgrade.")
	}
	return "", fault.New(fault.Unavailable, "PostgreSQL is not installed.",
		"Install it (on Debian: apt-get install postgresql), or name a server with --database-url.")
}

// usualPlaces lists folders by preference: beside this program, PATH, then where packages put the
// server, the newest version first.
func usualPlaces() []string {
	var folders []string
	if self, err := os.Executable(); err == nil {
		folders = append(folders, filepath.Join(filepath.Dir(self), "postgres", "bin"))
	}
	if found, err := exec.LookPath("postgres"); err == nil {
		if resolved, err := filepath.EvalSymlinks(found); err == nil {
			folders = append(folders, filepath.Dir(resolved))
		}
	}
	for _, pattern := range []string{"/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin",
		"/opt/homebrew/opt/postgresql@*/bin", "/usr/local/opt/postgresql@*/bin"} {
		matches, _ := filepath.Glob(pattern) // the patterns are constant and well-formed
		slices.SortFunc(matches, func(a, b string) int { return cmp.Compare(digits(b), digits(a)) })
		folders = append(folders, matches...)
	}
	return folders
}

func digits(path string) int {
	n, _ := strconv.Atoi(strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, path))
	return n
}

// programVersion returns the major version of the server in folder, and whether there is one.
func programVersion(ctx context.Context, folder string) (string, bool) {
	if folder == "" {
		return "", false
	}
	if _, err := os.Stat(filepath.Join(folder, "initdb")); err != nil {
		return "", false
	}
	// "postgres (PostgreSQL) 15.19 (Debian ...)"; unlike most of what it does, it answers root too.
	output, err := exec.CommandContext(ctx, filepath.Join(folder, "postgres"), "--version").Output()
	if err != nil {
		return "", false
	}
	_, rest, ok := strings.Cut(string(output), "(PostgreSQL) ")
	if !ok {
		return "", false
	}
	return rest[:len(rest)-len(strings.TrimLeft(rest, "0123456789"))], true
}

// clusterVersion returns the major version that made the cluster, empty when there is none.
func clusterVersion(directory string) (string, error) {
	content, err := os.ReadFile(filepath.Join(directory, "PG_VERSION"))
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", unwritable(directory, err)
	}
	return strings.TrimSpace(string(content)), nil
}
