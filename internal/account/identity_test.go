package account_test

import (
	"errors"
	"sync"
	"testing"

	"codeberg.org/aushang/aushang/internal/account"
	"codeberg.org/aushang/aushang/internal/problem"
)

// atService lets people sign in at a service.
func atService(s *account.Accounts) *account.Service {
	v := &account.Service{Issuer: "https://sso.test", ClientID: "aushang", Name: "Stadt-Konto", NewPeople: true}
	s.UseService(v)
	return v
}

func TestNobodyIsKnownByAnAddress(t *testing.T) {
	shows(t, "T-AUTH-07 the address that a service names opens no account", func(t *testing.T, s *account.Accounts) {
		atService(s)
		anna, _ := add(t, s, "anna@example.org", account.Admin, password)
		for _, tc := range []struct {
			name string
			said account.Said
			want error
		}{
			{"not verified", account.Said{Subject: "1", Email: "anna@example.org"}, account.ErrUnverified},
			{"not verified, and of nobody here", account.Said{Subject: "1", Email: "niemand@example.org"}, account.ErrUnverified},
			{"verified", account.Said{Subject: "1", Email: "anna@example.org", Verified: true}, account.ErrConnect},
			{"no address", account.Said{Subject: "1", Verified: false}, account.ErrUnverified},
			{"an address that is none here", account.Said{Subject: "1", Email: "anna@localhost", Verified: true, Name: "Anna"}, account.ErrUnverified},
		} {
			tc.said.Issuer = "https://sso.test"
			if a, err := s.SignInWithService(t.Context(), &tc.said); !errors.Is(err, tc.want) {
				t.Errorf("%s: %v, %v", tc.name, a, err)
			}
		}
		said := &account.Said{Issuer: "https://sso.test", Subject: "1", Email: "anna@example.org", Verified: true}
		token, err := s.HoldIdentity(t.Context(), said)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Connect(t.Context(), anna.ID, token); err != nil {
			t.Fatal(err)
		}
		if a, err := s.SignInWithService(t.Context(), said); err != nil || a.ID != anna.ID {
			t.Errorf("%v, %v", a, err)
		}
		bert, _ := add(t, s, "bert@example.org", account.Editor, password)
		if err := s.Connect(t.Context(), bert.ID, token); problem.KindOf(err) != problem.Gone {
			t.Errorf("the same once more: %v", err)
		}
		token, _ = s.HoldIdentity(t.Context(), said)
		if err := s.Connect(t.Context(), bert.ID, token); problem.KindOf(err) != problem.Conflict {
			t.Errorf("an identity of somebody else: %v", err)
		}
		// The same subject at another service is another person.
		other := *said
		other.Issuer = "https://other.test"
		if a, err := s.SignInWithService(t.Context(), &other); !errors.Is(err, account.ErrConnect) {
			t.Errorf("%v, %v", a, err)
		}
		// What cannot be used is no way in.
		if w, err := s.Ways(t.Context(), anna.ID); err != nil || w != (account.Ways{Password: true, Services: 1}) {
			t.Errorf("%+v, %v", w, err)
		}
		s.UseService(nil)
		if w, err := s.Ways(t.Context(), anna.ID); err != nil || w.Count() != 1 {
			t.Errorf("without a service: %+v, %v", w, err)
		}
	})
}

// TestOneAdminStays, also when all lose the role at the same time.
func TestOneAdminStays(t *testing.T) {
	each(t, func(t *testing.T, s *account.Accounts) {
		v := atService(s)
		v.RoleClaim = "groups"
		var all []*account.Said
		for _, name := range []string{"a", "b", "c"} {
			said := &account.Said{Issuer: v.Issuer, Subject: name, Email: name + "@example.org", Verified: true, Name: name, Role: account.Admin}
			if a, err := s.SignInWithService(t.Context(), said); err != nil || a.Role != account.Admin {
				t.Fatal(a, err)
			}
			said.Role = ""
			all = append(all, said)
		}
		var wait sync.WaitGroup
		for _, said := range all {
			wait.Go(func() {
				if _, err := s.SignInWithService(t.Context(), said); err != nil {
					t.Error(err)
				}
			})
		}
		wait.Wait()
		list, err := s.List(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		admins := 0
		for _, a := range list {
			if a.Role == account.Admin {
				admins++
			}
		}
		if admins != 1 {
			t.Errorf("%d admins are left", admins)
		}
	})
}
