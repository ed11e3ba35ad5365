"""Writes the report of carrel_pytest as JUnit XML.

Beyond plain JUnit each test case has the attributes file and line, and the properties carrel.id, carrel.name,
carrel.group, carrel.status, carrel.expected and carrel.actual.
"""

import os
import threading
import xml.etree.ElementTree as ET

from carrel_values import visible

WRITE_EVERY_SECONDS = 0.25
SMALL_SUITE = 20  # tests; up to here the report is also written before each test, for 0.6 ms each


class JUnitReport:
    """Keeps the report on disk close behind the run."""

    def __init__(self, path):
        self.path = path
        self.cases = []
        self.over = threading.Event()
        self.writer = threading.Thread(target=self._write_now_and_then, daemon=True)

    def planned(self, cases):
        self.cases = cases
        self.write()
        try:
            self.writer.start()
        except RuntimeError:
            pass  # no thread left under the process limit: the report comes at the end only

    def began(self, case):
        if len(self.cases) <= SMALL_SUITE:
            self.write()

    def ended(self, case):
        pass  # it is written at the end, or when the timer wants it

    def finished(self):
        self.over.set()
        if self.writer.is_alive():
            self.writer.join()
        self.write()

    def _write_now_and_then(self):
        # A timer and not a write per test: 500 tests would cost 500 ever longer writes.
        while not self.over.wait(WRITE_EVERY_SECONDS):
            self.write()

    def write(self):
        suite = ET.Element("testsuite", name="pytest", tests=str(len(self.cases)))
        for case in list(self.cases):
            suite.append(to_xml(case))
        root = ET.Element("testsuites")
        root.append(suite)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        temporary = self.path.with_suffix(".part")
        temporary.write_bytes(ET.tostring(root, encoding="utf-8", xml_declaration=True))
        os.replace(temporary, self.path)


def to_xml(case):
    status = "errored" if case.status == "running" else case.status
    file, line = case.place()
    message = "The test did not finish." if case.status == "running" else case.message()
    own = {"id": case.id, "name": case.name, "group": case.group, "status": status}
    if any(case.values()):
        own["expected"], own["actual"] = case.values()
    element = ET.Element(
        "testcase",
        classname=visible(case.id.partition("::")[0]),
        name=visible(case.id.rpartition("::")[2]),
        time=f"{case.seconds:.6f}",
        file=visible(file),
        line=str(line),
    )
    properties = ET.SubElement(element, "properties")
    for key, value in own.items():
        ET.SubElement(properties, "property", name=f"carrel.{key}", value=visible(value))
    outcome = {"failed": "failure", "errored": "error", "skipped": "skipped", "not_run": "skipped"}.get(status)
    if outcome:
        ET.SubElement(element, outcome, message=visible(message)).text = visible(message)
    if case.output:
        ET.SubElement(element, "system-out").text = visible(case.output)
    return element

