package account

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
)

// TokenHash is SHA-256 of a token. Tokens are random over 256 bits, so a fast hash without salt is
// enough: there is nothing to guess.
type TokenHash [sha256.Size]byte

// tokenPrefix lets scanners for leaked secrets recognise ours.
const tokenPrefix = "carrel_"

func newToken() string {
	var secret [32]byte
	_, _ = rand.Read(secret[:]) // never fails: it ends the program instead
	return tokenPrefix + base64.RawURLEncoding.EncodeToString(secret[:])
}

func hashToken(secret string) TokenHash { return sha256.Sum256([]byte(secret)) }
