// Package cases runs tests that are data: programs with their input and output, functions with their
// arguments and results, requests with their responses. It is the trusted side of a split check: it runs
// as the tester inside the container, starts the learner's code through the launcher only, and reports
// in the format "carrel" (see harness/testreport). The format for authors is described in package lesson,
// whose Cases is in JSON what this package reads.
package cases

import "encoding/json"

// Argument makes the agent's program run cases: "carrel-agent cases".
const Argument = "cases"

// File is where the cases are, in the folder of the tests.
const File = ".carrel/cases.json"

// Suite is what File holds.
type Suite struct {
	// Driver calls functions; see Request.
	Driver []string `json:"driver,omitempty"`
	// Source is the file the author wrote, for places in reports.
	Source string  `json:"source"`
	Server *Server `json:"server,omitempty"`
	Cases  []Case  `json:"cases"`
}

// Server is the learner's program that answers HTTP cases.
type Server struct {
	Command []string `json:"command"`
	Port    int      `json:"port"`
}

// Case is one test: a program, a call or a request.
type Case struct {
	Name string `json:"name"`
	Line int    `json:"line"`

	Run   []string          `json:"run,omitempty"`
	Stdin string            `json:"stdin,omitempty"`
	Call  string            `json:"call,omitempty"`
	Args  []json.RawMessage `json:"args,omitempty"`
	HTTP  *HTTP             `json:"http,omitempty"`

	Want      Want `json:"want"`
	TimeoutMS int  `json:"timeout_ms"`
}

// HTTP is a request.
type HTTP struct {
	Method  string            `json:"method"`
	Path    string            `json:"path"`
	Headers map[string]string `json:"headers,omitempty"`
	Body    string            `json:"body,omitempty"`
}

// Want is what must come out; what is nil or empty is not compared.
type Want struct {
	Stdout   *string         `json:"stdout,omitempty"`
	Body     *string         `json:"body,omitempty"`
	Contains []string        `json:"contains,omitempty"`
	Exit     *int            `json:"exit,omitempty"`
	Result   json.RawMessage `json:"result,omitempty"`
	Error    string          `json:"error,omitempty"`
	Status   int             `json:"status,omitempty"`
}

// result is a line of the report: harness.TestResult in its JSON form. The type is not imported, for it
// would bring half of Carrel into the program of every container.
type result struct {
	ID         string  `json:"id"`
	Name       string  `json:"name,omitempty"`
	Status     string  `json:"status"`
	DurationMS float64 `json:"duration_ms"`
	Message    string  `json:"message,omitempty"`
	Expected   string  `json:"expected,omitempty"`
	Actual     string  `json:"actual,omitempty"`
	File       string  `json:"file,omitempty"`
	Line       int     `json:"line,omitempty"`
	Output     string  `json:"output,omitempty"`
}

// The statuses of results.
const (
	passed  = "passed"
	failed  = "failed"
	errored = "errored"
	running = "running"
)

// fail says what was expected and what came.
func (r *result) fail(message, expected, actual string) {
	r.Status, r.Message, r.Expected, r.Actual = failed, message, expected, actual
}
