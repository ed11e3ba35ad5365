package journal_test

import (
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/carrel-dev/carrel/harness"
	"github.com/carrel-dev/carrel/journal"
	"github.com/carrel-dev/carrel/lesson"
)

// placed is an entry and the log it is in.
type placed struct {
	log   journal.LogID
	entry journal.Entry
}

var (
	lessonIDs  = []lesson.ID{{1}, {2}}
	attemptIDs = []uuid.UUID{{1}, {2}, {3}, {4}}
)

// histories generates entries that contradict each other as often as possible.
func histories() *rapid.Generator[[]placed] {
	payload := rapid.Custom(func(t *rapid.T) journal.Payload {
		id := rapid.SampledFrom(lessonIDs).Draw(t, "lesson")
		attempt := rapid.SampledFrom(attemptIDs).Draw(t, "attempt")
		report := harness.Report{Verdict: rapid.SampledFrom([]harness.Verdict{harness.Passed, harness.Failed}).Draw(t, "verdict")}
		for range rapid.IntRange(0, 3).Draw(t, "tests") {
			report.Tests = append(report.Tests, harness.TestResult{Status: rapid.SampledFrom([]harness.TestStatus{
				harness.TestPassed, harness.TestFailed, harness.TestErrored}).Draw(t, "status")})
		}
		course := rapid.SampledFrom([]lesson.CourseID{"", "a", "b"}).Draw(t, "course")
		switch rapid.IntRange(0, 6).Draw(t, "kind") {
		case 0:
			return journal.DraftRevision{LessonID: id, Path: "a"}
		case 1:
			return journal.AttemptStarted{AttemptID: attempt, LessonID: id, CourseID: course}
		case 2:
			return journal.AttemptFinished{AttemptID: attempt, LessonID: id, Report: report}
		case 3:
			return journal.AttemptVerified{AttemptID: attempt, LessonID: id, Agrees: report.Verdict == harness.Passed, Report: report}
		case 4:
			return journal.QuizAnswered{LessonID: id, CourseID: course, Right: rapid.IntRange(0, 3).Draw(t, "right"), Total: 3}
		case 5:
			return journal.HintUsed{LessonID: id, Number: rapid.IntRange(1, 3).Draw(t, "hint")}
		default:
			return journal.LessonViewed{LessonID: id, CourseID: course}
		}
	})
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) placed {
		seq := rapid.Uint64Range(1, 5).Draw(t, "seq")
		entry, err := journal.EncodeEntry(seq, rapid.Int64Range(0, 200_000).Draw(t, "wall"), 0, payload.Draw(t, "payload"))
		if err != nil {
			t.Fatal(err)
		}
		return placed{log: journal.LogID{rapid.Byte().Draw(t, "log") % 2}, entry: entry}
	}), 0, 25)
}

func fold(entries []placed) *journal.Progress {
	p := journal.NewProgress()
	for _, e := range entries {
		p.Add(e.log, e.entry)
	}
	return p
}

// view is everything that can be seen of a progress.
type view struct {
	Lessons  []journal.LessonProgress
	Attempts [][]journal.Attempt
	Waiting  int
}

func look(p *journal.Progress) view {
	v := view{Lessons: p.Lessons(), Waiting: p.Waiting(map[journal.LogID]journal.Head{{0}: {Seq: 3}})}
	for _, id := range lessonIDs {
		v.Attempts = append(v.Attempts, p.Attempts(id))
	}
	return v
}

func TestProgress_OrderAndRepetitionDoNotMatter(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		entries := histories().Draw(t, "entries")
		want := look(fold(entries))
		shuffled := append(append([]placed(nil), entries...), rapid.SliceOf(rapid.SampledFrom(append(entries, placed{}))).Draw(t, "again")...)
		random := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
		random.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
		if diff := cmp.Diff(want, look(fold(shuffled))); diff != "" {
			t.Fatalf("another order gives other progress (-first +second):\n%s", diff)
		}
	})
}

func TestProgress_MergeIsAFold(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a, b, c := histories().Draw(t, "a"), histories().Draw(t, "b"), histories().Draw(t, "c")
		want := look(fold(append(append(append([]placed(nil), a...), b...), c...)))
		left := fold(a)
		left.Merge(fold(b))
		left.Merge(fold(c))
		right := fold(c)
		right.Merge(fold(a))
		bc := fold(b)
		before := look(bc)
		right.Merge(bc)
		right.Merge(fold(a))
		for name, got := range map[string]*journal.Progress{"(a b) c": left, "c a b a": right} {
			if diff := cmp.Diff(want, look(got)); diff != "" {
				t.Fatalf("merging %s differs from adding everything (-added +merged):\n%s", name, diff)
			}
		}
		if diff := cmp.Diff(before, look(bc)); diff != "" {
			t.Fatalf("merging changed what was merged (-before +after):\n%s", diff)
		}
	})
}

func TestProgress_StatusNeverFalls(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p := journal.NewProgress()
		before := map[lesson.ID]journal.LessonProgress{}
		for _, e := range histories().Draw(t, "entries") {
			p.Add(e.log, e.entry)
			for _, now := range p.Lessons() {
				was, ok := before[now.LessonID]
				if ok && (now.QuizBest < was.QuizBest || now.HintsUsed < was.HintsUsed || now.ActiveMS < was.ActiveMS) {
					t.Fatalf("progress fell from %+v to %+v", was, now)
				}
				before[now.LessonID] = now
			}
		}
	})
}

func TestProgress_Lesson(t *testing.T) {
	t.Parallel()
	id, other := lessonIDs[0], lessonIDs[1]
	started := func(n int) journal.Payload {
		return journal.AttemptStarted{AttemptID: attemptIDs[n], LessonID: id, CourseID: "c"}
	}
	finished := func(n int, verdict harness.Verdict, failed, passed int) journal.Payload {
		report := harness.Report{Verdict: verdict}
		for range failed {
			report.Tests = append(report.Tests, harness.TestResult{Status: harness.TestFailed})
		}
		for range passed {
			report.Tests = append(report.Tests, harness.TestResult{Status: harness.TestPassed})
		}
		return journal.AttemptFinished{AttemptID: attemptIDs[n], LessonID: id, Report: report}
	}
	verified := func(n int, agrees bool) journal.Payload {
		return journal.AttemptVerified{AttemptID: attemptIDs[n], LessonID: id, Agrees: agrees, Report: harness.Report{Verdict: harness.Failed}}
	}
	tests := map[string]struct {
		payloads []journal.Payload
		want     journal.LessonProgress
	}{
		"nothing":          {nil, journal.LessonProgress{QuizBest: -1}},
		"another lesson":   {[]journal.Payload{journal.HintUsed{LessonID: other, Number: 1}}, journal.LessonProgress{QuizBest: -1}},
		"opened":           {[]journal.Payload{journal.LessonViewed{LessonID: id, CourseID: "c"}}, journal.LessonProgress{CourseID: "c", Status: journal.Working, QuizBest: -1}},
		"check not ended":  {[]journal.Payload{started(0)}, journal.LessonProgress{CourseID: "c", Status: journal.Working, QuizBest: -1}},
		"a hint twice":     {[]journal.Payload{journal.HintUsed{LessonID: id, Number: 2}, journal.HintUsed{LessonID: id, Number: 2}}, journal.LessonProgress{Status: journal.Working, HintsUsed: 1, QuizBest: -1}},
		"best quiz counts": {[]journal.Payload{journal.QuizAnswered{LessonID: id, Right: 3, Total: 4}, journal.QuizAnswered{LessonID: id, Right: 1, Total: 4}}, journal.LessonProgress{Status: journal.Working, QuizBest: 0.75}},
		"failed": {[]journal.Payload{started(0), finished(0, harness.Failed, 2, 3)},
			journal.LessonProgress{CourseID: "c", Status: journal.Working, Attempts: 1, LastFailed: 2, LastTotal: 5, QuizBest: -1}},
		"passed, then failed": {[]journal.Payload{started(0), finished(0, harness.Passed, 0, 3), started(1), finished(1, harness.Failed, 1, 2)},
			journal.LessonProgress{CourseID: "c", Status: journal.Passed, Attempts: 2, LastFailed: 1, LastTotal: 3, QuizBest: -1}},
		"verified": {[]journal.Payload{started(0), finished(0, harness.Passed, 0, 3), verified(0, true)},
			journal.LessonProgress{CourseID: "c", Status: journal.Verified, Attempts: 1, LastTotal: 3, QuizBest: -1}},
		"the cloud disagrees": {[]journal.Payload{started(0), finished(0, harness.Passed, 0, 3), verified(0, false)},
			journal.LessonProgress{CourseID: "c", Status: journal.Passed, Mismatch: true, Attempts: 1, LastTotal: 3, QuizBest: -1}},
		"the cloud disagrees with one and agrees with another": {[]journal.Payload{
			started(0), finished(0, harness.Passed, 0, 3), verified(0, false), started(1), finished(1, harness.Passed, 0, 3), verified(1, true)},
			journal.LessonProgress{CourseID: "c", Status: journal.Verified, Attempts: 2, LastTotal: 3, QuizBest: -1}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := journal.NewProgress()
			for i, payload := range test.payloads {
				e, err := journal.EncodeEntry(uint64(i+1), int64(1000*(i+1)), 0, payload)
				if err != nil {
					t.Fatal(err)
				}
				p.Add(journal.LogID{}, e)
			}
			got := p.Lesson(id)
			if (got.Status > journal.NotStarted) != (got.LastAtMS > 0 && got.ActiveMS == 60_000) {
				t.Errorf("activity is %d ms, last at %d", got.ActiveMS, got.LastAtMS)
			}
			got.LastAtMS, got.ActiveMS = 0, 0
			test.want.LessonID = id
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("progress differs (-want +got):\n%s", diff)
			}
		})
	}
}
