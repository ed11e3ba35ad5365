// Package evaluation runs checks for learners in the cloud: those they ask for, and passes from their
// devices a second time. It is a domain package: the queue, the stores and the Runner are given to it.
package evaluation

import (
	"time"

	"github.com/google/uuid"

	"github.com/carrel-dev/carrel/fault"
	"github.com/carrel-dev/carrel/harness"
	"github.com/carrel-dev/carrel/lesson"
)

// State is where a check is.
type State string

// The states. A check only moves down this list, except from running back to queued when the evaluator
// that had it is gone.
const (
	Queued    State = "queued"
	Running   State = "running"
	Finished  State = "finished"
	Cancelled State = "cancelled"
)

// States lists every state, for tables that must be complete.
func States() []State { return []State{Queued, Running, Finished, Cancelled} }

// Check is what a learner asks for.
type Check struct {
	ID            uuid.UUID // made by the client; the same id twice is one check
	AccountID     uuid.UUID
	CourseID      lesson.CourseID
	LessonID      lesson.ID
	LessonVersion lesson.Digest
	Files         lesson.Files // the learner's
}

// Status is what is known of a check.
type Status struct {
	State State
	// Position is how many checks wait before this one while it is queued.
	Position int
	// Report is there when the check is finished.
	Report *harness.Report
}

// Assignment is a check in the hands of an evaluator. Its report is accepted only while Fence is the
// newest: an evaluator that everybody believed dead cannot overwrite its successor.
type Assignment struct {
	Check
	Fence     int64
	QueuedFor time.Duration
}

const (
	maxFiles = 1000
	maxBytes = 1 << 20
)

// validate refuses what cannot be run.
func (c Check) validate() error {
	if c.ID == uuid.Nil || c.LessonID == uuid.Nil || !c.LessonVersion.Valid() {
		return fault.New(fault.Invalid, "The check does not say what to check.", "Update Carrel.")
	}
	if len(c.Files) > maxFiles || c.Files.Size() > maxBytes {
		return fault.New(fault.Exhausted, "Your files are too large to be checked in the cloud.",
			"Keep them under 1 MiB and 1,000 files, or check on this computer.")
	}
	if err := lesson.CheckPaths(c.Files.Paths()); err != nil {
		return fault.Wrap(err, fault.Invalid, "A file has a name that does not work everywhere.", "Rename it and check again.")
	}
	return nil
}
