package app

import (
	"context"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/alexedwards/scs/v2"
	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/account"
)

// kept is a session as it lies in the database.
type kept struct {
	bun.BaseModel `bun:"table:sessions"`
	Token         string `bun:"token,pk"`
	Data          []byte
	Ref           string
	Device        string
	Begun, Seen   time.Time
	Expires       time.Time
}

func (v *village) sessions(where string, args ...any) []kept {
	v.t.Helper()
	var list []kept
	if err := v.db.Read().NewSelect().Model(&list).Where(where, args...).Order("begun", "ref").Scan(v.t.Context()); err != nil {
		v.t.Fatal(err)
	}
	return list
}

// age lets time pass for every session: all that it says of times is earlier by d.
func (v *village) age(d time.Duration) {
	v.t.Helper()
	for _, s := range v.sessions("TRUE") {
		deadline, values, err := scs.GobCodec{}.Decode(s.Data)
		if err != nil {
			v.t.Fatal(err)
		}
		for k, value := range values {
			if at, ok := value.(int64); ok {
				values[k] = at - int64(d.Seconds())
			}
		}
		if s.Data, err = (scs.GobCodec{}).Encode(deadline.Add(-d), values); err != nil {
			v.t.Fatal(err)
		}
		s.Begun, s.Seen, s.Expires = s.Begun.Add(-d), s.Seen.Add(-d), s.Expires.Add(-d)
		err = v.db.Write(v.t.Context(), func(ctx context.Context, tx bun.Tx) error {
			_, err := tx.NewUpdate().Model(&s).WherePK().Column("data", "begun", "seen", "expires").Exec(ctx)
			return err
		})
		if err != nil {
			v.t.Fatal(err)
		}
	}
}

// TestDevices: a person sees where he or she is signed in, and ends each.
func TestDevices(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		anna := v.person("anna@example.org", account.Editor)
		v.person("bert@example.org", account.Editor)
		b, other, bert := v.signedIn("anna@example.org"), v.signedIn("anna@example.org"), v.signedIn("bert@example.org")
		if _, err := v.db.Pool().ExecContext(t.Context(), "UPDATE sessions SET device = 'Firefox, Linux' WHERE ref = (SELECT MAX(ref) FROM sessions WHERE account_id <> '')"); err != nil {
			t.Fatal(err)
		}
		b.open("/konto/geraete")
		b.shows(200, "Dieses Gerät", "Unbekanntes Gerät")
		if n := strings.Count(b.page, "Angemeldet am"); n != 2 {
			t.Errorf("%d devices are listed", n)
		}
		// Nobody ends what is another's.
		theirs, err := v.Accounts.ListSessions(t.Context(), anna.ID)
		if err != nil || len(theirs) != 2 {
			t.Fatalf("%v %v", theirs, err)
		}
		bert.ask("POST", "/konto/geraete", html, url.Values{"act": {"end"}, "ref": {theirs[0].Ref}})
		b.send("Gerät abmelden", nil)
		b.shows(200, "Das Gerät ist abgemeldet")
		if n := strings.Count(b.page, "Angemeldet am"); n != 1 {
			t.Errorf("%d devices are left", n)
		}
		other.open("/konto")
		other.shows(200, "Für alle, die für einen Verein schreiben")
		third := v.signedIn("anna@example.org")
		b.send("Alle anderen abmelden", nil)
		b.shows(200, "Auf allen anderen Geräten sind Sie jetzt abgemeldet", "Dieses Gerät")
		third.open("/konto")
		third.shows(200, "Für alle, die für einen Verein schreiben")
		bert.open("/konto")
		bert.shows(200, "Mein Konto")
	})
}

// TestSessionEnds: who does not come for 30 days is signed out, and everybody is
// after 90.
func TestSessionEnds(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		v.person("anna@example.org", account.Editor)
		b := v.signedIn("anna@example.org")
		for range 4 {
			v.age(20 * 24 * time.Hour)
			b.open("/konto")
			b.shows(200, "Mein Konto")
		}
		v.age(11 * 24 * time.Hour)
		b.open("/konto")
		b.shows(200, "Für alle, die für einen Verein schreiben")
		b = v.signedIn("anna@example.org")
		v.age(31 * 24 * time.Hour)
		b.open("/konto")
		b.shows(200, "Für alle, die für einen Verein schreiben")
		if err := v.Accounts.Sweep(t.Context()); err != nil {
			t.Fatal(err)
		}
		if n := v.count("sessions"); n != 0 {
			t.Errorf("%d sessions are kept", n)
		}
	})
}

// TestEndedSessionStaysEnded: a request that was under way when its session was
// ended does not bring it back.
func TestEndedSessionStaysEnded(t *testing.T) {
	shows(t, "T-AUTH-05 a request under way", func(t *testing.T, v *village) {
		v.person("anna@example.org", account.Editor)
		b := v.signedIn("anna@example.org")
		s := v.sessions("account_id <> ''")[0]
		b.loseSession()
		if err := v.Accounts.Sessions().CommitCtx(t.Context(), s.Token, s.Data, s.Expires); err != nil {
			t.Fatal(err)
		}
		b.open("/konto")
		b.shows(200, "Für alle, die für einen Verein schreiben")
	})
}

// TestFresh: pages about signing in ask again who it is, and lose nothing.
func TestFresh(t *testing.T) {
	shows(t, "T-AUTH-04 T-AUTH-16 asked again before a new password", func(t *testing.T, v *village) {
		v.person("anna@example.org", account.Editor)
		b := v.signedIn("anna@example.org")
		b.open("/anmelden/bestaetigen?weiter=/konto/passwort")
		b.shows(200, "Neues Passwort") // it was only just shown
		v.age(16 * time.Minute)
		b.open("/konto/passwort")
		b.shows(200, "Sind Sie es wirklich?")
		before := v.sessions("account_id <> ''")[0]
		b.send("Weiter", map[string]string{"password": "falsch"})
		b.shows(422, "nicht Ihr jetziges Passwort")
		b.send("Weiter", map[string]string{"password": satz})
		b.shows(200, "Neues Passwort")
		if after := v.sessions("account_id <> ''"); len(after) != 1 || after[0].Token == before.Token || after[0].Ref != before.Ref || after[0].Expires.After(before.Expires.Add(time.Minute)) {
			t.Errorf("the session is not renewed, or lives longer: %v, then %v", before.Expires, after)
		}
		// The form lies open for too long.
		v.age(16 * time.Minute)
		b.send("Passwort ändern", map[string]string{"password": "ein anderer Satz"})
		b.shows(403, "Sind Sie es wirklich?")
		b.send("Weiter", map[string]string{"confirm-password": "falsch"})
		b.shows(422, "nicht Ihr jetziges Passwort")
		b.send("Weiter", map[string]string{"confirm-password": satz})
		b.shows(200, "Ihr Passwort ist geändert")
		if _, err := v.Accounts.SignIn(t.Context(), "anna@example.org", "ein anderer Satz", "192.0.2.1"); err != nil {
			t.Error(err)
		}
		for range 12 {
			v.age(16 * time.Minute)
			b.ask("POST", "/anmelden/bestaetigen", html, url.Values{"password": {"falsch"}})
		}
		b.open("/konto/passwort")
		b.send("Weiter", map[string]string{"password": "ein anderer Satz"})
		b.shows(429, "Sind Sie es wirklich?")
	})
}

// TestConfirmSignedOut: nothing behind Fresh answers who is not signed in.
func TestConfirmSignedOut(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		w := httptest.NewRecorder()
		v.browser().h.ServeHTTP(w, httptest.NewRequest("GET", "/anmelden/bestaetigen?weiter=/konto", nil))
		if w.Code != 401 && w.Code != 303 {
			t.Errorf("it answers %d", w.Code)
		}
	})
}
