package workspace

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"slices"
	"time"

	"github.com/carrel-dev/carrel/app/atomicfile"
	"github.com/carrel-dev/carrel/fault"
	"github.com/carrel-dev/carrel/lesson"
)

// The caps of one workspace: far above what exercises need, low enough that a check stays quick and an
// accidental `git clone` into the folder is told about instead of uploaded.
const (
	MaxFileBytes     = 1 << 20
	maxSnapshotBytes = 8 << 20
	maxEntries       = 2000
)

// noise are folders that tools make by themselves; they are neither shown nor checked.
var noise = []string{ownFolder, ".git", ".hg", "node_modules", "__pycache__", ".pytest_cache",
	".mypy_cache", ".ruff_cache", ".venv", ".idea", ".vscode"}

// state is what the last look at a path saw.
type state struct {
	folder bool
	size   int64
	mtime  time.Time
	digest lesson.Digest // empty for folders and for files above MaxFileBytes
}

func (s state) sameContent(other state) bool {
	return s.folder == other.folder && s.size == other.size && s.digest == other.digest
}

// index is the workspace as it was last seen: regular files and folders by path.
type index map[string]state

// scan looks at the whole folder. Files whose size and time are those of before keep their digest,
// unless dirty names them: two writes within one tick of the file system's clock look alike.
func scan(root *os.Root, before index, dirty map[string]bool) (index, error) {
	now := index{}
	err := fs.WalkDir(root.FS(), ".", func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return ignoreVanished(err)
		}
		if p == "." {
			return nil
		}
		if d.IsDir() && slices.Contains(noise, d.Name()) {
			return fs.SkipDir
		}
		if len(now) >= maxEntries {
			return fault.New(fault.Exhausted, fmt.Sprintf("The exercise's folder has more than %d files.", maxEntries),
				"Move what does not belong to the exercise to another place.")
		}
		s, ok, err := look(root, p, d, before, dirty)
		if err != nil {
			return ignoreVanished(err)
		}
		if ok {
			now[p] = s
		}
		return nil
	})
	return now, err
}

// look returns the state of one entry; false for what is neither a file nor a folder.
func look(root *os.Root, p string, d fs.DirEntry, before index, dirty map[string]bool) (state, bool, error) {
	if d.IsDir() {
		return state{folder: true}, true, nil
	}
	if !d.Type().IsRegular() || atomicfile.IsTemporary(p) {
		return state{}, false, nil
	}
	info, err := d.Info()
	if err != nil {
		return state{}, false, err
	}
	s := state{size: info.Size(), mtime: info.ModTime()}
	if old, ok := before[p]; ok && !dirty[p] && old.size == s.size && old.mtime.Equal(s.mtime) {
		return old, true, nil
	}
	if s.size > MaxFileBytes {
		return s, true, nil
	}
	data, err := root.ReadFile(p)
	if err != nil {
		return state{}, false, err
	}
	s.size, s.digest = int64(len(data)), lesson.DigestOf(data)
	return s, true, nil
}

// changes returns the paths that differ between two looks, in order.
func changes(before, after index) []string {
	var paths []string
	for p, s := range after {
		if old, ok := before[p]; !ok || !old.sameContent(s) {
			paths = append(paths, p)
		}
	}
	for p := range before {
		if _, ok := after[p]; !ok {
			paths = append(paths, p)
		}
	}
	slices.Sort(paths)
	return paths
}

// folders returns the folders, the workspace's own first.
func (x index) folders() []string {
	out := []string{"."}
	for _, p := range slices.Sorted(maps.Keys(x)) {
		if x[p].folder {
			out = append(out, p)
		}
	}
	return out
}

// below returns the files at or under p, in order.
func (x index) below(p string) []string {
	var out []string
	for _, q := range slices.Sorted(maps.Keys(x)) {
		if !x[q].folder && (q == p || under(p, q)) {
			out = append(out, q)
		}
	}
	return out
}

// under tells whether q lies below the folder p.
func under(p, q string) bool {
	for dir := path.Dir(q); dir != "."; dir = path.Dir(dir) {
		if dir == p {
			return true
		}
	}
	return false
}

// ignoreVanished forgives entries that another program removed while we looked.
func ignoreVanished(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}
