package wire

import (
	"strings"
	"time"

	"github.com/carrel-dev/carrel/harness"
	harnessv1 "github.com/carrel-dev/carrel/proto/gen/carrel/harness/v1"
)

// verdicts and testStatuses are walked whole by a test.
var verdicts = map[harness.Verdict]harnessv1.Verdict{
	harness.Passed:         harnessv1.Verdict_VERDICT_PASSED,
	harness.Failed:         harnessv1.Verdict_VERDICT_FAILED,
	harness.BuildFailed:    harnessv1.Verdict_VERDICT_BUILD_FAILED,
	harness.TimedOut:       harnessv1.Verdict_VERDICT_TIMED_OUT,
	harness.OutOfMemory:    harnessv1.Verdict_VERDICT_OUT_OF_MEMORY,
	harness.OutputLimit:    harnessv1.Verdict_VERDICT_OUTPUT_LIMIT,
	harness.ProcessLimit:   harnessv1.Verdict_VERDICT_PROCESS_LIMIT,
	harness.DiskLimit:      harnessv1.Verdict_VERDICT_DISK_LIMIT,
	harness.Crashed:        harnessv1.Verdict_VERDICT_CRASHED,
	harness.Tampered:       harnessv1.Verdict_VERDICT_TAMPERED,
	harness.Infrastructure: harnessv1.Verdict_VERDICT_INFRASTRUCTURE,
}

var testStatuses = map[harness.TestStatus]harnessv1.TestStatus{
	harness.TestPassed:  harnessv1.TestStatus_TEST_STATUS_PASSED,
	harness.TestFailed:  harnessv1.TestStatus_TEST_STATUS_FAILED,
	harness.TestErrored: harnessv1.TestStatus_TEST_STATUS_ERRORED,
	harness.TestSkipped: harnessv1.TestStatus_TEST_STATUS_SKIPPED,
	harness.TestNotRun:  harnessv1.TestStatus_TEST_STATUS_NOT_RUN,
}

// VerdictToProto translates a verdict; unknown ones are unspecified.
func VerdictToProto(v harness.Verdict) harnessv1.Verdict { return verdicts[v] }

// VerdictFromProto translates a verdict; unknown ones are empty.
func VerdictFromProto(v harnessv1.Verdict) harness.Verdict { return keyOf(verdicts, v) }

// keyOf reads a table backwards.
func keyOf[K, V comparable](table map[K]V, v V) K {
	for key, value := range table {
		if value == v {
			return key
		}
	}
	var none K
	return none
}

// text makes a string valid UTF-8, without which a message cannot be sent at all.
func text(s string) string { return strings.ToValidUTF8(s, "\uFFFD") }

// TestResultToProto translates the outcome of a test.
func TestResultToProto(t harness.TestResult) *harnessv1.TestResult {
	return &harnessv1.TestResult{
		Id: text(t.ID), Name: text(t.Name), Status: testStatuses[t.Status], DurationMs: t.DurationMS,
		Message: text(t.Message), Expected: text(t.Expected), Actual: text(t.Actual), File: text(t.File),
		Line:   int32(t.Line), // a line number
		Output: text(t.Output), Group: text(t.Group), HintRef: text(t.HintRef),
	}
}

// TestResultFromProto translates the outcome of a test.
func TestResultFromProto(t *harnessv1.TestResult) harness.TestResult {
	return harness.TestResult{
		ID: t.GetId(), Name: t.GetName(), Status: keyOf(testStatuses, t.GetStatus()), DurationMS: t.GetDurationMs(),
		Message: t.GetMessage(), Expected: t.GetExpected(), Actual: t.GetActual(), File: t.GetFile(),
		Line: int(t.GetLine()), Output: t.GetOutput(), Group: t.GetGroup(), HintRef: t.GetHintRef(),
	}
}

// ReportToProto translates a report.
func ReportToProto(r harness.Report) *harnessv1.Report {
	out := &harnessv1.Report{
		Verdict: VerdictToProto(r.Verdict), Message: text(r.Message),
		Phases: &harnessv1.Phases{
			QueuedMs: r.Phases.QueuedMS, OpenMs: r.Phases.OpenMS, PutMs: r.Phases.PutMS,
			BuildMs: r.Phases.BuildMS, TestMs: r.Phases.TestMS,
		},
		Limits: &harnessv1.Limits{
			CpuMs: r.Limits.CPUMS, WallMs: r.Limits.WallMS, MemoryBytes: r.Limits.MemoryBytes,
			Processes: r.Limits.Processes, OutputBytes: r.Limits.OutputBytes, DiskBytes: r.Limits.DiskBytes,
		},
		LimitHit: text(r.LimitHit), Usage: UsageToProto(r.Usage), Runner: text(r.Runner), Host: text(r.Host),
		Integrity: text(r.Integrity),
		Digests: &harnessv1.Digests{
			Snapshot: text(r.Digests.Snapshot), Tests: text(r.Digests.Tests),
			Environment: text(r.Digests.Environment), Harness: text(r.Digests.Harness),
		},
		Log:      &harnessv1.Log{Head: text(r.Log.Head), Tail: text(r.Log.Tail), DroppedBytes: r.Log.DroppedBytes},
		ExitCode: int32(r.ExitCode), // -1 to 255
	}
	for _, t := range r.Tests {
		out.Tests = append(out.Tests, TestResultToProto(t))
	}
	return out
}

// ReportFromProto translates a report. A nil report is the zero one.
func ReportFromProto(r *harnessv1.Report) harness.Report {
	out := harness.Report{
		Verdict: VerdictFromProto(r.GetVerdict()), Message: r.GetMessage(),
		Phases: harness.Phases{
			QueuedMS: r.GetPhases().GetQueuedMs(), OpenMS: r.GetPhases().GetOpenMs(), PutMS: r.GetPhases().GetPutMs(),
			BuildMS: r.GetPhases().GetBuildMs(), TestMS: r.GetPhases().GetTestMs(),
		},
		Limits: harness.LimitsMS{
			CPUMS: r.GetLimits().GetCpuMs(), WallMS: r.GetLimits().GetWallMs(),
			MemoryBytes: r.GetLimits().GetMemoryBytes(), Processes: r.GetLimits().GetProcesses(),
			OutputBytes: r.GetLimits().GetOutputBytes(), DiskBytes: r.GetLimits().GetDiskBytes(),
		},
		LimitHit: r.GetLimitHit(), Usage: UsageFromProto(r.GetUsage()), Runner: r.GetRunner(), Host: r.GetHost(),
		Integrity: r.GetIntegrity(),
		Digests: harness.Digests{
			Snapshot: r.GetDigests().GetSnapshot(), Tests: r.GetDigests().GetTests(),
			Environment: r.GetDigests().GetEnvironment(), Harness: r.GetDigests().GetHarness(),
		},
		Log:      harness.Log{Head: r.GetLog().GetHead(), Tail: r.GetLog().GetTail(), DroppedBytes: r.GetLog().GetDroppedBytes()},
		ExitCode: int(r.GetExitCode()),
	}
	for _, t := range r.GetTests() {
		out.Tests = append(out.Tests, TestResultFromProto(t))
	}
	return out
}

// UsageToProto translates what a run consumed.
func UsageToProto(u harness.Usage) *harnessv1.Usage {
	return &harnessv1.Usage{CpuMs: u.CPUMS, WallMs: u.WallMS, PeakMemoryBytes: u.PeakMemoryBytes}
}

// UsageFromProto translates what a run consumed.
func UsageFromProto(u *harnessv1.Usage) harness.Usage {
	return harness.Usage{CPUMS: u.GetCpuMs(), WallMS: u.GetWallMs(), PeakMemoryBytes: u.GetPeakMemoryBytes()}
}

// LimitsToProto translates the limits of a run.
func LimitsToProto(l harness.Limits) *harnessv1.Limits {
	return &harnessv1.Limits{
		CpuMs: l.CPU.Milliseconds(), WallMs: l.Wall.Milliseconds(), MemoryBytes: l.MemoryBytes,
		Processes: l.Processes, OutputBytes: l.OutputBytes, DiskBytes: l.DiskBytes,
	}
}

// LimitsFromProto translates the limits of a run.
func LimitsFromProto(l *harnessv1.Limits) harness.Limits {
	return harness.Limits{
		CPU: time.Duration(l.GetCpuMs()) * time.Millisecond, Wall: time.Duration(l.GetWallMs()) * time.Millisecond,
		MemoryBytes: l.GetMemoryBytes(), Processes: l.GetProcesses(), OutputBytes: l.GetOutputBytes(), DiskBytes: l.GetDiskBytes(),
	}
}
