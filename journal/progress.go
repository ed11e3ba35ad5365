package journal

import (
	"github.com/google/uuid"

	"github.com/carrel-dev/carrel/harness"
	"github.com/carrel-dev/carrel/lesson"
)

// LessonStatus ranks what a learner reached in a lesson.
type LessonStatus int

// The ranks. Progress only ever rises.
const (
	NotStarted LessonStatus = iota
	Working                 // opened or tried
	Passed                  // passed on a device
	Verified                // passed, and the cloud agrees
)

// LessonProgress is a learner's progress in one lesson.
type LessonProgress struct {
	LessonID lesson.ID
	// CourseID is the course in which the learner was last active in the lesson; empty when unknown.
	CourseID lesson.CourseID
	Status   LessonStatus
	// Mismatch says that the cloud disagrees with a pass and agrees with none.
	Mismatch bool
	// Attempts counts finished checks. LastFailed and LastTotal count the tests of the newest one.
	Attempts, LastFailed, LastTotal int
	// QuizBest is the best share of right answers, 0 to 1; -1 when never answered.
	QuizBest float64
	// HintsUsed counts different hints.
	HintsUsed int
	// LastAtMS is the last activity by the device's clock; ActiveMS counts minutes with any activity.
	LastAtMS, ActiveMS int64
}

// Attempt is a check as the journals have it.
type Attempt struct {
	ID       uuid.UUID
	LessonID lesson.ID
	// AtMS is its start by the device's clock.
	AtMS int64
	// Started is nil when only later entries have arrived.
	Started *AttemptStarted
	// Report is the device's; nil while the check has not finished.
	Report *harness.Report
	// Verified says that the cloud ran it again and agrees. CloudReport is the cloud's report, nil
	// before it ran the attempt again.
	Verified    bool
	CloudReport *harness.Report
	// At is where the device's entries of the attempt are.
	At map[LogID]uint64
}

// Waiting tells whether the attempt has not reached the cloud; upstream is State.Upstream.
func (a Attempt) Waiting(upstream map[LogID]Head) bool { return false }

// Progress is a fold over journals. The order in which entries are added does not matter, nor does
// adding one twice. It is not safe for concurrent use.
type Progress struct {
}

// NewProgress returns the progress of somebody who has done nothing.
func NewProgress() *Progress { return &Progress{} }

// Add takes an entry in. Entries of unknown kinds, erased and unreadable ones are skipped.
func (p *Progress) Add(log LogID, e Entry) {}

// Merge takes in everything other has. Other stays as it is.
func (p *Progress) Merge(other *Progress) {}

// Lesson returns the progress in a lesson; NotStarted when nothing is known.
func (p *Progress) Lesson(id lesson.ID) LessonProgress { return LessonProgress{} }

// Lessons returns the progress in every lesson with activity, latest activity first.
func (p *Progress) Lessons() []LessonProgress { return nil }

// Attempts returns the attempts at a lesson, newest first.
func (p *Progress) Attempts(id lesson.ID) []Attempt { return nil }

// Attempt returns one attempt; ok is false when nothing is known of it.
func (p *Progress) Attempt(id uuid.UUID) (a Attempt, ok bool) { return Attempt{}, false }

// Waiting counts the finished attempts that have not reached the cloud; upstream is State.Upstream.
func (p *Progress) Waiting(upstream map[LogID]Head) int { return 0 }
