package journal

import (
	"bytes"
	"cmp"
	"maps"

	"github.com/google/uuid"

	"github.com/carrel-dev/carrel/harness"
	"github.com/carrel-dev/carrel/lesson"
)

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
	// At is where the device's entries of the attempt are: the last seq of each log that has any.
	At map[LogID]uint64
}

// Waiting tells whether the attempt has not reached the cloud; upstream is State.Upstream.
func (a Attempt) Waiting(upstream map[LogID]Head) bool {
	for log, seq := range a.At {
		if upstream[log].Seq >= seq {
			return false
		}
	}
	return len(a.At) > 0
}

// attemptFold is an attempt's state; every field only grows.
type attemptFold struct {
	started  stamped[AttemptStarted]
	finished stamped[AttemptFinished]
	verified stamped[AttemptVerified]
	at       map[LogID]uint64
}

func (a *attemptFold) merge(o *attemptFold) {
	a.started.merge(o.started)
	a.finished.merge(o.finished)
	a.verified.merge(o.verified)
	for log, seq := range o.at {
		a.at[log] = max(a.at[log], seq)
	}
}

func (a *attemptFold) attempt(id uuid.UUID) Attempt {
	out := Attempt{ID: id, At: maps.Clone(a.at)}
	if a.verified.set {
		out.LessonID, out.AtMS = a.verified.value.LessonID, a.verified.stamp.wallMS
		report := a.verified.value.Report
		out.Verified, out.CloudReport = a.verified.value.Agrees, &report
	}
	if a.finished.set {
		out.LessonID, out.AtMS = a.finished.value.LessonID, a.finished.stamp.wallMS
		report := a.finished.value.Report
		out.Report = &report
	}
	if a.started.set {
		out.LessonID, out.AtMS = a.started.value.LessonID, a.started.stamp.wallMS
		started := a.started.value
		out.Started = &started
	}
	return out
}

// stamped is a value of which the one with the highest stamp wins. Taking values in is commutative,
// associative and idempotent, because equal stamps belong to equal values.
type stamped[T any] struct {
	set   bool
	stamp order
	value T
}

// order sorts entries that say something about the same thing. Well-behaved devices never write two
// about an attempt; where there are two, a learner never loses a pass.
type order struct {
	pass   bool
	wallMS int64
	hash   Hash
}

func stamp(e Entry, pass bool) order { return order{pass: pass, wallMS: e.WallMS, hash: e.PayloadHash} }

func (o order) compare(other order) int {
	if o.pass != other.pass {
		if o.pass {
			return 1
		}
		return -1
	}
	return cmp.Or(cmp.Compare(o.wallMS, other.wallMS), bytes.Compare(o.hash[:], other.hash[:]))
}

func (s *stamped[T]) take(stamp order, value T) {
	if !s.set || s.stamp.compare(stamp) < 0 {
		s.set, s.stamp, s.value = true, stamp, value
	}
}

func (s *stamped[T]) merge(o stamped[T]) {
	if o.set {
		s.take(o.stamp, o.value)
	}
}
