// Package harness is the contract for running exercises: a Runner opens a Session, a live
// environment that takes files, checks them and reports. The same files give the same verdict on
// every Runner; package harnesstest is the suite that each of them passes.
package harness

import (
	"context"
	"io"
	"time"

	"github.com/carrel-dev/carrel/lesson"
)

// Runner opens environments. Implementations are safe for concurrent use.
type Runner interface {
	// Open returns a session on a live environment. The caller closes it. Errors are faults:
	// Unavailable when the engine cannot be reached, NotFound when the image is missing.
	Open(ctx context.Context, spec Spec) (Session, error)
}

// Session is one live environment of one learner. Its methods are not safe for concurrent use,
// except Terminal, Dial, Run and Close.
type Session interface {
	// Put makes the learner's files equal to files. Only what changed since the last Put travels.
	Put(ctx context.Context, files lesson.Files) error
	// Check runs the suite on the files. Events are delivered on the calling goroutine before Check
	// returns. The error is an infrastructure problem (a *fault.Error); whatever the learner's code
	// did is a Report.
	Check(ctx context.Context, suite Suite, events func(Event)) (Report, error)
	// Run starts a command without tests and waits for its end.
	Run(ctx context.Context, command Command) (Exit, error)
	// Terminal starts an interactive shell.
	Terminal(ctx context.Context, size Size) (Terminal, error)
	// Dial connects to a TCP port inside the environment.
	Dial(ctx context.Context, port uint16) (io.ReadWriteCloser, error)
	// Close ends every process and gives the environment back. It may be called twice.
	Close() error
}

// Spec says which environment to open, for whom.
type Spec struct {
	Environment lesson.Environment
	Network     lesson.Network
	// Services run beside the environment and are reached on its loopback.
	Services []lesson.Service
	Limits   Limits
	// Owner is whose work runs there. An environment is never shared between owners.
	Owner string
	// Fresh asks for an environment nobody has used: graded checks.
	Fresh bool
}

// Suite is how a snapshot is checked.
type Suite struct {
	// Tests are laid over the learner's files for the check and removed after it.
	Tests lesson.Files
	// Command, Env, Format and ReportPath are the exercise's; empty ones take the language pack's.
	Command    []string
	Env        []string
	Format     string
	ReportPath string
	Limits     Limits
	// Integrity is the level the exercise asks for; Report.Integrity is the one the check had.
	Integrity string
}

// Limits bounds a run. Zero fields are replaced by those of DefaultLimits. Wall is time in which the
// run could have gone on: waiting for the CPUs of a busy computer does not count, up to twice Wall.
type Limits struct {
	CPU         time.Duration
	Wall        time.Duration
	MemoryBytes int64
	Processes   int64
	OutputBytes int64
	DiskBytes   int64
}

// DefaultLimits are generous for learners' exercises and small enough for a laptop.
func DefaultLimits() Limits {
	return Limits{
		CPU:         10 * time.Second,
		Wall:        15 * time.Second,
		MemoryBytes: 512 << 20,
		Processes:   64,
		OutputBytes: 256 << 10,
		DiskBytes:   64 << 20,
	}
}

// Command is a program to run.
type Command struct {
	Argv   []string
	Env    []string
	Limits Limits
	// Output receives what it prints, made harmless; stream is 1 or 2. It is called on one goroutine.
	Output func(stream int, text string)
}

// Exit is how a command ended.
type Exit struct {
	Code     int // -1 when a signal ended it
	LimitHit string
	Usage    Usage
}

// Size is that of a terminal.
type Size struct{ Rows, Columns uint16 }

// Terminal is an interactive shell. Read returns io.EOF when it ended.
type Terminal interface {
	io.ReadWriteCloser
	Resize(size Size) error
}

// Event is a step of a check. Exactly one field is set.
type Event struct {
	// Queued is how many checks wait before this one, from 1.
	Queued int
	// Opening is set while the environment starts.
	Opening bool
	// Running is set when the tests start.
	Running bool
	// Test is a test that ended.
	Test *TestResult
}
