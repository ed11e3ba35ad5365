package testreport

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/carrel-dev/carrel/fault"
	"github.com/carrel-dev/carrel/harness"
)

var update = flag.Bool("update", false, "write the golden files anew")

// reports returns the recorded reports of a format: what the real tools wrote, by path.
func reports(t testing.TB, format string) map[string][]byte {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join("testdata", format, "*"))
	if err != nil {
		t.Fatal(err)
	}
	found := map[string][]byte{}
	for _, path := range paths {
		if strings.HasSuffix(path, ".golden") {
			continue
		}
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		found[path] = data
	}
	if len(found) == 0 {
		t.Fatalf("no recorded reports of the format %s", format)
	}
	return found
}

func TestParse_Golden(t *testing.T) {
	t.Parallel()
	for _, format := range Formats() {
		for path, data := range reports(t, format) {
			t.Run(path, func(t *testing.T) {
				t.Parallel()
				results, err := Parse(format, data)
				if err != nil {
					t.Fatal(err)
				}
				got, err := json.MarshalIndent(results, "", "  ")
				if err != nil {
					t.Fatal(err)
				}
				got = append(got, '\n')
				golden := path + ".golden"
				if *update {
					if err := os.WriteFile(golden, got, 0o644); err != nil {
						t.Fatal(err)
					}
				}
				want, err := os.ReadFile(golden)
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(string(want), string(got)); diff != "" {
					t.Errorf("results differ (-want +got):\n%s", diff)
				}
			})
		}
	}
}

func TestParse_Refuses(t *testing.T) {
	t.Parallel()
	many := func(n int) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, "ok %d - t\n", i+1)
		}
		return b.String()
	}
	tests := map[string]struct{ format, data string }{
		"an unknown format":                   {"subunit", "x"},
		"an empty JUnit report":               {JUnit, ""},
		"JUnit that is cut off":               {JUnit, `<testsuites><testsuite><testcase name="a">`},
		"XML that is no JUnit":                {JUnit, `<html><body>hello</body></html>`},
		"XML nested without end":              {JUnit, strings.Repeat("<a>", 100000)},
		"an empty TAP report":                 {TAP, ""},
		"text that is no TAP":                 {TAP, "hello\nworld\n"},
		"more tests than allowed":             {TAP, many(MaxTests + 1)},
		"a plan of more tests than allowed":   {TAP, "1..999999999\n"},
		"an empty go report":                  {GoTest, ""},
		"a line longer than go test writes":   {GoTest, `{"Action":"output","Output":"` + strings.Repeat("x", 1<<20) + `"}`},
		"results.json that is cut off":        {Exercism, `{"version": 2,`},
		"results.json with an unknown status": {Exercism, `{"version": 2, "status": "great"}`},
		"a test with an unknown status":       {Exercism, `{"version": 2, "status": "pass", "tests": [{"name": "a"}]}`},
		"a version from the future":           {Exercism, `{"version": 9, "status": "pass"}`},
		"an empty carrel report":              {Carrel, ""},
		"carrel's lines with a text between":  {Carrel, `{"id":"a","status":"passed"}` + "\nhello\n"},
		"a carrel test without id":            {Carrel, `{"status":"passed"}` + "\n"},
		"a carrel test with a new status":     {Carrel, `{"id":"a","status":"splendid"}` + "\n"},
		"a carrel line cut off at the start":  {Carrel, `{"id":"a","sta`},
		"a carrel line without end":           {Carrel, `{"id":"a","status":"passed","output":"` + strings.Repeat("x", maxLine) + `"}`},
		"a plan of too many tests":            {Carrel, `{"plan":[` + strings.Repeat(`{"id":"a"},`, 3) + manyIDs(MaxTests) + `]}`},
		"a report that is too large":          {TAP, "1..1\nok 1\n" + strings.Repeat("# x\n", MaxBytes/4)},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			results, err := Parse(tt.format, []byte(tt.data))
			if fault.KindOf(err) != fault.Invalid {
				t.Fatalf("err = %v, want a fault of kind Invalid; results %v", err, results)
			}
			if message, hint := fault.Sentence(err); message == "" || hint == "" {
				t.Errorf("the error has no sentence or hint: %q, %q", message, hint)
			}
		})
	}
}

func manyIDs(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `{"id":"%d"},`, i)
	}
	return b.String() + `{"id":"last"}`
}

func TestParse_Carrel(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		report string
		want   []harness.TestResult
	}{
		"the last line of an id counts": {
			`{"id":"a","status":"passed"}` + "\n" + `{"id":"a","status":"failed","message":"no"}` + "\n",
			[]harness.TestResult{{ID: "a", Name: "a", Status: harness.TestFailed, Message: "no"}},
		},
		"a test that was only planned was not run": {
			`{"plan":[{"id":"a","name":"A"},{"id":"b"}]}` + "\n" + `{"id":"b","status":"passed"}` + "\n",
			[]harness.TestResult{{ID: "a", Name: "A", Status: harness.TestNotRun}, {ID: "b", Name: "b", Status: harness.TestPassed}},
		},
		"what the plan told holds": {
			`{"plan":[{"id":"a","name":"A","file":"t.py","line":3,"group":"G"}]}` + "\n" + `{"id":"a","status":"skipped"}` + "\n" + `{"plan":[{"id":"a"}]}` + "\n",
			[]harness.TestResult{{ID: "a", Name: "A", File: "t.py", Line: 3, Group: "G", Status: harness.TestSkipped}},
		},
		"a test that has only begun did not finish": {
			`{"id":"a","status":"running"}` + "\n",
			[]harness.TestResult{{ID: "a", Name: "a", Status: harness.TestErrored, Message: "The test did not finish."}},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := Parse(Carrel, []byte(tt.report))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("results differ (-want +got):\n%s", diff)
			}
		})
	}
}

// What is told while a report is written is what the whole report says of the tests that ended.
func TestLive(t *testing.T) {
	t.Parallel()
	for _, format := range []string{Carrel, TAP, GoTest} {
		for path, data := range reports(t, format) {
			t.Run(path, func(t *testing.T) {
				t.Parallel()
				whole, err := Parse(format, data)
				if err != nil {
					t.Fatal(err)
				}
				want := map[string]harness.TestResult{}
				for _, r := range whole {
					want[r.ID] = r
				}
				live := NewLive(format)
				var got []harness.TestResult
				for chunk := range slices.Chunk(data, 7) {
					got = append(got, live.Write(chunk)...)
				}
				got = append(got, live.End()...)
				for _, r := range got {
					if r.Status == harness.TestPassed || r.Status == harness.TestSkipped {
						if diff := cmp.Diff(want[r.ID], r); diff != "" {
							t.Errorf("the live result differs (-whole +live):\n%s", diff)
						}
					} else if want[r.ID].Status != r.Status {
						t.Errorf("%s is %s while it runs and %s in the end", r.ID, r.Status, want[r.ID].Status)
					}
					delete(want, r.ID)
				}
				for id, r := range want {
					if r.Status == harness.TestPassed || r.Status == harness.TestFailed {
						t.Errorf("%s was not told", id)
					}
				}
			})
		}
	}
}

func TestParse_TAP(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		report string
		want   []harness.TestResult
	}{
		"a suite without tests": {"1..0 # SKIP nothing to do\n", nil},
		"the plan may come last": {
			"ok 1 - a\nnot ok 2 b\n1..2\n",
			[]harness.TestResult{
				{ID: "a", Name: "a", Status: harness.TestPassed},
				{ID: "b", Name: "b", Status: harness.TestFailed},
			},
		},
		"a failed todo is no failure": {
			"1..2\nnot ok 1 a # TODO later\nok 2 b # TODO done\n",
			[]harness.TestResult{
				{ID: "a", Name: "a", Status: harness.TestSkipped, Message: "later"},
				{ID: "b", Name: "b", Status: harness.TestPassed},
			},
		},
		"an escaped hash is part of the name": {
			"1..1\nok 1 - sharp \\# skip\n",
			[]harness.TestResult{{ID: "sharp # skip", Name: "sharp # skip", Status: harness.TestPassed}},
		},
		"planned tests that did not come were not run": {
			"1..2\nok 1 a\n",
			[]harness.TestResult{
				{ID: "a", Name: "a", Status: harness.TestPassed},
				{ID: "Test 2", Name: "Test 2", Status: harness.TestNotRun},
			},
		},
		"bailing out is an error": {
			"1..1\nok 1 a\nBail out! no database\n",
			[]harness.TestResult{
				{ID: "a", Name: "a", Status: harness.TestPassed},
				{ID: "bail-out", Name: "Bail out!", Status: harness.TestErrored, Message: "no database"},
			},
		},
		"two tests of one name have two ids": {
			"ok a\nok a\n",
			[]harness.TestResult{
				{ID: "a", Name: "a", Status: harness.TestPassed},
				{ID: "a#2", Name: "a", Status: harness.TestPassed},
			},
		},
		"values in a block that is no YAML stay readable": {
			"not ok 1 a\n  ---\n  : : [\n  ...\n",
			[]harness.TestResult{{ID: "a", Name: "a", Status: harness.TestFailed, Message: ": : ["}},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := Parse(TAP, []byte(tt.report))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("results differ (-want +got):\n%s", diff)
			}
		})
	}
}

func TestParse_Bounds(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("ä", 100000)
	report := `<testsuite><testcase name="` + long + `"><failure message="` + long + `">` + long + `</failure><system-out>` + long + "\x1b[31m</system-out></testcase></testsuite>"
	report = strings.ReplaceAll(report, "\x1b", "")
	results, err := Parse(JUnit, []byte(report))
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{results[0].ID, results[0].Name, results[0].Message, results[0].Output} {
		if len(text) > maxOutput+100 || !utf8.ValidString(text) {
			t.Errorf("a text has %d bytes, valid: %t", len(text), utf8.ValidString(text))
		}
	}
}

func TestValues(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ message, expected, actual string }{
		"pytest":                   {"assert 2 == 3\n +  where 2 = f(1)", "3", "2"},
		"pytest, two comparisons":  {"assert '1 == 1' == 'x'", "", ""},
		"unittest":                 {"AssertionError: 'a' != 'b'\n- a\n+ b", "'b'", "'a'"},
		"unittest with a message":  {"2 != 3 : Called f(1)", "3", "2"},
		"unittest, lists":          {"Lists differ: [1] != [2]\n\nFirst differing element 0:", "[2]", "[1]"},
		"Go, got and want":         {"got 1, want 2", "2", "1"},
		"Go, call and want":        {"IsLeap(1900) = true, want false", "false", "true"},
		"Go, on two lines":         {"wrong:\n got: \"a\"\nwant: \"b\"", `"b"`, `"a"`},
		"RSpec":                    {"expected: 3\n     got: 2\n\n(compared using ==)", "3", "2"},
		"Minitest":                 {"Expected: 3\n  Actual: 2", "3", "2"},
		"Jest":                     {"Expected: 3\nReceived: 2", "3", "2"},
		"JUnit 5":                  {"expected: <3> but was: <2>", "3", "2"},
		"PHPUnit":                  {"Failed asserting that 2 matches expected 3.", "3", "2"},
		"prose is no pair":         {"I expected more of you", "", ""},
		"one label alone is none":  {"expected: 3", "", ""},
		"nothing":                  {"", "", ""},
		"an expectation in a text": {"Expected ';', got end of line", "';'", "end of line"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			expected, actual := values(tt.message)
			if expected != tt.expected || actual != tt.actual {
				t.Errorf("values = %q, %q; want %q, %q", expected, actual, tt.expected, tt.actual)
			}
		})
	}
}

func fuzzFormat(f *testing.F, format string) {
	const longest = 8 << 10 // the engine spends its time on shrinking longer seeds
	for _, data := range reports(f, format) {
		if len(data) <= longest {
			f.Add(data)
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		results, err := Parse(format, data)
		if err != nil {
			if fault.KindOf(err) != fault.Invalid {
				t.Fatalf("an error of kind %s: %v", fault.KindOf(err), err)
			}
			return
		}
		again, err := Parse(format, data)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(results, again); diff != "" {
			t.Fatalf("two readings of one report differ:\n%s", diff)
		}
		ids := map[string]bool{}
		for _, r := range results {
			if r.ID == "" || r.Name == "" || r.Status == "" || ids[r.ID] {
				t.Fatalf("a result without id, name or status, or with an id twice: %+v", r)
			}
			ids[r.ID] = true
			for _, text := range []string{r.ID, r.Name, r.Message, r.Expected, r.Actual, r.File, r.Output, r.Group} {
				if !utf8.ValidString(text) || strings.Contains(text, "\x1b") || len(text) > maxOutput+100 {
					t.Fatalf("a text of %d bytes that is not harmless: %.200q", len(text), text)
				}
			}
			if r.Line < 0 || r.DurationMS < 0 {
				t.Fatalf("a negative line or duration: %+v", r)
			}
			if _, err := json.Marshal(r); err != nil {
				t.Fatal(err)
			}
		}
	})
}

func FuzzParseJUnit(f *testing.F)    { fuzzFormat(f, JUnit) }
func FuzzParseTAP(f *testing.F)      { fuzzFormat(f, TAP) }
func FuzzParseGoTest(f *testing.F)   { fuzzFormat(f, GoTest) }
func FuzzParseExercism(f *testing.F) { fuzzFormat(f, Exercism) }
func FuzzParseCarrel(f *testing.F)   { fuzzFormat(f, Carrel) }
