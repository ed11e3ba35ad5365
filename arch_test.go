package main

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"path"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/carrel-dev/carrel"

// listed is what `go list -json` tells about a package.
type listed struct {
	ImportPath string
	Doc        string
	Name       string
	Imports    []string
	Standard   bool
}

// packages returns every package of the module, under the tags of the window too.
func packages(t *testing.T) []listed {
	t.Helper()
	command := exec.CommandContext(t.Context(), "go", "list", "-tags", "desktop,production,webkit2_41",
		"-json=ImportPath,Doc,Name,Imports,Standard", "./...")
	out, err := command.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var found []listed
	decoder := json.NewDecoder(strings.NewReader(string(out)))
	for {
		var p listed
		if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
			return found
		} else if err != nil {
			t.Fatal(err)
		}
		found = append(found, p)
	}
}

// TestImports holds every package to the table in arch_table_test.go: what is not allowed there is
// forbidden.
func TestImports(t *testing.T) {
	t.Parallel()
	used := map[string]bool{}
	for _, p := range packages(t) {
		from := strings.TrimPrefix(strings.TrimPrefix(p.ImportPath, module), "/")
		if from == "" {
			from = "main"
		}
		for _, imported := range p.Imports {
			if !strings.Contains(strings.Split(imported, "/")[0], ".") {
				continue // standard library
			}
			to := strings.TrimPrefix(imported, module+"/")
			rules := allowing(from, to)
			if len(rules) == 0 {
				t.Errorf("%s imports %s: no rule allows it. If it must be, write the reason into arch_table_test.go and ARCHITECTURE.md.", from, to)
			}
			for _, rule := range rules {
				used[rule] = true
			}
		}
	}
	for from, tos := range mayImport {
		for to := range tos {
			if !used[from+" -> "+to] {
				t.Errorf("arch_table_test.go allows %s -> %s, but nothing does that any more: remove the line.", from, to)
			}
		}
	}
}

// allowing finds the rules that allow an import, as "from -> to" in the table's own patterns.
func allowing(from, to string) (rules []string) {
	for pattern, tos := range mayImport {
		if !matches(pattern, from) {
			continue
		}
		for target := range tos {
			if matches(target, to) {
				rules = append(rules, pattern+" -> "+target)
			}
		}
	}
	return rules
}

// matches tells whether a package is the pattern's; a trailing /... covers the packages below too.
func matches(pattern, pkg string) bool {
	if stem, below := strings.CutSuffix(pattern, "/..."); below {
		return pkg == stem || strings.HasPrefix(pkg, stem+"/")
	}
	return pattern == pkg
}

func TestPackages(t *testing.T) {
	t.Parallel()
	vague := []string{"util", "utils", "common", "helpers", "base", "models", "types", "manager", "service", "core", "internal", "pkg"}
	for _, p := range packages(t) {
		name := path.Base(p.ImportPath)
		if slices.Contains(vague, name) {
			t.Errorf("%s: this name says nothing; use a noun of the glossary", p.ImportPath)
		}
		if p.Doc == "" && !strings.Contains(p.ImportPath, "/proto/gen/") {
			t.Errorf("%s has no package comment", p.ImportPath)
		}
		if slices.Contains(p.Imports, "testing") && !strings.HasSuffix(p.Name, "test") {
			t.Errorf("%s imports testing: only packages ending in test may", p.ImportPath)
		}
	}
}
