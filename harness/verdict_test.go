package harness_test

import (
	"errors"
	"testing"

	"pgregory.net/rapid"

	"github.com/carrel-dev/carrel/harness"
)

func results(statuses ...harness.TestStatus) []harness.TestResult {
	var list []harness.TestResult
	for _, s := range statuses {
		list = append(list, harness.TestResult{ID: "t", Status: s})
	}
	return list
}

func TestJudge(t *testing.T) {
	t.Parallel()
	const (
		pass, fail, erred = harness.TestPassed, harness.TestFailed, harness.TestErrored
		skip, notRun      = harness.TestSkipped, harness.TestNotRun
	)
	build := harness.TestResult{ID: "shop.py", Status: erred, Group: harness.GroupBuild}
	unread := errors.New("not XML")
	tests := []struct {
		name    string
		outcome harness.Outcome
		want    harness.Verdict
	}{
		{"every test passed", harness.Outcome{Tests: results(pass, pass)}, harness.Passed},
		{"passed and skipped", harness.Outcome{Tests: results(pass, skip)}, harness.Passed},
		{"one failed", harness.Outcome{Tests: results(pass, fail), Exit: harness.Exit{Code: 1}}, harness.Failed},
		{"one failed and exit 0", harness.Outcome{Tests: results(pass, fail)}, harness.Failed},
		{"one failed and a signal", harness.Outcome{Tests: results(pass, fail), Exit: harness.Exit{Code: -1}}, harness.Failed},
		{"all errored on their own", harness.Outcome{Tests: results(erred, erred), Exit: harness.Exit{Code: 1}}, harness.Failed},
		{"syntax error", harness.Outcome{Tests: []harness.TestResult{build}, Exit: harness.Exit{Code: 2}}, harness.BuildFailed},
		{"syntax error, the rest did not run", harness.Outcome{Tests: append(results(notRun), build), Exit: harness.Exit{Code: 2}}, harness.BuildFailed},
		{"syntax error in one of two files", harness.Outcome{Tests: append(results(pass), build), Exit: harness.Exit{Code: 1}}, harness.Failed},
		{"exit 0 without any test", harness.Outcome{}, harness.Crashed},
		{"exit 0 with an unreadable report", harness.Outcome{ReportErr: unread}, harness.Crashed},
		{"exit 2 without any test", harness.Outcome{Exit: harness.Exit{Code: 2}}, harness.BuildFailed},
		{"exit 1 with an unreadable report", harness.Outcome{Exit: harness.Exit{Code: 1}, ReportErr: unread}, harness.BuildFailed},
		{"a signal without any test", harness.Outcome{Exit: harness.Exit{Code: -1}}, harness.Crashed},
		{"the test command is missing", harness.Outcome{Exit: harness.Exit{Code: 127}}, harness.Crashed},
		{"ended before the first test", harness.Outcome{Tests: results(notRun, notRun)}, harness.Crashed},
		{"ended in the middle", harness.Outcome{Tests: results(pass, notRun)}, harness.Crashed},
		{"only skipped tests", harness.Outcome{Tests: results(skip)}, harness.Crashed},
		{"an unknown status", harness.Outcome{Tests: results(pass, "splendid")}, harness.Crashed},
		{"passed but exit 1", harness.Outcome{Tests: results(pass), Exit: harness.Exit{Code: 1}}, harness.Crashed},
		{"passed but a signal", harness.Outcome{Tests: results(pass), Exit: harness.Exit{Code: -1}}, harness.Crashed},
		{"passed but out of time", harness.Outcome{Tests: results(pass), Exit: harness.Exit{LimitHit: "wall"}}, harness.TimedOut},
		{"failed and out of CPU time", harness.Outcome{Tests: results(fail), Exit: harness.Exit{Code: -1, LimitHit: "cpu"}}, harness.TimedOut},
		{"out of memory", harness.Outcome{Exit: harness.Exit{Code: -1, LimitHit: "memory"}}, harness.OutOfMemory},
		{"too many processes", harness.Outcome{Exit: harness.Exit{Code: -1, LimitHit: "processes"}}, harness.ProcessLimit},
		{"too much output", harness.Outcome{Exit: harness.Exit{Code: -1, LimitHit: "output"}}, harness.OutputLimit},
		{"too much on disk", harness.Outcome{Exit: harness.Exit{Code: 1, LimitHit: "disk"}}, harness.DiskLimit},
		{"every test passed, with an interference", harness.Outcome{Tests: results(pass, pass), Tampered: true}, harness.Tampered},
		{"every test skipped, with an interference", harness.Outcome{Tests: results(skip, skip), Tampered: true}, harness.Tampered},
		{"ended in the middle, with an interference", harness.Outcome{Tests: results(pass, notRun), Tampered: true}, harness.Tampered},
		{"a wrong answer, with an interference", harness.Outcome{Tests: results(pass, fail), Tampered: true}, harness.Failed},
		{"syntax error, with an interference", harness.Outcome{Tests: []harness.TestResult{build}, Tampered: true}, harness.BuildFailed},
		{"out of time, with an interference", harness.Outcome{Tests: results(pass), Tampered: true, Exit: harness.Exit{LimitHit: "wall"}}, harness.TimedOut},
		{"a limit of the future", harness.Outcome{Tests: results(pass), Exit: harness.Exit{LimitHit: "network"}}, harness.Crashed},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			verdict, message := harness.Judge(tt.outcome)
			if verdict != tt.want {
				t.Errorf("verdict is %s (%s), want %s", verdict, message, tt.want)
			}
			if speaks := verdict == harness.Passed || verdict == harness.Failed; speaks != (message == "") {
				t.Errorf("the message with %s is %q", verdict, message)
			}
		})
	}
}

func TestJudge_passesOnlyWhatIsProven(t *testing.T) {
	t.Parallel()
	statuses := []harness.TestStatus{harness.TestPassed, harness.TestFailed, harness.TestErrored, harness.TestSkipped, harness.TestNotRun}
	rapid.Check(t, func(t *rapid.T) {
		list := rapid.SliceOfN(rapid.SampledFrom(statuses), 0, 6).Draw(t, "statuses")
		exit := harness.Exit{Code: rapid.IntRange(-1, 3).Draw(t, "code"), LimitHit: rapid.SampledFrom([]string{"", "", "wall"}).Draw(t, "limit")}
		tampered := rapid.Bool().Draw(t, "tampered")
		verdict, _ := harness.Judge(harness.Outcome{Tests: results(list...), Exit: exit, Tampered: tampered})
		report := harness.Report{Tests: results(list...)}
		proven := exit == harness.Exit{} && !tampered && report.Count(harness.TestPassed) > 0 &&
			report.Count(harness.TestPassed)+report.Count(harness.TestSkipped) == len(list)
		if (verdict == harness.Passed) != proven {
			t.Fatalf("%v with exit %+v is %s", list, exit, verdict)
		}
	})
}
