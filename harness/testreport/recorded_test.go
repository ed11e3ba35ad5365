package testreport_test

import (
	"encoding/json"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/carrel-dev/carrel/harness"
	"github.com/carrel-dev/carrel/harness/docker"
	"github.com/carrel-dev/carrel/lesson"
)

// The recorded reports come from testdata/sources. This runs those of our own environments again, so
// that a change of an image, of our pytest plugin or of the tools themselves cannot pass unseen.
func TestRecordedReports(t *testing.T) {
	t.Parallel()
	runner := docker.New(docker.Options{Log: slog.New(slog.DiscardHandler)})
	t.Cleanup(func() {
		if err := runner.Close(); err != nil {
			t.Error(err)
		}
	})
	tests := map[string]string{
		"python": "testdata/junit/pytest-carrel.xml.golden",
		"shell":  "testdata/tap/bats-assertions.tap.golden",
	}
	for environment, golden := range tests {
		t.Run(environment, func(t *testing.T) {
			t.Parallel()
			limits := harness.Limits{CPU: time.Minute, Wall: 2 * time.Minute}
			session, err := runner.Open(t.Context(), harness.Spec{
				Environment: lesson.Environment{Name: environment}, Limits: limits, Owner: "testreport",
			})
			if err != nil {
				t.Fatal(err)
			}
			defer session.Close()
			if err := session.Put(t.Context(), sources(t, environment)); err != nil {
				t.Fatal(err)
			}
			report, err := session.Check(t.Context(), harness.Suite{Limits: limits}, nil)
			if err != nil {
				t.Fatal(err)
			}
			data, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			var want harness.Report
			if err := json.Unmarshal(data, &want.Tests); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want.Comparable().Tests, report.Comparable().Tests); diff != "" {
				t.Errorf("%s: %s\nresults differ (-recorded +now):\n%s", report.Verdict, report.Message, diff)
			}
		})
	}
}

func sources(t *testing.T, environment string) lesson.Files {
	t.Helper()
	files := lesson.Files{}
	root := os.DirFS(filepath.Join("testdata", "sources", environment))
	err := fs.WalkDir(root, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := fs.ReadFile(root, path)
		files[path] = lesson.File{Data: data}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}
