package fault_test

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// Our programs speak English; the window translates whole sentences by this catalogue. A sentence that
// is not in it would be shown in English to someone who reads Russian.
func TestSentences_Translated(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("../frontend/src/i18n/sentences.ru.json")
	if err != nil {
		t.Fatal(err)
	}
	var catalogue map[string]string
	if err := json.Unmarshal(data, &catalogue); err != nil {
		t.Fatal(err)
	}
	for _, s := range shownSentences(t) {
		if _, ok := catalogue[s.text]; !ok {
			t.Errorf("%s: not translated: %q", s.place, s.text)
		}
	}
}

type sentence struct{ text, place string }

// shownSentences are the literal messages and hints of faults, and the sentences of verdicts, in the
// packages whose words reach the window. Those of commands, importers and the embedded database stay in
// the terminal.
func shownSentences(t *testing.T) []sentence {
	t.Helper()
	var found []sentence
	for _, root := range []string{"app", "cloud", "fault", "harness", "journal", "lesson", "proto/wire"} {
		err := filepath.WalkDir("../"+root, func(path string, entry fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			if entry.IsDir() && (entry.Name() == "cmd" || strings.HasSuffix(entry.Name(), "test") || entry.Name() == "importer" || entry.Name() == "embedded") {
				return fs.SkipDir
			}
			if entry.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return nil
			}
			found = append(found, sentencesOf(t, path)...)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	slices.SortFunc(found, func(a, b sentence) int { return strings.Compare(a.text, b.text) })
	return slices.CompactFunc(found, func(a, b sentence) bool { return a.text == b.text })
}

func sentencesOf(t *testing.T, path string) []sentence {
	t.Helper()
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, path, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var found []sentence
	add := func(expressions ...ast.Expr) {
		for _, e := range expressions {
			if text := literal(e); text != "" {
				found = append(found, sentence{text, set.Position(e.Pos()).String()})
			}
		}
	}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			switch name := called(n); {
			case name == "fault.New" && len(n.Args) == 3:
				add(n.Args[1:]...)
			case name == "fault.Wrap" && len(n.Args) == 4:
				add(n.Args[2:]...)
			}
		case *ast.ReturnStmt: // harness.Judge: verdict and sentence
			if len(n.Results) == 2 && strings.HasSuffix(path, "harness/verdict.go") {
				add(n.Results[1])
			}
		}
		return true
	})
	return found
}

func called(call *ast.CallExpr) string {
	if selector, ok := call.Fun.(*ast.SelectorExpr); ok {
		if pkg, ok := selector.X.(*ast.Ident); ok {
			return pkg.Name + "." + selector.Sel.Name
		}
	}
	return ""
}

// literal returns the text of a string, of a concatenation of strings, or of a format; "" of anything
// that is made at run time.
func literal(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.BasicLit:
		text, err := strconv.Unquote(e.Value)
		if err == nil {
			return text
		}
	case *ast.BinaryExpr:
		left, right := literal(e.X), literal(e.Y)
		if left != "" && right != "" {
			return left + right
		}
	case *ast.CallExpr:
		if called(e) == "fmt.Sprintf" && len(e.Args) > 0 {
			return literal(e.Args[0])
		}
	}
	return ""
}
