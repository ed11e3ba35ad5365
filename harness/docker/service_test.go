package docker_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/filters"

	"github.com/carrel-dev/carrel/fault"
	"github.com/carrel-dev/carrel/harness"
	"github.com/carrel-dev/carrel/harness/docker"
	"github.com/carrel-dev/carrel/lesson"
)

func seed(name, data string) lesson.SeedFile { return lesson.SeedFile{Path: name, Data: []byte(data)} }

func postgres(seeds ...lesson.SeedFile) lesson.Service {
	return lesson.Service{Name: "postgres", Environment: lesson.Environment{Name: "postgres"}, Seed: seeds}
}

func redis(seeds ...lesson.SeedFile) lesson.Service {
	return lesson.Service{Name: "redis", Environment: lesson.Environment{Name: "redis"}, Seed: seeds}
}

// books is a table with three rows that belongs to the learner.
func books() []lesson.SeedFile {
	return []lesson.SeedFile{
		seed("schema.sql", "CREATE TABLE books (title text);\n"),
		seed("rows.sql", "INSERT INTO books VALUES ('one'), ('two'), ('three');\n"),
	}
}

// withServices opens a session in the environment sql.
func withServices(t *testing.T, r *docker.Runner, owner string, services ...lesson.Service) harness.Session {
	t.Helper()
	s, err := r.Open(t.Context(), harness.Spec{
		Environment: lesson.Environment{Name: "sql"}, Network: lesson.NetworkServices, Services: services, Owner: owner,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// checked runs a script as a check and returns the report.
func checked(t *testing.T, s harness.Session, script string) harness.Report {
	t.Helper()
	report, err := s.Check(t.Context(), harness.Suite{Command: []string{"bash", "-euc", script}, Format: harness.FormatExit}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// mustPass runs a script as a check that has to pass.
func mustPass(t *testing.T, s harness.Session, script string) {
	t.Helper()
	if r := checked(t, s, script); r.Verdict != harness.Passed {
		t.Fatalf("%s: %s\n%s%s", r.Verdict, r.Message, r.Log.Head, r.Log.Tail)
	}
}

// ran runs a script as a program and returns what it printed.
func ran(t *testing.T, s harness.Session, script string) string {
	t.Helper()
	var out strings.Builder
	exit, err := s.Run(t.Context(), harness.Command{Argv: []string{"bash", "-euc", script}, Output: func(_ int, text string) { out.WriteString(text) }})
	if err != nil {
		t.Fatal(err)
	}
	if exit.Code != 0 {
		t.Fatalf("exit code %d: %s", exit.Code, out.String())
	}
	return strings.TrimSpace(out.String())
}

const countBooks = `[ "$(psql -Atc 'SELECT count(*) FROM books')" = 3 ]`

func TestServices_postgres(t *testing.T) { //nolint:tparallel // the sub-tests share one session, one after another
	t.Parallel()
	s := withServices(t, runner(t, docker.Options{}), "ann", postgres(books()...))

	mustPass(t, s, countBooks)
	mustPass(t, s, `[ "$(psql -At "$DATABASE_URL" -c 'SELECT count(*) FROM books')" = 3 ]`)
	mustPass(t, s, `python3 -c 'import os, psycopg2; psycopg2.connect(os.environ["DATABASE_URL"]).cursor().execute("SELECT 1")'`)

	// A check that drops everything, and even leaves settings and a connection behind.
	mustPass(t, s, `psql -qc 'DROP TABLE books' -c "ALTER ROLE learner SET search_path = nowhere" -c 'CREATE SCHEMA other'
		setsid psql -qc 'SELECT pg_sleep(60)' >/dev/null 2>&1 &`)
	mustPass(t, s, countBooks)
	mustPass(t, s, `[ "$(psql -Atc "SELECT count(*) FROM pg_namespace WHERE nspname = 'other'")" = 0 ]`)

	// Programs and checks do not see each other's.
	ran(t, s, `psql -qc "INSERT INTO books VALUES ('mine')"`)
	mustPass(t, s, countBooks)
	mustPass(t, s, `psql -qc 'DROP TABLE books'`)
	if got := ran(t, s, `psql -Atc 'SELECT count(*) FROM books'`); got != "4" {
		t.Errorf("a program finds %s books, want 4", got)
	}

	t.Run("the learner is no administrator", func(t *testing.T) {
		for _, forbidden := range []string{
			`psql -qc "COPY books FROM PROGRAM 'id'"`, `psql -qc 'CREATE ROLE x'`, `psql -qc 'CREATE DATABASE x'`,
			`psql -q postgres -c 'SELECT 1'`, `psql -q seeded -c 'SELECT 1'`, `psql -q template1 -c 'SELECT 1'`,
			`psql -qU postgres -c 'SELECT 1'`, `psql -qc 'SELECT pg_read_file($$/etc/passwd$$)'`, `psql -qc 'ALTER SYSTEM SET fsync = on'`,
		} {
			if r := checked(t, s, forbidden); r.Verdict != harness.Failed {
				t.Errorf("%s: %s", forbidden, r.Verdict)
			}
		}
	})
	t.Run("dial", func(t *testing.T) {
		conn, err := s.Dial(t.Context(), 5432)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = conn.Close() }()
		// An SSLRequest, which PostgreSQL answers with one letter.
		if _, err := conn.Write([]byte{0, 0, 0, 8, 4, 210, 22, 47}); err != nil {
			t.Fatal(err)
		}
		answer := make([]byte, 1)
		if _, err := io.ReadFull(conn, answer); err != nil || answer[0] != 'N' && answer[0] != 'S' {
			t.Errorf("PostgreSQL answers %q, %v", answer, err)
		}
	})
	t.Run("terminal", func(t *testing.T) {
		term, err := s.Terminal(t.Context(), harness.Size{Rows: 24, Columns: 80})
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = term.Close() }()
		if _, err := io.WriteString(term, "psql -Atc 'SELECT 6*7, current_database()'\n"); err != nil {
			t.Fatal(err)
		}
		expectLine(t, term, "42|practice")
		mustPass(t, s, countBooks) // beside it
		if _, err := io.WriteString(term, "psql -Atc 'SELECT 7*7'; exit\n"); err != nil {
			t.Fatal(err)
		}
		expectLine(t, term, "49")
	})
}

// expectLine reads a terminal until a line says exactly that.
func expectLine(t *testing.T, from io.Reader, want string) {
	t.Helper()
	var seen []string
	for lines := bufio.NewScanner(from); lines.Scan(); {
		line := strings.TrimSpace(harness.Neutral(lines.Text()))
		if line == want {
			return
		}
		seen = append(seen, line)
	}
	t.Fatalf("the terminal never said %q, but\n%s", want, strings.Join(seen, "\n"))
}

func TestServices_redis(t *testing.T) {
	t.Parallel()
	s := withServices(t, runner(t, docker.Options{}), "ann", redis(seed("words", "SET greeting hello\nRPUSH list a b c")))

	mustPass(t, s, `[ "$(redis-cli -u "$REDIS_URL" GET greeting)" = hello ] && [ "$(redis-cli -h redis -n "$REDIS_DB" LLEN list)" = 3 ]`)
	mustPass(t, s, `redis-cli -u "$REDIS_URL" FLUSHALL`)
	mustPass(t, s, `[ "$(redis-cli -u "$REDIS_URL" GET greeting)" = hello ]`)
	mustPass(t, s, `python3 -c 'import os, redis; assert redis.Redis.from_url(os.environ["REDIS_URL"]).llen("list") == 3'`)

	ran(t, s, `redis-cli -u "$REDIS_URL" SET greeting mine`)
	mustPass(t, s, `[ "$(redis-cli -u "$REDIS_URL" GET greeting)" = hello ]`)
	if got := ran(t, s, `redis-cli -u "$REDIS_URL" GET greeting`); got != "mine" {
		t.Errorf("a program finds the greeting %q", got)
	}
	for _, forbidden := range []string{"SHUTDOWN", "CONFIG SET dir /tmp", "ACL LIST", "SWAPDB 0 1", "DEBUG SLEEP 100"} {
		mustPass(t, s, fmt.Sprintf(`redis-cli -u "$REDIS_URL" %s 2>&1 | tee /dev/stderr | grep -q 'NOPERM\|not allowed'`, forbidden))
	}
}

func TestServices_together(t *testing.T) {
	t.Parallel()
	second := postgres(seed("a.sql", "CREATE TABLE second (n int);"))
	second.Name, second.Port = "other", 15432
	s := withServices(t, runner(t, docker.Options{}), "ann", second, postgres(books()...), redis())
	mustPass(t, s, countBooks+` && psql -h other -p 15432 -c 'SELECT * FROM second' && [ "$(redis-cli -h redis PING)" = PONG ]`)
}

// exhaust makes PostgreSQL take more memory than its container has.
const exhaust = `psql -c "SELECT length(string_agg(repeat('x', 1000000), '')) FROM generate_series(1, 900)"`

func TestServices_aServiceThatIsKilled(t *testing.T) {
	t.Parallel()
	s := withServices(t, runner(t, docker.Options{}), "ann", postgres(books()...))
	mustPass(t, s, countBooks)
	r := checked(t, s, exhaust)
	if r.Verdict != harness.OutOfMemory || !strings.Contains(r.Message, "The service postgres ran out of memory while your code used it.") {
		t.Errorf("%s: %s", r.Verdict, r.Message)
	}
	mustPass(t, s, countBooks)
	if got := ran(t, s, exhaust+` >/dev/null 2>&1 || echo lost`); got != "lost" {
		t.Errorf("a program that takes PostgreSQL with it says %q", got)
	}
	if got := ran(t, s, `psql -Atc 'SELECT count(*) FROM books'`); got != "3" {
		t.Errorf("the next program finds %s books", got)
	}
}

func TestServices_areNotShared(t *testing.T) {
	t.Parallel()
	r := runner(t, docker.Options{})
	var all sync.WaitGroup
	for _, owner := range []string{"ann", "bob"} {
		s := withServices(t, r, owner, postgres(books()...))
		all.Go(func() {
			for range 3 {
				mustPass(t, s, countBooks+fmt.Sprintf(` && psql -qc "INSERT INTO books VALUES ('%s')" && [ "$(psql -Atc 'SELECT count(*) FROM books')" = 4 ]`, owner))
			}
			if got := ran(t, s, fmt.Sprintf(`psql -qc "INSERT INTO books VALUES ('%s')"; psql -Atc 'SELECT count(*) FROM books'`, owner)); got != "4" {
				t.Errorf("%s finds %s books", owner, got)
			}
		})
	}
	all.Wait()
}

func TestServices_comeBackFresh(t *testing.T) {
	t.Parallel()
	r := runner(t, docker.Options{})
	s := withServices(t, r, "ann", postgres(books()...))
	ran(t, s, `psql -qc 'DROP TABLE books'`)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	again := withServices(t, r, "ann", postgres(books()...))
	if got := ran(t, again, `psql -Atc 'SELECT count(*) FROM books'`); got != "3" {
		t.Errorf("the next session finds %s books", got)
	}
}

func TestServices_cannotStart(t *testing.T) {
	t.Parallel()
	twice := postgres()
	twice.Name = "other"
	tests := []struct {
		name     string
		services []lesson.Service
		kind     fault.Kind
		want     string
	}{
		{"a broken seed", []lesson.Service{postgres(seed("schema.sql", "CREATE TABLE ok (n int);\nCREATE TABL broken;"))}, fault.Invalid,
			`The service postgres does not take its seed schema.sql. It said: `},
		{"a broken seed for redis", []lesson.Service{redis(seed("words", "SET a 1\nNONSENSE"))}, fault.Invalid,
			`The service redis does not take its seed words. It said: (error) ERR unknown command 'NONSENSE'`},
		{"two on one port", []lesson.Service{postgres(), twice}, fault.Invalid, "The services postgres and other both use port 5432."},
		{"an environment for exercises", []lesson.Service{{Name: "x", Environment: lesson.Environment{Name: "shell"}}}, fault.Invalid,
			`The environment "shell" does not say how it is started as a service.`},
		{"an environment that is not there", []lesson.Service{{Name: "x", Environment: lesson.Environment{Image: "example.org/x@sha256:" + strings.Repeat("0", 64)}}}, fault.NotFound,
			`is not on this computer yet.`},
		{"a program that ends", []lesson.Service{{Name: "postgres", Environment: lesson.Environment{Name: "postgres"}, Env: []string{"PGDATA=/nowhere", "PGOPTIONS=-x", "PATH=/bin"}}}, fault.Unavailable,
			`The service postgres ended as soon as it was started. It said: `},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := runner(t, docker.Options{}).Open(t.Context(), harness.Spec{
				Environment: lesson.Environment{Name: "shell"}, Network: lesson.NetworkServices, Services: tt.services, Owner: "ann",
			})
			message, _ := fault.Sentence(err)
			if fault.KindOf(err) != tt.kind || !strings.Contains(message, tt.want) {
				t.Errorf("got %q: %q (%v)", fault.KindOf(err), message, err)
			}
		})
	}
}

func TestServices_leaveNothingBehind(t *testing.T) {
	t.Parallel()
	api := engineOf(t)
	r := docker.New(docker.Options{Agent: func(string) ([]byte, error) { return docker.BuiltAgent() }})
	s := withServices(t, r, "ann", postgres(books()...), redis())
	mustPass(t, s, countBooks)
	mine := filters.NewArgs(filters.Arg("label", "dev.carrel.process"), filters.Arg("name", "carrel-"+docker.RunnerName(r)))
	list, err := api.ContainerList(t.Context(), container.ListOptions{All: true, Filters: mine})
	if err != nil || len(list) != 3 {
		t.Fatalf("%d containers, %v", len(list), err)
	}
	for _, c := range list {
		if found, err := api.ContainerInspect(t.Context(), c.ID); err != nil {
			t.Error(err)
		} else if h := found.HostConfig; !h.ReadonlyRootfs || len(h.CapDrop) != 1 || h.CapDrop[0] != "ALL" || h.Memory == 0 || h.PidsLimit == nil || len(h.PortBindings) > 0 || len(h.Binds) > 0 {
			t.Errorf("%s is not held as a learner's container is: %+v", found.Name, h)
		}
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
	if list, err = api.ContainerList(t.Context(), container.ListOptions{All: true, Filters: mine}); err != nil || len(list) > 0 {
		t.Errorf("%d containers are left, %v", len(list), err)
	}
}

func TestServices_endWithTheExercise(t *testing.T) {
	t.Parallel()
	r := runner(t, docker.Options{})
	s := withServices(t, r, "ann", postgres(books()...))
	mustPass(t, s, countBooks)
	api := engineOf(t)
	mine := container.ListOptions{All: true, Filters: filters.NewArgs(filters.Arg("name", "carrel-"+docker.RunnerName(r)))}
	list, err := api.ContainerList(t.Context(), mine)
	if err != nil || len(list) != 2 {
		t.Fatalf("%d containers, %v", len(list), err)
	}
	for _, c := range list { // whichever is lost, the next check finds all there is
		if err := api.ContainerKill(t.Context(), c.ID, "KILL"); err != nil {
			t.Fatal(err)
		}
		mustPass(t, s, countBooks)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	for list, err = api.ContainerList(ctx, mine); err == nil && len(list) > 2; list, err = api.ContainerList(ctx, mine) {
		continue // lost ones are removed in the background
	}
	if err != nil {
		t.Error(err)
	}
}
