package app

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/account"
	"codeberg.org/aushang/aushang/internal/inquiry"
	"codeberg.org/aushang/aushang/internal/ledger"
	"codeberg.org/aushang/aushang/internal/mail"
	"codeberg.org/aushang/aushang/internal/moderation"
)

const berta = "berta@example.org"

// asks enters a request and makes sure who it is.
func (b *browser) asks(fields map[string]string) {
	b.v.t.Helper()
	b.open("/rathaus/auskunft")
	b.send("Anfrage aufnehmen", fields)
	b.shows(200, "Die Anfrage ist aufgenommen", "Ist es wirklich diese Person?")
	b.send("Identität bestätigen", nil)
	b.shows(422, "Bitte wählen Sie, wie Sie die Identität geprüft haben")
	b.send("Identität bestätigen", map[string]string{"how": "card"})
	b.shows(200, "Ausweis gezeigt", "Was gespeichert ist")
}

// hinted lets a reader without an account say that something is wrong, and report
// it, with a mail address.
func (v *village) hinted(contact string) {
	v.t.Helper()
	e := v.event("Sommerfest")
	if err := v.Care.File(v.t.Context(), "0197c000-0000-7000-8000-000000000002", e.ID, "Beginnt um acht", contact); err != nil {
		v.t.Fatal(err)
	}
	if _, err := v.Moderation.FileNotice(v.t.Context(), moderation.Notice{Key: "0197c000-0000-7000-8000-000000000001", About: e.ID, Reason: "false", Text: "Falscher Ort", Contact: contact, Language: "de"}); err != nil {
		v.t.Fatal(err)
	}
}

// inquired lets somebody with a long address ask who is known to be the one, and
// answers somebody else.
func (v *village) inquired(about string) (id, answer string) {
	v.t.Helper()
	ctx, long := v.t.Context(), "donaudampfschifffahrtsgesellschaft.kapitaenin@verwaltung.beispiel.example.org"
	if err := v.Care.File(ctx, "0197c000-0000-7000-8000-000000000003", about, "Beginnt um acht", long); err != nil {
		v.t.Fatal(err)
	}
	enter := func(contact string) *inquiry.Request {
		r, err := v.Requests.Enter(ctx, "operator", inquiry.Draft{Contact: contact, Wanted: inquiry.Access, Channel: "letter", Words: "Sommerfest"})
		if err == nil {
			err = v.Requests.Check(ctx, "operator", r.ID, "card")
		}
		if err != nil {
			v.t.Fatal(err)
		}
		return r
	}
	answer, _, err := v.Requests.Answer(ctx, "operator", enter("wer@example.org").ID)
	if err != nil {
		v.t.Fatal(err)
	}
	return enter(long).ID, answer
}

// logged checks that the log says these things about requests, and not whose they were.
func (v *village) logged(name string, want ...string) {
	v.t.Helper()
	list, err := ledger.List(v.t.Context(), v.db.Read(), ledger.Filter{Of: "request", Limit: 20})
	if err != nil {
		v.t.Fatal(err)
	}
	var acts []string
	for _, e := range list {
		acts = append(acts, e.Act)
		if strings.Contains(e.Target+e.Detail, name) || e.AccountID != "" || e.ByAccount == "" {
			v.t.Errorf("the log says %+v", e)
		}
	}
	if slices.Reverse(acts); !slices.Equal(acts[len(acts)-len(want):], want) {
		v.t.Errorf("the log says %v", acts)
	}
}

// TestDataRequest: somebody with an account gets all that is kept, by a link that ends, and the log says who answered without the data.
func TestDataRequest(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		a, _ := v.lived()
		v.person("ada@example.org", account.Admin)
		b := v.signedIn("ada@example.org")
		v.person("ruth@example.org", account.Townhall)
		hall := v.signedIn("ruth@example.org")
		hall.open("/rathaus/auskunft")
		hall.send("Anfrage aufnehmen", map[string]string{"received": "1.1.2199"})
		hall.shows(422, "Bitte geben Sie eine Mailadresse, eine Adresse", "Bitte geben Sie einen Tag an, der schon war")
		hall.send("Anfrage aufnehmen", map[string]string{"contact": xaver, "received": "1.6.2026"})
		hall.shows(403) // he belongs to the town hall: only the administration sees what is kept of him
		b.asks(map[string]string{"contact": strings.ToUpper(xaver), "received": "1.6.2026"})
		b.shows(200, xaverName, "Anmeldungen (", "Was die Person bearbeitet hat", "Überfällig")
		request := b.path
		b.open("/rathaus")
		b.shows(200, "Auskunft (1)", xaver, "Überfällig seit Mi., 1. Juli")
		b.open(request)
		b.send("Als Datei mitgeben", nil)
		if files := unzip(t, []byte(b.page)); files["auskunft.html"] == "" || files["outbox.json"] == "" {
			t.Errorf("the file has %v", files)
		}
		b.open(request)
		b.send("Auskunft schicken", nil)
		b.shows(200, "Die Auskunft ist unterwegs")
		letter := v.Mail.Wait(t, xaver)
		for letter.Subject != "Ihre Auskunft ist da" { // others are on their way
			letter = v.Mail.Wait(t, xaver)
		}
		link := strings.TrimPrefix(letter.Link(t, v.Config.Origin+inquiry.LinkPath), v.Config.Origin)
		reader := v.browser()
		reader.open(link)
		reader.shows(200, "Ihre Auskunft")
		reader.hides(xaver, xaverName)
		reader.send("Alles herunterladen", nil)
		files := unzip(t, []byte(reader.page))
		var all map[string][]map[string]any
		if err := json.Unmarshal([]byte(files["auskunft.json"]), &all); err != nil {
			t.Fatal(err)
		}
		if len(all["account"]) != 1 || all["account"][0]["email"] != xaver || len(all["edits"]) == 0 || len(all["sessions"]) == 0 {
			t.Errorf("auskunft.json has %v", all)
		}
		for name, text := range files {
			for _, secret := range []string{"password_hash", "token_hash", "argon2", "epoch"} {
				if strings.Contains(text, secret) {
					t.Errorf("%s holds %s", name, secret)
				}
			}
		}
		if !strings.Contains(files["auskunft.html"], xaverName) || !strings.Contains(files["konto.json"], xaver) || files["outbox.json"] == "" {
			t.Errorf("the answer has %v", len(files))
		}
		v.logged("xaver", "request.enter", "request.check", "request.file", "request.answer")
		v.Requests.Clock = func() time.Time { return time.Now().Add(inquiry.LinkLife + time.Hour) }
		reader.open(link)
		reader.shows(410)
		if err := v.Requests.Sweep(t.Context()); err != nil {
			t.Fatal(err)
		}
		b.open("/rathaus/auskunft")
		b.shows(200, "Vergessen: Die Antwort ist abgeholt oder abgelaufen", "Auskunft gegeben")
		b.hides(xaver)
		if _, err := v.Accounts.Find(t.Context(), a.ID); err != nil {
			t.Errorf("asking removed him: %v", err)
		}
	})
}

// TestDataOfSomebodyWithoutAnAccount: who gave a hint and reported something is found by the address, which is put right and then forgotten.
func TestDataOfSomebodyWithoutAnAccount(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		v.hinted(berta)
		v.person("ruth@example.org", account.Townhall)
		b := v.signedIn("ruth@example.org")
		b.asks(map[string]string{"contact": berta, "wanted": "correction", "channel": "phone"})
		b.shows(200, "Meldungen (1)", "Hinweise auf Änderungen (1)", "Falscher Ort", "Beginnt um acht")
		b.open(b.path + "?tun=correct")
		b.send("Berichtigen", map[string]string{"email": "nichts"})
		b.shows(422, "Bitte geben Sie eine Mailadresse")
		b.send("Berichtigen", map[string]string{"email": "bertha@example.org"})
		b.shows(200, "Berichtigt")
		if letter := v.Mail.Wait(t, "bertha@example.org"); letter.Subject != "Ihre Daten sind berichtigt" {
			t.Errorf("the letter says %s", letter.Subject)
		}
		if left := v.places(berta); len(left) > 0 {
			t.Errorf("the old address stands in %v", left)
		}
		b.asks(map[string]string{"contact": "bertha@example.org", "wanted": "erasure"})
		b.open(b.path + "?tun=erase")
		b.shows(200, "Das bleibt, und darum", "Sicherungskopien")
		b.send("Endgültig löschen", map[string]string{"confirm": berta})
		b.shows(422, "Das ist nicht die Adresse der Anfrage")
		b.send("Endgültig löschen", map[string]string{"confirm": "Bertha@example.org"})
		b.shows(200, "Gelöscht")
		if letter := v.Mail.Wait(t, "bertha@example.org"); letter.Subject != "Ihre Daten sind gelöscht" {
			t.Errorf("the letter says %s", letter.Subject)
		}
		v.awaitNothing("bertha@example.org")
		if n := v.count("reports"); n != 1 {
			t.Errorf("%d reports: what others need is gone", n)
		}
		b.asks(map[string]string{"contact": "bertha@example.org"})
		b.shows(200, "nichts gespeichert")
		b.open(b.path + "?tun=refuse")
		b.send("Ablehnen", map[string]string{"reason": ""})
		b.shows(422, "Bitte geben Sie einen Grund")
		b.send("Ablehnen", map[string]string{"reason": "Wir wissen nicht, wer Sie sind."})
		b.shows(200, "Abgelehnt")
		if letter := v.Mail.Wait(t, "bertha@example.org"); !strings.Contains(letter.Text, "Wir wissen nicht") || !strings.Contains(letter.Text, "beschweren") {
			t.Errorf("the letter says %s", letter.Text)
		}
	})
}

// TestDataOfSomebodyElsewhere: what somebody wrote from another server is found by the address there and by the name, kept away and removed.
func TestDataOfSomebodyElsewhere(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		v.meet(lena)
		p := v.post("Wir danken Lena Lindgren")
		v.receive("%s", create("https://b.test/c/1", lena, note("https://b.test/n/1", lena, public, p.ID, "Apfelkuchen", "")))
		v.receive(`{"id":"https://b.test/f/1","type":"Follow","actor":"%s","object":"%s"}`, lena, v.club.ID)
		who, err := v.Actors.Find(t.Context(), v.db.Read(), lena)
		if err != nil {
			t.Fatal(err)
		}
		v.person("ruth@example.org", account.Townhall)
		b := v.signedIn("ruth@example.org")
		b.open("/rathaus/auskunft")
		b.send("Anfrage aufnehmen", map[string]string{"handle": "@niemand@b.test"})
		b.shows(422, "Unter dieser Adresse ist nichts gespeichert")
		b.asks(map[string]string{"handle": who.Handle(), "contact": "", "words": "lena lindgren", "wanted": "restriction"})
		b.shows(200, "Beiträge von dort (1)", "Apfelkuchen", "Wem die Person folgt (1)", "Wir danken Lena Lindgren")
		request := b.path
		b.open(request + "?tun=extend")
		b.send("Um zwei Monate verlängern", map[string]string{"reason": "Es ist viel."})
		b.shows(200, "Die Frist ist verlängert")
		b.hides("Frist verlängern")
		b.open(request + "?tun=restrict")
		b.send("Einschränken", nil)
		b.shows(200, "Eingeschränkt. Nichts davon wird gelöscht")
		reader := v.browser()
		later := func(d time.Duration) {
			v.Requests.Clock = func() time.Time { return time.Now().Add(d) }
			if err := v.Requests.Sweep(t.Context()); err != nil {
				t.Fatal(err)
			}
			reader.open(path(p.URL))
		}
		b.open("/rathaus/auskunft")
		b.shows(200, "Eingeschränkte Daten (1)")
		b.send("Einschränkung aufheben", nil)
		b.shows(200, "Die Einschränkung endet in einer Woche", "endet am")
		later(time.Hour)
		reader.hides("Apfelkuchen")
		b.open("/rathaus/auskunft")
		b.send("Doch eingeschränkt lassen", nil)
		b.shows(200, "Die Einschränkung bleibt")
		later(inquiry.FreeAfter + time.Hour)
		reader.hides("Apfelkuchen")
		v.Requests.Clock = nil
		b.open("/rathaus/auskunft")
		b.send("Einschränkung aufheben", nil)
		later(inquiry.FreeAfter + time.Hour)
		reader.shows(200, "Apfelkuchen")
		v.Requests.Clock = nil
		b.asks(map[string]string{"handle": who.Handle(), "wanted": "access"})
		b.send("Link erzeugen", nil)
		b.shows(200, "Geben Sie der Person diesen Link", "https://here.test/auskunft/")
		b.asks(map[string]string{"handle": who.Handle(), "wanted": "erasure"})
		b.open(b.path + "?tun=erase")
		b.send("Endgültig löschen", map[string]string{"confirm": strings.TrimPrefix(who.Handle(), "@")})
		b.shows(200, "Gelöscht")
		reader.open(path(p.URL))
		reader.hides("Apfelkuchen")
		if o, err := v.Objects.Stored(t.Context(), v.db.Read(), "https://b.test/n/1"); err != nil || !o.Tombstone() || o.Content != "" {
			t.Errorf("what she wrote is %+v, %v", o, err)
		}
	})
}

// TestRestrictedGetsNoRoundLetters: whoever's data is not used gets only what must come.
func TestRestrictedGetsNoRoundLetters(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		a := v.person("bert@example.org", account.Resident)
		r, err := v.Requests.Enter(t.Context(), "operator", inquiry.Draft{Contact: a.Email, Wanted: inquiry.Restriction, Channel: "counter"})
		if err != nil {
			t.Fatal(err)
		}
		if err := v.Requests.Restrict(t.Context(), "operator", r.ID); err == nil {
			t.Error("restricted for who knows whom")
		}
		if err := v.Requests.Check(t.Context(), "operator", r.ID, "known"); err != nil {
			t.Fatal(err)
		}
		if err := v.Requests.Restrict(t.Context(), "operator", r.ID); err != nil {
			t.Fatal(err)
		}
		send := func(cause, unsubscribe string) {
			t.Helper()
			err := v.db.Write(t.Context(), func(ctx context.Context, tx bun.Tx) error {
				return v.Town.Mail.Send(ctx, tx, mail.Letter{Cause: cause, To: a.Email, Lang: "de", Subject: cause, Text: []string{"Ein Brief."}, Unsubscribe: unsubscribe})
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		send("round", "https://here.test/abbestellen/x")
		send("must come", "")
		var came []string
		for range 2 {
			came = append(came, v.Mail.Wait(t, a.Email).Subject)
		}
		if slices.Sort(came); !slices.Equal(came, []string{"Ihre Daten sind eingeschränkt", "must come"}) {
			t.Errorf("came: %q", came)
		}
	})
}

// TestAnswersAreNotForOthers: without the token nothing comes, and five times a day is enough.
func TestAnswersAreNotForOthers(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		v.hinted(berta)
		r, err := v.Requests.Enter(t.Context(), "operator", inquiry.Draft{Contact: berta, Wanted: inquiry.Access, Channel: "mail"})
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := v.Requests.Answer(t.Context(), "operator", r.ID); err == nil {
			t.Error("answered to who knows whom")
		}
		if err := v.Requests.Check(t.Context(), "operator", r.ID, "answer"); err != nil {
			t.Fatal(err)
		}
		link, mailed, err := v.Requests.Answer(t.Context(), "operator", r.ID)
		if err != nil || !mailed {
			t.Fatal(mailed, err)
		}
		if _, _, err := v.Requests.Answer(t.Context(), "operator", r.ID); err == nil {
			t.Error("answered twice")
		}
		b := v.browser()
		for i := range 6 {
			w := httptest.NewRecorder()
			q := httptest.NewRequest("POST", link, strings.NewReader(url.Values{}.Encode()))
			q.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			q.Header.Set("Sec-Fetch-Site", "same-origin")
			b.h.ServeHTTP(w, q)
			if want := 200; i < 5 && w.Code != want || i == 5 && w.Code != 429 {
				t.Errorf("download %d: %d", i+1, w.Code)
			}
			if i == 0 && !bytes.Contains([]byte(unzip(t, w.Body.Bytes())["auskunft.html"]), []byte("Falscher Ort")) {
				t.Error("the answer has not what she reported")
			}
		}
	})
}

// TestErasedAllOrNothing: what breaks while somebody is deleted leaves all as it
// was; asked again it is done, and a request of who leaves alone is not left open.
func TestErasedAllOrNothing(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		ctx := t.Context()
		v.meet(lena)
		who, err := v.Actors.Find(ctx, v.db.Read(), lena)
		if err != nil {
			t.Fatal(err)
		}
		a := v.person("bert@example.org", account.Resident)
		enter := func(d inquiry.Draft) *inquiry.Request {
			t.Helper()
			d.Channel = "counter"
			r, err := v.Requests.Enter(ctx, "operator", d)
			if err == nil {
				err = v.Requests.Check(ctx, "operator", r.ID, "card")
			}
			if err != nil {
				t.Fatal(err)
			}
			return r
		}
		r := enter(inquiry.Draft{Contact: a.Email, Handle: who.Handle(), Wanted: inquiry.Erasure})
		forget := v.Requests.Person.ForgetActor
		v.Requests.Person.ForgetActor = func(context.Context, bun.Tx, string) error { return errors.New("broken off") }
		if err := v.Requests.Erase(ctx, "operator", r.ID); err == nil {
			t.Fatal("nothing broke")
		}
		if _, err := v.Accounts.Find(ctx, a.ID); err != nil {
			t.Errorf("half of it is done: %v", err)
		}
		if r, err = v.Requests.Find(ctx, "operator", r.ID); err != nil || !r.Open() || r.Contact != a.Email || r.AccountID != a.ID {
			t.Errorf("%+v, %v", r, err)
		}
		v.Requests.Person.ForgetActor = forget
		if err := v.Requests.Erase(ctx, "operator", r.ID); err != nil {
			t.Fatal(err)
		}
		if _, err := v.Accounts.Find(ctx, a.ID); err == nil {
			t.Error("the account is there")
		}
		if r, err = v.Requests.Find(ctx, "operator", r.ID); err != nil || r.Outcome != inquiry.Erased || r.Contact+r.AccountID+r.ActorID != "" {
			t.Errorf("%+v, %v", r, err)
		}
		cora := v.person("cora@example.org", account.Resident)
		r = enter(inquiry.Draft{Contact: cora.Email, Wanted: inquiry.Access})
		if _, _, err := v.RemovePerson(ctx, cora.ID, cora.ID); err != nil {
			t.Fatal(err)
		}
		if r, err = v.Requests.Find(ctx, "operator", r.ID); err != nil || r.Open() {
			t.Errorf("there is nobody whom it is about: %+v, %v", r, err)
		}
	})
}

// TestCorrectedAllOrNothing: the form has what holds now, asks who presses to show
// it once more, says what is wrong at its field, and changes all or nothing.
func TestCorrectedAllOrNothing(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		ctx := t.Context()
		v.person("ruth@example.org", account.Townhall)
		v.person("otto@example.org", account.Resident)
		a := v.person("bert@example.org", account.Resident)
		b := v.signedIn("ruth@example.org")
		b.open("/rathaus/auskunft")
		f := b.formWith("Anfrage aufnehmen")
		f.values.Set("contact", a.Email)
		f.values.Set("wanted", "correction")
		f.values.Set("channel", "phone")
		b.post(f)
		b.post(f) // pressed twice
		if n := v.count("data_requests"); n != 1 {
			t.Errorf("%d requests of one form", n)
		}
		b.send("Identität bestätigen", map[string]string{"how": "known"})
		request := b.path
		if err := v.Accounts.SetAddress(ctx, "operator", a.ID, "neu@example.org"); err != nil {
			t.Fatal(err)
		}
		b.open(request + "?tun=correct")
		b.shows(200, "neu@example.org")
		b.send("Berichtigen", map[string]string{"name": "Bert Berg", "email": "otto@example.org"})
		b.shows(422, "gehört zu einem anderen Konto")
		if now, err := v.Accounts.Find(ctx, a.ID); err != nil || now.Name == "Bert Berg" {
			t.Errorf("half of it is done: %+v, %v", now, err)
		}
		b.send("Berichtigen", map[string]string{"name": "Bert Berg", "email": "Berg@Example.org"})
		b.shows(200, "Berichtigt")
		if now, err := v.Accounts.Find(ctx, a.ID); err != nil || now.Name != "Bert Berg" || now.Email != "berg@example.org" {
			t.Errorf("%+v, %v", now, err)
		}
	})
}

// TestRestrictedIsKept: what is not used is not forgotten on its day either.
func TestRestrictedIsKept(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		ctx := t.Context()
		v.hinted(berta)
		v.set("UPDATE hints SET received = ?", time.Now().AddDate(-9, 0, 0).UTC())
		v.set("UPDATE reports SET closed = ?", time.Now().AddDate(-9, 0, 0).UTC())
		r, err := v.Requests.Enter(ctx, "operator", inquiry.Draft{Contact: berta, Wanted: inquiry.Restriction, Channel: "letter"})
		if err == nil {
			err = v.Requests.Check(ctx, "operator", r.ID, "card")
		}
		if err == nil {
			err = v.Requests.Restrict(ctx, "operator", r.ID)
		}
		if err != nil {
			t.Fatal(err)
		}
		kept := func(want int) {
			t.Helper()
			if err := errors.Join(v.forgetAll(ctx), v.Care.Sweep(ctx), v.Objects.ForgetForeign(ctx, time.Now().AddDate(-1, 0, 0))); err != nil {
				t.Fatal(err)
			}
			if h, r := v.count("hints"), v.count("reports"); h != want || r != want {
				t.Errorf("%d hints and %d reports, want %d", h, r, want)
			}
		}
		kept(1)
		v.set("DELETE FROM restrictions")
		kept(0)
	})
}
