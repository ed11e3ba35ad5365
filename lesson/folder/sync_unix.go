//go:build unix

package folder

import (
	"errors"
	"os"
)

// syncDir makes renames and new names in dir last through a power cut.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
