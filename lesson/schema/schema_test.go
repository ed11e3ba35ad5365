package schema_test

import (
	"bytes"
	"io/fs"
	"path"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v3"

	"github.com/carrel-dev/carrel/courses"
	"github.com/carrel-dev/carrel/lesson"
	"github.com/carrel-dev/carrel/lesson/schema"
)

// compiled returns the schemas by the name of the file they describe.
func compiled(t *testing.T) map[string]*jsonschema.Schema {
	t.Helper()
	out := map[string]*jsonschema.Schema{}
	for name, data := range map[string][]byte{"course.yaml": schema.Course(), "lesson.yaml": schema.Lesson(), "quiz.yaml": schema.Quiz(), lesson.CasesFile: schema.Cases()} {
		document, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		compiler := jsonschema.NewCompiler()
		if err := compiler.AddResource(name, document); err != nil {
			t.Fatal(err)
		}
		if out[name], err = compiler.Compile(name); err != nil {
			t.Fatal(err)
		}
	}
	return out
}

// validate checks every YAML file of a course folder and returns how many there were.
func validate(t *testing.T, fsys fs.FS) int {
	t.Helper()
	schemas, n := compiled(t), 0
	err := fs.WalkDir(fsys, ".", func(p string, _ fs.DirEntry, err error) error {
		s := schemas[path.Base(p)]
		if err != nil || s == nil {
			return err
		}
		data, err := fs.ReadFile(fsys, p)
		if err != nil {
			return err
		}
		var value any
		if err := yaml.Unmarshal(data, &value); err != nil {
			return err
		}
		if err := s.Validate(value); err != nil {
			t.Errorf("%s: %v", p, err)
		}
		n++
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestSchemas_AcceptShippedCourses(t *testing.T) {
	t.Parallel()
	for _, id := range courses.IDs() {
		fsys, err := courses.Course(id)
		if err != nil {
			t.Fatal(err)
		}
		if n := validate(t, fsys); n < 3 {
			t.Errorf("%s: only %d files were checked", id, n)
		}
	}
}

func TestSchemas_AcceptEncodedCourses(t *testing.T) {
	t.Parallel()
	for _, id := range courses.IDs() {
		fsys, err := courses.Course(id)
		if err != nil {
			t.Fatal(err)
		}
		course, err := lesson.Load(fsys)
		if err != nil {
			t.Fatal(err)
		}
		files, err := lesson.Encode(course)
		if err != nil {
			t.Fatal(err)
		}
		validate(t, files.FS())
	}
}

func TestSchemas_AcceptCases(t *testing.T) {
	t.Parallel()
	files := lesson.Files{"tests/cases.yaml": lesson.NewFile([]byte(`server: {command: [python3, app.py], port: 8000}
cases:
  - {name: greets, run: [bash, greet.sh], stdin: Ada, want: {stdout: "Hello, Ada!", contains: [Ada], exit: 1}, timeout_ms: 10}
  - {name: adds, call: src/shop.total, args: [1, {a: ~}], want: {result: ~}}
  - {name: refuses, call: shop.total, want: {error: ValueError}}
  - {name: answers, http: {method: POST, path: /a, headers: {A: b}, body: x}, want: {status: 200, body: x}}
`))}
	if n := validate(t, files.FS()); n != 1 {
		t.Errorf("%d files were checked", n)
	}
	if _, problems := lesson.ParseCases("cases.yaml", files["tests/cases.yaml"].Data); len(problems) > 0 {
		t.Error(problems)
	}
}

func TestSchemas_RefuseWhatTheParserRefuses(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, file, content string }{
		{"unknown field", "lesson.yaml", "id: 6f1c2c52-6f0c-4a39-9d5e-0d3c6b1a7f10\ntitle: A\nminutes: 3\ntilte: B\n"},
		{"no title", "lesson.yaml", "id: 6f1c2c52-6f0c-4a39-9d5e-0d3c6b1a7f10\nminutes: 3\n"},
		{"criteria without an exercise", "lesson.yaml", "id: 6f1c2c52-6f0c-4a39-9d5e-0d3c6b1a7f10\ntitle: A\nminutes: 3\ncriteria: []\n"},
		{"limit out of bounds", "lesson.yaml", "id: 6f1c2c52-6f0c-4a39-9d5e-0d3c6b1a7f10\ntitle: A\nminutes: 3\nenvironment: shell\nfiles: {learner: [a]}\ncheck: {limits: {wall_seconds: 100000}}\n"},
		{"image that is not pinned", "course.yaml", "id: a\ntitle: A\nsummary: A\nlocales: [en]\nlessons: [a]\nenvironments: {db: {image: postgres}}\n"},
		{"a case without a want", "cases.yaml", "cases: [{name: a, run: [a]}]\n"},
		{"a case with two things to do", "cases.yaml", "cases: [{name: a, run: [a], call: a.b, want: {exit: 1}}]\n"},
		{"a function without a file", "cases.yaml", "cases: [{name: a, call: total, want: {result: 1}}]\n"},
		{"unknown kind of question", "quiz.yaml", "questions: [{id: a, kind: guess, text: A, answer: b, explanation: C}]\n"},
	}
	schemas := compiled(t)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var value any
			if err := yaml.Unmarshal([]byte(tt.content), &value); err != nil {
				t.Fatal(err)
			}
			if err := schemas[tt.file].Validate(value); err == nil {
				t.Error("the schema accepts it")
			}
		})
	}
}
