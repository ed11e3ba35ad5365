package rpc

import (
	"context"

	"github.com/carrel-dev/carrel/app/doctor"
	"github.com/carrel-dev/carrel/app/settings"
	idev1 "github.com/carrel-dev/carrel/proto/gen/carrel/ide/v1"
)

// settingsService implements idev1connect.SettingsServiceHandler.
type settingsService struct {
	home    *settings.Home
	doctor  *doctor.Doctor
	version string
}

func (s *settingsService) ReadSettings(context.Context, *idev1.ReadSettingsRequest) (*idev1.ReadSettingsResponse, error) {
	c, err := s.home.Choices()
	if err != nil {
		return nil, err
	}
	return &idev1.ReadSettingsResponse{Version: s.version, Settings: &idev1.Settings{Theme: c.Theme, Locale: c.Locale,
		CodeSize: uint32(c.CodeSize), ReadingSize: uint32(c.ReadingSize), Runner: c.Runner, LayoutJson: c.LayoutJSON}}, nil
}

func (s *settingsService) WriteSettings(_ context.Context, req *idev1.WriteSettingsRequest) (*idev1.WriteSettingsResponse, error) {
	in := req.GetSettings()
	return &idev1.WriteSettingsResponse{}, s.home.SaveChoices(settings.Choices{Theme: in.GetTheme(), Locale: in.GetLocale(),
		CodeSize: int(in.GetCodeSize()), ReadingSize: int(in.GetReadingSize()), Runner: in.GetRunner(), LayoutJSON: in.GetLayoutJson()})
}

func (s *settingsService) Diagnose(ctx context.Context, _ *idev1.DiagnoseRequest) (*idev1.DiagnoseResponse, error) {
	resp := &idev1.DiagnoseResponse{}
	for _, f := range s.doctor.Diagnose(ctx) {
		resp.Findings = append(resp.Findings, &idev1.Finding{Subject: f.Subject, Ok: f.OK, Message: f.Message, Hint: f.Hint})
	}
	return resp, nil
}
