package docker

import (
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"syscall"
)

// processIdentity is a process id with, where the system tells, the boot and the moment it started.
func processIdentity(pid int) string {
	boot, _ := os.ReadFile("/proc/sys/kernel/random/boot_id")
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	started := ""
	if err == nil {
		// The start time is the 22nd field; the second, the name, may hold anything but ends at the last ")".
		if fields := strings.Fields(string(stat[strings.LastIndexByte(string(stat), ')')+1:])); len(fields) > 19 {
			started = fields[19]
		}
	}
	return fmt.Sprintf("%d/%s/%s", pid, started, strings.TrimSpace(string(boot)))
}

// dead reports whether the process with this label certainly runs no more: what may belong to a live
// process, on this computer or another that uses the same engine, is left alone.
func dead(label string) bool {
	host, identity, ok := strings.Cut(label, "/")
	if !ok || host != hostName() {
		return false
	}
	first, _, _ := strings.Cut(identity, "/")
	pid, err := strconv.Atoi(first)
	if err != nil {
		return false
	}
	if runtime.GOOS == "linux" {
		return processIdentity(pid) != identity
	}
	p, err := os.FindProcess(pid)
	if err != nil {
		return true
	}
	return runtime.GOOS != "windows" && p.Signal(syscall.Signal(0)) != nil
}
