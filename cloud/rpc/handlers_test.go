package rpc_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"

	"connectrpc.com/connect"
	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"google.golang.org/protobuf/testing/protocmp"

	"github.com/carrel-dev/carrel/cloud/catalog"
	"github.com/carrel-dev/carrel/courses"
	"github.com/carrel-dev/carrel/harness"
	"github.com/carrel-dev/carrel/journal"
	"github.com/carrel-dev/carrel/journal/journaltest"
	"github.com/carrel-dev/carrel/lesson"
	"github.com/carrel-dev/carrel/lesson/bundle"
	cloudv1 "github.com/carrel-dev/carrel/proto/gen/carrel/cloud/v1"
	lessonv1 "github.com/carrel-dev/carrel/proto/gen/carrel/lesson/v1"
	syncv1 "github.com/carrel-dev/carrel/proto/gen/carrel/sync/v1"
	"github.com/carrel-dev/carrel/proto/wire"
)

func TestAccountService(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	ada, session := s.register(t, "Ada@example.org")
	if session.GetAccount().GetRole() != "author" {
		t.Errorf("the first account is %q", session.GetAccount().GetRole())
	}
	who, err := ada.accounts.WhoAmI(t.Context(), &cloudv1.WhoAmIRequest{})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(session.GetAccount(), who.GetAccount(), protocmp.Transform()); diff != "" {
		t.Error(diff)
	}

	login, err := s.clients("").accounts.Login(t.Context(), &cloudv1.LoginRequest{Email: "ada@example.org", Password: password})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if _, err := ada.accounts.Logout(t.Context(), &cloudv1.LogoutRequest{}); err != nil {
			t.Errorf("signing out: %v", err)
		}
	}
	_, err = ada.accounts.WhoAmI(t.Context(), &cloudv1.WhoAmIRequest{})
	wantCode(t, "a revoked token", err, connect.CodeUnauthenticated)
	if !strings.Contains(err.Error(), "This computer is signed out.") {
		t.Errorf("a revoked token is told %q", err)
	}
	if _, err := s.clients(login.GetSession().GetToken()).accounts.WhoAmI(t.Context(), &cloudv1.WhoAmIRequest{}); err != nil {
		t.Errorf("the other device: %v", err)
	}

	_, err = s.clients("").accounts.WhoAmI(t.Context(), &cloudv1.WhoAmIRequest{})
	wantCode(t, "no token", err, connect.CodeUnauthenticated)
	_, err = s.clients("").accounts.Login(t.Context(), &cloudv1.LoginRequest{Email: "ada@example.org", Password: "wrong horse"})
	wantCode(t, "a wrong password", err, connect.CodePermissionDenied)
	_, err = s.clients("").accounts.Register(t.Context(), &cloudv1.RegisterRequest{Email: "ada@example.org", Password: password})
	wantCode(t, "an address that is taken", err, connect.CodeAborted)
	_, err = s.clients("").accounts.Register(t.Context(), &cloudv1.RegisterRequest{Email: "bob@example.org", Password: "short"})
	wantCode(t, "a short password", err, connect.CodeInvalidArgument)
	_, err = s.clients("").accounts.Register(t.Context(), &cloudv1.RegisterRequest{Name: strings.Repeat("x", 1<<20)})
	wantCode(t, "a huge request", err, connect.CodeResourceExhausted)
}

func TestProtocols(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	t.Run("gRPC-Web", func(t *testing.T) {
		t.Parallel()
		if _, err := s.clients("", connect.WithGRPCWeb()).catalog.ListCourses(t.Context(), &cloudv1.ListCoursesRequest{}); err != nil {
			t.Error(err)
		}
	})
	t.Run("plain JSON", func(t *testing.T) {
		t.Parallel()
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.url+"/carrel.cloud.v1.EvaluationService/CancelCheck", strings.NewReader("{}"))
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Content-Type", "application/json")
		request.Header.Set("Carrel-Request-Id", "a-name-of-mine")
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = response.Body.Close() }()
		var body struct{ Code, Message string }
		if err := json.NewDecoder(response.Body).Decode(&body); err != nil {
			t.Fatal(err)
		}
		if response.StatusCode != http.StatusUnauthorized || body.Code != "unauthenticated" || body.Message == "" {
			t.Errorf("status %d, body %+v", response.StatusCode, body)
		}
		if got := response.Header.Get("Carrel-Request-Id"); got != "a-name-of-mine" {
			t.Errorf("request id = %q", got)
		}
	})
}

func TestCatalogAndBundleService(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	author, _ := s.register(t, "author@example.org")
	learner, _ := s.register(t, "learner@example.org")
	fsys, err := courses.Course("first-steps")
	if err != nil {
		t.Fatal(err)
	}
	packed, err := bundle.Pack(fsys)
	if err != nil {
		t.Fatal(err)
	}
	publish := &cloudv1.PublishCourseRequest{Digest: string(packed.Digest)}

	_, err = learner.catalog.PublishCourse(t.Context(), publish)
	wantCode(t, "a learner publishes", err, connect.CodePermissionDenied)
	_, err = s.clients("").bundles.WriteBlob(t.Context(), &cloudv1.WriteBlobRequest{Digest: string(packed.Digest)})
	wantCode(t, "nobody uploads", err, connect.CodeUnauthenticated)
	_, err = author.catalog.PublishCourse(t.Context(), publish)
	wantCode(t, "publishing before uploading", err, connect.CodeNotFound)

	t.Log("an author uploads in pieces and publishes, twice")
	for _, blob := range append([][]byte{packed.Manifest}, values(packed.Blobs)...) {
		for offset := 0; offset < len(blob); offset += 1000 {
			piece := blob[offset:min(offset+1000, len(blob))]
			response, err := author.bundles.WriteBlob(t.Context(), &cloudv1.WriteBlobRequest{
				Digest: string(lesson.DigestOf(blob)), Offset: int64(offset), TotalBytes: int64(len(blob)), Data: piece,
			})
			if err != nil || response.GetReceivedBytes() < int64(offset+len(piece)) {
				t.Fatalf("uploading: %v, %v", response, err)
			}
		}
	}
	for range 2 {
		published, err := author.catalog.PublishCourse(t.Context(), publish)
		if err != nil {
			t.Fatal(err)
		}
		if course := published.GetCourse(); course.GetDigest() != string(packed.Digest) || course.GetSizeBytes() != packed.Size() {
			t.Errorf("published = %v", course)
		}
	}

	t.Log("everybody lists and reads, signed in, signed out, or with an old token")
	for name, c := range map[string]clients{"learner": learner, "nobody": s.clients(""), "an old token": s.clients("carrel_old")} {
		list, err := c.catalog.ListCourses(t.Context(), &cloudv1.ListCoursesRequest{})
		if err != nil || len(list.GetCourses()) != 1 || list.GetCourses()[0].GetId() != "first-steps" {
			t.Fatalf("%s lists %v, %v", name, list, err)
		}
		var manifest []byte
		for total := int64(1); int64(len(manifest)) < total; {
			part, err := c.bundles.ReadBlob(t.Context(), &cloudv1.ReadBlobRequest{Digest: list.GetCourses()[0].GetDigest(), Offset: int64(len(manifest))})
			if err != nil {
				t.Fatalf("%s reads: %v", name, err)
			}
			manifest, total = append(manifest, part.GetData()...), part.GetTotalBytes()
		}
		if !bytes.Equal(manifest, packed.Manifest) {
			t.Errorf("%s reads another manifest", name)
		}
	}
	_, err = learner.bundles.ReadBlob(t.Context(), &cloudv1.ReadBlobRequest{Digest: string(lesson.DigestOf(nil))})
	wantCode(t, "an unknown blob", err, connect.CodeNotFound)
}

func values(blobs map[lesson.Digest][]byte) [][]byte {
	var out [][]byte
	for _, blob := range blobs {
		out = append(out, blob)
	}
	return out
}

func TestExchangeService(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	ada, _ := s.register(t, "ada@example.org")
	bob, _ := s.register(t, "bob@example.org")
	log := journaltest.NewLog("laptop")
	segment := log.Segment(t, journaltest.Hint(1), journaltest.Hint(2))
	push := wire.ExchangeRequestToProto(journal.Request{Level: journal.Level, Push: []journal.Segment{segment}})

	for range 2 {
		response, err := ada.exchange.Exchange(t.Context(), push)
		if err != nil {
			t.Fatal(err)
		}
		got, err := wire.ExchangeResponseFromProto(response)
		if err != nil {
			t.Fatal(err)
		}
		want := map[journal.LogID]journal.Head{log.ID(): log.Head()}
		if diff := cmp.Diff(want, got.Durable); diff != "" || len(got.Refusals)+len(got.Forks) != 0 {
			t.Errorf("pushing: %+v", got)
		}
	}

	t.Log("another device of the same account pulls it")
	response, err := ada.exchange.Exchange(t.Context(), &syncv1.ExchangeRequest{Level: journal.Level})
	if err != nil || len(response.GetPull()) != 1 {
		t.Fatalf("pulling: %v, %v", response, err)
	}
	if diff := cmp.Diff(wire.SegmentToProto(segment), response.GetPull()[0], protocmp.Transform()); diff != "" {
		t.Errorf("what is pulled is not what was pushed: %s", diff)
	}

	t.Log("another account neither sees nor pushes it")
	response, err = bob.exchange.Exchange(t.Context(), push)
	if err != nil || len(response.GetRefusals()) != 1 || len(response.GetPull()) != 0 ||
		response.GetRefusals()[0].GetMessage() != "The work on this computer belongs to another account." {
		t.Errorf("another account's push: %v, %v", response, err)
	}

	_, err = s.clients("").exchange.Exchange(t.Context(), push)
	wantCode(t, "nobody exchanges", err, connect.CodeUnauthenticated)
	_, err = ada.exchange.Exchange(t.Context(), &syncv1.ExchangeRequest{Push: []*syncv1.Segment{{LogId: []byte("short")}}})
	wantCode(t, "bytes that are no segment", err, connect.CodeInvalidArgument)
}

func TestEvaluationService(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	course := s.publishFirstSteps(t)
	place := slices.IndexFunc(course.Lessons, func(l catalog.LessonSummary) bool { return l.HasExercise })
	ada, _ := s.register(t, "ada@example.org")
	bob, _ := s.register(t, "bob@example.org")
	submit := &cloudv1.SubmitCheckRequest{
		CheckId: uuid.NewString(), CourseId: "first-steps", LessonId: course.Lessons[place].ID.String(),
		LessonVersion: string(course.Lessons[place].Version),
		Files:         []*lessonv1.FileContent{{Path: "main.sh", Data: []byte("echo hello\n")}},
	}
	for range 2 {
		response, err := ada.evaluations.SubmitCheck(t.Context(), submit)
		if err != nil || response.GetQueuePosition() != 0 {
			t.Fatalf("submitting: %v, %v", response, err)
		}
	}
	watch := &cloudv1.WatchCheckRequest{CheckId: submit.GetCheckId(), KnownState: cloudv1.CheckState_CHECK_STATE_QUEUED, MaxWaitMs: 1}
	status, err := ada.evaluations.WatchCheck(t.Context(), watch)
	if err != nil || status.GetState() != cloudv1.CheckState_CHECK_STATE_QUEUED {
		t.Fatalf("watching: %v, %v", status, err)
	}
	_, err = bob.evaluations.WatchCheck(t.Context(), watch)
	wantCode(t, "watching somebody else's check", err, connect.CodeNotFound)

	t.Log("a watcher is woken by the evaluator")
	watch.MaxWaitMs = 20_000
	woken := make(chan *cloudv1.WatchCheckResponse, 1)
	go func() {
		response, err := ada.evaluations.WatchCheck(t.Context(), watch)
		if err != nil {
			t.Error(err)
		}
		woken <- response
	}()
	assignment, ok, err := s.checks.Take(t.Context(), uuid.MustParse(submit.GetCheckId()))
	if err != nil || !ok {
		t.Fatalf("taking: %v, %v", ok, err)
	}
	if got := (<-woken).GetState(); got != cloudv1.CheckState_CHECK_STATE_RUNNING {
		t.Errorf("the watcher saw %v", got)
	}
	if err := s.checks.Deliver(t.Context(), assignment, harness.Report{Verdict: harness.Passed, Runner: "cloud"}); err != nil {
		t.Fatal(err)
	}
	watch.KnownState = cloudv1.CheckState_CHECK_STATE_RUNNING
	status, err = ada.evaluations.WatchCheck(t.Context(), watch)
	if err != nil || status.GetState() != cloudv1.CheckState_CHECK_STATE_FINISHED || wire.ReportFromProto(status.GetReport()).Verdict != harness.Passed {
		t.Errorf("after delivery: %v, %v", status, err)
	}

	t.Log("a queued check is cancelled")
	submit.CheckId = uuid.NewString()
	if _, err := ada.evaluations.SubmitCheck(t.Context(), submit); err != nil {
		t.Fatal(err)
	}
	if _, err := ada.evaluations.CancelCheck(t.Context(), &cloudv1.CancelCheckRequest{CheckId: submit.GetCheckId()}); err != nil {
		t.Fatal(err)
	}
	status, err = ada.evaluations.WatchCheck(t.Context(), &cloudv1.WatchCheckRequest{CheckId: submit.GetCheckId()})
	if err != nil || status.GetState() != cloudv1.CheckState_CHECK_STATE_CANCELLED {
		t.Errorf("after cancelling: %v, %v", status, err)
	}

	submit.CheckId, submit.LessonVersion = uuid.NewString(), string(lesson.DigestOf(nil))
	_, err = ada.evaluations.SubmitCheck(t.Context(), submit)
	wantCode(t, "an unknown version", err, connect.CodeNotFound)
	submit.CheckId = "not an id"
	_, err = ada.evaluations.SubmitCheck(t.Context(), submit)
	wantCode(t, "no id", err, connect.CodeInvalidArgument)
}
