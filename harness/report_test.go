package harness_test

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/carrel-dev/carrel/harness"
)

func TestReport_Comparable(t *testing.T) {
	t.Parallel()
	here := harness.Report{
		Verdict: harness.TimedOut, LimitHit: "cpu", Runner: "docker", Host: "desk", Usage: harness.Usage{CPUMS: 3},
		Tests: []harness.TestResult{{ID: "a", DurationMS: 3, Output: "x", Message: "<Shop at 0x7f3a9c01> in /tmp/pytest-1/x after 0.31 s", Actual: "pid 71"}},
	}
	there := harness.Report{
		Verdict: harness.TimedOut, LimitHit: "wall", Runner: "cloud", Host: "rack", Usage: harness.Usage{CPUMS: 9},
		Tests: []harness.TestResult{{ID: "a", DurationMS: 9, Output: "y", Message: "<Shop at 0x7ffe2210> in /tmp/pytest-2/x after 1.2 s", Actual: "pid 9"}},
	}
	if diff := cmp.Diff(here.Comparable(), there.Comparable()); diff != "" {
		t.Error(diff)
	}
	if here.Tests[0].DurationMS != 3 || here.Tests[0].Output != "x" {
		t.Error("the original has changed")
	}
	there.Tests[0].Message = "another reason"
	if cmp.Equal(here.Comparable(), there.Comparable()) {
		t.Error("different messages compare as equal")
	}
}

func TestReportSchema(t *testing.T) {
	t.Parallel()
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(harness.ReportSchema()))
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource("report.schema.json", document); err != nil {
		t.Fatal(err)
	}
	schema, err := compiler.Compile("report.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	validate := func(t *testing.T, report any) error {
		t.Helper()
		data, err := json.Marshal(report)
		if err != nil {
			t.Fatal(err)
		}
		value, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		return schema.Validate(value)
	}
	full := harness.Report{
		Verdict: harness.Failed, Message: "m", LimitHit: "wall", Runner: "docker", Host: "h", Integrity: "in_process", ExitCode: -1,
		Tests: []harness.TestResult{{ID: "i", Name: "n", Status: harness.TestFailed, DurationMS: 0.5, Message: "m", Expected: "1",
			Actual: "2", File: "f", Line: 3, Output: "o", Group: "g", HintRef: "1"}},
		Digests: harness.Digests{Snapshot: harness.DigestOf(1), Tests: harness.DigestOf(2), Environment: harness.DigestOf(3), Harness: harness.DigestOf(4)},
		Log:     harness.Log{Head: "h", Tail: "t", DroppedBytes: 9},
	}
	t.Run("a full report is valid with every verdict", func(t *testing.T) {
		t.Parallel()
		for _, verdict := range harness.Verdicts() {
			r := full
			r.Verdict = verdict
			if err := validate(t, r); err != nil {
				t.Errorf("%s: %v", verdict, err)
			}
		}
	})
	t.Run("a report without tests is valid", func(t *testing.T) {
		t.Parallel()
		r := full
		r.Tests, r.LimitHit, r.Message = []harness.TestResult{}, "", ""
		if err := validate(t, r); err != nil {
			t.Error(err)
		}
	})
	t.Run("an unknown verdict is not", func(t *testing.T) {
		t.Parallel()
		r := full
		r.Verdict = "splendid"
		if validate(t, r) == nil {
			t.Error("accepted")
		}
	})
	t.Run("every field is described", func(t *testing.T) {
		t.Parallel()
		data, err := json.Marshal(full)
		if err != nil {
			t.Fatal(err)
		}
		var m map[string]any
		if err := json.Unmarshal(data, &m); err != nil {
			t.Fatal(err)
		}
		m["surprise"] = 1
		if validate(t, m) == nil {
			t.Error("a field the schema does not know is accepted, so a forgotten one would be, too")
		}
	})
}
