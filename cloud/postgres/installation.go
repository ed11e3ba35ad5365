package postgres

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"fmt"

	"github.com/google/uuid"
)

// Installation is what a database is, beyond its contents.
type Installation struct {
	// Incarnation changes when the database was restored from a backup, so that nobody believes it still
	// has what it had.
	Incarnation string
	// SigningKey signs server-authored logs.
	SigningKey ed25519.PrivateKey
}

// Installation returns the database's identity, which the first call makes.
func (d *Database) Installation(ctx context.Context) (Installation, error) {
	var seed [ed25519.SeedSize]byte
	_, _ = rand.Read(seed[:]) // never fails: it ends the program instead
	_, err := d.pool.Exec(ctx, `
		INSERT INTO installations (incarnation, signing_key) VALUES ($1, $2)
		ON CONFLICT ON CONSTRAINT installations_pkey DO NOTHING`, uuid.New(), seed[:])
	if err != nil {
		return Installation{}, failure(err, "naming the installation")
	}
	// A dump that is loaded elsewhere has another system identifier, a recovery to a point in time
	// another timeline. A fail-over changes the timeline too; that costs one full comparison.
	var incarnation uuid.UUID
	var system, timeline int64
	var key []byte
	err = d.pool.QueryRow(ctx, `
		SELECT incarnation, signing_key,
			(SELECT system_identifier FROM pg_control_system()), (SELECT timeline_id FROM pg_control_checkpoint())
		FROM installations`).Scan(&incarnation, &key, &system, &timeline)
	if err != nil {
		return Installation{}, failure(err, "reading the installation")
	}
	return Installation{
		Incarnation: fmt.Sprintf("%s-%x-%x", incarnation, uint64(system), timeline),
		SigningKey:  ed25519.NewKeyFromSeed(key),
	}, nil
}
