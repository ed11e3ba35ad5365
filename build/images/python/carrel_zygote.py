"""A preloaded interpreter that the harness's agent forks checks from.

It speaks JSON over a SOCK_SEQPACKET socket, one message per packet:

    zygote -> agent   {"ready": true}
    agent  -> zygote  {"id", "argv", "env", "cwd", "uid", "gid", "limits": {"fsize", "cpu", "cpu_hard", "nproc"}, "fds"}
                      with one open file (SCM_RIGHTS) for each number in "fds"
    zygote -> agent   {"id", "unsupported": why}, or
                      {"id", "pid"} and, when the child has ended,
                      {"id", "status", "utime_us", "stime_us", "maxrss_kb"}; status is the raw wait status

It is root and reads nothing that a learner could have written: a request's command is looked at, and files are
opened only in the child, after it has become the request's user. It never starts a thread: what is forked is
exactly one.
"""

import ctypes
import fcntl
import gc
import json
import os
import resource
import select
import socket

import carrel_fresh

LARGEST_MESSAGE = 64 << 10
MOST_FILES = 16
PR_SET_DUMPABLE = 4
RETRY_MS = 5  # how often children are looked at where the kernel has no pidfd_open

_libc = ctypes.CDLL(None, use_errno=True)


def serve(number, loaded):
    """Answers requests until the agent hangs up, and returns 0 then. In a forked child it returns the
    exit code of the program that ran there, for the interpreter to end with in its usual way."""
    agent = socket.socket(fileno=number)
    zygote = Zygote(agent, carrel_fresh.Interpreter(loaded))
    gc.collect()
    gc.disable()
    gc.freeze()  # the children's collections then leave the shared pages alone
    agent.send(b'{"ready": true}')
    while True:
        for request, files in zygote.ready():
            child = zygote.start(request, files)
            if child is not None:
                return child()
        if zygote.closed:
            return 0


class Zygote:
    def __init__(self, agent, interpreter):
        self.agent = agent
        self.interpreter = interpreter
        self.closed = False
        self.children = {}  # pid -> (request id, pidfd or None)
        self.poll = select.poll()  # not epoll: nothing to close in the child
        self.poll.register(agent, select.POLLIN)

    def ready(self):
        """Waits for something to happen and yields the requests among it."""
        blind = any(fd is None for _, fd in self.children.values())
        happened = dict(self.poll.poll(RETRY_MS if blind else None))
        for pid, (_, fd) in list(self.children.items()):
            if fd is None or fd in happened:
                self.reap(pid)
        if self.agent.fileno() in happened:
            try:
                data, files, _, _ = socket.recv_fds(self.agent, LARGEST_MESSAGE + 1, MOST_FILES, socket.MSG_CMSG_CLOEXEC)
            except ConnectionResetError:
                data = b""
            if data:
                yield data, files
            else:
                self.closed = True

    def start(self, data, files):
        """Carries out a request. Returns None in the zygote and the program to run in the child."""
        number = 0
        try:
            request = json.loads(data)
            number = request["id"]
            command, why = self.interpreter.understand(request["argv"], request["env"])
            if len(files) != len(request["fds"]):
                why = f"{len(files)} files came for {len(request['fds'])} numbers"
            pid = -1 if why else os.fork()
        except Exception as e:  # a request that cannot be read, or no process left to fork
            why = f"{type(e).__name__}: {e}"
        if not why and pid == 0:
            return self.child(request, command, files)
        for fd in files:
            os.close(fd)
        if why:
            self.tell(id=number, unsupported=why)
        else:
            self.tell(id=number, pid=pid)
            self.follow(pid, number)
        return None

    def follow(self, pid, number):
        try:
            fd = os.pidfd_open(pid)
            self.poll.register(fd, select.POLLIN)
        except OSError:  # gVisor
            fd = None
        self.children[pid] = number, fd

    def reap(self, pid):
        number, fd = self.children[pid]
        ended, status, usage = os.wait4(pid, os.WNOHANG)
        if ended == 0:
            return
        del self.children[pid]
        if fd is not None:
            self.poll.unregister(fd)
            os.close(fd)
        self.tell(
            id=number,
            status=status,
            utime_us=round(usage.ru_utime * 1e6),
            stime_us=round(usage.ru_stime * 1e6),
            maxrss_kb=usage.ru_maxrss,
        )

    def tell(self, **message):
        self.agent.send(json.dumps(message).encode())

    def child(self, request, command, files):
        """Becomes the request's user with its files, and returns the program. Nothing of the learner is read here."""
        try:
            self.agent.detach()  # the number is somebody else's soon
            become(request, files)
            return self.interpreter.program(command, request["env"])
        except BaseException as e:
            os.write(2, f"carrel: the program could not be started: {type(e).__name__}: {e}\n".encode())
            os._exit(126)


def become(request, files):
    """Makes this process what the request describes. Ends with no rights beyond its user's."""
    os.setsid()
    place(dict(zip(request["fds"], files)))
    with open("/proc/self/oom_score_adj", "w") as f:
        f.write("1000")
    limits = request.get("limits") or {}
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    for name, limit in (("fsize", resource.RLIMIT_FSIZE), ("nproc", resource.RLIMIT_NPROC)):
        if limits.get(name):
            resource.setrlimit(limit, (limits[name], limits[name]))
    if limits.get("cpu"):
        resource.setrlimit(resource.RLIMIT_CPU, (limits["cpu"], limits.get("cpu_hard") or limits["cpu"]))
    os.setgroups([])
    os.setresgid(request["gid"], request["gid"], request["gid"])
    os.setresuid(request["uid"], request["uid"], request["uid"])
    if request["uid"] == 0 or os.getuid() != request["uid"]:
        raise PermissionError("still root")
    os.umask(0o022)
    # After a change of user the kernel hides /proc/self from it, /dev/fd included, until the next exec.
    if _libc.prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl")
    os.chdir(request["cwd"])
    os.environ.clear()
    os.environ.update(pair.split("=", 1) for pair in request["env"])


def place(files):
    """Gives open files their numbers and closes all others. files maps numbers to what they shall be."""
    clear = max([2, *files, *files.values()]) + 1
    moved = {number: fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, clear) for number, fd in files.items()}
    for number, fd in moved.items():
        os.dup2(fd, number)
    low = 0
    for number in sorted(moved):
        if low < number:  # the empty range from 0 to 0 would close everything
            os.closerange(low, number)
        low = number + 1
    os.closerange(low, 1 << 20)
