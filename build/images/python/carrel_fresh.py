"""Makes a forked child of the zygote look like an interpreter that has just been started.

A learner's program must not be able to tell the difference by accident: the same modules are loaded, the same
paths searched, the same tracebacks printed. What is unusual about a command, such as a variable that changes how
an interpreter starts, is refused before the fork or, when it shows only after it, answered by becoming a real
new interpreter.
"""

import atexit
import contextvars
import ctypes
import functools
import gc
import io
import os
import re
import site
import stat
import sys
import time
import types

import carrel_stack

DRIVER = "/usr/lib/carrel/carrel_driver.py"

# Variables that an interpreter looks at before its first line. What is named in _HANDLED is imitated.
_EARLY = re.compile("(PYTHON|LD_|MALLOC_|GLIBC_|LOCPATH)")
_HANDLED = {"PYTHONUNBUFFERED", "PYTHONDONTWRITEBYTECODE", "PYTHONUTF8"}
_SAME = ("LANG", "LANGUAGE", "LC_ALL", "LC_CTYPE")  # must be as the zygote has them
_FLAGS = re.compile("-[PBu]+")

_libc = ctypes.CDLL(None)
_libc.fopen.restype = ctypes.c_void_p
_libc.setvbuf.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int, ctypes.c_size_t]
_UNBUFFERED = 2  # _IONBF
_run_file = ctypes.pythonapi.PyRun_SimpleFileExFlags
_run_file.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int, ctypes.c_void_p]
_set_item = ctypes.pythonapi.PyStructSequence_SetItem
_set_item.argtypes = [ctypes.py_object, ctypes.c_ssize_t, ctypes.py_object]
_set_item.restype = None


class Command:
    """A command line of the interpreter: flags are letters, and either file or module is set."""

    def __init__(self, argv, flags, file="", module="", arguments=()):
        self.argv = argv
        self.flags = flags
        self.file = file
        self.module = module
        self.arguments = list(arguments)


class Interpreter:
    def __init__(self, loaded):
        self.loaded = loaded
        self.start = {name: os.environ.get(name) for name in _SAME}
        self.zone = os.environ.get("TZ")
        self.knows_stack = carrel_stack.known()

    def understand(self, argv, env):
        """Returns the Command, or None and why a child cannot stand for it."""
        variables = dict(pair.split("=", 1) for pair in env)
        for name in variables:
            if _EARLY.match(name) and name not in _HANDLED:
                return None, f"{name} changes how an interpreter starts"
        if variables.get("PYTHONUTF8") != "1":
            return None, "PYTHONUTF8 is not 1"
        for name, value in self.start.items():
            if variables.get(name) != value:
                return None, f"{name} is not the zygote's"
        if not argv or argv[0] not in ("python3", sys.executable):
            return None, "not this interpreter"
        flags, rest = "", list(argv[1:])
        while rest and _FLAGS.fullmatch(rest[0]):
            flags += rest.pop(0)[1:]
        if len(rest) > 1 and rest[0] == "-m" and re.fullmatch(r"\w[\w.]*", rest[1]):
            return Command(argv, flags, module=rest[1], arguments=rest[2:]), ""
        if rest and rest[0].endswith(".py") and not rest[0].startswith("-"):
            return Command(argv, flags, file=rest[0], arguments=rest[1:]), ""
        return None, "neither a module nor a .py file"

    def program(self, command, env):
        """Prepares this process, whose user, files and variables are already the command's, and returns
        what runs the command and returns its exit code."""
        if not plain(command):
            os.execvp(command.argv[0], command.argv)
        self.restore(command)
        open_streams("u" in command.flags or bool(os.environ.get("PYTHONUNBUFFERED")))
        gc.enable()
        return functools.partial(self.run, command)

    def restore(self, command):
        # Never freed: taking the others apart at the end would be slow and could run their code.
        keep_forever(dict(sys.modules))
        self.level(command).restore()
        sys.modules["__main__"] = types.ModuleType("__main__")
        sys.modules["__main__"].__dict__.update(__annotations__={}, __builtins__=sys.modules["builtins"])
        sys.modules["__main__"].__loader__ = sys.modules["_frozen_importlib"].BuiltinImporter
        if command.module == "pytest":
            self.loaded.pytest.offer()
        else:
            atexit._clear()
            restore_filters(self.loaded.filters)
        sys.dont_write_bytecode = "B" in command.flags or bool(os.environ.get("PYTHONDONTWRITEBYTECODE"))
        set_flags(
            dont_write_bytecode=int(sys.dont_write_bytecode),
            no_user_site=0,
            ignore_environment=0,
            isolated=0,
            safe_path="P" in command.flags,
        )
        sys._xoptions.clear()
        site.ENABLE_USER_SITE = True
        site.USER_SITE = site.USER_BASE = None  # else they stay the zygote's
        site.USER_SITE, site.USER_BASE = site.getusersitepackages(), site.getuserbase()
        site.enablerlcompleter()
        sys.orig_argv = list(command.argv)
        sys.argv = [command.file or "-m", *command.arguments]
        sys.path[:] = self.loaded.path
        if "P" not in command.flags:
            sys.path.insert(0, os.path.dirname(os.path.realpath(command.file)) if command.file else os.getcwd())
        if os.environ.get("TZ") != self.zone:
            time.tzset()

    def level(self, command):
        levels = self.loaded.levels
        if command.file:
            return levels["driver" if command.file == DRIVER else "file"]
        if command.module == "pytest" and which("learner"):
            return levels["split"]
        return levels.get(command.module) or levels["module"]

    def run(self, command):
        """Runs the command and returns what the interpreter shall exit with."""
        if command.file:
            return run_file(self.caller(2, contextvars.Context().run), command.file)
        import runpy

        run = functools.partial(runpy._run_module_as_main, command.module)
        if command.module == "pytest":
            return end_soon(run_module(self.caller(0), run))
        return run_module(self.caller(1, contextvars.Context().run), run)

    def caller(self, between, *start):
        """Returns what calls a function as if it was called by nobody. start is a function that calls its
        arguments: in a new context where modules that are hidden now may have set variables in the old one."""
        if self.knows_stack:
            return functools.partial(carrel_stack.call_alone, between, *start)
        return functools.partial(lambda function, *arguments: function(*arguments), *start)


def plain(command):
    """Reports whether the command is one that a child can stand for, now that the learner's files may be
    looked at."""
    if which(command.argv[0]) != sys.executable:
        return False  # another interpreter comes first on the command's PATH
    if os.path.isdir(os.path.expanduser("~/.local/lib")):
        return False  # packages of the user's own, which change sys.path and may run code at the start
    if any(is_terminal(fd) for fd in (0, 1, 2)):
        return False
    if not command.file:
        return True
    try:
        with open(command.file, "rb") as f:
            return stat.S_ISREG(os.fstat(f.fileno()).st_mode)
    except (OSError, ValueError):
        return False


def which(program):
    if "/" in program:
        return program
    for folder in os.get_exec_path():
        path = os.path.join(folder, program)
        if os.access(path, os.X_OK):
            return path
    return ""


def is_terminal(fd):
    try:
        return os.isatty(fd)
    except OSError:
        return False


def keep_forever(value):
    ctypes.pythonapi.Py_IncRef(ctypes.py_object(value))


def restore_filters(filters):
    import _warnings

    _warnings.filters[:] = filters
    _warnings._filters_mutated()


def set_flags(**values):
    """Changes sys.flags, of which Python code can make no second one."""
    names = type(sys.flags).__match_args__
    for name, value in values.items():
        keep_forever(value)  # the structure takes a reference
        _set_item(sys.flags, names.index(name), value)


def open_streams(unbuffered):
    """Makes sys.stdin, sys.stdout and sys.stderr as create_stdio of CPython's pylifecycle.c does."""
    for fd, name, mode, errors in (
        (0, "stdin", "r", "surrogateescape"),
        (1, "stdout", "w", "surrogateescape"),
        (2, "stderr", "w", "backslashreplace"),
    ):
        keep_forever(getattr(sys, name))
        stream = open_stream(fd, f"<{name}>", mode, errors, unbuffered)
        setattr(sys, name, stream)
        setattr(sys, f"__{name}__", stream)
        if unbuffered:
            _libc.setvbuf(ctypes.c_void_p.in_dll(_libc, name), None, _UNBUFFERED, 0)


def open_stream(fd, name, mode, errors, unbuffered):
    try:
        os.fstat(fd)
    except OSError:
        return None
    no_buffer = unbuffered and mode == "w"
    binary = open(fd, mode + "b", buffering=0 if no_buffer else -1, closefd=False)
    raw = binary if no_buffer else binary.raw
    raw.name = name
    text = io.TextIOWrapper(
        binary,
        encoding="utf-8",
        errors=errors,
        newline="\n",
        line_buffering=not unbuffered and fd == 2,
        write_through=unbuffered,
    )
    text.mode = mode
    return text


def run_file(call, path):
    """Runs a file by the very function that the interpreter runs its file with. It prints tracebacks and
    ends the process on SystemExit itself."""
    absolute = path if os.path.isabs(path) else os.path.join(os.getcwd(), path)
    stream = _libc.fopen(os.fsencode(path), b"rb")
    failed = call(_run_file, stream, os.fsencode(absolute), 1, None)
    if failed and getattr(sys, "last_type", None) is KeyboardInterrupt:
        interrupt()
    return 1 if failed else 0


def run_module(call, run):
    """Runs a module and returns what the interpreter shall exit with. It prints what the module raises as
    the interpreter does, without our own frames."""
    try:
        call(run)
    except SystemExit as e:
        return e.code
    except BaseException as e:
        e.__traceback__ = learners(e.__traceback__)
        sys.last_type, sys.last_value, sys.last_traceback = type(e), e, e.__traceback__
        sys.excepthook(type(e), e, e.__traceback__)
        if isinstance(e, KeyboardInterrupt):
            interrupt()
        return 1
    return 0


def interrupt():
    """Lets the interpreter end by SIGINT, as it does after a KeyboardInterrupt that nobody handled, without
    printing it once more."""
    sys.excepthook = lambda *_: None
    raise KeyboardInterrupt


def learners(traceback):
    """Returns the traceback without our own frames at its start."""
    ours = {__file__, carrel_stack.__file__}
    while traceback is not None and traceback.tb_frame.f_code.co_filename in ours:
        traceback = traceback.tb_next
    return traceback


def end_soon(code):
    """Ends the process as the interpreter would, up to taking its modules apart: with pytest's that is a
    quarter of a small check, and the report is told."""
    if not isinstance(code, int):
        return code
    if "threading" in sys.modules:
        sys.modules["threading"]._shutdown()
    atexit._run_exitfuncs()
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except (AttributeError, ValueError, OSError):
        code = 120  # as the interpreter has it
    os._exit(code & 0xFF)
