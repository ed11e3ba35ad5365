package rpc

import (
	"context"

	"github.com/carrel-dev/carrel/app/terminal"
	"github.com/carrel-dev/carrel/fault"
	"github.com/carrel-dev/carrel/harness"
	idev1 "github.com/carrel-dev/carrel/proto/gen/carrel/ide/v1"
	"github.com/carrel-dev/carrel/proto/wire"
)

// terminalService implements idev1connect.TerminalServiceHandler.
type terminalService struct{ terminals *terminal.Set }

// maxSide bounds rows and columns: far above any screen.
const maxSide = 1000

func sizeFromProto(rows, columns uint32) (harness.Size, error) {
	if rows == 0 || columns == 0 || rows > maxSide || columns > maxSide {
		return harness.Size{}, fault.New(fault.Invalid, "A terminal cannot have this size.", "Make its pane larger.")
	}
	return harness.Size{Rows: uint16(rows), Columns: uint16(columns)}, nil
}

func (s *terminalService) OpenTerminal(ctx context.Context, req *idev1.OpenTerminalRequest) (*idev1.OpenTerminalResponse, error) {
	lessonID, err := wire.ParseUUID("lesson_id", req.LessonId)
	if err != nil {
		return nil, err
	}
	size, err := sizeFromProto(req.Rows, req.Columns)
	if err != nil {
		return nil, err
	}
	opened, err := s.terminals.Open(ctx, lessonID, size, req.Reuse)
	if err != nil {
		return nil, err
	}
	return &idev1.OpenTerminalResponse{TerminalId: string(opened.ID), Offset: opened.Offset, Seq: opened.Seq}, nil
}

func (s *terminalService) WriteTerminal(ctx context.Context, req *idev1.WriteTerminalRequest) (*idev1.WriteTerminalResponse, error) {
	return &idev1.WriteTerminalResponse{}, s.terminals.Write(ctx, terminal.ID(req.TerminalId), req.Seq, req.Data)
}

func (s *terminalService) ResizeTerminal(_ context.Context, req *idev1.ResizeTerminalRequest) (*idev1.ResizeTerminalResponse, error) {
	size, err := sizeFromProto(req.Rows, req.Columns)
	if err != nil {
		return nil, err
	}
	return &idev1.ResizeTerminalResponse{}, s.terminals.Resize(terminal.ID(req.TerminalId), size)
}

func (s *terminalService) ReplayTerminal(_ context.Context, req *idev1.ReplayTerminalRequest) (*idev1.ReplayTerminalResponse, error) {
	data, offset, err := s.terminals.Replay(terminal.ID(req.TerminalId), req.Offset)
	if err != nil {
		return nil, err
	}
	return &idev1.ReplayTerminalResponse{Offset: offset, Data: data}, nil
}

func (s *terminalService) CloseTerminal(_ context.Context, req *idev1.CloseTerminalRequest) (*idev1.CloseTerminalResponse, error) {
	return &idev1.CloseTerminalResponse{}, s.terminals.Close(terminal.ID(req.TerminalId))
}
