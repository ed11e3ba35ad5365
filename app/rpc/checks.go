package rpc

import (
	"context"
	"strconv"

	"github.com/google/uuid"

	"github.com/carrel-dev/carrel/app/checks"
	"github.com/carrel-dev/carrel/app/progress"
	"github.com/carrel-dev/carrel/fault"
	idev1 "github.com/carrel-dev/carrel/proto/gen/carrel/ide/v1"
	"github.com/carrel-dev/carrel/proto/wire"
)

// checkService implements idev1connect.CheckServiceHandler.
type checkService struct {
	checks   *checks.Service
	progress *progress.Tracker
}

var runnerKinds = map[checks.Kind]idev1.RunnerKind{
	checks.KindAuto:   idev1.RunnerKind_RUNNER_KIND_UNSPECIFIED,
	checks.KindDocker: idev1.RunnerKind_RUNNER_KIND_DOCKER,
	checks.KindCloud:  idev1.RunnerKind_RUNNER_KIND_CLOUD,
}

func runnerKind(k idev1.RunnerKind) (checks.Kind, error) {
	for kind, known := range runnerKinds {
		if known == k {
			return kind, nil
		}
	}
	return "", fault.New(fault.Invalid, "Checks cannot run there yet.", "Choose this computer or the cloud.")
}

func (s *checkService) StartCheck(ctx context.Context, req *idev1.StartCheckRequest) (*idev1.StartCheckResponse, error) {
	lessonID, err := wire.ParseUUID("lesson_id", req.LessonId)
	if err != nil {
		return nil, err
	}
	on, err := runnerKind(req.Runner)
	if err != nil {
		return nil, err
	}
	id, err := s.checks.Start(ctx, lessonID, on)
	if err != nil {
		return nil, err
	}
	return &idev1.StartCheckResponse{CheckId: id.String()}, nil
}

func (s *checkService) StopCheck(_ context.Context, req *idev1.StopCheckRequest) (*idev1.StopCheckResponse, error) {
	return &idev1.StopCheckResponse{}, stop("check_id", req.CheckId, s.checks.Stop)
}

func (s *checkService) StartRun(ctx context.Context, req *idev1.StartRunRequest) (*idev1.StartRunResponse, error) {
	lessonID, err := wire.ParseUUID("lesson_id", req.LessonId)
	if err != nil {
		return nil, err
	}
	id, err := s.checks.StartRun(ctx, lessonID)
	if err != nil {
		return nil, err
	}
	return &idev1.StartRunResponse{RunId: id.String()}, nil
}

func (s *checkService) StopRun(_ context.Context, req *idev1.StopRunRequest) (*idev1.StopRunResponse, error) {
	return &idev1.StopRunResponse{}, stop("run_id", req.RunId, s.checks.StopRun)
}

func stop(field, text string, stop func(uuid.UUID)) error {
	id, err := wire.ParseUUID(field, text)
	if err == nil {
		stop(id)
	}
	return err
}

// attemptsWithTests is how many of the newest attempts carry their tests and log: older ones are lines
// of a list.
const attemptsWithTests = 10

func (s *checkService) ListAttempts(_ context.Context, req *idev1.ListAttemptsRequest) (*idev1.ListAttemptsResponse, error) {
	lessonID, err := wire.ParseUUID("lesson_id", req.LessonId)
	if err != nil {
		return nil, err
	}
	all := s.progress.Attempts(lessonID)
	from, err := pageStart(req.PageToken, len(all))
	if err != nil {
		return nil, err
	}
	size := int(req.PageSize)
	if size <= 0 || size > 200 {
		size = 50
	}
	to := min(from+size, len(all))
	resp := &idev1.ListAttemptsResponse{}
	for i, a := range all[from:to] {
		resp.Attempts = append(resp.Attempts, attemptToProto(a, from+i < attemptsWithTests))
	}
	if to < len(all) {
		resp.NextPageToken = strconv.Itoa(to)
	}
	return resp, nil
}

func pageStart(token string, count int) (int, error) {
	if token == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(token)
	if err != nil || n < 0 || n > count {
		return 0, fault.Wrap(err, fault.Invalid, "This page does not exist.", "Go back to the first one.")
	}
	return n, nil
}

func attemptToProto(a progress.Attempt, whole bool) *idev1.Attempt {
	out := &idev1.Attempt{Id: a.ID.String(), AtMs: a.AtMS, Verified: a.Verified, Waiting: a.Waiting}
	report := *a.Report
	if !whole {
		report.Tests, report.Log.Head, report.Log.Tail = nil, "", ""
	}
	out.Report = wire.ReportToProto(report)
	if a.CloudReport != nil && !a.Verified {
		out.CloudReport = wire.ReportToProto(*a.CloudReport)
	}
	return out
}

func (s *checkService) ListRunners(ctx context.Context, _ *idev1.ListRunnersRequest) (*idev1.ListRunnersResponse, error) {
	resp := &idev1.ListRunnersResponse{}
	for _, r := range s.checks.Runners(ctx) {
		state := &idev1.RunnerState{Kind: runnerKinds[r.Kind], Available: r.Err == nil}
		if r.Err != nil {
			state.Message, state.Hint = fault.Sentence(r.Err)
		}
		resp.Runners = append(resp.Runners, state)
	}
	return resp, nil
}
