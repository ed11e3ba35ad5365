package embedded

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// pidFile is what the postmaster says about itself in postmaster.pid.
type pidFile struct {
	pid   int
	ready bool
}

// readPIDFile reads the pid (line 1) and the status (line 8) of the cluster's postmaster.
func readPIDFile(directory string) (pidFile, error) {
	content, err := os.ReadFile(filepath.Join(directory, "postmaster.pid"))
	if err != nil {
		return pidFile{}, err
	}
	return parsePIDFile(string(content))
}

func parsePIDFile(content string) (pidFile, error) {
	lines := strings.Split(content, "\n")
	pid, err := strconv.Atoi(strings.TrimSpace(lines[0]))
	if err != nil || pid <= 0 {
		return pidFile{}, fmt.Errorf("reading postmaster.pid: %q is not a process id", lines[0])
	}
	return pidFile{pid: pid, ready: len(lines) >= 8 && strings.TrimSpace(lines[7]) == "ready"}, nil
}
