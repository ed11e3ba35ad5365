package e2e

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// TestReportSchema holds what `carrel check --json` prints to the schema that `carrel schema` publishes.
func TestReportSchema(t *testing.T) {
	home, work := t.TempDir(), filepath.Join(t.TempDir(), "work")
	published, code := carrel(t, home, nil, "", "schema", "report")
	if code != 0 {
		t.Fatalf("carrel schema: exit code %d", code)
	}
	document, err := jsonschema.UnmarshalJSON(strings.NewReader(published))
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource("report.json", document); err != nil {
		t.Fatal(err)
	}
	schema, err := compiler.Compile("report.json")
	if err != nil {
		t.Fatal(err)
	}
	if _, code := carrel(t, home, nil, "", "start", "first-steps/read-a-failing-test", "--into", work); code != 0 {
		t.Fatalf("carrel start: exit code %d", code)
	}
	for flag, want := range map[string]int{"--starter": 1, "--reference": 0} {
		t.Run(flag, func(t *testing.T) {
			out, code := carrel(t, home, nil, "", "check", work, "--json", flag)
			if code != want {
				t.Errorf("exit code %d, want %d", code, want)
			}
			report, err := jsonschema.UnmarshalJSON(strings.NewReader(out))
			if err != nil {
				t.Fatal(err)
			}
			if err := schema.Validate(report); err != nil {
				t.Error(err)
			}
		})
	}
}
