package docker

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"syscall"
)

// thisProcess names this process for good. Process ids are used again, and mean nothing in another
// process namespace, so the name says as well when the process started, in which boot, and where.
func thisProcess() string {
	return fmt.Sprintf("%s/%d/%s/%s", hostName(), os.Getpid(), started(os.Getpid()), place())
}

// place is the boot and the namespace in which process ids have a meaning, where the system tells.
func place() string {
	boot, _ := os.ReadFile("/proc/sys/kernel/random/boot_id")
	namespace, _ := os.Readlink("/proc/self/ns/pid")
	return strings.TrimSpace(string(boot)) + "/" + namespace
}

// started tells when a process started, in ticks since the boot; empty when that is not known.
func started(pid int) string {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return ""
	}
	// It is the 22nd field; the second, the name, may hold anything but ends at the last ")".
	fields := strings.Fields(string(stat[strings.LastIndexByte(string(stat), ')')+1:]))
	if len(fields) < 20 {
		return ""
	}
	return fields[19]
}

// fate is what is known of a process.
type fate int

const (
	fateForeign fate = iota // of another computer
	fateUnknown             // of this computer, and cannot be told: it ran before a restart or in another namespace
	fateAlive
	fateDead
)

// fateOf tells what became of the process that thisProcess named. What is not certain is not dead.
func fateOf(name string) fate {
	parts := strings.SplitN(name, "/", 4)
	if len(parts) < 4 || parts[0] != hostName() {
		return fateForeign
	}
	pid, err := strconv.Atoi(parts[1])
	if err != nil || parts[3] != place() {
		return fateUnknown
	}
	if now := started(pid); now != "" && parts[2] != "" {
		if now == parts[2] {
			return fateAlive
		}
		return fateDead // the id is used again
	}
	return signalled(pid)
}

// signalled asks the system whether a process id is in use: other people's processes may be invisible
// otherwise.
func signalled(pid int) fate {
	p, err := os.FindProcess(pid)
	if err != nil {
		return fateDead
	}
	if runtime.GOOS == "windows" {
		_ = p.Release()
		return fateUnknown // the id is in use, by whomever
	}
	if err := p.Signal(syscall.Signal(0)); errors.Is(err, os.ErrProcessDone) || errors.Is(err, syscall.ESRCH) {
		return fateDead
	}
	return fateUnknown
}

func hostName() string {
	name, err := os.Hostname()
	if err != nil {
		return "unknown"
	}
	return strings.ReplaceAll(name, "/", "-")
}
