package harness

import "strings"

// GroupBuild is the Group of a test result that stands for code which could not be built, parsed or
// collected, so that its tests did not run. Its status is TestErrored.
const GroupBuild = "build"

// The integrity levels, in Suite.Integrity and Report.Integrity.
const (
	IntegritySplit     = "split"
	IntegrityCanary    = "canary"
	IntegrityInProcess = "in_process"
)

// The limits' names in Exit.LimitHit and Report.LimitHit.
const (
	LimitWall      = "wall"
	LimitCPU       = "cpu"
	LimitMemory    = "memory"
	LimitProcesses = "processes"
	LimitOutput    = "output"
	LimitDisk      = "disk"
)

// Exit codes that shells and the agent use for a command that could not be started.
const (
	exitNotExecutable = 126
	exitNotFound      = 127
)

// Outcome is what is known of a suite that has run.
type Outcome struct {
	Exit  Exit
	Tests []TestResult
	// ReportErr is why the report could not be used; Tests are empty then.
	ReportErr error
	// Tampered tells that the results cannot all be those of the tests as they are.
	Tampered bool
}

// Judge gives the verdict on an outcome and one sentence for the person, empty when the tests speak
// for themselves. The sentences hold no numbers or names, so that they can be translated whole.
//
// The first rule that applies decides:
//
//  1. a limit was hit: its verdict, whatever the tests say, for they were cut short
//  2. something did not build and no test ran: build_failed
//  3. a test failed or errored: failed
//  4. the results were tampered with: tampered
//  5. no test was passed: never passed; crashed when tests are known, a signal or exit code 0 ended
//     the run, or the command could not be started, else build_failed
//  6. a test did not get its turn: crashed
//  7. every test passed and the command exited with 0: passed
//  8. every test passed and the command did not: crashed
func Judge(o Outcome) (verdict Verdict, message string) {
	if o.Exit.LimitHit != "" {
		return judgeLimit(o.Exit.LimitHit)
	}
	c := count(o.Tests)
	switch {
	case c.build > 0 && c.ran() == 0:
		return BuildFailed, "The code could not be read or built, so no test ran: look at the first error."
	case c.failed+c.build > 0:
		return Failed, ""
	case o.Tampered:
		return Tampered, "Something in the program interfered with the tests, so their results do not count: remove it, and let the tests run as they are."
	case c.passed == 0:
		return judgeNoTests(o, c)
	case c.notRun > 0:
		return Crashed, "The program ended before all tests had run: look for a call that exits."
	case o.Exit.Code == 0:
		return Passed, ""
	default:
		return Crashed, "All tests passed, but the run itself ended with an error: look at the end of the output."
	}
}

func judgeLimit(limit string) (Verdict, string) {
	switch limit {
	case LimitWall, LimitCPU:
		return TimedOut, "The check ran out of time: look for a loop that does not end, or for input that is waited for."
	case LimitMemory:
		return OutOfMemory, "The program used more memory than it may: look for something that keeps growing."
	case LimitProcesses:
		return ProcessLimit, "The program started more processes or threads than it may: look for one that starts itself again."
	case LimitOutput:
		return OutputLimit, "The program printed more than it may: look for a loop that prints and does not end."
	case LimitDisk:
		return DiskLimit, "The program wrote more to disk than it may: look for a loop that writes and does not end."
	default:
		return Crashed, "The check was stopped at a limit."
	}
}

func judgeNoTests(o Outcome, c counts) (Verdict, string) {
	switch {
	case c.skipped > 0 && c.notRun == 0:
		return Crashed, "Every test was skipped, so nothing was checked."
	case len(o.Tests) > 0:
		return Crashed, "The program ended before the first test had run: look for a call that exits."
	case o.Exit.Code == exitNotExecutable || o.Exit.Code == exitNotFound:
		return Crashed, "The command that runs the tests could not be started: tell the author of the lesson."
	case o.Exit.Code < 0:
		return Crashed, "The run was ended by a signal before it told how the tests went."
	case o.Exit.Code == 0 && o.ReportErr != nil:
		return Crashed, "The tests left a report that cannot be read: something wrote to it, or ended them early."
	case o.Exit.Code == 0:
		return Crashed, "The run ended without telling how the tests went: look for a call that exits."
	default:
		return BuildFailed, "The tests could not be started: look at the first error of the output."
	}
}

// counts is how many results there are of each kind.
type counts struct{ passed, failed, build, skipped, notRun int }

func (c counts) ran() int { return c.passed + c.failed }

func count(tests []TestResult) counts {
	var c counts
	for _, t := range tests {
		switch t.Status {
		case TestPassed:
			c.passed++
		case TestFailed:
			c.failed++
		case TestErrored:
			if t.Group == GroupBuild {
				c.build++
			} else {
				c.failed++
			}
		case TestSkipped:
			c.skipped++
		case TestNotRun:
			c.notRun++
		default:
			c.notRun++ // an unknown status proves nothing
		}
	}
	return c
}

// NotFinished is the message of a test that has begun and not ended; its status is TestErrored.
const NotFinished = "The test did not finish."

// FormatExit is the report format of a suite that has only an exit code: one test, named by the
// command.
const FormatExit = "exit"

// ExitTest is the one test of a suite in FormatExit.
func ExitTest(command []string, exit Exit) TestResult {
	name := Neutral(strings.Join(command, " "))
	t := TestResult{ID: name, Name: name, Status: TestPassed}
	if exit.Code != 0 {
		t.Status = TestFailed
	}
	return t
}
