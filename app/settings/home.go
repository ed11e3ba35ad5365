// Package settings keeps what belongs to one person on one computer: the state folder, the choices,
// the device's identity and the token of the cloud.
package settings

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"github.com/adrg/xdg"
	"github.com/rogpeppe/go-internal/lockedfile"

	"github.com/carrel-dev/carrel/app/atomicfile"
	"github.com/carrel-dev/carrel/fault"
)

// Environment variables that people and tests set.
const (
	homeVariable   = "CARREL_HOME"
	serverVariable = "CARREL_SERVER"
)

// Home is the state folder. It is safe for concurrent use, and several processes may have the same one
// open.
type Home struct {
	dir  string
	root *os.Root

	// mu keeps this process's read-change-write of a file in one piece; the lock file keeps others out.
	mu   sync.Mutex
	lock *lockedfile.Mutex
}

// DefaultDir returns $CARREL_HOME, or else the folder "carrel" where this system keeps programs' data.
func DefaultDir() string {
	if dir := os.Getenv(homeVariable); dir != "" {
		return dir
	}
	return filepath.Join(xdg.DataHome, "carrel")
}

// DefaultWorkDir returns where learners' folders are made: a place people find by themselves, unless
// $CARREL_HOME keeps everything together.
func DefaultWorkDir() string {
	if dir := os.Getenv(homeVariable); dir != "" {
		return filepath.Join(dir, "work")
	}
	return filepath.Join(xdg.Home, "Carrel")
}

// Open opens the state folder, making it when it is missing.
func Open(dir string) (*Home, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("finding state folder: %w", err)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, unwritable(dir, err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, unwritable(dir, err)
	}
	return &Home{dir: dir, root: root, lock: lockedfile.MutexAt(filepath.Join(dir, "lock"))}, nil
}

// Close gives the folder back.
func (h *Home) Close() error { return h.root.Close() }

// Dir returns the folder's absolute path.
func (h *Home) Dir() string { return h.dir }

// Path returns the absolute path of a file or folder in it.
func (h *Home) Path(elem ...string) string {
	return filepath.Join(append([]string{h.dir}, elem...)...)
}

// ReadJSON decodes a file into v. A missing file leaves v as it is.
func (h *Home) ReadJSON(name string, v any) error {
	data, err := h.root.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("reading %s: %w", name, err)
	}
	if err := json.Unmarshal(data, v); err != nil {
		return fault.Wrap(err, fault.Internal, "Carrel's file "+h.Path(name)+" is damaged.",
			"Rename it and start Carrel again; a new one is made.")
	}
	return nil
}

// UpdateJSON reads a file into v, lets change change it and writes it back, alone among all processes.
// Nothing is written when change fails.
func (h *Home) UpdateJSON(name string, v any, change func() error) error {
	return h.Alone(func() error {
		if err := h.ReadJSON(name, v); err != nil {
			return err
		}
		if err := change(); err != nil {
			return err
		}
		return h.writeJSON(name, v, 0o600)
	})
}

// Alone runs fn while no other process that uses this folder is in Alone. It does not nest.
func (h *Home) Alone(fn func() error) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	unlock, err := h.lock.Lock()
	if err != nil {
		return unwritable(h.dir, err)
	}
	defer unlock()
	return fn()
}

func (h *Home) writeJSON(name string, v any, perm fs.FileMode) error {
	data, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return fmt.Errorf("encoding %s: %w", name, err)
	}
	if err := atomicfile.Write(h.root, ".", name, append(data, '\n'), perm); err != nil {
		return unwritable(h.dir, err)
	}
	return nil
}

func unwritable(dir string, err error) error {
	return fault.Wrap(err, fault.Unavailable, "Carrel cannot write to its folder "+dir+".",
		"Make room on the disk and check that the folder is yours, or set "+homeVariable+" to another folder.")
}
