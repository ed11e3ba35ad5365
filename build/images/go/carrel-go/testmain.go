package main

import (
	"bytes"
	"go/ast"
	"go/build"
	"go/doc"
	"go/parser"
	"go/token"
	"path/filepath"
	"strings"
	"text/template"
	"unicode"
	"unicode/utf8"
)

// function is a test, fuzz target or example.
type function struct {
	Package   string // _test or _xtest
	Name      string
	Output    string
	Unordered bool
}

type mainData struct {
	Module, Path      string
	Inner, Outer      bool // whether the package with its tests, and the tests beside it, are used
	Tests, Fuzzed     []function
	Examples          []function
	HasInner, HasXtra bool
}

var mainTemplate = template.Must(template.New("main").Parse(`package main

import (
	"os"
	"testing"
	"testing/internal/testdeps"
{{if .HasInner}}	{{if .Inner}}_test{{else}}_{{end}} {{printf "%q" .Path}}
{{end}}{{if .HasXtra}}	{{if .Outer}}_xtest{{else}}_{{end}} {{printf "%s_test" .Path | printf "%q"}}
{{end}})

var tests = []testing.InternalTest{
{{range .Tests}}	{{"{"}}{{printf "%q" .Name}}, {{.Package}}.{{.Name}}},
{{end}}}

var fuzzTargets = []testing.InternalFuzzTarget{
{{range .Fuzzed}}	{{"{"}}{{printf "%q" .Name}}, {{.Package}}.{{.Name}}},
{{end}}}

var examples = []testing.InternalExample{
{{range .Examples}}	{{"{"}}{{printf "%q" .Name}}, {{.Package}}.{{.Name}}, {{printf "%q" .Output}}, {{.Unordered}}},
{{end}}}

func init() {
	testdeps.ModulePath = {{printf "%q" .Module}}
	testdeps.ImportPath = {{printf "%q" .Path}}
}

func main() {
	os.Exit(testing.MainStart(testdeps.TestDeps{}, tests, nil, fuzzTargets, examples).Run())
}
`))

// testMain writes the program that runs the tests of a package. One with a TestMain of its own is left to
// go test.
func testMain(m module, p *build.Package) ([]byte, error) {
	data := mainData{Module: m.path, Path: p.ImportPath, HasInner: len(p.GoFiles)+len(p.TestGoFiles) > 0, HasXtra: len(p.XTestGoFiles) > 0}
	inner, err := data.add(p.Dir, p.TestGoFiles, "_test")
	if err != nil {
		return nil, err
	}
	outer, err := data.add(p.Dir, p.XTestGoFiles, "_xtest")
	if err != nil {
		return nil, err
	}
	data.Inner, data.Outer = inner, outer
	var out bytes.Buffer
	err = mainTemplate.Execute(&out, data)
	return out.Bytes(), err
}

// add finds the functions of some files, and tells whether there are any.
func (d *mainData) add(dir string, files []string, as string) (bool, error) {
	before := len(d.Tests) + len(d.Fuzzed) + len(d.Examples)
	for _, file := range files {
		tree, err := parser.ParseFile(token.NewFileSet(), filepath.Join(dir, file), nil, parser.ParseComments)
		if err != nil {
			return false, err
		}
		for _, declaration := range tree.Decls {
			f, ok := declaration.(*ast.FuncDecl)
			if !ok || f.Recv != nil {
				continue
			}
			name := f.Name.Name
			switch {
			case name == "TestMain" && takes(f, "M"):
				return false, errUnusual
			case isTest(name, "Test") && takes(f, "T"):
				d.Tests = append(d.Tests, function{Package: as, Name: name})
			case isTest(name, "Fuzz") && takes(f, "F"):
				d.Fuzzed = append(d.Fuzzed, function{Package: as, Name: name})
			case isTest(name, "Test") || isTest(name, "Fuzz"):
				return false, errUnusual // of another signature: go test says what is wrong
			}
		}
		for _, e := range doc.Examples(tree) {
			if e.Output != "" || e.EmptyOutput {
				d.Examples = append(d.Examples, function{as, "Example" + e.Name, e.Output, e.Unordered})
			}
		}
	}
	return len(d.Tests)+len(d.Fuzzed)+len(d.Examples) > before, nil
}

func isTest(name, prefix string) bool {
	rest, ok := strings.CutPrefix(name, prefix)
	first, _ := utf8.DecodeRuneInString(rest)
	return ok && (rest == "" || !unicode.IsLower(first))
}

// takes tells whether a function has the one parameter *testing.X, however testing is called there.
func takes(f *ast.FuncDecl, kind string) bool {
	if f.Type.TypeParams != nil || f.Type.Results != nil || len(f.Type.Params.List) != 1 || len(f.Type.Params.List[0].Names) > 1 {
		return false
	}
	pointer, ok := f.Type.Params.List[0].Type.(*ast.StarExpr)
	if !ok {
		return false
	}
	switch t := pointer.X.(type) {
	case *ast.Ident:
		return t.Name == kind
	case *ast.SelectorExpr:
		return t.Sel.Name == kind
	}
	return false
}
