package harnesstest

import (
	"testing"

	"github.com/carrel-dev/carrel/harness"
)

const shopTests = `
import unittest
from shop import total

class ShopTest(unittest.TestCase):
    def test_sum(self):
        self.assertEqual(total([1, 2, 3]), 6)

    def test_empty(self):
        self.assertEqual(total([]), 0)
`

// kernelProbe exits with 0 when the kernel's riskier parts are out of reach.
const kernelProbe = `
import ctypes, errno, platform, socket, sys
libc = ctypes.CDLL(None, use_errno=True)
numbers = {"io_uring_setup": 425, "userfaultfd": 323, "bpf": 321, "keyctl": 250, "perf_event_open": 298, "unshare": 272, "mount": 165}
if platform.machine() == "aarch64":
    numbers = {"io_uring_setup": 425, "userfaultfd": 282, "bpf": 280, "keyctl": 219, "perf_event_open": 241, "unshare": 97, "mount": 40}
bad = []
for name, number in numbers.items():
    argument = 0x10000000 if name == "unshare" else 1  # a user namespace
    if libc.syscall(number, argument, 0, 0, 0, 0) != -1 or ctypes.get_errno() not in (errno.EPERM, errno.ENOSYS):
        bad.append(name)
for family in ("AF_VSOCK", "AF_ALG", "AF_PACKET", "AF_NETLINK"):
    try:
        socket.socket(getattr(socket, family), socket.SOCK_RAW if family == "AF_PACKET" else socket.SOCK_DGRAM)
        bad.append(family)
    except PermissionError:
        pass
    except OSError as e:
        bad.append(f"{family}: {e}")
sys.exit(f"allowed: {bad}" if bad else 0)
`

// testPython uses the language pack's own test command and report.
func testPython(t *testing.T, r harness.Runner) {
	tests := []struct {
		name    string
		learner string
		want    harness.Verdict
		passed  int
	}{
		{"right", "def total(items):\n    return sum(items)\n", harness.Passed, 2},
		{"wrong", "def total(items):\n    return 6\n", harness.Failed, 1},
		{"raises", "def total(items):\n    raise NotImplementedError\n", harness.Failed, 0},
		{"syntax error", "def total(items:\n    return 6\n", harness.BuildFailed, 0},
		{"empty file", "", harness.BuildFailed, 0},
		{"exits early with 0", "import sys\ndef total(items):\n    sys.exit(0)\n", harness.Failed, 0},
		{"ends the process at once with 0", "import os\ndef total(items):\n    os._exit(0)\n", harness.Failed, 0},
		{"ends the process with 0 when imported", "import os\nos._exit(0)\n", harness.Crashed, 0},
		{"endless loop", "def total(items):\n    while True: pass\n", harness.TimedOut, 0},
		{"memory bomb", "def total(items):\n    x = [0]\n    while True: x = x + x\n", harness.OutOfMemory, 0},
		{"threads without end", "import threading, time\ndef total(items):\n    while True: threading.Thread(target=time.sleep, args=(100,), daemon=True).start()\n", harness.ProcessLimit, 0},
		{"recursion without end", "def total(items):\n    return total(items)\n", harness.Failed, 0},
	}
	s := session(t, r, python())
	suite := harness.Suite{Tests: files("tests/test_shop.py", shopTests), Limits: limits()}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			put(t, s, files("shop.py", tt.learner))
			report := check(t, s, suite)
			wantVerdict(t, report, tt.want)
			if got := report.Count(harness.TestPassed); got != tt.passed {
				t.Errorf("%d tests passed, want %d: %+v", got, tt.passed, report.Tests)
			}
		})
	}
	t.Run("system calls that kernels had holes in are refused", func(t *testing.T) {
		put(t, s, files("probe.py", kernelProbe))
		report := check(t, s, harness.Suite{Command: []string{"python3", "probe.py"}, Format: harness.FormatExit, Limits: limits()})
		wantVerdict(t, report, harness.Passed)
	})
	t.Run("deleted file", func(t *testing.T) {
		put(t, s, files("other.py", ""))
		wantVerdict(t, check(t, s, suite), harness.BuildFailed)
	})
	t.Run("tests win over the learner's files and are gone after the check", func(t *testing.T) {
		put(t, s, files("shop.py", "def total(items):\n    return 6\n", "tests/test_shop.py", "def test_nothing(): pass\n"))
		wantVerdict(t, check(t, s, suite), harness.Failed)
		wantVerdict(t, check(t, s, harness.Suite{Limits: limits()}), harness.Passed)
	})
	t.Run("events tell every test", func(t *testing.T) {
		put(t, s, files("shop.py", "def total(items):\n    return 6\n"))
		var running, told int
		report, err := s.Check(t.Context(), suite, func(e harness.Event) {
			if e.Running {
				running++
			}
			if e.Test != nil {
				told++
			}
		})
		if err != nil {
			t.Fatal(err)
		}
		if running != 1 || told != len(report.Tests) || told != 2 {
			t.Errorf("running %d times, %d of %d tests told", running, told, len(report.Tests))
		}
	})
}
