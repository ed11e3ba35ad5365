package main

import (
	"fmt"

	"github.com/carrel-dev/carrel/fault"
	"github.com/carrel-dev/carrel/harness"
	"github.com/carrel-dev/carrel/harness/testreport"
	"github.com/carrel-dev/carrel/lesson"
)

// exercise is a small exercise of four tests. Every round saves another solution, and every second one
// is wrong: that keeps a way that tests stale files from looking fast.
type exercise struct {
	environment string // one of lesson.ShippedEnvironments
	title       string
	main        string       // the file the learner saves
	template    string       // its text, with places for the reader's name and the round
	support     lesson.Files // the course's own files
	tests       lesson.Files
	// usual is the command other systems check with, in the same image, and format what it prints or
	// writes to reportFile.
	usual  []string
	format string
}

// exercises lists what is measured, one per language whose interpreter or build counts.
func exercises() []exercise {
	return []exercise{
		{
			environment: "python", title: "4 pytest tests", main: "greeting.py",
			usual:    []string{"python3", "-m", "pytest", "-q", "-p", "no:cacheprovider", "--junitxml=" + reportFile},
			format:   testreport.JUnit,
			template: "def greeting(name=\"\"):\n    return f\"Good morning, {name or '%s'}.\"  # edit %d\n",
			tests: text("greeting_test.py", `from greeting import greeting


def test_without_a_name():
    assert greeting() == "Good morning, reader."


def test_with_a_name():
    assert greeting("Ada") == "Good morning, Ada."


def test_with_another_name():
    assert greeting("Grace") == "Good morning, Grace."


def test_with_an_empty_name():
    assert greeting("") == "Good morning, reader."
`),
		},
		{
			environment: "node", title: "4 node:test tests", main: "greeting.js",
			usual:    []string{"node", "--test", "--test-reporter=junit", "--test-reporter-destination=" + reportFile},
			format:   testreport.JUnit,
			template: "exports.greeting = (name) => `Good morning, ${name || '%s'}.`; // edit %d\n",
			tests: text("greeting.test.js", `const test = require("node:test");
const assert = require("node:assert");
const { greeting } = require("./greeting.js");

test("without a name", () => assert.strictEqual(greeting(), "Good morning, reader."));
test("with a name", () => assert.strictEqual(greeting("Ada"), "Good morning, Ada."));
test("with another name", () => assert.strictEqual(greeting("Grace"), "Good morning, Grace."));
test("with an empty name", () => assert.strictEqual(greeting(""), "Good morning, reader."));
`),
		},
		{
			environment: "go", title: "4 Go tests", main: "greeting.go",
			usual:    []string{"go", "test", "-json", "./..."},
			format:   testreport.GoTest,
			template: "package greeting\n\nfunc Greeting(name string) string {\n\tif name == \"\" {\n\t\tname = \"%s\" // edit %d\n\t}\n\treturn \"Good morning, \" + name + \".\"\n}\n",
			support:  text("go.mod", "module greeting\n\ngo 1.24\n"),
			tests: text("greeting_test.go", `package greeting

import "testing"

func expect(t *testing.T, name, want string) {
	t.Helper()
	if got := Greeting(name); got != want {
		t.Errorf("Greeting(%q) = %q, want %q", name, got, want)
	}
}

func TestNoName(t *testing.T)      { expect(t, "", "Good morning, reader.") }
func TestName(t *testing.T)        { expect(t, "Ada", "Good morning, Ada.") }
func TestAnotherName(t *testing.T) { expect(t, "Grace", "Good morning, Grace.") }
func TestLongName(t *testing.T)    { expect(t, "Ada Lovelace", "Good morning, Ada Lovelace.") }
`),
		},
	}
}

func text(path, content string) lesson.Files {
	return lesson.Files{path: lesson.NewFile([]byte(content))}
}

func reader(round int) string {
	if round%2 == 1 {
		return "stranger"
	}
	return "reader"
}

// saved is what the learner's folder holds after the round's edit.
func (e exercise) saved(round int) lesson.Files {
	return e.support.Overlay(lesson.Files{e.main: lesson.NewFile(fmt.Appendf(nil, e.template, reader(round), round))})
}

// right tells whether results are those of the round's solution: the wrong one fails the tests that
// greet nobody in particular.
func (e exercise) right(round int, results []harness.TestResult) error {
	passed := 0
	for _, r := range results {
		if r.Status == harness.TestPassed {
			passed++
		}
	}
	want := 4
	if reader(round) != "reader" {
		want = 4 - e.greetingNobody()
	}
	if passed != want || len(results) != 4 {
		return fault.New(fault.Internal, fmt.Sprintf("Round %d of %s passed %d of %d tests instead of %d of 4.",
			round, e.environment, passed, len(results), want), "")
	}
	return nil
}

func (e exercise) greetingNobody() int {
	if e.environment == "go" { // has no default arguments
		return 1
	}
	return 2
}
