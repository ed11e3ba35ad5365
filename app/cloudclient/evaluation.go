package cloudclient

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/carrel-dev/carrel/harness"
	"github.com/carrel-dev/carrel/lesson"
	cloudv1 "github.com/carrel-dev/carrel/proto/gen/carrel/cloud/v1"
	"github.com/carrel-dev/carrel/proto/wire"
)

// CheckRequest names a lesson and carries the learner's files; tests and environment are the cloud's.
type CheckRequest struct {
	CheckID       uuid.UUID // UUIDv7; the same id twice is one check
	CourseID      lesson.CourseID
	LessonID      lesson.ID
	LessonVersion lesson.Digest
	Files         lesson.Files
}

// CheckState is where a check is in the cloud.
type CheckState string

// The states. The zero value is unknown.
const (
	CheckQueued    CheckState = "queued"
	CheckRunning   CheckState = "running"
	CheckFinished  CheckState = "finished"
	CheckCancelled CheckState = "cancelled"
)

// CheckStatus is a check's state.
type CheckStatus struct {
	State CheckState
	// QueuePosition counts the checks before this one while it is queued.
	QueuePosition int
	// Report is set when it is finished.
	Report harness.Report
}

var checkStates = map[CheckState]cloudv1.CheckState{
	CheckQueued:    cloudv1.CheckState_CHECK_STATE_QUEUED,
	CheckRunning:   cloudv1.CheckState_CHECK_STATE_RUNNING,
	CheckFinished:  cloudv1.CheckState_CHECK_STATE_FINISHED,
	CheckCancelled: cloudv1.CheckState_CHECK_STATE_CANCELLED,
}

// SubmitCheck queues a check and returns how many are before it.
func (c *Client) SubmitCheck(ctx context.Context, req CheckRequest) (int, error) {
	ctx, cancel := context.WithTimeout(ctx, transferTimeout)
	defer cancel()
	resp, err := c.evaluation.SubmitCheck(ctx, &cloudv1.SubmitCheckRequest{
		CheckId: req.CheckID.String(), CourseId: string(req.CourseID), LessonId: req.LessonID.String(),
		LessonVersion: string(req.LessonVersion), Files: wire.FilesToProto(req.Files),
	})
	return int(resp.GetQueuePosition()), err
}

// WatchCheck returns the state of a check: at once when it is no longer known, else when it changes or
// after wait, which is 20 seconds at most.
func (c *Client) WatchCheck(ctx context.Context, id uuid.UUID, known CheckState, wait time.Duration) (CheckStatus, error) {
	ctx, cancel := context.WithTimeout(ctx, wait+callTimeout)
	defer cancel()
	resp, err := c.evaluation.WatchCheck(ctx, &cloudv1.WatchCheckRequest{
		CheckId: id.String(), KnownState: checkStates[known],
		MaxWaitMs: int32(wait.Milliseconds()), // 20,000 at most
	})
	if err != nil {
		return CheckStatus{}, err
	}
	status := CheckStatus{QueuePosition: int(resp.GetQueuePosition())}
	for state, code := range checkStates {
		if code == resp.GetState() {
			status.State = state
		}
	}
	if resp.GetReport() != nil {
		status.Report = wire.ReportFromProto(resp.GetReport())
	}
	return status, nil
}

// CancelCheck drops a queued check or stops a running one.
func (c *Client) CancelCheck(ctx context.Context, id uuid.UUID) error {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	_, err := c.evaluation.CancelCheck(ctx, &cloudv1.CancelCheckRequest{CheckId: id.String()})
	return err
}
