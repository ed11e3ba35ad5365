//go:build !windows

package atomicfile

import (
	"errors"
	"os"
)

// SyncFolder makes renames and removals in the folder durable.
func SyncFolder(root *os.Root, name string) (err error) {
	f, err := root.Open(name)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	return f.Sync()
}
