package harness_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/carrel-dev/carrel/harness"
	"github.com/carrel-dev/carrel/lesson"
)

func text(s string) lesson.File { return lesson.NewFile([]byte(s)) }

func TestSnapshotFor(t *testing.T) {
	t.Parallel()
	ex := &lesson.Exercise{
		Learner: []string{"shop.py", "lib/**"},
		Starter: lesson.Files{"shop.py": text("starter"), "lib/old.py": text("starter"), "README.md": text("read me")},
		Tests:   lesson.Files{"tests/test_shop.py": text("real tests")},
		Hidden:  []string{"tests/**"},
	}
	got := harness.SnapshotFor(ex, lesson.Files{
		"shop.py":            text("mine"),
		"lib/deep/new.py":    text("new"),
		"README.md":          text("changed"),
		"conftest.py":        text("smuggled"),
		"tests/test_shop.py": text("smuggled"),
		"lib/../../out":      text("smuggled"),
	})
	want := lesson.Files{
		"shop.py":         text("mine"),
		"lib/deep/new.py": text("new"),
		"README.md":       text("read me"),
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestLimitsFor(t *testing.T) {
	t.Parallel()
	want := harness.DefaultLimits()
	want.Wall, want.MemoryBytes = 3*time.Second, 64<<20
	if diff := cmp.Diff(want, harness.LimitsFor(lesson.Limits{WallSeconds: 3, MemoryMB: 64})); diff != "" {
		t.Error(diff)
	}
}

func TestSuite_Digest(t *testing.T) {
	t.Parallel()
	base := harness.Suite{Tests: lesson.Files{"a": text("1")}, Command: []string{"x", "y"}, Format: "tap"}
	changed := map[string]harness.Suite{
		"tests":   {Tests: lesson.Files{"a": text("2")}, Command: base.Command, Format: base.Format},
		"command": {Tests: base.Tests, Command: []string{"x y"}, Format: base.Format},
		"format":  {Tests: base.Tests, Command: base.Command, Format: "junit"},
	}
	for what, s := range changed {
		if s.Digest() == base.Digest() {
			t.Errorf("another %s has the same digest", what)
		}
	}
	limited := base
	limited.Limits.Wall = time.Second
	if limited.Digest() != base.Digest() {
		t.Error("limits change the digest")
	}
}
