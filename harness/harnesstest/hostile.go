package harnesstest

import (
	"slices"
	"testing"

	"github.com/carrel-dev/carrel/harness"
)

// hostile is a Python program that tries to break out, to break down or to stay. It exits with 0 when
// what it tried was refused, and tells on standard error what was not.
type hostile struct {
	name string
	code string
	want []harness.Verdict // any of them
}

var (
	passes = []harness.Verdict{harness.Passed}
	fails  = []harness.Verdict{harness.Failed}
	noTime = []harness.Verdict{harness.TimedOut}
	// A computer under load can be slower to run out of memory than the limit of time is; and where the
	// kernel keeps no record of processes, a bomb that gives up at once is only seen to fail.
	noMemory     = []harness.Verdict{harness.OutOfMemory, harness.TimedOut}
	noProcesses  = []harness.Verdict{harness.ProcessLimit, harness.OutOfMemory, harness.TimedOut, harness.Failed}
	noOutput     = []harness.Verdict{harness.OutputLimit}
	full         = []harness.Verdict{harness.Passed, harness.DiskLimit}
	contained    = []harness.Verdict{harness.Passed, harness.Failed, harness.TimedOut, harness.OutOfMemory, harness.ProcessLimit}
	hostileSuite = harness.Suite{Command: []string{"python3", "hostile.py"}, Format: harness.FormatExit, Limits: limits()}
)

// testHostile runs the hostile programs one after another in one session, each followed by a check that
// finds nothing of it.
func testHostile(t *testing.T, r harness.Runner) {
	s := session(t, r, python())
	for _, h := range slices.Concat(bombs(), kernelAttacks(), processAttacks(), fileAttacks()) {
		t.Run(h.name, func(t *testing.T) {
			put(t, s, files("keep.txt", "original", "hostile.py", h.code))
			report := check(t, s, hostileSuite)
			if !slices.Contains(h.want, report.Verdict) {
				wantVerdict(t, report, h.want[0])
			}
			checkNextIsClean(t, s)
		})
	}
	t.Run("reports", func(t *testing.T) { testHostileReports(t, s) })
	t.Run("split", func(t *testing.T) { testHostileSplit(t, s) })
	t.Run("what listens is gone before the next check", func(t *testing.T) { testListeners(t, s) })
	t.Run("a check does not reach a terminal", func(t *testing.T) { testTerminalOutOfReach(t, s) })
	t.Run("learners do not meet", func(t *testing.T) { testLearnersApart(t, r) })
}

// bombs take everything there is of something.
func bombs() []hostile {
	return []hostile{
		{"forks into sessions of their own", `
import os
while True:
    if os.fork() == 0:
        os.setsid()
`, noProcesses},
		{"children nobody waits for", `
import os, time
for _ in range(1000):
    if os.fork() == 0:
        os._exit(0)
time.sleep(100)
`, noProcesses},
		{"raw clones", `
import ctypes, platform
number = 56 if platform.machine() == "x86_64" else 220
libc = ctypes.CDLL(None)
while True:
    libc.syscall(number, 17, 0, 0, 0, 0)
`, noProcesses},
		{"a process that is never the same one", `
import os, signal
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
if os.fork() == 0:
    os.setsid()
    while True:
        if os.fork():
            os._exit(0)
while True:
    signal.pause()
`, contained},
		{"threads that start processes", `
import os, threading, time
def breed():
    while True:
        try:
            if os.fork() == 0:
                time.sleep(100)
        except OSError:
            pass
for _ in range(8):
    threading.Thread(target=breed, daemon=True).start()
time.sleep(100)
`, noProcesses},
		{"many small mappings", `
import mmap
kept = []
while True:
    m = mmap.mmap(-1, 65536)
    m.write(b"x" * 65536)
    kept.append(m)
`, noMemory},
		{"files in memory", `
import os
while True:
    fd = os.memfd_create("x")
    os.write(fd, b"x" * (1 << 20))
`, noMemory},
		{"System V shared memory", `
import ctypes
libc = ctypes.CDLL(None)
libc.shmat.restype = ctypes.c_void_p
for _ in range(4000):
    id = libc.shmget(0, 1 << 20, 0o1600)
    if id < 0:
        break
    at = libc.shmat(id, None, 0)
    ctypes.memset(at, 1, 1 << 20)
`, noMemory},
		{"memory in many processes", `
import os, time
for _ in range(15):
    if os.fork() == 0:
        x = bytearray(30 << 20)
        x[::4096] = b"x" * len(x[::4096])
        time.sleep(100)
time.sleep(100)
`, noMemory},
		{"memory in many small processes that ask to be spared", `
import os, time
for n in range(20):
    if os.fork() == 0:
        for least in (-1000, -999, -900, -500, -1, 0, 500, 999):
            try:
                open("/proc/self/oom_score_adj", "w").write(str(least))
                break
            except OSError:
                pass
        x = []
        while True:
            x.append(bytearray(b"x" * 65536))
            time.sleep(0.01)
time.sleep(100)
`, noMemory},
		{"locked memory", `
import ctypes
ctypes.CDLL(None).mlockall(3)
x = []
while True:
    x.append(bytearray(1 << 20))
`, noMemory},
		{"full pipes and sockets", `
import os, socket
kept = []
try:
    while True:
        a, b = os.pipe()
        os.set_blocking(b, False)
        kept.append((a, b, os.write(b, b"x" * 65536)))
        c, d = socket.socketpair()
        c.setblocking(False)
        c.send(b"x" * 200000)
        kept.append((c, d))
except OSError:
    pass
`, contained},
		{"every file descriptor", `
import os
try:
    while True:
        os.dup(0)
except OSError:
    pass
`, passes},
		{"every inotify, timer and event descriptor", `
import ctypes
libc = ctypes.CDLL(None)
for make in (lambda: libc.inotify_init(), lambda: libc.eventfd(0, 0), lambda: libc.timerfd_create(1, 0), lambda: libc.epoll_create(1)):
    while make() >= 0:
        pass
`, passes},
		{"pending signals and timers", `
import ctypes, os, signal
libc = ctypes.CDLL(None)
signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))
for _ in range(100000):
    if libc.sigqueue(os.getpid(), 40, 0) != 0:
        break
`, contained},
		{"a gigabyte on one line", `
import os
block = b"x" * (1 << 20)
for _ in range(1024):
    os.write(1, block)
`, noOutput},
		{"bytes that are no text on both streams", `
import os
block = bytes(range(256)) * 256 + b"\x1b[2J\x1b]0;title\x07\x00\x9b31m\xc2\x85"
for _ in range(1000):
    os.write(1, block)
    os.write(2, block)
`, noOutput},
		{"a flood of lines from many processes", `
import os
for _ in range(6):
    if os.fork() == 0:
        break
while True:
    os.write(2, b"\n" * 4096)
`, noOutput},
		{"limits lowered to nothing", `
import resource
for name in ("NPROC", "NOFILE", "FSIZE", "STACK", "CPU", "AS", "DATA"):
    resource.setrlimit(getattr(resource, "RLIMIT_" + name), (1 if name == "CPU" else 0, 1 if name == "CPU" else 0))
`, contained},
		{"limits raised", `
import os, resource, sys
raised = []
for name in ("NPROC", "FSIZE", "CPU", "CORE", "NOFILE", "MEMLOCK", "RTPRIO", "NICE"):
    which = getattr(resource, "RLIMIT_" + name, None)
    if which is None:
        continue
    soft, hard = resource.getrlimit(which)
    if hard == resource.RLIM_INFINITY:
        continue
    try:
        resource.setrlimit(which, (hard + 1, hard + 1))
        raised.append(name)
    except (ValueError, OSError):
        pass
try:
    os.nice(-5)
    raised.append("nice")
except OSError:
    pass
for policy in (os.SCHED_FIFO, os.SCHED_RR):
    try:
        os.sched_setscheduler(0, policy, os.sched_param(1))
        raised.append("real time")
    except OSError:
        pass
sys.exit(f"raised: {raised}" if raised else 0)
`, passes},
	}
}
