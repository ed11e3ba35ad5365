"""Loads what commands need, and remembers what an interpreter that runs such a command has loaded when.

It must import nothing itself before that, beyond what every interpreter has at its start.
"""

import os
import sys

import carrel_prepared

class Level:
    """The state of an interpreter at one moment."""

    def __init__(self, without=()):
        self.modules = {name: module for name, module in sys.modules.items() if name not in without}
        self.finders = list(sys.meta_path)


class Loaded:
    """levels has the states by command: "file", "module", and the modules that are prepared by name. path is
    sys.path, filters the warnings' filters of a new interpreter, pytest a carrel_prepared.Prepared."""

    def __init__(self):
        self.levels = {}
        self.path = []
        self.filters = []
        self.pytest = None


def load():
    import _warnings

    os.chdir("/")
    own = {"carrel_load", "carrel_prepared", "__main__"}
    loaded = Loaded()
    loaded.path = sys.path[1:]  # without the zygote's own folder
    loaded.filters = list(_warnings.filters)
    loaded.levels["file"] = Level(own)
    import runpy  # noqa: F401

    loaded.levels["module"] = Level(own)
    import unittest.main  # noqa: F401

    loaded.levels["unittest"] = Level(own)
    import pytest  # noqa: F401

    loaded.pytest = carrel_prepared.Prepared()
    loaded.levels["pytest"] = Level(own)
    return loaded

