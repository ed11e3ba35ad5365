package sqlitestore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/carrel-dev/carrel/journal"
)

// State implements journal.StateStore.
func (s *Store) State(ctx context.Context, remote string) (journal.State, error) {
	state := journal.State{Acknowledged: map[journal.LogID]journal.Head{}, Upstream: map[journal.LogID]journal.Head{}}
	// One statement, so that another process cannot save between two halves.
	rows, err := s.db.QueryContext(ctx, `
		SELECT r.cursor, r.incarnation, h.log_id, h.upstream, h.seq, h.hash
		FROM remotes r LEFT JOIN remote_heads h USING (remote) WHERE r.remote = ?`, remote)
	if err != nil {
		return journal.State{}, explain("reading state", err)
	}
	defer rows.Close() //nolint:errcheck // rows.Err tells
	for rows.Next() {
		var id, hash []byte
		var upstream sql.NullBool
		var seq sql.Null[uint64]
		if err := rows.Scan(&state.Cursor, &state.Incarnation, &id, &upstream, &seq, &hash); err != nil {
			return journal.State{}, explain("reading state", err)
		}
		if !seq.Valid {
			continue
		}
		heads := state.Acknowledged
		if upstream.Bool {
			heads = state.Upstream
		}
		heads[journal.LogID(id)] = journal.Head{Seq: seq.V, Hash: journal.Hash(hash)}
	}
	return state, explain("reading state", rows.Err())
}

// SaveState implements journal.StateStore.
func (s *Store) SaveState(ctx context.Context, remote string, state journal.State) error {
	err := s.write(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, "DELETE FROM remotes WHERE remote = ?", remote)
		if err != nil {
			return fmt.Errorf("deleting state: %w", err)
		}
		_, err = tx.ExecContext(ctx, "INSERT INTO remotes (remote, cursor, incarnation) VALUES (?, ?, ?)",
			remote, state.Cursor, state.Incarnation)
		if err != nil {
			return fmt.Errorf("inserting state: %w", err)
		}
		return errors.Join(
			insertHeads(ctx, tx, remote, state.Acknowledged, 0),
			insertHeads(ctx, tx, remote, state.Upstream, 1),
		)
	})
	return explain("saving state", err)
}

func insertHeads(ctx context.Context, tx *sql.Tx, remote string, heads map[journal.LogID]journal.Head, upstream int) error {
	for id, head := range heads {
		if head.Seq == 0 {
			continue
		}
		_, err := tx.ExecContext(ctx, "INSERT INTO remote_heads (remote, log_id, upstream, seq, hash) VALUES (?, ?, ?, ?, ?)",
			remote, id[:], upstream, head.Seq, head.Hash[:])
		if err != nil {
			return fmt.Errorf("inserting head: %w", err)
		}
	}
	return nil
}

// Supersede implements journal.StateStore.
func (s *Store) Supersede(ctx context.Context, owner journal.Owner, p journal.Supersession) error {
	err := s.write(ctx, func(tx *sql.Tx) error {
		head, exists, err := headOf(ctx, tx, owner, p.Log)
		if err != nil {
			return err
		}
		if !exists || head != p.Head {
			return &journal.ForkError{LogID: p.Log, Seq: p.Head.Seq}
		}
		if err := cut(ctx, tx, owner, p.Log, p.From); err != nil {
			return err
		}
		for _, fresh := range p.Fresh {
			if _, err := accept(ctx, tx, owner, fresh); err != nil {
				return err
			}
		}
		_, err = tx.ExecContext(ctx, `INSERT INTO successors (owner, log_id, epoch) VALUES (?, ?, ?)
			ON CONFLICT DO UPDATE SET epoch = excluded.epoch`,
			owner[:], p.Log[:], int64(p.Epoch)) // same bits
		if err != nil {
			return fmt.Errorf("naming successor: %w", err)
		}
		return nil
	})
	return explain("superseding log", err)
}

// cut removes the entries of a log from the segment that starts at from on.
func cut(ctx context.Context, tx *sql.Tx, owner journal.Owner, id journal.LogID, from uint64) error {
	head := journal.Head{Seq: from - 1}
	var hash []byte
	err := tx.QueryRowContext(ctx, "SELECT previous_hash FROM segments WHERE owner = ? AND log_id = ? AND first_seq = ?",
		owner[:], id[:], from).Scan(&hash)
	if err != nil {
		return fmt.Errorf("finding segment at %d: %w", from, err)
	}
	head.Hash = journal.Hash(hash)
	for _, statement := range []string{
		"DELETE FROM segments WHERE owner = ? AND log_id = ? AND first_seq >= ?",
		"DELETE FROM entries WHERE owner = ? AND log_id = ? AND seq >= ?",
	} {
		if _, err := tx.ExecContext(ctx, statement, owner[:], id[:], from); err != nil {
			return fmt.Errorf("cutting log: %w", err)
		}
	}
	return setHead(ctx, tx, owner, id, head)
}

// Successor implements journal.StateStore.
func (s *Store) Successor(ctx context.Context, owner journal.Owner, log journal.LogID) (uint64, bool, error) {
	var epoch int64
	err := s.db.QueryRowContext(ctx, "SELECT epoch FROM successors WHERE owner = ? AND log_id = ?", owner[:], log[:]).Scan(&epoch)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, false, nil
	}
	return uint64(epoch), err == nil, explain("finding successor", err) // same bits
}
