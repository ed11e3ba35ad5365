package journal_test

import (
	"crypto/ed25519"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/carrel-dev/carrel/fault"
	"github.com/carrel-dev/carrel/harness"
	"github.com/carrel-dev/carrel/journal"
	"github.com/carrel-dev/carrel/journal/journaltest"
	"github.com/carrel-dev/carrel/lesson"
)

// The ids and bytes of version 1 never change: logs in the field depend on them.
func TestFormat_IsStable(t *testing.T) {
	t.Parallel()
	log := journaltest.NewLogOf("a", uuid.MustParse("01890a5d-ac96-774b-bcce-b302099a8057"))
	s := log.Segment(t, journaltest.Hint(1))
	got := []string{
		log.ID().String(), log.Head().Hash.String(),
	}
	want := []string{"3f9f75a0b5c9a2608ffc702c5a9b3bbf", "94be46de6c3149d1d576937b4b49e0dc7ca8400fb29429dcb826c25a0a7119c7"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the format changed (-want +got):\n%s", diff)
	}
	if header := s.Entries[0].Header; len(header) > 40 {
		t.Errorf("an entry's header takes %d bytes", len(header))
	}
}

func TestVerify_Refusals(t *testing.T) {
	t.Parallel()
	device, other := journaltest.NewLog("a"), journaltest.NewLog("b")
	tests := map[string]func(s *journal.Segment){
		"another log's id":        func(s *journal.Segment) { s.LogID = other.ID() },
		"another log's header":    func(s *journal.Segment) { h := other.Header(); s.Log = &h },
		"no header at the start":  func(s *journal.Segment) { s.Log = nil },
		"something before it":     func(s *journal.Segment) { s.Previous[0] = 1 },
		"no entries":              func(s *journal.Segment) { s.Entries = nil },
		"another first seq":       func(s *journal.Segment) { s.FirstSeq = 2 },
		"an entry missing":        func(s *journal.Segment) { s.Entries = s.Entries[:1] },
		"entries swapped":         func(s *journal.Segment) { s.Entries[0], s.Entries[1] = s.Entries[1], s.Entries[0] },
		"a payload changed":       func(s *journal.Segment) { s.Entries[0].Payload = []byte{0xa0} },
		"a payload hash changed":  func(s *journal.Segment) { s.Entries[0] = s.Entries[0].Erase(); s.Entries[0].PayloadHash[0]++ },
		"a decoded field changed": func(s *journal.Segment) { s.Entries[0].Kind = journal.KindAttemptVerified },
		"a header byte changed": func(s *journal.Segment) {
			h := append([]byte(nil), s.Entries[1].Header...)
			h[len(h)-1] ^= 1
			s.Entries[1].Header = h
		},
		"no signature":        func(s *journal.Segment) { s.Signature = nil },
		"a signature changed": func(s *journal.Segment) { s.Signature = append([]byte(nil), s.Signature...); s.Signature[3] ^= 1 },
	}
	whole := device.Segment(t, journaltest.Hints(1, 2)...)
	if _, err := journal.Verify(device.Header(), whole); err != nil {
		t.Fatal(err)
	}
	for name, change := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := whole
			s.Entries = append([]journal.Entry(nil), whole.Entries...)
			change(&s)
			if _, err := journal.Verify(device.Header(), s); fault.KindOf(err) != fault.Invalid {
				t.Errorf("Verify = %v, want an Invalid fault", err)
			}
		})
	}
}

// A signature is about one log only, although a device has the same key in all of its logs.
func TestVerify_SignatureOfAnotherLog(t *testing.T) {
	t.Parallel()
	mine := journaltest.NewLogOf("a", uuid.New())
	s := mine.Segment(t, journaltest.Hint(1))
	theirs := journaltest.NewLogOf("a", uuid.New()).Header()
	s.Log, s.LogID = &theirs, theirs.ID()
	if _, err := journal.Verify(theirs, s); fault.KindOf(err) != fault.Invalid {
		t.Errorf("Verify = %v, want an Invalid fault", err)
	}
}

func TestSegment_After(t *testing.T) {
	t.Parallel()
	log := journaltest.NewLog("a")
	log.Segment(t, journaltest.Hint(0))
	s := log.Segment(t, journaltest.Hints(1, 4)...)
	for after := range uint64(5) {
		rest := s.After(after)
		if got, want := rest.LastSeq(), s.LastSeq(); got != want || rest.FirstSeq <= after {
			t.Errorf("After(%d) goes from %d to %d", after, rest.FirstSeq, got)
		}
		if _, err := journal.Verify(log.Header(), rest); err != nil {
			t.Errorf("After(%d) does not verify: %v", after, err)
		}
	}
	if rest := s.After(5); len(rest.Entries) != 0 || rest.Previous != log.Head().Hash {
		t.Errorf("After the end there are %d entries", len(rest.Entries))
	}
}

func TestDecode(t *testing.T) {
	t.Parallel()
	id, other := uuid.New(), uuid.New()
	report := harness.Report{Verdict: harness.Failed, ExitCode: -1, Phases: harness.Phases{TestMS: 1.25},
		Tests: []harness.TestResult{{ID: "t", Status: harness.TestFailed, DurationMS: 0.1, Output: "broken \xff byte"}}}
	payloads := []journal.Payload{
		journal.DraftRevision{LessonID: id, Path: "a.py", Parents: []lesson.Digest{"sha256:1"}, Digest: "sha256:2", Blob: []byte("x")},
		journal.AttemptStarted{AttemptID: other, LessonID: id, LessonVersion: "v", CourseID: "c", Files: map[string]lesson.Digest{"a": "b"}, Complete: true},
		journal.AttemptFinished{AttemptID: other, LessonID: id, Report: report},
		journal.AttemptVerified{AttemptID: other, LessonID: id, Agrees: true, Report: report},
		journal.LessonViewed{LessonID: id, CourseID: "c"},
		journal.QuizAnswered{LessonID: id, CourseID: "c", Right: 1, Total: 2},
		journal.HintUsed{LessonID: id, Number: 3},
	}
	for _, want := range payloads {
		t.Run(string(want.Kind()), func(t *testing.T) {
			t.Parallel()
			e, err := journal.EncodeEntry(1, 2, 3, want)
			if err != nil {
				t.Fatal(err)
			}
			got, err := journal.Decode(e)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("payload differs (-want +got):\n%s", diff)
			}
			if _, err := journal.Decode(e.Erase()); !errors.Is(err, journal.ErrErased) {
				t.Errorf("Decode of an erased payload: %v", err)
			}
			e.Payload = e.Payload[:len(e.Payload)-1]
			if _, err := journal.Decode(e); fault.KindOf(err) != fault.Invalid {
				t.Errorf("Decode of half a payload: %v, want Invalid", err)
			}
		})
	}
	e, err := journal.EncodeEntry(1, 2, 3, journaltest.Future{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := journal.Decode(e); !errors.Is(err, journal.ErrUnknownKind) {
		t.Errorf("Decode of an unknown kind: %v", err)
	}
}

func FuzzDecode(f *testing.F) {
	for _, payload := range []journal.Payload{
		journaltest.Hint(1), journal.AttemptFinished{Report: harness.Report{Verdict: harness.Passed}},
		journal.AttemptStarted{Files: map[string]lesson.Digest{"a": "b"}}, journal.DraftRevision{Path: "x"}, journaltest.Future{},
	} {
		e, err := journal.EncodeEntry(1, 2, 3, payload)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(e.Header, e.Payload)
	}
	f.Fuzz(func(t *testing.T, header, payload []byte) {
		e, err := journal.DecodeEntry(header, payload, journal.Hash{})
		if err != nil {
			return
		}
		if got, err := journal.Decode(e); err == nil && got.Kind() != e.Kind {
			t.Errorf("a payload of %s decodes as %s", e.Kind, got.Kind())
		}
		progress := journal.NewProgress()
		progress.Add(journal.LogID{}, e)
		progress.Add(journal.LogID{}, e)
		for _, l := range progress.Lessons() {
			if l.Attempts > 1 || l.HintsUsed > 1 {
				t.Errorf("one entry became %+v", l)
			}
		}
	})
}

// Whatever is changed in a segment, Verify notices or the chain is the same.
func FuzzVerify(f *testing.F) {
	log := journaltest.NewLog("a")
	whole := log.Segment(f, journaltest.Hints(1, 2)...)
	f.Add(whole.Entries[0].Header, whole.Entries[0].Payload, whole.Signature, uint64(1), []byte(log.Header().DeviceKey))
	f.Fuzz(func(t *testing.T, header, payload, signature []byte, firstSeq uint64, key []byte) {
		e, err := journal.DecodeEntry(header, payload, whole.Entries[0].PayloadHash)
		if err != nil {
			return
		}
		s := whole
		s.FirstSeq, s.Signature, s.Entries = firstSeq, signature, []journal.Entry{e, whole.Entries[1]}
		h := log.Header()
		h.DeviceKey = ed25519.PublicKey(key)
		got, err := journal.Verify(h, s)
		if err == nil && got != log.Head() {
			t.Errorf("another chain verifies: %v instead of %v", got, log.Head())
		}
	})
}

func TestShorten(t *testing.T) {
	t.Parallel()
	long := string(make([]byte, 100_000))
	report := harness.Report{Verdict: harness.Failed, Message: "кириллица\xff", Log: harness.Log{Head: long, Tail: long}}
	for range 3000 {
		report.Tests = append(report.Tests, harness.TestResult{ID: "t", Status: harness.TestFailed, Output: long[:1000]})
	}
	got := journal.Shorten(report)
	e, err := journal.EncodeEntry(1, 0, 0, journal.AttemptFinished{Report: got})
	if err != nil {
		t.Fatal(err)
	}
	if len(e.Payload) > 128<<10 {
		t.Errorf("a shortened report takes %d bytes", len(e.Payload))
	}
	if got.Message != "кириллица\uFFFD" || got.Verdict != harness.Failed || len(got.Tests) == 0 || got.Log.DroppedBytes == 0 {
		t.Errorf("message %q, %d tests, %d bytes dropped", got.Message, len(got.Tests), got.Log.DroppedBytes)
	}
	if len(report.Tests) != 3000 || len(report.Tests[0].Output) != 1000 {
		t.Error("the report given was changed")
	}
	small := harness.Report{Verdict: harness.Passed, Tests: []harness.TestResult{{ID: "a", Output: "fine"}}, Log: harness.Log{Head: "h", Tail: "t"}}
	if diff := cmp.Diff(small, journal.Shorten(small)); diff != "" {
		t.Errorf("a small report changed (-want +got):\n%s", diff)
	}
}
