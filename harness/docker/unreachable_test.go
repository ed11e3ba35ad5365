package docker_test

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/carrel-dev/carrel/fault"
	"github.com/carrel-dev/carrel/harness/docker"
	"github.com/carrel-dev/carrel/harness/harnesstest/enginetest"
)

// fitEngine answers as an engine that is fit for checks.
func fitEngine(t *testing.T) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Api-Version", "1.41")
		if strings.HasSuffix(r.URL.Path, "/info") {
			info := map[string]any{
				"OSType": "linux", "MemoryLimit": true, "PidsLimit": true, "ServerVersion": "1", "DefaultRuntime": "runc", "Runtimes": map[string]any{"runc": map[string]any{}},
				"SecurityOptions": []string{"name=seccomp,profile=builtin", "name=rootless", "name=userns"},
			}
			if err := json.NewEncoder(w).Encode(info); err != nil {
				t.Error(err)
			}
		}
	})
}

// serveTLS serves an engine with a certificate of ours and asks for one of ours; it returns the address.
func serveTLS(t *testing.T, authority *enginetest.Authority, certificate enginetest.Certificate) string {
	t.Helper()
	dir := t.TempDir()
	authority.Issue(t, dir, "", certificate)
	own, err := tls.LoadX509KeyPair(filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem"))
	if err != nil {
		t.Fatal(err)
	}
	ca, err := os.ReadFile(filepath.Join(dir, "ca.pem"))
	if err != nil {
		t.Fatal(err)
	}
	clients := x509.NewCertPool()
	clients.AppendCertsFromPEM(ca)
	server := httptest.NewUnstartedServer(fitEngine(t))
	server.Config.ErrorLog = log.New(t.Output(), "", 0)
	server.TLS = &tls.Config{Certificates: []tls.Certificate{own}, ClientCAs: clients, ClientAuth: tls.RequireAndVerifyClientCert}
	server.StartTLS()
	t.Cleanup(server.Close)
	return "tcp://" + server.Listener.Addr().String()
}

// client returns files of a certificate.
func client(t *testing.T, authority *enginetest.Authority, certificate enginetest.Certificate) docker.TLS {
	t.Helper()
	dir := t.TempDir()
	authority.Issue(t, dir, "", certificate)
	return docker.TLS{CA: filepath.Join(dir, "ca.pem"), Cert: filepath.Join(dir, "cert.pem"), Key: filepath.Join(dir, "key.pem")}
}

func wantFault(t *testing.T, o docker.Options, kind fault.Kind, text string) {
	t.Helper()
	r := docker.New(o)
	defer func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	}()
	_, err := r.Facts(t.Context())
	message, hint := fault.Sentence(err)
	if fault.KindOf(err) != kind || !strings.Contains(message, text) || hint == "" {
		t.Errorf("got %q, %q: %v", message, hint, err)
	}
}

func TestRunner_overTLS(t *testing.T) {
	t.Parallel()
	authority, other := enginetest.NewAuthority(t), enginetest.NewAuthority(t)
	local := enginetest.Certificate{Addresses: []string{"127.0.0.1"}}
	t.Run("with the right certificates it answers, and its facts are told", func(t *testing.T) {
		t.Parallel()
		r := docker.New(docker.Options{Host: serveTLS(t, authority, local), TLS: client(t, authority, enginetest.Certificate{})})
		engine, err := r.Facts(t.Context())
		if err != nil || !engine.Rootless || !engine.UserNamespaces || engine.Runtime != "runc" || len(engine.Security) != 1 {
			t.Errorf("got %+v, %v", engine, err)
		}
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	})
	good := client(t, authority, enginetest.Certificate{})
	refused := []struct {
		name, host string
		tls        docker.TLS
		want       string
	}{
		{"an engine of another authority", serveTLS(t, other, local), good, "was not issued by the authority we know"},
		{"an expired engine", serveTLS(t, authority, enginetest.Certificate{Addresses: local.Addresses, Expired: true}), good, "has expired"},
		{"an engine under another name", serveTLS(t, authority, enginetest.Certificate{Addresses: []string{"127.0.0.9"}}), good, "is for another address"},
		{"a certificate the engine does not accept", serveTLS(t, authority, local), foreign(t, authority, other), "does not accept this computer's certificate"},
		{"an expired certificate of ours", serveTLS(t, authority, local), client(t, authority, enginetest.Certificate{Expired: true}), "This computer's certificate"},
		{"files that are not there", serveTLS(t, authority, local), docker.TLS{CA: "/no/ca.pem", Cert: "/no/cert.pem", Key: "/no/key.pem"}, "cannot be read"},
		{"an engine that does not encrypt", "tcp://" + servePlain(t), good, "does not encrypt"},
		{"an engine that encrypts, without certificates", strings.Replace(serveTLS(t, authority, local), "127.0.0.1", "localhost", 1), docker.TLS{}, "wants to be asked with TLS"},
		{"nobody", "tcp://" + nobody(t), good, "Docker is not running"},
	}
	for _, tt := range refused {
		t.Run(tt.name+" gets a sentence", func(t *testing.T) {
			t.Parallel()
			wantFault(t, docker.Options{Host: tt.host, TLS: tt.tls}, fault.Unavailable, tt.want)
		})
	}
	t.Run("without TLS, no other computer is asked", func(t *testing.T) {
		t.Parallel()
		wantFault(t, docker.Options{Host: "tcp://192.0.2.1:2375"}, fault.Denied, "without encryption")
	})
	t.Run("an address that makes no sense", func(t *testing.T) {
		t.Parallel()
		wantFault(t, docker.Options{Host: "docker.example"}, fault.Invalid, "does not understand")
	})
	t.Run("a runtime the engine does not know", func(t *testing.T) {
		t.Parallel()
		wantFault(t, docker.Options{Host: "tcp://" + servePlain(t), Runtime: "runsc"}, fault.Unavailable, `does not know the runtime "runsc"`)
	})
}

// foreign is a client that trusts the engine's authority but has its own certificate from elsewhere.
func foreign(t *testing.T, authority, other *enginetest.Authority) docker.TLS {
	t.Helper()
	files := client(t, other, enginetest.Certificate{})
	files.CA = client(t, authority, enginetest.Certificate{}).CA
	return files
}

func servePlain(t *testing.T) string {
	t.Helper()
	server := httptest.NewServer(fitEngine(t))
	t.Cleanup(server.Close)
	return server.Listener.Addr().String()
}

func nobody(t *testing.T) string {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}

func TestRunner_overSSH(t *testing.T) {
	t.Parallel()
	server := enginetest.Serve(t)
	t.Run("with the right key it answers", func(t *testing.T) {
		t.Parallel()
		r := runner(t, docker.Options{Host: server.Host, SSHConfig: server.Config})
		began := time.Now()
		if engine, err := r.Facts(t.Context()); err != nil || engine.Host != server.Host {
			t.Errorf("got %+v, %v after %v", engine, err, time.Since(began))
		}
	})
	bare := enginetest.Serve(t, "SetEnv PATH=/nowhere")
	stopped := enginetest.Serve(t, "SetEnv DOCKER_HOST=unix:///nowhere.sock")
	for _, tt := range []struct {
		name, host, config, want string
	}{
		{"a refused key", server.Host, server.Client(t, "other", true), "refuses our SSH key"},
		{"an unknown computer", server.Host, server.Client(t, "client", false), "does not know the key"},
		{"another computer's key", server.Host, server.Impostor(t), "shows another key"},
		{"a computer without Docker", bare.Host, bare.Config, "There is no Docker on"},
		{"a computer whose Docker is off", stopped.Host, stopped.Config, "Docker is not running on"},
		{"nobody", "ssh://me@" + nobody(t), server.Config, "does not answer"},
		{"a name nobody has", "ssh://me@no-such-computer.invalid", server.Config, "There is no computer with the name"},
	} {
		t.Run(tt.name+" gets a sentence", func(t *testing.T) {
			t.Parallel()
			wantFault(t, docker.Options{Host: tt.host, SSHConfig: tt.config}, fault.Unavailable, tt.want)
		})
	}
}
