// Package journaltest is the conformance suite of journal.Store and journal.StateStore, and makes
// segments to test with. Every store passes it.
package journaltest

import (
	"crypto/ed25519"
	"crypto/sha256"
	"testing"

	"github.com/google/uuid"

	"github.com/carrel-dev/carrel/journal"
)

// Device returns a key that depends on name only.
func Device(name string) ed25519.PrivateKey {
	seed := sha256.Sum256([]byte(name))
	return ed25519.NewKeyFromSeed(seed[:])
}

// Log is a log that grows in memory, to make segments from.
type Log struct {
	device ed25519.PrivateKey
	header journal.LogHeader
	head   journal.Head
}

// NewLog returns the empty log of the device with this name and a learner who depends on it.
func NewLog(device string) *Log {
	return NewLogOf(device, uuid.NewSHA1(uuid.Nil, []byte(device)))
}

// NewLogOf returns the empty log of a device and a learner.
func NewLogOf(device string, learner uuid.UUID) *Log {
	key := Device(device)
	return &Log{device: key, header: journal.LogHeader{
		DeviceKey: key.Public().(ed25519.PublicKey), LearnerID: learner, Epoch: 1,
	}}
}

// ID returns the log's id.
func (l *Log) ID() journal.LogID { return l.header.ID() }

// Header returns the log's header.
func (l *Log) Header() journal.LogHeader { return l.header }

// Head returns where the log ends.
func (l *Log) Head() journal.Head { return l.head }

// Fork returns an independent log that is the same so far: a cloned disk.
func (l *Log) Fork() *Log {
	clone := *l
	return &clone
}

// Segment appends payloads and returns their segment.
func (l *Log) Segment(t testing.TB, payloads ...journal.Payload) journal.Segment {
	t.Helper()
	entries := make([]journal.Entry, len(payloads))
	for i, payload := range payloads {
		var err error
		entries[i], err = journal.EncodeEntry(l.head.Seq+1+uint64(i), 1_790_000_000_000+int64(i), int64(i), payload)
		if err != nil {
			t.Fatal(err)
		}
	}
	segment, err := journal.SignSegment(l.device, l.header, l.head, entries)
	if err != nil {
		t.Fatal(err)
	}
	if l.head, err = journal.Verify(l.header, segment); err != nil {
		t.Fatal(err)
	}
	return segment
}

// Hint is a small payload that differs from others by number.
func Hint(number int) journal.Payload {
	return journal.HintUsed{LessonID: uuid.NewSHA1(uuid.Nil, []byte("lesson")), Number: number}
}

// Hints are n small payloads from number on.
func Hints(from, n int) []journal.Payload {
	var out []journal.Payload
	for i := range n {
		out = append(out, Hint(from+i))
	}
	return out
}

// Future is a payload of a kind that this program does not know.
type Future struct {
	Anything string `cbor:"1,keyasint"`
}

// Kind implements journal.Payload.
func (Future) Kind() journal.Kind { return "future.kind" }
