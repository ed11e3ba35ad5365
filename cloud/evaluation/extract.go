package evaluation

import (
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/carrel-dev/carrel/harness"
	"github.com/carrel-dev/carrel/journal"
	"github.com/carrel-dev/carrel/lesson"
)

// Place is an entry of a log.
type Place struct {
	LogID journal.LogID
	Seq   uint64
}

// Extract is what the cloud notes about a segment when it arrives: which passes to run again, and where
// to find what that takes.
type Extract struct {
	// Drafts are the contents of files, in the order of their digests.
	Drafts []Found[lesson.Digest]
	// Started are attempts in the order of their ids.
	Started []Found[uuid.UUID]
	// Passed are attempts that passed on the device, in the order of their ids.
	Passed []Found[uuid.UUID]
}

// Found is something and the entry it is in.
type Found[K any] struct {
	Key   K
	Place Place
}

// ExtractOf reads a segment. Entries that are erased, unknown or unreadable are kept by the journal and
// of no use here. What is found twice is listed once: its order lets two segments be noted at the same
// time without a deadlock.
func ExtractOf(segment journal.Segment) Extract {
	var x Extract
	for _, entry := range segment.Entries {
		payload, err := journal.Decode(entry)
		if err != nil {
			continue
		}
		place := Place{LogID: segment.LogID, Seq: entry.Seq}
		switch p := payload.(type) {
		case journal.DraftRevision:
			// A content that is not what its digest says would be run in place of the right one.
			if lesson.DigestOf(p.Blob) == p.Digest {
				x.Drafts = append(x.Drafts, Found[lesson.Digest]{p.Digest, place})
			}
		case journal.AttemptStarted:
			x.Started = append(x.Started, Found[uuid.UUID]{p.AttemptID, place})
		case journal.AttemptFinished:
			if p.Report.Verdict == harness.Passed {
				x.Passed = append(x.Passed, Found[uuid.UUID]{p.AttemptID, place})
			}
		}
	}
	x.Drafts = unique(x.Drafts, func(d lesson.Digest) string { return string(d) })
	x.Started = unique(x.Started, uuid.UUID.String)
	x.Passed = unique(x.Passed, uuid.UUID.String)
	return x
}

func unique[K comparable](found []Found[K], text func(K) string) []Found[K] {
	slices.SortStableFunc(found, func(a, b Found[K]) int { return strings.Compare(text(a.Key), text(b.Key)) })
	return slices.CompactFunc(found, func(a, b Found[K]) bool { return a.Key == b.Key })
}
