"""Stand-ins for what lives in the learner's program: modules, functions, classes, objects, exceptions.

What is asked of one is answered by that program, and is its word. So a stand-in answers with values that the test
then compares itself, and refuses to compare: an == that the learner wrote could call everything equal.
"""

import builtins
import operator
import types

import carrel_wire

REFUSED = (
    "This is {}, which lives in the program that is being tested, and comparing it would be that program's word."
    " Compare plain values: str(...), list(...), or an attribute that is a number or a text."
)
NO_CALLBACK = (
    "{} belongs to the tests and cannot be handed to the program that is being tested: only plain values, built-in"
    " functions and the program's own objects can. A test that needs it is for checks with the integrity canary."
)


NAMED = {
    id(value): (module.__name__.lstrip("_"), name)
    for module in (builtins, operator)
    for name, value in vars(module).items()
    if callable(value) and not name.startswith("_")
}


class Refused(TypeError):
    """The test asks for something that a split check cannot give."""

    __module__ = "builtins"  # so that its name is shown without ours


class Remote:
    """The base of all stand-ins. _carrel is the connection and the number of the object there."""

    __slots__ = ("_carrel", "_carrel_name", "__weakref__")

    def __getattr__(self, name):
        if unasked(name):
            raise AttributeError(name)
        return ask(self, "get", self, name)

    def __setattr__(self, name, value):
        ask(self, "set", self, name, value)

    def __delattr__(self, name):
        ask(self, "delete", self, name)

    def __call__(self, *args, **kwargs):
        return ask(self, "call", self, *args, **kwargs)

    def __iter__(self):
        return Iteration(ask(self, "iter", self))

    def __next__(self):
        return ask(self, "next", self)

    def __contains__(self, value):
        return any(value == v for v in self)  # compared here

    def __enter__(self):
        return ask(self, "get", self, "__enter__")()

    def __exit__(self, kind, error, tb):
        ask(self, "get", self, "__exit__")(None, None, None)

    def __hash__(self):
        return hash(object.__getattribute__(self, "_carrel"))

    def __dir__(self):
        return []

    def __str__(self):
        return ask(self, "str", self)

    def __repr__(self):
        return ask(self, "repr", self)

    def __format__(self, spec):
        return ask(self, "format", self, spec)

    def __round__(self, *digits):
        return ask(self, "round", self, *digits)

    def __divmod__(self, other):
        return ask(self, "divmod", self, other)


class RemoteGenerator(Remote):
    """The stand-in for a generator, which tests that ask are told it is."""

    __slots__ = ()
    __class__ = types.GeneratorType


class Iteration:
    """Items one by one, as they are asked for."""

    def __init__(self, remote):
        self.remote = remote

    def __iter__(self):
        return self

    def __next__(self):
        return ask(self.remote, "next", self.remote) if isinstance(self.remote, Remote) else next(self.remote)


def unasked(name):
    """Names that tools look for on everything they meet, and none of which a learner's object answers for."""
    return name.startswith("_pytest") or name.startswith("__") and name not in ("__name__", "__doc__", "__qualname__", "__module__")


def ask(remote, do, *args, **kwargs):
    connection, _ = object.__getattribute__(remote, "_carrel")
    return connection.ask(do, *args, **kwargs)


def _refuse(self, *_):
    raise Refused(REFUSED.format(object.__getattribute__(self, "_carrel_name")))


def _asking(do):
    return lambda self, *args: ask(self, do, self, *args)


def _asking_reflected(do):
    return lambda self, other: ask(self, do, other, self)


for _name in ("eq", "ne", "lt", "le", "gt", "ge", "bool"):
    setattr(Remote, f"__{_name}__", _refuse)
for _name in "add sub mul matmul truediv floordiv mod pow lshift rshift and or xor".split():
    _do = _name + "_" if _name in ("and", "or") else _name
    setattr(Remote, f"__{_name}__", _asking(_do))
    setattr(Remote, f"__r{_name}__", _asking_reflected(_do))
for _name in "neg pos invert abs index getitem setitem delitem len int float complex bytes reversed".split():
    setattr(Remote, f"__{_name}__", _asking(_name))


class RemoteClass(type):
    """The metaclass of stand-ins for classes: an object of such a class is made in the program."""

    def __call__(cls, *args, **kwargs):
        return ask_class(cls, "call", *args, **kwargs)

    def __getattr__(cls, name):
        if unasked(name):
            raise AttributeError(name)
        return ask_class(cls, "get", name)

    def __setattr__(cls, name, value):
        ask_class(cls, "set", name, value)

    def __iter__(cls):
        return Iteration(ask_class(cls, "iter"))

    def __len__(cls):
        return ask_class(cls, "len")

    def __getitem__(cls, key):
        return ask_class(cls, "getitem", key)

    def __bool__(cls):
        return True


def ask_class(cls, do, *args, **kwargs):
    known = type.__getattribute__(cls, "__dict__").get("_carrel_class")
    if known is None:
        raise Refused(f"{cls.__name__} is a class of the tests that builds on one of the program's: a split check has no such thing.")
    return known[0].ask(do, cls, *args, **kwargs)


class Member:
    """A member of an enumeration: a plain value with a name."""

    def __init__(self, cls, name, value, mixed):
        self.cls, self.name, self.value, self.mixed = cls, name, value, mixed

    def __eq__(self, other):
        if isinstance(other, Member):
            return (self.cls, self.name) == (other.cls, other.name)
        return self.mixed and self.value == other

    def __hash__(self):
        return hash(self.value if self.mixed else (self.cls, self.name))

    def __repr__(self):
        return f"<{self.cls}.{self.name}: {self.value!r}>"

    def __str__(self):
        return f"{self.cls}.{self.name}"


class RemoteModule(types.ModuleType):
    """The stand-in for a module: a name of it is asked for each time it is used."""

    def __getattr__(self, name):
        if name == "__all__":
            return self.__spec__.loader.connection.ask("names", self)
        if unasked(name):
            raise AttributeError(name)
        return self.__spec__.loader.connection.ask("get", self, name)

    def __setattr__(self, name, value):
        if name.startswith("__") or isinstance(value, (RemoteModule, types.ModuleType)):
            super().__setattr__(name, value)
        else:
            self.__spec__.loader.connection.ask("set", self, name, value)


class Stage:
    """Makes stand-ins from descriptions, the same class for the same description each time."""

    def __init__(self, connection):
        self.connection = connection
        self.classes = {}  # by number

    def refer(self, value):
        """Returns the description of a stand-in that goes back to the program."""
        known = None
        if isinstance(value, Remote):
            known = object.__getattribute__(value, "_carrel")
        elif isinstance(value, type):
            known = type.__getattribute__(value, "__dict__").get("_carrel_class")
        elif isinstance(value, RemoteModule):
            known = self.connection, value.__dict__["__carrel__"]
        if known is not None:
            return {"$": "ref", "handle": known[1]}
        if id(value) in NAMED:
            return {"$": "named", "module": NAMED[id(value)][0], "name": NAMED[id(value)][1]}
        raise Refused(NO_CALLBACK.format(repr(value)[:200]))

    def resolve(self, data):
        """Returns the stand-in for a description."""
        tag = data["$"]
        if tag in ("class", "builtin"):
            return self.make_class(data)
        if tag == "enum":
            return Member(str(data["class"]), str(data["name"]), carrel_wire.decode(data["v"], self.resolve), bool(data["mixed"]))
        if tag == "function":
            return self.make(Remote, data, f"the function {data['name']}")
        if tag == "object":
            cls = self.make_class(data["class"])
            base = cls if isinstance(cls, RemoteClass) else Remote
            if (cls.__module__, cls.__name__) == ("builtins", "generator"):
                base = RemoteGenerator
            return self.make(base, data, f"an object of the class {cls.__name__}")
        raise carrel_wire.Unreadable(f"a value of the kind {tag!r}")

    def make(self, cls, data, name):
        remote = object.__new__(cls)
        object.__setattr__(remote, "_carrel", (self.connection, int(data["handle"])))
        object.__setattr__(remote, "_carrel_name", name)
        return remote

    def make_class(self, data):
        if data["$"] == "builtin":
            cls = getattr(builtins, data["name"])
            if not isinstance(cls, type):
                raise carrel_wire.Unreadable("no class")  # a built-in function would run here when called
            return cls
        known = self.classes.get(data["handle"])
        if known is not None:
            return known
        bases = [self.make_class(base) for base in data["bases"]]
        body = {"__module__": str(data["module"]), "__qualname__": str(data["name"])}
        name = body["__qualname__"].rpartition(".")[2]
        if data["exception"]:
            bases = [b for b in bases if isinstance(b, type) and issubclass(b, BaseException)] or [Exception]
            cls = type(name, tuple(bases), body | {"__str__": exception_text})
        else:
            bases = [b for b in bases if isinstance(b, RemoteClass)] or [Remote]
            cls = RemoteClass.__new__(RemoteClass, name, tuple(bases), body | {"__slots__": ()})
        type.__setattr__(cls, "_carrel_class", (self.connection, int(data["handle"])))
        self.classes[data["handle"]] = cls
        return cls

    def make_exception(self, data):
        """Returns the exception that the program raised. It is a built-in one, or of a class that builds on
        built-in ones only: what pytest itself raises and catches, such as a skip, is not among them."""
        cls = self.make_class(data["class"])
        if not (isinstance(cls, type) and issubclass(cls, BaseException)):
            raise carrel_wire.Unreadable("what was raised is no exception")
        if issubclass(cls, (KeyboardInterrupt, GeneratorExit)):
            cls = RuntimeError  # they would end the tests and not one test
        args = [carrel_wire.decode(a, self.resolve) for a in data["args"]]
        try:
            error = cls(*args) if cls.__module__ == "builtins" else cls.__new__(cls, *args)
        except Exception:
            error = Exception(str(data["text"]))
        error.args = tuple(args)
        error._carrel_text = str(data["text"])
        error._carrel_frames = [(str(f), int(n), str(name)) for f, n, name in data["frames"]]
        for name, value in data["attributes"].items():
            if name.isidentifier() and not name.startswith("_") and not hasattr(error, name):
                setattr(error, name, carrel_wire.decode(value, self.resolve))
        return error


def exception_text(self):
    return getattr(self, "_carrel_text", None) or BaseException.__str__(self)


