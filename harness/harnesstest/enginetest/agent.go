package enginetest

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sync"
)

// Agent returns the agent of the sources at hand: the one built in may be older.
func Agent(arch string) ([]byte, error) {
	built, err := agent()
	if err != nil || built.arch == arch {
		return built.program, err
	}
	return nil, fmt.Errorf("the test's agent is for %s, not %s", built.arch, arch)
}

type program struct {
	arch    string
	program []byte
}

var agent = sync.OnceValues(func() (program, error) {
	dir, err := os.MkdirTemp("", "carrel-agent")
	if err != nil {
		return program{}, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	file := filepath.Join(dir, "agent")
	build := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w", "-o", file, "github.com/carrel-dev/carrel/harness/agent/cmd/carrel-agent")
	build.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux")
	if out, err := build.CombinedOutput(); err != nil {
		return program{}, fmt.Errorf("building the agent: %w\n%s", err, out)
	}
	data, err := os.ReadFile(file)
	return program{runtime.GOARCH, data}, err
})
