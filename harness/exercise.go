package harness

import (
	"fmt"
	"time"

	"github.com/carrel-dev/carrel/lesson"
)

// SpecFor returns the environment an exercise asks for, for practice by owner.
func SpecFor(ex *lesson.Exercise, owner string) Spec {
	return Spec{Environment: ex.Environment, Network: ex.Network, Services: ex.Services, Limits: LimitsFor(ex.Check.Limits), Owner: owner}
}

// SuiteFor returns how an exercise is checked.
func SuiteFor(ex *lesson.Exercise) Suite {
	return Suite{
		Tests:      ex.Tests,
		Command:    ex.Check.Command,
		Env:        ex.Check.Env,
		Format:     ex.Check.Format,
		ReportPath: ex.Check.Report,
		Limits:     LimitsFor(ex.Check.Limits),
		Integrity:  ex.Check.Integrity,
	}
}

// The limits of a program that serves: it runs until it is stopped, and says a line per request.
const (
	servingTime  = 12 * time.Hour
	servingBytes = 64 << 20
)

// ProgramFor returns how the learner's program is started without tests. One with a preview goes on
// serving and is told its port.
func ProgramFor(ex *lesson.Exercise) Command {
	c := Command{Argv: ex.RunCommand, Limits: LimitsFor(ex.Check.Limits)}
	if ex.Preview != 0 {
		c.Env = []string{fmt.Sprintf("PORT=%d", ex.Preview)}
		c.Limits.Wall, c.Limits.CPU, c.Limits.OutputBytes = servingTime, servingTime, servingBytes
	}
	return c
}

// SnapshotFor returns the files a check starts from: the learner's where the exercise lets them
// write, present or deleted, and the course's own everywhere else. Paths that may not name a file are
// left out. Tests and hidden files come with the Suite.
func SnapshotFor(ex *lesson.Exercise, learner lesson.Files) lesson.Files {
	files := lesson.Files{}
	for p, f := range ex.Starter {
		if !lesson.MatchAny(ex.Learner, p) {
			files[p] = f
		}
	}
	for p, f := range learner {
		if lesson.MatchAny(ex.Learner, p) && lesson.CheckPath(p) == nil {
			files[p] = f
		}
	}
	return files
}

// LimitsFor returns an exercise's limits in full.
func LimitsFor(l lesson.Limits) Limits {
	return Limits{
		CPU:         time.Duration(l.CPUSeconds) * time.Second,
		Wall:        time.Duration(l.WallSeconds) * time.Second,
		MemoryBytes: int64(l.MemoryMB) << 20,
		Processes:   int64(l.Processes),
		OutputBytes: int64(l.OutputKB) << 10,
		DiskBytes:   int64(l.DiskMB) << 20,
	}.OrDefault()
}

// OrDefault returns the limits with zero and negative fields replaced by those of DefaultLimits.
func (l Limits) OrDefault() Limits {
	d := DefaultLimits()
	if l.CPU <= 0 {
		l.CPU = d.CPU
	}
	if l.Wall <= 0 {
		l.Wall = d.Wall
	}
	if l.MemoryBytes <= 0 {
		l.MemoryBytes = d.MemoryBytes
	}
	if l.Processes <= 0 {
		l.Processes = d.Processes
	}
	if l.OutputBytes <= 0 {
		l.OutputBytes = d.OutputBytes
	}
	if l.DiskBytes <= 0 {
		l.DiskBytes = d.DiskBytes
	}
	return l
}

// InMS returns the limits in the units of the JSON form.
func (l Limits) InMS() LimitsMS {
	return LimitsMS{
		CPUMS: l.CPU.Milliseconds(), WallMS: l.Wall.Milliseconds(), MemoryBytes: l.MemoryBytes,
		Processes: l.Processes, OutputBytes: l.OutputBytes, DiskBytes: l.DiskBytes,
	}
}
