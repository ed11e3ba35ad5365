package settings

import (
	"crypto/ed25519"
	"crypto/rand"
	"fmt"

	"github.com/google/uuid"
)

const (
	identityFile = "identity.json"
	sessionFile  = "session.json"
)

// Identity names this device's journal: its key, the learner and the epoch.
type Identity struct {
	Key       ed25519.PrivateKey
	LearnerID uuid.UUID
	Epoch     uint64
}

// storedIdentity is the form of identity.json.
type storedIdentity struct {
	Seed      []byte    `json:"seed"`
	LearnerID uuid.UUID `json:"learner_id"`
	Epoch     uint64    `json:"epoch"`
}

// Identity returns this device's identity, making it at first use. Two processes that start at once get
// the same one.
func (h *Home) Identity() (Identity, error) {
	var stored storedIdentity
	err := h.UpdateJSON(identityFile, &stored, func() error {
		if len(stored.Seed) == ed25519.SeedSize {
			return nil
		}
		_, key, err := ed25519.GenerateKey(rand.Reader)
		if err != nil {
			return fmt.Errorf("making device key: %w", err)
		}
		learner, err := uuid.NewRandom()
		if err != nil {
			return fmt.Errorf("making learner id: %w", err)
		}
		stored = storedIdentity{Seed: key.Seed(), LearnerID: learner, Epoch: 1}
		return nil
	})
	return stored.identity(), err
}

func (s storedIdentity) identity() Identity {
	if len(s.Seed) != ed25519.SeedSize {
		return Identity{}
	}
	return Identity{Key: ed25519.NewKeyFromSeed(s.Seed), LearnerID: s.LearnerID, Epoch: s.Epoch}
}

// Session is the sign-in to the cloud. The zero value means that nobody is signed in.
type Session struct {
	Token     string `json:"token"`
	AccountID string `json:"account_id"`
	Name      string `json:"name"`
	Email     string `json:"email"`
	// ServerURL is whose token it is; it is never sent to another server.
	ServerURL string `json:"server_url"`
}

// Session returns who is signed in.
func (h *Home) Session() (Session, error) {
	var s Session
	err := h.ReadJSON(sessionFile, &s)
	return s, err
}

// SaveSession keeps a sign-in. The zero value signs out.
func (h *Home) SaveSession(s Session) error {
	return h.Alone(func() error { return h.writeJSON(sessionFile, s, 0o600) })
}
