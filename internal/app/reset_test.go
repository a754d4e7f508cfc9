package app

import (
	"context"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/account"
	"codeberg.org/aushang/aushang/internal/config"
	"codeberg.org/aushang/aushang/internal/mail/mailtest"
)

// linkIn gives the path of the first link of a letter that begins so.
func linkIn(t *testing.T, m mailtest.Message, prefix string) string {
	t.Helper()
	for _, link := range m.Links() {
		if path := strings.TrimPrefix(link, "https://here.test"); strings.HasPrefix(path, prefix) {
			return path
		}
	}
	t.Fatalf("no link to %s in\n%s", prefix, m.Text)
	return ""
}

func TestForgotten(t *testing.T) {
	shows(t, "T-RATE-08 T-AUTH-04 asking for a link tells nobody whether there is an account", func(t *testing.T, v *village) {
		v.person("anna@example.org", account.Editor)
		elsewhere := v.signedIn("anna@example.org")
		h := v.handler()
		var first *httptest.ResponseRecorder
		for _, email := range []string{"anna@example.org", "niemand@example.org"} {
			r := httptest.NewRequest("POST", "/anmelden/vergessen", strings.NewReader(url.Values{"email": {email}}.Encode()))
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			if first == nil {
				first = w
			}
			if w.Code != 303 || w.Code != first.Code || w.Body.String() != first.Body.String() || w.Header().Get("Location") != first.Header().Get("Location") || w.Header().Get("Set-Cookie") != "" {
				t.Errorf("%s: %d %s, unlike %d %s", email, w.Code, w.Header().Get("Location"), first.Code, first.Header().Get("Location"))
			}
		}
		if n := v.count("mails"); n != 1 {
			t.Errorf("%d letters", n)
		}
		b := v.browser()
		b.open("/anmelden/vergessen/gesendet")
		b.shows(200, "Gibt es ein Konto mit dieser Adresse")
		m := v.Mail.Wait(t, "anna@example.org")
		link := linkIn(t, m, "/anmelden/einmal/")
		b.open(link)
		b.send("Passwort festlegen und anmelden", map[string]string{"password": "ein anderer Satz"})
		b.shows(200, "Mein Konto")
		elsewhere.open("/konto")
		elsewhere.shows(200, "Für alle, die für einen Verein schreiben")
		b.open(link)
		b.shows(410, "gilt nicht mehr")
		if m := v.Mail.Wait(t, "anna@example.org"); m.Subject != "Ihr Passwort ist geändert" {
			t.Errorf("the letter says %q", m.Subject)
		}
	})
	shows(t, "T-RATE-05 T-RATE-01 other ways to the same limit", func(t *testing.T, v *village) {
		h := v.handler()
		ask := func(path string, headers ...string) int {
			r := httptest.NewRequest("POST", path, strings.NewReader("email=anna%40example.org"))
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			for i := 1; i < len(headers); i += 2 {
				r.Header.Set(headers[i-1], headers[i])
			}
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			return w.Code
		}
		for n := range 3 {
			if code := ask("/anmelden/vergessen"); code != 303 {
				t.Fatalf("time %d: %d", n+1, code)
			}
		}
		for _, path := range []string{
			"/anmelden/vergessen", "/anmelden/vergessen/", "//anmelden/vergessen", "/ANMELDEN/vergessen", "/anmelden/vergessen.json", "/anmelden//vergessen", "/anmelden/./vergessen", "/anmelden/vergessen?lang=en", "/anmelden/vergessen;x=1",
		} {
			for _, headers := range [][]string{nil, {"X-Forwarded-For", "198.51.100.9"}, {"Forwarded", "for=198.51.100.9"}, {"Client-IP", "198.51.100.9"}, {"X-HTTP-Method-Override", "PUT"}} {
				if code := ask(path, headers...); code < 400 {
					t.Errorf("%s with %v is admitted: %d", path, headers, code)
				}
			}
		}
	})
}

// TestForgottenWithoutMail: a town that sends no mail says whom to ask.
func TestForgottenWithoutMail(t *testing.T) {
	v := found(t, migrated.SQLite(t), func(c *config.Config) { c.SMTP = config.SMTP{} })
	v.person("anna@example.org", account.Editor)
	b := v.browser()
	b.open("/anmelden/vergessen")
	b.shows(200, "verschickt keine Mails", "im Rathaus")
	b = v.signedIn("anna@example.org")
	b.open("/konto/adresse")
	b.shows(200, "verschickt keine Mails", "anna@example.org")
}

func TestChangeOfAddress(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		v.person("anna@example.org", account.Editor)
		v.person("bert@example.org", account.Editor)
		b, bert := v.signedIn("anna@example.org"), v.signedIn("bert@example.org")
		b.open("/konto/adresse")
		b.send("Bestätigen lassen", map[string]string{"email": "anna@example.org"})
		b.shows(422, "schon Ihre Adresse")
		b.send("Bestätigen lassen", map[string]string{"email": "bert@example.org"})
		b.shows(200, "an beide Adressen geschrieben")
		if m := v.Mail.Wait(t, "bert@example.org"); m.Subject != "Diese Adresse hat schon ein Konto" || strings.Contains(m.Text, "/konto/") {
			t.Errorf("%s\n%s", m.Subject, m.Text)
		}
		_ = v.Mail.Wait(t, "anna@example.org")
		b.send("Änderung zurückziehen", nil)
		b.shows(200, "zurückgezogen")
		b.send("Bestätigen lassen", map[string]string{"email": "neu@example.org"})
		b.shows(200, "Noch nicht bestätigt", "neu@example.org")
		confirm := linkIn(t, v.Mail.Wait(t, "neu@example.org"), "/konto/adresse/")
		stop := linkIn(t, v.Mail.Wait(t, "anna@example.org"), "/anmelden/adresse/")
		// Who is somebody else gets nothing by the link.
		bert.open(confirm)
		bert.shows(410, "gilt nicht mehr")
		stranger := v.browser()
		stranger.open(confirm)
		stranger.shows(200, "Anmelden")
		b.open(confirm)
		b.shows(200, "neu@example.org")
		if n := v.count("accounts", "email = 'neu@example.org'"); n != 0 {
			t.Error("looking at the page changes the address")
		}
		b.send("Adresse bestätigen", nil)
		b.shows(200, "Ihre Mailadresse ist geändert", "neu@example.org")
		b.open("/konto/adresse")
		b.shows(200, "erst vor kurzem geändert")
		// The owner of the old address takes it back, and what the other one added to
		// come in with goes; what was there before stays.
		v.addWays("neu@example.org", time.Now(), "new")
		v.addWays("neu@example.org", time.Now().Add(-30*24*time.Hour), "old")
		owner := v.browser()
		owner.open(stop)
		owner.shows(200, "Das waren nicht Sie?")
		owner.send("Anhalten und neues Passwort festlegen", nil)
		if n := v.count("passkeys", "id = 'new'") + v.count("identities", "subject = 'new'"); n != 0 {
			t.Errorf("%d ways to sign in of whoever changed the address are left", n)
		}
		if n := v.count("passkeys", "id = 'old'") + v.count("identities", "subject = 'old'"); n != 2 {
			t.Errorf("%d of the 2 ways that were there before are left", n)
		}
		owner.shows(200, "Bitte legen Sie ein Passwort fest")
		owner.send("Passwort festlegen und anmelden", map[string]string{"password": "ein anderer Satz"})
		owner.shows(200, "Mein Konto", "anna@example.org")
		b.open("/konto")
		b.shows(200, "Für alle, die für einen Verein schreiben")
		owner.open(stop)
		owner.shows(410, "gilt nicht mehr")
	})
}

// addWays gives a person a passkey and an identity of this name and age.
func (v *village) addWays(email string, created time.Time, name string) {
	v.t.Helper()
	a, err := v.Accounts.FindEmail(v.t.Context(), email)
	if err != nil {
		v.t.Fatal(err)
	}
	err = v.db.Write(v.t.Context(), func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.ExecContext(ctx, "INSERT INTO passkeys (id, account_id, name, credential_id, public_key, sign_count, aaguid, transports, backup_eligible, backup_state, created) "+
			"VALUES (?, ?, ?, ?, ?, 0, '', '', ?, ?, ?)", name, a.ID, name, name, []byte(name), false, false, created.UTC())
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, "INSERT INTO identities (issuer, subject, account_id, email, role, created, used) VALUES ('https://id.test', ?, ?, '', '', ?, ?)", name, a.ID, created.UTC(), created.UTC())
		return err
	})
	if err != nil {
		v.t.Fatal(err)
	}
}
