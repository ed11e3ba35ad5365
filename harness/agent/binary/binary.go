// Package binary holds the agent's programs, one per architecture of container. `go generate` builds
// them; they are not in the repository.
package binary

import (
	"embed"
	"errors"
	"io/fs"

	"github.com/carrel-dev/carrel/fault"
)

//go:generate env CGO_ENABLED=0 GOOS=linux GOARCH=amd64 go build -trimpath -buildvcs=false -ldflags "-s -w -buildid=" -o dist/carrel-agent-amd64 github.com/carrel-dev/carrel/harness/agent/cmd/carrel-agent
//go:generate env CGO_ENABLED=0 GOOS=linux GOARCH=arm64 go build -trimpath -buildvcs=false -ldflags "-s -w -buildid=" -o dist/carrel-agent-arm64 github.com/carrel-dev/carrel/harness/agent/cmd/carrel-agent

//go:embed all:dist
var dist embed.FS

// For returns the agent for an architecture in Go's names: "amd64" or "arm64".
func For(arch string) ([]byte, error) {
	data, err := dist.ReadFile("dist/carrel-agent-" + arch)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fault.Wrap(err, fault.Unavailable, "This copy of Carrel cannot run checks on this kind of computer.",
			"Install a complete copy of Carrel. From source: run make build.")
	}
	return data, err
}
