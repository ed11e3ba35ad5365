package progress_test

import (
	"context"
	"crypto/ed25519"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/carrel-dev/carrel/app/progress"
	"github.com/carrel-dev/carrel/harness"
	"github.com/carrel-dev/carrel/journal"
	"github.com/carrel-dev/carrel/lesson"
)

var lessonID = uuid.MustParse("018f0000-0000-7000-8000-000000000001")

type told struct {
	appended int
	changed  []lesson.ID
}

func track(t *testing.T, store *journal.Memory, device ed25519.PrivateKey) (*progress.Tracker, *told) {
	t.Helper()
	news := &told{}
	tracker, err := progress.New(t.Context(), store, journal.NewWriter(store, journal.Owner{}, device, uuid.Nil, 1), progress.Hooks{
		Appended: func() { news.appended++ },
		Changed:  func(ids []lesson.ID) { news.changed = append(news.changed, ids...) },
	})
	if err != nil {
		t.Fatal(err)
	}
	return tracker, news
}

func deviceKey(t *testing.T) ed25519.PrivateKey {
	t.Helper()
	_, key, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func TestTracker_Append(t *testing.T) {
	t.Parallel()
	store, device := &journal.Memory{}, deviceKey(t)
	tracker, news := track(t, store, device)
	other, otherNews := track(t, store, device) // as another process has it

	attempt := uuid.Must(uuid.NewV7())
	if err := tracker.Append(t.Context(),
		journal.AttemptStarted{AttemptID: attempt, LessonID: lessonID},
		journal.AttemptFinished{AttemptID: attempt, LessonID: lessonID, Report: harness.Report{Verdict: harness.Passed}}); err != nil {
		t.Fatal(err)
	}
	if news.appended != 1 || !cmp.Equal(news.changed, []lesson.ID{lessonID}) {
		t.Errorf("told %+v", news)
	}
	if err := other.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	for name, tr := range map[string]*progress.Tracker{"this": tracker, "the other": other} {
		if p := tr.Lesson(lessonID); p.Status != journal.Passed || tr.Waiting() != 1 {
			t.Errorf("%s process: %+v, %d waiting", name, p, tr.Waiting())
		}
		if all := tr.Attempts(lessonID); len(all) != 1 || !all[0].Waiting {
			t.Errorf("%s process: attempts %+v", name, all)
		}
	}
	if otherNews.appended != 0 || len(otherNews.changed) != 1 {
		t.Errorf("the other process was told %+v", otherNews)
	}
	if err := tracker.Refold(t.Context()); err != nil {
		t.Fatal(err)
	}
	if len(tracker.Attempts(lessonID)) != 1 {
		t.Error("folding again changed the attempts")
	}
}

func TestTracker_Keep(t *testing.T) {
	t.Parallel()
	store := &journal.Memory{}
	tracker, _ := track(t, store, deviceKey(t))
	files := func(text string) lesson.Files { return lesson.Files{"main.py": lesson.NewFile([]byte(text))} }
	for _, text := range []string{"one", "one", "two", "one"} {
		if err := tracker.Keep(t.Context(), lessonID, files(text)); err != nil {
			t.Fatal(err)
		}
	}
	var got [][]lesson.Digest
	for _, r := range revisions(t, store) {
		got = append(got, append([]lesson.Digest{r.Digest}, r.Parents...))
	}
	one, two := lesson.DigestOf([]byte("one")), lesson.DigestOf([]byte("two"))
	if diff := cmp.Diff([][]lesson.Digest{{one}, {two, one}, {one, two}}, got); diff != "" {
		t.Errorf("revisions and their parents (-want +got):\n%s", diff)
	}
}

func TestTracker_Keep_LargeWorkIsSplit(t *testing.T) {
	t.Parallel()
	store := &journal.Memory{}
	tracker, _ := track(t, store, deviceKey(t))
	files := lesson.Files{}
	for _, name := range []string{"a.txt", "b.txt", "c.txt"} {
		files[name] = lesson.NewFile([]byte(strings.Repeat(name, 30_000)))
	}
	files["huge.bin"] = lesson.NewFile(make([]byte, journal.MaxBlobBytes+1))
	if err := tracker.Keep(t.Context(), lessonID, files); err != nil {
		t.Fatal(err)
	}
	if n := len(revisions(t, store)); n != 3 {
		t.Errorf("%d revisions, want the 3 that can travel", n)
	}
	if progress.Complete(files) {
		t.Error("work with a file that cannot travel counts as complete")
	}
}

// revisions returns every draft in the store.
func revisions(t *testing.T, store journal.Store) []journal.DraftRevision {
	t.Helper()
	var out []journal.DraftRevision
	_, err := journal.Feed(context.Background(), store, journal.Owner{}, nil, func(_ journal.LogID, e journal.Entry) {
		payload, err := journal.Decode(e)
		if err != nil {
			t.Error(err)
		}
		if r, ok := payload.(journal.DraftRevision); ok {
			out = append(out, r)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}
