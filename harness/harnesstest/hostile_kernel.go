package harnesstest

// kernelAttacks go for the kernel and for the walls around the container. Those in kernelProbe are not
// repeated.
func kernelAttacks() []hostile {
	return []hostile{
		{"system calls for administrators", `
import ctypes, errno, platform, sys
libc = ctypes.CDLL(None, use_errno=True)
x86 = platform.machine() == "x86_64"
numbers = dict(zip(
    ("chroot", "pivot_root", "setns", "init_module", "finit_module", "delete_module", "kexec_load", "reboot", "swapon", "acct", "sethostname",
     "settimeofday", "clock_settime", "open_by_handle_at", "quotactl", "fanotify_init", "add_key", "request_key", "umount2",
     "move_mount", "fsopen", "fsmount", "open_tree", "mount_setattr", "lookup_dcookie", "syslog", "vhangup"),
    (161, 155, 308, 175, 313, 176, 246, 169, 167, 163, 170, 164, 227, 304, 179, 300, 248, 249, 166, 429, 430, 432, 428, 442, 212, 103, 153) if x86 else
    (51, 41, 268, 105, 273, 106, 104, 142, 224, 89, 161, 170, 112, 265, 60, 262, 217, 218, 39, 429, 430, 432, 428, 442, 18, 116, 58)))
if x86:
    numbers |= {"iopl": 172, "ioperm": 173, "modify_ldt": 154, "uselib": 134}
place = ctypes.create_string_buffer(b"/tmp\0", 4096)
allowed = []
for name, number in numbers.items():
    if libc.syscall(number, place, place, place, place, place) != -1 or ctypes.get_errno() not in (errno.EPERM, errno.ENOSYS, errno.EACCES):
        allowed.append((name, errno.errorcode.get(ctypes.get_errno())))
# Clearing the local descriptor table is all that modify_ldt may still be good for.
allowed = [a for a in allowed if a[0] != "modify_ldt"]
sys.exit(f"allowed: {allowed}" if allowed else 0)
`, passes},
		{"namespaces by clone", `
import ctypes, os, platform, sys
libc = ctypes.CDLL(None, use_errno=True)
number, number3 = (56, 435) if platform.machine() == "x86_64" else (220, 435)
made = []
for flag in (0x10000000, 0x20000, 0x40000000, 0x20000000, 0x8000000, 0x4000000, 0x2000000):
    pid = libc.syscall(number, flag | 17, 0, 0, 0, 0)
    if pid == 0:
        os._exit(0)
    if pid > 0:
        made.append(hex(flag))
arguments = (ctypes.c_uint64 * 11)(0x10000000, 0, 0, 0, 17)
pid = libc.syscall(number3, arguments, 88)
if pid == 0:
    os._exit(0)
if pid > 0:
    made.append("clone3")
sys.exit(f"made: {made}" if made else 0)
`, passes},
		{"system calls of other architectures", `
import ctypes, mmap, os, platform, sys
if platform.machine() != "x86_64":
    sys.exit(0)
libc = ctypes.CDLL(None, use_errno=True)
def i386():
    code = mmap.mmap(-1, 4096, prot=7)
    code.write(b"\x53\xb8\x14\x00\x00\x00\xcd\x80\x5b\xc3")  # getpid by int 0x80
    return ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(code)))() == os.getpid()
answered = []
for call in (i386, lambda: libc.syscall(0x40000000 | 39) > 0):
    pid = os.fork()
    if pid == 0:
        os._exit(7 if call() else 0)
    if os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 7:
        answered.append(call.__name__)
sys.exit(f"answered: {answered}" if answered else 0)
`, passes},
		{"becoming root", `
import os, sys
became = []
for name, call in {"setuid": lambda: os.setuid(0), "setgid": lambda: os.setgid(0), "setgroups": lambda: os.setgroups([0]),
                   "setresuid": lambda: os.setresuid(0, 0, 0), "other": lambda: os.setuid(os.getuid() + 1), "tester": lambda: os.setuid(os.getuid() + 2)}.items():
    try:
        call()
        became.append(name)
    except OSError:
        pass
status = dict(line.split(":\t", 1) for line in open("/proc/self/status").read().splitlines() if ":\t" in line)
for key in ("CapInh", "CapPrm", "CapEff", "CapAmb"):
    if int(status[key], 16):
        became.append(key)
if status["NoNewPrivs"] != "1" or status["Seccomp"] != "2" or status["Groups"].strip():
    became.append(f"{status['NoNewPrivs']} {status['Seccomp']} {status['Groups']}")
sys.exit(f"became: {became}" if became else 0)
`, passes},
		{"devices", `
import os, stat, sys
opened = []
for name, major, minor in (("kmsg", 1, 11), ("mem", 1, 1), ("disk", 8, 0), ("loop", 7, 0), ("tun", 10, 200), ("fuse", 10, 229)):
    try:
        os.mknod("/tmp/" + name, 0o666 | stat.S_IFCHR, os.makedev(major, minor))
        opened.append("made " + name)
    except OSError:
        pass
harmless = {"null", "zero", "full", "random", "urandom", "tty", "ptmx", "fd", "stdin", "stdout", "stderr", "core"}
for at, folders, names in os.walk("/dev"):
    folders[:] = [f for f in folders if os.path.join(at, f) not in ("/dev/shm", "/dev/mqueue", "/dev/fd")]
    for name in names:
        if name in harmless:
            continue
        try:
            os.close(os.open(os.path.join(at, name), os.O_RDWR | os.O_NONBLOCK | os.O_NOCTTY))
            opened.append(os.path.join(at, name))
        except OSError:
            pass
sys.exit(f"opened: {opened}" if opened else 0)
`, passes},
		{"the kernel's settings", `
import os, sys
written = []
own = ("/proc/self", "/proc/thread-self", f"/proc/{os.getpid()}")
for top in ("/proc/sys", "/proc/irq", "/proc/bus", "/proc/sysrq-trigger", "/proc/kcore", "/proc/kmsg", "/proc/timer_list", "/proc/acpi", "/proc/scsi", "/sys"):
    places = [top] if os.path.isfile(top) else [os.path.join(at, n) for at, _, names in os.walk(top) for n in names]
    for path in places:
        try:
            os.close(os.open(path, os.O_WRONLY | os.O_NONBLOCK))
            written.append(path)
        except OSError:
            pass
for path in ("/proc/kcore", "/proc/kmsg", "/proc/keys", "/proc/sched_debug"):
    try:
        if os.read(os.open(path, os.O_RDONLY | os.O_NONBLOCK), 16):
            written.append("read " + path)
    except OSError:
        pass
sys.exit(f"open: {written[:20]}" if written else 0)
`, passes},
		{"cgroups", `
import os, sys
done = []
for line in open("/proc/self/mountinfo"):
    place = line.split()[4]
    if "cgroup" in line:
        try:
            os.mkdir(place + "/mine")
            done.append(place)
        except OSError:
            pass
        for name in ("cgroup.procs", "memory.max", "memory.limit_in_bytes", "pids.max", "release_agent", "notify_on_release"):
            try:
                open(os.path.join(place, name), "a").close()
                done.append(name)
            except OSError:
                pass
sys.exit(f"done: {done}" if done else 0)
`, passes},
		{"networks", `
import errno, socket, sys
reached = []
places = [("169.254.169.254", 80), ("169.254.170.2", 80), ("100.100.100.200", 80), ("1.1.1.1", 53), ("8.8.8.8", 53), ("172.17.0.1", 22), ("172.17.0.1", 2375),
          ("192.168.0.1", 80), ("10.0.0.1", 80), ("224.0.0.1", 5353), ("255.255.255.255", 67)]
for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
    for place in places:
        with socket.socket(socket.AF_INET, kind) as s:
            s.settimeout(0.2)
            try:
                s.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
                s.connect(place)
                s.send(b"x")
                reached.append(place)
            except OSError:
                pass
with socket.socket(socket.AF_INET6) as s:
    s.settimeout(0.2)
    try:
        s.connect(("2606:4700:4700::1111", 53))
        reached.append("IPv6")
    except OSError:
        pass
for name in ("example.com", "metadata.google.internal", "host.docker.internal", "kubernetes.default.svc"):
    try:
        reached.append(socket.getaddrinfo(name, 80)[0][4])
    except OSError:
        pass
for family, kind, proto in ((socket.AF_INET, socket.SOCK_RAW, 1), (socket.AF_INET, socket.SOCK_RAW, 255), (17, socket.SOCK_RAW, 768),
                            (29, socket.SOCK_RAW, 1), (31, socket.SOCK_RAW, 1), (44, socket.SOCK_RAW, 0), (38, socket.SOCK_SEQPACKET, 0), (40, socket.SOCK_STREAM, 0), (16, socket.SOCK_RAW, 0)):
    try:
        socket.socket(family, kind, proto).close()
        reached.append((family, kind))
    except OSError:
        pass
sys.exit(f"reached: {reached}" if reached else 0)
`, passes},
	}
}
