package lesson

import (
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// The size caps of course folders. They are far above what lessons need and far below what hurts.
const (
	MaxFileBytes   = 16 << 20
	MaxCourseBytes = 512 << 20
	MaxCourseFiles = 50_000
	maxTextBytes   = 1 << 20
	maxPathBytes   = 240 // Windows without long paths has 260, a workspace folder takes the rest
	maxPathDepth   = 16
)

// CheckPath returns an error whose text is one clear sentence when p may not name a file of a course
// or workspace on every system: p must be relative, clean and slash-separated.
func CheckPath(p string) error {
	switch {
	case p == "":
		return errors.New("the path is empty")
	case !utf8.ValidString(p):
		return errors.New("the path is not valid UTF-8")
	case len(p) > maxPathBytes:
		return fmt.Errorf("the path is longer than %d bytes", maxPathBytes)
	case strings.ContainsRune(p, '\\'):
		return errors.New("the path has a backslash, write slashes")
	case strings.HasPrefix(p, "/"):
		return errors.New("the path is absolute, write it relative to the folder")
	}
	parts := strings.Split(p, "/")
	if len(parts) > maxPathDepth {
		return fmt.Errorf("the path is deeper than %d folders", maxPathDepth)
	}
	if slices.Contains(parts, "..") {
		return errors.New(`the path leaves the folder with ".."`)
	}
	if path.Clean(p) != p || p == "." {
		return errors.New(`the path has empty or "." parts`)
	}
	for _, part := range parts {
		if err := checkName(part); err != nil {
			return err
		}
	}
	return nil
}

// checkName refuses what at least one system cannot have as a file name.
func checkName(name string) error {
	for _, r := range name {
		if unicode.IsControl(r) {
			return errors.New("the path has a control character")
		}
		if strings.ContainsRune(`<>:"|?*`, r) {
			return fmt.Errorf("the path has the character %q, which Windows does not allow", r)
		}
	}
	if strings.HasSuffix(name, ".") || strings.HasSuffix(name, " ") || strings.HasPrefix(name, " ") {
		return fmt.Errorf("the name %q starts or ends with a space or ends with a dot, which Windows does not allow", name)
	}
	stem, _, _ := strings.Cut(strings.ToUpper(name), ".")
	switch strings.TrimRight(stem, " ") {
	case "CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$",
		"COM1", "COM2", "COM3", "COM4", "COM5", "COM6", "COM7", "COM8", "COM9",
		"LPT1", "LPT2", "LPT3", "LPT4", "LPT5", "LPT6", "LPT7", "LPT8", "LPT9":
		return fmt.Errorf("the name %q is reserved by Windows", name)
	}
	return nil
}

// FoldPath returns the form in which two paths are equal when some file system takes them for one.
func FoldPath(p string) string { return strings.ToLower(norm.NFC.String(p)) }

// CheckPaths returns an error for the first path, in order, that CheckPath refuses, that collides
// with another one where case does not count, or that is both a file and a folder.
func CheckPaths(paths []string) error {
	seen := map[string]string{}
	for _, p := range paths {
		if err := CheckPath(p); err != nil {
			return fmt.Errorf("%q: %w", p, err)
		}
		if other, ok := seen[FoldPath(p)]; ok {
			return fmt.Errorf("%q: some systems take it for the same file as %q", p, other)
		}
		seen[FoldPath(p)] = p
	}
	for _, p := range paths {
		for dir := path.Dir(p); dir != "."; dir = path.Dir(dir) {
			if _, ok := seen[FoldPath(dir)]; ok {
				return fmt.Errorf("%q: %q is a file and a folder", p, dir)
			}
		}
	}
	return nil
}
