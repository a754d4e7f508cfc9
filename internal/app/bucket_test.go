package app

import (
	"strings"
	"testing"

	"codeberg.org/aushang/aushang/internal/account"
	"codeberg.org/aushang/aushang/internal/page"
	"codeberg.org/aushang/aushang/internal/problem"
)

// silent are the forms for who is not signed in that write to nobody whom they
// name. Every other one shares the limits of AdmitMail.
var silent = map[string]string{
	"POST /anmelden": "", "POST /abmelden": "", "POST /anmelden/einmal/{token}": "", "POST /folgen": "", "POST /barriere-melden": "", "POST /aenderung-melden": "its editors hear of it as of other news",
	"POST /meldung/{token}": "the town hall reads an objection on its desk", "POST /entscheidung/{token}": "the same", "POST /pflege/{token}": "",
	"POST /ap/inbox": "", "POST /ap/actors/{key}/inbox": "", "POST /ap/instance/inbox": "", "POST /relay/inbox": "",
	"POST /registrieren/bestaetigen/{token}": "the town hall alone gets a letter, once for each link", "POST /einladung/{token}": "", "POST /abbestellen/{token}": "",
	"POST /auskunft/{token}": "a file is fetched", "POST /einsatz/{token}": "the club and the person hear of it by an address that was confirmed", "POST /ehrenamt/gemerkt/{token}": "", "POST /ich-moechte-helfen/verlaengern/{token}": "",
	"POST /anmelden/code": "", "POST /anmelden/passkey": "", "POST /anmelden/passkey/frage": "", "POST /anmelden/einmal/{token}/frage": "", "POST /anmelden/adresse/{token}": "its letters were counted when the new address was typed",
}

// TestMailsShareABucket: every route that mails somebody who is not signed in.
// A new one has to be entered here or among the silent ones, and fails until it
// is.
func TestMailsShareABucket(t *testing.T) {
	shows(t, "T-RATE-04 letters by pages without a sign-in", func(t *testing.T, v *village) {
		v.person("anna@example.org", account.Editor)
		n := v.needing(0)
		routes := map[string]func(email string) int{
			"POST /ehrenamt/merken": func(email string) int {
				b := v.browser()
				b.open("/ehrenamt/merken?abruf=1")
				b.watches(map[string]string{"email": email})
				return b.status
			},
			"POST /ehrenamt/{key}/mitmachen": func(email string) int {
				b := v.browser()
				b.open(n.path + "/mitmachen")
				n.volunteer(b, "Link schicken lassen", map[string]string{"name": "Bert", "email": email, "old": "1", "able": "1"}, n.shifts[0])
				return b.status
			},
			"POST /registrieren": func(email string) int {
				b := v.browser()
				b.open("/registrieren?fuer=mich")
				b.fill("Konto anlegen", map[string]string{"name": "A", "email": email, "rules": "1"})
				return b.status
			},
			"POST /anmelden/vergessen": func(email string) int {
				b := v.browser()
				b.open("/anmelden/vergessen")
				b.send(wordsOf(t, "forgotten.do")["de"], map[string]string{"email": email})
				return b.status
			},
			"POST /melden": func(email string) int {
				b := v.browser()
				b.open(page.Report(v.club.ID))
				f := b.formWith("Melden")
				f.values.Set("reason", "spam")
				f.values.Set("text", "Reklame")
				f.values.Set("contact", email)
				v.passed("report form", &f)
				b.post(f)
				return b.status
			},
		}
		for route, row := range rowsOf(v, v.world()) {
			_, mails := routes[route]
			if _, quiet := silent[route]; strings.HasPrefix(route, "POST ") && row.name == open.name && !mails && !quiet {
				t.Errorf("%s is for everybody: does it mail?", route)
			}
		}
		for name, send := range routes {
			if _, err := v.db.Pool().ExecContext(t.Context(), "DELETE FROM throttles"); err != nil {
				t.Fatal(err)
			}
			for _, email := range []string{"o.n.e@gmail.com", "one+1@googlemail.com", "ONE@gmail.com"} {
				if status := send(email); status != 200 {
					t.Errorf("%s: %d", name, status)
				}
			}
			if status := send("on.e+2@gmail.com"); status != 429 {
				t.Errorf("%s: the fourth letter to one mailbox: %d", name, status)
			}
			for i := 0; ; i++ {
				err := v.Accounts.AdmitMail(t.Context(), "192.0.2.1", "x"+strings.Repeat("y", i)+"@example.org")
				if problem.KindOf(err) == problem.TooMany {
					break
				}
				if err != nil || i > 20 {
					t.Fatalf("%d: %v", i, err)
				}
			}
			if status := send("anna@example.org"); status != 429 {
				t.Errorf("%s: after many letters from one network: %d", name, status)
			}
		}
	})
}
