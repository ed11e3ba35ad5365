package docker

import "fmt"

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

// The remedies that fit several weaknesses.
const (
	remedySeccomp = "Start dockerd without --seccomp-profile=unconfined, on a kernel with seccomp, and use a runtime that applies profiles."
	remedyCgroup  = "Let dockerd and its runtime manage cgroups: remove --ignore-cgroups and the like, and see that docker info warns of nothing."
	remedyRuntime = "Use the runtime runc, or see what a wrapper or /etc/docker/daemon.json adds to containers."
)

// weakness says for a word of package agent what a program in a container could do, and what to change
// about the engine. An unknown word is one too many all the same.
func weakness(word string) (what, remedy string) {
	switch word {
	case "seccomp":
		return "no filter of system calls is applied", remedySeccomp
	case "capabilities":
		return "they have rights that we did not ask for", remedyRuntime
	case "memory":
		return "their memory is not limited", remedyCgroup
	case "processes":
		return "the number of their processes is not limited", remedyCgroup
	case "root":
		return "their root file system can be written to", remedyRuntime
	case "sysctl":
		return "settings of the kernel can be changed in them", remedyRuntime
	case "privileges":
		return "a program in them can have rights of root", remedyRuntime
	case "agent":
		return "a program in them can look into the process that guards it", "Use the runtime runc, or a release of gVisor that keeps /proc of other users closed: that of Debian 12 does not."
	case "engine":
		return "a container engine can be reached from inside", "Remove the mount of its socket from the runtime's settings or from the image."
	case "devices":
		return "devices of the computer can be opened in them", remedyRuntime
	case "mount":
		return "file systems can be mounted in them", remedySeccomp
	case "namespaces":
		return "a program in them can make itself root of a user namespace", remedySeccomp
	case "io_uring", "bpf", "perf", "userfaultfd", "keyring":
		return fmt.Sprintf("system calls that have had holes are open to them (%s)", word), remedySeccomp
	case "vsock", "alg", "packet", "netlink":
		return fmt.Sprintf("kinds of sockets that have had holes are open to them (%s)", word), remedySeccomp
	case "network":
		return "they have a network that nobody asked for", "See that docker run --network none shows nothing but the loopback; remove what adds to it."
	default:
		return fmt.Sprintf("a program in them can do what it must not (%s)", word), remedyRuntime
	}
}
