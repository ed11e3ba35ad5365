package cases

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/carrel-dev/carrel/harness/testreport"
	"github.com/carrel-dev/carrel/lesson"
)

// The test's own program is driver and server: TestMain takes those parts.
func TestMain(m *testing.M) {
	switch os.Getenv("CASES_TEST_PART") {
	case "driver":
		drive()
	case "server":
		serve()
	default:
		os.Exit(m.Run())
	}
}

func drive() {
	channel := os.NewFile(3, "channel")
	lines := bufio.NewScanner(channel)
	for lines.Scan() {
		var r Request
		if json.Unmarshal(lines.Bytes(), &r) != nil {
			os.Exit(1)
		}
		a := Answer{ID: r.ID}
		switch r.Call {
		case "shop.echo":
			a.Result, _ = json.Marshal(r.Args)
			fmt.Println("echoing")
		case "shop.raise":
			a.Error, a.Message = "ValueError", "no"
		case "shop.exit":
			os.Exit(0)
		case "shop.sleep":
			time.Sleep(time.Minute)
		case "shop.forge":
			a.ID, a.Result = "guessed", json.RawMessage("1")
		case "shop.flood":
			_, _ = io.Copy(channel, io.LimitReader(forever{}, 4<<20))
		case "shop.nonsense":
			_, _ = io.WriteString(channel, "hello\n")
			continue
		}
		data, _ := json.Marshal(a)
		_, _ = channel.Write(append(data, '\n'))
	}
}

type forever struct{}

func (forever) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'x'
	}
	return len(p), nil
}

func serve() {
	listener, err := net.Listen("tcp", os.Getenv("CASES_TEST_ADDRESS"))
	if err != nil {
		os.Exit(1)
	}
	for {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		line, _ := bufio.NewReader(conn).ReadString('\n')
		method, rest, _ := strings.Cut(line, " ")
		path, _, _ := strings.Cut(rest, " ")
		switch path {
		case "/chunks":
			_, _ = io.WriteString(conn, "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nHello\r\n1;x=y\r\n!\r\n0\r\n\r\n")
		case "/nonsense":
			_, _ = io.WriteString(conn, "hello\r\n\r\n")
		case "/slow":
			time.Sleep(time.Minute)
		default:
			_, _ = fmt.Fprintf(conn, "HTTP/1.0 201 Created\r\nContent-Length: %d\r\n\r\n%s %s", len(method+" "+path), method, path)
		}
		_ = conn.Close()
	}
}

// run runs cases with everything that the launcher does but changing the user, and returns the results as
// the harness reads them.
func run(t *testing.T, source string) map[string][2]string {
	t.Helper()
	parsed, problems := lesson.ParseCases(lesson.CasesFile, []byte(source))
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	data, err := json.Marshal(parsed)
	if err != nil {
		t.Fatal(err)
	}
	var suite Suite
	strict := json.NewDecoder(bytes.NewReader(data))
	strict.DisallowUnknownFields()
	if err := strict.Decode(&suite); err != nil {
		t.Fatal(err)
	}
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	suite.Source, suite.Driver = lesson.CasesFile, []string{"CASES_TEST_PART=driver", program}
	if suite.Server != nil {
		suite.Server.Command = []string{"CASES_TEST_PART=server", fmt.Sprintf("CASES_TEST_ADDRESS=127.0.0.1:%d", suite.Server.Port), program}
	}
	var report bytes.Buffer
	if _, err := Run(t.Context(), suite, Exec{Command: []string{"env"}}, &report); err != nil {
		t.Fatal(err)
	}
	results, err := testreport.Parse(testreport.Carrel, report.Bytes())
	if err != nil {
		t.Fatalf("%v\n%s", err, report.String())
	}
	out := map[string][2]string{}
	for _, r := range results {
		if r.File != lesson.CasesFile || r.Line == 0 {
			t.Errorf("%s has the place %s:%d", r.ID, r.File, r.Line)
		}
		out[r.ID] = [2]string{string(r.Status), r.Message}
		if r.Expected+r.Actual != "" {
			out[r.ID] = [2]string{string(r.Status), r.Message + " " + r.Expected + " | " + r.Actual}
		}
	}
	return out
}

func TestRun_programs(t *testing.T) {
	t.Parallel()
	got := run(t, `cases:
  - {name: right, run: [cat], stdin: "Ada  \n\n", want: {stdout: "Ada\n"}}
  - {name: other text, run: [cat], stdin: "Ada", want: {stdout: "Eva"}}
  - {name: a part, run: [cat], stdin: "Hello, Ada", want: {contains: [Hello, Ada]}}
  - {name: no part, run: [cat], stdin: "Hello", want: {contains: [Ada]}}
  - {name: status, run: [sh, -c, "exit 3"], want: {exit: 3}}
  - {name: wrong status, run: [sh, -c, "echo oh >&2; exit 3"], want: {stdout: ""}}
  - {name: never ends, run: [sleep, "60"], want: {exit: 0}, timeout_ms: 50}
  - {name: not there, run: [no-such-program], want: {exit: 0}}
`)
	want := map[string][2]string{
		"right":        {"passed", ""},
		"other text":   {"failed", "The program printed something else. Eva | Ada"},
		"a part":       {"passed", ""},
		"no part":      {"failed", "The output does not contain what it should. containing Ada | Hello"},
		"status":       {"passed", ""},
		"wrong status": {"failed", "The program ended with status 3 instead of 0. exit status 0 | exit status 3"},
		"never ends":   {"failed", "The program did not end within 50 ms."},
		"not there":    {"failed", "The program ended with status 127 instead of 0. exit status 0 | exit status 127"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("results (-want +got):\n%s", diff)
	}
}

func TestRun_calls(t *testing.T) {
	t.Parallel()
	got := run(t, `cases:
  - {name: right, call: shop.echo, args: [1, {a: [~, "x"]}], want: {result: [1.0000000000001, {a: [~, x]}]}}
  - {name: other value, call: shop.echo, args: [1], want: {result: [2]}}
  - {name: raises, call: shop.raise, want: {error: ValueError}}
  - {name: raises something else, call: shop.raise, want: {error: TypeError}}
  - {name: raises for nothing, call: shop.raise, want: {result: 1}}
  - {name: should raise, call: shop.echo, want: {error: TypeError}}
  - {name: ends the program, call: shop.exit, want: {result: 1}}
  - {name: is asked again, call: shop.echo, want: {result: []}}
  - {name: takes too long, call: shop.sleep, want: {result: 1}, timeout_ms: 50}
  - {name: forges an answer, call: shop.forge, want: {result: 1}}
  - {name: answers without end, call: shop.flood, want: {result: 1}}
  - {name: talks nonsense, call: shop.nonsense, want: {result: 1}}
`)
	want := map[string][2]string{
		"right":                 {"passed", ""},
		"other value":           {"failed", "The call returned something else. [2] | [1]"},
		"raises":                {"passed", ""},
		"raises something else": {"failed", "The call failed in another way than it should. TypeError | ValueError: no"},
		"raises for nothing":    {"errored", "ValueError: no 1 | ValueError"},
		"should raise":          {"failed", "The call should fail, and it returned. TypeError | []"},
		"ends the program":      {"errored", "The call ended the program: look for a call that exits."},
		"is asked again":        {"passed", ""},
		"takes too long":        {"failed", "The call did not return within 50 ms."},
		"forges an answer":      {"errored", "The call gave no readable answer: it answers something else"},
		"answers without end":   {"errored", "The call gave no readable answer: it is longer than 1048576 bytes"},
		"talks nonsense":        {"errored", "The call gave no readable answer: it is no JSON"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("results (-want +got):\n%s", diff)
	}
}

func TestRun_requests(t *testing.T) {
	t.Parallel()
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := free.Addr().(*net.TCPAddr).Port
	if err := free.Close(); err != nil {
		t.Fatal(err)
	}
	got := run(t, fmt.Sprintf("server: {command: [x], port: %d}\n", port)+`cases:
  - {name: right, http: {path: /a, method: POST, body: x, headers: {A: b}}, want: {status: 201, body: POST /a}}
  - {name: chunks, http: {path: /chunks}, want: {status: 200, contains: ["Hello!"]}}
  - {name: other status, http: {path: /b}, want: {status: 404}}
  - {name: other body, http: {path: /b}, want: {body: x}}
  - {name: no HTTP, http: {path: /nonsense}, want: {status: 200}}
  - {name: too slow, http: {path: /slow}, want: {status: 200}, timeout_ms: 50}
`)
	want := map[string][2]string{
		"right":        {"passed", ""},
		"chunks":       {"passed", ""},
		"other status": {"failed", "The response has status 201 instead of 404. status 404 | status 201"},
		"other body":   {"failed", "The response is another one. x | GET /b"},
		"no HTTP":      {"errored", `The response cannot be read: "hello" is no status line of HTTP`},
		"too slow":     {"failed", "The response did not come within 50 ms."},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("results (-want +got):\n%s", diff)
	}
}

func TestSameValue(t *testing.T) {
	t.Parallel()
	tests := []struct {
		a, b string
		want bool
	}{
		{"1", "1.0", true},
		{"0.3", "0.30000000000000004", true},
		{"9007199254740993", "9007199254740992", false},
		{"1", "true", false},
		{"null", "false", false},
		{`"1"`, "1", false},
		{`{"a":1,"b":[]}`, `{"b":[],"a":1}`, true},
		{`{"a":1}`, `{"a":1,"b":1}`, false},
		{"[1,2]", "[2,1]", false},
		{"", "", false},
	}
	for _, tt := range tests {
		if got := sameValue(json.RawMessage(tt.a), json.RawMessage(tt.b)); got != tt.want {
			t.Errorf("%s and %s: %t", tt.a, tt.b, got)
		}
	}
}

func FuzzResponse(f *testing.F) {
	f.Add([]byte("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nHello\r\n0\r\n\r\n"))
	f.Add([]byte("HTTP/1.0 204 No Content\r\nContent-Length: 3\r\n\r\nabc"))
	f.Fuzz(func(t *testing.T, data []byte) {
		status, _, err := response(bufio.NewReader(bytes.NewReader(data)), false)
		if err == nil && (status < 100 || status > 999) {
			t.Fatal(status)
		}
	})
}
