package harness

import (
	"regexp"
	"slices"
)

// Verdict is the one word on top of a report.
type Verdict string

// The verdicts.
const (
	Passed         Verdict = "passed"
	Failed         Verdict = "failed"
	BuildFailed    Verdict = "build_failed"
	TimedOut       Verdict = "timed_out"
	OutOfMemory    Verdict = "out_of_memory"
	OutputLimit    Verdict = "output_limit"
	ProcessLimit   Verdict = "process_limit"
	DiskLimit      Verdict = "disk_limit"
	Crashed        Verdict = "crashed"
	Tampered       Verdict = "tampered"
	Infrastructure Verdict = "infrastructure"
)

// Verdicts lists every verdict, for tables that must be complete.
func Verdicts() []Verdict {
	return []Verdict{Passed, Failed, BuildFailed, TimedOut, OutOfMemory, OutputLimit, ProcessLimit,
		DiskLimit, Crashed, Tampered, Infrastructure}
}

// TestStatus is the outcome of one test.
type TestStatus string

// The outcomes.
const (
	TestPassed  TestStatus = "passed"
	TestFailed  TestStatus = "failed"
	TestErrored TestStatus = "errored"
	TestSkipped TestStatus = "skipped"
	TestNotRun  TestStatus = "not_run"
)

// TestResult is the outcome of one named test.
type TestResult struct {
	ID         string     `json:"id"`
	Name       string     `json:"name"`
	Status     TestStatus `json:"status"`
	DurationMS float64    `json:"duration_ms"`
	Message    string     `json:"message,omitempty"`
	Expected   string     `json:"expected,omitempty"`
	Actual     string     `json:"actual,omitempty"`
	File       string     `json:"file,omitempty"`
	Line       int        `json:"line,omitempty"`
	Output     string     `json:"output,omitempty"`
	Group      string     `json:"group,omitempty"`
	HintRef    string     `json:"hint_ref,omitempty"`
}

// Report is the structured result of one check. Its JSON form is public: schema/report.schema.json.
type Report struct {
	Verdict   Verdict      `json:"verdict"`
	Message   string       `json:"message,omitempty"`
	Tests     []TestResult `json:"tests"`
	Phases    Phases       `json:"phases"`
	Limits    LimitsMS     `json:"limits"`
	LimitHit  string       `json:"limit_hit,omitempty"` // "wall", "cpu", "memory", "processes", "output", "disk"
	Usage     Usage        `json:"usage"`
	Runner    string       `json:"runner"`
	Host      string       `json:"host,omitempty"`
	Integrity string       `json:"integrity"`
	Digests   Digests      `json:"digests"`
	Log       Log          `json:"log"`
	ExitCode  int          `json:"exit_code"`
}

// Phases tells where the time of a check went, in milliseconds.
type Phases struct {
	QueuedMS float64 `json:"queued_ms"`
	OpenMS   float64 `json:"open_ms"`
	PutMS    float64 `json:"put_ms"`
	BuildMS  float64 `json:"build_ms"`
	TestMS   float64 `json:"test_ms"`
}

// LimitsMS is Limits in the units of the JSON form.
type LimitsMS struct {
	CPUMS       int64 `json:"cpu_ms"`
	WallMS      int64 `json:"wall_ms"`
	MemoryBytes int64 `json:"memory_bytes"`
	Processes   int64 `json:"processes"`
	OutputBytes int64 `json:"output_bytes"`
	DiskBytes   int64 `json:"disk_bytes"`
}

// Usage is what a run consumed.
type Usage struct {
	CPUMS           int64 `json:"cpu_ms"`
	WallMS          int64 `json:"wall_ms"`
	PeakMemoryBytes int64 `json:"peak_memory_bytes"`
}

// Digests names every input of a check by content.
type Digests struct {
	Snapshot    string `json:"snapshot"`
	Tests       string `json:"tests"`
	Environment string `json:"environment"`
	Harness     string `json:"harness"`
}

// Log is the bounded output of a run.
type Log struct {
	Head         string `json:"head"`
	Tail         string `json:"tail,omitempty"`
	DroppedBytes int64  `json:"dropped_bytes,omitempty"`
}

// Comparable returns the report without what may differ between two runs of the same check on
// different machines: times, memory, host, runner, and the free text of the log. Out of time is out of
// time, whichever of the two clocks a machine's load made strike first. Memory addresses, process
// ids and names of temporary files in messages become "…".
func (r Report) Comparable() Report {
	r.Phases, r.Usage, r.Runner, r.Host, r.Log = Phases{}, Usage{}, "", "", Log{}
	if r.LimitHit == LimitCPU {
		r.LimitHit = LimitWall
	}
	vary := regexp.MustCompile(`0x[0-9a-fA-F]{4,}|/tmp/[^\s'"]+|\b[0-9]+(\.[0-9]+)? ?(ns|µs|ms|s|seconds)\b|(pid|PID)[ =:]+[0-9]+`)
	r.Tests = slices.Clone(r.Tests)
	for i := range r.Tests {
		t := &r.Tests[i]
		t.DurationMS = 0
		t.Output = ""
		for _, text := range []*string{&t.Message, &t.Expected, &t.Actual} {
			*text = vary.ReplaceAllString(*text, "…")
		}
	}
	return r
}

// Count returns how many tests have this status.
func (r Report) Count(status TestStatus) int {
	n := 0
	for _, t := range r.Tests {
		if t.Status == status {
			n++
		}
	}
	return n
}
