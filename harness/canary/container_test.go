package canary_test

import (
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/carrel-dev/carrel/harness"
	"github.com/carrel-dev/carrel/harness/canary"
	"github.com/carrel-dev/carrel/harness/docker"
	"github.com/carrel-dev/carrel/lesson"
)

// suites are the samples with their solutions, as learners and authors have them.
var suites = map[string]struct {
	environment string
	tests       string
	solution    map[string]string // path in the workspace: file of testdata
	// wrong exchanges a part of the solution; failing are the names of the tests that notice.
	file, right, wrong string
	failing            []string
}{
	canary.Pytest: {"python", "test_shop.py", map[string]string{"shop.py": "shop.py"}, "shop.py", "len(items)", "len(items) + 1", []string{"average"}},
	canary.Node:   {"node", "shop.test.mjs", map[string]string{"shop.mjs": "shop.mjs"}, "shop.mjs", "Hello", "Hallo", []string{"short"}},
	canary.Go:     {"go", "shop_test.go", map[string]string{"shop.go": "shop.go.txt", "go.mod": "go.mod.txt"}, "shop.go", `day != "sunday"`, "true", []string{"Open"}},
	canary.C:      {"c", "test_shop.c", map[string]string{"shop.c": "shop.c", "shop.h": "shop.h"}, "shop.c", "/ 2", "/ 3", []string{"average is exact"}},
	canary.Bats:   {"shell", "shop.bats", map[string]string{"shop.sh": "shop.sh"}, "shop.sh", "Hello", "Hallo", []string{"says hello", "explains itself"}},
}

// On the real runners a right solution passes however chance disguises the tests, a wrong one fails as it
// does without a disguise, and reports tell nothing of it.
func TestCanary_realRunners(t *testing.T) {
	t.Parallel()
	runner := docker.New(docker.Options{Log: slog.New(slog.DiscardHandler)})
	t.Cleanup(func() {
		if err := runner.Close(); err != nil {
			t.Error(err)
		}
	})
	for dialect, s := range suites {
		t.Run(dialect, func(t *testing.T) {
			t.Parallel()
			limits := harness.Limits{CPU: time.Minute, Wall: 2 * time.Minute, MemoryBytes: 1 << 30, Processes: 128, DiskBytes: 256 << 20}
			session, err := runner.Open(t.Context(), harness.Spec{Environment: lesson.Environment{Name: s.environment}, Limits: limits, Owner: "canary"})
			if err != nil {
				t.Fatal(err)
			}
			defer func() {
				if err := session.Close(); err != nil {
					t.Error(err)
				}
			}()
			files := lesson.Files{}
			for path, from := range s.solution {
				files[path] = read(t, from)
			}
			suite := harness.Suite{Tests: lesson.Files{s.tests: read(t, s.tests)}, Limits: limits}
			check := func(files lesson.Files, level string) harness.Report {
				t.Helper()
				if err := session.Put(t.Context(), files); err != nil {
					t.Fatal(err)
				}
				suite.Integrity = level
				var told []string
				report, err := session.Check(t.Context(), suite, func(e harness.Event) {
					if e.Test != nil {
						told = append(told, e.Test.ID)
					}
				})
				if err != nil {
					t.Fatal(err)
				}
				if len(told) != len(report.Tests) {
					t.Errorf("%d tests were told, %d are in the report: %v", len(told), len(report.Tests), told)
				}
				if report.Integrity != level {
					t.Errorf("the report says %q", report.Integrity)
				}
				report = report.Comparable()
				report.Digests, report.Integrity = harness.Digests{}, ""
				return report
			}
			plain := check(files, harness.IntegrityInProcess)
			if plain.Verdict != harness.Passed {
				t.Fatalf("without a disguise: %s %s %+v", plain.Verdict, plain.Message, plain.Tests)
			}
			for range 3 {
				if diff := cmp.Diff(plain, check(files, harness.IntegrityCanary)); diff != "" {
					t.Fatalf("a right solution (-in process +canary):\n%s", diff)
				}
			}
			wrong := files.Overlay()
			wrong[s.file] = lesson.NewFile([]byte(strings.Replace(string(files[s.file].Data), s.right, s.wrong, 1)))
			plain = check(wrong, harness.IntegrityInProcess)
			var failing []string
			for _, r := range plain.Tests {
				if r.Status == harness.TestFailed {
					failing = append(failing, r.Name)
				}
			}
			if diff := cmp.Diff(s.failing, failing); diff != "" {
				t.Errorf("failing tests (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(plain, check(wrong, harness.IntegrityCanary)); diff != "" {
				t.Errorf("a wrong solution (-in process +canary):\n%s", diff)
			}
		})
	}
}

func read(t *testing.T, name string) lesson.File {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return lesson.NewFile(data)
}
