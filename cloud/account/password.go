package account

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"runtime"
	"strings"

	"golang.org/x/crypto/argon2"
	"golang.org/x/sync/semaphore"

	"github.com/carrel-dev/carrel/fault"
)

// argonParameters is the cost of one hash: about 20 ms and 19 MiB on a small server, the second of
// OWASP's equivalent settings of 2024. Stored hashes carry theirs, so these may grow.
type argonParameters struct {
	memoryKiB uint32
	rounds    uint32
	threads   uint8
}

func currentParameters() argonParameters {
	return argonParameters{memoryKiB: 19 * 1024, rounds: 2, threads: 1}
}

const (
	saltBytes = 16
	keyBytes  = 32

	// decoyHash is verified against when there is no account, so that both cases take the same time.
	// No password matches it: its key is zero.
	decoyHash = "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
)

var errDamagedHash = errors.New("the stored password hash is damaged")

// hasher bounds how many hashes are computed at once: each takes memory, and callers are strangers.
type hasher struct{ slots *semaphore.Weighted }

func newHasher() *hasher {
	return &hasher{slots: semaphore.NewWeighted(int64(runtime.GOMAXPROCS(0)))}
}

// hash returns the password's hash in PHC form.
func (h *hasher) hash(ctx context.Context, password string) (string, error) {
	var salt [saltBytes]byte
	_, _ = rand.Read(salt[:]) // never fails: it ends the program instead
	p := currentParameters()
	key, err := h.derive(ctx, password, salt[:], p)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, p.memoryKiB, p.rounds, p.threads,
		base64.RawStdEncoding.EncodeToString(salt[:]), base64.RawStdEncoding.EncodeToString(key)), nil
}

// verify tells whether the password is the one that was hashed.
func (h *hasher) verify(ctx context.Context, password, stored string) (bool, error) {
	p, salt, want, err := parseHash(stored)
	if err != nil {
		return false, err
	}
	if len(password) > longestPassword {
		password = "" // too short for any account, and as much work as any other
	}
	got, err := h.derive(ctx, password, salt, p)
	if err != nil {
		return false, err
	}
	return subtle.ConstantTimeCompare(got, want) == 1, nil
}

func (h *hasher) derive(ctx context.Context, password string, salt []byte, p argonParameters) ([]byte, error) {
	if err := h.slots.Acquire(ctx, 1); err != nil {
		return nil, fault.Wrap(err, fault.Unavailable, "The server is busy.", "Try again in a moment.")
	}
	defer h.slots.Release(1)
	return argon2.IDKey([]byte(password), salt, p.rounds, p.memoryKiB, p.threads, keyBytes), nil
}

func parseHash(stored string) (p argonParameters, salt, key []byte, err error) {
	parts := strings.Split(stored, "$")
	if len(parts) != 6 || parts[1] != "argon2id" {
		return p, nil, nil, errDamagedHash
	}
	var version int
	if _, err := fmt.Sscanf(parts[2], "v=%d", &version); err != nil || version != argon2.Version {
		return p, nil, nil, errDamagedHash
	}
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &p.memoryKiB, &p.rounds, &p.threads); err != nil ||
		p.rounds == 0 || p.threads == 0 {
		return p, nil, nil, errDamagedHash
	}
	salt, errSalt := base64.RawStdEncoding.DecodeString(parts[4])
	key, errKey := base64.RawStdEncoding.DecodeString(parts[5])
	if errSalt != nil || errKey != nil || len(key) != keyBytes {
		return p, nil, nil, errDamagedHash
	}
	return p, salt, key, nil
}
