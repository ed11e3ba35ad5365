package lesson

import (
	"io/fs"

	"github.com/carrel-dev/carrel/fault"
)

// ReadFolder returns every file of a course folder, byte for byte: what Load reads, and what stands
// beside it in the root, such as LICENSE. What is never part of a course (.git, caches) is left out.
// The error is an *InvalidError when a file may not be in a course.
func ReadFolder(fsys fs.FS) (Files, error) {
	found := &problems{}
	t, err := scan(fsys, found)
	if err != nil {
		return nil, unreadable(err)
	}
	out := make(Files, len(t.files))
	for p := range t.files {
		if data, ok := t.read(p, MaxFileBytes); ok {
			out[p] = NewFile(data)
		}
	}
	if len(found.list) > 0 {
		return nil, &InvalidError{Problems: found.sorted()}
	}
	return out, nil
}

func unreadable(err error) error {
	return fault.Wrap(err, fault.NotFound, "The course folder cannot be read.", "Check that the folder exists and that you may read it.")
}
