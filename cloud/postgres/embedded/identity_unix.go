//go:build unix

package embedded

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"

	"github.com/carrel-dev/carrel/fault"
)

// identity is the user PostgreSQL runs as: it refuses to run as root.
type identity struct {
	uid, gid int
	// mapped runs the server in a user namespace where root has another number. Files stay root's.
	mapped bool
}

// chooseIdentity keeps the caller's user unless that is root. Root becomes a user of the passwd file
// where that one can reach the data directory, and is mapped in a user namespace where it cannot, such
// as below /root.
func chooseIdentity(ctx context.Context, directory string) (identity, error) {
	if os.Geteuid() != 0 {
		return identity{uid: os.Geteuid(), gid: os.Getegid()}, nil
	}
	if closed := closedAncestor(directory); closed != "" {
		if canMapUsers(ctx) {
			return identity{mapped: true}, nil
		}
		return identity{}, fault.New(fault.Denied,
			"PostgreSQL cannot reach the data directory: "+closed+" is closed to other users.",
			"Choose a directory elsewhere with --data, such as /var/lib/carreld.")
	}
	for _, name := range []string{"postgres", "nobody"} {
		account, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, errUID := strconv.Atoi(account.Uid)
		gid, errGID := strconv.Atoi(account.Gid)
		if errUID == nil && errGID == nil && uid != 0 {
			return identity{uid: uid, gid: gid}, nil
		}
	}
	return identity{}, fault.New(fault.Denied, "PostgreSQL refuses to run as root, and there is no other user for it.",
		"Start carreld as an ordinary user, or add a user named postgres.")
}

// apply makes the command run as this identity, in a session of its own: an interrupt typed at the
// terminal must reach carreld alone, which stops the database last.
func (i identity) apply(command *exec.Cmd) {
	attributes := &syscall.SysProcAttr{Setsid: true}
	switch {
	case i.mapped:
		mapRoot(attributes)
	case i.uid != os.Geteuid():
		attributes.Credential = &syscall.Credential{Uid: uint32(i.uid), Gid: uint32(i.gid)}
	}
	command.SysProcAttr = attributes
}

// own gives a folder and everything in it to the identity. The root of the tree tells whether it is
// done already: it is given last.
func (i identity) own(root string) error {
	if os.Geteuid() != 0 {
		return nil
	}
	var status syscall.Stat_t
	if err := syscall.Stat(root, &status); err != nil {
		return fmt.Errorf("looking at the cluster's owner: %w", err)
	}
	if int(status.Uid) == i.uid {
		return nil
	}
	err := filepath.WalkDir(root, func(path string, _ fs.DirEntry, err error) error {
		if err != nil || path == root {
			return err
		}
		return os.Lchown(path, i.uid, i.gid) //nolint:gosec // the folder is closed to everybody else, and links are not followed
	})
	if err := errors.Join(err, os.Lchown(root, i.uid, i.gid)); err != nil {
		return fmt.Errorf("giving the cluster to its user: %w", err)
	}
	return nil
}

// closedAncestor returns the first folder on the way to directory that other users cannot pass.
func closedAncestor(directory string) string {
	for folder := directory; ; folder = filepath.Dir(folder) {
		info, err := os.Stat(folder)
		if err != nil || info.Mode().Perm()&0o001 == 0 {
			return folder
		}
		if folder == filepath.Dir(folder) {
			return ""
		}
	}
}
