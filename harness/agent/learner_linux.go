package agent

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// learnerFDVariable names a further descriptor of the launcher that becomes the command's descriptor 3.
const learnerFDVariable = "CARREL_LEARNER_FD"

const (
	usageStatus    = 2
	launcherStatus = 125 // the launcher itself failed
)

// Learner is the launcher of split checks: `learner [NAME=value...] command [argument...]`. The tests
// run it to run learner's code: as the learner, in the work folder, within the check's limits, with
// the launcher's own standard input, output and error. It exits as the command does, with 128 and the
// signal's number when a signal ended that, with 127 when there is no such command. When the launcher
// is killed, so is the command and what it started; what it left behind is ended once no command of
// the learner's runs.
func Learner(args []string, stderr io.Writer) int {
	var r learnerRequest
	for len(args) > 0 && isAssignment(args[0]) {
		r.Env, args = append(r.Env, args[0]), args[1:]
	}
	if r.Argv = args; len(args) == 0 {
		_, _ = fmt.Fprintln(stderr, "usage: learner [NAME=value...] command [argument...]")
		return usageStatus
	}
	got, err := r.send(launchSocket)
	if err != nil {
		_, _ = fmt.Fprintln(stderr, "learner:", err)
		return launcherStatus
	}
	if got.Message != "" {
		_, _ = fmt.Fprintln(stderr, "learner:", got.Message)
	}
	status := syscall.WaitStatus(got.Status)
	if status.Signaled() {
		return 128 + int(status.Signal())
	}
	return status.ExitStatus()
}

func (r learnerRequest) send(socket string) (learnerAnswer, error) {
	fds := []int{0, 1, 2}
	if value := os.Getenv(learnerFDVariable); value != "" {
		fd, err := strconv.Atoi(value)
		if err != nil || fd < 0 {
			return learnerAnswer{}, fmt.Errorf("%s is %q, not a descriptor", learnerFDVariable, value)
		}
		fds = append(fds, fd)
	}
	data, err := json.Marshal(r)
	if err != nil {
		return learnerAnswer{}, err
	}
	if len(data) > maxRequest {
		return learnerAnswer{}, syscall.E2BIG
	}
	conn, err := net.DialUnix("unixpacket", nil, &net.UnixAddr{Name: socket, Net: "unixpacket"})
	if err != nil {
		return learnerAnswer{}, fmt.Errorf("no split check runs: %w", err)
	}
	defer func() { _ = conn.Close() }()
	if _, _, err := conn.WriteMsgUnix(data, unix.UnixRights(fds...), nil); err != nil {
		return learnerAnswer{}, fmt.Errorf("asking for the command: %w", err)
	}
	var buf [8 << 10]byte
	n, err := conn.Read(buf[:])
	if err != nil {
		return learnerAnswer{}, fmt.Errorf("waiting for the command: %w", err)
	}
	var got learnerAnswer
	if err := json.Unmarshal(buf[:n], &got); err != nil {
		return learnerAnswer{}, fmt.Errorf("waiting for the command: %w", err)
	}
	return got, nil
}

// isAssignment tells whether an argument is NAME=value.
func isAssignment(arg string) bool {
	name, value, ok := strings.Cut(arg, "=")
	if !ok || name == "" || strings.ContainsRune(value, 0) {
		return false
	}
	for i, c := range name {
		if c != '_' && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (i == 0 || c < '0' || c > '9') {
			return false
		}
	}
	return true
}
