"""Calls the learner's code for tests that run in another process, as another user.

Requests and answers are lines of JSON on file descriptor 3, in order. Two kinds of requests are understood: those
with "call", which package harness/agent/cases describes, and those with "do" of carrel_split. Nothing that comes
from here is trusted there: the learner's code shares this process, and may answer whatever it likes.
"""

import builtins
import collections
import enum
import importlib
import json
import operator
import os
import socket
import sys
import traceback
import types

import carrel_wire

FOLDER = os.getcwd()
MODULES = {"builtins": builtins, "operator": operator}  # whose functions the tests may hand over by name


class Driver:
    def __init__(self):
        self.objects = []
        self.handles = {}  # id of an object that is kept in objects -> its index

    def serve(self, channel):
        for line in channel.makefile("rb"):
            request = json.loads(line)
            answer = self.answer_call(request) if "call" in request else self.answer_do(request)
            for stream in (sys.stdout, sys.stderr):
                try:
                    stream.flush()
                except (AttributeError, ValueError, OSError):
                    pass  # closed by the learner's code
            answer["id"] = request["id"]
            try:
                carrel_wire.write_line(channel, answer)
            except ValueError as e:
                too_large = {"id": request["id"], "error": "TooLargeResult", "message": f"The result is too large: {e}."}
                carrel_wire.write_line(channel, too_large)

    # Requests of cases: plain JSON only

    def answer_call(self, request):
        try:
            file, _, name = request["call"].rpartition(".")
            function = getattr(importlib.import_module(file.replace("/", ".")), name)
            result = function(*request["args"])
        except BaseException as e:
            return {"error": type(e).__name__, "message": text_of(e)}
        try:
            return {"result": plain(result)}
        except Exception as e:
            return {"error": "NotPlainValue", "message": f"The result is no plain value: {e}."}

    # Requests of proxies

    def answer_do(self, request):
        try:
            arguments = carrel_wire.decode(request.get("args", []), self.resolve)
            named = carrel_wire.decode(request.get("kwargs", {}), self.resolve)
            before = [encoded_if_mutable(a) for a in arguments]
            value = DO[request["do"]](*arguments, **named)
            given = [i for i, a in enumerate(arguments) if a is value and encoded_if_mutable(a) is not None]
            answer = {"value": {"$": "argument", "v": given[0]} if given else carrel_wire.encode(value, self.refer)}
            after = [encoded_if_mutable(a) for a in arguments]
            changed = {i: carrel_wire.encode(a, self.refer) for i, a in enumerate(arguments) if before[i] != after[i]}
            return answer | ({"changed": changed} if changed else {})
        except BaseException as e:
            return {"raised": self.describe(e)}

    def keep(self, value):
        handle = self.handles.get(id(value))
        if handle is None:
            handle = self.handles[id(value)] = len(self.objects)
            self.objects.append(value)
        return handle

    def resolve(self, data):
        if data["$"] == "named":
            return getattr(MODULES[data["module"]], data["name"])
        return self.objects[data["handle"]]

    def refer(self, value):
        """Describes what is no plain value; it stays here."""
        if isinstance(value, enum.Enum):
            mixed = isinstance(value, (int, str))
            inner = carrel_wire.encode(value.value, self.refer)
            return {"$": "enum", "class": type(value).__qualname__, "name": value.name, "v": inner, "mixed": mixed}
        if isinstance(value, type):
            return self.describe_class(value)
        kind = "object"
        if isinstance(value, (types.FunctionType, types.BuiltinFunctionType, types.MethodType)):
            kind = "function"
        described = {"$": kind, "handle": self.keep(value), "name": getattr(value, "__name__", "")}
        if kind == "object":
            described["class"] = self.describe_class(type(value))
        return described

    def describe_class(self, cls):
        if getattr(builtins, cls.__name__, None) is cls:
            return {"$": "builtin", "name": cls.__name__}
        return {
            "$": "class",
            "handle": self.keep(cls),
            "name": cls.__qualname__,
            "module": cls.__module__,
            "exception": issubclass(cls, BaseException),
            "bases": [self.describe_class(base) for base in cls.__bases__ if base is not object],
        }

    def describe(self, error):
        frames = [(f.filename, f.lineno, f.name) for f in traceback.extract_tb(error.__traceback__)]
        attributes = {k: v for k, v in vars(error).items() if not k.startswith("_")}
        return {
            "class": self.describe_class(type(error)),
            "args": [self.safely(a) for a in error.args],
            "text": text_of(error),
            "attributes": {k: self.safely(v) for k, v in attributes.items()},
            "frames": [(os.path.relpath(f, FOLDER), n, name) for f, n, name in frames if f.startswith(FOLDER + os.sep)],
        }

    def safely(self, value):
        try:
            return carrel_wire.encode(value, self.refer)
        except Exception:
            return text_of(value)


def text_of(value):
    try:
        return str(value)
    except BaseException as e:
        return f"<{type(value).__name__}, whose str() raises {type(e).__name__}>"


def plain(value, depth=0):
    """Returns value in plain JSON, tuples as lists; TypeError says what is in the way."""
    if value is None or type(value) in (bool, int, str):
        return value
    if type(value) is float and value - value == 0:
        return value
    if depth < carrel_wire.DEEPEST:
        if type(value) in (list, tuple):
            return [plain(v, depth + 1) for v in value]
        if type(value) in (dict, collections.OrderedDict, collections.defaultdict, collections.Counter):
            if all(type(k) is str for k in value):
                return {k: plain(v, depth + 1) for k, v in value.items()}
    raise TypeError(f"{text_of(value)[:100]} of the type {type(value).__name__}")


def encoded_if_mutable(value):
    if type(value) in (list, dict, set, bytearray, collections.deque):
        try:
            return repr(value)
        except Exception:
            return None
    return None


def names(module):
    return list(getattr(module, "__all__", [n for n in vars(module) if not n.startswith("_")]))


def load(name):
    module = importlib.import_module(name)
    return [module, hasattr(module, "__path__")]


DO = {name: getattr(operator, name) for name in (
    "add sub mul matmul truediv floordiv mod pow lshift rshift and_ or_ xor neg pos invert abs index"
    " getitem setitem delitem call"
).split()} | {
    "import": load,
    "names": names,
    "get": getattr,
    "set": setattr,
    "delete": delattr,
    "len": len,
    "str": str,
    "repr": repr,
    "int": int,
    "float": float,
    "complex": complex,
    "bytes": bytes,
    "round": round,
    "format": format,
    "divmod": divmod,
    "iter": iter,
    "next": next,
    "reversed": reversed,
}


def main():
    sys.path.insert(0, FOLDER)
    os.set_inheritable(3, False)
    Driver().serve(socket.socket(fileno=3))


if __name__ == "__main__":
    main()
