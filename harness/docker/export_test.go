package docker

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"

	"github.com/carrel-dev/carrel/build/images"
)

// builtAgent is the agent of the sources at hand: the one built in may be older.
var builtAgent = sync.OnceValues(func() ([]byte, error) {
	dir, err := os.MkdirTemp("", "carrel-agent")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "agent")
	build := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w", "-o", file, "../agent/cmd/carrel-agent")
	build.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux")
	if out, err := build.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("building the agent: %w\n%s", err, out)
	}
	return os.ReadFile(file)
})

// BuiltAgent is builtAgent for the tests outside the package.
func BuiltAgent() ([]byte, error) { return builtAgent() }

// RunnerName is in the name of everything a Runner has on its engine.
func RunnerName(r *Runner) string { return r.ledger.runner }

func shellRef() string { return Ref("shell") }

// Ref is the image of an environment that ships with Carrel.
func Ref(name string) string {
	recipe, _ := images.Lookup(name)
	return recipe.Ref()
}
