// Package agent is the program inside every container: process 1, which keeps the learner's files,
// runs commands as the learner's user within limits, and leaves nothing behind. It speaks frames over
// standard input and output and ends when its input does.
//
// # Users
//
// A container has three users beside root, see Hello: the learner, as whom checks run learner's code;
// home, as whom programs and terminals run; and the tester, as whom the tests of a split check run and
// whose files those of a canary check are. What ran as the learner or the tester in a check is killed
// after it, and its files are removed, by the agent's own threads acting as that user.
//
// # Weaknesses
//
// Before its welcome, the agent tries as the learner what must not be possible there. The words for
// what is, in this order:
//
//	seccomp       no filter of system calls is applied
//	capabilities  the agent has more rights than to change users, to kill and to give files away
//	memory        the container's memory is not limited
//	processes     the number of its processes is not limited
//	root          the root file system can be written to
//	sysctl        settings of the kernel can be changed by root
//	privileges    a learner's process has or can get rights of root's
//	agent         a learner's process can inspect or signal process 1
//	engine        a socket of a container engine is there
//	devices       a disk, the memory, the kernel's log or the like can be opened
//	mount         file systems can be mounted
//	namespaces    a user namespace can be made
//	io_uring, bpf, perf, userfaultfd, keyring
//	              system calls with a history of holes are allowed
//	vsock, alg, packet, netlink
//	              such sockets can be opened
//	network       there is a network that Hello did not speak of
//
// The words for what additionally protects it:
//
//	gvisor        system calls reach gVisor and not the computer's kernel
//	landlock      the kernel lets nobody, root included, write outside of the folders of Hello
//
// The agent's side is Linux only. It trusts the host and nobody else: what runs as the learner's user
// is treated as hostile.
package agent

// Level is the protocol level; it grows by one with each change that an older side would not survive.
//
//	1  2026-11  the first
//	2  2026-11  three users per container, zygotes, the report channel, split and canary checks
const Level = 2

// RunFolder is where the agent makes its sockets: a folder of root's that everyone may enter.
const RunFolder = "/run/carrel"

// LearnerProgram is the name under which the agent's program is the launcher of learner's code.
const LearnerProgram = "learner"
