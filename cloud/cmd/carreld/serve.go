package main

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/carrel-dev/carrel/cloud/account"
	"github.com/carrel-dev/carrel/cloud/blob"
	"github.com/carrel-dev/carrel/cloud/catalog"
	"github.com/carrel-dev/carrel/cloud/evaluation"
	"github.com/carrel-dev/carrel/cloud/ops"
	"github.com/carrel-dev/carrel/cloud/postgres"
	"github.com/carrel-dev/carrel/cloud/rpc"
	"github.com/carrel-dev/carrel/fault"
	"github.com/carrel-dev/carrel/journal"
)

// role is what a node does.
type role string

const (
	roleAll       role = "all"
	roleAPI       role = "api"
	roleEvaluator role = "evaluator"
)

type serveOptions struct {
	database   databaseOptions
	listen     string
	role       string
	courses    []string
	jobs       int
	engines    []string
	trustProxy bool
	logFormat  string
	// agent returns the program inside containers, for tests; nil for the one built in.
	agent func(arch string) ([]byte, error)
}

func serveCommand() *cobra.Command {
	var o serveOptions
	command := &cobra.Command{
		Use:   "serve",
		Short: "Serve learners and authors",
		Example: `  carreld serve --embedded
  carreld serve --database-url postgres://carrel@db/carrel --role api --listen :7373
  carreld serve --database-url postgres://carrel@db/carrel --role evaluator \
    --engine tcp://10.0.0.2:2376,certs=/etc/carrel/engine --engine ssh://carrel@10.0.0.3,runtime=runsc`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return serve(cmd.Context(), o, cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	o.database.register(command)
	flags := command.Flags()
	flags.BoolVar(&o.database.embedded, "embedded", false, "run a PostgreSQL of its own in the data folder")
	flags.StringVar(&o.listen, "listen", "127.0.0.1:7373", "address to serve on")
	flags.StringVar(&o.role, "role", string(roleAll), `what this node does: "all", "api" or "evaluator"`)
	flags.StringArrayVar(&o.courses, "courses", nil, "course folder to publish at start; may be repeated")
	flags.IntVar(&o.jobs, "evaluator-jobs", max(1, runtime.NumCPU()), "how many checks run at once")
	flags.StringArrayVar(&o.engines, "engine", nil,
		"container engine to run checks on, ADDRESS[,certs=FOLDER][,runtime=NAME][,ssh-config=FILE]; may be repeated (default: the one on this computer)")
	flags.BoolVar(&o.trustProxy, "trust-proxy", false, "believe X-Forwarded-For; only behind a proxy that writes it")
	flags.StringVar(&o.logFormat, "log-format", "text", `"text" or "json"`)
	return command
}

func (o serveOptions) validate() error {
	switch role(o.role) {
	case roleAll, roleAPI, roleEvaluator:
	default:
		return usageError{fmt.Sprintf("There is no role %q.", o.role)}
	}
	if o.logFormat != "text" && o.logFormat != "json" {
		return usageError{fmt.Sprintf("There is no log format %q.", o.logFormat)}
	}
	if o.jobs < 1 {
		return usageError{"--evaluator-jobs needs a number of 1 or more."}
	}
	for _, engine := range o.engines {
		if _, err := parseEngine(engine); err != nil {
			return err
		}
	}
	if o.database.embedded && o.database.url != "" {
		return usageError{"--embedded and --database-url exclude each other."}
	}
	return nil
}

func (o serveOptions) logger(w io.Writer) *slog.Logger {
	if o.logFormat == "json" {
		return slog.New(slog.NewJSONHandler(w, nil))
	}
	return slog.New(slog.NewTextHandler(w, nil))
}

// serve runs a node until ctx ends or a part of it fails.
func serve(ctx context.Context, o serveOptions, stdout, stderr io.Writer) (err error) {
	if err := o.validate(); err != nil {
		return err
	}
	o.database.fromEnvironment()
	logger := o.logger(stderr)
	// First what fails most often, before anything is started.
	listener, err := listen(ctx, o.listen)
	if err != nil {
		return err
	}
	defer func() { _ = listener.Close() }() // the server closes it as well
	if err := makeDataDirectory(o.database.data); err != nil {
		return err
	}
	n := &node{options: o, logger: logger}
	db, closeDatabase, err := o.database.open(ctx, logger, func(ended <-chan struct{}) { n.databaseEnded = ended })
	if err != nil {
		return err
	}
	defer func() { err = joinStop(err, closeDatabase) }()
	if err := n.build(ctx, db); err != nil {
		return err
	}
	defer func() { err = joinStop(err, n.blobs.Close) }()
	if err := n.publishCourses(ctx); err != nil {
		return err
	}
	return n.run(ctx, listener, func() error {
		_, err := fmt.Fprintf(stdout, "carreld is ready on http://%s\n", listener.Addr())
		return err
	})
}

// node is everything a process runs.
type node struct {
	options       serveOptions
	logger        *slog.Logger
	db            *postgres.Database
	queue         *postgres.Queue
	blobs         *blob.Store
	bell          *postgres.Bell
	catalog       *catalog.Service
	evaluations   *evaluation.Service
	checks        *postgres.Checks
	verifications *postgres.Verifications
	health        *ops.Health
	handler       http.Handler
	databaseEnded <-chan struct{} // nil where the database is not ours
}

// build makes the parts of a node and connects them.
func (n *node) build(ctx context.Context, db *postgres.Database) error {
	installation, err := db.Installation(ctx)
	if err != nil {
		return err
	}
	if n.queue, err = postgres.NewQueue(db); err != nil {
		return err
	}
	if n.blobs, err = blob.OpenDirectory(filepath.Join(n.options.database.data, "blobs")); err != nil {
		return err
	}
	n.db, n.bell = db, postgres.NewBell(db)
	n.catalog = catalog.NewService(postgres.NewCatalog(db), n.blobs)
	n.checks = postgres.NewChecks(db, n.queue)
	n.verifications = postgres.NewVerifications(db, installation)
	n.evaluations = evaluation.NewService(n.checks, n.bell, n.catalog)
	n.health = ops.NewHealth(map[string]ops.Probe{"database": db.Ping}, n.logger)
	mux := http.NewServeMux()
	n.health.Register(mux)
	if role(n.options.role) != roleEvaluator {
		accounts, store := postgres.NewAccounts(db), postgres.NewJournal(db, n.queue)
		mux.Handle("/", rpc.NewHandler(rpc.Services{
			Accounts: account.NewService(accounts, accounts), Catalog: n.catalog, Blobs: n.blobs,
			Evaluations: n.evaluations, Journal: store,
			Exchange: journal.ServeOptions{
				Incarnation: installation.Incarnation,
				ServerKey:   installation.SigningKey.Public().(ed25519.PublicKey),
				Admit:       store.Admit,
			},
		}, rpc.Options{Logger: n.logger, TrustProxy: n.options.trustProxy}))
	}
	n.handler = mux
	return nil
}

func listen(ctx context.Context, address string) (net.Listener, error) {
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", address)
	switch {
	case err == nil:
		return listener, nil
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, fault.Wrap(err, fault.Conflict, "The address "+address+" is in use already.",
			"Stop the other program, or choose another address with --listen.")
	default:
		return nil, fault.Wrap(err, fault.Invalid, "The address "+address+" cannot be served.",
			"Choose another one with --listen, such as 127.0.0.1:7373.")
	}
}

func makeDataDirectory(directory string) error {
	// Searchable by others: PostgreSQL may run as another user. Everything inside is closed.
	err := os.MkdirAll(directory, 0o755) //nolint:gosec // on purpose
	if err == nil {
		var probe *os.File
		if probe, err = os.CreateTemp(directory, ".writable-*"); err == nil {
			err = errors.Join(probe.Close(), os.Remove(probe.Name()))
		}
	}
	if err != nil {
		return fault.Wrap(err, fault.Denied, "The data directory "+directory+" is not writable.",
			"Choose another one with --data, or change its owner.")
	}
	return nil
}

// joinStop adds what stopping a part says to an error, which stays the outermost.
func joinStop(err error, stop func() error) error {
	stopErr := stop()
	if err == nil {
		return stopErr
	}
	if stopErr == nil {
		return err
	}
	return errors.Join(err, stopErr)
}

// httpServer returns the server of a node. Its times are for weak lines: a megabyte at 64 kbit/s takes
// two minutes.
func (n *node) httpServer() *http.Server {
	protocols := &http.Protocols{}
	protocols.SetHTTP1(true)
	protocols.SetUnencryptedHTTP2(true)
	return &http.Server{
		Handler:           n.handler,
		Protocols:         protocols,
		ReadHeaderTimeout: 20 * time.Second,
		ReadTimeout:       5 * time.Minute,
		WriteTimeout:      5 * time.Minute,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    32 << 10,
		ErrorLog:          slog.NewLogLogger(n.logger.Handler(), slog.LevelDebug),
	}
}
