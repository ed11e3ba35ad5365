package main

import (
	"errors"
	"go/build"
	"go/format"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestTestMain(t *testing.T) {
	t.Parallel()
	of := func(t *testing.T, inner, outer string) (string, error) {
		t.Helper()
		p := &build.Package{Dir: t.TempDir(), ImportPath: "greet", GoFiles: []string{"greet.go"}}
		for name, text := range map[string]string{"a_test.go": inner, "b_test.go": outer} {
			if err := os.WriteFile(filepath.Join(p.Dir, name), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		p.TestGoFiles = []string{"a_test.go"}
		if outer != "" {
			p.XTestGoFiles = []string{"b_test.go"}
		}
		data, err := testMain(module{path: "greet"}, p)
		return string(data), err
	}
	t.Run("tests, fuzz targets and examples of both packages", func(t *testing.T) {
		t.Parallel()
		text, err := of(t, `package greet
import "testing"
func TestA(t *testing.T) {}
func Testable(s string) {}
func FuzzA(f *testing.F) {}
func helper(t *testing.T) {}
`, `package greet_test
import (. "testing"; "fmt")
func TestB(t *T) {}
func ExampleC() {
	fmt.Println(1)
	// Output: 1
}
func ExampleSilent() {}
`)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := format.Source([]byte(text)); err != nil {
			t.Errorf("%v in:\n%s", err, text)
		}
		for _, want := range []string{`{"TestA", _test.TestA}`, `{"FuzzA", _test.FuzzA}`, `{"TestB", _xtest.TestB}`, `{"ExampleC", _xtest.ExampleC, "1\n", false}`} {
			if !strings.Contains(text, want) {
				t.Errorf("%s is missing in:\n%s", want, text)
			}
		}
		for _, not := range []string{"Testable", "ExampleSilent", "helper"} {
			if strings.Contains(text, not) {
				t.Errorf("%s is no test, but in:\n%s", not, text)
			}
		}
	})
	t.Run("a package without tests of its own is only linked", func(t *testing.T) {
		t.Parallel()
		text, err := of(t, "package greet\n", "package greet_test\nimport \"testing\"\nfunc TestB(t *testing.T) {}\n")
		if err != nil || !strings.Contains(text, `_ "greet"`) {
			t.Errorf("%v in:\n%s", err, text)
		}
	})
	for name, text := range map[string]string{
		"a TestMain":                     "package greet\nimport \"testing\"\nfunc TestMain(m *testing.M) {}\n",
		"a test with another signature":  "package greet\nfunc TestA() {}\n",
		"a generic test, which is wrong": "package greet\nimport \"testing\"\nfunc TestA[T any](t *testing.T) {}\n",
	} {
		t.Run(name+" is left to go test", func(t *testing.T) {
			t.Parallel()
			if _, err := of(t, text, ""); !errors.Is(err, errUnusual) {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestAsMain(t *testing.T) {
	t.Parallel()
	text, names, err := asMain("// shop\npackage shop\n\nfunc main() {\n}\n\nfunc Total() int { return 1 }\nfunc (x T) M() {}\nfunc init() {}\nfunc G[T any](x T) {}\n")
	want := "// shop\npackage main\n\nfunc learnerMain() {\n}\n\nfunc Total() int { return 1 }\nfunc (x T) M() {}\nfunc init() {}\nfunc G[T any](x T) {}\n"
	if err != nil || text != want || strings.Join(names, " ") != "Total" {
		t.Errorf("got %q, %q, %v", text, names, err)
	}
	if _, _, err := asMain("package shop\nfunc {"); err == nil {
		t.Error("a broken file was taken")
	}
}
