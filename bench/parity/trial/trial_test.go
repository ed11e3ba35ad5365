package trial

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/carrel-dev/carrel/harness"
	"github.com/carrel-dev/carrel/lesson"
)

func TestSolutions(t *testing.T) {
	t.Parallel()
	right := lesson.Files{"a.sh": lesson.NewFile([]byte("right"))}
	wrong := lesson.Files{"a.sh": lesson.NewFile([]byte("wrong"))}
	got := Solutions(&lesson.Exercise{
		StarterPasses: true, Solution: right, Wrong: []lesson.WrongSolution{{Name: "twice", Files: wrong}},
	})
	want := []Solution{{"reference", true, right}, {"starter", true, nil}, {"wrong/twice", false, wrong}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("solutions differ (-want +got):\n%s", diff)
	}
}

func TestPair_Diff(t *testing.T) {
	t.Parallel()
	report := func(runner, verdict string, took float64) harness.Report {
		return harness.Report{Runner: runner, Host: runner, Verdict: harness.Verdict(verdict),
			Tests: []harness.TestResult{{ID: "adds", DurationMS: took}}}
	}
	tests := map[string]struct {
		pair  Pair
		equal bool
	}{
		"times and hosts do not count": {Pair{report("docker", "passed", 1), report("cloud", "passed", 2)}, true},
		"verdicts do":                  {Pair{report("docker", "passed", 1), report("cloud", "failed", 1)}, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := tt.pair.Diff(); (diff == "") != tt.equal {
				t.Errorf("diff = %q, want equal %v", diff, tt.equal)
			}
		})
	}
}

func TestLayOver(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "a.sh"), []byte("the starter, which is longer"), 0o400); err != nil {
		t.Fatal(err)
	}
	files := lesson.Files{"a.sh": lesson.NewFile([]byte("#!/bin/sh\n")), "below/b.txt": lesson.NewFile([]byte("b"))}
	if err := layOver(dir, files); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]os.FileMode{"a.sh": 0o755, "below/b.txt": 0o644} {
		data, err := os.ReadFile(filepath.Join(dir, path))
		if err != nil || string(data) != string(files[path].Data) {
			t.Errorf("%s is %q, %v", path, data, err)
		}
		if info, err := os.Stat(filepath.Join(dir, path)); err != nil || info.Mode() != want {
			t.Errorf("%s has mode %v, %v; want %v", path, info.Mode(), err, want)
		}
	}
	if err := layOver(dir, lesson.Files{"../out.txt": lesson.NewFile(nil)}); err == nil {
		t.Error("a file outside the workspace was written")
	}
}

func TestOutput(t *testing.T) {
	t.Parallel()
	o := &output{ready: make(chan string, 1)}
	for _, part := range []string{"starting\ncarreld is rea", "dy on http://127.0.0.1:73", "73\n", "ready on http://elsewhere\n"} {
		fmt.Fprint(o, part)
	}
	if got, want := <-o.ready, "http://127.0.0.1:7373"; got != want {
		t.Errorf("address %q, want %q", got, want)
	}
	select {
	case again := <-o.ready:
		t.Errorf("told %q as well", again)
	default:
	}
}
