package rpc

import (
	"context"

	"github.com/carrel-dev/carrel/app/library"
	"github.com/carrel-dev/carrel/journal"
	"github.com/carrel-dev/carrel/lesson"
	idev1 "github.com/carrel-dev/carrel/proto/gen/carrel/ide/v1"
	"github.com/carrel-dev/carrel/proto/wire"
)

// libraryService implements idev1connect.LibraryServiceHandler.
type libraryService struct {
	library *library.Library
	open    func(ctx context.Context, course lesson.CourseID, slug string) (OpenedLesson, error)
}

func (s *libraryService) ListCourses(ctx context.Context, _ *idev1.ListCoursesRequest) (*idev1.ListCoursesResponse, error) {
	list, err := s.library.Courses(ctx)
	if err != nil {
		return nil, err
	}
	resp := &idev1.ListCoursesResponse{ContinueCourseId: string(list.ContinueCourse), ContinueLessonSlug: list.ContinueSlug}
	for _, card := range list.Courses {
		resp.Courses = append(resp.Courses, cardToProto(card))
	}
	return resp, nil
}

func (s *libraryService) AddFolder(ctx context.Context, req *idev1.AddFolderRequest) (*idev1.AddFolderResponse, error) {
	card, err := s.library.AddFolder(ctx, req.Path)
	if err != nil {
		return nil, err
	}
	return &idev1.AddFolderResponse{Course: cardToProto(card)}, nil
}

func (s *libraryService) InstallCourse(ctx context.Context, req *idev1.InstallCourseRequest) (*idev1.InstallCourseResponse, error) {
	task, err := s.library.Install(ctx, lesson.CourseID(req.CourseId))
	if err != nil {
		return nil, err
	}
	return &idev1.InstallCourseResponse{TaskId: task.ID}, nil
}

func (s *libraryService) OpenLesson(ctx context.Context, req *idev1.OpenLessonRequest) (*idev1.OpenLessonResponse, error) {
	opened, err := s.open(ctx, lesson.CourseID(req.CourseId), req.Slug)
	if err != nil {
		return nil, err
	}
	return openedToProto(opened), nil
}

func (s *libraryService) AnswerQuiz(ctx context.Context, req *idev1.AnswerQuizRequest) (*idev1.AnswerQuizResponse, error) {
	answers := map[string][]string{}
	for _, a := range req.Answers {
		answers[a.QuestionId] = a.Values
	}
	answered, err := s.library.AnswerQuiz(ctx, lesson.CourseID(req.CourseId), req.Slug, answers)
	if err != nil {
		return nil, err
	}
	resp := &idev1.AnswerQuizResponse{}
	for _, a := range answered {
		resp.Results = append(resp.Results, &idev1.AnswerResult{QuestionId: a.Question.ID, Right: a.Right,
			Explanation: wire.TextToProto(a.Question.Explanation)})
	}
	return resp, nil
}

func (s *libraryService) OpenHint(ctx context.Context, req *idev1.OpenHintRequest) (*idev1.OpenHintResponse, error) {
	hint, err := s.library.OpenHint(ctx, lesson.CourseID(req.CourseId), req.Slug, int(req.Number))
	if err != nil {
		return nil, err
	}
	return &idev1.OpenHintResponse{Hint: wire.TextToProto(hint)}, nil
}

var courseStates = map[library.CourseState]idev1.CourseState{
	library.Installed:  idev1.CourseState_COURSE_STATE_INSTALLED,
	library.InCloud:    idev1.CourseState_COURSE_STATE_REMOTE,
	library.Installing: idev1.CourseState_COURSE_STATE_INSTALLING,
	library.Broken:     idev1.CourseState_COURSE_STATE_BROKEN,
}

func cardToProto(c library.Card) *idev1.CourseCard {
	return &idev1.CourseCard{
		Course:       wire.CourseSummaryToProto(wire.Summarise(c.Course, c.Digest, c.SizeBytes)),
		State:        courseStates[c.State],
		Progress:     progressesToProto(c.Course, c.Progress),
		Message:      c.Message,
		ReadyOffline: c.ReadyOffline,
	}
}

func openedToProto(o OpenedLesson) *idev1.OpenLessonResponse {
	resp := &idev1.OpenLessonResponse{
		Lesson:         wire.LessonSummaryToProto(wire.SummariseLesson(o.Lesson.Lesson)),
		Course:         wire.CourseSummaryToProto(wire.Summarise(o.Course, "", 0)),
		Theory:         wire.TextToProto(o.Lesson.Lesson.Theory),
		Task:           wire.TextToProto(o.Lesson.Lesson.Task),
		Hints:          uint32(len(o.Lesson.Lesson.Hints)),
		HintsUsed:      uint32(o.Progress.HintsUsed),
		Quiz:           wire.QuestionsToProto(o.Lesson.Lesson.Quiz),
		Criteria:       wire.CriteriaToProto(o.Lesson.Lesson.Criteria),
		TestTitles:     wire.TextsToProto(o.Lesson.Lesson.TestTitles),
		Progress:       progressToProto(o.Lesson.Lesson.ID, o.Progress),
		CourseProgress: progressesToProto(o.Course, o.CourseProgress),
		WorkspacePath:  o.WorkspacePath,
	}
	if ex := o.Lesson.Lesson.Exercise; ex != nil {
		resp.LearnerFiles, resp.MainFile, resp.RunCommand = ex.Learner, ex.Main, ex.RunCommand
		resp.Environment = ex.Environment.Name
		if resp.Environment == "" {
			resp.Environment = ex.Environment.Image
		}
	}
	return resp
}

var lessonStatuses = map[journal.LessonStatus]idev1.LessonStatus{
	journal.NotStarted: idev1.LessonStatus_LESSON_STATUS_NOT_STARTED,
	journal.Working:    idev1.LessonStatus_LESSON_STATUS_WORKING,
	journal.Passed:     idev1.LessonStatus_LESSON_STATUS_PASSED,
	journal.Verified:   idev1.LessonStatus_LESSON_STATUS_VERIFIED,
}

func progressesToProto(c *lesson.Course, all []journal.LessonProgress) []*idev1.LessonProgress {
	var out []*idev1.LessonProgress
	for i, p := range all {
		out = append(out, progressToProto(c.Lessons[i].ID, p))
	}
	return out
}

func progressToProto(id lesson.ID, p journal.LessonProgress) *idev1.LessonProgress {
	out := &idev1.LessonProgress{LessonId: id.String(), Status: lessonStatuses[p.Status], Attempts: uint32(p.Attempts),
		LastFailed: uint32(p.LastFailed), LastTotal: uint32(p.LastTotal), LastAtMs: p.LastAtMS, ActiveMs: p.ActiveMS,
		QuizBest: p.QuizBest}
	if p.Mismatch {
		out.Status = idev1.LessonStatus_LESSON_STATUS_MISMATCH
	}
	return out
}
