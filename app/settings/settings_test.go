package settings_test

import (
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/carrel-dev/carrel/app/settings"
	"github.com/carrel-dev/carrel/fault"
)

func open(t *testing.T, dir string) *settings.Home {
	t.Helper()
	h, err := settings.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = h.Close() })
	return h
}

func TestHome_Choices(t *testing.T) {
	t.Parallel()
	h := open(t, t.TempDir())

	want := settings.Choices{Theme: "dark", Locale: "ru", CodeSize: 15, Runner: "cloud", LayoutJSON: `{"tree":200}`}
	if err := h.SaveChoices(want); err != nil {
		t.Fatal(err)
	}
	if err := h.SaveServerURL("https://carrel.example.org/"); err != nil {
		t.Fatal(err)
	}
	got, err := h.Choices()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("saving the server changed the choices (-want +got):\n%s", diff)
	}
	if u, _ := h.ServerURL(); u != "https://carrel.example.org" {
		t.Errorf("server %q", u)
	}
}

func TestHome_SaveChoices_RefusesUnknownOnes(t *testing.T) {
	t.Parallel()
	tests := map[string]settings.Choices{
		"theme":        {Theme: "pink"},
		"locale":       {Locale: "tlh"},
		"runner":       {Runner: "fax"},
		"code size":    {CodeSize: 99},
		"reading size": {ReadingSize: 3},
		"layout":       {LayoutJSON: "{"},
	}
	for name, choices := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := open(t, t.TempDir())
			if err := h.SaveChoices(choices); fault.KindOf(err) != fault.Invalid {
				t.Errorf("error %v, want an Invalid fault", err)
			}
		})
	}
}

func TestHome_Identity(t *testing.T) {
	t.Parallel()

	t.Run("processes that start at once share one identity", func(t *testing.T) {
		t.Parallel()
		dir := t.TempDir()
		const n = 8
		got := make([]settings.Identity, n)
		var wg sync.WaitGroup
		for i := range n {
			h := open(t, dir) // a lock of its own, as another process has
			wg.Go(func() {
				id, err := h.Identity()
				if err != nil {
					t.Error(err)
				}
				got[i] = id
			})
		}
		wg.Wait()
		for _, id := range got[1:] {
			if diff := cmp.Diff(got[0], id); diff != "" {
				t.Fatalf("two identities (-first +other):\n%s", diff)
			}
		}
		if got[0].Epoch != 1 || len(got[0].Key) == 0 {
			t.Errorf("identity %+v is not complete", got[0])
		}
	})

	t.Run("secrets are readable by their owner alone", func(t *testing.T) {
		t.Parallel()
		dir := t.TempDir()
		h := open(t, dir)
		if _, err := h.Identity(); err != nil {
			t.Fatal(err)
		}
		if err := h.SaveSession(settings.Session{Token: "t"}); err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"identity.json", "session.json"} {
			info, err := os.Stat(filepath.Join(dir, name))
			if err != nil {
				t.Fatal(err)
			}
			if got := info.Mode().Perm(); got != 0o600 {
				t.Errorf("%s has permissions %o, want 600", name, got)
			}
		}
	})
}

func TestHome_ReadJSON_DamagedFileIsToldByName(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	h := open(t, dir)
	if err := os.WriteFile(filepath.Join(dir, "settings.json"), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := h.Choices()
	if message, hint := fault.Sentence(err); err == nil || message == "" || hint == "" {
		t.Errorf("error %v has no sentence", err)
	}
}
