package rpc

import (
	"context"
	"net"
	"strings"

	"connectrpc.com/connect"

	"github.com/carrel-dev/carrel/cloud/account"
	cloudv1 "github.com/carrel-dev/carrel/proto/gen/carrel/cloud/v1"
)

type accountHandler struct {
	accounts   *account.Service
	trustProxy bool
}

// Register implements AccountService.
func (h *accountHandler) Register(ctx context.Context, req *cloudv1.RegisterRequest) (*cloudv1.RegisterResponse, error) {
	session, err := h.accounts.Register(ctx, account.Registration{
		Email: req.GetEmail(), Password: req.GetPassword(), Name: req.GetName(),
		Device: deviceFromProto(req.GetDevice()), Address: h.address(ctx),
	})
	if err != nil {
		return nil, err
	}
	return &cloudv1.RegisterResponse{Session: sessionToProto(session)}, nil
}

// Login implements AccountService.
func (h *accountHandler) Login(ctx context.Context, req *cloudv1.LoginRequest) (*cloudv1.LoginResponse, error) {
	session, err := h.accounts.Login(ctx, account.Credentials{
		Email: req.GetEmail(), Password: req.GetPassword(),
		Device: deviceFromProto(req.GetDevice()), Address: h.address(ctx),
	})
	if err != nil {
		return nil, err
	}
	return &cloudv1.LoginResponse{Session: sessionToProto(session)}, nil
}

// Logout implements AccountService.
func (h *accountHandler) Logout(ctx context.Context, _ *cloudv1.LogoutRequest) (*cloudv1.LogoutResponse, error) {
	call, _ := connect.CallInfoForHandlerContext(ctx)
	if token := bearerToken(call.RequestHeader()); token != "" {
		if err := h.accounts.Logout(ctx, token); err != nil {
			return nil, err
		}
	}
	return &cloudv1.LogoutResponse{}, nil
}

// WhoAmI implements AccountService.
func (h *accountHandler) WhoAmI(ctx context.Context, _ *cloudv1.WhoAmIRequest) (*cloudv1.WhoAmIResponse, error) {
	return &cloudv1.WhoAmIResponse{Account: accountToProto(callerOf(ctx))}, nil
}

// address returns where a request came from: only to count guesses, never to be stored.
func (h *accountHandler) address(ctx context.Context) string {
	call, ok := connect.CallInfoForHandlerContext(ctx)
	if !ok {
		return ""
	}
	if forwarded := call.RequestHeader().Get("X-Forwarded-For"); h.trustProxy && forwarded != "" {
		// What comes before the last comma was written by the client, who may write anything.
		return strings.TrimSpace(forwarded[strings.LastIndex(forwarded, ",")+1:])
	}
	host, _, err := net.SplitHostPort(call.Peer().Addr)
	if err != nil {
		return call.Peer().Addr
	}
	return host
}

func deviceFromProto(device *cloudv1.Device) account.Device {
	return account.Device{Name: device.GetName(), PublicKey: device.GetPublicKey()}
}

func sessionToProto(session account.Session) *cloudv1.Session {
	return &cloudv1.Session{Token: session.Token, Account: accountToProto(session.Account)}
}

func accountToProto(a account.Account) *cloudv1.Account {
	return &cloudv1.Account{Id: a.ID.String(), Email: a.Email, Name: a.Name, Role: string(a.Role)}
}
