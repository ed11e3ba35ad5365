package rpc

import (
	"unicode/utf8"

	"github.com/carrel-dev/carrel/app/checks"
	"github.com/carrel-dev/carrel/app/exchange"
	"github.com/carrel-dev/carrel/app/library"
	"github.com/carrel-dev/carrel/app/terminal"
	"github.com/carrel-dev/carrel/lesson"
	idev1 "github.com/carrel-dev/carrel/proto/gen/carrel/ide/v1"
	"github.com/carrel-dev/carrel/proto/wire"
)

// maxPiece bounds the output in one event, so that batches stay small.
const maxPiece = 32 << 10

// TellCheck carries a step of a check or of a program's run.
func (e *Events) TellCheck(c checks.Event) {
	id := c.ID.String()
	switch {
	case c.Output != nil:
		for text := c.Output.Text; text != ""; {
			piece := firstPiece(text)
			text = text[len(piece):]
			e.tellRun(&idev1.RunEvent{RunId: id, Stream: uint32(c.Output.Stream), Text: piece})
		}
	case c.Ended != nil:
		e.tellRun(&idev1.RunEvent{RunId: id, Ended: true, ExitCode: int32(c.Ended.Exit.Code),
			LimitHit: c.Ended.Exit.LimitHit, Message: c.Ended.Message})
	default:
		check := &idev1.CheckEvent{CheckId: id, LessonId: c.Lesson.String()}
		setStep(check, c)
		e.Tell(&idev1.Event{Kind: &idev1.Event_Check{Check: check}})
	}
}

func (e *Events) tellRun(run *idev1.RunEvent) { e.Tell(&idev1.Event{Kind: &idev1.Event_Run{Run: run}}) }

// firstPiece cuts a text after maxPiece bytes, between characters.
func firstPiece(text string) string {
	if len(text) <= maxPiece {
		return text
	}
	end := maxPiece
	for !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end]
}

func setStep(check *idev1.CheckEvent, c checks.Event) {
	switch {
	case c.Report != nil:
		check.Step = &idev1.CheckEvent_Report{Report: wire.ReportToProto(*c.Report)}
	case c.Stopped:
		check.Step = &idev1.CheckEvent_Stopped{Stopped: true}
	case c.Step == nil:
	case c.Step.Test != nil:
		check.Step = &idev1.CheckEvent_Test{Test: wire.TestResultToProto(*c.Step.Test)}
	case c.Step.Running:
		check.Step = &idev1.CheckEvent_Running{}
	case c.Step.Opening:
		check.Step = &idev1.CheckEvent_Opening{Opening: true}
	case c.Step.Queued > 0:
		check.Step = &idev1.CheckEvent_Queued{Queued: uint32(c.Step.Queued)}
	}
}

// TellTerminal carries what a terminal did.
func (e *Events) TellTerminal(t terminal.Event) {
	e.Tell(&idev1.Event{Kind: &idev1.Event_Terminal{Terminal: &idev1.TerminalEvent{TerminalId: string(t.Terminal),
		Offset: t.Offset, Data: t.Data, Ended: t.Ended, Message: t.Message}}})
}

// TellFiles carries that another program changed files.
func (e *Events) TellFiles(id lesson.ID, paths []string) {
	e.Tell(&idev1.Event{Kind: &idev1.Event_FilesChanged{FilesChanged: &idev1.FilesChanged{LessonId: id.String(), Paths: paths}}})
}

// TellSync carries a new sync status.
func (e *Events) TellSync(s exchange.Status) {
	e.Tell(&idev1.Event{Kind: &idev1.Event_Sync{Sync: statusToProto(s)}})
}

// TellProgress carries that progress in these lessons is to be fetched again; without lessons, all of it
// and the list of courses.
func (e *Events) TellProgress(lessons ...lesson.ID) {
	changed := &idev1.ProgressChanged{}
	for _, id := range lessons {
		changed.LessonIds = append(changed.LessonIds, id.String())
	}
	e.Tell(&idev1.Event{Kind: &idev1.Event_ProgressChanged{ProgressChanged: changed}})
}

// TellTask carries how long work gets on.
func (e *Events) TellTask(t library.Task) {
	e.Tell(&idev1.Event{Kind: &idev1.Event_Task{Task: &idev1.TaskEvent{TaskId: t.ID, TitleKey: t.TitleKey, Subject: t.Subject,
		Fraction: t.Fraction, Ended: t.Ended, Message: t.Message}}})
}

// TellRunners carries that runners came or went.
func (e *Events) TellRunners() {
	e.Tell(&idev1.Event{Kind: &idev1.Event_RunnersChanged{RunnersChanged: &idev1.RunnersChanged{}}})
}
