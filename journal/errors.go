package journal

import "fmt"

// ForkError says that a segment contradicts what a store holds: two writers wrote the same seq.
type ForkError struct {
	LogID LogID
	// Seq is the first seq at which the two differ. When it is before the segment, they differ there
	// or earlier.
	Seq uint64
}

// Error names the log and the place.
func (e *ForkError) Error() string {
	return fmt.Sprintf("log %s forks at seq %d", e.LogID, e.Seq)
}

// GapError says that a segment cannot be stored because entries before it are missing.
type GapError struct {
	LogID LogID
	// After is the last seq the store holds.
	After uint64
}

// Error names the log and the place.
func (e *GapError) Error() string {
	return fmt.Sprintf("log %s has nothing after seq %d yet", e.LogID, e.After)
}
