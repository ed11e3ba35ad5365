package agent

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	harnessv1 "github.com/carrel-dev/carrel/proto/gen/carrel/harness/v1"
)

// ProbeArgument makes the program try, as the learner, what must not be possible: see Probe.
const ProbeArgument = "probe"

// networkArgument says that there may be a network.
const networkArgument = "network"

// probeTimeout is long: a computer that starts many containers at once is slow.
const probeTimeout = 20 * time.Second

// inspect returns the container's weaknesses and protections: what the agent itself sees, and what a
// process of the learner's could do.
func (a *Agent) inspect(h *harnessv1.Hello) (weaknesses, protections []string, err error) {
	own, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return nil, nil, err
	}
	gvisor := underGVisor()
	// gVisor does not filter system calls: it carries them out itself.
	if statusField(own, "Seccomp") != "2" && !gvisor {
		weaknesses = append(weaknesses, "seccomp")
	}
	if bits, err := strconv.ParseUint(statusField(own, "CapPrm"), 16, 64); err != nil || bits&^ownCapabilities != 0 {
		weaknesses = append(weaknesses, "capabilities")
	}
	if a.cgroup.memoryLimit() == 0 && !gvisor { // whose cgroup is around it
		weaknesses = append(weaknesses, "memory")
	}
	if a.cgroup.taskLimit() == 0 && !gvisor {
		weaknesses = append(weaknesses, "processes")
	}
	if unix.Access("/", unix.W_OK) == nil {
		weaknesses = append(weaknesses, "root")
	}
	if f, err := os.OpenFile("/proc/sys/kernel/hostname", os.O_WRONLY, 0); err == nil {
		weaknesses = append(weaknesses, "sysctl")
		_ = f.Close()
	}
	found, err := a.probe(h)
	if err != nil {
		return nil, nil, fmt.Errorf("probing the container: %w", err)
	}
	if gvisor {
		found = slices.DeleteFunc(found, func(word string) bool { return slices.Contains(kernelWords(), word) })
		protections = append(protections, "gvisor")
	}
	if a.landlocked {
		protections = append(protections, "landlock")
	}
	return append(weaknesses, found...), protections, nil
}

// ownCapabilities are those the agent needs.
const ownCapabilities = 1<<unix.CAP_SETUID | 1<<unix.CAP_SETGID | 1<<unix.CAP_KILL | 1<<unix.CAP_CHOWN

func statusField(status []byte, name string) string {
	for line := range strings.Lines(string(status)) {
		if value, ok := strings.CutPrefix(line, name+":"); ok {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

// underGVisor tells whether the kernel is gVisor's: it says so first in its log, which Linux closes to
// containers; and where a filter of system calls closes this one, too, by the version it always shows.
var underGVisor = sync.OnceValue(func() bool {
	if version, err := os.ReadFile("/proc/version"); err == nil && bytes.Contains(version, []byte("Sun Jan 10 15:06:54 PST 2016")) {
		return true
	}
	buf := make([]byte, 4096)
	n, err := unix.Klogctl(unix.SYSLOG_ACTION_READ_ALL, buf)
	return err == nil && bytes.Contains(buf[:n], []byte("Starting gVisor"))
})

// probe runs Probe as the learner, started exactly as its programs are.
func (a *Agent) probe(h *harnessv1.Hello) ([]string, error) {
	ours, theirs, err := pipe(learner(h), false)
	if err != nil {
		return nil, err
	}
	defer func() { _ = ours.Close() }()
	stdin, err := duplicate(a.null)
	if err != nil {
		return nil, errors.Join(err, theirs.Close())
	}
	d := &descriptors{}
	d.add(0, stdin)
	d.add(1, theirs)
	l := launch{Argv: []string{a.program, ProbeArgument}, Env: []string{"GOMAXPROCS=1"}, Cwd: "/", UID: learner(h), GID: learner(h)}
	if h.Network {
		l.Argv = append(l.Argv, networkArgument)
	}
	c, got, err := a.start(l, d, func() error { return nil })
	d.close()
	if err != nil {
		return nil, err
	}
	if got.Message != "" {
		return nil, errors.New(got.Message)
	}
	if err := ours.SetReadDeadline(time.Now().Add(probeTimeout)); err != nil {
		return nil, err
	}
	data, err := io.ReadAll(ours)
	if err != nil {
		a.stop(c)
		return nil, err
	}
	<-c.done
	var words []string
	return words, json.Unmarshal(data, &words)
}

// attempt is something a learner's process must not be able to do.
type attempt struct {
	word string
	// kernel says that it is about the host's kernel, which gVisor keeps away.
	kernel   bool
	possible func() bool
}

func kernelWords() []string {
	var words []string
	for _, a := range attempts(false) {
		if a.kernel {
			words = append(words, a.word)
		}
	}
	return words
}

func attempts(network bool) []attempt {
	list := []attempt{
		{"privileges", false, hasPrivileges},
		{"agent", false, reachesAgent},
		{"engine", false, reachesEngine},
		{"devices", false, opensDevices},
		// Who may mount is told that there is no such file system, and nothing is mounted.
		{"mount", true, func() bool { return errors.Is(unix.Mount("none", "/tmp", "carrel-none", 0, ""), unix.ENODEV) }},
		// A process with several threads is told "invalid" where one with a single thread would succeed.
		{"namespaces", true, func() bool { return reaches(unix.SYS_UNSHARE, unix.CLONE_NEWUSER) }},
		{"io_uring", true, func() bool { return reaches(unix.SYS_IO_URING_SETUP, 0, 0) }},
		{"bpf", true, func() bool { return reaches(unix.SYS_BPF, 0, 0, 0) }},
		{"perf", true, func() bool { return reaches(unix.SYS_PERF_EVENT_OPEN, 0, 0, 0) }},
		{"userfaultfd", true, func() bool { return reaches(unix.SYS_USERFAULTFD, ^uintptr(0)) }},
		{"keyring", true, func() bool { return reaches(unix.SYS_KEYCTL, ^uintptr(0)) || reaches(unix.SYS_ADD_KEY, 0, 0, 0) }},
		{"vsock", true, func() bool { return opensSocket(unix.AF_VSOCK, unix.SOCK_STREAM) }},
		{"alg", true, func() bool { return opensSocket(unix.AF_ALG, unix.SOCK_SEQPACKET) }},
		{"packet", true, func() bool { return opensSocket(unix.AF_PACKET, unix.SOCK_RAW) }},
		{"netlink", true, func() bool { return opensSocket(unix.AF_NETLINK, unix.SOCK_RAW) }},
	}
	if !network {
		list = append(list, attempt{"network", false, hasNetwork})
	}
	return list
}

// Probe writes a JSON list of the words for what this process can do and must not. It returns an exit
// code.
func Probe(args []string, out io.Writer) int {
	if os.Getuid() == 0 {
		return 1 // what root can do is nobody's question, and some of it would have been done
	}
	words := []string{}
	for _, a := range attempts(slices.Contains(args, networkArgument)) {
		if a.possible() {
			words = append(words, a.word)
		}
	}
	if json.NewEncoder(out).Encode(words) != nil {
		return 1
	}
	return 0
}

// reaches tells whether a system call with senseless arguments gets as far as its own checks, past
// what forbids it to everyone.
func reaches(call uintptr, args ...uintptr) bool {
	var all [6]uintptr
	copy(all[:], args)
	_, _, errno := syscall.RawSyscall6(call, all[0], all[1], all[2], all[3], all[4], all[5])
	return errno != syscall.EPERM && errno != syscall.EACCES && errno != syscall.ENOSYS
}

func opensSocket(family, kind int) bool {
	fd, err := unix.Socket(family, kind|unix.SOCK_CLOEXEC, 0)
	if err == nil {
		_ = unix.Close(fd)
	}
	return err == nil
}

func hasPrivileges() bool {
	if on, err := unix.PrctlRetInt(unix.PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0); err != nil || on != 1 {
		return true
	}
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return true
	}
	for _, set := range []string{"CapInh", "CapPrm", "CapEff", "CapAmb"} {
		if strings.Trim(statusField(status, set), "0") != "" {
			return true
		}
	}
	return setIDs(unix.SYS_SETRESUID, 0, 0, 0) == nil || setIDs(unix.SYS_SETRESGID, 0, 0, 0) == nil
}

func reachesAgent() bool {
	if unix.PtraceSeize(1) == nil || syscall.Kill(1, 0) == nil {
		return true
	}
	for _, name := range []string{"/proc/1/mem", "/proc/1/environ", "/proc/1/fd", "/proc/1/maps"} {
		// Opening may succeed where reading does not.
		f, err := os.Open(name)
		if err != nil {
			continue
		}
		var readable bool
		if names, err := f.Readdirnames(1); err == nil {
			readable = len(names) > 0
		} else {
			n, err := f.Read(make([]byte, 1))
			readable = n > 0 && err == nil
		}
		_ = f.Close()
		if readable {
			return true
		}
	}
	return false
}

func reachesEngine() bool {
	for _, name := range []string{"/run/docker.sock", "/var/run/docker.sock", "/run/containerd/containerd.sock", "/run/podman/podman.sock", "/run/crio/crio.sock"} {
		if _, err := os.Stat(name); err == nil {
			return true
		}
	}
	return false
}

// opensDevices looks for devices that are more than files: disks, memory, the kernel's log, virtual
// machines, tunnels.
func opensDevices() bool {
	entries, err := os.ReadDir("/dev")
	if err != nil {
		return false
	}
	for _, e := range entries {
		block := e.Type()&os.ModeDevice != 0 && e.Type()&os.ModeCharDevice == 0
		if !block && !slices.Contains([]string{"mem", "kmem", "port", "kmsg", "kvm", "fuse", "vhost-net", "vhost-vsock"}, e.Name()) {
			continue
		}
		if fd, err := unix.Open("/dev/"+e.Name(), unix.O_RDONLY|unix.O_NONBLOCK|unix.O_CLOEXEC, 0); err == nil {
			_ = unix.Close(fd)
			return true
		}
	}
	return false
}

// hasNetwork tells whether an interface other than the loopback is up: some kernels give every
// namespace tunnels, which are down.
func hasNetwork() bool {
	data, err := os.ReadFile("/proc/net/dev")
	if err != nil {
		return false
	}
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return false
	}
	defer func() { _ = unix.Close(fd) }()
	for line := range strings.Lines(string(data)) {
		name, _, ok := strings.Cut(strings.TrimSpace(line), ":")
		if !ok || name == "lo" {
			continue
		}
		request, err := unix.NewIfreq(name)
		if err != nil {
			return true
		}
		if err := unix.IoctlIfreq(fd, unix.SIOCGIFFLAGS, request); err != nil || request.Uint16()&unix.IFF_UP != 0 {
			return true
		}
	}
	return false
}
