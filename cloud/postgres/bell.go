package postgres

import (
	"context"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// checksChannel is where changed checks are announced, by id.
const checksChannel = "carrel_checks"

// ring announces, when the transaction commits, that a check has changed.
func ring(ctx context.Context, tx pgx.Tx, id uuid.UUID) error {
	_, err := tx.Exec(ctx, "SELECT pg_notify($1, $2)", checksChannel, id.String())
	return err
}

// Bell implements evaluation.Bell by LISTEN, so it rings on every node.
type Bell struct {
	db          *Database
	mu          sync.Mutex
	subscribers map[uuid.UUID]map[chan struct{}]struct{}
}

// NewBell returns a bell, which rings while Run runs.
func NewBell(db *Database) *Bell {
	return &Bell{db: db, subscribers: map[uuid.UUID]map[chan struct{}]struct{}{}}
}

// Subscribe implements evaluation.Bell.
func (b *Bell) Subscribe(id uuid.UUID) (rings <-chan struct{}, stop func()) {
	channel := make(chan struct{}, 1)
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.subscribers[id] == nil {
		b.subscribers[id] = map[chan struct{}]struct{}{}
	}
	b.subscribers[id][channel] = struct{}{}
	return channel, func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		delete(b.subscribers[id], channel)
		if len(b.subscribers[id]) == 0 {
			delete(b.subscribers, id)
		}
	}
}

// Run listens until ctx ends. A lost connection is made again; what rang meanwhile is lost, and watchers
// look for themselves every now and then.
func (b *Bell) Run(ctx context.Context) error {
	const patience = time.Second
	for {
		err := b.listen(ctx)
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(patience):
			b.db.logger.Warn("listening for changed checks failed", "error", err)
		}
	}
}

func (b *Bell) listen(ctx context.Context) error {
	// A connection of its own: one of the pool would be missing there.
	conn, err := pgx.ConnectConfig(ctx, b.db.pool.Config().ConnConfig)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	if _, err := conn.Exec(ctx, "LISTEN "+checksChannel); err != nil {
		return err
	}
	for {
		notification, err := conn.WaitForNotification(ctx)
		if err != nil {
			return err
		}
		if id, err := uuid.Parse(notification.Payload); err == nil {
			b.ring(id)
		}
	}
}

func (b *Bell) ring(id uuid.UUID) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for channel := range b.subscribers[id] {
		select {
		case channel <- struct{}{}:
		default: // it will look anyway
		}
	}
}
