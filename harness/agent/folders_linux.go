package agent

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"slices"
	"syscall"

	"golang.org/x/sys/unix"

	harnessv1 "github.com/carrel-dev/carrel/proto/gen/carrel/harness/v1"
)

// layout is how files come into a folder.
type layout struct {
	dir    string
	owner  user
	group  user
	mode   uint32 // of the folder
	files  tree
	frozen bool // nobody may change the files; folders take further ones, where their mode does
}

// layOut prepares the folders of a check, which are empty, and returns the one its command runs in
// and the command's user.
func (a *Agent) layOut(r *harnessv1.Run) (dir string, runs user, err error) {
	h := a.settings()
	l, t := learner(h), tester(h)
	a.mu.Lock()
	work, tests := a.work, a.tests
	a.mu.Unlock()
	layouts := []layout{{dir: h.WorkDir, owner: l, group: l, mode: 0o700, files: work.laidOver(tests)}}
	dir, runs = h.WorkDir, l
	switch r.Integrity {
	case harnessv1.Integrity_INTEGRITY_CANARY:
		layouts = []layout{{dir: h.WorkDir, owner: t, group: l, mode: 0o1770, files: work.laidOver(tests), frozen: true}}
	case harnessv1.Integrity_INTEGRITY_SPLIT:
		dir, runs = h.TestsDir, t
		layouts = []layout{
			{dir: h.TestsDir, owner: t, group: t, mode: 0o700, files: tests},
			{dir: h.WorkDir, owner: l, group: t, mode: 0o770, files: work},
		}
	case harnessv1.Integrity_INTEGRITY_UNSPECIFIED, harnessv1.Integrity_INTEGRITY_IN_PROCESS:
	default:
		return "", 0, fmt.Errorf("unknown integrity %d", r.Integrity)
	}
	for _, one := range layouts {
		if err := one.apply(nil); err != nil {
			return "", 0, fmt.Errorf("filling %s: %w", one.dir, err)
		}
	}
	return dir, runs, nil
}

// apply makes the folder the owner's, removes files from it and writes those of the layout.
func (l layout) apply(remove []string) error {
	if err := os.Chown(l.dir, int(l.owner), int(l.group)); err != nil {
		return err
	}
	return l.owner.as(l.group, func() error {
		if err := unix.Chmod(l.dir, l.mode); err != nil {
			return err
		}
		return l.place(remove)
	})
}

// place removes files below the folder and writes the others as the user of this thread. Whatever
// stands in the way of a file is removed.
func (l layout) place(remove []string) error {
	if len(remove)+len(l.files) == 0 {
		return nil
	}
	root, err := os.OpenRoot(l.dir)
	if err != nil {
		return err
	}
	defer func() { _ = root.Close() }()
	for _, p := range remove {
		if err := root.RemoveAll(p); err != nil {
			return err
		}
		removeEmptyParents(root, p)
	}
	made := map[string]bool{".": true}
	for _, p := range slices.Sorted(maps.Keys(l.files)) {
		if err := l.makeFolder(root, path.Dir(p), made); err != nil {
			return err
		}
		if err := l.writeFile(root, p); err != nil {
			return err
		}
	}
	return nil
}

func removeEmptyParents(root *os.Root, p string) {
	for dir := path.Dir(p); dir != "."; dir = path.Dir(dir) {
		if root.Remove(dir) != nil {
			return // not empty
		}
	}
}

func (l layout) makeFolder(root *os.Root, dir string, made map[string]bool) error {
	if made[dir] {
		return nil
	}
	if err := l.makeFolder(root, path.Dir(dir), made); err != nil {
		return err
	}
	info, err := root.Lstat(dir)
	if err == nil && !info.IsDir() {
		if err := root.Remove(dir); err != nil {
			return err
		}
		err = fs.ErrNotExist
	}
	if errors.Is(err, fs.ErrNotExist) {
		if err = root.Mkdir(dir, 0o755); err == nil && l.frozen {
			err = root.Chmod(dir, fs.ModeSticky|0o770)
		}
	}
	made[dir] = err == nil
	return err
}

func (l layout) writeFile(root *os.Root, p string) error {
	e := l.files[p]
	mode := fs.FileMode(0o644)
	if e.executable {
		mode = 0o755
	}
	if l.frozen {
		mode &^= 0o222
	}
	create := func() (*os.File, error) { return root.OpenFile(p, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode) }
	f, err := create()
	if errors.Is(err, fs.ErrExist) || errors.Is(err, syscall.EISDIR) {
		if err := root.RemoveAll(p); err != nil {
			return err
		}
		f, err = create()
	}
	if err != nil {
		return err
	}
	_, err = f.Write(e.data)
	return errors.Join(err, f.Close())
}

// sharedFolders are where anyone may write in any image with a read-only root.
func sharedFolders() []string { return []string{"/tmp", "/dev/shm", "/dev/mqueue"} }

// ownFolders are those of checks, which nobody but their users may write to.
func ownFolders(h *harnessv1.Hello) []string {
	if h.TestsDir == "" {
		return []string{h.WorkDir}
	}
	return []string{h.WorkDir, h.TestsDir}
}

// clear empties folders. A user can remove its own files, so all take turns until nothing is left.
func clear(folders []string, users ...user) error {
	for _, dir := range folders {
		if err := clearFolder(dir, users); err != nil {
			return fmt.Errorf("emptying %s: %w", dir, err)
		}
	}
	return nil
}

var errNotEmpty = errors.New("some files could not be removed")

// mostTurns is how often every user has its turn: more than one is needed where one user's files are
// in another's folder.
const mostTurns = 8

func clearFolder(dir string, users []user) error {
	if empty, err := isEmpty(dir); err == nil && empty || errors.Is(err, fs.ErrNotExist) {
		return nil // not every runtime has them all
	}
	for range mostTurns {
		left := 0
		for _, u := range users {
			err := u.as(u, func() (err error) {
				// The owner may have closed its folder to itself. For another user this fails.
				_ = unix.Chmod(dir, 0o770)
				left, err = emptyFolder(dir, u)
				return err
			})
			if errors.Is(err, fs.ErrPermission) {
				left = 1 // another user's folder
			} else if err != nil {
				return err
			}
			if left == 0 {
				return nil
			}
		}
	}
	return errNotEmpty
}
