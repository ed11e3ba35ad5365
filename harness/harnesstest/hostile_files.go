package harnesstest

import (
	"context"
	"io"
	"strings"
	"testing"

	"github.com/carrel-dev/carrel/harness"
	"github.com/carrel-dev/carrel/lesson"
)

// fileAttacks leave files that are hard to remove, or remove what they can.
func fileAttacks() []hostile {
	return []hostile{
		{"names that are no text", `
import os
for place in (b"/tmp/", b"/dev/shm/", b""):
    for name in (b"line\nbreak", b"\xff\xfe\xfd", b"-rf", b" ", b"\x1b[31m", b"*", b"$(id)", b"n" * 255, b"\\", b"'", b'"', b"\xe2\x80\xaetxt", b"..."):
        try:
            open(place + name, "wb").close()
            os.mkdir(place + name + b"d") if len(name) < 255 else None
        except OSError:
            pass
`, passes},
		{"a tree as wide and deep as it can be", `
import os
def grow(place, depth):
    for n in range(6):
        below = f"{place}/{n}"
        os.mkdir(below)
        open(below + "/f", "w").close()
        if depth:
            grow(below, depth - 1)
    os.chmod(place, 0)
try:
    grow("/tmp", 4)
except OSError:
    pass
`, full},
		{"nothing that may be opened", `
import os
for place in ("/tmp", "/dev/shm", "."):
    deep = place
    for n in range(20):
        deep = os.path.join(deep, "locked")
        try:
            os.mkdir(deep)
        except OSError:
            break
    while deep != place:
        try:
            os.chmod(deep, 0)
        except OSError:
            pass
        deep = os.path.dirname(deep)
    try:
        os.chmod(place, 0)
    except OSError:
        pass
`, passes},
		{"removing everything", `
import os, shutil
for top in ("/tmp", "/dev/shm", "/work", "/home", "/run", "/etc", "/usr", "/carrel", "/tests", "/var"):
    shutil.rmtree(top, ignore_errors=True)
`, passes},
		{"links, pipes and sockets everywhere", `
import os, socket
os.symlink("/", "root")
os.symlink("loop", "loop")
os.symlink("/proc/self/fd/0", "input")
os.symlink("../../../../etc", "out")
os.mkfifo("pipe")
os.mkfifo("/tmp/pipe")
for n in range(500):
    try:
        os.link("keep.txt", f"again{n}")
    except OSError:
        break
for name in ("/usr/bin/su", "/etc/passwd", "/carrel/agent", "/usr/bin/passwd"):
    try:
        os.link(name, "/tmp/" + os.path.basename(name))
    except OSError:
        pass
s = socket.socket(socket.AF_UNIX)
s.bind("/tmp/socket")
s.listen()
`, passes},
		{"files that are open, mapped, sparse, locked and sealed", `
import fcntl, mmap, os
f = open("/tmp/sparse", "w+b")
f.truncate(14 << 20)
m = mmap.mmap(f.fileno(), 4096)
fcntl.flock(f, fcntl.LOCK_EX)
if os.fork() == 0:
    os.setsid()
    os.unlink("/tmp/sparse")
    import time
    time.sleep(1000)
`, passes},
		{"message queues and semaphores", `
import ctypes
libc = ctypes.CDLL(None)
for n in range(20):
    libc.mq_open(f"/queue{n}".encode(), 0o102, 0o600, None)
    libc.sem_open(f"/semaphore{n}".encode(), 0o100, 0o600, 1)
    libc.semget(0, 10, 0o1600)
    libc.msgget(0, 0o1600)
`, passes},
	}
}

// testHostileReports leaves all kinds of things where the report should be: nothing of them is believed,
// waited for or followed.
func testHostileReports(t *testing.T, s harness.Session) {
	junit := `<testsuites><testsuite name="x" tests="1"><testcase classname="a" name="b" time="0.1"/></testsuite></testsuites>`
	tests := map[string]string{
		"a link to a file of the system":    "ln -s /etc/passwd report.xml",
		"a link to a good report elsewhere": "echo '" + junit + "' > /tmp/r; ln -s /tmp/r report.xml",
		"a link in place of the folder":     "mkdir /tmp/d; echo '" + junit + "' > /tmp/d/report.xml; rmdir out; ln -s /tmp/d out",
		"a pipe":                            "mkfifo report.xml",
		"a pipe that is written to":         "mkfifo report.xml; (setsid sh -c \"echo '" + junit + "' > report.xml\" &)",
		"a folder":                          "mkdir report.xml",
		"a socket":                          "python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind(\"report.xml\")'",
		"a file nobody may read":            "echo secret > report.xml; chmod 0 report.xml",
		"a file of many megabytes":          "truncate -s 15M report.xml",
		"a bomb of entities":                `printf '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><testsuites>&b;</testsuites>' > report.xml`,
		"a file from outside":               `printf '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><testsuites><testsuite name="x" tests="1"><testcase name="&a;"/></testsuite></testsuites>' > report.xml`,
		"half a report":                     "echo '" + junit[:60] + "' > report.xml",
		"nothing":                           "true",
	}
	for name, script := range tests {
		t.Run(name, func(t *testing.T) {
			put(t, s, files("keep.txt", "original"))
			path := "report.xml"
			if strings.Contains(script, "out") {
				path = "out/report.xml"
			}
			report := check(t, s, harness.Suite{Command: []string{"sh", "-c", "mkdir -p out; " + script + "; exit 0"}, Format: "junit", ReportPath: path, Limits: limits()})
			if report.Verdict == harness.Passed || strings.Contains(report.Message, "root:") || len(report.Tests) > 0 && strings.Contains(report.Tests[0].Name, "root:") {
				t.Errorf("got %s (%s) with %+v", report.Verdict, report.Message, report.Tests)
			}
			checkNextIsClean(t, s)
		})
	}
	t.Run("no room for it", func(t *testing.T) {
		put(t, s, files("keep.txt", "original"))
		report := check(t, s, harness.Suite{Command: []string{"sh", "-c", "cat /dev/zero > big 2>/dev/null; echo '" + junit + "' > report.xml; exit 0"}, Format: "junit", ReportPath: "report.xml", Limits: limits()})
		wantVerdict(t, report, harness.DiskLimit)
		checkNextIsClean(t, s)
	})
}

// testListeners leaves a daemon that listens in every way there is.
func testListeners(t *testing.T, s harness.Session) {
	listen := `
import os, socket, time
if os.fork() == 0:
    os.setsid()
    kept = [socket.create_server(("127.0.0.1", 7777)), socket.socket(socket.AF_UNIX), socket.socket(socket.AF_INET, socket.SOCK_DGRAM)]
    kept[1].bind("\0carrel-left")
    kept[1].listen()
    kept[2].bind(("127.0.0.1", 7778))
    time.sleep(1000)
time.sleep(0.3)
`
	probe := `
import socket, sys
found = []
for family, kind, place in ((socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", 7777)), (socket.AF_UNIX, socket.SOCK_STREAM, "\0carrel-left")):
    try:
        socket.socket(family, kind).connect(place)
        found.append(place)
    except OSError:
        pass
socket.socket(socket.AF_INET, socket.SOCK_DGRAM).bind(("127.0.0.1", 7778))
sys.exit(f"found: {found}" if found else 0)
`
	put(t, s, files("keep.txt", "original", "hostile.py", listen))
	wantVerdict(t, check(t, s, hostileSuite), harness.Passed)
	put(t, s, files("keep.txt", "original", "hostile.py", probe))
	wantVerdict(t, check(t, s, hostileSuite), harness.Passed)
}

// testTerminalOutOfReach has a check go for a terminal of the same learner, where the learner may be
// typing a password.
func testTerminalOutOfReach(t *testing.T, s harness.Session) {
	put(t, s, files("keep.txt", "original", "hostile.py", `
import fcntl, glob, os, sys, termios
did = []
for path in glob.glob("/dev/pts/*") + ["/dev/tty"]:
    try:
        fd = os.open(path, os.O_RDWR | os.O_NONBLOCK | os.O_NOCTTY)
        if path != "/dev/pts/ptmx":
            did.append(path)
            fcntl.ioctl(fd, termios.TIOCSTI, b"x")
    except OSError:
        pass
for pid in map(int, filter(str.isdigit, os.listdir("/proc"))):
    try:
        if os.stat(f"/proc/{pid}").st_uid not in (0, os.getuid()):
            os.kill(pid, 0)
            did.append(pid)
    except OSError:
        pass
for path in ("/home/learner/secret.txt", "/home/learner/new.txt"):
    try:
        open(path, "a").close()
        did.append(path)
    except OSError:
        pass
sys.exit(f"reached: {did}" if did else 0)
`))
	term, err := s.Terminal(t.Context(), harness.Size{Rows: 24, Columns: 80})
	if err != nil {
		t.Fatal(err)
	}
	screen := &screen{from: term}
	say := func(line string) {
		t.Helper()
		if _, err := io.WriteString(term, line+"\n"); err != nil {
			t.Fatal(err)
		}
	}
	say("echo x > ~/secret.txt; chmod 600 ~/secret.txt; echo rea''dy")
	screen.wait(t, "ready")
	wantVerdict(t, check(t, s, hostileSuite), harness.Passed)
	say("echo still''-here; exit")
	screen.wait(t, "still-here")
	screen.wait(t, "")
	if err := term.Close(); err != nil {
		t.Error(err)
	}
}

// testLearnersApart leaves things in one learner's environment while another's looks for them.
func testLearnersApart(t *testing.T, r harness.Runner) {
	open := func(owner string) harness.Session {
		s, err := r.Open(t.Context(), harness.Spec{Environment: python(), Limits: limits(), Owner: owner})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = s.Close() })
		return s
	}
	one, other := open("one"), open("other")
	put(t, one, lesson.Files{"leave.py": lesson.NewFile([]byte(`
import socket, sys, time
open("/dev/shm/mark", "w").write("x")
open("/tmp/mark", "w").write("x")
s = socket.socket(socket.AF_UNIX)
s.bind("\0carrel-mark")
s.listen()
t = socket.create_server(("0.0.0.0", 7779))
print("ready", flush=True)
time.sleep(100)
`))})
	ctx, cancel := context.WithCancel(t.Context())
	ready, ended := make(chan struct{}, 1), make(chan struct{})
	go func() {
		defer close(ended)
		l := limits()
		l.Wall = 60 * l.Wall
		_, _ = one.Run(ctx, harness.Command{Argv: []string{"python3", "leave.py"}, Limits: l, Output: func(int, string) {
			select {
			case ready <- struct{}{}:
			default:
			}
		}})
	}()
	defer func() { cancel(); <-ended }()
	<-ready
	put(t, other, files("keep.txt", "original", "hostile.py", `
import os, socket, sys
found = [p for p in ("/dev/shm/mark", "/tmp/mark") if os.path.exists(p)]
found += [a.strip() for a in os.popen("hostname -I 2>/dev/null") if a.strip()]
for family, place in ((socket.AF_UNIX, "\0carrel-mark"), (socket.AF_INET, ("127.0.0.1", 7779))):
    try:
        socket.socket(family).connect(place)
        found.append(place)
    except OSError:
        pass
found += [p for p in os.listdir("/proc") if p.isdigit() and b"leave.py" in open(f"/proc/{p}/cmdline", "rb").read()]
sys.exit(f"found: {found}" if found else 0)
`))
	wantVerdict(t, check(t, other, hostileSuite), harness.Passed)
}
