package main

import (
	"fmt"

	"github.com/carrel-dev/carrel/fault"
	"github.com/carrel-dev/carrel/harness"
	"github.com/carrel-dev/carrel/lesson"
)

const tests = `from greeting import greeting


def test_without_a_name():
    assert greeting() == "Good morning, reader."


def test_with_a_name():
    assert greeting("Ada") == "Good morning, Ada."


def test_with_another_name():
    assert greeting("Grace") == "Good morning, Grace."


def test_with_an_empty_name():
    assert greeting("") == "Good morning, reader."
`

// solution is the learner's file. Every round saves another one: one wrong answer in it keeps a way
// that tests stale files from looking fast.
func solution(round int) []byte {
	return fmt.Appendf(nil, "def greeting(name=\"\"):\n    return f\"Good morning, {name or '%s'}.\"  # edit %d\n", reader(round), round)
}

func reader(round int) string {
	if round%2 == 1 {
		return "stranger"
	}
	return "reader"
}

func starter(round int) lesson.Files {
	return lesson.Files{"greeting.py": {Data: solution(round)}}
}

func suite() lesson.Files {
	return lesson.Files{"greeting_test.py": {Data: []byte(tests)}}
}

// right tells whether results are those of the round's solution.
func right(round int, results []harness.TestResult) error {
	passed := 0
	for _, r := range results {
		if r.Status == harness.TestPassed {
			passed++
		}
	}
	want := 4
	if reader(round) != "reader" {
		want = 2
	}
	if passed != want || len(results) != 4 {
		return fault.New(fault.Internal, fmt.Sprintf("Round %d passed %d of %d tests instead of %d of 4.", round, passed, len(results), want), "")
	}
	return nil
}
