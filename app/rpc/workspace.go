package rpc

import (
	"context"

	"github.com/carrel-dev/carrel/app/workspace"
	"github.com/carrel-dev/carrel/lesson"
	idev1 "github.com/carrel-dev/carrel/proto/gen/carrel/ide/v1"
	"github.com/carrel-dev/carrel/proto/wire"
)

// workspaceService implements idev1connect.WorkspaceServiceHandler.
type workspaceService struct {
	workspaces *workspace.Set
	// touched is told that files of a lesson changed.
	touched func(lesson.ID)
}

func (s *workspaceService) open(ctx context.Context, id string) (*workspace.Workspace, error) {
	lessonID, err := wire.ParseUUID("lesson_id", id)
	if err != nil {
		return nil, err
	}
	return s.workspaces.Open(ctx, lessonID)
}

func (s *workspaceService) ListFiles(ctx context.Context, req *idev1.ListFilesRequest) (*idev1.ListFilesResponse, error) {
	w, err := s.open(ctx, req.LessonId)
	if err != nil {
		return nil, err
	}
	entries, err := w.List()
	if err != nil {
		return nil, err
	}
	resp := &idev1.ListFilesResponse{}
	for _, e := range entries {
		resp.Entries = append(resp.Entries, entryToProto(e))
	}
	return resp, nil
}

func (s *workspaceService) ReadFile(ctx context.Context, req *idev1.ReadFileRequest) (*idev1.ReadFileResponse, error) {
	w, err := s.open(ctx, req.LessonId)
	if err != nil {
		return nil, err
	}
	f, err := w.Read(req.Path)
	if err != nil {
		return nil, err
	}
	return &idev1.ReadFileResponse{Text: f.Text, Binary: f.Binary, Digest: string(f.Digest), Editable: f.Editable}, nil
}

func (s *workspaceService) WriteFile(ctx context.Context, req *idev1.WriteFileRequest) (*idev1.WriteFileResponse, error) {
	w, err := s.open(ctx, req.LessonId)
	if err != nil {
		return nil, err
	}
	digest, err := w.Write(req.Path, req.Text, lesson.Digest(req.BaseDigest))
	if err != nil {
		return nil, err
	}
	s.touched(w.Place().Lesson.ID)
	return &idev1.WriteFileResponse{Digest: string(digest)}, nil
}

func (s *workspaceService) CreateEntry(ctx context.Context, req *idev1.CreateEntryRequest) (*idev1.CreateEntryResponse, error) {
	w, err := s.open(ctx, req.LessonId)
	if err != nil {
		return nil, err
	}
	entry, err := w.Create(req.Path, req.Folder)
	if err != nil {
		return nil, err
	}
	s.touched(w.Place().Lesson.ID)
	return &idev1.CreateEntryResponse{Entry: entryToProto(entry)}, nil
}

func (s *workspaceService) RenameEntry(ctx context.Context, req *idev1.RenameEntryRequest) (*idev1.RenameEntryResponse, error) {
	w, err := s.open(ctx, req.LessonId)
	if err != nil {
		return nil, err
	}
	entry, err := w.Rename(req.Path, req.NewPath)
	if err != nil {
		return nil, err
	}
	s.touched(w.Place().Lesson.ID)
	return &idev1.RenameEntryResponse{Entry: entryToProto(entry)}, nil
}

func (s *workspaceService) DeleteEntry(ctx context.Context, req *idev1.DeleteEntryRequest) (*idev1.DeleteEntryResponse, error) {
	w, err := s.open(ctx, req.LessonId)
	if err != nil {
		return nil, err
	}
	if err := w.Delete(ctx, req.Path); err != nil {
		return nil, err
	}
	s.touched(w.Place().Lesson.ID)
	return &idev1.DeleteEntryResponse{}, nil
}

func (s *workspaceService) ResetFile(ctx context.Context, req *idev1.ResetFileRequest) (*idev1.ResetFileResponse, error) {
	w, err := s.open(ctx, req.LessonId)
	if err != nil {
		return nil, err
	}
	file, err := w.Reset(ctx, req.Path)
	if err != nil {
		return nil, err
	}
	s.touched(w.Place().Lesson.ID)
	return &idev1.ResetFileResponse{Text: file.Text, Digest: string(file.Digest)}, nil
}

func entryToProto(e workspace.Entry) *idev1.Entry {
	return &idev1.Entry{Path: e.Path, Folder: e.Folder, Editable: e.Editable, SizeBytes: e.Size, Digest: string(e.Digest)}
}
