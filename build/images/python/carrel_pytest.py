"""A pytest plugin that writes a report people can learn from.

The report is JUnit XML at $CARREL_REPORT; without that variable the plugin does nothing. Beyond plain
JUnit each test case has the attributes file and line, and the properties carrel.id, carrel.name,
carrel.group, carrel.status, carrel.expected and carrel.actual. pytest's own --junitxml is not enough:
it knows no values, only text, and it is written at the very end, so a suite that hangs and is killed
leaves nothing.
"""

import os
import re
import sys
import threading
import xml.etree.ElementTree as ET
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from carrel_values import clip, describe, note_unexpected_exceptions, safe_text

WRITE_EVERY_SECONDS = 0.25
SMALL_SUITE = 20  # tests; up to here the report is also written before each test, for 0.6 ms each
ILLEGAL_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config):
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
        config.pluginmanager.register(Recorder(config, workspace, workspace / path), "carrel-recorder")


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


class Recorder:
    """Follows the run and keeps the report on disk close behind it."""

    def __init__(self, config, workspace, path):
        self.capture = config.pluginmanager.getplugin("capturemanager")
        self.workspace = workspace
        self.path = path
        self.cases = {}
        self.compared = []  # operator and operands of the failed comparisons since the last failure
        self.finished = threading.Event()
        self.writer = threading.Thread(target=self._write_now_and_then, daemon=True)

    # Collection

    @pytest.hookimpl(hookwrapper=True)
    def pytest_make_collect_report(self, collector):
        outcome = yield
        report = outcome.get_result()
        if report.failed:
            excinfo = report.call.excinfo
            failure = describe(excinfo, self.workspace, [])
            failure.status = "errored"
            case = Case(report.nodeid, collector.name, "build", failure.file or report.nodeid, failure.line)
            case.status = "errored"
            case.failures.append(failure)
            self.cases[case.id] = case

    def pytest_collection_finish(self, session):
        cases = []
        for item in session.items:
            file, line, _ = item.location
            cases.append(Case(item.nodeid, readable_name(item), group(item), file, (line or 0) + 1))
        # unittest sorts its tests by name; people read them in the order of the file.
        files = {case.file: i for i, case in reversed(list(enumerate(cases)))}
        cases.sort(key=lambda case: (files[case.file], case.line))
        self.cases |= {case.id: case for case in cases}
        self.write()
        try:
            self.writer.start()
        except RuntimeError:
            pass  # no thread left under the process limit: the report comes at the end only

    # Tests

    def pytest_runtest_logstart(self, nodeid):
        self.cases[nodeid].status = "running"
        self.compared = []
        if len(self.cases) <= SMALL_SUITE:
            self.write()  # so that it is known which test ended the interpreter

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

    # Report

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self):
        self.finished.set()
        if self.writer.is_alive():
            self.writer.join()
        self.write()

    def _write_now_and_then(self):
        # A timer and not a write per test: 500 tests would cost 500 ever longer writes.
        while not self.finished.wait(WRITE_EVERY_SECONDS):
            self.write()

    def write(self):
        suite = ET.Element("testsuite", name="pytest", tests=str(len(self.cases)))
        for case in list(self.cases.values()):
            suite.append(to_xml(case))
        root = ET.Element("testsuites")
        root.append(suite)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        temporary = self.path.with_suffix(".part")
        temporary.write_bytes(ET.tostring(root, encoding="utf-8", xml_declaration=True))
        os.replace(temporary, self.path)


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


def to_xml(case):
    """Returns the test case as an element. A case with several failures (subtests) tells all of them in
    its message and the values of the first."""
    status = "errored" if case.status == "running" else case.status
    file, line, message, values = case.file, case.line, "", {}
    if case.failures:
        first = case.failures[0]
        file, line = (first.file, first.line) if first.file else (file, line)
        message = tell(case.failures)
        if first.expected or first.actual:
            values = {"expected": first.expected, "actual": first.actual}
    elif case.status == "running":
        message = "The test did not finish."
    elif case.status == "skipped":
        message = case.skip_reason
    values |= {"id": case.id, "name": case.name, "group": case.group, "status": status}
    element = ET.Element(
        "testcase",
        classname=xml_text(case.id.partition("::")[0]),
        name=xml_text(case.id.rpartition("::")[2]),
        time=f"{case.seconds:.6f}",
        file=xml_text(file),
        line=str(line),
    )
    properties = ET.SubElement(element, "properties")
    for key, value in values.items():
        ET.SubElement(properties, "property", name=f"carrel.{key}", value=xml_text(value))
    outcome = {"failed": "failure", "errored": "error", "skipped": "skipped", "not_run": "skipped"}.get(status)
    if outcome:
        ET.SubElement(element, outcome, message=xml_text(message)).text = xml_text(message)
    if case.output:
        ET.SubElement(element, "system-out").text = xml_text(case.output)
    return element


def tell(failures):
    if len(failures) == 1 and not failures[0].subtest:
        return failures[0].message
    return clip("\n\n".join(f"{f.subtest}:\n{f.message}" if f.subtest else f.message for f in failures))


def xml_text(text):
    return ILLEGAL_IN_XML.sub(lambda m: m.group().encode("unicode_escape").decode("ascii"), text)
