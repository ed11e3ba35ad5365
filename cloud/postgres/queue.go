package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivertype"

	"github.com/carrel-dev/carrel/cloud/evaluation"
	"github.com/carrel-dev/carrel/fault"
)

// The queues. Learners wait for interactive checks, nobody for verifications.
const (
	queueInteractive = "interactive"
	queueVerify      = "verify"
)

const (
	// fetchCooldown and fetchPoll make a pickup take milliseconds; River's defaults cost 100 ms to 1 s.
	fetchCooldown = 5 * time.Millisecond
	fetchPoll     = 100 * time.Millisecond
	// longestJob is more than any check may take, whose own limits end it long before; what runs longer
	// was lost with its node and is given to another.
	longestJob = 15 * time.Minute
	rescueJob  = longestJob + time.Minute
	// engineRetry is how long a check waits while the container engine is away.
	engineRetry = 5 * time.Second
)

// Queue is the River queue: the stores insert into it within their transactions, evaluators work it.
type Queue struct {
	db     *Database
	insert *river.Client[pgx.Tx]
}

// NewQueue returns the queue of a database.
func NewQueue(db *Database) (*Queue, error) {
	client, err := river.NewClient(riverpgxv5.New(db.pool), &river.Config{Logger: quiet(db.logger), SkipUnknownJobCheck: true})
	if err != nil {
		return nil, fmt.Errorf("opening the queue: %w", err)
	}
	return &Queue{db: db, insert: client}, nil
}

// checkJob runs a check that a learner asked for.
type checkJob struct {
	CheckID uuid.UUID `json:"check_id"`
}

// Kind implements river.JobArgs.
func (checkJob) Kind() string { return "check" }

// InsertOpts implements river.JobArgsWithInsertOpts.
func (checkJob) InsertOpts() river.InsertOpts { return jobOptions(queueInteractive) }

// verifyJob runs a pass from a device again.
type verifyJob struct {
	AccountID uuid.UUID `json:"account_id"`
	AttemptID uuid.UUID `json:"attempt_id"`
}

// Kind implements river.JobArgs.
func (verifyJob) Kind() string { return "verify" }

// InsertOpts implements river.JobArgsWithInsertOpts.
func (verifyJob) InsertOpts() river.InsertOpts { return jobOptions(queueVerify) }

// jobOptions lets River try more often than the evaluator does, which counts failures itself: a job
// whose node was killed, however often, must end in a report and not be discarded.
func jobOptions(queue string) river.InsertOpts {
	return river.InsertOpts{Queue: queue, MaxAttempts: 100}
}

func (q *Queue) insertCheck(ctx context.Context, tx pgx.Tx, id uuid.UUID) (jobID int64, err error) {
	inserted, err := q.insert.InsertTx(ctx, tx, checkJob{CheckID: id}, nil)
	if err != nil {
		return 0, err
	}
	return inserted.Job.ID, nil
}

func (q *Queue) insertVerifications(ctx context.Context, tx pgx.Tx, account uuid.UUID, attempts []uuid.UUID) error {
	if len(attempts) == 0 {
		return nil
	}
	jobs := make([]river.InsertManyParams, len(attempts))
	for i, attempt := range attempts {
		jobs[i].Args = verifyJob{AccountID: account, AttemptID: attempt}
	}
	_, err := q.insert.InsertManyFastTx(ctx, tx, jobs)
	return err
}

// Evaluations is what the queue's jobs do; *evaluation.Evaluator is one. The number try counts from 1. An
// Unavailable fault means that the machinery is away: the job waits and the try does not count. After
// any other error it is tried again.
type Evaluations interface {
	Check(ctx context.Context, id uuid.UUID, try int) error
	Verify(ctx context.Context, attempt evaluation.AttemptRef, try int) error
}

// WorkOptions says how an evaluator works the queue.
type WorkOptions struct {
	// Jobs is how many checks run at once.
	Jobs int
	// Node names the evaluator when no two ever run under that name at the same time: then the jobs an
	// earlier life left behind are freed at once. Otherwise it is empty, and they are freed after a while.
	Node string
	// Patience is how long jobs may finish after ctx has ended, before they are cancelled.
	Patience time.Duration
}

// Work takes jobs until ctx ends, then lets those that run finish and returns. Jobs that had to be
// cancelled go back into the queue.
func (q *Queue) Work(ctx context.Context, evaluations Evaluations, options WorkOptions) error {
	if options.Node != "" {
		if err := q.reclaim(ctx, options.Node); err != nil {
			return err
		}
	}
	workers := river.NewWorkers()
	river.AddWorker(workers, river.WorkFunc(func(ctx context.Context, job *river.Job[checkJob]) error {
		return outcome(ctx, evaluations.Check(ctx, job.Args.CheckID, job.Attempt))
	}))
	river.AddWorker(workers, river.WorkFunc(func(ctx context.Context, job *river.Job[verifyJob]) error {
		ref := evaluation.AttemptRef{AccountID: job.Args.AccountID, AttemptID: job.Args.AttemptID}
		return outcome(ctx, evaluations.Verify(ctx, ref, job.Attempt))
	}))
	client, err := river.NewClient(riverpgxv5.New(q.db.pool), &river.Config{
		ID:     options.Node,
		Logger: quiet(q.db.logger), Workers: workers,
		FetchCooldown: fetchCooldown, FetchPollInterval: fetchPoll,
		JobTimeout: longestJob, RescueStuckJobsAfter: rescueJob, SoftStopTimeout: options.Patience,
		RetryPolicy: shortly{},
		Queues: map[string]river.QueueConfig{
			queueInteractive: {MaxWorkers: options.Jobs},
			queueVerify:      {MaxWorkers: max(1, options.Jobs/2)},
		},
	})
	if err != nil {
		return fmt.Errorf("preparing to work the queue: %w", err)
	}
	if err := client.Start(ctx); err != nil {
		return failure(err, "starting to work the queue")
	}
	<-client.Stopped()
	return nil
}

// reclaim frees the jobs that this node's earlier life was running when it was killed.
func (q *Queue) reclaim(ctx context.Context, node string) error {
	_, err := q.db.pool.Exec(ctx, `
		UPDATE river_job SET state = 'available', scheduled_at = now()
		WHERE state = 'running' AND attempted_by[array_upper(attempted_by, 1)] = $1`, node)
	return failure(err, "freeing jobs left behind")
}

// outcome tells River what to do with a job that ended with err.
func outcome(ctx context.Context, err error) error {
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil && errors.Is(ctx.Err(), context.Canceled):
		// The node is shutting down; the job goes to the next one at once. A job cancelled by its learner
		// comes here too, and River knows the difference.
		return river.JobSnooze(0)
	case fault.KindOf(err) == fault.Unavailable:
		return river.JobSnooze(engineRetry)
	default:
		return err
	}
}

// shortly tries a failed job again after as many seconds as it has failed: learners are waiting.
type shortly struct{}

// NextRetry implements river.ClientRetryPolicy.
func (shortly) NextRetry(job *rivertype.JobRow) time.Time {
	return time.Now().Add(time.Duration(len(job.Errors)+1) * time.Second)
}
