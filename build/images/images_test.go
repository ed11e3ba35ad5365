package images

import (
	"archive/tar"
	"bytes"
	"errors"
	"io"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestNames(t *testing.T) {
	t.Parallel()
	names := Names()
	for i, name := range names {
		recipe, ok := Lookup(name)
		if !ok {
			t.Fatalf("Lookup(%q) knows nothing of a name Names gave", name)
		}
		if recipe.Parent != "" && !slices.Contains(names[:i], recipe.Parent) {
			t.Errorf("%s comes before its parent %s", name, recipe.Parent)
		}
	}
	if diff := cmp.Diff([]string{"base", "c", "go", "node", "php", "postgres", "python", "redis", "ruby", "shell", "sql"}, names); diff != "" {
		t.Error(diff)
	}
	if _, ok := Lookup("cobol"); ok {
		t.Error("Lookup found a recipe that does not exist")
	}
}

func TestRecipe(t *testing.T) {
	t.Parallel()
	for _, name := range Names() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			recipe, _ := Lookup(name)
			again, _ := Lookup(name)

			t.Run("the name of the image is the start of its digest", func(t *testing.T) {
				t.Parallel()
				if recipe.Digest() != again.Digest() {
					t.Error("two digests of one recipe differ")
				}
				want := "carrel/" + name + ":" + strings.TrimPrefix(string(recipe.Digest()), "sha256:")[:12]
				if recipe.Ref() != want {
					t.Errorf("Ref() = %s, want %s", recipe.Ref(), want)
				}
			})
			t.Run("the context is the same every time and builds on the parent", func(t *testing.T) {
				t.Parallel()
				first, err := recipe.Context([]byte("trusted"))
				if err != nil {
					t.Fatal(err)
				}
				second, err := again.Context([]byte("trusted"))
				if err != nil {
					t.Fatal(err)
				}
				if !bytes.Equal(first, second) {
					t.Error("two contexts of one recipe differ")
				}
				files := untar(t, first)
				from := RootOrigin().Image
				if parent, ok := Lookup(recipe.Parent); ok {
					from = parent.Ref()
				}
				for _, want := range []string{"ARG PARENT=" + from + "\n", "FROM ${PARENT}\n", LabelRecipe + "=" + string(recipe.Digest())} {
					if !strings.Contains(files[dockerfile], want) {
						t.Errorf("the Dockerfile lacks %q:\n%s", want, files[dockerfile])
					}
				}
				if files[AuthoritiesFile] != "trusted" {
					t.Errorf("the authorities are %q", files[AuthoritiesFile])
				}
				for file := range files {
					if strings.Contains(file, "__pycache__") || strings.HasSuffix(file, ".pyc") {
						t.Errorf("the recipe holds a left-over: %s", file)
					}
				}
			})
			t.Run("the language pack survives the label", func(t *testing.T) {
				t.Parallel()
				pack := recipe.Pack()
				label, err := pack.label()
				if err != nil {
					t.Fatal(err)
				}
				parsed, err := ParsePack(label)
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(pack, parsed); diff != "" {
					t.Error(diff)
				}
				if pack.Name != name || pack.Title == "" || pack.Version < 1 || len(pack.Shell) == 0 {
					t.Errorf("incomplete pack: %+v", pack)
				}
				if !slices.Contains(pack.Run.Command, MainPlaceholder) {
					t.Errorf("the run command %q has no place for the main file", pack.Run.Command)
				}
				if hasCommand, hasFormat := len(pack.Check.Command) > 0, pack.Check.Format != ""; hasCommand != hasFormat {
					t.Errorf("a check needs both a command and a format: %+v", pack.Check)
				}
			})
		})
	}
}

func TestRecipe_Digest(t *testing.T) {
	t.Parallel()
	base, _ := Lookup("base")
	before := base.Digest()
	t.Run("a changed file changes it", func(t *testing.T) {
		t.Parallel()
		changed := Recipe{Name: base.Name, files: map[string][]byte{}}
		maps.Copy(changed.files, base.files)
		changed.files["profile.sh"] = append(slices.Clone(base.files["profile.sh"]), '\n')
		if changed.Digest() == before {
			t.Error("the digest did not change")
		}
	})
	t.Run("another parent changes it", func(t *testing.T) {
		t.Parallel()
		child := Recipe{Name: base.Name, Parent: "shell", files: base.files}
		if child.Digest() == before {
			t.Error("the digest did not change")
		}
	})
}

func TestPack_Label(t *testing.T) {
	t.Parallel()
	if _, err := (Pack{Name: "x", Title: "it's"}).label(); err == nil {
		t.Error("a single quote would end the label's value, but was accepted")
	}
	if _, err := ParsePack("{"); err == nil {
		t.Error("a broken label was accepted")
	}
	if _, err := parsePack([]byte(`{"nmae":"x"}`)); err == nil {
		t.Error("a misspelt field was accepted in our own file")
	}
}

func untar(t *testing.T, data []byte) map[string]string {
	t.Helper()
	files := map[string]string{}
	for r := tar.NewReader(bytes.NewReader(data)); ; {
		header, err := r.Next()
		if errors.Is(err, io.EOF) {
			return files
		}
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		files[header.Name] = string(body)
	}
}
