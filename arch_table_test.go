package main

// mayImport is the dependency rule: package -> what it may import -> why. A trailing /... covers the
// packages below. An empty reason means that the packages' own comments say it. Everything else is
// forbidden; the standard library is free.
var mayImport = map[string]map[string]string{
	"main": {
		"app":      "the window is the app",
		"fault":    "the last error is told to a person",
		"frontend": "the bundle is embedded once",
	},

	// Words and laws.
	"lesson": {
		"fault":                            "problems of courses are told to people",
		"github.com/bmatcuk/doublestar/v4": "globs over workspace paths",
		"github.com/google/uuid":           "lessons keep their id for ever",
		"github.com/yuin/goldmark/...":     "links and raw HTML are found by a real parser",
		"go.yaml.in/yaml/v3":               "nodes know their line",
		"golang.org/x/text/...":            "names that only differ in normal form collide on some disks",
	},
	"lesson/folder":   {"lesson": "", "fault": "a folder may refuse to be written"},
	"lesson/importer": {"lesson": "imports make courses", "github.com/yuin/goldmark/...": "foreign Markdown is cleaned as a tree"},
	"lesson/importer/exercism": {
		"lesson": "imports make courses", "lesson/folder": "they are written whole or not", "lesson/importer": "they report alike",
		"fault": "", "github.com/google/uuid": "lessons take the exercise's id",
	},
	"lesson/bundle": {
		"lesson": "a bundle is a course", "lesson/folder": "it is unpacked whole or not", "fault": "",
		"github.com/klauspost/compress/...": "layers are zstd",
		"github.com/opencontainers/...":     "a bundle is an OCI artifact",
	},
	"lesson/gate": {
		"lesson": "gates prove lessons", "harness": "by running them", "fault": "",
		"golang.org/x/sync/errgroup": "several at once, ended together",
	},

	// Running.
	"harness":            {"lesson": "an exercise becomes a spec and a suite"},
	"harness/canary":     {"harness": "results are translated and judged", "lesson": "tests are files", "fault": ""},
	"harness/testreport": {"harness": "reports become test results", "fault": "", "go.yaml.in/yaml/v3": "TAP carries YAML", "gotest.tools/gotestsum/...": "go test -json is read by its maintained reader"},
	"harness/harnesstest": {
		"harness": "every Runner passes it", "lesson": "", "github.com/google/go-cmp/...": "reports are compared whole",
		"github.com/rogpeppe/go-internal/txtar": "many small programs are one file",
	},
	"harness/harnesstest/forgery": {
		"harness": "attacks are judged by a Runner", "lesson": "they are solutions of exercises",
		"github.com/rogpeppe/go-internal/txtar": "each one is a file of files",
	},
	"harness/agent": {
		"harness/agent/frame": "", "proto/gen/carrel/harness/v1": "its protocol",
		"github.com/creack/pty": "terminals", "golang.org/x/sys/unix": "process 1 lives on system calls",
	},
	"harness/agent/cases":            {"golang.org/x/sys/unix": "the driver's channel is a pair of sockets"},
	"harness/agent/frame":            {"google.golang.org/protobuf/proto": "frames are protobuf"},
	"harness/agent/client":           {"harness/agent": "the protocol's level", "harness/agent/frame": "", "proto/gen/carrel/harness/v1": ""},
	"harness/agent/binary":           {"fault": "a build may lack an architecture"},
	"harness/agent/cmd/carrel-agent": {"harness/agent": "", "harness/agent/cases": "the same program runs them"},
	"harness/docker": {
		"harness": "it is a Runner", "lesson": "environments and files", "fault": "", "build/images": "names of environments are hashes of recipes",
		"harness/agent": "", "harness/agent/binary": "", "harness/agent/cases": "where its runner reads them", "harness/agent/client": "", "harness/agent/frame": "",
		"harness/canary": "tests in disguise", "harness/testreport": "",
		"proto/gen/carrel/harness/v1":          "it speaks to the agent",
		"github.com/docker/docker/...":         "the only place that knows Docker",
		"github.com/docker/cli/cli/connhelper": "engines behind SSH, as Docker's own command reaches them",
		"golang.org/x/sys/unix":                "dead lines are noticed in seconds",
		"github.com/containerd/errdefs":        "the kinds of Docker's errors",
	},
	"harness/spread":            {"harness": "it is a Runner over Runners", "lesson": "", "fault": ""},
	"build/images":              {"lesson": "environments have names and digests"},
	"build/images/go/carrel-go": {},

	// Journals.
	"journal": {
		"lesson": "", "harness": "attempts carry reports", "fault": "",
		"github.com/fxamacker/cbor/v2": "one canonical form for what is hashed and signed",
		"github.com/google/uuid":       "attempts and learners",
	},
	"journal/journaltest": {"journal": "every Store passes it", "fault": "", "github.com/google/go-cmp/...": "", "github.com/google/uuid": ""},
	"journal/sqlitestore": {"journal": "it is a Store", "fault": "", "github.com/google/uuid": "", "modernc.org/sqlite/...": "SQLite without cgo"},

	// The wire: the only place where domain and generated types meet, for both sides.
	"proto/wire": {
		"fault": "", "harness": "", "journal": "", "lesson": "", "proto/gen/...": "",
		"connectrpc.com/connect": "faults are Connect errors", "github.com/google/uuid": "", "github.com/klauspost/compress/...": "zstd on the wire",
	},
	"proto/gen/...": {"proto/gen/...": "", "connectrpc.com/connect": "", "google.golang.org/protobuf/...": ""},

	// The learner's computer. Nothing here imports cloud.
	"app": {
		"app/...": "it wires them", "courses": "they ship", "fault": "", "harness": "", "harness/docker": "checks on this computer",
		"journal": "", "journal/sqlitestore": "", "lesson": "", "proto/wire": "the catalogue's summaries",
		"github.com/wailsapp/wails/v2/...": "the only place that knows the window",
		"github.com/google/uuid":           "", "golang.org/x/sync/errgroup": "parts live and end together",
	},
	"app/settings":  {"app/atomicfile": "", "fault": "", "github.com/adrg/xdg": "where people expect state", "github.com/google/uuid": "", "github.com/rogpeppe/go-internal/lockedfile": "window and CLI share the folder"},
	"app/workspace": {"app/atomicfile": "", "fault": "", "lesson": "", "github.com/fsnotify/fsnotify": "other editors are welcome"},
	"app/library": {
		"app/atomicfile": "", "app/workspace": "it knows the places of exercises", "fault": "", "journal": "", "lesson": "", "lesson/bundle": "",
		"golang.org/x/text/...": "quiz answers compare as people write",
	},
	"app/progress": {"journal": "", "lesson": ""},
	"app/checks":   {"app/progress": "what is too large to travel", "fault": "", "harness": "", "journal": "", "lesson": "", "github.com/google/uuid": ""},
	"app/terminal": {"fault": "", "harness": "", "lesson": "", "github.com/google/uuid": ""},
	"app/exchange": {"app/settings": "who is signed in", "fault": "", "journal": ""},
	"app/doctor":   {"app/atomicfile": "", "fault": "", "lesson": "", "golang.org/x/sys/unix": "free space"},
	"app/cloudclient": {
		"fault": "", "harness": "", "journal": "", "lesson": "", "proto/gen/carrel/...": "", "proto/wire": "",
		"connectrpc.com/connect": "the calls", "github.com/google/uuid": "",
	},
	"app/cloudclient/cloudclienttest": {
		"fault": "", "harness": "", "journal": "", "lesson": "", "proto/gen/carrel/...": "", "proto/wire": "",
		"connectrpc.com/connect": "a cloud whose zero value works", "github.com/google/uuid": "",
	},
	"app/rpc": {
		"app/...": "one handler for the window, the browser and the tests", "fault": "", "harness": "", "journal": "", "lesson": "",
		"proto/gen/carrel/...": "", "proto/wire": "", "connectrpc.com/connect": "", "github.com/google/uuid": "",
		"google.golang.org/protobuf/proto": "batches of events are bounded by their size",
	},
	"app/cmd/carrel": {
		"app/...": "the window's use-cases in a terminal", "build/images": "it bakes them", "courses": "it bakes what they need", "fault": "", "frontend": "carrel serve", "harness": "",
		"harness/docker": "", "journal": "", "lesson/...": "authors' commands", "github.com/spf13/cobra": "help and completion",
		"github.com/mattn/go-isatty": "bars only where somebody watches", "github.com/schollz/progressbar/v3": "", "golang.org/x/term": "passwords unseen",
	},

	// The cloud. Nothing here imports app.
	"cloud/account":    {"fault": "", "github.com/google/uuid": "", "golang.org/x/crypto/argon2": "passwords", "golang.org/x/sync/semaphore": "argon2 is bounded by memory"},
	"cloud/blob":       {"fault": "", "lesson": "digests", "gocloud.dev/...": "files or an object store, one interface"},
	"cloud/catalog":    {"fault": "", "lesson": "", "lesson/bundle": "", "github.com/google/uuid": ""},
	"cloud/evaluation": {"fault": "", "harness": "the very same harness", "journal": "verifications are entries", "lesson": "", "github.com/google/uuid": ""},
	"cloud/postgres": {
		"cloud/account": "", "cloud/catalog": "", "cloud/evaluation": "", "fault": "", "harness": "", "journal": "", "lesson": "",
		"github.com/jackc/...": "the only place that knows PostgreSQL", "github.com/riverqueue/...": "jobs in the same transaction", "github.com/google/uuid": "",
	},
	"cloud/postgres/embedded":     {"fault": ""},
	"cloud/postgres/postgrestest": {"cloud/postgres": "", "cloud/postgres/embedded": "a real one, always", "github.com/jackc/...": ""},
	"cloud/rpc": {
		"cloud/account": "", "cloud/blob": "", "cloud/catalog": "", "cloud/evaluation": "", "fault": "", "journal": "", "lesson": "",
		"proto/gen/carrel/...": "", "proto/wire": "", "connectrpc.com/connect": "", "github.com/google/uuid": "",
	},
	"cloud/cmd/carreld": {
		"cloud/...": "it wires them", "build/images": "", "courses": "they are published at start", "fault": "", "harness": "one Runner, or several as one",
		"harness/docker": "the evaluator's engines", "harness/spread": "several of them", "journal": "",
		"github.com/adrg/xdg": "", "github.com/spf13/cobra": "", "golang.org/x/sync/errgroup": "",
	},

	"bench/chaos": {
		"build/images": "", "fault": "", "harness": "", "harness/docker": "", "lesson": "",
		"golang.org/x/sync/errgroup": "learners at once, ended together",
	},
	"bench/neighbour": {"fault": "", "harness": "", "harness/docker": "", "lesson": ""},
	"bench/forgery": {
		"fault": "", "harness/docker": "", "harness/harnesstest/forgery": "the corpus",
		"golang.org/x/sync/errgroup": "languages at once, ended together",
	},
	"bench/harness": {"build/images": "", "fault": "", "harness": "", "harness/docker": "", "harness/testreport": "", "lesson": ""},
	"bench/desktop": {"fault": ""},
	"bench/parity":  {"bench/parity/trial": "it tells what trials found", "fault": "", "harness": "", "lesson": ""},
	"bench/parity/trial": {
		"fault": "", "harness": "reports are what is compared", "lesson": "solutions come from the course",
		"github.com/google/go-cmp/...": "reports are compared whole",
	},
}
