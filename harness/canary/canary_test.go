package canary

import (
	"bytes"
	"encoding/binary"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/carrel-dev/carrel/fault"
	"github.com/carrel-dev/carrel/harness"
	"github.com/carrel-dev/carrel/lesson"
)

// samples are suites with everything that can be exchanged, by dialect; names are their tests.
var samples = map[string]struct {
	file  string
	names []string
}{
	Pytest: {"test_shop.py", []string{"test_total", "test_total_of_nothing", "test_names", "test_names_are_a_list", "test_bill", "test_average",
		"test_no_average", "test_rows", "test_unread", "test_table", "test_loop", "test_helped", "test_flags", "test_offer", "test_closed", "testNested", "test_message", "test_last"}},
	Node: {"shop.test.mjs", []string{"adds", "adds `nothing`", "are sorted", "come as objects", "short", "flags"}},
	Go:   {"shop_test.go", []string{"TestTotal", "TestNames", "TestTable", "TestOpen", "TestAverage"}},
	C:    {"test_shop.c", []string{"adds_two_numbers", "greets", "average_is_exact", "open_days"}},
	Bats: {"shop.bats", []string{"says hello", "explains itself", "says nothing", "adds 'two' numbers", "sorts lines", "refuses nonsense"}},
}

func sample(t testing.TB, dialect string) lesson.Files {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", samples[dialect].file))
	if err != nil {
		t.Fatal(err)
	}
	return lesson.Files{"tests/" + samples[dialect].file: {Data: data}, "tests/notes.txt": {Data: []byte("not a test")}}
}

// seed is chance that a test can repeat.
func seed(n uint64) *bytes.Reader {
	return bytes.NewReader(binary.LittleEndian.AppendUint64(make([]byte, 24), n))
}

func TestCheck_samples(t *testing.T) {
	t.Parallel()
	for _, dialect := range Dialects() {
		t.Run(dialect, func(t *testing.T) {
			t.Parallel()
			tests := sample(t, dialect)
			for _, p := range Check(dialect, tests) {
				t.Error(p)
			}
			plan, err := Twins(dialect, tests, seed(1))
			if err != nil {
				t.Fatal(err)
			}
			var names []string
			for _, test := range plan.tests {
				names = append(names, test.name)
			}
			if diff := cmp.Diff(samples[dialect].names, names); diff != "" {
				t.Errorf("the tests (-want +got):\n%s", diff)
			}
		})
	}
}

// Whatever chance decides: the real tests are there as they were, twins differ in one value, and lines
// lead back to the author's.
func TestTwins_properties(t *testing.T) {
	t.Parallel()
	for _, dialect := range Dialects() {
		t.Run(dialect, func(t *testing.T) {
			t.Parallel()
			tests := sample(t, dialect)
			path := "tests/" + samples[dialect].file
			reader, _ := readerOf(dialect)
			was := string(tests[path].Data)
			wasBlocks, _, err := reader.blocks(was)
			if err != nil {
				t.Fatal(err)
			}
			rapid.Check(t, func(t *rapid.T) {
				plan, err := Twins(dialect, tests, seed(rapid.Uint64().Draw(t, "chance")))
				if err != nil {
					t.Fatal(err)
				}
				if string(plan.Files["tests/notes.txt"].Data) != "not a test" {
					t.Fatal("another file was changed")
				}
				is := string(plan.Files[path].Data)
				blocks, _, err := reader.blocks(is)
				if err != nil {
					t.Fatalf("the disguised file cannot be read: %v\n%s", err, is)
				}
				if len(blocks) != len(plan.copies) {
					t.Fatalf("%d tests in the file, %d in the plan", len(blocks), len(plan.copies))
				}
				wasLines, isLines := strings.Split(was, "\n"), strings.Split(is, "\n")
				lines := plan.lines[path]
				seen := map[string]bool{}
				var rest strings.Builder // the file without its twins
				at := 0
				for i, b := range blocks {
					token := strings.ToLower(tokenForm.FindString(b.name))
					c, ok := plan.copies[token]
					if !ok || seen[token] || c.name != b.name {
						t.Fatalf("the test %q is not in the plan, or twice", b.name)
					}
					seen[token] = true
					original := wasBlocks[c.test]
					text := is[b.start:b.nameStart] + original.name + is[b.nameEnd:b.end]
					wasText := was[original.start:original.nameStart] + original.name + was[original.nameEnd:original.end]
					if (text == wasText) == c.twin {
						t.Fatalf("a twin that is real, or a real test that was changed:\n%s", text)
					}
					if strings.Count(text, "\n") != strings.Count(wasText, "\n") || len(b.spots) != len(original.spots) && !c.twin {
						t.Fatalf("the twin has another form:\n%s", text)
					}
					if i == 0 || plan.copies[strings.ToLower(tokenForm.FindString(blocks[i-1].name))].test != c.test {
						rest.WriteString(is[at:b.start])
					}
					if !c.twin {
						rest.WriteString(wasText)
					}
					at = b.end
					first := strings.Count(is[:b.start], "\n")
					for n := range strings.Count(text, "\n") {
						if got := lines[first+n]; c.twin == false && isLines[first+n] != wasLines[got-1] && !strings.Contains(isLines[first+n], b.name) {
							t.Fatalf("line %d is said to be %d:\n%s\n%s", first+n+1, got, isLines[first+n], wasLines[got-1])
						}
					}
				}
				rest.WriteString(is[at:])
				if rest.String() != was {
					t.Fatalf("without its twins the file is another one:\n%s", cmp.Diff(was, rest.String()))
				}
			})
		})
	}
}

// All copies of a test have different values, one of them the real one.
func TestTwins_valuesDiffer(t *testing.T) {
	t.Parallel()
	for _, dialect := range Dialects() {
		reader, _ := readerOf(dialect)
		rapid.Check(t, func(t *rapid.T) {
			data, err := os.ReadFile(filepath.Join("testdata", samples[dialect].file))
			if err != nil {
				t.Fatal(err)
			}
			blocks, _, err := reader.blocks(string(data))
			if err != nil {
				t.Fatal(err)
			}
			w, err := Twins(dialect, lesson.Files{"tests/" + samples[dialect].file: {Data: data}}, seed(rapid.Uint64().Draw(t, "chance")))
			if err != nil {
				t.Fatal(err)
			}
			for i, test := range w.tests {
				if n := len(test.twins); n < 1 || n > 7 {
					t.Fatalf("%s has %d twins", blocks[i].name, n)
				}
			}
		})
	}
}

func outcomes(plan Plan, status func(test int, twin bool) harness.TestStatus) []harness.TestResult {
	var out []harness.TestResult
	for token, c := range plan.copies {
		file := plan.tests[c.test].file
		out = append(out, harness.TestResult{ID: file + "::" + c.name, Name: token, Status: status(c.test, c.twin), File: file, Line: 1})
	}
	slices.SortFunc(out, func(a, b harness.TestResult) int { return strings.Compare(a.ID, b.ID) })
	return out
}

func honest(_ int, twin bool) harness.TestStatus {
	if twin {
		return harness.TestFailed
	}
	return harness.TestPassed
}

func TestPlan_Judge(t *testing.T) {
	t.Parallel()
	plan, err := Twins(Pytest, sample(t, Pytest), seed(7))
	if err != nil {
		t.Fatal(err)
	}
	total := len(plan.tests)
	tests := []struct {
		name     string
		results  func() []harness.TestResult
		passed   int
		notRun   int
		tampered bool
	}{
		{"an honest solution", func() []harness.TestResult { return outcomes(plan, honest) }, total, 0, false},
		{"one wrong answer", func() []harness.TestResult {
			return outcomes(plan, func(test int, twin bool) harness.TestStatus {
				if test == 3 {
					return harness.TestFailed
				}
				return honest(test, twin)
			})
		}, total - 1, 0, false},
		{"a wrong answer that is a twin's", func() []harness.TestResult {
			return outcomes(plan, func(test int, twin bool) harness.TestStatus {
				if test == 3 && twin {
					return harness.TestPassed
				}
				if test == 3 {
					return harness.TestFailed
				}
				return honest(test, twin)
			})
		}, total - 1, 0, false},
		{"everything passed", func() []harness.TestResult {
			return outcomes(plan, func(int, bool) harness.TestStatus { return harness.TestPassed })
		}, total, 0, true},
		{"everything skipped", func() []harness.TestResult {
			return outcomes(plan, func(int, bool) harness.TestStatus { return harness.TestSkipped })
		}, 0, 0, true},
		{"twins skipped", func() []harness.TestResult {
			return outcomes(plan, func(_ int, twin bool) harness.TestStatus {
				if twin {
					return harness.TestSkipped
				}
				return harness.TestPassed
			})
		}, total, 0, true},
		{"nothing", func() []harness.TestResult { return nil }, 0, total, false},
		{"ended in the middle", func() []harness.TestResult {
			list := outcomes(plan, honest)
			token, _, _ := plan.find(list[len(list)-1])
			for i := range list {
				if other, _, _ := plan.find(list[i]); plan.copies[other].test == plan.copies[token].test {
					list[i].Status = harness.TestNotRun
				}
			}
			return list
		}, total - 1, 1, false},
		{"twins that did not finish", func() []harness.TestResult {
			list := outcomes(plan, honest)
			for i := range list {
				if token, _, _ := plan.find(list[i]); plan.copies[token].twin {
					list[i].Status, list[i].Message = harness.TestErrored, harness.NotFinished
				}
			}
			return list
		}, 0, total, false},
		{"the author's names", func() []harness.TestResult {
			var list []harness.TestResult
			for _, test := range plan.tests {
				list = append(list, harness.TestResult{ID: test.file + "::" + test.name, Status: harness.TestPassed})
			}
			return list
		}, 0, total, false},
		{"a print that looks like a result", func() []harness.TestResult {
			return append(outcomes(plan, honest), harness.TestResult{ID: plan.tests[0].file + "::" + plan.tests[0].name, Status: harness.TestFailed})
		}, total, 0, false},
		{"a result twice", func() []harness.TestResult {
			list := outcomes(plan, honest)
			again := list[0]
			again.ID += "#2"
			return append(list, again)
		}, total, 0, true},
		{"a test of the learner's own", func() []harness.TestResult {
			return append(outcomes(plan, honest), harness.TestResult{ID: "test_mine.py::test_total", File: "test_mine.py", Status: harness.TestPassed})
		}, total + 1, 0, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			results, tampered := plan.Judge(tt.results())
			if tampered != tt.tampered {
				t.Errorf("tampered is %t", tampered)
			}
			report := harness.Report{Tests: results}
			if got := report.Count(harness.TestNotRun); tt.name != "a result twice" && got != tt.notRun {
				t.Errorf("%d tests were not run, want %d", got, tt.notRun)
			}
			if got := report.Count(harness.TestPassed); tt.name != "a result twice" && got != tt.passed {
				t.Errorf("%d tests passed, want %d", got, tt.passed)
			}
			for _, r := range results {
				if tokenForm.MatchString(r.ID + r.Name + r.Message) {
					t.Errorf("a disguise in the report: %+v", r)
				}
			}
		})
	}
}

func TestPlan_wordsOfTheAuthor(t *testing.T) {
	t.Parallel()
	plan, err := Twins(Pytest, sample(t, Pytest), seed(3))
	if err != nil {
		t.Fatal(err)
	}
	path := "tests/test_shop.py"
	real := plan.copies[plan.tests[5].real].name
	line := 1 + strings.Count(strings.Split(string(plan.Files[path].Data), "def "+real)[0], "\n")
	got, ok := plan.Real(harness.TestResult{
		ID: path + "::" + real, Name: strings.TrimPrefix(real, "test_"), Status: harness.TestFailed, File: path, Line: line,
		Message: "ZeroDivisionError\n  " + path + ", line " + strconv.Itoa(line) + ", in " + real + "\n  shop.py, line 14, in average",
		Output:  "/work/" + path + ":" + strconv.Itoa(line),
	})
	if !ok {
		t.Fatal("a real test is not told")
	}
	want := 1 + strings.Count(strings.Split(string(sample(t, Pytest)[path].Data), "def test_average")[0], "\n")
	if diff := cmp.Diff(harness.TestResult{
		ID: path + "::test_average", Name: "average", Status: harness.TestFailed, File: path, Line: want,
		Message: "ZeroDivisionError\n  " + path + ", line " + strconv.Itoa(want) + ", in test_average\n  shop.py, line 14, in average",
		Output:  "/work/" + path + ":" + strconv.Itoa(want),
	}, got); diff != "" {
		t.Error(diff)
	}
	if _, ok := plan.Real(harness.TestResult{ID: path + "::" + plan.copies[plan.tests[5].twins[0]].name}); ok {
		t.Error("a twin is told")
	}
}

func TestCheck_unfit(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, dialect, path, source string
		line                        int
		says                        string
	}{
		{"no value", Pytest, "test_a.py", "import a\n\ndef test_it():\n    assert a.f() == a.g()\n", 3, `"test_it"`},
		{"only in a loop", Pytest, "test_a.py", "def test_it():\n    for x in things():\n        assert f(x) == 1\n", 1, `"test_it"`},
		{"a loop that may skip", Pytest, "test_a.py", "def test_it():\n    for x in [1]:\n        if g(x):\n            continue\n        assert f(x) == 1\n", 1, `"test_it"`},
		{"a column used twice", Pytest, "test_a.py", "def test_it():\n    for x in [1]:\n        assert f(x) == x\n", 1, `"test_it"`},
		{"a helper that compares sometimes", Pytest, "test_a.py", "def expect(a, b):\n    if a:\n        assert f(a) == b\n\ndef test_it():\n    expect(1, 2)\n", 5, `"test_it"`},
		{"after a return", Pytest, "test_a.py", "def test_it():\n    if f():\n        return\n    assert f() == 1\n", 1, `"test_it"`},
		{"an f-string", Pytest, "test_a.py", "def test_it():\n    assert f() == f'{x}'\n", 1, `"test_it"`},
		{"two comparisons", Pytest, "test_a.py", "def test_it():\n    assert f() == 1 or f() == 2\n", 1, `"test_it"`},
		{"exceptions that may be others", Pytest, "test_a.py", "def test_it():\n    with pytest.raises(Exception):\n        f()\n", 1, `"test_it"`},
		{"a tolerance of its own", Pytest, "test_a.py", "def test_it():\n    assert f() == pytest.approx(2.5, abs=1)\n", 1, `"test_it"`},
		{"a string without end", Pytest, "test_a.py", "def test_it():\n    assert f() == 'x\n", 2, "not closed"},
		{"no tests", Pytest, "helper.py", "x = 1\n", 0, "no test"},
		{"a condition without braces", Node, "a.test.js", "test('a', () => {\n  if (x)\n    assert.equal(f(), 1)\n})\n", 1, `"a"`},
		{"a callback", Node, "a.test.js", "test('a', () => {\n  list.forEach((x) => {\n    assert.equal(f(x), 1);\n  });\n});\n", 1, `"a"`},
		{"a bracket too many", Node, "a.test.js", "test('a', () => {\n  f(1));\n});\n", 2, "bracket"},
		{"a table with early ends", Go, "a_test.go", "package a\n\nimport \"testing\"\n\nfunc TestA(t *testing.T) {\n\tfor _, tt := range []struct{ want int }{{1}} {\n\t\tif f() {\n\t\t\tcontinue\n\t\t}\n\t\tif g() != tt.want {\n\t\t\tt.Error()\n\t\t}\n\t}\n}\n", 5, `"TestA"`},
		{"not Go", Go, "a_test.go", "package a\n\nfunc {\n", 3, "expected"},
		{"a value that matters elsewhere", Go, "a_test.go", "package a\n\nimport \"testing\"\n\nfunc TestA(t *testing.T) {\n\twant := 3\n\tif got := f(want); got != want {\n\t\tt.Error(got)\n\t}\n}\n", 5, `"TestA"`},
		{"a check in a loop", C, "test_a.c", "TEST(a) {\n\tfor (;;) CHECK_EQ_INT(f(), 1);\n}\n", 1, `"a"`},
		{"a partial output", Bats, "a.bats", "@test \"a\" {\n  run f\n  assert_output --partial \"x\"\n}\n", 1, `"a"`},
		{"a pattern", Bats, "a.bats", "@test \"a\" {\n  run f\n  [[ $output == x* ]]\n}\n", 1, `"a"`},
		{"an alternative", Bats, "a.bats", "@test \"a\" {\n  [ \"$x\" = \"a\" ] || [ \"$x\" = \"b\" ]\n}\n", 1, `"a"`},
		{"a condition that only warns", Bats, "a.bats", "warn() {\n  echo \"$1\"\n}\n@test \"a\" {\n  [ \"$x\" = \"a\" ] || warn oh\n}\n", 4, `"a"`},
		{"an open test", Bats, "a.bats", "@test \"a\" {\n  run f\n", 1, "not closed"},
		{"an unknown dialect", "cobol", "a.cob", "x", 0, "split"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			files := lesson.Files{tt.path: {Data: []byte(tt.source)}}
			problems := Check(tt.dialect, files)
			if len(problems) != 1 || problems[0].Line != tt.line || !strings.Contains(problems[0].Message, tt.says) {
				t.Fatalf("problems are %v", problems)
			}
			_, err := Twins(tt.dialect, files, seed(1))
			if fault.KindOf(err) != fault.Invalid {
				t.Fatalf("err is %v", err)
			}
			if message, hint := fault.Sentence(err); message == "" || hint == "" {
				t.Errorf("%q %q", message, hint)
			}
		})
	}
}

func fuzzDialect(f *testing.F, dialect string) {
	for _, text := range sample(f, dialect) {
		f.Add(string(text.Data))
	}
	path := samples[dialect].file
	f.Fuzz(func(t *testing.T, source string) {
		files := lesson.Files{path: {Data: []byte(source)}}
		plan, err := Twins(dialect, files, seed(1))
		if err != nil {
			return
		}
		reader, _ := readerOf(dialect)
		if _, _, err := reader.blocks(string(plan.Files[path].Data)); err != nil {
			t.Fatalf("the disguised file cannot be read: %v", err)
		}
		if _, tampered := plan.Judge(outcomes(plan, honest)); tampered {
			t.Fatal("an honest solution is suspected")
		}
	})
}

func FuzzTwinsPytest(f *testing.F) { fuzzDialect(f, Pytest) }
func FuzzTwinsNode(f *testing.F)   { fuzzDialect(f, Node) }
func FuzzTwinsGo(f *testing.F)     { fuzzDialect(f, Go) }
func FuzzTwinsC(f *testing.F)      { fuzzDialect(f, C) }
func FuzzTwinsBats(f *testing.F)   { fuzzDialect(f, Bats) }
