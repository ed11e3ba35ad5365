package workspace

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/carrel-dev/carrel/app/atomicfile"
	"github.com/carrel-dev/carrel/fault"
	"github.com/carrel-dev/carrel/lesson"
)

// Entry is a file or folder of a workspace.
type Entry struct {
	Path     string // with slashes
	Folder   bool
	Editable bool
	Size     int64
	Digest   lesson.Digest // empty for folders and for files above MaxFileBytes
}

// File is the content of a file.
type File struct {
	Text     string // empty when Binary
	Binary   bool   // not UTF-8, or larger than MaxFileBytes
	Digest   lesson.Digest
	Editable bool
}

// List returns every file and folder, folders before their content, names in order.
func (w *Workspace) List() ([]Entry, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	seen, err := scan(w.root, w.index, nil)
	if err != nil {
		return nil, err
	}
	// The index stays as it is: what differs from it is the watcher's to tell.
	entries := make([]Entry, 0, len(seen))
	for p, s := range seen {
		entries = append(entries, w.entry(p, s))
	}
	slices.SortFunc(entries, func(a, b Entry) int {
		return cmp.Compare(strings.ReplaceAll(a.Path, "/", "\x00"), strings.ReplaceAll(b.Path, "/", "\x00"))
	})
	return entries, nil
}

// Read returns a file.
func (w *Workspace) Read(p string) (File, error) {
	if err := check(p); err != nil {
		return File{}, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	info, err := w.root.Lstat(p)
	if err != nil {
		return File{}, notThere(p, err)
	}
	if !info.Mode().IsRegular() {
		return File{}, fault.New(fault.Invalid, p+" is not a file.", "Open a file instead.")
	}
	if info.Size() > MaxFileBytes {
		return File{Binary: true, Editable: w.editable(p)}, nil
	}
	data, err := w.root.ReadFile(p)
	if err != nil {
		return File{}, notThere(p, err)
	}
	file := File{Digest: lesson.DigestOf(data), Editable: w.editable(p)}
	if file.Binary = !utf8.Valid(data); !file.Binary {
		file.Text = string(data)
	}
	return file, nil
}

// Write replaces a file by text. With base set it fails with a Conflict when the file on disk is
// neither base nor text, so that no other editor's work is overwritten.
func (w *Workspace) Write(p, text string, base lesson.Digest) (lesson.Digest, error) {
	if err := w.checkEditable(p); err != nil {
		return "", err
	}
	if len(text) > MaxFileBytes {
		return "", tooLarge(p, int64(len(text)))
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	digest := lesson.DigestOf([]byte(text))
	on, err := w.digestOnDisk(p)
	switch {
	case err != nil:
		return "", err
	case on == digest:
		return digest, nil
	case base != "" && on != base:
		return "", fault.New(fault.Conflict, p+" was changed by another program.",
			"Compare the two versions and keep what you need.")
	}
	return digest, w.store(p, []byte(text))
}

// Create makes an empty file or a folder. It is no error when the same is there already and empty.
func (w *Workspace) Create(p string, folder bool) (Entry, error) {
	if err := check(p); err != nil {
		return Entry{}, err
	}
	if !folder {
		if err := w.checkEditable(p); err != nil {
			return Entry{}, err
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	info, err := w.root.Lstat(p)
	switch {
	case err == nil && (info.IsDir() != folder || (!folder && info.Size() > 0)):
		return Entry{}, inUse(p)
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return Entry{}, cannotWrite(w.dir, err)
	case folder:
		if err := w.root.MkdirAll(p, 0o755); err != nil {
			return Entry{}, cannotWrite(w.dir, err)
		}
		w.remember()
	case err != nil:
		if err := w.store(p, nil); err != nil {
			return Entry{}, err
		}
	}
	return w.entry(p, w.index[p]), nil
}

// Rename moves a file or folder to a path that is not in use.
func (w *Workspace) Rename(from, to string) (Entry, error) {
	if err := errors.Join(check(from), check(to)); err != nil {
		return Entry{}, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if err := w.refresh(); err != nil {
		return Entry{}, err
	}
	if _, ok := w.index[from]; !ok {
		return Entry{}, notThere(from, fs.ErrNotExist)
	}
	for _, p := range w.index.below(from) {
		if err := errors.Join(w.checkEditable(p), w.checkEditable(to+strings.TrimPrefix(p, from))); err != nil {
			return Entry{}, err
		}
	}
	if _, err := w.root.Lstat(to); err == nil {
		return Entry{}, inUse(to)
	}
	if dir := path.Dir(to); dir != "." {
		if err := w.root.MkdirAll(dir, 0o755); err != nil {
			return Entry{}, cannotWrite(w.dir, err)
		}
	}
	if err := w.root.Rename(from, to); err != nil {
		return Entry{}, cannotWrite(w.dir, err)
	}
	w.remember()
	return w.entry(to, w.index[to]), w.sync(from, to)
}

// Delete removes a file or folder, keeping the content of the files first. What is not there is
// deleted already.
func (w *Workspace) Delete(ctx context.Context, p string) error {
	if err := check(p); err != nil {
		return err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if err := w.refresh(); err != nil {
		return err
	}
	files := lesson.Files{}
	for _, q := range w.index.below(p) {
		if err := w.checkEditable(q); err != nil {
			return err
		}
		if data, err := w.root.ReadFile(q); err == nil {
			files[q] = lesson.NewFile(data)
		}
	}
	if err := w.keep(ctx, files); err != nil {
		return err
	}
	if err := w.root.RemoveAll(p); err != nil {
		return cannotWrite(w.dir, err)
	}
	w.remember()
	return w.sync(p)
}

// Reset puts the starter's content back, keeping the learner's first.
func (w *Workspace) Reset(ctx context.Context, p string) (File, error) {
	starter, ok := w.place.Lesson.Exercise.Starter[p]
	if !ok {
		return File{}, fault.New(fault.NotFound, p+" is not one of the exercise's own files.",
			"Delete it instead when you do not need it.")
	}
	w.mu.Lock()
	if data, err := w.root.ReadFile(p); err == nil {
		if err := w.keep(ctx, lesson.Files{p: lesson.NewFile(data)}); err != nil {
			w.mu.Unlock()
			return File{}, err
		}
	}
	err := w.store(p, starter.Data)
	w.mu.Unlock()
	if err != nil {
		return File{}, err
	}
	return w.Read(p)
}

// store writes a file and remembers it as our own. The caller holds mu.
func (w *Workspace) store(p string, data []byte) error {
	if err := w.put(p, data); err != nil {
		return err
	}
	for dir := path.Dir(p); dir != "."; dir = path.Dir(dir) {
		w.index[dir] = state{folder: true}
	}
	s := state{size: int64(len(data)), digest: lesson.DigestOf(data)}
	if info, err := w.root.Lstat(p); err == nil {
		s.mtime = info.ModTime()
	}
	w.index[p] = s
	return nil
}

// remember takes the present state for known, after a change of ours that is more than one file. A
// failed look leaves it to the watcher. The caller holds mu.
func (w *Workspace) remember() { _ = w.refresh() }

func (w *Workspace) refresh() error {
	seen, err := scan(w.root, w.index, nil)
	if err == nil {
		w.index = seen
	}
	return err
}

func (w *Workspace) sync(paths ...string) error {
	for _, p := range paths {
		if err := atomicfile.SyncFolder(w.root, path.Dir(p)); ignoreVanished(err) != nil {
			return cannotWrite(w.dir, err)
		}
	}
	return nil
}

func (w *Workspace) digestOnDisk(p string) (lesson.Digest, error) {
	data, err := w.root.ReadFile(p)
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", notThere(p, err)
	}
	return lesson.DigestOf(data), nil
}

func (w *Workspace) entry(p string, s state) Entry {
	return Entry{Path: p, Folder: s.folder, Editable: s.folder || w.editable(p), Size: s.size, Digest: s.digest}
}

// editable tells whether the exercise lets the learner change the file.
func (w *Workspace) editable(p string) bool {
	ex := w.place.Lesson.Exercise
	return lesson.MatchAny(ex.Learner, p) && !lesson.MatchAny(ex.ReadOnly, p) && !lesson.MatchAny(ex.Hidden, p)
}

func (w *Workspace) checkEditable(p string) error {
	if err := check(p); err != nil {
		return err
	}
	if w.editable(p) {
		return nil
	}
	return fault.New(fault.Denied, p+" does not belong to your part of this exercise.",
		"You work on "+strings.Join(w.place.Lesson.Exercise.Learner, ", ")+".")
}

// check refuses paths that are not safe on every system, and our own.
func check(p string) error {
	if err := lesson.CheckPath(p); err != nil {
		return fault.Wrap(err, fault.Invalid, "This name cannot be used: "+err.Error()+".", "Choose another name.")
	}
	if first, _, _ := strings.Cut(p, "/"); strings.EqualFold(first, ownFolder) || atomicfile.IsTemporary(p) {
		return fault.New(fault.Denied, p+" is Carrel's own.", "Choose another name.")
	}
	return nil
}

func notThere(p string, err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return fault.Wrap(err, fault.NotFound, p+" is not in the exercise's folder.", "It may have been renamed or deleted.")
	}
	return fault.Wrap(err, fault.Invalid, p+" cannot be read.", "Check that it is a plain file of yours.")
}

func inUse(p string) error {
	return fault.New(fault.Conflict, "There is something called "+p+" already.", "Choose another name.")
}

func tooLarge(p string, size int64) error {
	return fault.New(fault.Exhausted,
		fmt.Sprintf("%s has %.1f MiB; a file of an exercise has at most 1 MiB.", p, float64(size)/(1<<20)),
		"Make it smaller or move it out of the folder.")
}
