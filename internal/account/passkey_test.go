package account_test

import (
	"context"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/account"
	"codeberg.org/aushang/aushang/internal/problem"
)

// adds lets a person add a passkey.
func (d *device) adds(s *account.Accounts, id string) error {
	d.t.Helper()
	q, err := s.AskNewPasskey(d.t.Context(), id, "192.0.2.1")
	if err != nil {
		d.t.Fatal(err)
	}
	return s.AddPasskey(d.t.Context(), id, account.NewPasskey{Name: "Telefon", Token: q.Token, Answer: d.create(q)})
}

// signsIn lets the device sign in.
func (d *device) signsIn(s *account.Accounts) (*account.Account, error) {
	d.t.Helper()
	q, err := s.AskPasskey(d.t.Context(), "192.0.2.1")
	if err != nil {
		d.t.Fatal(err)
	}
	return s.SignInWithPasskey(d.t.Context(), q.Token, d.get(q))
}

// refused fails unless err names the answer of the device and says part.
func refused(t *testing.T, what string, err error, part string) {
	t.Helper()
	if problem.Field(err) != "answer" || !strings.Contains(err.Error(), part) {
		t.Errorf("%s: %v", what, err)
	}
}

func TestPasskeys(t *testing.T) {
	each(t, func(t *testing.T, s *account.Accounts) {
		anna, _ := add(t, s, "anna@example.org", account.Editor, password)
		bert, _ := add(t, s, "bert@example.org", account.Editor, password)
		d := newDevice(t)
		if err := d.adds(s, anna.ID); err != nil {
			t.Fatal(err)
		}
		if a, err := d.signsIn(s); err != nil || a.ID != anna.ID {
			t.Fatalf("%v, %v", a, err)
		}
		list, err := s.Passkeys(t.Context(), anna.ID)
		if err != nil || len(list) != 1 || list[0].Name != "Telefon" || list[0].Used.IsZero() {
			t.Errorf("%+v, %v", list, err)
		}
		same := *d
		refused(t, "the same key again", same.adds(s, bert.ID), "there already")

		other := newDevice(t)
		other.handle = []byte(anna.ID)
		_, err = other.signsIn(s)
		refused(t, "a key that nobody has", err, "Nobody here")
		thief := *d // the id is known, the key is not
		thief.key = other.key
		_, err = thief.signsIn(s)
		refused(t, "another key under the same id", err, "does not work")
		thief = *d
		thief.handle = []byte(bert.ID)
		_, err = thief.signsIn(s)
		refused(t, "in the name of somebody else", err, "Nobody here")
		thief = *d
		thief.origin = "https://here.test.evil.example"
		_, err = thief.signsIn(s)
		refused(t, "on the page of somebody else", err, "does not work")
		thief = *d
		thief.verified = false
		_, err = thief.signsIn(s)
		refused(t, "without finger or PIN", err, "does not work")
		unverified := newDevice(t)
		unverified.verified = false
		refused(t, "a new one without finger or PIN", unverified.adds(s, anna.ID), "does not work")

		for _, garbage := range []string{"{}", "x", `{"id":1}`, "null", strings.Repeat("[", 1000)} {
			q, _ := s.AskPasskey(t.Context(), "192.0.2.1")
			_, err := s.SignInWithPasskey(t.Context(), q.Token, garbage)
			refused(t, garbage[:1], err, "does not work")
		}
		q, _ := s.AskPasskey(t.Context(), "192.0.2.1")
		_, err = s.SignInWithPasskey(t.Context(), q.Token, "")
		refused(t, "no answer", err, "JavaScript")
		if err := s.RemovePasskey(t.Context(), bert.ID, list[0].ID); problem.KindOf(err) != problem.NotFound {
			t.Errorf("somebody else's: %v", err)
		}
	})
}

// TestPasskeysAreTold: a person hears of each passkey that comes or goes.
func TestPasskeysAreTold(t *testing.T) {
	each(t, func(t *testing.T, s *account.Accounts) {
		var told []string
		s.OnMessage(func(_ context.Context, _ bun.Tx, m account.Message) error {
			told = append(told, m.To+" "+m.Kind)
			return nil
		})
		anna, _ := add(t, s, "anna@example.org", account.Editor, password)
		if err := newDevice(t).adds(s, anna.ID); err != nil {
			t.Fatal(err)
		}
		list, err := s.Passkeys(t.Context(), anna.ID)
		if err != nil || len(list) != 1 {
			t.Fatalf("%v, %v", list, err)
		}
		if err := s.RemovePasskey(t.Context(), anna.ID, list[0].ID); err != nil {
			t.Fatal(err)
		}
		if want := []string{"anna@example.org " + account.EventPasskeyOn, "anna@example.org " + account.EventPasskeyOff}; !slices.Equal(told, want) {
			t.Errorf("told %q, want %q", told, want)
		}
		events, err := s.Events(t.Context(), anna.ID)
		if err != nil || len(events) != 2 || events[0].Kind != account.EventPasskeyOff {
			t.Errorf("%+v, %v", events, err)
		}
	})
}

func TestAQuestionIsAnsweredOnce(t *testing.T) {
	each(t, func(t *testing.T, s *account.Accounts) {
		anna, _ := add(t, s, "anna@example.org", account.Editor, password)
		bert, _ := add(t, s, "bert@example.org", account.Editor, password)
		d := newDevice(t)
		if err := d.adds(s, anna.ID); err != nil {
			t.Fatal(err)
		}
		q, err := s.AskPasskey(t.Context(), "192.0.2.1")
		if err != nil {
			t.Fatal(err)
		}
		answer := d.get(q)
		var admitted atomic.Int32
		var all sync.WaitGroup
		for range 8 {
			all.Go(func() {
				if _, err := s.SignInWithPasskey(t.Context(), q.Token, answer); err == nil {
					admitted.Add(1)
				} else if !strings.Contains(err.Error(), "sent twice") {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if admitted.Load() != 1 {
			t.Errorf("%d of 8 were let in by one answer", admitted.Load())
		}
		// A question to one person is not answered by another, nor one of another kind.
		q, err = s.AskNewPasskey(t.Context(), anna.ID, "192.0.2.1")
		if err != nil {
			t.Fatal(err)
		}
		err = s.AddPasskey(t.Context(), bert.ID, account.NewPasskey{Name: "x", Token: q.Token, Answer: newDevice(t).create(q)})
		refused(t, "the question to somebody else", err, "try again")
		q, _ = s.AskNewPasskey(t.Context(), anna.ID, "192.0.2.1")
		_, err = s.SignInWithPasskey(t.Context(), q.Token, d.get(q))
		refused(t, "a question of another kind", err, "try again")
		q, _ = s.AskPasskey(t.Context(), "192.0.2.1")
		answer = d.get(q)
		s.Later(account.QuestionLife)
		_, err = s.SignInWithPasskey(t.Context(), q.Token, answer)
		refused(t, "too late", err, "too long")
	})
}

func TestACopiedPasskeyIsLocked(t *testing.T) {
	each(t, func(t *testing.T, s *account.Accounts) {
		anna, _ := add(t, s, "anna@example.org", account.Editor, password)
		var told []string
		s.OnMessage(func(_ context.Context, _ bun.Tx, m account.Message) error {
			if m.Kind == account.EventPasskeyLocked {
				told = append(told, m.To+" "+m.About)
			}
			return nil
		})
		d := newDevice(t)
		d.count = 4
		if err := d.adds(s, anna.ID); err != nil {
			t.Fatal(err)
		}
		d.count = 5
		a, err := d.signsIn(s)
		if err != nil {
			t.Fatal(err)
		}
		_, err = d.signsIn(s) // with 5 again
		refused(t, "the copy", err, "locked")
		d.count = 6
		_, err = d.signsIn(s)
		refused(t, "the key itself, after that", err, "locked")
		now, err := s.Find(t.Context(), anna.ID)
		if err != nil || now.Epoch == a.Epoch {
			t.Errorf("the sessions go on: %v", err)
		}
		if len(told) != 1 || told[0] != "anna@example.org Telefon" {
			t.Errorf("told: %v", told)
		}
		list, err := s.Passkeys(t.Context(), anna.ID)
		if err != nil || len(list) != 1 || list[0].Ended.IsZero() {
			t.Errorf("%+v, %v", list, err)
		}
		if w, err := s.Ways(t.Context(), anna.ID); err != nil || w.Count() != 1 {
			t.Errorf("a locked key counts: %+v, %v", w, err)
		}
	})
}

func TestTheLastWayInStays(t *testing.T) {
	each(t, func(t *testing.T, s *account.Accounts) {
		anna, link := add(t, s, "anna@example.org", account.Editor, "")
		token := link[strings.LastIndexByte(link, '/')+1:]
		d, second := newDevice(t), newDevice(t)
		q, err := s.AskNewPasskey(t.Context(), anna.ID, "192.0.2.1")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.UseLinkForPasskey(t.Context(), token, account.NewPasskey{Name: "", Token: q.Token, Answer: d.create(q)}); problem.Field(err) != "name" {
			t.Errorf("without a name: %v", err)
		}
		a, err := s.UseLinkForPasskey(t.Context(), token, account.NewPasskey{Name: "Telefon", Token: q.Token, Answer: d.create(q)})
		if err != nil || a.Epoch == anna.Epoch {
			t.Fatalf("%v, %v", a, err)
		}
		if _, err := s.LinkOwner(t.Context(), token); problem.KindOf(err) != problem.Gone {
			t.Errorf("the link is good for another time: %v", err)
		}
		if err := second.adds(s, anna.ID); err != nil {
			t.Fatal(err)
		}
		list, err := s.Passkeys(t.Context(), anna.ID)
		if err != nil || len(list) != 2 {
			t.Fatal(len(list), err)
		}
		var removed atomic.Int32
		var all sync.WaitGroup
		for _, key := range list {
			all.Go(func() {
				if err := s.RemovePasskey(t.Context(), anna.ID, key.ID); err == nil {
					removed.Add(1)
				} else if problem.Field(err) != "remove" {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if removed.Load() != 1 {
			t.Errorf("%d of both were removed at the same time", removed.Load())
		}
		if w, err := s.Ways(t.Context(), anna.ID); err != nil || w != (account.Ways{Passkeys: 1}) {
			t.Errorf("%+v, %v", w, err)
		}
	})
}
