package wire_test

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"pgregory.net/rapid"

	"github.com/carrel-dev/carrel/fault"
	"github.com/carrel-dev/carrel/harness"
	"github.com/carrel-dev/carrel/journal"
	"github.com/carrel-dev/carrel/journal/journaltest"
	"github.com/carrel-dev/carrel/lesson"
	harnessv1 "github.com/carrel-dev/carrel/proto/gen/carrel/harness/v1"
	lessonv1 "github.com/carrel-dev/carrel/proto/gen/carrel/lesson/v1"
	syncv1 "github.com/carrel-dev/carrel/proto/gen/carrel/sync/v1"
	"github.com/carrel-dev/carrel/proto/wire"
)

// overTheWire sends a message through its bytes.
func overTheWire[M proto.Message](t interface{ Fatal(args ...any) }, in, out M) M {
	b, err := proto.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	if err := proto.Unmarshal(b, out); err != nil {
		t.Fatal(err)
	}
	return out
}

// fill sets every field of a struct to something that is not its zero value.
func fill(t *testing.T, v reflect.Value) {
	t.Helper()
	switch v.Kind() {
	case reflect.Struct:
		for _, field := range v.Fields() {
			fill(t, field)
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fill(t, v.Index(0))
	case reflect.String:
		switch v.Type() {
		case reflect.TypeFor[harness.Verdict]():
			v.SetString(string(harness.TimedOut))
		case reflect.TypeFor[harness.TestStatus]():
			v.SetString(string(harness.TestErrored))
		default:
			v.SetString("text")
		}
	case reflect.Int, reflect.Int64:
		v.SetInt(7)
	case reflect.Float64:
		v.SetFloat(1.5)
	default:
		t.Fatalf("a report has a field of kind %s: teach this test about it", v.Kind())
	}
}

func TestReport_EveryFieldCrosses(t *testing.T) {
	t.Parallel()
	var want harness.Report
	fill(t, reflect.ValueOf(&want).Elem())
	got := wire.ReportFromProto(overTheWire(t, wire.ReportToProto(want), &harnessv1.Report{}))
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("report differs (-sent +received):\n%s", diff)
	}
}

// The public JSON form and the proto are the same report in two spellings: same fields, same names.
func TestReport_JSONFieldsAreProtoFields(t *testing.T) {
	t.Parallel()
	var report harness.Report
	fill(t, reflect.ValueOf(&report).Elem())
	b, err := json.Marshal(report)
	if err != nil {
		t.Fatal(err)
	}
	var fields map[string]any
	if err := json.Unmarshal(b, &fields); err != nil {
		t.Fatal(err)
	}
	sameFields(t, "", fields, (&harnessv1.Report{}).ProtoReflect().Descriptor())
}

func sameFields(t *testing.T, path string, fields map[string]any, message protoreflect.MessageDescriptor) {
	t.Helper()
	if len(fields) != message.Fields().Len() {
		t.Errorf("%q has %d fields in JSON and %d in %s", path, len(fields), message.Fields().Len(), message.FullName())
	}
	for name, value := range fields {
		field := message.Fields().ByName(protoreflect.Name(name))
		if field == nil {
			t.Errorf("%s has no field for %s%s", message.FullName(), path, name)
			continue
		}
		if list, ok := value.([]any); ok {
			value = list[0]
		}
		if inner, ok := value.(map[string]any); ok {
			sameFields(t, path+name+".", inner, field.Message())
		}
	}
}

func TestReport_Enums(t *testing.T) {
	t.Parallel()
	for _, v := range harness.Verdicts() {
		if got := wire.VerdictFromProto(wire.VerdictToProto(v)); got != v {
			t.Errorf("verdict %s comes back as %q", v, got)
		}
	}
	if got, want := len(harnessv1.Verdict_name)-1, len(harness.Verdicts()); got != want {
		t.Errorf("the proto has %d verdicts, the domain %d", got, want)
	}
	statuses := []harness.TestStatus{harness.TestPassed, harness.TestFailed, harness.TestErrored, harness.TestSkipped, harness.TestNotRun}
	for _, s := range statuses {
		result := wire.TestResultToProto(harness.TestResult{Status: s})
		if want := "TEST_STATUS_" + strings.ToUpper(string(s)); result.GetStatus().String() != want {
			t.Errorf("status %s becomes %s", s, result.GetStatus())
		}
		if got := wire.TestResultFromProto(result).Status; got != s {
			t.Errorf("status %s comes back as %q", s, got)
		}
	}
	if got := len(harnessv1.TestStatus_name) - 1; got != len(statuses) {
		t.Errorf("the proto has %d outcomes, the domain %d", got, len(statuses))
	}
}

// Learners' programs print what they like.
func TestReport_BrokenText(t *testing.T) {
	t.Parallel()
	in := harness.Report{Message: "\xff", Tests: []harness.TestResult{{Output: "a\xc3"}}, Log: harness.Log{Head: "\xf0\x9f", Tail: "\x80"}}
	got := wire.ReportFromProto(overTheWire(t, wire.ReportToProto(in), &harnessv1.Report{}))
	if got.Tests[0].Output != "a\uFFFD" || got.Log.Tail != "\uFFFD" {
		t.Errorf("broken text became %+v", got)
	}
}

func TestLimits(t *testing.T) {
	t.Parallel()
	want := harness.Limits{CPU: 1500 * time.Millisecond, Wall: 2 * time.Second, MemoryBytes: 3, Processes: 4, OutputBytes: 5, DiskBytes: 6}
	if diff := cmp.Diff(want, wire.LimitsFromProto(overTheWire(t, wire.LimitsToProto(want), &harnessv1.Limits{}))); diff != "" {
		t.Errorf("limits differ (-sent +received):\n%s", diff)
	}
}

func TestExchange_Crosses(t *testing.T) {
	t.Parallel()
	log := journaltest.NewLog("a")
	first, second := log.Segment(t, journaltest.Hints(1, 3)...), log.Segment(t, journaltest.Future{Anything: "x"})
	first.Entries[1] = first.Entries[1].Erase()
	heads := map[journal.LogID]journal.Head{log.ID(): log.Head(), {1}: {}, {2}: {Seq: 5}}
	request := journal.Request{
		Level: 1, Have: heads, Push: []journal.Segment{first, second}, Cursor: "c", Incarnation: "i", MaxBytes: 12,
	}
	gotRequest, err := wire.ExchangeRequestFromProto(overTheWire(t, wire.ExchangeRequestToProto(request), &syncv1.ExchangeRequest{}))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(request, gotRequest); diff != "" {
		t.Errorf("request differs (-sent +received):\n%s", diff)
	}
	if _, err := journal.Verify(log.Header(), gotRequest.Push[0]); err != nil {
		t.Errorf("the segment does not verify any more: %v", err)
	}
	response := journal.Response{
		Level: 1, Durable: heads, DurableUpstream: map[journal.LogID]journal.Head{}, Pull: []journal.Segment{second}, More: true,
		Cursor: "c", Incarnation: "i", Forks: []journal.Fork{{LogID: log.ID(), Seq: 3}},
		Refusals: []journal.Refusal{{LogID: log.ID(), FirstSeq: 4, Message: "No."}}, ServerTimeMS: 5,
	}
	gotResponse, err := wire.ExchangeResponseFromProto(overTheWire(t, wire.ExchangeResponseToProto(response), &syncv1.ExchangeResponse{}))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(response, gotResponse); diff != "" {
		t.Errorf("response differs (-sent +received):\n%s", diff)
	}
}

func FuzzExchangeRequest(f *testing.F) {
	log := journaltest.NewLog("a")
	for _, request := range []journal.Request{
		{}, {Have: map[journal.LogID]journal.Head{log.ID(): {Seq: 1}}, Push: []journal.Segment{log.Segment(f, journaltest.Hints(1, 2)...)}},
	} {
		b, err := proto.Marshal(wire.ExchangeRequestToProto(request))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		var message syncv1.ExchangeRequest
		if proto.Unmarshal(b, &message) != nil {
			return
		}
		request, err := wire.ExchangeRequestFromProto(&message)
		if err != nil {
			if fault.KindOf(err) != fault.Invalid {
				t.Errorf("an error that is not Invalid: %v", err)
			}
			return
		}
		store := &journal.Memory{}
		resp, err := journal.Serve(t.Context(), store, uuid.Nil, request, journal.ServeOptions{})
		if err != nil {
			t.Errorf("serving: %v", err)
		}
		wire.ExchangeResponseToProto(resp)
	})
}

func TestCourseSummary_Crosses(t *testing.T) {
	t.Parallel()
	course := &lesson.Course{
		ID: "first-steps", Title: lesson.Text{"en": "First steps", "ru": "Первые шаги"}, Summary: lesson.Text{"en": "All."},
		Tags: []string{"python"}, Locales: []string{"en", "ru"},
		Lessons: []*lesson.Lesson{
			{ID: uuid.New(), Slug: "one", Title: lesson.Text{"en": "One"}, Minutes: 5, Version: "sha256:1", Exercise: &lesson.Exercise{}},
			{ID: uuid.New(), Slug: "two", Title: lesson.Text{"en": "Two"}, Quiz: []lesson.Question{{}}},
		},
	}
	want := wire.Summarise(course, "sha256:2", 99)
	got, err := wire.CourseSummaryFromProto(overTheWire(t, wire.CourseSummaryToProto(want), &lessonv1.CourseSummary{}))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("summary differs (-sent +received):\n%s", diff)
	}
	if !got.Lessons[0].HasExercise || got.Lessons[0].HasQuiz || !got.Lessons[1].HasQuiz || got.Lessons[1].HasExercise {
		t.Errorf("lessons are %+v", got.Lessons)
	}
	if _, err := wire.CourseSummaryFromProto(&lessonv1.CourseSummary{Lessons: []*lessonv1.LessonSummary{{Id: "x"}}}); fault.KindOf(err) != fault.Invalid {
		t.Errorf("a lesson id that is none: %v, want Invalid", err)
	}
}

func TestFiles_Cross(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		want := lesson.Files{}
		for path, data := range rapid.MapOf(rapid.StringMatching(`[a-z/]{1,8}`), rapid.SliceOfN(rapid.Byte(), 1, 20)).Draw(t, "files") {
			want[path] = lesson.File{Data: data, Executable: len(data)%2 == 0}
		}
		got, err := wire.FilesFromProto(wire.FilesToProto(want))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("files differ (-sent +received):\n%s", diff)
		}
	})
	if _, err := wire.FilesFromProto([]*lessonv1.FileContent{{Path: "a"}, {Path: "a"}}); fault.KindOf(err) != fault.Invalid {
		t.Errorf("a path that is there twice: %v, want Invalid", err)
	}
}

func TestQuestions_KeepTheirAnswersBack(t *testing.T) {
	t.Parallel()
	kinds := []lesson.QuestionKind{lesson.QuestionSingle, lesson.QuestionMultiple, lesson.QuestionText, lesson.QuestionOrder}
	var questions []lesson.Question
	for _, kind := range kinds {
		questions = append(questions, lesson.Question{ID: "q", Kind: kind, Text: lesson.Text{"en": "Which?"}, Answer: []string{"secret"},
			Explanation: lesson.Text{"en": "secret"}, Options: []lesson.Option{{ID: "o", Text: lesson.Text{"en": "This"}}}})
	}
	for i, q := range wire.QuestionsToProto(questions) {
		if want := "QUESTION_KIND_" + strings.ToUpper(string(kinds[i])); q.GetKind().String() != want {
			t.Errorf("kind %s becomes %s", kinds[i], q.GetKind())
		}
		if strings.Contains(q.String(), "secret") || len(q.GetOptions()) != 1 {
			t.Errorf("a question is sent as %v", q)
		}
	}
	if got := len(lessonv1.QuestionKind_name) - 1; got != len(kinds) {
		t.Errorf("the proto has %d kinds of questions, the domain %d", got, len(kinds))
	}
}
