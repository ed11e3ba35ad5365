package journal

import (
	"cmp"
	"maps"
	"slices"

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

// String returns the rank as the command line's JSON has it.
func (s LessonStatus) String() string {
	return [...]string{"not_started", "working", "passed", "verified"}[s]
}

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

// Progress is a fold over journals. The order in which entries are added does not matter, nor does
// adding one twice, nor in which log an entry is. It is not safe for concurrent use.
//
// It believes what the journals say. That only the cloud writes attempt.verified is for Serve to see to.
type Progress struct {
	lessons  map[lesson.ID]*lessonFold
	attempts map[uuid.UUID]*attemptFold
}

// lessonFold is a lesson's state; every field only grows.
type lessonFold struct {
	course   stamped[lesson.CourseID]
	lastAt   int64
	minutes  map[int64]struct{}
	hints    map[int]struct{}
	quizBest float64
	attempts map[uuid.UUID]struct{}
}

// NewProgress returns the progress of somebody who has done nothing.
func NewProgress() *Progress {
	return &Progress{lessons: map[lesson.ID]*lessonFold{}, attempts: map[uuid.UUID]*attemptFold{}}
}

func (p *Progress) lesson(id lesson.ID) *lessonFold {
	l := p.lessons[id]
	if l == nil {
		l = &lessonFold{
			minutes: map[int64]struct{}{}, hints: map[int]struct{}{}, quizBest: -1, attempts: map[uuid.UUID]struct{}{},
		}
		p.lessons[id] = l
	}
	return l
}

func (p *Progress) attempt(id uuid.UUID, at lesson.ID) *attemptFold {
	a := p.attempts[id]
	if a == nil {
		a = &attemptFold{at: map[LogID]uint64{}}
		p.attempts[id] = a
	}
	p.lesson(at).attempts[id] = struct{}{}
	return a
}

// Add takes an entry in. Entries of unknown kinds, erased and unreadable ones are skipped.
func (p *Progress) Add(log LogID, e Entry) {
	payload, err := Decode(e)
	if err != nil {
		return
	}
	switch v := payload.(type) {
	case DraftRevision:
		p.touch(v.LessonID, "", e)
	case LessonViewed:
		p.touch(v.LessonID, v.CourseID, e)
	case HintUsed:
		p.touch(v.LessonID, "", e)
		p.lesson(v.LessonID).hints[v.Number] = struct{}{}
	case QuizAnswered:
		p.touch(v.LessonID, v.CourseID, e)
		if v.Total > 0 {
			l := p.lesson(v.LessonID)
			l.quizBest = max(l.quizBest, min(1, max(0, float64(v.Right)/float64(v.Total))))
		}
	case AttemptStarted:
		p.touch(v.LessonID, v.CourseID, e)
		a := p.attempt(v.AttemptID, v.LessonID)
		a.started.take(stamp(e, false), v)
		a.at[log] = max(a.at[log], e.Seq)
	case AttemptFinished:
		p.touch(v.LessonID, "", e)
		a := p.attempt(v.AttemptID, v.LessonID)
		a.finished.take(stamp(e, v.Report.Verdict == harness.Passed), v)
		a.at[log] = max(a.at[log], e.Seq)
	case AttemptVerified:
		p.attempt(v.AttemptID, v.LessonID).verified.take(stamp(e, v.Agrees), v)
	}
}

// touch records activity of the learner in a lesson.
func (p *Progress) touch(id lesson.ID, course lesson.CourseID, e Entry) {
	l := p.lesson(id)
	l.lastAt = max(l.lastAt, e.WallMS)
	l.minutes[e.WallMS/60_000] = struct{}{}
	if course != "" {
		l.course.take(stamp(e, false), course)
	}
}

// Merge takes in everything other has. Other stays as it is.
func (p *Progress) Merge(other *Progress) {
	for id, o := range other.lessons {
		l := p.lesson(id)
		l.course.merge(o.course)
		l.lastAt = max(l.lastAt, o.lastAt)
		l.quizBest = max(l.quizBest, o.quizBest)
		maps.Copy(l.minutes, o.minutes)
		maps.Copy(l.hints, o.hints)
		maps.Copy(l.attempts, o.attempts)
	}
	for id, o := range other.attempts {
		a := p.attempts[id]
		if a == nil {
			a = &attemptFold{at: map[LogID]uint64{}}
			p.attempts[id] = a
		}
		a.merge(o)
	}
}

// Lesson returns the progress in a lesson; NotStarted when nothing is known.
func (p *Progress) Lesson(id lesson.ID) LessonProgress {
	l := p.lessons[id]
	if l == nil {
		return LessonProgress{LessonID: id, QuizBest: -1}
	}
	out := LessonProgress{
		LessonID: id, CourseID: l.course.value, Status: NotStarted, QuizBest: l.quizBest, HintsUsed: len(l.hints),
		LastAtMS: l.lastAt, ActiveMS: int64(len(l.minutes)) * 60_000,
	}
	if len(l.minutes) > 0 {
		out.Status = Working
	}
	disagreed := false
	for _, a := range p.Attempts(id) {
		if a.Verified {
			out.Status = Verified
		}
		disagreed = disagreed || a.CloudReport != nil && !a.Verified
		if a.Report == nil {
			continue
		}
		if a.Report.Verdict == harness.Passed {
			out.Status = max(out.Status, Passed)
		}
		if out.Attempts++; out.Attempts == 1 { // the newest comes first
			out.LastTotal = len(a.Report.Tests)
			out.LastFailed = a.Report.Count(harness.TestFailed) + a.Report.Count(harness.TestErrored)
		}
	}
	out.Mismatch = disagreed && out.Status == Passed
	return out
}

// Lessons returns the progress in every lesson with activity, latest activity first.
func (p *Progress) Lessons() []LessonProgress {
	out := make([]LessonProgress, 0, len(p.lessons))
	for id := range p.lessons {
		out = append(out, p.Lesson(id))
	}
	slices.SortFunc(out, func(a, b LessonProgress) int {
		return cmp.Or(cmp.Compare(b.LastAtMS, a.LastAtMS), slices.Compare(a.LessonID[:], b.LessonID[:]))
	})
	return out
}

// Attempts returns the attempts at a lesson, newest first.
func (p *Progress) Attempts(id lesson.ID) []Attempt {
	l := p.lessons[id]
	if l == nil {
		return nil
	}
	var out []Attempt
	for attempt := range l.attempts {
		if a, ok := p.Attempt(attempt); ok && a.LessonID == id {
			out = append(out, a)
		}
	}
	slices.SortFunc(out, func(a, b Attempt) int {
		return cmp.Or(cmp.Compare(b.AtMS, a.AtMS), slices.Compare(b.ID[:], a.ID[:]))
	})
	return out
}

// Attempt returns one attempt; ok is false when nothing is known of it.
func (p *Progress) Attempt(id uuid.UUID) (a Attempt, ok bool) {
	fold := p.attempts[id]
	if fold == nil {
		return Attempt{}, false
	}
	return fold.attempt(id), true
}

// Waiting counts the finished attempts that have not reached the cloud; upstream is State.Upstream.
func (p *Progress) Waiting(upstream map[LogID]Head) int {
	n := 0
	for id, fold := range p.attempts {
		if a := fold.attempt(id); a.Report != nil && a.Waiting(upstream) {
			n++
		}
	}
	return n
}
