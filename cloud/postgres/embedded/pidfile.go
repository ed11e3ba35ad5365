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
	pid    int
	socket string // folder
	ready  bool
}

// readPIDFile reads the pid (line 1), the socket's folder (line 5) and the status (line 8) of the
// cluster's postmaster.
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
	file := pidFile{pid: pid}
	if len(lines) >= 8 {
		file.socket, file.ready = strings.TrimSpace(lines[4]), strings.TrimSpace(lines[7]) == "ready"
	}
	return file, nil
}
