package docker

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"sync"
)

// ledger knows by name what a Runner has on the engine, is about to have, or is about to remove.
// Whatever else bears the Runner's label is an orphan.
type ledger struct {
	runner string // names the Runner for good

	mu    sync.Mutex
	made  int
	names map[string]struct{}
}

func newLedger() *ledger {
	name := make([]byte, 6)
	_, _ = rand.Read(name) // never fails
	return &ledger{runner: hex.EncodeToString(name), names: map[string]struct{}{}}
}

// name returns a new name, which counts as ours until forget.
func (l *ledger) name() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.made++
	name := fmt.Sprintf("carrel-%s-%d", l.runner, l.made)
	l.names[name] = struct{}{}
	return name
}

func (l *ledger) has(name string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	_, ok := l.names[name]
	return ok
}

// forget says that nothing has this name any more, or that the reaper may remove it.
func (l *ledger) forget(name string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.names, name)
}
