package wire

import (
	"fmt"
	"maps"
	"slices"

	"github.com/carrel-dev/carrel/lesson"
	lessonv1 "github.com/carrel-dev/carrel/proto/gen/carrel/lesson/v1"
)

// CourseSummary is a course in a list.
type CourseSummary struct {
	ID        lesson.CourseID
	Title     lesson.Text
	Summary   lesson.Text
	Tags      []string
	Locales   []string
	Lessons   []LessonSummary
	Digest    lesson.Digest // of the bundle's manifest
	SizeBytes int64
}

// LessonSummary is a lesson in a list.
type LessonSummary struct {
	ID          lesson.ID
	Slug        string
	Title       lesson.Text
	Minutes     int
	HasExercise bool
	HasQuiz     bool
	Version     lesson.Digest
}

// Summarise returns the summary of a course whose bundle has this digest and size.
func Summarise(c *lesson.Course, digest lesson.Digest, sizeBytes int64) CourseSummary {
	out := CourseSummary{
		ID: c.ID, Title: c.Title, Summary: c.Summary, Tags: c.Tags, Locales: c.Locales,
		Digest: digest, SizeBytes: sizeBytes,
	}
	for _, l := range c.Lessons {
		out.Lessons = append(out.Lessons, SummariseLesson(l))
	}
	return out
}

// SummariseLesson returns the summary of a lesson.
func SummariseLesson(l *lesson.Lesson) LessonSummary {
	return LessonSummary{
		ID: l.ID, Slug: l.Slug, Title: l.Title, Minutes: l.Minutes,
		HasExercise: l.Exercise != nil, HasQuiz: len(l.Quiz) > 0, Version: l.Version,
	}
}

// CourseSummaryToProto translates a summary.
func CourseSummaryToProto(c CourseSummary) *lessonv1.CourseSummary {
	out := &lessonv1.CourseSummary{
		Id: string(c.ID), Title: TextToProto(c.Title), Summary: TextToProto(c.Summary), Tags: c.Tags,
		Locales: c.Locales, Digest: string(c.Digest), SizeBytes: c.SizeBytes,
	}
	for _, l := range c.Lessons {
		out.Lessons = append(out.Lessons, LessonSummaryToProto(l))
	}
	return out
}

// CourseSummaryFromProto translates a summary. Errors are faults of kind Invalid.
func CourseSummaryFromProto(c *lessonv1.CourseSummary) (CourseSummary, error) {
	out := CourseSummary{
		ID: lesson.CourseID(c.GetId()), Title: TextFromProto(c.GetTitle()), Summary: TextFromProto(c.GetSummary()),
		Tags: c.GetTags(), Locales: c.GetLocales(), Digest: lesson.Digest(c.GetDigest()), SizeBytes: c.GetSizeBytes(),
	}
	for _, l := range c.GetLessons() {
		summary, err := LessonSummaryFromProto(l)
		if err != nil {
			return CourseSummary{}, err
		}
		out.Lessons = append(out.Lessons, summary)
	}
	return out, nil
}

// LessonSummaryToProto translates a summary.
func LessonSummaryToProto(l LessonSummary) *lessonv1.LessonSummary {
	return &lessonv1.LessonSummary{
		Id: l.ID.String(), Slug: l.Slug, Title: TextToProto(l.Title),
		Minutes:     uint32(max(l.Minutes, 0)), // minutes
		HasExercise: l.HasExercise, HasQuiz: l.HasQuiz, Version: string(l.Version),
	}
}

// LessonSummaryFromProto translates a summary. Errors are faults of kind Invalid.
func LessonSummaryFromProto(l *lessonv1.LessonSummary) (LessonSummary, error) {
	id, err := ParseUUID("lesson id", l.GetId())
	if err != nil {
		return LessonSummary{}, err
	}
	return LessonSummary{
		ID: id, Slug: l.GetSlug(), Title: TextFromProto(l.GetTitle()), Minutes: int(l.GetMinutes()),
		HasExercise: l.GetHasExercise(), HasQuiz: l.GetHasQuiz(), Version: lesson.Digest(l.GetVersion()),
	}, nil
}

// TextToProto translates prose; no prose is a nil message.
func TextToProto(t lesson.Text) *lessonv1.Text {
	if len(t) == 0 {
		return nil
	}
	return &lessonv1.Text{ByLocale: maps.Clone(t)}
}

// TextFromProto translates prose; a message without prose is nil.
func TextFromProto(t *lessonv1.Text) lesson.Text {
	if len(t.GetByLocale()) == 0 {
		return nil
	}
	return lesson.Text(maps.Clone(t.GetByLocale()))
}

// FilesToProto translates a folder, in path order. The messages share the files' bytes.
func FilesToProto(files lesson.Files) []*lessonv1.FileContent {
	var out []*lessonv1.FileContent
	for _, path := range slices.Sorted(maps.Keys(files)) {
		f := files[path]
		out = append(out, &lessonv1.FileContent{Path: path, Data: f.Data, Executable: f.Executable})
	}
	return out
}

// FilesFromProto translates a folder. It refuses a path that is there twice; whether paths are safe is
// for their user to check. Errors are faults of kind Invalid.
func FilesFromProto(contents []*lessonv1.FileContent) (lesson.Files, error) {
	files := make(lesson.Files, len(contents))
	for _, f := range contents {
		if _, twice := files[f.GetPath()]; twice || f.GetPath() == "" {
			return nil, malformed("files", fmt.Errorf("path %q is empty or there twice", f.GetPath()))
		}
		files[f.GetPath()] = lesson.File{Data: f.GetData(), Executable: f.GetExecutable()}
	}
	return files, nil
}

// questionKinds is walked whole by a test.
var questionKinds = map[lesson.QuestionKind]lessonv1.QuestionKind{
	lesson.QuestionSingle:   lessonv1.QuestionKind_QUESTION_KIND_SINGLE,
	lesson.QuestionMultiple: lessonv1.QuestionKind_QUESTION_KIND_MULTIPLE,
	lesson.QuestionText:     lessonv1.QuestionKind_QUESTION_KIND_TEXT,
	lesson.QuestionOrder:    lessonv1.QuestionKind_QUESTION_KIND_ORDER,
}

// QuestionsToProto translates a quiz for the learner: without its answers and explanations.
func QuestionsToProto(questions []lesson.Question) []*lessonv1.Question {
	var out []*lessonv1.Question
	for _, q := range questions {
		question := &lessonv1.Question{Id: q.ID, Kind: questionKinds[q.Kind], Text: TextToProto(q.Text)}
		for _, o := range q.Options {
			question.Options = append(question.Options, &lessonv1.Option{Id: o.ID, Text: TextToProto(o.Text)})
		}
		out = append(out, question)
	}
	return out
}

// CriteriaToProto translates what counts as done.
func CriteriaToProto(criteria []lesson.Criterion) []*lessonv1.Criterion {
	var out []*lessonv1.Criterion
	for _, c := range criteria {
		out = append(out, &lessonv1.Criterion{Title: TextToProto(c.Title), Tests: c.Tests})
	}
	return out
}

// TextsToProto translates prose by key, such as titles by test id.
func TextsToProto(texts map[string]lesson.Text) map[string]*lessonv1.Text {
	out := make(map[string]*lessonv1.Text, len(texts))
	for key, t := range texts {
		out[key] = TextToProto(t)
	}
	return out
}
