package checks

import (
	"context"

	"github.com/google/uuid"

	"github.com/carrel-dev/carrel/fault"
	"github.com/carrel-dev/carrel/harness"
	"github.com/carrel-dev/carrel/lesson"
)

// StartRun runs the learner's program without tests, on this computer.
func (s *Service) StartRun(ctx context.Context, id lesson.ID) (uuid.UUID, error) {
	ex, err := s.Exercises.Exercise(ctx, id)
	if err != nil {
		return uuid.Nil, err
	}
	if len(ex.Lesson.Exercise.RunCommand) == 0 {
		return uuid.Nil, fault.New(fault.Invalid, "This exercise has no program to run.", "Use Check instead.")
	}
	return s.begin(s.running, id, func(ctx context.Context, run uuid.UUID) {
		ended := Ended{Exit: harness.Exit{Code: -1}}
		exit, err := s.program(ctx, run, ex)
		switch {
		case err == nil:
			ended.Exit = exit
		case ctx.Err() == nil:
			ended.Message = infrastructure(err).Message
		}
		s.Tell(Event{ID: run, Lesson: id, Ended: &ended})
	})
}

// StopRun stops a program.
func (s *Service) StopRun(run uuid.UUID) { s.stop(s.running, run) }

func (s *Service) program(ctx context.Context, run uuid.UUID, ex Exercise) (harness.Exit, error) {
	session, err := s.sessions.prepared(ctx, ex)
	if err != nil {
		return harness.Exit{}, err
	}
	program := harness.ProgramFor(ex.Lesson.Exercise)
	program.Output = func(stream int, text string) {
		s.Tell(Event{ID: run, Lesson: ex.Lesson.ID, Output: &Output{Stream: stream, Text: text}})
	}
	return session.Run(ctx, program)
}
