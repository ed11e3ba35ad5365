//go:build unix

package embedded

import (
	"syscall"
	"testing"
)

// A process that is just being started holds copies of our files until its own program runs; a copy
// must not keep the directory locked.
func TestUnlockDirectory_CopiedFile(t *testing.T) {
	t.Parallel()
	directory := t.TempDir()
	lock, err := lockDirectory(directory)
	if err != nil {
		t.Fatal(err)
	}
	held, err := syscall.Dup(int(lock.Fd()))
	if err != nil {
		t.Fatal(err)
	}
	defer syscall.Close(held)
	if err := unlockDirectory(lock); err != nil {
		t.Fatalf("unlocking: %v", err)
	}
	again, err := lockDirectory(directory)
	if err != nil {
		t.Fatalf("locking again: %v", err)
	}
	for range 2 {
		if err := unlockDirectory(again); err != nil {
			t.Errorf("unlocking twice: %v", err)
		}
	}
}
