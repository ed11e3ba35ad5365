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

    def restore(self):
        """Makes this the state again. Submodules of its packages that were loaded later are taken off them."""
        for name, module in list(sys.modules.items()):
            parent, _, child = name.rpartition(".")
            if name not in self.modules and parent in self.modules:
                if vars(self.modules[parent]).get(child) is module:
                    delattr(self.modules[parent], child)
        sys.modules.clear()
        sys.modules.update(self.modules)
        sys.meta_path[:] = self.finders


class Loaded:
    """levels has the states by command: "file" and "module" for any, "driver" for that of split checks,
    "unittest", "pytest", and "split" for pytest with the plugin for split checks. path is sys.path, filters the
    warnings' filters of a new interpreter, pytest a carrel_prepared.Prepared."""

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
    from _pytest.config import get_config

    loaded.pytest = carrel_prepared.Prepared()
    loaded.levels["pytest"] = Level(own)
    carrel_prepared.import_plugins(get_config(), [carrel_prepared.SPLIT])
    loaded.levels["split"] = Level(own)
    load_driver(loaded)
    return loaded


def load_driver(loaded):
    """Loads what the driver of split checks imports a second time: the learner's code in it must not find what
    pytest has loaded."""
    everything, finders = dict(sys.modules), list(sys.meta_path)
    sys.modules.clear()
    sys.modules.update(loaded.levels["file"].modules)
    import carrel_driver  # noqa: F401

    del sys.modules["carrel_driver"]  # it runs as a file
    loaded.levels["driver"] = Level()
    sys.modules.clear()
    sys.modules.update(everything)
    sys.meta_path[:] = finders
