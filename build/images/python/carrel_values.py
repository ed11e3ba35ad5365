"""Turns an exception into what a learner wants to know: expected, actual, where, and a short message.

Nothing here may raise, whatever the learner's objects do when they are looked at.
"""

import re
import reprlib
import traceback
import unittest.case
from dataclasses import dataclass
from pathlib import Path

import _pytest.python_api
import pytest

LONGEST = 4096  # characters of any one text
_INVISIBLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")


@dataclass
class Failure:
    """One failed expectation, or one exception nobody expected."""

    status: str  # "failed" or "errored"
    message: str = ""
    expected: str = ""
    actual: str = ""
    file: str = ""  # relative to the workspace
    line: int = 0
    subtest: str = ""


def clip(text):
    """Returns text with its middle left out if it is long."""
    if len(text) <= LONGEST:
        return text
    head, tail = LONGEST * 3 // 4, LONGEST // 4
    return f"{text[:head]}\n... {len(text) - head - tail} characters left out ...\n{text[-tail:]}"


def visible(text):
    """Returns text with control characters and lone surrogates spelt out. No report has room for them."""
    return _INVISIBLE.sub(lambda m: m.group().encode("unicode_escape").decode("ascii"), text)


class _Repr(reprlib.Repr):
    """repr() that is bounded and survives every object. Sets and dictionaries come out in a stable
    order; addresses, which differ from run to run, are left out."""

    def __init__(self):
        super().__init__()
        self.maxlevel = 12
        self.maxtuple = self.maxlist = self.maxarray = self.maxdict = 500
        self.maxset = self.maxfrozenset = self.maxdeque = 500
        self.maxstring = self.maxlong = self.maxother = LONGEST

    def repr_instance(self, x, level):
        try:
            text = _ADDRESS.sub("", repr(x))
        except (Exception, SystemExit) as e:  # e.g. RecursionError, or a __repr__ that is not finished yet
            text = f"<{type(x).__name__}, whose repr() raises {type(e).__name__}>"
        return clip(text)


def safe_text(value):
    """Returns a bounded repr of value."""
    try:
        return clip(_Repr().repr(value))
    except (Exception, SystemExit) as e:
        return f"<{type(value).__name__}, whose repr() raises {type(e).__name__}>"


def safe_pair(expected, actual):
    """Returns both values as text. Two strings of which one has several lines are shown as they are:
    their line breaks are what a person compares."""
    if type(expected) is str and type(actual) is str and "\n" in expected.strip("\n") + actual.strip("\n"):
        return clip(expected), clip(actual)
    return safe_text(expected), safe_text(actual)


def describe(excinfo, workspace, compared, longrepr=""):
    """Returns the Failure for an exception. compared holds the comparisons of the assert statement that
    failed, each as operator, left and right. excinfo may be None; longrepr is the fallback."""
    if excinfo is None:
        return Failure("failed", clip(longrepr))
    error = excinfo.value
    if isinstance(error, pytest.Collector.CollectError) and error.__cause__ is not None:
        error = error.__cause__
    frames = list(traceback.walk_tb(error.__traceback__))
    failure = Failure("failed" if isinstance(error, (AssertionError, pytest.fail.Exception)) else "errored")
    failure.file, failure.line = _location(error, frames, workspace)
    failure.message = clip(_stable(_message(error, frames, workspace), workspace))
    try:
        pair = _values(error, frames, compared)
        if pair is None and hasattr(error, _EXPECTED):
            failure.status = "failed"
            pair = _exception_name(getattr(error, _EXPECTED)), f"{type(error).__name__}: {error}"
    except (Exception, SystemExit):
        pair = None  # the values are a help; without them the message still tells
    if pair is not None:
        failure.expected, failure.actual = map(clip, pair)
    return failure


def _inside(filename, workspace):
    """Returns the path of filename relative to the workspace, or "" when it is elsewhere."""
    if filename.startswith("<"):  # <frozen importlib>, <string>
        return ""
    try:
        return Path(filename).resolve().relative_to(workspace).as_posix()
    except (ValueError, OSError, RuntimeError):
        return ""


def _location(error, frames, workspace):
    """The deepest place in the workspace: the learner's line that raised, or the test's that expected."""
    elsewhere = getattr(error, _FRAMES, None)
    if elsewhere:
        return elsewhere[-1][:2]
    if isinstance(error, SyntaxError) and error.filename:
        file = _inside(error.filename, workspace)
        if file:
            return file, error.lineno or 0
    for frame, line in reversed(frames):
        file = _inside(frame.f_code.co_filename, workspace)
        if file:
            return file, line
    return "", 0


def _stable(text, workspace):
    """Returns text without what differs between two runs: addresses, and where the workspace is."""
    return _ADDRESS.sub("", text).replace(f"{workspace}/", "")


def _message(error, frames, workspace):
    try:
        text = "".join(traceback.format_exception_only(type(error), error)).strip()
    except (Exception, SystemExit):
        return f"{type(error).__name__}, whose text cannot be shown"
    if isinstance(error, pytest.fail.Exception):
        return str(error)
    if isinstance(error, AssertionError):
        return text.removeprefix("AssertionError: ").removeprefix("AssertionError")
    if isinstance(error, SyntaxError):
        return text
    if isinstance(error, OSError) and "reading from stdin while output is captured" in text:
        text = "The program asks for input, but nobody types during a check."
    own = [(f, line) for f, line in frames if _inside(f.f_code.co_filename, workspace)]
    where = [f"  {_inside(f.f_code.co_filename, workspace)}, line {line}, in {f.f_code.co_name}" for f, line in own]
    where += [f"  {file}, line {line}, in {name}" for file, line, name in getattr(error, _FRAMES, ())]
    if len(where) > 12:  # endless recursion
        where[6:-6] = [f"  ... {len(where) - 12} more ..."]
    return "\n".join([text, *where])


# unittest's two-value assertions: the names of the arguments that hold actual and expected, and the word
# put before expected. The tests' convention is assertEqual(actual, expected).
_UNITTEST = {
    "assertEqual": ("first", "second", ""),
    "assertNotEqual": ("first", "second", "not "),
    "assertIs": ("expr1", "expr2", ""),
    "assertIsNot": ("expr1", "expr2", "not "),
    "assertIn": ("member", "container", "in "),
    "assertNotIn": ("member", "container", "not in "),
    "assertAlmostEqual": ("first", "second", ""),
    "assertNotAlmostEqual": ("first", "second", "not "),
    "assertCountEqual": ("first_seq", "second_seq", ""),
    "assertGreater": ("a", "b", "> "),
    "assertGreaterEqual": ("a", "b", ">= "),
    "assertLess": ("a", "b", "< "),
    "assertLessEqual": ("a", "b", "<= "),
    "assertRegex": ("text", "expected_regex", "matching "),
    "assertNotRegex": ("text", "unexpected_regex", "not matching "),
    "assertIsInstance": ("obj", "cls", "an instance of "),
    "assertMultiLineEqual": ("first", "second", ""),
    "assertListEqual": ("list1", "list2", ""),
    "assertTupleEqual": ("tuple1", "tuple2", ""),
    "assertSequenceEqual": ("seq1", "seq2", ""),
    "assertSetEqual": ("set1", "set2", ""),
    "assertDictEqual": ("d1", "d2", ""),
}
_UNITTEST_ONE = {"assertTrue": "True", "assertFalse": "False", "assertIsNone": "None"}
_OPERATORS = {"==": "", "is": "", "!=": "not ", "is not": "not "}


def _values(error, frames, compared):
    """Returns expected and actual as text, or None. They are read from the frames of the assertion that
    raised: nothing has to be patched, and a test's own helper around an assertion works too."""
    for frame, _ in frames:
        name, module, local = frame.f_code.co_name, frame.f_globals.get("__name__", ""), frame.f_locals
        if module == "unittest.case":
            if name in _UNITTEST:
                actual, expected, word = _UNITTEST[name]
                return _worded(word, local[expected], local[actual])
            if name in _UNITTEST_ONE:
                return _UNITTEST_ONE[name], safe_text(local["expr" if "expr" in local else "obj"])
            if name == "_raiseFailure":
                context = local["self"]
                if hasattr(context, "exception"):  # the right one, with the wrong text
                    return _worded("a message matching ", context.expected_regex.pattern, str(context.exception))
                return _exception_name(context.expected), "no exception"
        if module == "_pytest.python_api" and name == "__exit__" and isinstance(error, pytest.fail.Exception):
            return _exception_name(local["self"].expected_exception), "no exception"
        if module == "_pytest._code.code" and name == "match":
            return _worded("a message matching ", local["regexp"], str(local["self"].value))
    # After "a == 1 or a == 2" there are two, and neither alone is what was expected.
    if len(compared) == 1 and isinstance(error, AssertionError):
        op, left, right = compared[0]
        return _worded(_OPERATORS.get(op, op + " "), right, left)
    return None


def _worded(word, expected, actual):
    if not word:
        return safe_pair(expected, actual)
    return word + safe_text(expected), safe_text(actual)


def _exception_name(expected):
    if isinstance(expected, tuple):
        return " or ".join(e.__name__ for e in expected)
    return expected.__name__


_FRAMES = "_carrel_frames"  # attribute of an exception of a split check: file, line and name of the learner's frames
_EXPECTED = "_carrel_expected"  # attribute of an exception that came where another was expected


def note_unexpected_exceptions():
    """Makes pytest.raises and assertRaises note on an exception they let pass which one they expected.
    Once they have returned, nothing in the traceback tells."""
    for context, attribute in (
        (_pytest.python_api.RaisesContext, "expected_exception"),
        (unittest.case._AssertRaisesContext, "expected"),
    ):
        context.__exit__ = _noting(context.__exit__, attribute)


def _noting(leave, attribute):
    def __exit__(self, exc_type, exc_value, tb):
        __tracebackhide__ = True
        handled = leave(self, exc_type, exc_value, tb)
        if exc_value is not None and not handled:
            try:
                setattr(exc_value, _EXPECTED, getattr(self, attribute))
            except Exception:
                pass  # an exception that takes no attributes goes without
        return handled

    return __exit__
