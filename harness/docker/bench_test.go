package docker_test

import (
	"testing"

	"github.com/carrel-dev/carrel/harness"
	"github.com/carrel-dev/carrel/harness/docker"
	"github.com/carrel-dev/carrel/lesson"
)

func BenchmarkCheck_warm(b *testing.B) {
	for _, bb := range []struct {
		name, env string
		suite     harness.Suite
	}{
		{"true", "shell", harness.Suite{Command: []string{"true"}, Format: harness.FormatExit}},
		{"pytest", "python", harness.Suite{Tests: lesson.Files{"test_a.py": lesson.NewFile([]byte("from a import f\ndef test_f(): assert f() == 1\n"))}}},
	} {
		b.Run(bb.name, func(b *testing.B) {
			r := docker.New(docker.Options{Agent: func(string) ([]byte, error) { return docker.BuiltAgent() }})
			defer func() { _ = r.Close() }()
			s, err := r.Open(b.Context(), harness.Spec{Environment: lesson.Environment{Name: bb.env}, Owner: b.Name()})
			if err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				if err := s.Put(b.Context(), lesson.Files{"a.py": lesson.NewFile([]byte("def f(): return 1\n"))}); err != nil {
					b.Fatal(err)
				}
				report, err := s.Check(b.Context(), bb.suite, nil)
				if err != nil || report.Verdict != harness.Passed {
					b.Fatalf("got %+v, %v", report, err)
				}
			}
		})
	}
}
