package lesson_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/carrel-dev/carrel/lesson"
)

func TestParseCases(t *testing.T) {
	t.Parallel()
	cases, problems := lesson.ParseCases("cases.yaml", []byte(`server: {command: [python3, app.py], port: 8000}
cases:
  - name: greets
    run: [bash, greet.sh]
    stdin: "Ada\n"
    want: {stdout: "Hello, Ada!\n"}
  - name: adds
    call: shop.total
    args: [[1, 2.5], {vat: 20, "on": false, name: "7"}, ~]
    want: {result: [1, {a: true}]}
  - name: refuses
    call: src/shop.total
    want: {error: ValueError}
    timeout_ms: 100
  - name: answers
    http: {method: post, path: "/a?b=c", headers: {Accept: text/plain}, body: "x"}
    want: {status: 201, contains: [Hello]}
`))
	for _, p := range problems {
		t.Error(p)
	}
	got, err := json.MarshalIndent(cases, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	want := `{
 "server": {
  "command": [
   "python3",
   "app.py"
  ],
  "port": 8000
 },
 "cases": [
  {
   "name": "greets",
   "line": 3,
   "run": [
    "bash",
    "greet.sh"
   ],
   "stdin": "Ada\n",
   "want": {
    "stdout": "Hello, Ada!\n",
    "exit": 0
   },
   "timeout_ms": 5000
  },
  {
   "name": "adds",
   "line": 7,
   "call": "shop.total",
   "args": [
    [
     1,
     2.5
    ],
    {
     "name": "7",
     "on": false,
     "vat": 20
    },
    null
   ],
   "want": {
    "result": [
     1,
     {
      "a": true
     }
    ]
   },
   "timeout_ms": 5000
  },
  {
   "name": "refuses",
   "line": 11,
   "call": "src/shop.total",
   "want": {
    "error": "ValueError"
   },
   "timeout_ms": 100
  },
  {
   "name": "answers",
   "line": 15,
   "http": {
    "method": "POST",
    "path": "/a?b=c",
    "headers": {
     "Accept": "text/plain"
    },
    "body": "x"
   },
   "want": {
    "contains": [
     "Hello"
    ],
    "status": 201
   },
   "timeout_ms": 5000
  }
 ]
}`
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Error(diff)
	}
}

func TestParseCases_problems(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, source string
		line         int
		says         string
	}{
		{"nothing", "", 0, "empty"},
		{"no cases", "cases: []\n", 1, "no case"},
		{"no name", "cases:\n  - run: [a]\n    want: {exit: 1}\n", 2, `"name"`},
		{"a name twice", "cases:\n  - {name: a, run: [a], want: {exit: 1}}\n  - {name: a, run: [a], want: {exit: 1}}\n", 3, "called"},
		{"nothing to do", "cases:\n  - name: a\n    want: {exit: 1}\n", 2, "exactly one"},
		{"two things to do", "cases:\n  - {name: a, run: [a], call: a.b, want: {exit: 1}}\n", 2, "exactly one"},
		{"no want", "cases:\n  - {name: a, run: [a]}\n", 2, `"want"`},
		{"an empty want", "cases:\n  - {name: a, call: a.b, want: {}}\n", 2, "wants nothing"},
		{"a want of another kind", "cases:\n  - {name: a, run: [a], want: {result: 1}}\n", 2, `unknown field "result"`},
		{"a function without a file", "cases:\n  - {name: a, call: total, want: {result: 1}}\n", 2, "names no file"},
		{"http without a server", "cases:\n  - {name: a, http: {path: /}, want: {status: 200}}\n", 2, "server"},
		{"a method of one's own", "server: {command: [a], port: 8000}\ncases:\n  - {name: a, http: {path: /, method: HELLO}, want: {status: 200}}\n", 3, "HELLO"},
		{"a path with a space", "server: {command: [a], port: 8000}\ncases:\n  - {name: a, http: {path: '/a b'}, want: {status: 200}}\n", 3, "path"},
		{"a port of the system", "server: {command: [a], port: 80}\ncases:\n  - {name: a, http: {path: /}, want: {status: 200}}\n", 1, "port"},
		{"a number that is none", "cases:\n  - {name: a, call: a.b, args: [.nan], want: {result: 1}}\n", 2, "JSON"},
		{"result and error", "cases:\n  - {name: a, call: a.b, want: {result: 1, error: E}}\n", 2, "Keep one"},
		{"input for a call", "cases:\n  - {name: a, call: a.b, stdin: x, want: {result: 1}}\n", 2, "stdin"},
		{"arguments for a program", "cases:\n  - {name: a, run: [a], args: [1], want: {exit: 1}}\n", 2, "args"},
		{"an alias", "cases:\n  - {name: a, call: a.b, args: [&x [1], *x], want: {result: 1}}\n", 2, "alias"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, problems := lesson.ParseCases("cases.yaml", []byte(tt.source))
			for _, p := range problems {
				if p.Line == tt.line && strings.Contains(p.Message, tt.says) {
					return
				}
			}
			t.Errorf("problems are %v", problems)
		})
	}
}

func FuzzParseCases(f *testing.F) {
	f.Add([]byte("server: {command: [a], port: 8000}\ncases:\n  - {name: a, http: {path: /}, want: {status: 200}}\n"))
	f.Add([]byte("cases:\n  - {name: a, call: a.b, args: [1, {a: [~]}], want: {result: 0x1f}}\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		cases, problems := lesson.ParseCases("cases.yaml", data)
		if len(problems) > 0 {
			return
		}
		if _, err := json.Marshal(cases); err != nil {
			t.Fatal(err)
		}
	})
}
