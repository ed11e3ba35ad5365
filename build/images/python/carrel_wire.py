"""How values travel between the tests of a split check and the learner's program: as JSON.

None, booleans, numbers, texts, lists and dictionaries with text keys are themselves. Everything else is an object
with the key "$" that names what it is. Both sides use this; neither must trust what it reads: reading makes plain
values only, and calls nothing that comes with them.
"""

import collections
import datetime
import decimal
import fractions
import json

LARGEST = 1 << 20  # bytes of a line
DEEPEST = 100
_MOST_DIGITS = 1000  # of an exponent's worth: Decimal("1e999999999") is short, and its int() is not
_LARGE = 1 << 64


class Unreadable(Exception):
    """What came is not a value."""


_SEQUENCES = {tuple: "tuple", set: "set", frozenset: "frozenset", collections.deque: "deque"}
_MAPPINGS = (dict, collections.OrderedDict, collections.defaultdict, collections.Counter)
_DATES = {datetime.datetime: "datetime", datetime.date: "date", datetime.time: "time"}
_MADE = {name: kind for kind, name in {**_SEQUENCES, **_DATES}.items()}


def encode(value, refer, depth=0):
    """Returns the JSON form of value. refer(value) returns that of what is no plain value, or raises."""
    kind = type(value)
    if value is None or kind in (bool, str):
        return value
    if kind is int:
        return value if -_LARGE < value < _LARGE else {"$": "int", "v": hex(value)}
    if kind is float:
        return value if value - value == 0 else {"$": "float", "v": repr(value)}
    if depth > DEEPEST:
        raise ValueError("the value is nested too deeply, or contains itself")

    def inner(v):
        return encode(v, refer, depth + 1)

    if kind is list:
        return [inner(v) for v in value]
    if kind in _MAPPINGS:
        if "$" not in value and all(type(k) is str for k in value):
            return {k: inner(v) for k, v in value.items()}
        return {"$": "dict", "v": [[inner(k), inner(v)] for k, v in value.items()]}
    if kind in _SEQUENCES:
        return {"$": _SEQUENCES[kind], "v": [inner(v) for v in value]}
    if kind in (bytes, bytearray):
        return {"$": kind.__name__, "v": value.hex()}
    if kind is complex:
        return {"$": "complex", "v": [repr(value.real), repr(value.imag)]}
    if kind is range:
        return {"$": "range", "v": [inner(v) for v in (value.start, value.stop, value.step)]}
    if kind is decimal.Decimal and (not value.is_finite() or abs(value.as_tuple().exponent) < _MOST_DIGITS):
        return {"$": "Decimal", "v": str(value)}
    if kind is fractions.Fraction:
        return {"$": "Fraction", "v": [inner(value.numerator), inner(value.denominator)]}
    if kind in _DATES and type(getattr(value, "tzinfo", None)) in (type(None), datetime.timezone):
        return {"$": _DATES[kind], "v": value.isoformat()}
    if kind is datetime.timedelta:
        return {"$": "timedelta", "v": [value.days, value.seconds, value.microseconds]}
    return refer(value)


def decode(data, resolve):
    """Returns the value of a JSON form. resolve(data) returns that of an object whose "$" is not a plain
    value's. Errors are Unreadable, or resolve's own."""
    try:
        return _decode(data, resolve, 0)
    except Unreadable:
        raise
    except (KeyError, TypeError, ValueError, ArithmeticError, RecursionError) as e:
        raise Unreadable(f"{type(e).__name__}: {e}") from None


def _decode(data, resolve, depth):
    if depth > DEEPEST + 10:
        raise Unreadable("nested too deeply")
    if isinstance(data, list):
        return [_decode(v, resolve, depth + 1) for v in data]
    if not isinstance(data, dict):
        return data
    if "$" not in data:
        return {k: _decode(v, resolve, depth + 1) for k, v in data.items()}
    tag, v = data["$"], data.get("v")
    if tag in ("tuple", "set", "frozenset", "deque"):
        return _MADE[tag](_decode(list(v), resolve, depth + 1))
    if tag == "dict":
        return {_decode(k, resolve, depth + 1): _decode(x, resolve, depth + 1) for k, x in v}
    if tag == "int":
        return int(v, 16)
    if tag == "float":
        return float(v)
    if tag in ("bytes", "bytearray"):
        return (bytes if tag == "bytes" else bytearray).fromhex(v)
    if tag == "complex":
        return complex(float(v[0]), float(v[1]))
    if tag == "range":
        return range(*_decode(list(v), resolve, depth + 1))
    if tag == "Decimal":
        number = decimal.Decimal(v)
        if number.is_finite() and abs(number.as_tuple().exponent) >= _MOST_DIGITS:
            raise Unreadable("a number that is too large")
        return number
    if tag == "Fraction":
        return fractions.Fraction(*_decode(list(v), resolve, depth + 1))
    if tag in ("datetime", "date", "time"):
        return _MADE[tag].fromisoformat(v)
    if tag == "timedelta":
        return datetime.timedelta(*v)
    return resolve(data)


def write_line(socket, message):
    """Sends a message; ValueError when it is too large."""
    line = json.dumps(message, separators=(",", ":")).encode() + b"\n"
    if len(line) > LARGEST:
        raise ValueError(f"it has {len(line)} bytes, and {LARGEST} are allowed")
    socket.sendall(line)
