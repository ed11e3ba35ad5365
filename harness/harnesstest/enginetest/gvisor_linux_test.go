package enginetest_test

import (
	"strings"
	"testing"

	"github.com/carrel-dev/carrel/fault"
	"github.com/carrel-dev/carrel/harness"
	"github.com/carrel-dev/carrel/harness/harnesstest/enginetest"
	"github.com/carrel-dev/carrel/lesson"
)

// testGVisor runs Debian's gVisor, which has to be refused: there a learner's process can open what
// process 1 has open by its name under /proc, the agent's own input and output included, and so could
// forge a verdict. The agent runs there and finds out.
func testGVisor(t *testing.T, m *enginetest.Machine) {
	o := on(m)
	o.Runtime = "runsc"
	r := runner(t, o)
	engine, err := r.Facts(t.Context())
	if err != nil || engine.Runtime != "runsc" {
		t.Errorf("got %+v, %v", engine, err)
	}
	_, probing := r.Probe(t.Context())
	_, opening := r.Open(t.Context(), harness.Spec{Environment: lesson.Environment{Name: "shell"}, Owner: t.Name()})
	for _, err := range []error{probing, opening} {
		message, hint := fault.Sentence(err)
		if fault.KindOf(err) != fault.Unavailable || !strings.Contains(message, "look into the process that guards it") || !strings.Contains(hint, "gVisor") {
			t.Errorf("got %q, %q: %v", message, hint, err)
		}
	}
}
