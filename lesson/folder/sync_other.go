//go:build !unix

package folder

// syncDir does nothing: Windows cannot flush a folder, and its file systems log renames.
func syncDir(string) error { return nil }
