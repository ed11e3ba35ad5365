package main

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"connectrpc.com/connect"

	cloudv1 "github.com/carrel-dev/carrel/proto/gen/carrel/cloud/v1"
	"github.com/carrel-dev/carrel/proto/gen/carrel/cloud/v1/cloudv1connect"
)

// asCarreld makes the test binary be carreld, for tests that kill it.
const asCarreld = "CARREL_TEST_AS_CARRELD"

func TestMain(m *testing.M) {
	if os.Getenv(asCarreld) != "" {
		main()
	}
	os.Exit(m.Run())
}

// testNode is a carreld inside the test.
type testNode struct {
	url    string
	stderr *lockedBuffer
	stop   func() int // returns the exit code
}

// startNode runs carreld until it is ready.
func startNode(t *testing.T, args ...string) *testNode {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	stdout, write := io.Pipe()
	n := &testNode{stderr: &lockedBuffer{}}
	ended := make(chan int, 1)
	go func() {
		code := run(ctx, append([]string{"serve", "--listen", "127.0.0.1:0"}, args...), write, n.stderr)
		_ = write.Close()
		ended <- code
	}()
	n.stop = sync.OnceValue(func() int {
		cancel()
		return <-ended
	})
	t.Cleanup(func() { n.stop() })
	n.url = readReadyLine(t, stdout, n.stderr)
	return n
}

func readReadyLine(t *testing.T, stdout io.Reader, stderr *lockedBuffer) string {
	t.Helper()
	line, err := bufio.NewReader(stdout).ReadString('\n')
	url, ok := strings.CutPrefix(strings.TrimSpace(line), "carreld is ready on ")
	if err != nil || !ok {
		t.Fatalf("carreld did not become ready: %q, %v\n%s", line, err, stderr)
	}
	return url
}

// lockedBuffer is a buffer that two goroutines may use.
type lockedBuffer struct {
	mu     sync.Mutex
	buffer bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buffer.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buffer.String()
}

func register(t *testing.T, url, email string) *cloudv1.Session {
	t.Helper()
	response, err := cloudv1connect.NewAccountServiceClient(http.DefaultClient, url).
		Register(t.Context(), &cloudv1.RegisterRequest{Email: email, Password: "correct horse"})
	if err != nil {
		t.Fatalf("registering: %v", err)
	}
	return response.GetSession()
}

func login(t *testing.T, url, email string) *cloudv1.Account {
	t.Helper()
	response, err := cloudv1connect.NewAccountServiceClient(http.DefaultClient, url).
		Login(t.Context(), &cloudv1.LoginRequest{Email: email, Password: "correct horse"})
	if err != nil {
		t.Fatalf("signing in: %v", err)
	}
	return response.GetSession().GetAccount()
}

func TestServe(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	node := startNode(t, "--embedded", "--role", "api", "--data", data)

	for _, probe := range []string{"/healthz", "/readyz"} {
		response, err := http.Get(node.url + probe)
		if err != nil {
			t.Fatal(err)
		}
		if err := response.Body.Close(); err != nil || response.StatusCode != http.StatusOK {
			t.Errorf("%s = %s, %v", probe, response.Status, err)
		}
	}

	t.Log("the shipped courses are there, over gRPC without TLS too")
	var h2c http.Protocols
	h2c.SetUnencryptedHTTP2(true)
	client := &http.Client{Transport: &http.Transport{Protocols: &h2c}}
	list, err := cloudv1connect.NewCatalogServiceClient(client, node.url, connect.WithGRPC()).
		ListCourses(t.Context(), &cloudv1.ListCoursesRequest{})
	if err != nil || len(list.GetCourses()) == 0 {
		t.Fatalf("courses = %v, %v", list, err)
	}

	t.Log("a role is changed beside the running server")
	register(t, node.url, "first@example.org")
	if got := register(t, node.url, "second@example.org").GetAccount().GetRole(); got != "learner" {
		t.Errorf("the second account is %q", got)
	}
	promote := func() {
		var stdout, stderr bytes.Buffer
		code := run(t.Context(), []string{"account", "promote", "second@example.org", "--data", data}, &stdout, &stderr)
		if code != 0 || stdout.String() != "second@example.org is now author.\n" {
			t.Errorf("promoting: %d %q %q", code, &stdout, &stderr)
		}
	}
	promote()
	if got := login(t, node.url, "second@example.org").GetRole(); got != "author" {
		t.Errorf("after promoting, the account is %q", got)
	}

	if code := node.stop(); code != 0 {
		t.Errorf("exit code %d\n%s", code, node.stderr)
	}
	if _, err := os.Stat(filepath.Join(data, "postgres", "postmaster.pid")); !os.IsNotExist(err) {
		t.Errorf("PostgreSQL is still running: %v", err)
	}
	t.Log("a role is changed while no server runs")
	promote()

	t.Log("nothing that learners sent is in the log")
	for _, secret := range []string{"correct horse", "carrel_", "second@example.org", "127.0.0.1:"} {
		if strings.Contains(node.stderr.String(), secret) {
			t.Errorf("the log holds %q", secret)
		}
	}
}

func TestServe_AfterKill(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	start := func() (*exec.Cmd, string) {
		command := exec.CommandContext(t.Context(), os.Args[0], "serve", "--embedded", "--role", "api", "--data", data, "--listen", "127.0.0.1:0")
		command.Env = append(os.Environ(), asCarreld+"=1")
		stderr := &lockedBuffer{}
		command.Stderr = stderr
		stdout, err := command.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := command.Start(); err != nil {
			t.Fatal(err)
		}
		return command, readReadyLine(t, stdout, stderr)
	}
	command, url := start()
	register(t, url, "ada@example.org")
	if err := command.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = command.Wait() // killed, as it should be

	command, url = start()
	login(t, url, "ada@example.org")
	if err := command.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := command.Wait(); err != nil {
		t.Errorf("after SIGTERM: %v", err)
	}
}

func TestRun_Complains(t *testing.T) {
	t.Parallel()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = taken.Close() })
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	empty := t.TempDir()
	tests := map[string]struct {
		args string
		code int
		says string
	}{
		"an unknown flag":         {"serve --nonsense", exitUsage, "--help"},
		"an unknown role":         {"serve --role king", exitUsage, `There is no role "king"`},
		"too many arguments":      {"account promote a@b.c d@e.f", exitUsage, "EMAIL"},
		"two databases":           {"serve --embedded --database-url postgres://x", exitUsage, "exclude each other"},
		"no database":             {"serve --data " + empty + " --listen 127.0.0.1:0", exitFailed, "--embedded"},
		"a port that is taken":    {"serve --embedded --listen " + taken.Addr().String(), exitFailed, "in use already"},
		"an address that is none": {"serve --embedded --listen nowhere:x", exitFailed, "--listen"},
		"data that is a file":     {"serve --embedded --listen 127.0.0.1:0 --data " + file, exitFailed, "not writable"},
		"a server that is not up": {"serve --listen 127.0.0.1:0 --data " + empty + " --database-url postgres://127.0.0.1:1/x", exitFailed, "cannot be reached"},
		"a role nobody may have":  {"account promote a@b.c --role king --data " + empty, exitFailed, "There is no role king."},
		"an account of nowhere":   {"account promote a@b.c --data " + empty, exitFailed, "There is no database in " + empty},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var stdout, stderr bytes.Buffer
			code := run(t.Context(), strings.Fields(test.args), &stdout, &stderr)
			if code != test.code || !strings.Contains(stderr.String(), test.says) || !strings.HasPrefix(stderr.String(), "carreld: ") {
				t.Errorf("exit code %d, says:\n%s\nwant %d and %q", code, &stderr, test.code, test.says)
			}
			if stdout.Len() > 0 {
				t.Errorf("stdout: %s", &stdout)
			}
		})
	}
}
