package harnesstest

// processAttacks go for the other processes of the container: the agent, its interpreters, whatever runs.
func processAttacks() []hostile {
	return []hostile{
		{"tracing everything", `
import ctypes, os, sys
libc = ctypes.CDLL(None, use_errno=True)
traced = []
for pid in map(int, filter(str.isdigit, os.listdir("/proc"))):
    if pid == os.getpid():
        continue
    for request in (16, 0x4206):
        if libc.ptrace(request, pid, 0, 0) == 0:
            traced.append(pid)
buffer = ctypes.create_string_buffer(64)
part = (ctypes.c_size_t * 2)(ctypes.addressof(buffer), 64)
for pid in (1, os.getppid()):
    for place in (0x400000, 0xc000000000):
        far = (ctypes.c_size_t * 2)(place, 64)
        for call in (libc.process_vm_readv, libc.process_vm_writev):
            if call(pid, part, 1, far, 1, 0) > 0:
                traced.append((pid, "memory"))
sys.exit(f"traced: {traced}" if traced else 0)
`, passes},
		{"the secrets of other processes", `
import os, sys
read = []
for pid in filter(str.isdigit, os.listdir("/proc")):
    if int(pid) == os.getpid():
        continue
    for name in ("environ", "mem", "maps", "auxv", "syscall", "stack", "io", "pagemap", "personality"):
        try:
            if open(f"/proc/{pid}/{name}", "rb").read(1):
                read.append((pid, name))
        except OSError:
            pass
    for name in ("cwd", "root", "exe", "fd", "ns/net", "map_files"):
        try:
            os.listdir(f"/proc/{pid}/{name}") if name in ("fd", "map_files") else os.readlink(f"/proc/{pid}/{name}")
            read.append((pid, name))
        except OSError:
            pass
    for name in ("oom_score_adj", "comm", "clear_refs", "coredump_filter", "mem", "uid_map"):
        try:
            os.close(os.open(f"/proc/{pid}/{name}", os.O_WRONLY))
            read.append((pid, name, "written"))
        except OSError:
            pass
sys.exit(f"read: {read}" if read else 0)
`, passes},
		{"descriptors taken and passed", `
import ctypes, os, sys
libc = ctypes.CDLL(None, use_errno=True)
taken = []
for pid in map(int, filter(str.isdigit, os.listdir("/proc"))):
    if pid == os.getpid():
        continue
    fd = libc.syscall(434, pid, 0)
    if fd >= 0:
        for n in range(16):
            if libc.syscall(438, fd, n, 0) >= 0:
                taken.append((pid, n))
open_ones = [fd for fd in os.listdir("/proc/self/fd") if int(fd) > 3]
for fd in open_ones:
    try:
        target = os.readlink(f"/proc/self/fd/{fd}")
    except OSError:
        continue
    if "socket" in target or "carrel" in target:
        taken.append(target)
sys.exit(f"taken: {taken}" if taken else 0)
`, passes},
		{"every signal to everybody", `
import os, signal
if os.fork() == 0:
    os.setsid()
    for number in list(range(1, 65)):
        for pid in [1, -1] + [int(p) for p in os.listdir("/proc") if p.isdigit() and int(p) not in (os.getpid(), os.getppid())]:
            try:
                if number not in (9, 15) or pid != -1:
                    signal.signal(number, signal.SIG_IGN) if number not in (9, 19, 32, 33) else None
                os.kill(pid, number) if pid != -1 or number not in (9, 19) else None
            except (OSError, ValueError):
                pass
    os._exit(0)
os.wait()
`, contained},
		{"stopping everybody and itself", `
import os, signal
for _ in range(3):
    if os.fork() == 0:
        while True:
            signal.pause()
for pid in [int(p) for p in os.listdir("/proc") if p.isdigit()]:
    if pid != os.getpid():
        try:
            os.kill(pid, signal.SIGSTOP)
        except OSError:
            pass
os.kill(os.getpid(), signal.SIGSTOP)
`, noTime},
		{"a reaper of its own with orphans that outlive it", `
import ctypes, os, signal, time
libc = ctypes.CDLL(None)
libc.prctl(36, 1, 0, 0, 0)
for number in range(1, 32):
    try:
        signal.signal(number, signal.SIG_IGN)
    except OSError:
        pass
for _ in range(5):
    if os.fork() == 0:
        os.setsid()
        libc.prctl(1, 0, 0, 0, 0)
        libc.prctl(15, b"carrel-agent", 0, 0, 0)
        if os.fork() == 0:
            time.sleep(1000)
        os._exit(0)
`, passes},
		{"the agent's protocol on standard output", `
import os, struct, sys
def frame(body):
    return struct.pack(">I", len(body)) + body
# Events of the ids that the check may have, all saying that the run ended with 0.
for id in range(1, 200):
    number = bytes([id]) if id < 128 else bytes([id & 127 | 128, id >> 7])
    os.write(1, frame(b"\x08" + number + b"\x32\x02\x08\x00") + frame(b"\x08" + number + b"\x1a\x00"))
    os.write(2, b"\x01\x00\x00\x00" + frame(b"\x08" + number + b"\x32\x00"))
sys.exit(1)
`, fails},
		{"filters on itself and its children", `
import ctypes, os
libc = ctypes.CDLL(None)
program = (ctypes.c_uint64 * 1)(0x7fff000000000006)
class Prog(ctypes.Structure):
    _fields_ = [("n", ctypes.c_ushort), ("at", ctypes.c_void_p)]
for _ in range(64):
    libc.prctl(22, 2, ctypes.byref(Prog(1, ctypes.addressof(program))), 0, 0)
if os.fork() == 0:
    libc.prctl(22, 1, 0, 0, 0)
    os.getpid()
`, passes},
		{"the agent's program", `
import os, subprocess, sys
bad = []
for at, _, names in os.walk("/carrel"):
    for name in names:
        path = os.path.join(at, name)
        for arguments in ([], ["cases"], ["enter"], ["zygote"]):
            try:
                out = subprocess.run([path, *arguments], stdin=subprocess.DEVNULL, capture_output=True, timeout=1)
                if out.returncode == 0:
                    bad.append((name, arguments, out.stdout[:80]))
            except (OSError, subprocess.TimeoutExpired):
                pass
        for flags in (os.O_WRONLY, os.O_RDWR):
            try:
                os.close(os.open(path, flags))
                bad.append(path)
            except OSError:
                pass
    try:
        open(os.path.join(at, "x"), "w")
        bad.append(at)
    except OSError:
        pass
sys.exit(f"did: {bad}" if bad else 0)
`, passes},
		{"a dump of its memory", `
import os, resource, signal
try:
    resource.setrlimit(resource.RLIMIT_CORE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
except (ValueError, OSError):
    pass
os.kill(os.getpid(), signal.SIGABRT)
`, fails},
	}
}
