package postgres_test

import (
	"fmt"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/google/uuid"

	"github.com/carrel-dev/carrel/cloud/account"
	"github.com/carrel-dev/carrel/cloud/postgres"
	"github.com/carrel-dev/carrel/cloud/postgres/postgrestest"
	"github.com/carrel-dev/carrel/fault"
)

func TestAccounts_CreateAccount(t *testing.T) {
	t.Parallel()
	accounts := postgres.NewAccounts(postgrestest.Open(t))
	roles := make(chan account.Role, 8)
	var group sync.WaitGroup
	for i := range 8 {
		group.Go(func() {
			got, err := accounts.CreateAccount(t.Context(), account.Account{ID: uuid.New(),
				Email: fmt.Sprintf("p%d@example.org", i), Name: "P", Role: account.RoleLearner}, "hash")
			if err != nil {
				t.Error(err)
			}
			roles <- got.Role
		})
	}
	group.Wait()
	close(roles)
	authors := 0
	for role := range roles {
		if role == account.RoleAuthor {
			authors++
		}
	}
	if authors != 1 {
		t.Errorf("%d of the accounts made at the same time are authors, want the first one", authors)
	}

	_, err := accounts.CreateAccount(t.Context(), account.Account{ID: uuid.New(), Email: "p1@example.org", Role: account.RoleLearner}, "hash")
	if fault.KindOf(err) != fault.Conflict {
		t.Errorf("an address that is taken: %v", err)
	}
}

func TestAccounts_SetRole(t *testing.T) {
	t.Parallel()
	accounts := postgres.NewAccounts(postgrestest.Open(t))
	want, err := accounts.CreateAccount(t.Context(), account.Account{ID: uuid.New(), Email: "ada@example.org", Name: "Ada", Role: account.RoleLearner}, "hash")
	if err != nil {
		t.Fatal(err)
	}
	want.Role = account.RoleLearner
	if _, err := accounts.SetRole(t.Context(), "ada@example.org", account.RoleLearner); err != nil {
		t.Fatal(err)
	}
	got, hash, err := accounts.AccountByEmail(t.Context(), "ada@example.org")
	if err != nil || hash != "hash" {
		t.Fatalf("hash %q, %v", hash, err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if _, err := accounts.SetRole(t.Context(), "nobody@example.org", account.RoleAuthor); fault.KindOf(err) != fault.NotFound {
		t.Errorf("nobody: %v", err)
	}
}

func TestAccounts_Tokens(t *testing.T) {
	t.Parallel()
	accounts := postgres.NewAccounts(postgrestest.Open(t))
	person, err := accounts.CreateAccount(t.Context(), account.Account{ID: uuid.New(), Email: "ada@example.org", Name: "Ada", Role: account.RoleLearner}, "hash")
	if err != nil {
		t.Fatal(err)
	}
	want := account.Token{Hash: account.TokenHash{1}, Account: person, Device: account.Device{Name: "laptop", PublicKey: make([]byte, 32)}}
	if err := accounts.AddToken(t.Context(), want); err != nil {
		t.Fatal(err)
	}
	if err := accounts.AddToken(t.Context(), account.Token{Hash: account.TokenHash{2}, Account: person}); err != nil {
		t.Fatalf("a device without a key: %v", err)
	}
	got, err := accounts.TokenByHash(t.Context(), want.Hash)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(account.Token{}, "LastSeenAt")); diff != "" {
		t.Error(diff)
	}
	if err := accounts.TouchToken(t.Context(), want.Hash); err != nil {
		t.Fatal(err)
	}
	touched, err := accounts.TokenByHash(t.Context(), want.Hash)
	if err != nil || !touched.LastSeenAt.After(got.LastSeenAt) {
		t.Errorf("touching: %v, %v", touched.LastSeenAt, err)
	}
	for range 2 {
		if err := accounts.RevokeToken(t.Context(), want.Hash); err != nil {
			t.Fatal(err)
		}
	}
	if revoked, err := accounts.TokenByHash(t.Context(), want.Hash); err != nil || revoked.RevokedAt.IsZero() {
		t.Errorf("revoking: %v, %v", revoked.RevokedAt, err)
	}
	if _, err := accounts.TokenByHash(t.Context(), account.TokenHash{9}); fault.KindOf(err) != fault.NotFound {
		t.Errorf("an unknown token: %v", err)
	}
}
