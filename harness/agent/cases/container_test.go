package cases_test

import (
	"log/slog"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/carrel-dev/carrel/harness"
	"github.com/carrel-dev/carrel/harness/docker"
	"github.com/carrel-dev/carrel/lesson"
)

const shop = `import { createServer } from "node:http";

export const total = (prices) => prices.reduce((a, b) => a + b, 0);
export const refuse = () => { throw new TypeError("no"); };

if (process.argv[2] === "hello") {
  console.log(` + "`Hello, ${process.argv[3]}!`" + `);
} else if (process.argv[2] === "serve") {
  createServer((request, response) => response.end(request.url.toUpperCase())).listen(8000);
}
`

const shopCases = `server: {command: [node, shop.mjs, serve], port: 8000}
cases:
  - {name: adds, call: shop.total, args: [[1, 2]], want: {result: 3}}
  - {name: refuses, call: shop.refuse, want: {error: TypeError}}
  - {name: greets, run: [node, shop.mjs, hello, Ada], want: {stdout: "Hello, Ada!"}}
  - {name: serves, http: {path: /tea}, want: {status: 200, body: /TEA}}
  - {name: cannot see the tests, run: [cat, /tests/.carrel/cases.json], want: {exit: 1}}
`

// In a container the cases are out of the learner's reach, and every kind of them works.
func TestCases_container(t *testing.T) { //nolint:tparallel // one session, one check after another
	t.Parallel()
	runner := docker.New(docker.Options{Log: slog.New(slog.DiscardHandler)})
	t.Cleanup(func() {
		if err := runner.Close(); err != nil {
			t.Error(err)
		}
	})
	limits := harness.Limits{CPU: time.Minute, Wall: 2 * time.Minute}
	session, err := runner.Open(t.Context(), harness.Spec{Environment: lesson.Environment{Name: "node"}, Limits: limits, Owner: "cases"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := session.Close(); err != nil {
			t.Error(err)
		}
	})
	tests := []struct {
		name, source string
		verdict      harness.Verdict
		statuses     []harness.TestStatus
	}{
		{"right", shop, harness.Passed, []harness.TestStatus{harness.TestPassed, harness.TestPassed, harness.TestPassed, harness.TestPassed, harness.TestPassed}},
		{"ends when it is loaded", "process.exit(0);\n" + shop, harness.Failed, []harness.TestStatus{harness.TestErrored, harness.TestErrored, harness.TestFailed, harness.TestErrored, harness.TestPassed}},
		{"answers what it likes", `import fs from "node:fs"; fs.writeSync(3, '{"id":"x","result":3}\n');` + "\n" + shop, harness.Failed,
			[]harness.TestStatus{harness.TestErrored, harness.TestErrored, harness.TestFailed, harness.TestErrored, harness.TestPassed}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if err := session.Put(t.Context(), lesson.Files{"shop.mjs": lesson.NewFile([]byte(tt.source))}); err != nil {
				t.Fatal(err)
			}
			report, err := session.Check(t.Context(), harness.Suite{
				Tests:  lesson.Files{lesson.CasesFile: lesson.NewFile([]byte(shopCases))},
				Limits: limits, Integrity: harness.IntegritySplit,
			}, nil)
			if err != nil {
				t.Fatal(err)
			}
			var statuses []harness.TestStatus
			for _, r := range report.Tests {
				statuses = append(statuses, r.Status)
			}
			if report.Verdict != tt.verdict || report.Integrity != harness.IntegritySplit {
				t.Errorf("%s at %s: %s", report.Verdict, report.Integrity, report.Message)
			}
			if diff := cmp.Diff(tt.statuses, statuses); diff != "" {
				t.Errorf("statuses (-want +got):\n%s\n%+v\n%s", diff, report.Tests, report.Log.Head)
			}
		})
	}
}
