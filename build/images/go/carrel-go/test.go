package main

import (
	"errors"
	"fmt"
	"go/build"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
)

// errUnusual is a module that the short way does not understand.
var errUnusual = errors.New("not a plain module")

// test runs the tests. The go command spends more time on finding out what to do than the compiler on
// doing it; for a module that needs the standard library alone and has tests in one folder, the answer
// is always the same. Everything else, and everything that does not compile, is left to go test, which
// also words the errors.
func test(args []string) error {
	if len(args) == 0 {
		if binary, pkg, err := short(); err == nil {
			if err := os.Chdir(pkg.dir); err != nil {
				return err
			}
			return syscall.Exec(test2json, []string{test2json, "-t", "-p", pkg.path, binary,
				"-test.v=test2json", "-test.paniconexit0", "-test.timeout=10m0s"}, os.Environ())
		}
		args = []string{"./..."}
	}
	program := filepath.Join(goroot, "bin", "go")
	return syscall.Exec(program, append([]string{program, "test", "-json", "-vet=off", "-count=1"}, args...), os.Environ()) //nolint:gosec // the arguments are the author's
}

// unit is one package as the compiler takes it.
type unit struct {
	path    string // as it is imported
	dir     string
	files   []string
	imports []string
}

// short compiles and links the tests. Whatever goes wrong, go test can still say what.
func short() (binary string, tested unit, err error) {
	root, err := os.Getwd()
	if err != nil {
		return "", unit{}, err
	}
	m, err := readModule(filepath.Join(root, "go.mod"))
	if err != nil {
		return "", unit{}, err
	}
	packages, err := load(root, m.path)
	if err != nil {
		return "", unit{}, err
	}
	std, err := os.ReadFile(archives)
	if err != nil {
		return "", unit{}, err
	}
	folder, err := os.MkdirTemp("", "carrel-go")
	if err != nil {
		return "", unit{}, err
	}
	b := builder{module: m, folder: folder, packages: packages, done: map[string]bool{}, config: std}
	return b.test()
}

// load reads the module's packages: what each has, and what it needs.
func load(root, module string) (map[string]*build.Package, error) {
	packages := map[string]*build.Package{}
	context := build.Default
	context.GOROOT, context.CgoEnabled = goroot, false
	err := filepath.WalkDir(root, func(dir string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := d.Name()
		if !d.IsDir() {
			if name == "go.work" || name == "go.mod" && filepath.Dir(dir) != root {
				return errUnusual
			}
			return nil
		}
		if dir != root && (name == "testdata" || strings.HasPrefix(name, ".") || strings.HasPrefix(name, "_")) {
			return filepath.SkipDir
		}
		if name == "vendor" {
			return errUnusual
		}
		p, err := context.ImportDir(dir, 0)
		if none := (*build.NoGoError)(nil); errors.As(err, &none) {
			return nil
		}
		if err != nil {
			return err
		}
		special := [][]string{p.CFiles, p.HFiles, p.SFiles, p.SysoFiles, p.EmbedPatterns, p.TestEmbedPatterns, p.XTestEmbedPatterns}
		if slices.ContainsFunc(special, func(files []string) bool { return len(files) > 0 }) ||
			len(p.Directives)+len(p.TestDirectives)+len(p.XTestDirectives) > 0 {
			return errUnusual
		}
		rest, err := filepath.Rel(root, dir)
		if err != nil {
			return err
		}
		p.ImportPath = strings.TrimSuffix(module+"/"+filepath.ToSlash(rest), "/.")
		packages[p.ImportPath] = p
		return nil
	})
	return packages, err
}

// builder compiles packages into one folder.
type builder struct {
	module   module
	folder   string
	packages map[string]*build.Package
	done     map[string]bool
	config   []byte // what the compiler and the linker know of compiled packages
}

func (b *builder) test() (binary string, tested unit, err error) {
	var p *build.Package
	for _, each := range b.packages {
		if len(each.TestGoFiles)+len(each.XTestGoFiles) == 0 {
			continue
		}
		if p != nil {
			return "", unit{}, errUnusual // go test runs several at a time
		}
		p = each
	}
	if p == nil {
		return "", unit{}, errUnusual
	}
	main, err := testMain(b.module, p)
	if err != nil {
		return "", unit{}, err
	}
	// The package under test is the one with its tests: what it needs must not need it in turn.
	b.done[p.ImportPath] = true
	inner := unit{p.ImportPath, p.Dir, slices.Concat(p.GoFiles, p.TestGoFiles), slices.Concat(p.Imports, p.TestImports)}
	if err := b.needs(inner.imports, p.ImportPath); err != nil {
		return "", unit{}, err
	}
	if len(inner.files) > 0 {
		if err := b.compile(inner); err != nil {
			return "", unit{}, err
		}
	}
	if len(p.XTestGoFiles) > 0 {
		outer := unit{p.ImportPath + "_test", p.Dir, p.XTestGoFiles, p.XTestImports}
		if err := b.needs(without(outer.imports, p.ImportPath), p.ImportPath); err != nil {
			return "", unit{}, err
		}
		if err := b.compile(outer); err != nil {
			return "", unit{}, err
		}
	}
	if err := os.WriteFile(filepath.Join(b.folder, "main.go"), main, 0o600); err != nil {
		return "", unit{}, err
	}
	if err := b.compile(unit{path: "main", dir: b.folder, files: []string{"main.go"}}); err != nil {
		return "", unit{}, err
	}
	binary, err = b.link(filepath.Base(p.ImportPath) + ".test")
	return binary, inner, err
}

func without(paths []string, path string) []string {
	return slices.DeleteFunc(slices.Clone(paths), func(p string) bool { return p == path })
}

// needs compiles the module's packages among imports, and theirs.
func (b *builder) needs(imports []string, tested string) error {
	for _, path := range imports {
		p, ours := b.packages[path]
		switch {
		case path == tested:
			return errUnusual // it would have to be compiled again, against the tests' version
		case path == "C":
			return errUnusual
		case !ours && (path == b.module.path || strings.HasPrefix(path, b.module.path+"/")):
			return errUnusual // not there; go test says so
		case !ours || b.done[path]:
			continue
		}
		b.done[path] = true
		if err := b.needs(p.Imports, tested); err != nil {
			return err
		}
		if err := b.compile(unit{path, p.Dir, p.GoFiles, p.Imports}); err != nil {
			return err
		}
	}
	return nil
}

func (b *builder) compile(u unit) error {
	config := filepath.Join(b.folder, "importcfg")
	if err := os.WriteFile(config, b.config, 0o600); err != nil {
		return err
	}
	archive := filepath.Join(b.folder, fmt.Sprintf("%d.a", len(b.config)))
	args := []string{"-o", archive, "-p", u.path, "-lang=go" + b.module.version, "-complete", "-c=2", "-nolocalimports", "-importcfg", config, "-pack"}
	for _, file := range u.files {
		args = append(args, "./"+file)
	}
	if err := run(u.dir, "compile", args...); err != nil {
		return err
	}
	b.config = fmt.Appendf(b.config, "packagefile %s=%s\n", u.path, archive)
	return nil
}

func (b *builder) link(name string) (string, error) {
	config := filepath.Join(b.folder, "importcfg.link")
	if err := os.WriteFile(config, b.config, 0o600); err != nil {
		return "", err
	}
	main := b.config[strings.LastIndex(string(b.config), "=")+1:]
	binary := filepath.Join(b.folder, name)
	args := []string{"-o", binary, "-importcfg", config, "-s", "-w", "-buildmode=exe", "-X", "testing.testBinary=1"}
	if b.module.godebug != "" {
		args = append(args, "-X", "runtime.godebugDefault="+b.module.godebug)
	}
	return binary, run(b.folder, "link", append(args, strings.TrimSpace(string(main)))...)
}

func run(dir, tool string, args ...string) error {
	command := exec.Command(filepath.Join(goroot, "pkg", "tool", build.Default.GOOS+"_"+build.Default.GOARCH, tool), args...) //nolint:noctx // the agent ends a check that takes too long
	command.Dir = dir
	// Collecting garbage costs the linker more than the memory is worth.
	command.Env = append(os.Environ(), "GOGC=400")
	return command.Run()
}
