package postgres

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/carrel-dev/carrel/cloud/account"
	"github.com/carrel-dev/carrel/fault"
)

// Accounts implements account.People and account.Tokens.
type Accounts struct{ db *Database }

// NewAccounts returns the stores of accounts and tokens.
func NewAccounts(db *Database) *Accounts { return &Accounts{db: db} }

// CreateAccount implements account.People.
func (a *Accounts) CreateAccount(ctx context.Context, person account.Account, passwordHash string) (account.Account, error) {
	err := a.db.inTx(ctx, "creating an account", func(tx pgx.Tx) error {
		// Registrations wait for each other, so that exactly one of them is the first.
		if _, err := tx.Exec(ctx, "LOCK TABLE accounts IN SHARE ROW EXCLUSIVE MODE"); err != nil {
			return err
		}
		return tx.QueryRow(ctx, `
			INSERT INTO accounts (id, email, name, role, password_hash)
			VALUES ($1, $2, $3, CASE WHEN EXISTS (SELECT FROM accounts) THEN $4 ELSE 'author' END, $5)
			RETURNING role`,
			person.ID, person.Email, person.Name, person.Role, passwordHash).Scan(&person.Role)
	})
	if violates(err, "accounts_email_key") {
		return account.Account{}, fault.Wrap(err, fault.Conflict,
			"There is already an account with this e-mail address.", "Sign in instead.")
	}
	return person, err
}

// AccountByEmail implements account.People.
func (a *Accounts) AccountByEmail(ctx context.Context, email string) (account.Account, string, error) {
	person, hash := account.Account{}, ""
	err := a.db.pool.QueryRow(ctx, "SELECT id, email, name, role, password_hash FROM accounts WHERE email = $1", email).
		Scan(&person.ID, &person.Email, &person.Name, &person.Role, &hash)
	return person, hash, orUnknownAccount(err, "finding an account")
}

// SetRole implements account.People.
func (a *Accounts) SetRole(ctx context.Context, email string, role account.Role) (account.Account, error) {
	var person account.Account
	err := a.db.pool.QueryRow(ctx, "UPDATE accounts SET role = $2 WHERE email = $1 RETURNING id, email, name, role", email, role).
		Scan(&person.ID, &person.Email, &person.Name, &person.Role)
	return person, orUnknownAccount(err, "changing a role")
}

func orUnknownAccount(err error, doing string) error {
	if errors.Is(err, pgx.ErrNoRows) {
		return fault.Wrap(err, fault.NotFound, "There is no account with this e-mail address.", "Check the address.")
	}
	return failure(err, doing)
}

// AddToken implements account.Tokens.
func (a *Accounts) AddToken(ctx context.Context, token account.Token) error {
	key := []byte(token.Device.PublicKey)
	if key == nil {
		key = []byte{}
	}
	_, err := a.db.pool.Exec(ctx, "INSERT INTO tokens (hash, account_id, device_name, device_key) VALUES ($1, $2, $3, $4)",
		token.Hash[:], token.Account.ID, token.Device.Name, key)
	return failure(err, "adding a token")
}

// TokenByHash implements account.Tokens.
func (a *Accounts) TokenByHash(ctx context.Context, hash account.TokenHash) (account.Token, error) {
	token := account.Token{Hash: hash}
	var revokedAt *time.Time
	err := a.db.pool.QueryRow(ctx, `
		SELECT accounts.id, email, name, role, device_name, device_key, last_seen_at, revoked_at
		FROM tokens JOIN accounts ON accounts.id = tokens.account_id
		WHERE hash = $1`, hash[:]).
		Scan(&token.Account.ID, &token.Account.Email, &token.Account.Name, &token.Account.Role,
			&token.Device.Name, &token.Device.PublicKey, &token.LastSeenAt, &revokedAt)
	if errors.Is(err, pgx.ErrNoRows) {
		return account.Token{}, fault.Wrap(err, fault.NotFound, "There is no such token.", "Sign in again.")
	}
	if revokedAt != nil {
		token.RevokedAt = *revokedAt
	}
	return token, failure(err, "finding a token")
}

// TouchToken implements account.Tokens.
func (a *Accounts) TouchToken(ctx context.Context, hash account.TokenHash) error {
	_, err := a.db.pool.Exec(ctx, "UPDATE tokens SET last_seen_at = now() WHERE hash = $1", hash[:])
	return failure(err, "noting the use of a token")
}

// RevokeToken implements account.Tokens.
func (a *Accounts) RevokeToken(ctx context.Context, hash account.TokenHash) error {
	_, err := a.db.pool.Exec(ctx, "UPDATE tokens SET revoked_at = now() WHERE hash = $1 AND revoked_at IS NULL", hash[:])
	return failure(err, "revoking a token")
}
