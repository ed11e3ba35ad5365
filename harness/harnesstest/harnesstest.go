// Package harnesstest is the suite that every harness.Runner passes: the same files give the same
// verdict, whatever the files do, and nothing of one check is left for the next.
package harnesstest

import (
	"testing"
	"time"

	"github.com/carrel-dev/carrel/harness"
	"github.com/carrel-dev/carrel/lesson"
)

// limits are small, so that running into them is quick.
func limits() harness.Limits {
	return harness.Limits{
		CPU: 1500 * time.Millisecond, Wall: 3 * time.Second, MemoryBytes: 96 << 20, Processes: 24, OutputBytes: 64 << 10, DiskBytes: 16 << 20,
	}
}

// late is how much longer than its limits a check may take until its report is there.
const late = 2 * time.Second

// Run holds a Runner to the contract. open returns a Runner with the environments "shell" and
// "python", which the caller closes when the test ends.
func Run(t *testing.T, open func(t *testing.T) harness.Runner) {
	t.Helper()
	t.Run("verdicts", func(t *testing.T) { t.Parallel(); testVerdicts(t, open(t)) })
	t.Run("python", func(t *testing.T) { t.Parallel(); testPython(t, open(t)) })
	t.Run("python programs", func(t *testing.T) { t.Parallel(); testPythonPrograms(t, open(t)) })
	t.Run("python split", func(t *testing.T) { t.Parallel(); testPythonSplit(t, open(t)) })
	t.Run("python cases", func(t *testing.T) { t.Parallel(); testPythonCases(t, open(t)) })
	t.Run("files", func(t *testing.T) { t.Parallel(); testFiles(t, open(t)) })
	t.Run("programs", func(t *testing.T) { t.Parallel(); testPrograms(t, open(t)) })
	t.Run("sessions", func(t *testing.T) { t.Parallel(); testSessions(t, open(t)) })
	t.Run("hostile", func(t *testing.T) { t.Parallel(); testHostile(t, open(t)) })
}

func shell() lesson.Environment  { return lesson.Environment{Name: "shell"} }
func python() lesson.Environment { return lesson.Environment{Name: "python"} }

func session(t *testing.T, r harness.Runner, env lesson.Environment) harness.Session {
	t.Helper()
	s, err := r.Open(t.Context(), harness.Spec{Environment: env, Limits: limits(), Owner: t.Name()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// script is a suite whose only test is that a shell script exits with 0.
func script(text string) harness.Suite {
	return harness.Suite{Command: []string{"bash", "-c", text}, Format: harness.FormatExit, Limits: limits()}
}

func files(pairs ...string) lesson.Files {
	f := lesson.Files{}
	for i := 0; i+1 < len(pairs); i += 2 {
		f[pairs[i]] = lesson.NewFile([]byte(pairs[i+1]))
	}
	return f
}

func put(t *testing.T, s harness.Session, f lesson.Files) {
	t.Helper()
	if err := s.Put(t.Context(), f); err != nil {
		t.Fatal(err)
	}
}

func check(t *testing.T, s harness.Session, suite harness.Suite) harness.Report {
	t.Helper()
	began := time.Now()
	report, err := s.Check(t.Context(), suite, nil)
	if err != nil {
		t.Fatal(err)
	}
	// Waiting for a free CPU is not part of the check.
	took := time.Since(began) - time.Duration(report.Phases.QueuedMS*float64(time.Millisecond))
	if took > 3*limits().Wall+late { // on a computer that is as busy as it may be
		t.Errorf("the report took %v", took)
	}
	return report
}

func wantVerdict(t *testing.T, got harness.Report, want harness.Verdict) {
	t.Helper()
	if got.Verdict != want {
		t.Errorf("verdict is %s (%s), want %s; limit %q, exit %d, tests %+v, log %q %q",
			got.Verdict, got.Message, want, got.LimitHit, got.ExitCode, got.Tests, cut(got.Log.Head), cut(got.Log.Tail))
	}
}

func cut(s string) string { return s[:min(len(s), 600)] }

// nothingLeft is a script that exits with 0 when nothing of an earlier run is there.
const nothingLeft = `
left=$(find /tmp /dev/shm /dev/mqueue -mindepth 1 2>&1; find . -mindepth 1 ! -name keep.txt 2>&1)
[ -z "$left" ] || { echo "files left: $left"; exit 1; }
me=$(id -u)
for p in /proc/[0-9]*; do
  pid=${p#/proc/}
  [ "$pid" = $$ ] && continue
  uid=$(stat -c %u "$p" 2>/dev/null) || continue
  parent=$(awk '/^PPid:/ {print $2}' "$p/status" 2>/dev/null) || continue
  [ "$uid" != "$me" ] || [ "$parent" = $$ ] || { echo "process left: $(tr '\0' ' ' < "$p/cmdline")"; exit 1; }
done
for kind in shm sem msg; do
  [ "$(wc -l < /proc/sysvipc/$kind)" -le 1 ] || { echo "$kind left"; exit 1; }
done
[ "$(cat keep.txt)" = original ] || { echo "a file has changed"; exit 1; }
`

// checkNextIsClean checks right after another check that nothing of that one is left.
func checkNextIsClean(t *testing.T, s harness.Session) {
	t.Helper()
	put(t, s, files("keep.txt", "original"))
	wantVerdict(t, check(t, s, script(nothingLeft)), harness.Passed)
}
