package testreport

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/carrel-dev/carrel/harness"
)

// exercismReport is results.json. Version 1 has only a status, 2 adds tests, 3 adds task_id.
type exercismReport struct {
	Version int            `json:"version"`
	Status  string         `json:"status"` // "pass", "fail" or "error"
	Message string         `json:"message"`
	Tests   []exercismTest `json:"tests"`
}

type exercismTest struct {
	Name    string `json:"name"`
	Status  string `json:"status"`
	Message string `json:"message"`
	Output  string `json:"output"`
	TaskID  int    `json:"task_id"`
}

func parseExercism(data []byte) ([]harness.TestResult, error) {
	var report exercismReport
	if err := json.Unmarshal(data, &report); err != nil {
		return nil, unreadable("results.json", err)
	}
	status, ok := exercismStatus(report.Status)
	if !ok || report.Version < 0 || report.Version > 3 {
		return nil, unreadable("results.json", fmt.Errorf("version %d with status %q", report.Version, report.Status))
	}
	if len(report.Tests) == 0 {
		all := harness.TestResult{ID: "all", Name: "All tests", Status: status, Message: report.Message}
		if status == harness.TestErrored {
			all.Group = harness.GroupBuild // an error without tests: the solution could not be run
		}
		return []harness.TestResult{all}, nil
	}
	results := make([]harness.TestResult, 0, len(report.Tests))
	for _, test := range report.Tests {
		status, ok := exercismStatus(test.Status)
		if !ok {
			return nil, unreadable("results.json", errors.New("a test without a known status"))
		}
		r := harness.TestResult{ID: test.Name, Name: test.Name, Status: status, Message: test.Message, Output: test.Output}
		if test.TaskID > 0 {
			r.Group = fmt.Sprintf("Task %d", test.TaskID)
		}
		results = append(results, r)
	}
	return results, nil
}

func exercismStatus(word string) (harness.TestStatus, bool) {
	switch word {
	case "pass":
		return harness.TestPassed, true
	case "fail":
		return harness.TestFailed, true
	case "error":
		return harness.TestErrored, true
	default:
		return "", false
	}
}
