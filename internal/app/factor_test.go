package app

import (
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"codeberg.org/aushang/aushang/internal/account"
	"codeberg.org/aushang/aushang/internal/actor"
)

var (
	secretText = regexp.MustCompile(`<code class="breaks">([A-Z2-7 ]+)</code>`)
	codeText   = regexp.MustCompile(`<code>([a-z2-7-]{19})</code>`)
)

// codeOf gives the code of an app, steps away from now.
func codeOf(t *testing.T, secret string, steps int) string {
	t.Helper()
	c, err := totp.GenerateCode(secret, time.Now().Add(time.Duration(steps)*30*time.Second))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// secondFactor sets one up in the browser, and gives its secret and codes.
func (b *browser) secondFactor() (secret string, codes []string) {
	b.v.t.Helper()
	b.open("/konto/zweiter-faktor")
	b.send("Zweiten Faktor einrichten", nil)
	b.shows(200, "In die App aufnehmen")
	if !strings.Contains(b.page, `href="otpauth://totp/`) {
		b.v.t.Error("no link opens the app on the phone itself")
	}
	found := secretText.FindStringSubmatch(b.page)
	if found == nil {
		b.v.t.Fatalf("no secret in\n%s", b.page)
	}
	secret = strings.ReplaceAll(found[1], " ", "")
	// The code of the step before leaves that of now for what comes.
	b.send("Einschalten", map[string]string{"code": codeOf(b.v.t, secret, -1)})
	b.shows(200, "Diese Codes sehen Sie nur jetzt")
	for _, c := range codeText.FindAllStringSubmatch(b.page, -1) {
		codes = append(codes, c[1])
	}
	return secret, codes
}

// keepsCodes saves the codes that the page shows as a file.
func (b *browser) keepsCodes(codes []string) {
	b.v.t.Helper()
	if len(codes) != 10 {
		b.v.t.Fatalf("%d recovery codes", len(codes))
	}
	file := b.formWith("Als Datei speichern")
	w := b.ask("POST", file.action, html, file.values)
	if lines := strings.Split(strings.TrimSpace(w.Body.String()), "\r\n"); w.Code != 200 || !slices.Equal(lines[3:], codes) || w.Header().Get("Cache-Control") != "no-store" ||
		w.Header().Get("Content-Disposition") != `attachment; filename="wiederherstellungscodes.txt"` {
		b.v.t.Errorf("the file of the codes: %d %v\n%s", w.Code, w.Header(), w.Body)
	}
	if w := b.ask("POST", file.action, html, url.Values{"codes": {"<script>alert(1)</script>"}}); w.Code != 422 {
		b.v.t.Errorf("a file of what are no codes: %d", w.Code)
	}
}

func TestSecondFactor(t *testing.T) {
	shows(t, "T-AUTH-04 T-AUTH-16 a second factor, from the first code to its end", func(t *testing.T, v *village) {
		anna := v.person("anna@example.org", account.Editor, "tsv")
		b := v.signedIn("anna@example.org")
		b.open("/konto/zweiter-faktor")
		b.send("Zweiten Faktor einrichten", nil)
		if w := b.ask("GET", "/konto/zweiter-faktor/code.svg", "image/svg+xml", nil); w.Code != 200 || !strings.HasPrefix(w.Body.String(), "<svg") || w.Header().Get("Cache-Control") != "no-store" {
			t.Errorf("the picture: %d %v", w.Code, w.Header())
		}
		b.send("Einschalten", map[string]string{"code": "000000"})
		b.shows(422, "stimmt nicht oder wurde schon benutzt")
		b.send("Doch nicht einrichten", nil)
		b.shows(200, "Sie brauchen eine App")
		secret, codes := b.secondFactor()
		b.keepsCodes(codes)
		if m := v.Mail.Wait(t, "anna@example.org"); !strings.Contains(m.Subject, "Zweiter Faktor eingeschaltet") {
			t.Errorf("the letter says %q", m.Subject)
		}
		b.open("/konto/zweiter-faktor")
		b.shows(200, "Noch 10 Codes")
		b.hides(secret, codes[0])

		// The password alone opens nothing.
		other := v.browser()
		other.open("/konto/geraete")
		other.send("Anmelden", map[string]string{"email": "anna@example.org", "password": satz})
		other.shows(200, "Ihr Code", "Guten Tag, Anna editor!")
		for _, path := range []string{"/konto", "/konto/passwort", "/pinnwand/neu"} {
			if w := other.ask("GET", path, html, nil); w.Code != 303 || !strings.HasPrefix(w.Header().Get("Location"), "/anmelden?") {
				t.Errorf("%s without a code: %d", path, w.Code)
			}
		}
		other.send("Anmelden", map[string]string{"code": "000000"})
		other.shows(422, "stimmt nicht oder wurde schon benutzt")
		now := codeOf(t, secret, 0)
		other.send("Anmelden", map[string]string{"code": now})
		other.shows(200, "Dieses Gerät")
		third := v.browser()
		third.open("/anmelden")
		third.send("Anmelden", map[string]string{"email": "anna@example.org", "password": satz})
		third.send("Anmelden", map[string]string{"code": now})
		third.shows(422, "schon benutzt")
		third.send("Anmelden", map[string]string{"code": codes[0]})
		third.shows(200, "Mein Konto")

		// In the middle of a form both are asked for, and nothing typed is lost.
		third.open("/pinnwand/neu")
		third.loseSession()
		third.send("Veröffentlichen", map[string]string{"text": "Gefunden: ein Schlüssel"})
		third.shows(403, "noch einmal an")
		third.send("Anmelden und abschicken", map[string]string{"again-email": "anna@example.org", "again-password": satz})
		third.shows(403, "Code")
		if n := v.count("objects", "type = 'Note'"); n != 0 {
			t.Error("it was published without a code")
		}
		third.send("Anmelden und abschicken", map[string]string{"again-code": "000000"})
		third.shows(403, "schon benutzt")
		third.send("Anmelden und abschicken", map[string]string{"again-code": codes[1]})
		third.shows(200, "Gefunden: ein Schlüssel")

		// A link in place of a password is asked for a code too.
		link, err := v.Accounts.Invite(t.Context(), actor.Operator, anna.ID)
		if err != nil {
			t.Fatal(err)
		}
		third = v.browser()
		third.open(strings.TrimPrefix(link, "https://here.test"))
		third.send("Passwort festlegen und anmelden", map[string]string{"password": "ein anderer Satz"})
		third.shows(200, "Ihr Code")
		third.send("Anmelden", map[string]string{"code": codes[2]})
		third.shows(200, "Mein Konto")
		third.open("/konto/zweiter-faktor")
		third.send("Zweiten Faktor ausschalten", map[string]string{"code": "123456"})
		third.shows(422, "stimmt nicht")
		third.send("Zweiten Faktor ausschalten", map[string]string{"code": codes[3]})
		third.shows(200, "Der zweite Faktor ist ausgeschaltet")
	})
}

// TestLostFactor: the town hall takes a lost second factor away; it is kept who
// did it, and the person is told.
func TestLostFactor(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		anna := v.person("anna@example.org", account.Editor)
		v.person("ruth@example.org", account.Townhall)
		b := v.signedIn("anna@example.org")
		b.secondFactor()
		_ = v.Mail.Wait(t, "anna@example.org")
		hall := v.signedIn("ruth@example.org")
		hall.open("/rathaus/personen/" + anna.ID)
		v.age(time.Hour)
		hall.send("Zweiten Faktor ausschalten", nil)
		hall.shows(403, "Sind Sie es wirklich?")
		hall.send("Weiter", map[string]string{"confirm-password": satz})
		hall.shows(200, "Der zweite Faktor ist ausgeschaltet", "vom Rathaus ausgeschaltet", "Anna townhall")
		if m := v.Mail.Wait(t, "anna@example.org"); !strings.Contains(m.Text, "das Rathaus hat den zweiten Faktor") {
			t.Errorf("the letter says %s", m.Text)
		}
		b.open("/konto")
		b.shows(200, "Für alle, die für einen Verein schreiben")
		v.signedIn("anna@example.org")
	})
}
