package account_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/account"
	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/problem"
)

// TestEveryWayInIsTold: whatever changes how somebody signs in is told by letter
// and stands in the list.
func TestEveryWayInIsTold(t *testing.T) {
	each(t, func(t *testing.T, s *account.Accounts) {
		v := atService(s)
		var told []string
		s.OnMessage(func(_ context.Context, _ bun.Tx, m account.Message) error {
			told = append(told, m.Kind+m.About)
			return nil
		})
		anna, link := add(t, s, "anna@example.org", account.Editor, "")
		must := func(what string, err error) {
			t.Helper()
			if err != nil {
				t.Fatalf("%s: %v", what, err)
			}
		}
		_, err := s.UseLink(t.Context(), link[strings.LastIndexByte(link, '/')+1:], password)
		must("the first password", err)
		_, err = s.SetPassword(t.Context(), anna.ID, "noch ein ganzer Satz")
		must("another password", err)
		token, err := s.HoldIdentity(t.Context(), &account.Said{Issuer: v.Issuer, Subject: "1", Email: "anna@example.org", Verified: true})
		must("hold", err)
		must("connect", s.Connect(t.Context(), anna.ID, token))
		_, err = s.RemovePassword(t.Context(), anna.ID)
		must("no password", err)
		if _, err := s.RemovePassword(t.Context(), anna.ID); problem.KindOf(err) != problem.NotFound {
			t.Errorf("a password that is not there is removed: %v", err)
		}
		if err := s.Disconnect(t.Context(), anna.ID, v.Issuer, "1"); problem.Field(err) != "remove" {
			t.Errorf("the last way in is taken: %v", err)
		}
		_, err = s.Invite(t.Context(), actor.Operator, anna.ID)
		must("link", err)
		_, err = s.SetPassword(t.Context(), anna.ID, password)
		must("a first one again", err)
		must("disconnect", s.Disconnect(t.Context(), anna.ID, v.Issuer, "1"))
		if _, err := s.RemovePassword(t.Context(), anna.ID); problem.Field(err) != "remove" {
			t.Errorf("the last way in is taken: %v", err)
		}
		want := []string{
			account.EventPasswordFirst, account.EventPassword, account.EventServiceOn + "Stadt-Konto", account.EventPasswordOff, account.EventLink,
			account.EventPasswordFirst, account.EventServiceOff,
		}
		if !slices.Equal(told, want) {
			t.Errorf("told %q, want %q", told, want)
		}
		events, err := s.Events(t.Context(), anna.ID)
		if err != nil || len(events) != len(want) {
			t.Errorf("%d events, %v", len(events), err)
		}
		for _, e := range events {
			if !slices.Contains(account.EventKinds, e.Kind) {
				t.Errorf("%s is not in the list of kinds", e.Kind)
			}
		}
	})
}

// TestNewcomersTakeNoAddress: who comes by the service gets no address that
// somebody may still take back.
func TestNewcomersTakeNoAddress(t *testing.T) {
	each(t, func(t *testing.T, s *account.Accounts) {
		v := atService(s)
		var confirm string
		s.OnMessage(func(_ context.Context, _ bun.Tx, m account.Message) error {
			if m.Kind == account.LetterAddressNew {
				confirm = m.Path[strings.LastIndexByte(m.Path, '/')+1:]
			}
			return nil
		})
		anna, _ := add(t, s, "anna@example.org", account.Editor, password)
		if err := s.RequestAddress(t.Context(), anna.ID, "neu@example.org", "192.0.2.1"); err != nil {
			t.Fatal(err)
		}
		if err := s.ConfirmAddress(t.Context(), anna.ID, confirm); err != nil {
			t.Fatal(err)
		}
		said := &account.Said{Issuer: v.Issuer, Subject: "1", Email: "anna@example.org", Verified: true, Name: "Eve"}
		if a, err := s.SignInWithService(t.Context(), said); err != account.ErrReserved { //nolint:errorlint // it is that very one
			t.Errorf("%v, %v", a, err)
		}
		said.Email = "NEU@example.org"
		if a, err := s.SignInWithService(t.Context(), said); err != account.ErrConnect { //nolint:errorlint // it is that very one
			t.Errorf("%v, %v", a, err)
		}
	})
}

// TestALinkEndsTheOthers: one letter of a registration makes an account, and none
// of the others that went to the same address works any more.
func TestALinkEndsTheOthers(t *testing.T) {
	each(t, func(t *testing.T, s *account.Accounts) {
		var tokens []string
		for range 3 {
			err := s.Register(t.Context(), account.Registration{Name: "Anna", Email: "anna@example.org"}, func(_ context.Context, _ bun.Tx, token string, _ bool) error {
				tokens = append(tokens, token)
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		r, _, err := s.FindRegistration(t.Context(), tokens[1])
		if err != nil {
			t.Fatal(err)
		}
		none := func(context.Context, bun.Tx, *account.Account) error { return nil }
		a, err := s.Enrol(t.Context(), r, account.Draft{Role: account.Resident, Password: password, Language: "en"}, none)
		if err != nil {
			t.Fatal(err)
		}
		if lang, err := s.ChosenLanguage(t.Context(), a.ID); err != nil || lang != "en" {
			t.Errorf("%q, %v", lang, err)
		}
		for i, token := range tokens {
			if _, _, err := s.FindRegistration(t.Context(), token); problem.KindOf(err) != problem.Gone {
				t.Errorf("link %d still works: %v", i, err)
			}
		}
	})
}
