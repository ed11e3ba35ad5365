package enginetest

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/user"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// SSH is a server for SSH on this computer's loopback, which logs its own user in.
type SSH struct {
	// Host is its address, as in DOCKER_HOST, and Config a configuration for ssh with the key it accepts.
	Host, Config string
	dir          string
	port         int
}

// Serve starts the server of Debian's openssh-server with a key of its own, and ends it with the test.
// Lines are added to its configuration.
func Serve(t testing.TB, lines ...string) *SSH {
	t.Helper()
	s := &SSH{dir: t.TempDir(), port: freePort(t)}
	me, err := user.Current()
	if err != nil {
		t.Fatal(err)
	}
	if os.Geteuid() == 0 {
		if err := os.MkdirAll("/run/sshd", 0o755); err != nil { //nolint:gosec // where sshd wants it
			t.Fatal(err)
		}
	}
	for _, name := range []string{"host", "client", "other"} {
		out, err := command(t.Context(), "ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", s.in(name)).CombinedOutput()
		if err != nil {
			t.Fatalf("making a key: %v: %s", err, out)
		}
	}
	s.write(t, "sshd_config", append([]string{
		fmt.Sprintf("ListenAddress 127.0.0.1:%d", s.port), "HostKey " + s.in("host"), "AuthorizedKeysFile " + s.in("client.pub"), "PidFile none",
		"StrictModes no", "UsePAM no", "PasswordAuthentication no", "KbdInteractiveAuthentication no", "PermitRootLogin yes",
	}, lines...))
	server := command(context.WithoutCancel(t.Context()), "/usr/sbin/sshd", "-D", "-e", "-f", s.in("sshd_config"))
	log, err := os.Create(s.in("log"))
	if err != nil {
		t.Fatal(err)
	}
	server.Stderr = log
	if err := server.Start(); err != nil {
		t.Fatalf("starting sshd: %v", err)
	}
	t.Cleanup(func() {
		_ = server.Process.Kill()
		_ = server.Wait() // it was killed
		_ = log.Close()
	})
	s.Host = fmt.Sprintf("ssh://%s@127.0.0.1:%d", me.Username, s.port)
	s.Config = s.Client(t, "client", true)
	s.await(t)
	return s
}

// Client writes a configuration of ssh that uses a key, "client" or "other", of which the server only
// accepts the first, and that knows the server or does not.
func (s *SSH) Client(t testing.TB, key string, known bool) string {
	t.Helper()
	if !known {
		return s.client(t, key, "")
	}
	return s.client(t, key, "host")
}

// Impostor writes a configuration of ssh that knows another computer under the server's address.
func (s *SSH) Impostor(t testing.TB) string {
	t.Helper()
	return s.client(t, "client", "other")
}

// client takes the server's key to be the one with this name.
func (s *SSH) client(t testing.TB, key, host string) string {
	t.Helper()
	hosts, entries := s.in("hosts-"+host), []string(nil)
	if host != "" {
		public, err := os.ReadFile(s.in(host + ".pub"))
		if err != nil {
			t.Fatal(err)
		}
		entries = []string{fmt.Sprintf("[127.0.0.1]:%d %s", s.port, public)}
	}
	s.write(t, filepath.Base(hosts), entries)
	name := fmt.Sprintf("config-%s-%s", key, host)
	s.write(t, name, []string{"IdentityFile " + s.in(key), "IdentitiesOnly yes", "IdentityAgent none", "UserKnownHostsFile " + hosts, "GlobalKnownHostsFile none"})
	return s.in(name)
}

func (s *SSH) in(name string) string { return filepath.Join(s.dir, name) }

func (s *SSH) write(t testing.TB, name string, lines []string) {
	t.Helper()
	if err := os.WriteFile(s.in(name), []byte(strings.Join(lines, "\n")+"\n"), 0o600); err != nil { //nolint:gosec // names of our own
		t.Fatal(err)
	}
}

// await returns when the server listens.
func (s *SSH) await(t testing.TB) {
	t.Helper()
	address := fmt.Sprintf("127.0.0.1:%d", s.port)
	tick := time.NewTicker(pollInterval)
	defer tick.Stop()
	for began := time.Now(); time.Since(began) < bootTimeout; <-tick.C {
		conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", address)
		if err == nil {
			_ = conn.Close()
			return
		}
	}
	said, _ := os.ReadFile(s.in("log"))
	t.Fatalf("sshd does not listen: %s", said)
}

func freePort(t testing.TB) int {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().(*net.TCPAddr).Port
}
