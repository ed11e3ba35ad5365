package progress

import (
	"context"
	"slices"

	"github.com/carrel-dev/carrel/journal"
	"github.com/carrel-dev/carrel/lesson"
)

// batchBytes keeps the drafts of one Append well below journal.MaxSegmentBytes, whatever their number.
const batchBytes = journal.MaxBlobBytes

// Keep records the files that the journal does not know as they are, as draft revisions. Files above
// journal.MaxBlobBytes do not travel; see Complete.
func (t *Tracker) Keep(ctx context.Context, id lesson.ID, files lesson.Files) error {
	var batch []journal.Payload
	size := 0
	for _, path := range files.Paths() {
		data := files[path].Data
		parents, fresh := t.parents(id, path, lesson.DigestOf(data))
		if !fresh || len(data) > journal.MaxBlobBytes {
			continue
		}
		if size += len(data) + len(path) + 512; size > batchBytes && len(batch) > 0 {
			if err := t.Append(ctx, batch...); err != nil {
				return err
			}
			batch, size = nil, len(data)+len(path)+512
		}
		batch = append(batch, journal.DraftRevision{LessonID: id, Path: path, Parents: parents,
			Digest: lesson.DigestOf(data), Blob: data})
	}
	if len(batch) == 0 {
		return nil
	}
	return t.Append(ctx, batch...)
}

// Complete tells whether every file can travel, so that the cloud can run the check again.
func Complete(files lesson.Files) bool {
	for _, f := range files {
		if len(f.Data) > journal.MaxBlobBytes {
			return false
		}
	}
	return true
}

// parents returns the revisions that one with this digest follows; fresh is false when it is the one
// that is known already.
func (t *Tracker) parents(id lesson.ID, path string, digest lesson.Digest) (parents []lesson.Digest, fresh bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	heads := t.drafts[draftKey{id, path}]
	if len(heads) == 1 && heads[0] == digest {
		return nil, false
	}
	return slices.Clone(heads), true
}
