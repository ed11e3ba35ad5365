package main

import (
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"text/template"
)

//go:embed driver.go.txt
var driverText string

// drive builds a program out of the learner's package in this folder and one more file, which knows all
// of the package's functions by name, and becomes it. The learner's files are not touched: the compiler
// is shown others in their place, in which the package is called main and a main of the learner's is
// called something else.
func drive() error {
	root, err := os.Getwd()
	if err != nil {
		return err
	}
	folder, err := os.MkdirTemp("", "carrel-go")
	if err != nil {
		return err
	}
	binary := filepath.Join(folder, "driver")
	replaced, functions, broken := disguise(root, folder)
	if broken == nil {
		broken = buildDriver(root, folder, binary, replaced, functions)
	}
	if broken != nil {
		return refuse(broken)
	}
	return syscall.Exec(binary, []string{"driver"}, os.Environ())
}

// disguise writes the learner's files as parts of a main package. It returns which file stands for which,
// and by file the functions in it.
func disguise(root, folder string) (replaced map[string]string, functions map[string][]string, err error) {
	files, err := filepath.Glob(filepath.Join(root, "*.go"))
	if err != nil {
		return nil, nil, err
	}
	replaced, functions = map[string]string{}, map[string][]string{}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		data, err := os.ReadFile(file)
		if err != nil {
			return nil, nil, err
		}
		text, names, err := asMain(string(data))
		if err != nil {
			return nil, nil, errors.New(strings.ReplaceAll(err.Error(), root+"/", ""))
		}
		copied := filepath.Join(folder, filepath.Base(file))
		if err := os.WriteFile(copied, []byte(text), 0o600); err != nil { //nolint:gosec // a base name in a folder of our own
			return nil, nil, err
		}
		replaced[file] = copied
		functions[strings.TrimSuffix(filepath.Base(file), ".go")] = names
	}
	if len(replaced) == 0 {
		return nil, nil, errors.New("there is no Go file here")
	}
	return replaced, functions, nil
}

// asMain renames the package, and a main function, without moving a line.
func asMain(text string) (string, []string, error) {
	files := token.NewFileSet()
	tree, err := parser.ParseFile(files, "", text, 0)
	if err != nil {
		return "", nil, err
	}
	type change struct {
		at   *ast.Ident
		name string
	}
	changes := []change{{tree.Name, "main"}}
	var names []string
	for _, declaration := range tree.Decls {
		f, ok := declaration.(*ast.FuncDecl)
		if !ok || f.Recv != nil || f.Type.TypeParams != nil {
			continue
		}
		switch f.Name.Name {
		case "main":
			changes = append(changes, change{f.Name, "learnerMain"})
		case "init", "_":
		default:
			names = append(names, f.Name.Name)
		}
	}
	slices.Reverse(changes)
	for _, c := range changes {
		at := files.Position(c.at.Pos()).Offset
		text = text[:at] + c.name + text[at+len(c.at.Name):]
	}
	return text, names, nil
}

func buildDriver(root, folder, binary string, replaced map[string]string, functions map[string][]string) error {
	source := filepath.Join(folder, "carrel_driver.go")
	out, err := os.Create(source)
	if err != nil {
		return err
	}
	err = template.Must(template.New("driver").Parse(driverText)).Execute(out, functions)
	if err := errors.Join(err, out.Close()); err != nil {
		return err
	}
	replaced[filepath.Join(root, "carrel_driver.go")] = source
	overlay, err := json.Marshal(map[string]any{"Replace": replaced})
	if err != nil {
		return err
	}
	list := filepath.Join(folder, "overlay.json")
	if err := os.WriteFile(list, overlay, 0o600); err != nil {
		return err
	}
	command := exec.Command(filepath.Join(goroot, "bin", "go"), "build", "-overlay", list, "-ldflags", "-s -w", "-o", binary, ".") //nolint:noctx // the tests end a driver that takes too long
	command.Dir = root
	said, err := command.CombinedOutput()
	if err == nil {
		return nil
	}
	text := strings.NewReplacer(folder+"/", "", root+"/", "").Replace(string(said))
	return errors.New(strings.TrimSpace(text))
}

// refuse answers every call with what is wrong.
func refuse(broken error) error {
	channel := os.NewFile(3, "channel")
	requests, answers := json.NewDecoder(channel), json.NewEncoder(channel)
	for {
		var request struct{ ID string }
		if err := requests.Decode(&request); err != nil {
			return nil //nolint:nilerr // nobody asks any more
		}
		if err := answers.Encode(map[string]string{"id": request.ID, "error": "BuildError", "message": broken.Error()}); err != nil {
			return fmt.Errorf("answering: %w", err)
		}
	}
}
