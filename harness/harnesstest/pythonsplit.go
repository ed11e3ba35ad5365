package harnesstest

import (
	"testing"

	"github.com/carrel-dev/carrel/harness"
	"github.com/carrel-dev/carrel/lesson"
)

// bankTests use the learner's modules in every way that tests of split checks may.
const bankTests = `
import math
import subprocess
import types
import unittest

import pytest

import bank
from bank import Account, Overdrawn, total

def test_values():
    assert total([1, 2, 3]) == 6
    assert total([]) == 0
    assert bank.rates() == {"a": (1, 2), "b": {3}, 4: None}
    assert math.isclose(bank.PRICE, 1.5)

def test_objects():
    account = Account(5)
    assert account.deposit(3) == 8
    assert (account.balance, len(account), str(account), list(account)) == (8, 8, "8", [1, 2])
    assert isinstance(account, Account)

def test_lists_that_are_changed():
    items = [1]
    assert bank.double(items) is items
    assert items == [2]
    assert isinstance(bank.count(), types.GeneratorType)
    assert [n for n, _ in zip(bank.count(), "abc")] == [0, 1, 2]

def test_exceptions():
    with pytest.raises(Overdrawn, match="by 2") as e:
        Account(1).withdraw(3)
    assert e.value.missing == 2
    with pytest.raises(ValueError):
        Account(1).withdraw(3)

def test_output(capsys):
    bank.greet("you")
    assert capsys.readouterr().out == "hello you\n"

class ProgramTest(unittest.TestCase):
    def test_program(self):
        ran = subprocess.run(["learner", "python3", "bank.py"], input="3 4", capture_output=True, text=True)
        self.assertEqual((ran.stdout, ran.returncode), ("7\n", 0))
`

const bankRight = `
import sys

PRICE = 1.5

class Overdrawn(ValueError):
    def __init__(self, missing):
        super().__init__(f"overdrawn by {missing}")
        self.missing = missing

class Account:
    def __init__(self, balance):
        self.balance = balance
    def deposit(self, amount):
        self.balance += amount
        return self.balance
    def withdraw(self, amount):
        if amount > self.balance:
            raise Overdrawn(amount - self.balance)
    def __len__(self): return self.balance
    def __str__(self): return str(self.balance)
    def __iter__(self): return iter([1, 2])

def total(items):
    return sum(items)

def double(items):
    items[0] *= 2
    return items

def count():
    n = 0
    while True:
        yield n
        n += 1

def rates():
    return {"a": (1, 2), "b": {3}, 4: None}

def greet(name):
    print("hello", name)

if __name__ == "__main__":
    print(total(int(word) for word in sys.stdin.read().split()))
`

// bankWrong answers everything wrong, for the attacks to make it look right.
const bankWrong = `
PRICE = 2
class Overdrawn(ValueError): pass
class Account:
    def __init__(self, balance): pass
    def __getattr__(self, name): return Anything()
def total(items): return 5
def rates(): return {}
def double(items): return items
def count(): return range(3)
def greet(name): pass
class Anything:
    def __eq__(self, other): return True
    def __ne__(self, other): return False
    def __bool__(self): return True
    def __call__(self, *args): return self
`

// testPythonSplit checks tests that reach the learner's code in another process only.
func testPythonSplit(t *testing.T, r harness.Runner) {
	tests := []struct {
		name    string
		learner string
		want    harness.Verdict
		passed  int
	}{
		{"right", bankRight, harness.Passed, 6},
		{"wrong", bankWrong, harness.Failed, 0},
		{"syntax error", "def total(:", harness.BuildFailed, 0},
		{"nothing", "", harness.BuildFailed, 0},
		{"ends when loaded", "import os\nos._exit(0)", harness.BuildFailed, 0},
		{"answers with what is equal to everything", bankWrong + "def total(items): return Anything()\nrates = total\n", harness.Failed, 0},
		{"ends with 0", bankWrong + "def total(items):\n    import os\n    os._exit(0)\n", harness.Failed, 0},
		{"skips", bankWrong + "def total(items):\n    import pytest\n    pytest.skip('no')\n", harness.Failed, 0},
		{"raises the end of all tests", bankWrong + "def total(items):\n    raise KeyboardInterrupt\n", harness.Failed, 0},
		{"exits", bankWrong + "def total(items):\n    raise SystemExit(0)\n", harness.Failed, 0},
		{"answers before it is asked", bankWrong + "import os\nfor i in range(99): os.write(3, b'{\"id\": \"1\", \"value\": 6}\\n')\n", harness.BuildFailed, 0},
		{"answers with garbage", bankWrong + "def total(items):\n    import os\n    os.write(3, b'\\0' * 5000 + b'\\n')\n", harness.Failed, 0},
		{"answers without end", bankWrong + "def total(items):\n    import os\n    while True: os.write(3, b'[' * 5000)\n", harness.Failed, 0},
		{"changes the driver", bankWrong + "import builtins, json, sys\nbuiltins.len = json.dumps = lambda *a, **k: 'x'\nsys.modules['carrel_wire'].encode = lambda *a: {'$': 'builtin', 'name': 'exit'}\n", harness.BuildFailed, 0},
		{"closes the way", bankWrong + "def total(items):\n    import os, time\n    os.close(3)\n    time.sleep(60)\n", harness.TimedOut, 0},
		{"loops", bankWrong + "def total(items):\n    while True: pass\n", harness.TimedOut, 0},
	}
	s := unhurriedSession(t, r)
	suite := harness.Suite{Tests: files("test_bank.py", bankTests), Integrity: harness.IntegritySplit}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			put(t, s, files("bank.py", tt.learner, "math.py", "def isclose(a, b): return True\n", "conftest.py", "import os\nos._exit(0)\n"))
			suite.Limits = unhurried()
			if tt.want == harness.TimedOut {
				suite.Limits = limits()
			}
			report, err := s.Check(t.Context(), suite, nil)
			if err != nil {
				t.Fatal(err)
			}
			wantVerdict(t, report, tt.want)
			if got := report.Count(harness.TestPassed); got != tt.passed {
				t.Errorf("%d tests passed, want %d: %+v", got, tt.passed, report.Tests)
			}
			if report.Integrity != harness.IntegritySplit {
				t.Errorf("integrity is %q", report.Integrity)
			}
		})
	}
}

// bankCases are tests as data of the same learner's code.
const bankCases = `
cases:
  - {name: adds, call: bank.total, args: [[1, 2, 3]], want: {result: 6}}
  - {name: refuses, call: bank.total, args: [["a"]], want: {error: TypeError}}
  - {name: greets, call: bank.greet, args: [you], want: {result: null}}
  - {name: runs, run: [python3, bank.py], stdin: "3 4", want: {stdout: "7"}}
`

// testPythonCases checks tests that are data.
func testPythonCases(t *testing.T, r harness.Runner) {
	tests := []struct {
		name    string
		learner string
		want    harness.Verdict
		passed  int
	}{
		{"right", bankRight, harness.Passed, 4},
		{"wrong", bankWrong, harness.Failed, 1}, // it greets
		{"answers with what is equal to everything", bankWrong + "def total(items): return Anything()\ngreet = total\n", harness.Failed, 0},
		{"ends when loaded", "import os\nos._exit(0)", harness.Failed, 0},
	}
	s := unhurriedSession(t, r)
	suite := harness.Suite{Tests: files(lesson.CasesFile, bankCases), Limits: unhurried(), Integrity: harness.IntegritySplit}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			put(t, s, files("bank.py", tt.learner))
			report, err := s.Check(t.Context(), suite, nil)
			if err != nil {
				t.Fatal(err)
			}
			wantVerdict(t, report, tt.want)
			if got := report.Count(harness.TestPassed); got != tt.passed {
				t.Errorf("%d tests passed, want %d: %+v", got, tt.passed, report.Tests)
			}
		})
	}
}
