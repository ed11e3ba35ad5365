"""A pytest plugin that writes a report people can learn from.

The report goes to $CARREL_REPORT while the tests run: JSON Lines to /dev/fd/<number>, see carrel_lines, or JUnit
XML to a file, see carrel_junit. Without that variable the plugin only finds the learner's modules. pytest's own
--junitxml is not enough: it knows no values, only text, and it is written at the very end, so a suite that hangs
and is killed leaves nothing.

PYTEST_DONT_REWRITE: there is no assert in here.
"""

import os
import re
import shutil
import sys
from dataclasses import dataclass, field
from pathlib import Path

# pytest and unittest import these only when the learner's folder is on the path, and would get the learner's
# module of that name.
import difflib  # noqa: F401
import faulthandler  # noqa: F401
import pdb  # noqa: F401

import pytest

from carrel_lines import LinesReport
from carrel_values import clip, describe, note_unexpected_exceptions, safe_text


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config):
    if shutil.which("learner"):  # the launcher of split checks, where the learner's modules are out of reach
        early_config.pluginmanager.import_plugin("carrel_split")
    # The suite may live in a folder of its own and import from the workspace's root. pytest itself is
    # loaded by now, so a learner's random.py or types.py no longer breaks it.
    workspace = str(early_config.invocation_params.dir)
    if workspace not in sys.path:
        sys.path.insert(0, workspace)


def pytest_configure(config):
    config.addinivalue_line("markers", "task(taskno): the task of the exercise a test belongs to")
    path = os.environ.get("CARREL_REPORT")
    if path:
        workspace = Path(config.invocation_params.dir).resolve()
        note_unexpected_exceptions()
        config.pluginmanager.register(Recorder(config, workspace, open_report(workspace, path)), "carrel-recorder")


def open_report(workspace, path):
    if path.startswith("/dev/fd/"):
        return LinesReport(int(path.removeprefix("/dev/fd/")))
    from carrel_junit import JUnitReport

    return JUnitReport(workspace / path)


@dataclass
class Case:
    """One test. status is one of harness.TestStatus, or "running"."""

    id: str
    name: str
    group: str
    file: str
    line: int
    status: str = "not_run"
    seconds: float = 0.0
    output: str = ""
    skip_reason: str = ""
    failures: list = field(default_factory=list)  # of carrel_values.Failure

    def place(self):
        """Returns file and line of what failed first, else of the test."""
        if self.failures and self.failures[0].file:
            return self.failures[0].file, self.failures[0].line
        return self.file, self.line

    def values(self):
        """Returns what was expected and what came, as far as that is known of the first failure."""
        if not self.failures:
            return "", ""
        return self.failures[0].expected, self.failures[0].actual

    def message(self):
        """Returns what a person should read; of several failures (subtests) all of them."""
        if len(self.failures) == 1 and not self.failures[0].subtest:
            return self.failures[0].message
        if self.failures:
            told = (f"{f.subtest}:\n{f.message}" if f.subtest else f.message for f in self.failures)
            return clip("\n\n".join(told))
        return self.skip_reason if self.status == "skipped" else ""


class Recorder:
    """Follows the run and tells the report of it. A report has the methods planned(cases), began(case),
    ended(case) and finished()."""

    def __init__(self, config, workspace, report):
        self.capture = config.pluginmanager.getplugin("capturemanager")
        self.workspace = workspace
        self.report = report
        self.cases = {}
        self.compared = []  # operator and operands of the failed comparisons since the last failure

    # Collection

    @pytest.hookimpl(hookwrapper=True)
    def pytest_make_collect_report(self, collector):
        outcome = yield
        report = outcome.get_result()
        if report.failed:
            failure = describe(report.call.excinfo, self.workspace, [])
            failure.status = "errored"
            case = Case(report.nodeid, collector.name, "build", failure.file or report.nodeid, failure.line)
            case.status = "errored"
            case.failures.append(failure)
            self.cases[case.id] = case
            self.report.ended(case)

    def pytest_collection_finish(self, session):
        cases = []
        for item in session.items:
            file, line, _ = item.location
            cases.append(Case(item.nodeid, readable_name(item), group(item), file, (line or 0) + 1))
        # unittest sorts its tests by name; people read them in the order of the file.
        files = {case.file: i for i, case in reversed(list(enumerate(cases)))}
        cases.sort(key=lambda case: (files[case.file], case.line))
        self.cases |= {case.id: case for case in cases}
        self.report.planned(list(self.cases.values()))

    # Tests

    def pytest_runtest_logstart(self, nodeid):
        self.cases[nodeid].status = "running"
        self.compared = []
        self.report.began(self.cases[nodeid])  # so that it is known which test ended the interpreter

    def pytest_assertrepr_compare(self, op, left, right):
        self.compared.append((op, left, right))

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_makereport(self, item, call):
        outcome = yield
        report = outcome.get_result()
        case = self.cases[item.nodeid]
        case.seconds += call.duration
        case.output = clip(report.capstdout + report.capstderr)
        if report.failed:
            failure = describe(call.excinfo, self.workspace, self.compared, str(report.longrepr))
            case.failures.append(failure)
            case.status = case.failures[0].status
            self.compared = []
        elif report.skipped and not case.failures:
            case.status = "skipped"
            case.skip_reason = skip_reason(report)
        elif report.when == "call" and not case.failures:
            case.status = "passed"

    @pytest.hookimpl(hookwrapper=True, tryfirst=True)
    def pytest_runtest_logreport(self, report):
        context = getattr(report, "context", None)
        if context is None:
            yield
            return
        # A report of pytest-subtests: it comes in the middle of the test, and the progress letter
        # printed for it would count as the test's output.
        case = self.cases[report.nodeid]
        if report.failed and case.failures:
            parts = [context.msg or ""] + [f"{k}={safe_text(v)}" for k, v in context.kwargs.items()]
            case.failures[-1].subtest = clip(", ".join(p for p in parts if p))
        with self.capture.global_and_fixture_disabled():
            yield

    def pytest_runtest_logfinish(self, nodeid):
        self.report.ended(self.cases[nodeid])

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self):
        self.report.finished()


def readable_name(item):
    """The first line of the test's docstring, else its name in words."""
    function = getattr(item, "function", None)
    doc = (getattr(function, "__doc__", None) or "").strip().splitlines()
    name = getattr(item, "originalname", None) or item.name
    words = doc[0] if doc else re.sub(r"^test_?", "", name).replace("_", " ").strip() or name
    callspec = getattr(item, "callspec", None)
    return f"{words} [{callspec.id}]" if callspec else words


def group(item):
    mark = item.get_closest_marker("task")
    if mark and "taskno" in mark.kwargs:
        return f"Task {mark.kwargs['taskno']}"
    cls = getattr(item, "cls", None)
    return cls.__name__ if cls else ""


def skip_reason(report):
    if hasattr(report, "wasxfail"):
        return f"Expected to fail. {report.wasxfail.removeprefix('reason: ')}".strip()
    if isinstance(report.longrepr, tuple):
        return str(report.longrepr[2]).removeprefix("Skipped: ")
    return ""
