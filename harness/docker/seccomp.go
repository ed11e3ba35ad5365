package docker

import (
	"bytes"
	_ "embed"
	"encoding/json"
)

// seccompJSON is Docker's own profile, narrowed: see TestSeccompProfile, which makes it. An engine's
// built-in one depends on its age; that of Docker 20.10 lets io_uring and vsock through.
//
//go:embed seccomp.json
var seccompJSON []byte

func seccompProfile() string {
	var compact bytes.Buffer
	if err := json.Compact(&compact, seccompJSON); err != nil {
		return string(seccompJSON) // the engine's error will tell
	}
	return compact.String()
}
