package doctor_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/carrel-dev/carrel/app/doctor"
	"github.com/carrel-dev/carrel/fault"
	"github.com/carrel-dev/carrel/lesson"
)

// engine is a Docker that answers and lacks the environment "python".
type engine struct{ away, unsafe bool }

func (e engine) Describe(context.Context) (string, error) {
	if e.away {
		return "", fault.New(fault.Unavailable, "Docker is not running.", "Start Docker.")
	}
	return "Docker 28", nil
}

func (e engine) Isolation(context.Context) (string, error) {
	if e.unsafe {
		return "", fault.New(fault.Unavailable, "Containers of this Docker are not safe.", "Start dockerd otherwise.")
	}
	return "Programs are kept in by seccomp.", nil
}

func (e engine) Present(_ context.Context, env lesson.Environment) error {
	if env.Name == "python" {
		return fault.New(fault.NotFound, "The environment is missing.", "Run carrel images.")
	}
	return nil
}

func diagnose(t *testing.T, e engine, server *httptest.Server, transport http.RoundTripper) map[string]doctor.Finding {
	t.Helper()
	d := &doctor.Doctor{Dir: t.TempDir(), Engine: e, Transport: transport,
		Environments: func() []lesson.Environment { return []lesson.Environment{{Name: "shell"}, {Name: "python"}} },
		ServerURL:    func() (string, error) { return server.URL, nil }}
	out := map[string]doctor.Finding{}
	for _, f := range d.Diagnose(t.Context()) {
		if f.Message == "" || (!f.OK && f.Hint == "") {
			t.Errorf("finding without words: %+v", f)
		}
		out[f.Subject] = f
	}
	return out
}

func TestDoctor_Diagnose(t *testing.T) {
	t.Parallel()
	now := func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) }
	late := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Date", time.Now().Add(-time.Hour).UTC().Format(http.TimeFormat))
	}
	portal := func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/login", http.StatusFound) }

	t.Run("everything is as it should be but one image", func(t *testing.T) {
		t.Parallel()
		server := httptest.NewServer(http.HandlerFunc(now))
		defer server.Close()
		found := diagnose(t, engine{}, server, nil)
		for subject, want := range map[string]bool{"Docker": true, "Isolation": true, "Environment shell": true, "Environment python": false,
			"State folder": true, "Cloud": true, "Clock": true} {
			if f, ok := found[subject]; !ok || f.OK != want {
				t.Errorf("%s: %+v", subject, f)
			}
		}
	})

	t.Run("an engine that keeps nobody in", func(t *testing.T) {
		t.Parallel()
		server := httptest.NewServer(http.HandlerFunc(now))
		defer server.Close()
		found := diagnose(t, engine{unsafe: true}, server, nil)
		if f := found["Isolation"]; f.OK || !found["Docker"].OK {
			t.Errorf("%+v", found)
		}
	})

	t.Run("a wrong clock", func(t *testing.T) {
		t.Parallel()
		server := httptest.NewServer(http.HandlerFunc(late))
		defer server.Close()
		if f := diagnose(t, engine{away: true}, server, nil)["Clock"]; f.OK || !strings.Contains(f.Message, "1h0m") {
			t.Errorf("%+v", f)
		}
	})

	t.Run("a network that wants a sign-in first", func(t *testing.T) {
		t.Parallel()
		server := httptest.NewServer(http.HandlerFunc(portal))
		defer server.Close()
		if f := diagnose(t, engine{}, server, nil)["Cloud"]; f.OK || !strings.Contains(f.Message, "302") {
			t.Errorf("%+v", f)
		}
	})

	t.Run("a proxy that opens encrypted connections", func(t *testing.T) {
		t.Parallel()
		server := httptest.NewTLSServer(http.HandlerFunc(now))
		defer server.Close()
		if f := diagnose(t, engine{}, server, nil)["Cloud"]; f.OK || !strings.Contains(f.Message, "certificate") {
			t.Errorf("%+v", f)
		}
	})

	t.Run("nobody there", func(t *testing.T) {
		t.Parallel()
		server := httptest.NewServer(http.HandlerFunc(now))
		server.Close()
		found := diagnose(t, engine{away: true}, server, nil)
		if found["Cloud"].OK || found["Docker"].OK {
			t.Errorf("%+v", found)
		}
	})
}
