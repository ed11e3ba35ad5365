package cloudclienttest

import (
	"context"

	"github.com/carrel-dev/carrel/fault"
	"github.com/carrel-dev/carrel/harness"
	"github.com/carrel-dev/carrel/lesson"
	cloudv1 "github.com/carrel-dev/carrel/proto/gen/carrel/cloud/v1"
	"github.com/carrel-dev/carrel/proto/wire"
)

// evaluationService moves a check on by one state each time somebody who knows its state asks.
type evaluationService struct{ *Cloud }

func (s evaluationService) SubmitCheck(ctx context.Context, req *cloudv1.SubmitCheckRequest) (*cloudv1.SubmitCheckResponse, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, err := s.caller(ctx); err != nil {
		return nil, err
	}
	if s.checks[req.GetCheckId()] != nil {
		return &cloudv1.SubmitCheckResponse{}, nil
	}
	lessonID, err := wire.ParseUUID("lesson_id", req.GetLessonId())
	if err != nil {
		return nil, err
	}
	files, err := wire.FilesFromProto(req.GetFiles())
	if err != nil {
		return nil, err
	}
	report := harness.Report{Verdict: harness.Passed, Runner: "cloud",
		Tests: []harness.TestResult{{ID: "works", Name: "works", Status: harness.TestPassed}}}
	if s.Evaluate != nil {
		report = s.Evaluate(lesson.CourseID(req.GetCourseId()), lessonID, files)
	}
	put(&s.checks, req.GetCheckId(), &check{state: cloudv1.CheckState_CHECK_STATE_QUEUED, report: report})
	return &cloudv1.SubmitCheckResponse{QueuePosition: 1}, nil
}

func (s evaluationService) WatchCheck(ctx context.Context, req *cloudv1.WatchCheckRequest) (*cloudv1.WatchCheckResponse, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, err := s.caller(ctx); err != nil {
		return nil, err
	}
	c := s.checks[req.GetCheckId()]
	if c == nil {
		return nil, fault.New(fault.NotFound, "This check is not known.", "Check again.")
	}
	if c.state == req.GetKnownState() {
		switch c.state {
		case cloudv1.CheckState_CHECK_STATE_QUEUED:
			c.state = cloudv1.CheckState_CHECK_STATE_RUNNING
		case cloudv1.CheckState_CHECK_STATE_RUNNING:
			c.state = cloudv1.CheckState_CHECK_STATE_FINISHED
		default: // over
		}
	}
	resp := &cloudv1.WatchCheckResponse{State: c.state}
	switch c.state {
	case cloudv1.CheckState_CHECK_STATE_QUEUED:
		resp.QueuePosition = 1
	case cloudv1.CheckState_CHECK_STATE_FINISHED:
		resp.Report = wire.ReportToProto(c.report)
	default: // nothing but the state
	}
	return resp, nil
}

func (s evaluationService) CancelCheck(ctx context.Context, req *cloudv1.CancelCheckRequest) (*cloudv1.CancelCheckResponse, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, err := s.caller(ctx); err != nil {
		return nil, err
	}
	if c := s.checks[req.GetCheckId()]; c != nil && c.state != cloudv1.CheckState_CHECK_STATE_FINISHED {
		c.state = cloudv1.CheckState_CHECK_STATE_CANCELLED
	}
	return &cloudv1.CancelCheckResponse{}, nil
}

// Cancelled tells whether a check was cancelled.
func (c *Cloud) Cancelled(checkID string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	found := c.checks[checkID]
	return found != nil && found.state == cloudv1.CheckState_CHECK_STATE_CANCELLED
}
