package journal_test

import (
	"testing"

	"github.com/carrel-dev/carrel/journal"
	"github.com/carrel-dev/carrel/journal/journaltest"
)

func TestMemory(t *testing.T) {
	t.Parallel()
	journaltest.Run(t, func(*testing.T) journal.Store { return &journal.Memory{} })
	journaltest.RunStates(t, func(*testing.T) journaltest.LocalStore { return &journal.Memory{} })
}
