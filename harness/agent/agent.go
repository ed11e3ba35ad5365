// Package agent is the program inside every container: process 1, which keeps the learner's files,
// runs commands as the learner's user within limits, and leaves nothing behind. It speaks frames over
// standard input and output and ends when its input does.
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
