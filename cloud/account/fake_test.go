package account

import (
	"context"
	"sync"
	"time"

	"github.com/carrel-dev/carrel/fault"
)

// memory is People and Tokens for tests.
type memory struct {
	mu     sync.Mutex
	people map[string]Account
	hashes map[string]string
	tokens map[TokenHash]Token
}

func newMemory() *memory {
	return &memory{people: map[string]Account{}, hashes: map[string]string{}, tokens: map[TokenHash]Token{}}
}

func (m *memory) CreateAccount(_ context.Context, account Account, passwordHash string) (Account, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, taken := m.people[account.Email]; taken {
		return Account{}, fault.New(fault.Conflict, "taken", "")
	}
	if len(m.people) == 0 {
		account.Role = RoleAuthor
	}
	m.people[account.Email], m.hashes[account.Email] = account, passwordHash
	return account, nil
}

func (m *memory) AccountByEmail(_ context.Context, email string) (Account, string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	account, ok := m.people[email]
	if !ok {
		return Account{}, "", fault.New(fault.NotFound, "unknown", "")
	}
	return account, m.hashes[email], nil
}

func (m *memory) SetRole(_ context.Context, email string, role Role) (Account, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	account := m.people[email]
	account.Role = role
	m.people[email] = account
	return account, nil
}

func (m *memory) AddToken(_ context.Context, token Token) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.tokens[token.Hash] = token
	return nil
}

func (m *memory) TokenByHash(_ context.Context, hash TokenHash) (Token, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	token, ok := m.tokens[hash]
	if !ok {
		return Token{}, fault.New(fault.NotFound, "unknown", "")
	}
	return token, nil
}

func (m *memory) TouchToken(_ context.Context, hash TokenHash) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	token := m.tokens[hash]
	token.LastSeenAt = time.Now()
	m.tokens[hash] = token
	return nil
}

func (m *memory) RevokeToken(_ context.Context, hash TokenHash) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if token, ok := m.tokens[hash]; ok {
		token.RevokedAt = time.Now()
		m.tokens[hash] = token
	}
	return nil
}
