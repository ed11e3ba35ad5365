package e2e

import (
	"path/filepath"
	"testing"

	"github.com/carrel-dev/carrel/bench/parity/trial"
	"github.com/carrel-dev/carrel/harness"
)

// TestParity checks every solution of the course that ships, right and wrong, on Docker and in the cloud:
// the reports must be equal. It is slow, about three seconds for each solution, because each check is a
// program, a container and, in the cloud, a job of its own.
func TestParity(t *testing.T) {
	both, err := trial.Start(t.Context(), trial.Options{
		Carrel: filepath.Join(bin, "carrel"), Carreld: filepath.Join(bin, "carreld"), Course: "../courses/first-steps",
	})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := both.Close(); err != nil {
			t.Error(err)
		}
	}()
	for _, l := range both.Exercises() {
		for _, s := range trial.Solutions(l.Exercise) {
			t.Run(l.Slug+" "+s.Name, func(t *testing.T) {
				pair, err := both.Check(t.Context(), l, s)
				if err != nil {
					t.Fatal(err)
				}
				if diff := pair.Diff(); diff != "" {
					t.Errorf("reports differ (-docker +cloud):\n%s", diff)
				}
				if passed := pair.Cloud.Verdict == harness.Passed; passed != s.Right {
					t.Errorf("the verdict is %s, and passing is right: %v", pair.Cloud.Verdict, s.Right)
				}
			})
		}
	}
}
