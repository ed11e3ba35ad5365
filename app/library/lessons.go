package library

import (
	"context"
	"slices"
	"strings"
	"time"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"

	"github.com/carrel-dev/carrel/fault"
	"github.com/carrel-dev/carrel/journal"
	"github.com/carrel-dev/carrel/lesson"
)

// viewPause is how long a lesson that stays open counts as viewed once. Every view is news to whoever
// shows progress, and showing progress reads the lesson again.
const viewPause = 5 * time.Minute

// Opened is a lesson as the learner sees it.
type Opened struct {
	Lesson
	Progress journal.LessonProgress
	// CourseProgress is that of every lesson of the course, in order.
	CourseProgress []journal.LessonProgress
}

// Open returns a lesson and records that it was viewed.
func (l *Library) Open(ctx context.Context, course lesson.CourseID, slug string) (Opened, error) {
	found, err := l.Lesson(course, slug)
	if err != nil {
		return Opened{}, err
	}
	if l.firstView(found.Lesson.ID) {
		if err := l.Journal.Append(ctx, journal.LessonViewed{LessonID: found.Lesson.ID, CourseID: course}); err != nil {
			return Opened{}, err
		}
	}
	return Opened{Lesson: found, Progress: l.Journal.Lesson(found.Lesson.ID), CourseProgress: l.progress(found.Course)}, nil
}

func (l *Library) firstView(id lesson.ID) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if at, ok := l.viewed[id]; ok && time.Since(at) < viewPause {
		return false
	}
	l.viewed[id] = time.Now()
	return true
}

// Answered tells about one answer.
type Answered struct {
	Question lesson.Question
	Right    bool
}

// AnswerQuiz judges answers, by question id, and records the result. Questions without an answer count
// as wrong.
func (l *Library) AnswerQuiz(ctx context.Context, course lesson.CourseID, slug string, answers map[string][]string) ([]Answered, error) {
	found, err := l.Lesson(course, slug)
	if err != nil {
		return nil, err
	}
	if len(found.Lesson.Quiz) == 0 {
		return nil, fault.New(fault.Invalid, "This lesson has no quiz.", "Read it and go on.")
	}
	record := journal.QuizAnswered{LessonID: found.Lesson.ID, CourseID: course, Total: len(found.Lesson.Quiz)}
	out := make([]Answered, 0, record.Total)
	for _, q := range found.Lesson.Quiz {
		right := judge(q, answers[q.ID])
		if right {
			record.Right++
		}
		out = append(out, Answered{q, right})
	}
	return out, l.Journal.Append(ctx, record)
}

// judge tells whether an answer is right.
func judge(q lesson.Question, values []string) bool {
	switch q.Kind {
	case lesson.QuestionText:
		return len(values) == 1 && slices.ContainsFunc(q.Answer, func(accepted string) bool {
			return plain(accepted) == plain(values[0])
		})
	case lesson.QuestionOrder:
		return slices.Equal(values, q.Answer)
	default:
		return slices.Equal(slices.Sorted(slices.Values(values)), slices.Sorted(slices.Values(q.Answer)))
	}
}

// plain is a typed text without what does not count: case, composition and spaces around and between.
func plain(s string) string {
	return cases.Fold().String(norm.NFC.String(strings.Join(strings.Fields(s), " ")))
}

// OpenHint returns a hint, counted from 1, and records that it was used.
func (l *Library) OpenHint(ctx context.Context, course lesson.CourseID, slug string, number int) (lesson.Text, error) {
	found, err := l.Lesson(course, slug)
	if err != nil {
		return nil, err
	}
	if number < 1 || number > len(found.Lesson.Hints) {
		return nil, fault.New(fault.NotFound, "There is no such hint.", "Read the task once more.")
	}
	err = l.Journal.Append(ctx, journal.HintUsed{LessonID: found.Lesson.ID, Number: number})
	return found.Lesson.Hints[number-1], err
}
