package agent

import (
	"archive/tar"
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"path"
	"slices"
	"strings"
)

// entry is one regular file of a tree.
type entry struct {
	data       []byte
	executable bool
}

func (e entry) equal(other entry) bool {
	return e.executable == other.executable && bytes.Equal(e.data, other.data)
}

// tree is a folder by content, as the host sent it.
type tree map[string]entry

// maxTreeBytes bounds a tree: it is in memory, inside the learner's memory limit.
const maxTreeBytes = 48 << 20

var errTreeTooLarge = errors.New("the files are larger than the agent keeps")

// apply returns the tree after the changes of a Put; the receiver stays as it is.
func (t tree) apply(archive []byte, remove []string, replaceAll bool) (tree, error) {
	changed, err := readTar(archive)
	if err != nil {
		return nil, err
	}
	next := tree{}
	if !replaceAll {
		maps.Copy(next, t)
	}
	for _, p := range remove {
		delete(next, p)
	}
	maps.Copy(next, changed)
	size := 0
	for p, e := range next {
		size += len(p) + len(e.data)
		for dir := path.Dir(p); dir != "."; dir = path.Dir(dir) {
			if _, isFile := next[dir]; isFile {
				return nil, fmt.Errorf("%q is a file and a folder", dir)
			}
		}
	}
	if size > maxTreeBytes {
		return nil, errTreeTooLarge
	}
	return next, nil
}

// since returns what to write and what to remove to get from old to t.
func (t tree) since(old tree) (write tree, remove []string) {
	write = tree{}
	for p, e := range t {
		if before, ok := old[p]; !ok || !before.equal(e) {
			write[p] = e
		}
	}
	for p := range old {
		if _, ok := t[p]; !ok {
			remove = append(remove, p)
		}
	}
	slices.Sort(remove)
	return write, remove
}

// readTar reads an archive into memory.
func readTar(archive []byte) (tree, error) {
	files := tree{}
	err := eachFile(bytes.NewReader(archive), func(name string, executable bool, size int64, data io.Reader) error {
		e := entry{make([]byte, size), executable}
		_, err := io.ReadFull(data, e.data)
		files[name] = e
		return err
	})
	return files, err
}

// eachFile visits the regular files of a tar. It refuses links, devices, unsafe paths and duplicates;
// folders are only checked, since files bring theirs along.
func eachFile(archive io.Reader, visit func(name string, executable bool, size int64, data io.Reader) error) error {
	seen := map[string]bool{}
	r := tar.NewReader(archive)
	for {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("reading archive: %w", err)
		}
		name := h.Name
		if h.Typeflag == tar.TypeDir {
			name = strings.TrimSuffix(name, "/")
		}
		if err := checkPath(name); err != nil {
			return err
		}
		switch {
		case h.Typeflag == tar.TypeDir:
			continue
		case h.Typeflag != tar.TypeReg:
			return fmt.Errorf("%q is neither a regular file nor a folder", name)
		case seen[name]:
			return fmt.Errorf("%q is there twice", name)
		case h.Size > maxTreeBytes:
			return errTreeTooLarge
		}
		seen[name] = true
		if err := visit(name, h.Mode&0o111 != 0, h.Size, r); err != nil {
			return fmt.Errorf("reading %q: %w", name, err)
		}
	}
}

// checkPath refuses what could name anything outside the folder. The host's rules for courses are
// narrower; these are the ones safety rests on.
func checkPath(p string) error {
	if p == "" || p == "." || strings.HasPrefix(p, "/") || strings.ContainsRune(p, 0) ||
		path.Clean(p) != p || p == ".." || strings.HasPrefix(p, "../") {
		return fmt.Errorf("unsafe path %q", p)
	}
	return nil
}
