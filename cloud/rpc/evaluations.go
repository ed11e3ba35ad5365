package rpc

import (
	"context"
	"time"

	"github.com/carrel-dev/carrel/cloud/evaluation"
	"github.com/carrel-dev/carrel/lesson"
	cloudv1 "github.com/carrel-dev/carrel/proto/gen/carrel/cloud/v1"
	"github.com/carrel-dev/carrel/proto/wire"
)

// states is walked whole by a test.
var states = map[evaluation.State]cloudv1.CheckState{
	evaluation.Queued:    cloudv1.CheckState_CHECK_STATE_QUEUED,
	evaluation.Running:   cloudv1.CheckState_CHECK_STATE_RUNNING,
	evaluation.Finished:  cloudv1.CheckState_CHECK_STATE_FINISHED,
	evaluation.Cancelled: cloudv1.CheckState_CHECK_STATE_CANCELLED,
}

// stateFromProto returns no state for one that is not known, which differs from every state.
func stateFromProto(state cloudv1.CheckState) evaluation.State {
	for domain, message := range states {
		if message == state {
			return domain
		}
	}
	return ""
}

type evaluationHandler struct{ evaluations *evaluation.Service }

// SubmitCheck implements EvaluationService.
func (h *evaluationHandler) SubmitCheck(ctx context.Context, req *cloudv1.SubmitCheckRequest) (*cloudv1.SubmitCheckResponse, error) {
	check, err := checkFromProto(req)
	if err != nil {
		return nil, err
	}
	check.AccountID = callerOf(ctx).ID
	position, err := h.evaluations.Submit(ctx, check)
	if err != nil {
		return nil, err
	}
	return &cloudv1.SubmitCheckResponse{QueuePosition: int32(position)}, nil
}

func checkFromProto(req *cloudv1.SubmitCheckRequest) (evaluation.Check, error) {
	id, err := wire.ParseUUID("check_id", req.GetCheckId())
	if err != nil {
		return evaluation.Check{}, err
	}
	lessonID, err := wire.ParseUUID("lesson_id", req.GetLessonId())
	if err != nil {
		return evaluation.Check{}, err
	}
	files, err := wire.FilesFromProto(req.GetFiles())
	if err != nil {
		return evaluation.Check{}, err
	}
	return evaluation.Check{
		ID: id, CourseID: lesson.CourseID(req.GetCourseId()), LessonID: lessonID,
		LessonVersion: lesson.Digest(req.GetLessonVersion()), Files: files,
	}, nil
}

// WatchCheck implements EvaluationService.
func (h *evaluationHandler) WatchCheck(ctx context.Context, req *cloudv1.WatchCheckRequest) (*cloudv1.WatchCheckResponse, error) {
	id, err := wire.ParseUUID("check_id", req.GetCheckId())
	if err != nil {
		return nil, err
	}
	wait := time.Duration(req.GetMaxWaitMs()) * time.Millisecond
	status, err := h.evaluations.Watch(ctx, callerOf(ctx).ID, id, stateFromProto(req.GetKnownState()), wait)
	if err != nil {
		return nil, err
	}
	response := &cloudv1.WatchCheckResponse{State: states[status.State], QueuePosition: int32(status.Position)}
	if status.Report != nil {
		response.Report = wire.ReportToProto(*status.Report)
	}
	return response, nil
}

// CancelCheck implements EvaluationService.
func (h *evaluationHandler) CancelCheck(ctx context.Context, req *cloudv1.CancelCheckRequest) (*cloudv1.CancelCheckResponse, error) {
	id, err := wire.ParseUUID("check_id", req.GetCheckId())
	if err != nil {
		return nil, err
	}
	if err := h.evaluations.Cancel(ctx, callerOf(ctx).ID, id); err != nil {
		return nil, err
	}
	return &cloudv1.CancelCheckResponse{}, nil
}
