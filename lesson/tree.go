package lesson

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"
)

// tree is a course folder as it was found: only plain files under safe paths. Reading goes through
// it, so that a link or a hostile name is never opened.
type tree struct {
	fsys     fs.FS
	problems *problems
	files    map[string]int64 // size by path
	dirs     map[string]bool
	folded   map[string]string
	bytes    int64
}

var errTooBig = errors.New("too big")

// scan lists the folder. The error is one of reading; what is wrong with the course is in problems.
func scan(fsys fs.FS, found *problems) (*tree, error) {
	t := &tree{fsys: fsys, problems: found, files: map[string]int64{}, dirs: map[string]bool{}, folded: map[string]string{}}
	err := fs.WalkDir(fsys, ".", func(p string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil && p == ".":
			return err
		case err != nil:
			t.report(p, "this cannot be read; check its permissions.")
			return fs.SkipDir
		case p == ".":
			return nil
		case skipped(p, entry):
			if entry.IsDir() {
				return fs.SkipDir
			}
			return nil
		}
		return t.visit(p, entry)
	})
	if errors.Is(err, errTooBig) {
		return t, nil
	}
	return t, err
}

// skipped reports what is in many folders but never part of a course.
func skipped(p string, entry fs.DirEntry) bool {
	name := entry.Name()
	if !strings.Contains(p, "/") && strings.HasPrefix(name, ".") {
		return true // .git, .github and editor settings at the root
	}
	switch name {
	case "__pycache__", ".pytest_cache", "node_modules", ".carrel", ".git":
		return entry.IsDir()
	case ".DS_Store", "Thumbs.db", ".gitkeep":
		return true
	}
	return strings.HasSuffix(name, ".pyc") || strings.HasSuffix(name, "~") || strings.HasSuffix(name, ".swp")
}

func (t *tree) visit(p string, entry fs.DirEntry) error {
	if err := CheckPath(p); err != nil {
		t.report(p, err.Error()+". Rename it.")
		if entry.IsDir() {
			return fs.SkipDir
		}
		return nil
	}
	if other, ok := t.folded[FoldPath(p)]; ok {
		t.report(p, fmt.Sprintf("some systems take this for the same file as %q. Rename one of them.", other))
		return nil
	}
	t.folded[FoldPath(p)] = p
	if entry.IsDir() {
		t.dirs[p] = true
		return nil
	}
	if !entry.Type().IsRegular() {
		t.report(p, "this is not a plain file. Put a copy of the file here instead of a link.")
		return nil
	}
	info, err := entry.Info()
	if err != nil {
		t.report(p, "this cannot be read; check its permissions.")
		return nil //nolint:nilerr // it is a problem of the course now, and there may be more of them
	}
	if info.Size() > MaxFileBytes {
		t.report(p, fmt.Sprintf("the file is larger than %d MiB. Make it smaller.", MaxFileBytes>>20))
		return nil
	}
	t.files[p] = info.Size()
	t.bytes += info.Size()
	if len(t.files) > MaxCourseFiles || t.bytes > MaxCourseBytes {
		t.problems.add(Problem{File: "course.yaml", Message: fmt.Sprintf(
			"the course folder has more than %d files or %d MiB. Remove what is not part of the course.",
			MaxCourseFiles, MaxCourseBytes>>20)})
		return errTooBig
	}
	return nil
}

func (t *tree) report(p, message string) {
	t.problems.add(Problem{File: p, Message: message, Lesson: lessonOf(p)})
}

// lessonOf returns the slug of the lesson a path belongs to, or "".
func lessonOf(p string) string {
	rest, ok := strings.CutPrefix(p, "lessons/")
	if !ok {
		return ""
	}
	slug, _, _ := strings.Cut(rest, "/")
	return slug
}

// read returns a file's content. A file that cannot be read is reported, and ok is false.
func (t *tree) read(p string, limit int64) (data []byte, ok bool) {
	file, err := t.fsys.Open(p)
	if err != nil {
		t.report(p, "this cannot be read; check its permissions.")
		return nil, false
	}
	defer file.Close() //nolint:errcheck // it was only read
	data, err = io.ReadAll(io.LimitReader(file, limit+1))
	if err != nil {
		t.report(p, "this cannot be read; check its permissions.")
		return nil, false
	}
	if int64(len(data)) > limit {
		t.report(p, fmt.Sprintf("the file is larger than %d KiB. Make it smaller.", limit>>10))
		return nil, false
	}
	return data, true
}

// folder returns the files below dir by paths relative to it, nil when there are none.
func (t *tree) folder(dir string) Files {
	var out Files
	for _, p := range t.below(dir) {
		data, ok := t.read(p, MaxFileBytes)
		if !ok {
			continue
		}
		if out == nil {
			out = Files{}
		}
		out[strings.TrimPrefix(p, dir+"/")] = NewFile(data)
	}
	return out
}

// below returns the paths of the files under dir, in order.
func (t *tree) below(dir string) []string {
	var out []string
	for p := range t.files {
		if strings.HasPrefix(p, dir+"/") {
			out = append(out, p)
		}
	}
	slices.Sort(out)
	return out
}

// children returns the names directly in dir, folders with a slash at the end.
func (t *tree) children(dir string) []string {
	var out []string
	for p := range t.files {
		if path.Dir(p) == dir {
			out = append(out, path.Base(p))
		}
	}
	for p := range t.dirs {
		if path.Dir(p) == dir {
			out = append(out, path.Base(p)+"/")
		}
	}
	slices.Sort(out)
	return out
}
