"""A pytest plugin for split checks: tests import the learner's modules as usual and get stand-ins for them.

The tests run as the tester in their own folder, the learner's code as the learner in another process that package
harness/agent starts for the program "learner". A request there is one line of JSON with a random id, the answer
one line with the same id; see carrel_driver for the other end and carrel_remote for the stand-ins.
"""

import importlib.machinery
import json
import os
import secrets
import selectors
import socket
import subprocess
import sys

import carrel_wire
from carrel_remote import RemoteModule, Stage

DRIVER = ("learner", "python3", "-P", "/usr/lib/carrel/carrel_driver.py")
WORK = "/work"
PATIENCE = 0.5  # seconds until a program that has closed its side should have ended


class ProgramEnded(RuntimeError):
    """The learner's program has not answered and never will."""

    __module__ = "builtins"  # so that its name is shown without ours


def pytest_configure(config):
    # At the end of the path: the standard library and the tests come first, or a learner's math.py could
    # answer for the tests' isclose.
    finder = Finder(Connection())
    sys.meta_path.append(finder)
    config.add_cleanup(finder.connection.close)


class Finder:
    """Finds the learner's modules."""

    def __init__(self, connection):
        self.connection = connection

    def find_spec(self, name, path=None, target=None):
        if not exists(name):
            return None
        return importlib.machinery.ModuleSpec(name, Loader(self.connection), origin="the learner's program")


class Loader:
    def __init__(self, connection):
        self.connection = connection

    def create_module(self, spec):
        return RemoteModule(spec.name)

    def exec_module(self, module):
        remote, is_package = self.connection.ask("import", module.__spec__.name)
        module.__carrel__ = object.__getattribute__(remote, "_carrel")[1]
        if is_package:
            module.__path__ = []


def exists(name):
    path = os.path.join(WORK, *name.split("."))
    return os.path.isfile(path + ".py") or os.path.isdir(path)


class Connection:
    """The way to the learner's program, which is started with the first request."""

    def __init__(self):
        self.stage = Stage(self)
        self.process = None
        self.why = ""  # it is over

    def ask(self, do, *args, **kwargs):
        """Returns the program's answer, or raises what it raised. Lists and the like that were handed over
        are changed as the program changed its copies."""
        arguments = [carrel_wire.encode(a, self.stage.refer) for a in args]
        named = {k: carrel_wire.encode(v, self.stage.refer) for k, v in kwargs.items()}
        answer = self.exchange({"do": do, "args": arguments, "kwargs": named})
        try:
            if "raised" in answer:
                error = self.stage.make_exception(answer["raised"])
                if isinstance(error, (StopIteration, StopAsyncIteration)) and do != "next":
                    # all(map(f, values)) would take it for the end of the values, and be true.
                    error = RuntimeError(f"{type(error).__name__} was raised outside of an iteration")
            elif "error" in answer:
                error = ValueError(str(answer["message"]))
            else:
                for i, value in answer.get("changed", {}).items():
                    change(args[int(i)], carrel_wire.decode(value, self.stage.resolve))
                value = answer["value"]
                if isinstance(value, dict) and value.get("$") == "argument":
                    return args[value["v"]]  # the very list that was handed over
                return carrel_wire.decode(value, self.stage.resolve)
        except (carrel_wire.Unreadable, LookupError, TypeError, ValueError, AttributeError) as e:
            self.end(f"it gave an answer that cannot be read ({e})")
        raise error

    def exchange(self, request):
        if self.process is None and not self.why:
            self.start()
        if self.why:
            raise ProgramEnded(self.why)
        request["id"] = secrets.token_hex(16)
        line = json.dumps(request, separators=(",", ":")).encode() + b"\n"
        if len(line) > carrel_wire.LARGEST:
            raise ValueError("The values of this call are too large for a split check.")
        try:
            self.channel.sendall(line)
            answer = self.receive()
        except OSError:
            answer = b""
        if not answer.endswith(b"\n"):
            self.end_of_program()
        try:
            answer = json.loads(answer)
            known = answer["id"] == request["id"]
        except (ValueError, TypeError, KeyError, RecursionError):
            known = False
        if not known or self.buffer:
            self.end("it said something that nobody had asked for")
        return answer

    def start(self):
        ours, theirs = socket.socketpair()
        with theirs:
            self.process = subprocess.Popen(
                DRIVER,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                pass_fds=(theirs.fileno(),),
                env=os.environ | {"CARREL_LEARNER_FD": str(theirs.fileno())},
            )
        self.channel, self.buffer = ours, b""
        self.selector = selectors.DefaultSelector()
        self.selector.register(ours, selectors.EVENT_READ, None)
        for pipe, name in ((self.process.stdout, "stdout"), (self.process.stderr, "stderr")):
            os.set_blocking(pipe.fileno(), False)
            self.selector.register(pipe, selectors.EVENT_READ, name)

    def receive(self):
        """Waits for a line of the program and passes on what it prints meanwhile: to sys.stdout and
        sys.stderr of this moment, where the tests may be capturing it."""
        while True:
            answered = False
            for key, _ in self.selector.select():
                if key.data is None:
                    answered = self.read_answer()
                else:
                    self.pass_on(key.fileobj, key.data)
            if answered:
                for key in list(self.selector.get_map().values()):
                    if key.data is not None:
                        self.pass_on(key.fileobj, key.data)
                line, newline, self.buffer = self.buffer.partition(b"\n")
                return line + newline

    def read_answer(self):
        data = self.channel.recv(1 << 16)
        self.buffer += data
        return not data or b"\n" in data or len(self.buffer) > carrel_wire.LARGEST

    def pass_on(self, pipe, name):
        try:
            data = os.read(pipe.fileno(), 1 << 16)
        except BlockingIOError:
            return
        if data:
            getattr(sys, name).write(data.decode(errors="backslashreplace"))
        else:
            self.selector.unregister(pipe)

    def end_of_program(self):
        """Raises that the program has ended."""
        self.channel.close()
        try:
            code = self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.end("it closed its side")
        how = f"exit code {code}" if code >= 0 else f"signal {-code}"
        self.end(f"it ended ({how}) before it answered")

    def end(self, why):
        self.why = f"The program that is being tested cannot be asked any more: {why}."
        self.close()
        raise ProgramEnded(self.why) from None

    def close(self):
        if self.process is not None:
            self.process.kill()  # its launcher: the program itself ends with it
            self.process.wait()
            self.channel.close()


def change(value, new):
    if isinstance(value, (list, bytearray)):
        value[:] = new
    elif isinstance(value, (dict, set)):
        value.clear()
        value.update(new)
    else:
        value.clear()
        value.extend(new)
