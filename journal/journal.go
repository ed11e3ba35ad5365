// Package journal is the one replicated structure of Carrel: append-only, single-writer, hash-chained
// and signed logs, the Exchange engine that moves them, and the folds that turn them into progress.
// It is pure: stores and transports are given to it. Headers and payloads are canonical CBOR; nobody
// but their author ever marshals them again.
package journal

import (
	"context"
	"crypto/ed25519"

	"github.com/google/uuid"

	"github.com/carrel-dev/carrel/harness"
	"github.com/carrel-dev/carrel/lesson"
)

// Level is the protocol level this program speaks. It only grows; each number has its line:
//
//	1 (2026-11): entries, segments, exchange with vectors.
const Level = 1

// LogID is the first 16 bytes of SHA-256 over a LogHeader's canonical form.
type LogID [16]byte

// Hash is a chain hash.
type Hash [32]byte

// LogHeader identifies a log: one device, one learner, one epoch.
type LogHeader struct {
	DeviceKey ed25519.PublicKey
	LearnerID uuid.UUID
	Epoch     uint64
}

// Head is how far a log is known, without a gap. The zero value is an empty log.
type Head struct {
	Seq  uint64
	Hash Hash
}

// Entry is one record of a log. Header and Payload are the author's bytes; the other fields are
// decoded from Header.
type Entry struct {
	Seq         uint64
	Kind        Kind
	KindVersion uint32
	WallMS      int64
	MonoMS      int64

	Header      []byte
	Payload     []byte // nil when erased
	PayloadHash Hash
}

// Segment is a run of entries of one log under one signature, applied whole or not at all.
type Segment struct {
	LogID     LogID
	Log       *LogHeader // set when FirstSeq is 1
	FirstSeq  uint64
	Previous  Hash // chain hash before the first entry
	Entries   []Entry
	Signature []byte // over the log's id, the last seq and the chain hash after it
}

// Owner scopes a store: the account whose logs are seen. A device's store has one owner, the zero
// UUID, whatever learner is signed in.
type Owner = uuid.UUID

// Store keeps segments. Implementations are safe for concurrent use and pass journaltest.
type Store interface {
	// Heads returns every log of owner and how far it is known.
	Heads(ctx context.Context, owner Owner) (map[LogID]Head, error)
	// Accept stores a verified segment atomically. Entries that are there already are ignored;
	// *ForkError tells that a stored entry differs, *GapError that entries before it are missing.
	// Nothing is changed by a call that fails. A store may bind logs to their first owner, and answers
	// any other with a Denied fault.
	Accept(ctx context.Context, owner Owner, segment Segment) (Head, error)
	// Read returns the segments of a log after seq, in order, as they were accepted, at most maxBytes
	// (but at least one segment when there is one).
	Read(ctx context.Context, owner Owner, log LogID, after uint64, maxBytes int) ([]Segment, error)
}

// Kind says what an entry records.
type Kind string

// The kinds.
const (
	KindDraftRevision   Kind = "draft.revision"
	KindAttemptStarted  Kind = "attempt.started"
	KindAttemptFinished Kind = "attempt.finished"
	KindAttemptVerified Kind = "attempt.verified" // written by the cloud
	KindLessonViewed    Kind = "lesson.viewed"
	KindQuizAnswered    Kind = "quiz.answered"
	KindHintUsed        Kind = "hint.used"
)

// DraftRevision records one file of a workspace.
type DraftRevision struct {
	LessonID lesson.ID       `cbor:"1,keyasint"`
	Path     string          `cbor:"2,keyasint"`
	Parents  []lesson.Digest `cbor:"3,keyasint,omitempty"`
	Digest   lesson.Digest   `cbor:"4,keyasint"`
	Blob     []byte          `cbor:"5,keyasint"`
}

// AttemptStarted records a check before it runs.
type AttemptStarted struct {
	AttemptID     uuid.UUID                `cbor:"1,keyasint"` // UUIDv7, made once on the device
	LessonID      lesson.ID                `cbor:"2,keyasint"`
	LessonVersion lesson.Digest            `cbor:"3,keyasint"`
	CourseID      lesson.CourseID          `cbor:"4,keyasint"`
	Files         map[string]lesson.Digest `cbor:"5,keyasint"` // the learner's files; contents are draft revisions
	// Complete is false when a file was too large to travel, so the cloud cannot run it again.
	Complete bool `cbor:"6,keyasint"`
}

// AttemptFinished records a check's report, its log shortened.
type AttemptFinished struct {
	AttemptID uuid.UUID      `cbor:"1,keyasint"`
	LessonID  lesson.ID      `cbor:"2,keyasint"`
	Report    harness.Report `cbor:"3,keyasint"`
}

// AttemptVerified is written by the cloud after it ran a pass again.
type AttemptVerified struct {
	AttemptID uuid.UUID      `cbor:"1,keyasint"`
	LessonID  lesson.ID      `cbor:"2,keyasint"`
	Agrees    bool           `cbor:"3,keyasint"` // the cloud's verdict is a pass too
	Report    harness.Report `cbor:"4,keyasint"`
}

// LessonViewed records that a lesson was opened.
type LessonViewed struct {
	LessonID lesson.ID       `cbor:"1,keyasint"`
	CourseID lesson.CourseID `cbor:"2,keyasint"`
}

// QuizAnswered records the answers to a lesson's quiz.
type QuizAnswered struct {
	LessonID lesson.ID       `cbor:"1,keyasint"`
	CourseID lesson.CourseID `cbor:"2,keyasint"`
	Right    int             `cbor:"3,keyasint"`
	Total    int             `cbor:"4,keyasint"`
}

// HintUsed records that a hint was opened.
type HintUsed struct {
	LessonID lesson.ID `cbor:"1,keyasint"`
	Number   int       `cbor:"2,keyasint"` // from 1
}
