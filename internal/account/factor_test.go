package account

import (
	"bytes"
	"context"
	"encoding/base32"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pquerna/otp/hotp"
	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/problem"
)

// TestVectors: the codes that RFC 6238 publishes for SHA-1 (appendix B), of
// whose eight digits an app shows the last six.
func TestVectors(t *testing.T) {
	secret := []byte("12345678901234567890")
	for at, code := range map[int64]string{
		59: "94287082", 1111111109: "07081804", 1111111111: "14050471", 1234567890: "89005924", 2000000000: "69279037", 20000000000: "65353130",
	} {
		now := time.Unix(at, 0)
		if step := matchingStep(secret, code[2:], now); step != at/30 {
			t.Errorf("at %d the code %s is of step %d", at, code[2:], step)
		}
		for d, counts := range map[int64]bool{-60: false, -30: true, 30: true, 60: false} {
			if got := matchingStep(secret, code[2:], time.Unix(at+d, 0)) == at/30; got != counts && at+d > 0 {
				t.Errorf("%d seconds away the code of %d counts: %v", d, at, got)
			}
		}
	}
}

// person adds one with a second factor that is on, and gives its secret and codes.
func (s *Accounts) withFactor(t *testing.T, clock *atomic.Int64) (a *Account, secret string, codes []string) {
	t.Helper()
	s.UseSecrets(func(context.Context, string) ([]byte, error) { return bytes.Repeat([]byte{7}, 32), nil })
	a, _, err := s.Create(t.Context(), actor.Operator, Draft{Email: "anna@example.org", Name: "Anna", Role: Editor, Password: "ein ganzer Satz"})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.BeginFactor(t.Context(), a.ID); err != nil {
		t.Fatal(err)
	}
	secret, address, err := s.FactorSecret(t.Context(), a, "Musterdorf am See")
	if err != nil || !strings.HasPrefix(address, "otpauth://totp/Musterdorf%20am%20See:anna@example.org?") || !strings.Contains(address, "issuer=Musterdorf%20am%20See") {
		t.Fatalf("%s %v", address, err)
	}
	if codes, err = s.ConfirmFactor(t.Context(), a.ID, code(t, secret, clock.Load())); err != nil {
		t.Fatal(err)
	}
	clock.Add(30)
	return a, secret, codes
}

func code(t *testing.T, secret string, at int64) string {
	t.Helper()
	c, err := hotp.GenerateCodeCustom(secret, uint64(at/30), totpOptions)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestFactor(t *testing.T) {
	inside(t, func(t *testing.T, s *Accounts, clock *atomic.Int64) {
		a, secret, codes := s.withFactor(t, clock)
		ctx := t.Context()
		if len(codes) != 10 {
			t.Errorf("%d recovery codes", len(codes))
		}
		// What lies in the database is sealed, for this person alone.
		row, err := s.factor(ctx, s.db.Read(), a.ID)
		if err != nil {
			t.Fatal(err)
		}
		plain, _ := base32.StdEncoding.DecodeString(secret)
		if bytes.Contains(row.Secret, plain) {
			t.Error("the secret is not sealed")
		}
		if _, err := s.unseal(ctx, &factor{AccountID: "another", Secret: row.Secret}); err == nil {
			t.Error("the secret opens in another row")
		}
		now := code(t, secret, clock.Load())
		if err := s.CheckCode(ctx, a.ID, now[:3]+" "+now[3:]); err != nil {
			t.Fatal(err)
		}
		// No code counts twice, nor one from before the last.
		for _, c := range []string{now, code(t, secret, clock.Load()-30), "000000", "", "12345", strings.Repeat("1", 5000)} {
			if err := s.CheckCode(ctx, a.ID, c); problem.Field(err) != "code" && problem.KindOf(err) != problem.TooMany {
				t.Errorf("%.10q: %v", c, err)
			}
		}
		clock.Add(16 * 60)
		if err := s.CheckCode(ctx, a.ID, strings.ToUpper(codes[0])); err != nil {
			t.Errorf("a recovery code: %v", err)
		}
		if err := s.CheckCode(ctx, a.ID, codes[0]); problem.Field(err) != "code" {
			t.Errorf("a recovery code twice: %v", err)
		}
		fresh, err := s.RenewRecoveryCodes(ctx, a.ID, code(t, secret, clock.Load()))
		if err != nil || len(fresh) != 10 {
			t.Fatalf("%v %v", fresh, err)
		}
		if err := s.CheckCode(ctx, a.ID, codes[1]); problem.Field(err) != "code" {
			t.Errorf("a recovery code from before: %v", err)
		}
		if err := s.BeginFactor(ctx, a.ID); problem.KindOf(err) != problem.Conflict {
			t.Errorf("it begins anew: %v", err)
		}
		if _, _, err := s.FactorSecret(ctx, a, "x"); problem.KindOf(err) != problem.NotFound {
			t.Errorf("the secret is shown again: %v", err)
		}
		if err := s.EndFactor(ctx, a.ID, "000000"); problem.Field(err) != "code" {
			t.Errorf("it ends without a code: %v", err)
		}
		if err := s.EndFactor(ctx, a.ID, fresh[3]); err != nil {
			t.Error(err)
		}
		if f, err := s.Factor(ctx, a.ID); f != nil || err != nil {
			t.Errorf("%v %v", f, err)
		}
	})
}

// TestCodeOnce: of many tries with one code at the same time one counts, and
// after five wrong ones no more is looked at.
func TestCodeOnce(t *testing.T) {
	inside(t, func(t *testing.T, s *Accounts, clock *atomic.Int64) {
		a, secret, codes := s.withFactor(t, clock)
		for _, c := range []string{code(t, secret, clock.Load()), codes[0]} {
			var right atomic.Int32
			var all sync.WaitGroup
			for range 5 {
				all.Go(func() {
					if s.CheckCode(t.Context(), a.ID, c) == nil {
						right.Add(1)
					}
				})
			}
			all.Wait()
			if right.Load() != 1 {
				t.Errorf("the code counts %d times", right.Load())
			}
			clock.Add(16 * 60)
		}
		for n := range 5 {
			if err := s.CheckCode(t.Context(), a.ID, fmt.Sprintf("%06d", n)); problem.Field(err) != "code" {
				t.Errorf("try %d: %v", n, err)
			}
		}
		if err := s.CheckCode(t.Context(), a.ID, code(t, secret, clock.Load())); problem.KindOf(err) != problem.TooMany {
			t.Errorf("the sixth try: %v", err)
		}
	})
}

func TestTakeFactor(t *testing.T) {
	inside(t, func(t *testing.T, s *Accounts, clock *atomic.Int64) {
		a, _, _ := s.withFactor(t, clock)
		by := map[string]*Account{}
		for _, role := range Roles {
			var err error
			if by[role], _, err = s.Create(t.Context(), actor.Operator, Draft{Email: role + "@example.org", Name: "x", Role: role}); err != nil {
				t.Fatal(err)
			}
		}
		for _, id := range []string{by[Resident].ID, by[Editor].ID, a.ID} {
			if err := s.TakeFactor(t.Context(), id, a.ID); problem.KindOf(err) != problem.Forbidden {
				t.Errorf("%v", err)
			}
		}
		if err := s.TakeFactor(t.Context(), by[Townhall].ID, a.ID); err != nil {
			t.Fatal(err)
		}
		after, err := s.Find(t.Context(), a.ID)
		if err != nil || after.Epoch == a.Epoch {
			t.Errorf("the sessions go on: %v", err)
		}
		events, err := s.Events(t.Context(), a.ID)
		if err != nil || len(events) != 2 || events[0].Kind != EventFactorTaken || events[0].ByAccount != by[Townhall].ID {
			t.Errorf("%v %v", events, err)
		}
		if err := s.TakeFactor(t.Context(), actor.Operator, a.ID); problem.KindOf(err) != problem.NotFound {
			t.Errorf("twice: %v", err)
		}
	})
}

// written notes what people are told.
func (s *Accounts) written() func() []Message {
	var mu sync.Mutex
	var list []Message
	s.OnMessage(func(_ context.Context, _ bun.Tx, m Message) error {
		mu.Lock()
		defer mu.Unlock()
		list = append(list, m)
		return nil
	})
	return func() []Message {
		mu.Lock()
		defer mu.Unlock()
		all := list
		list = nil
		return all
	}
}

func last(path string) string { return path[strings.LastIndexByte(path, '/')+1:] }

func TestAddress(t *testing.T) {
	inside(t, func(t *testing.T, s *Accounts, clock *atomic.Int64) {
		ctx, letters := t.Context(), s.written()
		const here = "192.0.2.1"
		add := func(email string) *Account {
			t.Helper()
			a, _, err := s.Create(ctx, actor.Operator, Draft{Email: email, Name: "Anna", Role: Resident, Password: "ein ganzer Satz"})
			if err != nil {
				t.Fatal(err)
			}
			return a
		}
		anna, bert := add("anna@example.org"), add("bert@example.org")
		for email, wrong := range map[string]bool{"anna@example.org": true, "nichts": true, "ANNA@example.org": true} {
			if err := s.RequestAddress(ctx, anna.ID, email, here); (problem.Field(err) == "email") != wrong {
				t.Errorf("%s: %v", email, err)
			}
		}
		// Whether an address is somebody's is told to that address alone.
		if err := s.RequestAddress(ctx, anna.ID, "bert@example.org", here); err != nil {
			t.Fatal(err)
		}
		if l := letters(); len(l) != 2 || l[0].Kind != LetterAddressTaken || l[0].To != bert.Email || l[0].Path != "" || l[1].Kind != LetterAddressOld || l[1].To != anna.Email {
			t.Errorf("%+v", l)
		}
		if err := s.RequestAddress(ctx, anna.ID, "neu@example.org", here); err != nil {
			t.Fatal(err)
		}
		l := letters()
		token, stop := last(l[0].Path), last(l[1].Path)
		if err := s.ConfirmAddress(ctx, bert.ID, token); problem.KindOf(err) != problem.Gone {
			t.Errorf("somebody else confirms: %v", err)
		}
		if err := s.ConfirmAddress(ctx, anna.ID, stop); problem.KindOf(err) != problem.Gone {
			t.Errorf("the link to the old address confirms: %v", err)
		}
		if err := s.ConfirmAddress(ctx, anna.ID, token); err != nil {
			t.Fatal(err)
		}
		if err := s.ConfirmAddress(ctx, anna.ID, token); problem.KindOf(err) != problem.Gone {
			t.Errorf("the link works twice: %v", err)
		}
		// The old address is nobody else's for a week, and the next change waits.
		if _, _, err := s.Create(ctx, actor.Operator, Draft{Email: "anna@example.org", Name: "x", Role: Resident}); problem.KindOf(err) != problem.Conflict {
			t.Errorf("somebody takes the old address: %v", err)
		}
		if err := s.RequestAddress(ctx, anna.ID, "noch@example.org", here); problem.Field(err) != "email" {
			t.Errorf("the next change: %v", err)
		}
		link, err := s.StopAddress(ctx, stop)
		if err != nil {
			t.Fatal(err)
		}
		back, err := s.LinkOwner(ctx, last(link))
		if err != nil || back.ID != anna.ID || back.Email != "anna@example.org" || back.PasswordHash != "" || back.Epoch == anna.Epoch {
			t.Errorf("%+v %v", back, err)
		}
		if _, err := s.StopAddress(ctx, stop); problem.KindOf(err) != problem.Gone {
			t.Errorf("it is stopped twice: %v", err)
		}
		if err := s.RequestAddress(ctx, anna.ID, "noch@example.org", here); problem.Field(err) != "email" {
			t.Errorf("what was stopped is asked for again: %v", err)
		}
		clock.Add(int64(stopTime/time.Second) + 1)
		_ = letters()
		if err := s.RequestAddress(ctx, anna.ID, "noch@example.org", here); err != nil {
			t.Fatal(err)
		}
		token = last(letters()[0].Path)
		add("noch@example.org") // somebody is faster
		if err := s.ConfirmAddress(ctx, anna.ID, token); problem.KindOf(err) != problem.Gone {
			t.Errorf("two have one address: %v", err)
		}
		clock.Add(int64(addressTime/time.Second) + 1)
		if c, err := s.AddressChange(ctx, anna.ID); c != nil || err != nil {
			t.Errorf("%v %v", c, err)
		}
	})
}

func TestReset(t *testing.T) {
	t.Run("T-AUTH-04 T-RATE-08 a forgotten password", func(t *testing.T) {
		inside(t, func(t *testing.T, s *Accounts, clock *atomic.Int64) {
			ctx, letters := t.Context(), s.written()
			a, invited, err := s.Create(ctx, actor.Operator, Draft{Email: "anna@example.org", Name: "Anna", Role: Resident})
			if err != nil {
				t.Fatal(err)
			}
			for _, email := range []string{"niemand@example.org", "Anna@Example.org"} {
				if err := s.RequestReset(ctx, email, "192.0.2.1"); err != nil {
					t.Errorf("%s: %v", email, err)
				}
			}
			l := letters()
			if len(l) != 1 || l[0].To != a.Email || l[0].Kind != LetterReset {
				t.Fatalf("%+v", l)
			}
			if _, err := s.UseLink(ctx, last(l[0].Path), "ein ganzer Satz"); err != nil {
				t.Fatal(err)
			}
			// With a new password every other link ends.
			for _, link := range []string{l[0].Path, invited} {
				if _, err := s.LinkOwner(ctx, last(link)); problem.KindOf(err) != problem.Gone {
					t.Errorf("%s works on: %v", link, err)
				}
			}
			if err := s.RequestReset(ctx, a.Email, "192.0.2.1"); err != nil {
				t.Fatal(err)
			}
			token := last(letters()[0].Path)
			clock.Add(3601)
			if _, err := s.LinkOwner(ctx, token); problem.KindOf(err) != problem.Gone {
				t.Errorf("after an hour: %v", err)
			}
			// The limit is the same for addresses that are there and that are not.
			for _, email := range []string{"anna@example.org", "niemand@example.org"} {
				for n := range 4 {
					err := s.RequestReset(ctx, email, "198.51."+fmt.Sprint(n)+".1")
					if want := n >= 3; (problem.KindOf(err) == problem.TooMany) != want {
						t.Errorf("%s, time %d: %v", email, n+1, err)
					}
				}
			}
		})
	})
}
