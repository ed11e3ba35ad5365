package evaluation_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/carrel-dev/carrel/cloud/evaluation"
	"github.com/carrel-dev/carrel/harness"
	"github.com/carrel-dev/carrel/journal"
	"github.com/carrel-dev/carrel/journal/journaltest"
	"github.com/carrel-dev/carrel/lesson"
)

func TestExtractOf(t *testing.T) {
	t.Parallel()
	first, second := uuid.MustParse("00000000-0000-7000-8000-000000000001"), uuid.MustParse("00000000-0000-7000-8000-000000000002")
	finished := func(id uuid.UUID, verdict harness.Verdict) journal.Payload {
		return journal.AttemptFinished{AttemptID: id, Report: harness.Report{Verdict: verdict}}
	}
	log := journaltest.NewLog("laptop")
	erased := journal.Payload(journal.DraftRevision{Digest: lesson.DigestOf([]byte("erased")), Blob: []byte("erased")})
	segment := log.Segment(t,
		journal.DraftRevision{Digest: lesson.DigestOf([]byte("a")), Blob: []byte("a")},
		journal.DraftRevision{Digest: lesson.DigestOf([]byte("b")), Blob: []byte("a lie")},
		erased,
		journal.AttemptStarted{AttemptID: second},
		finished(second, harness.Passed),
		finished(first, harness.Passed),
		finished(second, harness.Passed),
		finished(uuid.New(), harness.Failed),
		journaltest.Hint(1),
		journaltest.Future{},
	)
	segment.Entries[2] = segment.Entries[2].Erase()
	at := func(seq uint64) evaluation.Place { return evaluation.Place{LogID: log.ID(), Seq: seq} }
	want := evaluation.Extract{
		Drafts:  []evaluation.Found[lesson.Digest]{{Key: lesson.DigestOf([]byte("a")), Place: at(1)}},
		Started: []evaluation.Found[uuid.UUID]{{Key: second, Place: at(4)}},
		Passed:  []evaluation.Found[uuid.UUID]{{Key: first, Place: at(6)}, {Key: second, Place: at(5)}},
	}
	if diff := cmp.Diff(want, evaluation.ExtractOf(segment)); diff != "" {
		t.Error(diff)
	}
}
