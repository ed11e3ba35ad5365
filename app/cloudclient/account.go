package cloudclient

import (
	"context"
	"crypto/ed25519"

	"github.com/google/uuid"

	cloudv1 "github.com/carrel-dev/carrel/proto/gen/carrel/cloud/v1"
	"github.com/carrel-dev/carrel/proto/wire"
)

// Account is a person.
type Account struct {
	ID    uuid.UUID
	Email string
	Name  string
	Role  string // "learner" or "author"
}

// Session is a signed-in device. Its token is shown once.
type Session struct {
	Token   string
	Account Account
}

// Device describes the computer that signs in.
type Device struct {
	Name      string // for people, such as the host name
	PublicKey ed25519.PublicKey
}

// Register makes an account and signs the device in.
func (c *Client) Register(ctx context.Context, email, password, name string, device Device) (Session, error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	resp, err := c.account.Register(ctx, &cloudv1.RegisterRequest{
		Email: email, Password: password, Name: name, Device: deviceToProto(device),
	})
	if err != nil {
		return Session{}, err
	}
	return sessionFromProto(resp.GetSession())
}

// Login signs the device in to an existing account.
func (c *Client) Login(ctx context.Context, email, password string, device Device) (Session, error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	resp, err := c.account.Login(ctx, &cloudv1.LoginRequest{
		Email: email, Password: password, Device: deviceToProto(device),
	})
	if err != nil {
		return Session{}, err
	}
	return sessionFromProto(resp.GetSession())
}

// Logout revokes the token.
func (c *Client) Logout(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	_, err := c.account.Logout(ctx, &cloudv1.LogoutRequest{})
	return err
}

// WhoAmI tells whose token it is. The error is Denied, with wire.ErrNotSignedIn in its chain, when the
// token is no longer good.
func (c *Client) WhoAmI(ctx context.Context) (Account, error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	resp, err := c.account.WhoAmI(ctx, &cloudv1.WhoAmIRequest{})
	if err != nil {
		return Account{}, err
	}
	return accountFromProto(resp.GetAccount())
}

func deviceToProto(d Device) *cloudv1.Device {
	return &cloudv1.Device{Name: d.Name, PublicKey: d.PublicKey}
}

func sessionFromProto(s *cloudv1.Session) (Session, error) {
	account, err := accountFromProto(s.GetAccount())
	if err != nil {
		return Session{}, err
	}
	return Session{Token: s.GetToken(), Account: account}, nil
}

func accountFromProto(a *cloudv1.Account) (Account, error) {
	id, err := wire.ParseUUID("account id", a.GetId())
	if err != nil {
		return Account{}, err
	}
	return Account{ID: id, Email: a.GetEmail(), Name: a.GetName(), Role: a.GetRole()}, nil
}
