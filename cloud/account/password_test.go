package account

import (
	"strings"
	"testing"
)

func TestHasher(t *testing.T) {
	t.Parallel()
	h := newHasher()
	stored, err := h.hash(t.Context(), "correct horse")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(stored, "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Errorf("hash = %s", stored)
	}
	for password, want := range map[string]bool{"correct horse": true, "Correct horse": false, "": false} {
		got, err := h.verify(t.Context(), password, stored)
		if err != nil || got != want {
			t.Errorf("verify(%q) = %v, %v; want %v", password, got, err, want)
		}
	}
	again, err := h.hash(t.Context(), "correct horse")
	if err != nil {
		t.Fatal(err)
	}
	if again == stored {
		t.Error("two hashes of a password are equal: the salt is not random")
	}
}

func TestDecoyHash(t *testing.T) {
	t.Parallel()
	p, _, _, err := parseHash(decoyHash)
	if err != nil {
		t.Fatal(err)
	}
	if p != currentParameters() {
		t.Errorf("the decoy costs %+v, real hashes %+v", p, currentParameters())
	}
}

func FuzzParseHash(f *testing.F) {
	f.Add(decoyHash)
	f.Add("")
	f.Add("$argon2id$v=19$m=1,t=0,p=0$$")
	f.Fuzz(func(t *testing.T, stored string) {
		p, _, key, err := parseHash(stored)
		if err == nil && (p.rounds == 0 || p.threads == 0 || len(key) != keyBytes) {
			t.Errorf("parseHash(%q) accepts %+v", stored, p)
		}
	})
}
