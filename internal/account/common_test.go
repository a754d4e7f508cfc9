package account

import (
	"strings"
	"sync/atomic"
	"testing"

	"golang.org/x/text/unicode/norm"

	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/problem"
)

// TestWellKnownPasswords: what others try first is refused, however it is
// written; what only looks a little like it is not.
func TestWellKnownPasswords(t *testing.T) {
	s := New(nil, actor.Site{Origin: "https://aushang.musterdorf.example", Name: "Musterdorf an der Wümme"})
	for _, password := range []string{
		"passwort", "Passwort1", "PASSWORT123!", "p4ssw0rt", "Passw0rd!", "pa$$w0rd", "geheim12345", "12345678", "01.04.1987", "0421 123456", "qwertzuiop", "asdfghjkl123", "1l0v3y0u",
		"aaaaaaaa", "abababab", "passwortpasswort", "hallohallo", "Schätzchen", "schaetzchen99", "Sommer2026!", "lkjhgfdsa", "--------",
		"annataube", "Anna.Taube1", "taube2026", "annapasswort", "anna@tauben.test", "Musterdorf", "musterdorf2026", "wuemme-2026", "Wümme!2026", "taubeanna1",
	} {
		var errs problem.Fields
		if s.checkPassword(&errs, password, "Anna Taube", "anna@tauben.test"); errs.Err() == nil {
			t.Errorf("%q is taken", password)
		}
	}
	for _, password := range []string{
		"ein ganzer Satz als Passwort", "Tauben fliegen heim", "anna mag keine Tauben", "xk7#mQ2pLw", "Sommer am Deich ist schön", "правильный", "1234567890123456 7", "haus-maus-klaus-laus",
	} {
		var errs problem.Fields
		if s.checkPassword(&errs, password, "Anna Taube", "anna@tauben.test"); errs.Err() != nil {
			t.Errorf("%q is refused: %v", password, errs.Err())
		}
	}
	if n := len(common()); n < 1000 {
		t.Errorf("the list has %d words", n)
	}
}

// TestPasswordsOfAllKeyboards: an umlaut is the same whether a keyboard sends one
// sign or two, and hashes from before are still good.
func TestPasswordsOfAllKeyboards(t *testing.T) {
	inside(t, func(t *testing.T, s *Accounts, _ *atomic.Int64) {
		const satz = "über die Brücke gehen wir früh"
		apart := norm.NFD.String(satz)
		if apart == satz {
			t.Fatal("both are the same")
		}
		a, _, err := s.Create(t.Context(), actor.Operator, Draft{Email: "anna@example.org", Name: "Anna", Role: Editor, Password: apart})
		if err != nil {
			t.Fatal(err)
		}
		for _, hash := range []string{a.PasswordHash, s.hashOf(satz), s.hashOf(apart)} {
			if _, err := s.db.Pool().ExecContext(t.Context(), "UPDATE accounts SET password_hash = '"+hash+"'"); err != nil {
				t.Fatal(err)
			}
			for _, typed := range []string{satz, apart} {
				if _, err := s.SignIn(t.Context(), "anna@example.org", typed, "192.0.2.1"); err != nil {
					t.Errorf("%d bytes against a hash: %v", len(typed), err)
				}
			}
			if _, err := s.SignIn(t.Context(), "anna@example.org", strings.ToUpper(satz), "192.0.2.1"); err == nil {
				t.Error("another password is good")
			}
		}
	})
}
