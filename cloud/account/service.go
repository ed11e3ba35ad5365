package account

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/carrel-dev/carrel/fault"
)

const (
	// tokenIdleLifetime signs out computers nobody uses any more; each use extends it.
	tokenIdleLifetime = 180 * 24 * time.Hour
	// touchInterval keeps reading requests from becoming writes.
	touchInterval = 5 * time.Minute
)

// People stores accounts. Errors are faults: NotFound for an unknown e-mail address, Conflict for one
// that is taken.
type People interface {
	// CreateAccount stores a new account. The first account of an installation becomes an author,
	// whatever its role says: somebody has to.
	CreateAccount(ctx context.Context, account Account, passwordHash string) (Account, error)
	// AccountByEmail returns the account and its password hash.
	AccountByEmail(ctx context.Context, email string) (account Account, passwordHash string, err error)
	// SetRole changes what an account may do.
	SetRole(ctx context.Context, email string, role Role) (Account, error)
}

// Tokens stores the tokens of devices.
type Tokens interface {
	// AddToken stores a new token.
	AddToken(ctx context.Context, token Token) error
	// TokenByHash returns a token, good or revoked, or a NotFound fault.
	TokenByHash(ctx context.Context, hash TokenHash) (Token, error)
	// TouchToken notes that the token was used.
	TouchToken(ctx context.Context, hash TokenHash) error
	// RevokeToken ends a token. Revoking twice is revoking once.
	RevokeToken(ctx context.Context, hash TokenHash) error
}

// Service is what can be done with accounts. It is safe for concurrent use.
type Service struct {
	people  People
	tokens  Tokens
	hasher  *hasher
	limiter *limiter
}

// NewService returns a service over the two stores. Its limits on guessing count in memory, so they are
// per node.
func NewService(people People, tokens Tokens) *Service {
	return &Service{people: people, tokens: tokens, hasher: newHasher(), limiter: newLimiter()}
}

// Registration asks for a new account.
type Registration struct {
	Email, Password, Name string
	Device                Device
	// Address is where the request came from.
	Address string
}

// Register makes an account and signs the device in.
func (s *Service) Register(ctx context.Context, r Registration) (Session, error) {
	email, err := normaliseEmail(r.Email)
	if err != nil {
		return Session{}, err
	}
	if err := checkPassword(r.Password); err != nil {
		return Session{}, err
	}
	name, err := normaliseName(r.Name, email)
	if err != nil {
		return Session{}, err
	}
	device, err := normaliseDevice(r.Device)
	if err != nil {
		return Session{}, err
	}
	if _, err := s.limiter.spend(registrations(r.Address)); err != nil {
		return Session{}, err
	}
	hash, err := s.hasher.hash(ctx, r.Password)
	if err != nil {
		return Session{}, err
	}
	id, err := uuid.NewV7()
	if err != nil {
		return Session{}, err
	}
	account, err := s.people.CreateAccount(ctx, Account{ID: id, Email: email, Name: name, Role: RoleLearner}, hash)
	if err != nil {
		return Session{}, err
	}
	return s.signIn(ctx, account, device)
}

// Credentials ask for a session.
type Credentials struct {
	Email, Password string
	Device          Device
	// Address is where the request came from.
	Address string
}

// Login signs the device in. An unknown address and a wrong password get the same answer after the same
// work.
func (s *Service) Login(ctx context.Context, c Credentials) (Session, error) {
	email, err := normaliseEmail(c.Email)
	if err != nil {
		return Session{}, wrongCredentials(err)
	}
	device, err := normaliseDevice(c.Device)
	if err != nil {
		return Session{}, err
	}
	refund, err := s.limiter.spend(logins(c.Address, email))
	if err != nil {
		return Session{}, err
	}
	account, hash, err := s.people.AccountByEmail(ctx, email)
	known := err == nil
	if !known {
		if fault.KindOf(err) != fault.NotFound {
			return Session{}, err
		}
		hash = decoyHash
	}
	right, err := s.hasher.verify(ctx, c.Password, hash)
	if err != nil {
		return Session{}, err
	}
	if !known || !right {
		return Session{}, wrongCredentials(nil)
	}
	refund()
	return s.signIn(ctx, account, device)
}

func wrongCredentials(err error) error {
	return fault.Wrap(err, fault.Denied, "The e-mail address or the password is not right.",
		"Check both, and that Caps Lock is off.")
}

func (s *Service) signIn(ctx context.Context, account Account, device Device) (Session, error) {
	secret := newToken()
	err := s.tokens.AddToken(ctx, Token{Hash: hashToken(secret), Account: account, Device: device, LastSeenAt: time.Now()})
	if err != nil {
		return Session{}, err
	}
	return Session{Token: secret, Account: account}, nil
}

// Authenticate returns whose token this is. Tokens that are unknown, revoked or long unused get the
// same sentence.
func (s *Service) Authenticate(ctx context.Context, secret string) (Account, error) {
	token, err := s.tokens.TokenByHash(ctx, hashToken(secret))
	if fault.KindOf(err) == fault.NotFound {
		return Account{}, signedOut()
	}
	if err != nil {
		return Account{}, err
	}
	idle := time.Since(token.LastSeenAt)
	if !token.RevokedAt.IsZero() || idle > tokenIdleLifetime {
		return Account{}, signedOut()
	}
	if idle > touchInterval {
		if err := s.tokens.TouchToken(ctx, token.Hash); err != nil {
			return Account{}, err
		}
	}
	return token.Account, nil
}

func signedOut() error {
	return fault.New(fault.Denied, "This computer is signed out.", "Sign in again.")
}

// Logout revokes a token.
func (s *Service) Logout(ctx context.Context, secret string) error {
	return s.tokens.RevokeToken(ctx, hashToken(secret))
}

// SetRole changes what the account with this e-mail address may do.
func (s *Service) SetRole(ctx context.Context, email string, role Role) (Account, error) {
	email, err := normaliseEmail(email)
	if err != nil {
		return Account{}, err
	}
	return s.people.SetRole(ctx, email, role)
}
