package app

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"errors"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/alexedwards/scs/v2"
	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/account"
	"codeberg.org/aushang/aushang/internal/actor"
)

// atService runs a test on a fresh village that has a sign-in service, on both
// databases.
func atService(t *testing.T, test func(t *testing.T, v *village, p *provider)) {
	t.Helper()
	p := startProvider(t)
	each(t, func(t *testing.T, v *village) {
		v.Accounts.UseService(p.service())
		test(t, v, p)
	})
}

// comes lets somebody sign in at the service and come back in a browser.
func (p *provider) comes(b *browser, who claims) {
	p.t.Helper()
	p.sits(who)
	b.open(p.goes(b, "/anmelden/dienst"))
}

func (v *village) roleOf(email string) string {
	v.t.Helper()
	a, err := v.Accounts.FindEmail(v.t.Context(), email)
	if err != nil {
		return ""
	}
	return a.Role
}

func TestSignInService(t *testing.T) {
	atService(t, func(t *testing.T, v *village, p *provider) {
		b := v.browser()
		b.open("/anmelden?weiter=/pinnwand")
		b.shows(200, "Mit Stadt-Konto anmelden")
		anna := claims{"sub": "1", "name": "Anna Amt", "email": "Anna@Example.org", "email_verified": true}
		p.comes(b, anna)
		b.shows(403, "Sie haben hier noch kein Konto", "Rathaus")
		v.Accounts.Service().NewPeople = true
		p.sits(anna)
		back := p.goes(b, "/anmelden/dienst?weiter=/neues")
		b.open(back)
		b.shows(200, "Neues")
		b.open("/konto")
		b.shows(200, "Mein Konto", "Anna Amt", "anna@example.org", "Einwohner/in")
		b.open(back)
		b.shows(410, "gilt nicht mehr")

		// Again: the same account, though name and address are others there.
		second := v.browser()
		p.comes(second, claims{"sub": "1", "name": "Anna Neu", "email": "anna.neu@example.org", "email_verified": true})
		second.shows(200, "Mein Konto", "anna@example.org")
		second.open("/konto/passkeys")
		second.shows(200, "Anmelden mit Stadt-Konto", "anna.neu@example.org")
		second.send("Entfernen", nil)
		second.shows(422, "letzter Weg")

		nobody := v.browser()
		p.sits(nil)
		nobody.open(p.goes(nobody, "/anmelden/dienst"))
		nobody.shows(422, "Die Anmeldung hat nicht geklappt", "anders an")
	})
}

func TestSignInServiceLinks(t *testing.T) {
	p := startProvider(t)
	each(t, func(t *testing.T, v *village) {
		v.Accounts.UseService(p.service())
		v.Accounts.Service().NewPeople = true
		v.person("anna@example.org", account.Editor)
		before := v.count("accounts")
		mallory := v.browser()
		p.comes(mallory, claims{"sub": "m", "name": "Mallory", "email": "anna@example.org", "email_verified": false})
		mallory.shows(403, "nicht bestätigt")
		p.comes(mallory, claims{"sub": "m", "name": "Mallory", "email": "niemand@example.org"})
		mallory.shows(403, "nicht bestätigt") // the same words: nobody learns who has an account
		mallory.open("/konto/dienst")
		mallory.shows(200, "Für alle, die für einen Verein schreiben")

		b := v.browser()
		p.comes(b, claims{"sub": "a", "name": "Anna", "email": "anna@example.org", "email_verified": true})
		b.shows(200, "Für diese Mailadresse gibt es hier schon ein Konto")
		if v.count("identities") != 0 || v.count("accounts") != before {
			t.Fatal("it was connected without asking")
		}
		b.send("Anmelden", map[string]string{"email": "anna@example.org", "password": satz})
		b.shows(200, "Mit Stadt-Konto verbinden", "Dort:", "anna@example.org")
		if v.count("identities") != 0 {
			t.Fatal("it was connected before the person said yes")
		}
		b.send("Verbinden", nil)
		b.shows(200, "Verbunden", "anna@example.org")
		again := v.browser()
		p.comes(again, claims{"sub": "a", "name": "Anna", "email": "anna@example.org", "email_verified": true})
		again.shows(200, "Mein Konto", "anna@example.org")

		// Who is signed in connects an identity of another address, once.
		v.person("bert@example.org", account.Editor)
		bert := v.signedIn("bert@example.org")
		p.comes(bert, claims{"sub": "b", "name": "Bert", "email": "b@work.example"})
		bert.shows(200, "Mit Stadt-Konto verbinden", "b@work.example", "bert@example.org")
		bert.send("Verbinden", nil)
		bert.shows(200, "Verbunden")
		bert.send("Entfernen", nil)
		bert.shows(200, "Die Verbindung ist gelöst")
		// What another browser held is nothing to this one.
		bert.open("/konto/dienst")
		bert.shows(200, "Passkeys")
	})
}

func TestRolesOfTheService(t *testing.T) {
	atService(t, func(t *testing.T, v *village, p *provider) {
		s := v.Accounts.Service()
		s.NewPeople, s.RoleClaim = true, "realm_access.roles"
		s.Roles = map[string]string{"aushang-rathaus": account.Townhall, "aushang-admin": account.Admin, "aushang-verein": account.Editor}
		anna := func(roles ...string) claims {
			return claims{"sub": "1", "name": "Anna", "email": "anna@example.org", "email_verified": true, "realm_access": claims{"roles": roles}}
		}
		for _, step := range []struct {
			roles []string
			want  string
		}{
			{[]string{"offline_access", "aushang-verein"}, account.Editor},
			{[]string{"aushang-verein", "aushang-rathaus"}, account.Townhall},
			{nil, account.Resident},
			{[]string{"aushang-admin"}, account.Admin},
			{[]string{"aushang-rathaus"}, account.Admin}, // the only admin stays one
		} {
			p.comes(v.browser(), anna(step.roles...))
			if got := v.roleOf("anna@example.org"); got != step.want {
				t.Errorf("with %v she is %s, want %s", step.roles, got, step.want)
			}
		}
		v.person("chefin@example.org", account.Admin)
		b := v.browser()
		p.comes(b, anna("aushang-rathaus"))
		if got := v.roleOf("anna@example.org"); got != account.Townhall {
			t.Errorf("with another admin there she is %s", got)
		}
		// A role that the service never gave stays.
		c, _, err := v.Accounts.Create(t.Context(), actor.Operator, account.Draft{Email: "carla@example.org", Name: "Carla", Role: account.Townhall, Password: satz})
		if err != nil {
			t.Fatal(err)
		}
		carla := v.signedIn("carla@example.org")
		p.comes(carla, claims{"sub": "c", "name": "Carla", "email": "carla@example.org", "email_verified": true})
		carla.send("Verbinden", nil)
		if got := v.roleOf(c.Email); got != account.Townhall {
			t.Errorf("Carla is %s", got)
		}
		hall := v.signedIn("chefin@example.org")
		hall.open("/rathaus/personen")
		hall.shows(200, "Anna", "von Stadt-Konto")
	})
}

func TestForgedSignIns(t *testing.T) {
	p := startProvider(t)
	other, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	each(t, func(t *testing.T, v *village) {
		v.Accounts.UseService(p.service())
		v.Accounts.Service().NewPeople = true
		p.sits(claims{"sub": "1", "name": "Anna", "email": "anna@example.org", "email_verified": true})
		for name, change := range map[string]func(header, claims map[string]any){
			"wrong nonce":         func(_, c map[string]any) { c["nonce"] = "x" },
			"no nonce":            func(_, c map[string]any) { delete(c, "nonce") },
			"wrong audience":      func(_, c map[string]any) { c["aud"] = "another" },
			"for several":         func(_, c map[string]any) { c["aud"] = []string{"aushang", "another"} },
			"for another of them": func(_, c map[string]any) { c["azp"] = "another" },
			"wrong issuer":        func(_, c map[string]any) { c["iss"] = "https://evil.example" },
			"expired":             func(_, c map[string]any) { c["exp"] = time.Now().Add(-time.Hour).Unix() },
			"another subject":     func(_, c map[string]any) { c["sub"] = "2" },
			"no subject":          func(_, c map[string]any) { delete(c, "sub") },
			"unsigned":            func(h, _ map[string]any) { h["alg"] = "none" },
			"by the secret":       func(h, _ map[string]any) { h["alg"] = "HS256" },
			"other key":           nil,
		} {
			t.Run(name, func(t *testing.T) {
				p.mu.Lock()
				p.change, p.signer = change, p.key
				if change == nil {
					p.change, p.signer = func(_, _ map[string]any) {}, other
				}
				p.mu.Unlock()
				b := v.browser()
				b.open(p.goes(b, "/anmelden/dienst"))
				b.shows(422, "Die Anmeldung hat nicht geklappt")
				b.open("/konto")
				b.shows(200, "Für alle, die für einen Verein schreiben")
			})
		}
		p.mu.Lock()
		p.change = nil
		p.mu.Unlock()
		b := v.browser()
		back := p.goes(b, "/anmelden/dienst")
		code := query(back).Get("code")
		stranger := v.browser() // who did not ask: the address was sent to them
		stranger.open(back)
		stranger.shows(410, "gilt nicht mehr")
		b.open(strings.Replace(back, url.QueryEscape(p.issuer), "https%3A%2F%2Fevil.example", 1))
		b.shows(422, "Die Anmeldung hat nicht geklappt")
		back = p.goes(b, "/anmelden/dienst")
		fresh := query(back)
		b.open(back)
		b.shows(200, "Mein Konto")
		for _, used := range []string{code, fresh.Get("code")} { // one that belongs to another question, and one that was used
			again := v.browser()
			q := query(p.goes(again, "/anmelden/dienst"))
			q.Set("code", used)
			again.open(account.ReturnPath + "?" + q.Encode())
			again.shows(422, "Die Anmeldung hat nicht geklappt")
		}
		late := v.browser()
		q := query(p.goes(late, "/anmelden/dienst"))
		q.Set("state", "x")
		late.open(account.ReturnPath + "?" + q.Encode())
		late.shows(410, "gilt nicht mehr")
	})
}

func query(path string) url.Values {
	u, _ := url.Parse(path)
	return u.Query()
}

func TestTheServiceIsGone(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		p := startProvider(t)
		v.Accounts.UseService(p.service())
		v.person("anna@example.org", account.Editor)
		b := v.browser()
		p.sits(claims{"sub": "1", "email": "anna@example.org"})
		back := p.goes(b, "/anmelden/dienst")
		p.stop()
		b.open(back)
		b.shows(503, "antwortet nicht", "Passkey")
		b.open("/anmelden/dienst")
		b.shows(503, "antwortet nicht", "Passkey")
		b.open("/anmelden")
		b.send("Anmelden", map[string]string{"email": "anna@example.org", "password": satz})
		b.shows(200, "Mein Konto")
	})
}

// TestAShiftEnds: what role the service gives is asked again within a day; who has
// none of the town hall, or came another way, stays signed in.
func TestAShiftEnds(t *testing.T) {
	atService(t, func(t *testing.T, v *village, p *provider) {
		service := v.Accounts.Service()
		service.NewPeople, service.RoleClaim, service.Roles = true, "realm_access.roles", map[string]string{"hall": account.Townhall}
		hall, anna := v.browser(), v.browser()
		p.comes(hall, claims{"sub": "1", "name": "Ruth", "email": "ruth@example.org", "email_verified": true, "realm_access": claims{"roles": []string{"hall"}}})
		p.comes(anna, claims{"sub": "2", "name": "Anna", "email": "anna@example.org", "email_verified": true})
		v.person("otto@example.org", account.Townhall)
		otto := v.signedIn("otto@example.org")
		hall.open("/rathaus")
		hall.shows(200, "Anträge")
		v.sessionsBegan(13 * time.Hour)
		hall.open("/rathaus")
		hall.shows(200, "Mit Stadt-Konto anmelden")
		anna.open("/konto")
		anna.shows(200, "Mein Konto")
		otto.open("/rathaus")
		otto.shows(200, "Anträge")
		p.comes(hall, claims{"sub": "1", "name": "Ruth", "email": "ruth@example.org", "email_verified": true})
		hall.open("/konto")
		hall.shows(200, "Einwohner/in")
	})
}

// sessionsBegan moves the beginning of all sessions back.
func (v *village) sessionsBegan(ago time.Duration) {
	v.t.Helper()
	rows, err := v.db.Pool().QueryContext(v.t.Context(), "SELECT token, data FROM sessions")
	if err != nil {
		v.t.Fatal(err)
	}
	all := map[string][]byte{}
	for rows.Next() {
		var token string
		var data []byte
		if err := rows.Scan(&token, &data); err != nil {
			v.t.Fatal(err)
		}
		all[token] = data
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		v.t.Fatal(err)
	}
	for token, data := range all {
		deadline, values, err := scs.GobCodec{}.Decode(data)
		if err != nil {
			v.t.Fatal(err)
		}
		values[account.SessionBegun] = time.Now().Add(-ago).Unix()
		if data, err = (scs.GobCodec{}).Encode(deadline, values); err != nil {
			v.t.Fatal(err)
		}
		err = v.db.Write(v.t.Context(), func(ctx context.Context, tx bun.Tx) error {
			_, err := tx.NewUpdate().Table("sessions").Set("data = ?", data).Where("token = ?", token).Exec(ctx)
			return err
		})
		if err != nil {
			v.t.Fatal(err)
		}
	}
}
