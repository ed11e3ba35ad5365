package docker

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/carrel-dev/carrel/fault"
	"github.com/carrel-dev/carrel/lesson"
)

func TestProbe(t *testing.T) {
	t.Parallel()
	t.Run("the engine of this computer is fit", func(t *testing.T) {
		t.Parallel()
		r := testRunner(t, "probe")
		engine, err := r.Probe(t.Context())
		if err != nil || engine.CPUs == 0 || engine.Version == "" || engine.Architecture == "" || engine.Runtime == "" || len(engine.Security) == 0 {
			t.Errorf("got %+v, %v", engine, err)
		}
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	})
	t.Run("no engine is a normal state with a way out", func(t *testing.T) {
		t.Parallel()
		r := New(Options{Host: "unix://" + filepath.Join(t.TempDir(), "none.sock")})
		_, err := r.Probe(t.Context())
		message, hint := fault.Sentence(err)
		if fault.KindOf(err) != fault.Unavailable || message != "Docker is not running." || hint != "Start Docker, or run checks in the cloud." {
			t.Errorf("got %v", err)
		}
		if r.Missing(t.Context(), lesson.Environment{Name: "python"}) {
			t.Error("an environment is missing although nobody can know")
		}
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	})
	unfit := []struct {
		name string
		info map[string]any
		want string
	}{
		{"Windows containers", map[string]any{"OSType": "windows", "MemoryLimit": true, "PidsLimit": true}, "Windows containers"},
		{"no memory limit", map[string]any{"OSType": "linux", "PidsLimit": true}, "limit memory"},
		{"no process limit", map[string]any{"OSType": "linux", "MemoryLimit": true}, "limit processes"},
	}
	for _, tt := range unfit {
		t.Run(tt.name+" is refused with a remedy", func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Api-Version", "1.41")
				if strings.HasSuffix(r.URL.Path, "/info") {
					if err := json.NewEncoder(w).Encode(tt.info); err != nil {
						t.Error(err)
					}
				}
			}))
			defer server.Close()
			r := New(Options{Host: "tcp://" + server.Listener.Addr().String()})
			_, err := r.Probe(t.Context())
			message, hint := fault.Sentence(err)
			if fault.KindOf(err) != fault.Unavailable || !strings.Contains(message, tt.want) || hint == "" {
				t.Errorf("got %q, %q", message, hint)
			}
			if err := r.Close(); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestFromContext(t *testing.T) {
	t.Parallel()
	write := func(t *testing.T, folder, path, text string) {
		t.Helper()
		p := filepath.Join(folder, path)
		if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(p, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	sum := sha256.Sum256([]byte("colima"))
	meta := "contexts/meta/" + hex.EncodeToString(sum[:]) + "/meta.json"
	t.Run("the chosen context's address", func(t *testing.T) {
		t.Parallel()
		folder := t.TempDir()
		write(t, folder, "config.json", `{"currentContext":"colima"}`)
		write(t, folder, meta, `{"Name":"colima","Endpoints":{"docker":{"Host":"tcp://10.1.2.3:2375"}}}`)
		if a, ok := fromContext(folder); !ok || a.host != "tcp://10.1.2.3:2375" || a.tls != (TLS{}) {
			t.Errorf("got %+v, %v", a, ok)
		}
	})
	for name, config := range map[string]string{"the default context": `{"currentContext":"default"}`, "a context without a file": `{"currentContext":"gone"}`, "no JSON": `{`} {
		t.Run(name+" says nothing", func(t *testing.T) {
			t.Parallel()
			folder := t.TempDir()
			write(t, folder, "config.json", config)
			if a, ok := fromContext(folder); ok {
				t.Errorf("got %+v", a)
			}
		})
	}
}
