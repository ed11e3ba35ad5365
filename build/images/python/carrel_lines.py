"""Writes the report of carrel_pytest to the report channel, as JSON Lines while the tests run.

    {"plan": [{"id", "name", "group", "file", "line"}, ...]}    once, when the tests are known
    {"id", "status": "running"}                                 when a test begins
    {"id", "name", "group", "file", "line", "status", "duration_ms",
     "message", "expected", "actual", "output"}                 when it has ended; empty texts are left out

A plan is no promise of a line: a test without one did not run, one that only began did not finish.
"""

import json
import os

from carrel_values import visible


class LinesReport:
    """A report on an open file descriptor, which programs that the tests start do not inherit."""

    def __init__(self, number):
        os.set_inheritable(number, False)
        self.number = number

    def planned(self, cases):
        self.write({"plan": [self.head(case) for case in cases]})

    def began(self, case):
        self.write({"id": visible(case.id), "status": "running"})

    def ended(self, case):
        line = self.head(case)
        line["status"] = case.status
        line["duration_ms"] = round(case.seconds * 1000, 3)
        line["file"], line["line"] = case.place()
        line["message"] = case.message()
        line["expected"], line["actual"] = case.values()
        line["output"] = case.output
        line = {key: visible(value) if isinstance(value, str) else value for key, value in line.items()}
        self.write({key: value for key, value in line.items() if value or key == "id"})

    def finished(self):
        pass

    def head(self, case):
        texts = {"id": case.id, "name": case.name, "group": case.group, "file": case.file}
        return {key: visible(text) for key, text in texts.items()} | {"line": case.line}

    def write(self, line):
        data = memoryview(json.dumps(line).encode() + b"\n")
        try:
            while data:
                data = data[os.write(self.number, data) :]
        except OSError:
            pass  # a test has closed the channel, and is to be told from the lines that are missing
