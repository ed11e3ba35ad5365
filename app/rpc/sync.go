package rpc

import (
	"context"
	"time"

	"github.com/carrel-dev/carrel/app/exchange"
	"github.com/carrel-dev/carrel/fault"
	idev1 "github.com/carrel-dev/carrel/proto/gen/carrel/ide/v1"
)

// syncService implements idev1connect.SyncServiceHandler.
type syncService struct{ exchange *exchange.Service }

func (s *syncService) Status(context.Context, *idev1.StatusRequest) (*idev1.StatusResponse, error) {
	return &idev1.StatusResponse{Status: statusToProto(s.exchange.Status())}, nil
}

func (s *syncService) SyncNow(ctx context.Context, _ *idev1.SyncNowRequest) (*idev1.SyncNowResponse, error) {
	status, err := s.exchange.SyncNow(ctx)
	if err != nil {
		return nil, err
	}
	return &idev1.SyncNowResponse{Status: statusToProto(status)}, nil
}

func (s *syncService) SignIn(ctx context.Context, req *idev1.SignInRequest) (*idev1.SignInResponse, error) {
	status, err := s.exchange.SignIn(ctx, exchange.Credentials{ServerURL: req.ServerUrl, Email: req.Email,
		Password: req.Password, Register: req.Register, Name: req.Name})
	if err != nil {
		return nil, err
	}
	return &idev1.SignInResponse{Status: statusToProto(status)}, nil
}

func (s *syncService) SignOut(ctx context.Context, _ *idev1.SignOutRequest) (*idev1.SignOutResponse, error) {
	status, err := s.exchange.SignOut(ctx)
	if err != nil {
		return nil, err
	}
	return &idev1.SignOutResponse{Status: statusToProto(status)}, nil
}

var syncStates = map[exchange.Word]idev1.SyncState{
	exchange.SignedOut: idev1.SyncState_SYNC_STATE_SIGNED_OUT,
	exchange.Offline:   idev1.SyncState_SYNC_STATE_OFFLINE,
	exchange.Synced:    idev1.SyncState_SYNC_STATE_SYNCED,
	exchange.Waiting:   idev1.SyncState_SYNC_STATE_WAITING,
	exchange.Syncing:   idev1.SyncState_SYNC_STATE_SYNCING,
	exchange.Refused:   idev1.SyncState_SYNC_STATE_REFUSED,
}

func statusToProto(s exchange.Status) *idev1.SyncStatus {
	out := &idev1.SyncStatus{State: syncStates[s.Word], Waiting: uint32(s.Waiting), LastSyncAtMs: millis(s.LastAt),
		OfflineSinceMs: millis(s.OfflineSince), AccountName: s.Account.Name, AccountEmail: s.Account.Email, ServerUrl: s.ServerURL}
	if s.Err != nil {
		out.Message, out.Hint = fault.Sentence(s.Err)
	}
	return out
}

// millis is t in milliseconds since 1970, 0 for no time.
func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}
