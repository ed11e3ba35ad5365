package docker

import (
	"fmt"
)

// errUnsafe refuses an engine whose containers leave a process of the learner what it must not have, by
// the words of the agent's welcome. nil means that the container is safe. Of several weaknesses the
// first in the agent's order is told: changing the engine for it often removes the others.
func errUnsafe(weaknesses []string) error {
	if len(weaknesses) == 0 {
		return nil
	}
	what, remedy := weakness(weaknesses[0])
	return unfit("Containers of this Docker are not safe: "+what+".", remedy)
}

const (
	remedySeccomp = "Start dockerd without --seccomp-profile=unconfined, on a kernel with seccomp."
	remedyEngine  = "Remove what /etc/docker/daemon.json or a wrapper of the runtime changes about security, and restart Docker."
)

// weakness says for a word of package agent what a process of the learner could do, and what to change
// about the engine.
func weakness(word string) (what, remedy string) {
	switch word {
	case "seccomp":
		return "no filter of system calls is applied", remedySeccomp
	case "network":
		return "there is a network although none was asked for", "Remove the default network of the runtime; containers with --network none must have loopback only."
	default:
		return fmt.Sprintf("a program in them can use %q, which must be out of its reach", word), remedyEngine
	}
}
