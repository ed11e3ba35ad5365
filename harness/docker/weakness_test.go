package docker

import (
	"go/parser"
	"go/token"
	"regexp"
	"strings"
	"testing"

	containertypes "github.com/docker/docker/api/types/container"

	"github.com/carrel-dev/carrel/fault"
	"github.com/carrel-dev/carrel/harness"
	"github.com/carrel-dev/carrel/lesson"
)

// weaknessesOfAgent reads the words from the agent's documentation.
func weaknessesOfAgent(t *testing.T) []string {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "../agent/agent.go", nil, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	_, list, _ := strings.Cut(file.Doc.Text(), "# Weaknesses")
	list, _, _ = strings.Cut(list, "protects it:")
	var words []string
	for _, line := range regexp.MustCompile(`(?m)^\t(\S[a-z_, ]*?)(\s{2,}|$)`).FindAllStringSubmatch(list, -1) {
		words = append(words, strings.Split(line[1], ", ")...)
	}
	if len(words) < 10 {
		t.Fatalf("only %q", words)
	}
	return words
}

func TestWeakness(t *testing.T) {
	t.Parallel()
	unknown, _ := weakness("")
	unknown = strings.TrimSuffix(unknown, "()")
	for _, word := range weaknessesOfAgent(t) {
		what, remedy := weakness(word)
		if strings.HasPrefix(what, unknown) || remedy == "" {
			t.Errorf("%q has no words of its own", word)
		}
	}
}

// TestUnsafeContainers makes containers as an engine would that is set up wrongly.
func TestUnsafeContainers(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		tamper func(*containertypes.HostConfig)
		want   string
	}{
		{"without our filter of system calls", func(h *containertypes.HostConfig) {
			h.SecurityOpt = []string{"no-new-privileges", "seccomp=unconfined"}
		}, "no filter of system calls"},
		{"with the engine's old filter", func(h *containertypes.HostConfig) { h.SecurityOpt = []string{"no-new-privileges"} }, "that have had holes"},
		{"with a right more", func(h *containertypes.HostConfig) { h.CapAdd = append(h.CapAdd, "SYS_PTRACE") }, "rights that we did not ask for"},
		{"that may gain privileges", func(h *containertypes.HostConfig) { h.SecurityOpt = h.SecurityOpt[1:] }, ""},
		{"with a network", func(h *containertypes.HostConfig) { h.NetworkMode = "bridge" }, "a network that nobody asked for"},
		{"with a root that can be written to", func(h *containertypes.HostConfig) { h.ReadonlyRootfs = false }, "root file system can be written to"},
		{"without a limit of processes", func(h *containertypes.HostConfig) { h.PidsLimit = nil }, "number of their processes"},
		{"without a limit of memory", func(h *containertypes.HostConfig) { h.Memory, h.MemorySwap = 0, 0 }, "memory is not limited"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := New(Options{Agent: func(string) ([]byte, error) { return builtAgent() }, Spare: -1, tamper: tt.tamper})
			defer func() {
				if err := r.Close(); err != nil {
					t.Error(err)
				}
			}()
			spec := harness.Spec{Environment: lesson.Environment{Name: "shell"}, Owner: t.Name()}
			_, opening := r.Open(t.Context(), spec)
			_, probing := r.Probe(t.Context())
			if tt.want == "" { // the agent sees to it by itself
				if opening != nil || probing != nil {
					t.Errorf("got %v and %v", opening, probing)
				}
				return
			}
			for _, err := range []error{opening, probing} {
				message, hint := fault.Sentence(err)
				if fault.KindOf(err) != fault.Unavailable || !strings.Contains(message, tt.want) || hint == "" {
					t.Errorf("got %q, %q: %v", message, hint, err)
				}
			}
		})
	}
}
