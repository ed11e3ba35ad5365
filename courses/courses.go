// Package courses holds the courses that ship with Carrel.
package courses

import (
	"embed"
	"io/fs"
)

//go:embed all:first-steps all:database all:web-server
var embedded embed.FS

// FS holds one folder per course, named by the course's id.
func FS() fs.FS { return embedded }

// IDs lists the folders of FS in the order in which a newcomer meets the courses.
func IDs() []string { return []string{"first-steps", "web-server", "database"} }

// Course returns the folder of one course, ready for lesson.Load.
func Course(id string) (fs.FS, error) { return fs.Sub(embedded, id) }
