// Package images holds the recipes of the environments that ship with Carrel. It is data with names:
// what to build, from what, and how to run a check in it. It talks to no engine; harness/docker
// builds the recipes.
//
// A recipe is a folder beside this file: a Dockerfile, a language pack (pack.json) and the files the
// Dockerfile copies. Tests beside them (_test.go) are not part of it.
package images

import (
	"cmp"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/carrel-dev/carrel/lesson"
)

//go:embed base shell c go node php python ruby postgres redis sql
var folders embed.FS

// parents is the family tree: every recipe and the one it builds on.
func parents() map[string]string {
	return map[string]string{
		"base": "", "shell": "base", "c": "base", "go": "base", "node": "base", "php": "base", "python": "base", "ruby": "base",
		"sql": "python", "postgres": "base", "redis": "base",
	}
}

// Names lists the recipes, parents before their children.
func Names() []string {
	names := make([]string, 0, len(parents()))
	for name := range parents() {
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b string) int {
		return cmp.Or(cmp.Compare(depth(a), depth(b)), cmp.Compare(a, b))
	})
	return names
}

func depth(name string) int {
	n := 0
	for p := parents()[name]; p != ""; p = parents()[p] {
		n++
	}
	return n
}

// Lookup returns the recipe with this name.
func Lookup(name string) (Recipe, bool) {
	parent, ok := parents()[name]
	if !ok {
		return Recipe{}, false
	}
	files, err := readFolder(name)
	if err == nil {
		_, err = parsePack(files[packFile])
	}
	if err != nil {
		// The recipes are compiled in and a test loads each: only a damaged program gets here.
		panic(fmt.Sprintf("images: recipe %s: %v", name, err))
	}
	return Recipe{Name: name, Parent: parent, files: files}, true
}

// Recipe tells how one image is made. It is immutable and safe for concurrent use. Only Lookup makes
// a usable one.
type Recipe struct {
	Name string
	// Parent is the recipe this one builds on; empty for the root, which starts from Origin.
	Parent string

	files map[string][]byte // by slash-separated path inside the recipe's folder
}

// Ref is the name and tag of the image: "carrel/<name>:" and the start of the digest.
func (r Recipe) Ref() string {
	return fmt.Sprintf("carrel/%s:%s", r.Name, strings.TrimPrefix(string(r.Digest()), "sha256:")[:12])
}

// Digest identifies the recipe: its files and its ancestors'. It is a pure function of this program's
// sources, so every machine agrees on it. What the package mirror served on the day of the build is
// not part of it.
func (r Recipe) Digest() lesson.Digest {
	h := sha256.New()
	if parent, ok := Lookup(r.Parent); ok {
		h.Write(fmt.Appendf(nil, "parent %s\n", parent.Digest()))
	}
	for _, name := range r.paths() {
		h.Write(fmt.Appendf(nil, "file %q %d\n", name, len(r.files[name])))
		h.Write(r.files[name])
	}
	return lesson.Digest("sha256:" + hex.EncodeToString(h.Sum(nil)))
}

// Pack returns the language pack.
func (r Recipe) Pack() Pack {
	pack, err := parsePack(r.files[packFile])
	if err != nil {
		panic(fmt.Sprintf("images: recipe %s: %v", r.Name, err)) // Lookup has parsed it before
	}
	if parent, ok := Lookup(r.Parent); ok && pack.ChecksAsParent {
		from := parent.Pack()
		pack.Check, pack.Zygote, pack.Dialect, pack.ChecksAsParent = from.Check, from.Zygote, from.Dialect, false
	}
	return pack
}

func (r Recipe) paths() []string {
	paths := make([]string, 0, len(r.files))
	for name := range r.files {
		paths = append(paths, name)
	}
	slices.Sort(paths)
	return paths
}

func readFolder(name string) (map[string][]byte, error) {
	files := map[string][]byte{}
	err := fs.WalkDir(folders, name, func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasSuffix(p, "_test.go") {
			return err
		}
		data, err := folders.ReadFile(p)
		files[strings.TrimPrefix(p, name+"/")] = data
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("reading recipe folder: %w", err)
	}
	if files[dockerfile] == nil {
		return nil, fmt.Errorf("no %s", dockerfile)
	}
	return files, nil
}
