package lesson

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"time"
)

// NewFile returns a file of data. It is executable when it starts with "#!": that is told from the
// content so that a course is the same in git, on Windows, embedded and in a bundle.
func NewFile(data []byte) File {
	return File{Data: data, Executable: bytes.HasPrefix(data, []byte("#!"))}
}

// Equal reports whether two files have the same content and mode.
func (f File) Equal(other File) bool {
	return f.Executable == other.Executable && bytes.Equal(f.Data, other.Data)
}

// Paths returns the paths in order.
func (f Files) Paths() []string { return slices.Sorted(maps.Keys(f)) }

// Overlay returns a new folder: f with the files of the upper ones laid over it, the last one on top.
func (f Files) Overlay(upper ...Files) Files {
	out := maps.Clone(f)
	if out == nil {
		out = Files{}
	}
	for _, u := range upper {
		maps.Copy(out, u)
	}
	return out
}

// Below returns the files under folder, by paths relative to it; nil when there are none.
func (f Files) Below(folder string) Files {
	var out Files
	for p, file := range f {
		if rest, ok := strings.CutPrefix(p, folder+"/"); ok {
			if out == nil {
				out = Files{}
			}
			out[rest] = file
		}
	}
	return out
}

// Size returns the bytes of all files together.
func (f Files) Size() int64 {
	var n int64
	for _, file := range f {
		n += int64(len(file.Data))
	}
	return n
}

// Digest returns the digest of paths, modes and contents.
func (f Files) Digest() Digest {
	type entry struct {
		Path       string
		Executable bool
		Content    Digest
	}
	list := make([]entry, 0, len(f))
	for _, p := range f.Paths() {
		list = append(list, entry{p, f[p].Executable, DigestOf(f[p].Data)})
	}
	return digestJSON(list)
}

// DigestOf returns the digest of data.
func DigestOf(data []byte) Digest {
	sum := sha256.Sum256(data)
	return Digest("sha256:" + hex.EncodeToString(sum[:]))
}

// Valid reports whether d has the form of a digest.
func (d Digest) Valid() bool {
	digits, ok := strings.CutPrefix(string(d), "sha256:")
	if !ok || len(digits) != 2*sha256.Size {
		return false
	}
	return !strings.ContainsFunc(digits, func(r rune) bool { return !strings.ContainsRune("0123456789abcdef", r) })
}

// digestJSON digests a value by its JSON form, in which maps are in key order.
func digestJSON(v any) Digest {
	data, err := json.Marshal(v)
	if err != nil {
		panic("lesson: a value to digest has no JSON form: " + err.Error()) // only strings, numbers and lists get here
	}
	return DigestOf(data)
}

// FS returns the folder as a read-only file system.
func (f Files) FS() fs.FS { return memoryFS(f) }

type memoryFS Files

func (m memoryFS) Open(name string) (fs.File, error) {
	if !fs.ValidPath(name) {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrInvalid}
	}
	if file, ok := m[name]; ok {
		return &memoryFile{Reader: bytes.NewReader(file.Data), info: memoryInfo{path.Base(name), file, false}}, nil
	}
	if entries, err := m.ReadDir(name); err == nil {
		return &memoryDir{info: memoryInfo{path.Base(name), File{}, true}, entries: entries}, nil
	}
	return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
}

// ReadDir lists a folder in name order.
func (m memoryFS) ReadDir(name string) ([]fs.DirEntry, error) {
	prefix := name + "/"
	if name == "." {
		prefix = ""
	}
	children := map[string]fs.DirEntry{}
	for p, file := range m {
		rest, ok := strings.CutPrefix(p, prefix)
		if !ok {
			continue
		}
		if child, _, deeper := strings.Cut(rest, "/"); deeper {
			children[child] = fs.FileInfoToDirEntry(memoryInfo{child, File{}, true})
		} else {
			children[child] = fs.FileInfoToDirEntry(memoryInfo{child, file, false})
		}
	}
	if len(children) == 0 && name != "." {
		return nil, &fs.PathError{Op: "readdir", Path: name, Err: fs.ErrNotExist}
	}
	entries := make([]fs.DirEntry, 0, len(children))
	for _, name := range slices.Sorted(maps.Keys(children)) {
		entries = append(entries, children[name])
	}
	return entries, nil
}

type memoryFile struct {
	*bytes.Reader
	info memoryInfo
}

func (f *memoryFile) Stat() (fs.FileInfo, error) { return f.info, nil }
func (f *memoryFile) Close() error               { return nil }

type memoryDir struct {
	info    memoryInfo
	entries []fs.DirEntry
}

func (d *memoryDir) ReadDir(n int) ([]fs.DirEntry, error) {
	if n <= 0 || n > len(d.entries) {
		if n > 0 && len(d.entries) == 0 {
			return nil, io.EOF
		}
		n = len(d.entries)
	}
	var page []fs.DirEntry
	page, d.entries = d.entries[:n], d.entries[n:]
	return page, nil
}

func (d *memoryDir) Stat() (fs.FileInfo, error) { return d.info, nil }
func (d *memoryDir) Close() error               { return nil }
func (d *memoryDir) Read([]byte) (int, error) {
	return 0, &fs.PathError{Op: "read", Path: d.info.name, Err: fs.ErrInvalid}
}

type memoryInfo struct {
	name string
	file File
	dir  bool
}

func (i memoryInfo) Name() string       { return i.name }
func (i memoryInfo) Size() int64        { return int64(len(i.file.Data)) }
func (i memoryInfo) ModTime() time.Time { return time.Time{} }
func (i memoryInfo) IsDir() bool        { return i.dir }
func (i memoryInfo) Sys() any           { return nil }
func (i memoryInfo) Mode() fs.FileMode {
	switch {
	case i.dir:
		return fs.ModeDir | 0o755
	case i.file.Executable:
		return 0o755
	default:
		return 0o644
	}
}
