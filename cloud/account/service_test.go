package account

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/carrel-dev/carrel/fault"
)

const goodPassword = "correct horse"

func newTestService(t *testing.T) (*Service, *memory) {
	t.Helper()
	store := newMemory()
	return NewService(store, store), store
}

func register(t *testing.T, s *Service, email string) Session {
	t.Helper()
	session, err := s.Register(t.Context(), Registration{Email: email, Password: goodPassword, Device: Device{Name: "laptop"}})
	if err != nil {
		t.Fatalf("registering %s: %v", email, err)
	}
	return session
}

func TestService_Register(t *testing.T) {
	t.Parallel()
	t.Run("signs the device in", func(t *testing.T) {
		t.Parallel()
		s, _ := newTestService(t)
		session := register(t, s, " Ada@Example.org ")
		got, err := s.Authenticate(t.Context(), session.Token)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(session.Account, got); diff != "" {
			t.Error(diff)
		}
		if got.Email != "ada@example.org" || got.Name != "ada" {
			t.Errorf("account = %+v, want a normal address and a name taken from it", got)
		}
	})
	t.Run("stores neither password nor token", func(t *testing.T) {
		t.Parallel()
		s, store := newTestService(t)
		session := register(t, s, "ada@example.org")
		if strings.Contains(store.hashes["ada@example.org"], goodPassword) {
			t.Error("the password is stored")
		}
		for hash := range store.tokens {
			if strings.Contains(string(hash[:]), session.Token) {
				t.Error("the token is stored")
			}
		}
	})

	refused := map[string]Registration{
		"no e-mail address":         {Email: "ada", Password: goodPassword},
		"an address with a name":    {Email: "Ada <ada@example.org>", Password: goodPassword},
		"an endless address":        {Email: strings.Repeat("a", 300) + "@example.org", Password: goodPassword},
		"a short password":          {Email: "ada@example.org", Password: "1234567"},
		"an endless password":       {Email: "ada@example.org", Password: strings.Repeat("x", 2000)},
		"a name with a line break":  {Email: "ada@example.org", Password: goodPassword, Name: "A\nda"},
		"a name that is not text":   {Email: "ada@example.org", Password: goodPassword, Name: "\xff"},
		"an endless name":           {Email: "ada@example.org", Password: goodPassword, Name: strings.Repeat("я", 101)},
		"a device key that is none": {Email: "ada@example.org", Password: goodPassword, Device: Device{PublicKey: []byte("short")}},
	}
	for name, registration := range refused {
		t.Run("refuses "+name, func(t *testing.T) {
			t.Parallel()
			s, store := newTestService(t)
			_, err := s.Register(t.Context(), registration)
			if len(store.people) != 0 {
				t.Error("an account was made all the same")
			}
			if fault.KindOf(err) != fault.Invalid {
				t.Errorf("error = %v, want an invalid one", err)
			}
			if message, hint := fault.Sentence(err); message == "" || hint == "" {
				t.Errorf("message %q, hint %q: both are needed", message, hint)
			}
		})
	}
}

func TestService_Login(t *testing.T) {
	t.Parallel()
	s, _ := newTestService(t)
	register(t, s, "ada@example.org")

	t.Run("gives each device its own token", func(t *testing.T) {
		t.Parallel()
		first, err := s.Login(t.Context(), Credentials{Email: "ADA@example.org", Password: goodPassword})
		if err != nil {
			t.Fatal(err)
		}
		second, err := s.Login(t.Context(), Credentials{Email: "ada@example.org", Password: goodPassword})
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Logout(t.Context(), first.Token); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Authenticate(t.Context(), first.Token); fault.KindOf(err) != fault.Denied {
			t.Errorf("a revoked token: %v, want denied", err)
		}
		if _, err := s.Authenticate(t.Context(), second.Token); err != nil {
			t.Errorf("the other device's token: %v", err)
		}
	})
	t.Run("says the same whatever is wrong", func(t *testing.T) {
		t.Parallel()
		for _, c := range []Credentials{
			{Email: "ada@example.org", Password: "wrong horse"},
			{Email: "nobody@example.org", Password: goodPassword},
			{Email: "not an address", Password: goodPassword},
			{Email: "ada@example.org", Password: goodPassword + strings.Repeat("x", 2000)},
			{Email: "nobody@example.org", Password: ""},
		} {
			_, err := s.Login(t.Context(), c)
			message, _ := fault.Sentence(err)
			if fault.KindOf(err) != fault.Denied || message != "The e-mail address or the password is not right." {
				t.Errorf("%s: error = %v", c.Email, err)
			}
		}
	})
}

func TestService_LimitsGuessing(t *testing.T) {
	t.Parallel()
	s, _ := newTestService(t)
	register(t, s, "ada@example.org")
	wrong := Credentials{Email: "ada@example.org", Password: "wrong horse", Address: "192.0.2.1"}
	for range 10 {
		if _, err := s.Login(t.Context(), wrong); fault.KindOf(err) != fault.Denied {
			t.Fatalf("a wrong password: %v", err)
		}
	}
	right := Credentials{Email: "ada@example.org", Password: goodPassword, Address: "192.0.2.1"}
	if _, err := s.Login(t.Context(), right); fault.KindOf(err) != fault.Exhausted {
		t.Errorf("the eleventh try: %v, want an exhausted one", err)
	}
	right.Address = "192.0.2.2"
	if _, err := s.Login(t.Context(), right); err != nil {
		t.Errorf("from another address: %v", err)
	}
}

func TestService_Authenticate(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, store := newTestService(t)
		session := register(t, s, "ada@example.org")
		start := time.Now()

		time.Sleep(time.Minute)
		if _, err := s.Authenticate(t.Context(), session.Token); err != nil {
			t.Fatal(err)
		}
		if seen := store.tokens[hashToken(session.Token)].LastSeenAt; !seen.Equal(start) {
			t.Error("a request within a minute was written down")
		}

		for range 3 {
			time.Sleep(tokenIdleLifetime - time.Hour)
			if _, err := s.Authenticate(t.Context(), session.Token); err != nil {
				t.Fatalf("a token in use ended: %v", err)
			}
		}

		time.Sleep(tokenIdleLifetime + time.Hour)
		_, err := s.Authenticate(t.Context(), session.Token)
		if message, hint := fault.Sentence(err); message+" "+hint != "This computer is signed out. Sign in again." {
			t.Errorf("an unused token: %q %q", message, hint)
		}
		if _, err := s.Authenticate(t.Context(), "carrel_unknown"); fault.KindOf(err) != fault.Denied {
			t.Errorf("an unknown token: %v", err)
		}
	})
}
