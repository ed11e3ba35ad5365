"""Hides the callers of the code that runs from the code it calls, with CPython 3.11's own structures.

Without it everything still works, but a program that looks at its stack sees the zygote at the bottom, and may
recurse a few calls less deep than in an interpreter of its own.
"""

import ctypes
import sys


class _Frame(ctypes.Structure):  # _PyInterpreterFrame
    _fields_ = [(name, ctypes.c_void_p) for name in ("function", "globals", "builtins", "locals", "code")]


class _CFrame(ctypes.Structure):  # _PyCFrame
    _fields_ = [("use_tracing", ctypes.c_uint8), ("current_frame", ctypes.POINTER(_Frame))]


class _Thread(ctypes.Structure):  # PyThreadState
    _fields_ = [
        ("previous", ctypes.c_void_p),
        ("next", ctypes.c_void_p),
        ("interpreter", ctypes.c_void_p),
        ("initialized", ctypes.c_int),
        ("static", ctypes.c_int),
        ("recursion_remaining", ctypes.c_int),
        ("recursion_limit", ctypes.c_int),
        ("recursion_headroom", ctypes.c_int),
        ("tracing", ctypes.c_int),
        ("tracing_what", ctypes.c_int),
        ("cframe", ctypes.POINTER(_CFrame)),
    ]


def _thread():
    ctypes.pythonapi.PyThreadState_Get.restype = ctypes.POINTER(_Thread)
    return ctypes.pythonapi.PyThreadState_Get().contents


def known():
    """Reports whether the structures are what they are taken for. To be asked before anything is hidden."""
    if sys.implementation.name != "cpython" or sys.version_info[:2] != (3, 11):
        return False
    thread, limit = _thread(), sys.getrecursionlimit()
    try:
        sys.setrecursionlimit(limit + 12345)
        if thread.recursion_limit != limit + 12345 or not limit < thread.recursion_remaining < limit + 12345:
            return False
    finally:
        sys.setrecursionlimit(limit)
    return thread.cframe.contents.current_frame.contents.code == id(sys._getframe().f_code)


def call_alone(between, function, *arguments):
    """Calls a C function that sees no Python frame below it, and code run by it neither. between is the
    number of calls in C until that code runs: they do not count towards its recursion limit."""
    thread = _thread()
    cframe = thread.cframe.contents
    thread.recursion_remaining = thread.recursion_limit + between
    cframe.current_frame = ctypes.POINTER(_Frame)()
    # From here on nothing may look for the current frame; the interpreter restores it when this returns.
    return function(*arguments)
