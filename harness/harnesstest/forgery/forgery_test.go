package forgery

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/carrel-dev/carrel/harness"
	"github.com/carrel-dev/carrel/lesson"
)

func TestLoad(t *testing.T) {
	t.Parallel()
	for _, name := range Names() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l, err := Load(name)
			if err != nil {
				t.Fatal(err)
			}
			if len(l.Attacks) < 20 || len(l.Right) < 4 || len(l.Wrong) < 3 {
				t.Errorf("%d attacks, %d right and %d wrong solutions are too few", len(l.Attacks), len(l.Right), len(l.Wrong))
			}
			if len(l.Exercise.Tests) == 0 || len(l.Exercise.Learner) == 0 || len(l.Cases) == 0 || l.ExitCode == "" {
				t.Errorf("the exercise is not whole: %+v", l.Exercise)
			}
			for _, list := range [][]Solution{l.Attacks, l.Right, l.Wrong} {
				for _, s := range list {
					if len(s.Files) == 0 || !strings.HasSuffix(s.Does, ".") || strings.Contains(s.Does, "\n") {
						t.Errorf("%s: has %d files and does %q", s.Name, len(s.Files), s.Does)
					}
					for path := range s.Files {
						if err := lesson.CheckPath(path); err != nil {
							t.Errorf("%s: %v", s.Name, err)
						}
					}
				}
			}
		})
	}
}

func TestTable(t *testing.T) {
	t.Parallel()
	trial := func(language string, way Way, kind Kind, name string, verdict harness.Verdict) Trial {
		return Trial{Language: language, Way: way, Kind: kind, Solution: Solution{Name: name}, Report: harness.Report{Verdict: verdict}}
	}
	got := Table([]Trial{
		trial("c", ExitCode, Attack, "exits", harness.Passed), trial("c", Canary, Attack, "exits", harness.Tampered),
		trial("c", ExitCode, Attack, "lies", harness.Failed), trial("c", Canary, Attack, "lies", harness.Passed),
		trial("c", Canary, Right, "plain", harness.Tampered), trial("c", ExitCode, Right, "plain", harness.Failed),
		trial("go", ExitCode, Attack, "exits", harness.Passed),
	})
	want := `| language | attacks | pass by exit code | pass by in_process | pass by canary | pass by split | pass by split, cases | right solutions | rejected |
|---|---:|---:|---:|---:|---:|---:|---:|---:|
| c | 2 | 1 | not tried | 1 | not tried | not tried | 1 | 1 |
| go | 1 | 1 | not tried | not tried | not tried | not tried | 0 | 0 |
| all | 3 | 2 | not tried | 1 | not tried | not tried | 1 | 1 |
`
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("table differs (-want +got):\n%s", diff)
	}
}
