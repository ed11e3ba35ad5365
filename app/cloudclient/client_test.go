package cloudclient_test

import (
	"bytes"
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/carrel-dev/carrel/app/cloudclient"
	"github.com/carrel-dev/carrel/app/cloudclient/cloudclienttest"
	"github.com/carrel-dev/carrel/fault"
	"github.com/carrel-dev/carrel/harness"
	"github.com/carrel-dev/carrel/journal"
	"github.com/carrel-dev/carrel/journal/journaltest"
	"github.com/carrel-dev/carrel/lesson"
	"github.com/carrel-dev/carrel/proto/wire"
)

// line is a connection that breaks: it fails the next requests before or after the server saw them.
type line struct {
	mu     sync.Mutex
	before int // requests to lose
	after  int // answers to lose
	bytes  atomic.Int64
}

func (l *line) RoundTrip(req *http.Request) (*http.Response, error) {
	l.mu.Lock()
	loseRequest, loseAnswer := l.before > 0, l.before == 0 && l.after > 0
	if loseRequest {
		l.before--
	} else if loseAnswer {
		l.after--
	}
	l.mu.Unlock()
	if loseRequest {
		return nil, errors.New("connection reset by peer")
	}
	l.bytes.Add(req.ContentLength)
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err == nil && loseAnswer {
		return nil, errors.Join(errors.New("unexpected EOF"), resp.Body.Close())
	}
	return resp, err
}

func (l *line) lose(before, after int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.before, l.after = before, after
}

// signedIn starts a cloud and returns a client who has an account there.
func signedIn(t *testing.T, cloud *cloudclienttest.Cloud) (*cloudclient.Client, cloudclient.Account, *line) {
	t.Helper()
	server := httptest.NewServer(cloud.Handler())
	t.Cleanup(server.Close)
	token, wires := "", &line{}
	client, err := cloudclient.New(server.URL, func() string { return token }, cloudclient.Options{Transport: wires})
	if err != nil {
		t.Fatal(err)
	}
	session, err := client.Register(t.Context(), "ada@example.org", "correct horse", "Ада", cloudclient.Device{Name: "desk"})
	if err != nil {
		t.Fatal(err)
	}
	token = session.Token
	return client, session.Account, wires
}

func TestClient_Account(t *testing.T) {
	t.Parallel()
	cloud := &cloudclienttest.Cloud{}
	client, account, _ := signedIn(t, cloud)
	got, err := client.WhoAmI(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(account, got); diff != "" {
		t.Errorf("WhoAmI differs from Register (-want +got):\n%s", diff)
	}
	if account.Name != "Ада" || account.ID == uuid.Nil {
		t.Errorf("account is %+v", account)
	}
	if session, err := client.Login(t.Context(), "ada@example.org", "correct horse", cloudclient.Device{}); err != nil || session.Account != account {
		t.Errorf("Login = %+v, %v", session, err)
	}
	if err := client.Logout(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := client.WhoAmI(t.Context()); !errors.Is(err, wire.ErrNotSignedIn) || fault.KindOf(err) != fault.Denied {
		t.Errorf("WhoAmI after Logout: %v, want Denied for lack of a token", err)
	}
}

func TestClient_Refusals(t *testing.T) {
	t.Parallel()
	client, _, _ := signedIn(t, &cloudclienttest.Cloud{})
	tests := map[string]struct {
		call    func(ctx context.Context) error
		kind    fault.Kind
		message string
	}{
		"an address in use": {func(ctx context.Context) error {
			_, err := client.Register(ctx, "ada@example.org", "another one", "", cloudclient.Device{})
			return err
		}, fault.Conflict, "There is an account with this address already."},
		"a short password": {func(ctx context.Context) error {
			_, err := client.Register(ctx, "bob@example.org", "short", "", cloudclient.Device{})
			return err
		}, fault.Invalid, "The password is too short."},
		"a wrong password": {func(ctx context.Context) error {
			_, err := client.Login(ctx, "ada@example.org", "wrong", cloudclient.Device{})
			return err
		}, fault.Denied, "The address or the password is wrong."},
		"an unknown bundle": {func(ctx context.Context) error {
			_, err := client.PublishCourse(ctx, lesson.DigestOf([]byte("nothing")))
			return err
		}, fault.NotFound, "The bundle has not been uploaded."},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := test.call(t.Context())
			if message, hint := fault.Sentence(err); fault.KindOf(err) != test.kind || message != test.message || hint == "" {
				t.Errorf("got %s %q (hint %q): %v, want %s %q", fault.KindOf(err), message, hint, err, test.kind, test.message)
			}
		})
	}
}

func TestClient_Unreachable(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	refused := listener.Addr().String()
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	portal := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "http://sign-in.example/", http.StatusFound)
	}))
	t.Cleanup(portal.Close)
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "<h1>Bad gateway</h1>", http.StatusBadGateway)
	}))
	t.Cleanup(proxy.Close)
	for name, address := range map[string]string{
		"nobody listens": "http://" + refused, "a network's sign-in page": portal.URL, "a proxy without the server": proxy.URL,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client, err := cloudclient.New(address, nil, cloudclient.Options{})
			if err != nil {
				t.Fatal(err)
			}
			_, err = client.Exchange(t.Context(), journal.Request{})
			message, hint := fault.Sentence(err)
			if fault.KindOf(err) != fault.Unavailable || strings.Contains(message+hint, "127.0.0.1") {
				t.Errorf("Exchange: %s %q: %v, want Unavailable without addresses", fault.KindOf(err), message, err)
			}
		})
	}
	t.Run("the caller gives up", func(t *testing.T) {
		t.Parallel()
		client, err := cloudclient.New("http://"+refused, nil, cloudclient.Options{})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := client.WhoAmI(ctx); !errors.Is(err, context.Canceled) {
			t.Errorf("WhoAmI = %v, want the cancellation", err)
		}
	})
}

func TestParseAddress(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"https://carrel.example": "https://carrel.example", " Carrel.Example/ ": "https://carrel.example",
		"http://127.0.0.1:8080": "http://127.0.0.1:8080", "https://school.example/carrel/": "https://school.example/carrel",
		"": "", "ftp://x": "", "https://": "", "https://a:b@c": "", "https://x/?q=1": "", "what is this": "",
	} {
		got, err := cloudclient.ParseAddress(text)
		if got != want || (want == "") != (fault.KindOf(err) == fault.Invalid) {
			t.Errorf("ParseAddress(%q) = %q, %v, want %q", text, got, err, want)
		}
	}
}

func TestClient_Exchange(t *testing.T) {
	t.Parallel()
	cloud := &cloudclienttest.Cloud{}
	client, account, wires := signedIn(t, cloud)
	store := &journal.Memory{}
	writer := journal.NewWriter(store, uuid.Nil, journaltest.Device("desk"), account.ID, 1)
	for i := range 20 {
		if err := writer.Append(t.Context(), journaltest.Hints(10*i, 10)...); err != nil {
			t.Fatal(err)
		}
	}
	replica := &journal.Replica{Store: store, States: store, Remote: client, RemoteName: "cloud", Device: journaltest.Device("desk")}
	wires.lose(0, 1)
	if _, err := replica.Exchange(t.Context()); fault.KindOf(err) != fault.Unavailable {
		t.Fatalf("Exchange whose answer is lost: %v, want Unavailable", err)
	}
	if result, err := replica.Exchange(t.Context()); err != nil || result.Pushed != 200 {
		t.Fatalf("Exchange = %+v, %v, want 200 entries pushed", result, err)
	}
	want, err := store.Heads(t.Context(), uuid.Nil)
	if err != nil {
		t.Fatal(err)
	}
	got, err := cloud.Journals().Heads(t.Context(), account.ID)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the cloud's heads differ (-device +cloud):\n%s", diff)
	}
	before := wires.bytes.Load()
	if result, err := replica.Exchange(t.Context()); err != nil || result.Requests != 1 {
		t.Fatalf("Exchange of nothing = %+v, %v, want one request", result, err)
	}
	if size := wires.bytes.Load() - before; size > 100 {
		t.Errorf("an exchange of nothing sends %d bytes, want at most 100", size)
	}
	laptop := &journal.Memory{}
	replica = &journal.Replica{Store: laptop, States: laptop, Remote: client, RemoteName: "cloud", Device: journaltest.Device("laptop")}
	if result, err := replica.Exchange(t.Context()); err != nil || result.Pulled != 200 {
		t.Errorf("another device's Exchange = %+v, %v, want 200 entries pulled", result, err)
	}
}

func TestClient_Catalog(t *testing.T) {
	t.Parallel()
	cloud := &cloudclienttest.Cloud{Courses: []wire.CourseSummary{
		{ID: "a", Title: lesson.Text{"en": "A", "ru": "А"}}, {ID: "b", Title: lesson.Text{"en": "B"}},
		{ID: "c", Title: lesson.Text{"en": "C"}, Lessons: []wire.LessonSummary{{ID: uuid.New(), Slug: "one", Minutes: 5}}},
	}}
	want := cloud.Courses
	client, _, _ := signedIn(t, cloud)
	got, err := client.ListCourses(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("courses differ (-want +got):\n%s", diff)
	}
}

func TestClient_Blobs(t *testing.T) {
	t.Parallel()
	for name, size := range map[string]int{"nothing": 0, "a little": 10, "exactly one part": 1 << 20, "three parts": 2<<20 + 12345} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client, _, wires := signedIn(t, &cloudclienttest.Cloud{})
			data := bytes.Repeat([]byte("0123456789abcdef"), size/16+1)[:size]
			digest := lesson.DigestOf(data)
			wires.lose(1, 1)
			var sent, received []int64
			if err := client.WriteBlob(t.Context(), digest, bytes.NewReader(data), int64(size), func(done, _ int64) { sent = append(sent, done) }); err != nil {
				t.Fatal(err)
			}
			wires.lose(1, 1)
			var got bytes.Buffer
			if err := client.ReadBlob(t.Context(), digest, &got, func(done, _ int64) { received = append(received, done) }); err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got.Bytes(), data) {
				t.Errorf("%d bytes came back, want the %d that were sent", got.Len(), size)
			}
			if sent[len(sent)-1] != int64(size) || received[len(received)-1] != int64(size) {
				t.Errorf("progress ends at %v and %v, want %d", sent, received, size)
			}
			course, err := client.PublishCourse(t.Context(), digest)
			if err != nil || course.Digest != digest {
				t.Errorf("PublishCourse = %+v, %v", course, err)
			}
		})
	}
}

func TestChecker(t *testing.T) {
	t.Parallel()
	report := harness.Report{Verdict: harness.Failed, Runner: "cloud", Tests: []harness.TestResult{
		{ID: "one", Status: harness.TestPassed}, {ID: "two", Status: harness.TestFailed, Message: "want 2"},
	}}
	cloud := &cloudclienttest.Cloud{Evaluate: func(_ lesson.CourseID, _ lesson.ID, files lesson.Files) harness.Report {
		report := report
		report.Message = string(files["main.py"].Data)
		return report
	}}
	client, _, wires := signedIn(t, cloud)
	checker := &cloudclient.Checker{Client: client}
	wires.lose(1, 1)
	request := cloudclient.CheckRequest{
		CheckID: uuid.New(), CourseID: "first-steps", LessonID: uuid.New(),
		Files: lesson.Files{"main.py": {Data: []byte("print(1)")}},
	}
	var events []harness.Event
	got, err := checker.Check(t.Context(), request, func(e harness.Event) { events = append(events, e) })
	if err != nil {
		t.Fatal(err)
	}
	report.Message = "print(1)"
	if diff := cmp.Diff(report, got); diff != "" {
		t.Errorf("report differs (-want +got):\n%s", diff)
	}
	want := []harness.Event{{Queued: 1}, {Running: true}, {Test: &report.Tests[0]}, {Test: &report.Tests[1]}}
	// The lost answer was the one that told the place in the queue.
	if diff := cmp.Diff(want, events); diff != "" && cmp.Diff(want[1:], events) != "" {
		t.Errorf("events differ (-want +got):\n%s", diff)
	}
}

func TestChecker_Cancel(t *testing.T) {
	t.Parallel()
	cloud := &cloudclienttest.Cloud{}
	client, _, _ := signedIn(t, cloud)
	ctx, cancel := context.WithCancel(t.Context())
	request := cloudclient.CheckRequest{CheckID: uuid.New(), LessonID: uuid.New()}
	_, err := (&cloudclient.Checker{Client: client}).Check(ctx, request, func(harness.Event) { cancel() })
	if !errors.Is(err, context.Canceled) {
		t.Errorf("Check = %v, want the cancellation", err)
	}
	if !cloud.Cancelled(request.CheckID.String()) {
		t.Error("the cloud still runs the check")
	}
}

func TestChecker_Refusals(t *testing.T) {
	t.Parallel()
	cloud := &cloudclienttest.Cloud{}
	client, _, _ := signedIn(t, cloud)
	checker := &cloudclient.Checker{Client: client}
	large := lesson.Files{"big.bin": {Data: make([]byte, 1<<20)}}
	if _, err := checker.Check(t.Context(), cloudclient.CheckRequest{Files: large}, nil); fault.KindOf(err) != fault.Exhausted {
		t.Errorf("Check of large files: %v, want Exhausted", err)
	}
	cloud.RevokeTokens()
	if _, err := checker.Check(t.Context(), cloudclient.CheckRequest{}, nil); !errors.Is(err, wire.ErrNotSignedIn) {
		t.Errorf("Check without a token: %v, want ErrNotSignedIn", err)
	}
}
