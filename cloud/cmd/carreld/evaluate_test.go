package main

import (
	"context"
	"crypto/ed25519"
	"net/http"
	"testing"
	"time"

	"connectrpc.com/connect"
	"github.com/google/uuid"

	"github.com/carrel-dev/carrel/courses"
	"github.com/carrel-dev/carrel/harness"
	"github.com/carrel-dev/carrel/journal"
	"github.com/carrel-dev/carrel/lesson"
	cloudv1 "github.com/carrel-dev/carrel/proto/gen/carrel/cloud/v1"
	"github.com/carrel-dev/carrel/proto/gen/carrel/cloud/v1/cloudv1connect"
	"github.com/carrel-dev/carrel/proto/gen/carrel/sync/v1/syncv1connect"
	"github.com/carrel-dev/carrel/proto/wire"
)

// TestEvaluate runs checks on the real container engine, beside one that never answers. It is slow
// where the engine has to make the environments first.
func TestEvaluate(t *testing.T) {
	t.Parallel()
	node := startNode(t, "--embedded", "--data", t.TempDir(), "--evaluator-jobs", "2",
		"--engine", "tcp://127.0.0.1:1", "--engine", "unix:///var/run/docker.sock")
	token := register(t, node.url, "ada@example.org").GetToken()
	signedIn := connect.WithInterceptors(connect.UnaryInterceptorFunc(func(next connect.UnaryFunc) connect.UnaryFunc {
		return func(ctx context.Context, req connect.AnyRequest) (connect.AnyResponse, error) {
			req.Header().Set("Authorization", "Bearer "+token)
			return next(ctx, req)
		}
	}))
	l := pipes(t)
	evaluations := cloudv1connect.NewEvaluationServiceClient(http.DefaultClient, node.url, signedIn)
	exchange := syncv1connect.NewExchangeServiceClient(http.DefaultClient, node.url, signedIn)

	t.Log("the reference passes and the starter fails")
	solution := solutionOf(l)
	if report := check(t, evaluations, l, solution); report.Verdict != harness.Passed || report.Runner != "cloud" {
		t.Errorf("the reference: %+v\n%s", report, node.stderr)
	}
	if report := check(t, evaluations, l, l.Exercise.Starter); report.Verdict == harness.Passed || report.Verdict == harness.Infrastructure {
		t.Errorf("the starter: %+v\n%s", report, node.stderr)
	}

	t.Log("passes from a device are verified: the true one, and the false one")
	truth, lie := uuid.Must(uuid.NewV7()), uuid.Must(uuid.NewV7())
	replica := &journal.Memory{}
	writer := journal.NewWriter(replica, uuid.Nil, ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize)), uuid.New(), 1)
	for attempt, files := range map[uuid.UUID]lesson.Files{truth: solution, lie: l.Exercise.Starter} {
		if err := writer.Append(t.Context(), passOf(l, attempt, files)...); err != nil {
			t.Fatal(err)
		}
	}
	push(t, exchange, replica)
	verified := pullVerified(t, exchange, 2)
	if v := verified[truth]; !v.Agrees || v.Report.Verdict != harness.Passed || v.Report.Runner != "cloud" {
		t.Errorf("the true pass: %+v", v)
	}
	if v := verified[lie]; v.Agrees || v.Report.Verdict == harness.Passed {
		t.Errorf("the false pass: %+v", v)
	}
	if code := node.stop(); code != 0 {
		t.Errorf("exit code %d\n%s", code, node.stderr)
	}
}

// pipes returns a shipped lesson that needs nothing but a shell.
func pipes(t *testing.T) *lesson.Lesson {
	t.Helper()
	fsys, err := courses.Course("first-steps")
	if err != nil {
		t.Fatal(err)
	}
	course, err := lesson.Load(fsys)
	if err != nil {
		t.Fatal(err)
	}
	return course.Lesson("pipes")
}

// solutionOf returns the learner's files of somebody who has solved the lesson.
func solutionOf(l *lesson.Lesson) lesson.Files {
	return learnersPart(l, l.Exercise.Starter.Overlay(l.Exercise.Solution))
}

func learnersPart(l *lesson.Lesson, files lesson.Files) lesson.Files {
	out := lesson.Files{}
	for path, file := range files {
		if lesson.MatchAny(l.Exercise.Learner, path) {
			out[path] = file
		}
	}
	return out
}

func check(t *testing.T, client cloudv1connect.EvaluationServiceClient, l *lesson.Lesson, files lesson.Files) harness.Report {
	t.Helper()
	id := uuid.Must(uuid.NewV7()).String()
	_, err := client.SubmitCheck(t.Context(), &cloudv1.SubmitCheckRequest{
		CheckId: id, CourseId: "first-steps", LessonId: l.ID.String(), LessonVersion: string(l.Version),
		Files: wire.FilesToProto(learnersPart(l, files)),
	})
	if err != nil {
		t.Fatalf("submitting: %v", err)
	}
	state := cloudv1.CheckState_CHECK_STATE_QUEUED
	for deadline := time.Now().Add(5 * time.Minute); time.Now().Before(deadline); {
		status, err := client.WatchCheck(t.Context(), &cloudv1.WatchCheckRequest{CheckId: id, KnownState: state, MaxWaitMs: 20_000})
		if err != nil {
			t.Fatalf("watching: %v", err)
		}
		if state = status.GetState(); state == cloudv1.CheckState_CHECK_STATE_FINISHED {
			return wire.ReportFromProto(status.GetReport())
		}
	}
	t.Fatalf("the check is %v still", state)
	return harness.Report{}
}

// passOf is what a device records of an attempt that it says has passed.
func passOf(l *lesson.Lesson, attempt uuid.UUID, files lesson.Files) []journal.Payload {
	start := journal.AttemptStarted{AttemptID: attempt, LessonID: l.ID, LessonVersion: l.Version, CourseID: "first-steps",
		Files: map[string]lesson.Digest{}, Complete: true}
	var payloads []journal.Payload
	for path, file := range learnersPart(l, files) {
		start.Files[path] = lesson.DigestOf(file.Data)
		payloads = append(payloads, journal.DraftRevision{LessonID: l.ID, Path: path, Digest: start.Files[path], Blob: file.Data})
	}
	return append(payloads, start,
		journal.AttemptFinished{AttemptID: attempt, LessonID: l.ID, Report: harness.Report{Verdict: harness.Passed, Runner: "docker"}})
}

// push sends everything in the replica, twice, as a device does whose line breaks.
func push(t *testing.T, client syncv1connect.ExchangeServiceClient, replica *journal.Memory) {
	t.Helper()
	request := journal.Request{Level: journal.Level}
	heads, err := replica.Heads(t.Context(), uuid.Nil)
	if err != nil {
		t.Fatal(err)
	}
	for id := range heads {
		if request.Push, err = replica.Read(t.Context(), uuid.Nil, id, 0, 1<<20); err != nil {
			t.Fatal(err)
		}
	}
	for range 2 {
		response, err := client.Exchange(t.Context(), wire.ExchangeRequestToProto(request))
		if err != nil || len(response.GetRefusals())+len(response.GetForks()) > 0 {
			t.Fatalf("pushing: %v, %v", response, err)
		}
	}
}

// pullVerified pulls until that many attempts are verified.
func pullVerified(t *testing.T, client syncv1connect.ExchangeServiceClient, count int) map[uuid.UUID]journal.AttemptVerified {
	t.Helper()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); <-tick.C {
		message, err := client.Exchange(t.Context(), wire.ExchangeRequestToProto(journal.Request{Level: journal.Level}))
		if err != nil {
			t.Fatalf("pulling: %v", err)
		}
		response, err := wire.ExchangeResponseFromProto(message)
		if err != nil {
			t.Fatal(err)
		}
		verified, entries := map[uuid.UUID]journal.AttemptVerified{}, 0
		for _, segment := range response.Pull {
			for _, entry := range segment.Entries {
				if payload, err := journal.Decode(entry); err == nil {
					if v, ok := payload.(journal.AttemptVerified); ok {
						verified[v.AttemptID], entries = v, entries+1
					}
				}
			}
		}
		if entries > count {
			t.Fatalf("%d entries verify %d attempts", entries, count)
		}
		if len(verified) == count {
			return verified
		}
	}
	t.Fatal("the attempts were not verified")
	return nil
}
