package app

import (
	"context"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/account"
	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/care"
	"codeberg.org/aushang/aushang/internal/club"
	"codeberg.org/aushang/aushang/internal/config"
	"codeberg.org/aushang/aushang/internal/event"
	"codeberg.org/aushang/aushang/internal/notification"
	"codeberg.org/aushang/aushang/internal/object"
	"codeberg.org/aushang/aushang/internal/page"
	"codeberg.org/aushang/aushang/internal/post"
	"codeberg.org/aushang/aushang/internal/upkeep"
)

// clock is the time by which a village looks after its entries.
type clock struct {
	*village
	at time.Time
}

// clocked begins to look after entries, now.
func (v *village) clocked() *clock {
	v.t.Helper()
	c := &clock{v, time.Now().UTC().Truncate(time.Second)}
	v.Care.SetClock(func() time.Time { return c.at })
	c.pass(0)
	return c
}

// pass lets days pass, and each day the job look for what is due.
func (c *clock) pass(days int) {
	c.t.Helper()
	for i := 0; ; i++ {
		if err := c.keepTrue(c.t.Context(), c.at); err != nil {
			c.t.Fatal(err)
		}
		if i == days {
			return
		}
		c.at = c.at.Add(24 * time.Hour)
	}
}

// until lets days pass until a letter with this subject has reached somebody,
// and gives how many that took.
func (c *clock) until(to, subject string, most int) (days int) {
	c.t.Helper()
	for ; days <= most; days++ {
		list := c.delivered(to)
		if len(list) > 0 && list[len(list)-1].Subject == subject {
			return days
		}
		c.pass(1)
	}
	c.t.Fatalf("no letter %q in %d days", subject, most)
	return 0
}

// fest announces an event that is far away, so that a moved clock does not pass it.
func (v *village) fest(name string) *event.Event {
	v.t.Helper()
	e, err := v.Events.Create(v.t.Context(), actor.Operator, event.Draft{AttributedTo: v.club.ID, Name: name, Start: time.Now().AddDate(0, 14, 0).Format("2006-01-02") + "T19:00"})
	if err != nil {
		v.t.Fatal(err)
	}
	return e
}

// listed are the lists in which an event of the club stands.
func (v *village) listed(id, name string) map[string]bool {
	v.t.Helper()
	key := actor.Key(v.club.ID)
	shown := map[string]bool{}
	for path, accept := range map[string]string{
		"/vereine/tsv": html, "/": html, "/vereine/tsv/kalender.ics": html, "/veranstaltungen/feed.atom": html, "/vereine/tsv/feed.atom": html, "/sitemap-veranstaltungen.xml": html,
		"/suche?q=" + strings.ToLower(name): html, "/ap/actors/" + key + "/events?page=true": as2,
	} {
		body := v.get(path, accept).Body.String()
		shown[path] = strings.Contains(body, actor.Key(id))
	}
	return shown
}

// TestCareLadder: letters, greyed, left out, and back by one click. The clock is
// moved.
func TestCareLadder(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		v.person("anna@example.org", account.Editor, "tsv")
		never := v.person("nie@example.org", account.Editor, "tsv")
		if err := v.Notifications.Choose(t.Context(), never.ID, notification.Choices{notification.Care: notification.Never}); err != nil {
			t.Fatal(err)
		}
		e, over := v.fest("Sommerfest"), v.event("Vorbei")
		past := time.Now().AddDate(0, 0, -3)
		if _, err := v.db.Pool().ExecContext(t.Context(), "UPDATE events SET start_time = '"+past.Format("2006-01-02 15:04:05")+"+00:00', end_time = NULL WHERE object_id = '"+over.ID+"'"); err != nil {
			t.Fatal(err)
		}
		reader := v.browser()
		reader.open(path(e.URL))
		reader.shows(200, "Geprüft am", "Änderung melden")
		reader.hides("Länger nicht geprüft")

		if err := v.Care.SetRules(t.Context(), actor.Operator, care.Rules{"club": 0}); err != nil {
			t.Fatal(err)
		}
		c := v.clocked()
		c.pass(89)
		if got := len(v.delivered("anna@example.org")); got != 0 {
			t.Fatalf("%d letters too early", got)
		}
		if days := c.until("anna@example.org", "Stimmt das noch?", 8); c.at.Weekday() != time.Monday && days > 8 {
			t.Errorf("it came after %d days", days)
		}
		first := v.delivered("anna@example.org")[0]
		v.said(first, "einen Eintrag", "Veranstaltung „Sommerfest“ (TSV)", "Gelöscht wird nichts")
		if strings.Contains(first.Text, "Vorbei") || first.Header.Get("List-Unsubscribe") == "" {
			t.Errorf("%s", first.Text)
		}
		for _, subject := range []string{"Erinnerung: Stimmt das noch?", "Letzte Erinnerung: Stimmt das noch?"} {
			if days := c.until("anna@example.org", subject, 15); days != 14 {
				t.Errorf("%s after %d days", subject, days)
			}
		}
		c.pass(6)
		reader.open("/vereine/tsv")
		reader.shows(200, "Sommerfest")
		reader.hides("Länger nicht geprüft")
		c.pass(1)
		for name, shown := range v.listed(e.ID, e.Name) {
			if !shown {
				t.Errorf("greyed, it is missing in %s", name)
			}
		}
		reader.open("/vereine/tsv")
		reader.shows(200, "Sommerfest", "Länger nicht geprüft")
		reader.open(path(e.URL))
		reader.shows(200, "Länger nicht geprüft", "Fragen Sie bitte nach")
		c.pass(30)
		for name, shown := range v.listed(e.ID, e.Name) {
			if shown {
				t.Errorf("left out of lists, it stands in %s", name)
			}
		}
		reader.open(path(e.URL))
		reader.shows(200, "Sommerfest", "Darum steht es in keiner Liste mehr")
		if !strings.Contains(reader.page, "noindex") {
			t.Error("search engines list it")
		}
		c.pass(30)
		if got := len(v.delivered("anna@example.org")); got != 3 {
			t.Errorf("%d letters", got)
		}
		if got := len(v.delivered("nie@example.org")); got != 0 {
			t.Errorf("who wants none gets %d", got)
		}
		c.confirmByLink(e, never.ID)
	})
}

// confirmByLink confirms an event by the link of the last letter, without
// signing in. Opening it does nothing, and it ends.
func (c *clock) confirmByLink(e *event.Event, other string) {
	v, t := c.village, c.t
	t.Helper()
	link := path(v.delivered("anna@example.org")[2].Link(t, "https://here.test/pflege/"))
	mailed := v.browser()
	mailed.open(link)
	mailed.shows(410, "älter als 60 Tage")
	c.at = c.at.Add(-20 * 24 * time.Hour)
	mailed.open(link)
	mailed.shows(200, "Stimmt das noch?", "Sommerfest", "In keiner Liste", "Ändern", "Löschen")
	if v.listed(e.ID, e.Name)["/vereine/tsv"] {
		t.Error("whoever opens the link confirms")
	}
	mailed.send("Stimmt noch", nil)
	mailed.shows(200, "gilt als geprüft", "Alles ist geprüft")
	for name, shown := range v.listed(e.ID, e.Name) {
		if !shown {
			t.Errorf("confirmed, it is missing in %s", name)
		}
	}
	for _, forged := range []string{link + "x", page.CarePath + "/..", page.CarePath + "/" + other} {
		if w := v.browser().ask("POST", forged, html, url.Values{"act": {"all"}}); w.Code != http.StatusGone && w.Code != http.StatusNotFound {
			t.Errorf("%s: %d", forged, w.Code)
		}
	}
}

// TestCareOfSeveral: one letter for each person with all that is stale; a change
// is as good as a word; what nobody can be told of is not greyed.
func TestCareOfSeveral(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		v.second()
		v.person("anna@example.org", account.Editor, "tsv")
		if err := v.Clubs.AddEditor(t.Context(), actor.Operator, "tsv", v.find("anna@example.org"), actor.Owner); err != nil {
			t.Fatal(err)
		}
		changed, stays := v.post("Wer hat den Schlüssel?"), v.post("Turnschuhe gefunden")
		c := v.clocked()
		c.pass(179)
		c.until("anna@example.org", "Stimmt das noch?", 10)
		letters := v.delivered("anna@example.org")
		if len(letters) != 1 {
			t.Fatalf("%d letters", len(letters))
		}
		v.said(letters[0], "3 Einträge", "Profil „TSV“", "Aushang an der Pinnwand „Wer hat den Schlüssel?“", "Turnschuhe gefunden")
		if strings.Contains(letters[0].Text, "Chor") {
			t.Error("it names what another club cares for")
		}
		b := v.signedIn("anna@example.org")
		b.open("/pflege")
		b.shows(200, "Alles stimmt noch", "TSV", "Turnschuhe gefunden")
		c.pass(100)
		for id, want := range map[string]int{changed.ID: care.Hidden, stays.ID: care.Hidden, v.club.ID: care.Hidden} {
			table := "objects"
			if id == v.club.ID {
				table = "actors"
			}
			if v.count(table, "stale = 2", "id = '"+id+"'") != 1 {
				t.Errorf("%s is not at level %d", id, want)
			}
		}
		if v.count("actors", "stale > 0") != 1 {
			t.Error("a club is greyed whose editors nobody told, since there are none")
		}
		reader := v.browser()
		reader.open("/vereine")
		reader.shows(200, "Chor")
		reader.hides("TSV")
		reader.open("/vereine/tsv")
		reader.shows(200, "TSV", "in keiner Liste mehr")
		if _, err := v.Posts.Change(t.Context(), actor.Operator, changed.ID, post.Change{Text: "Der Schlüssel ist da"}); err != nil {
			t.Fatal(err)
		}
		r := v.read()
		if w := r.get("/pinnwand", html); !strings.Contains(w.Body.String(), "Der Schlüssel ist da") || strings.Contains(w.Body.String(), "Turnschuhe") {
			t.Errorf("the board shows %s", w.Body)
		}
		b.open("/pflege")
		b.send("Alles stimmt noch", nil)
		b.shows(200, "Alle Einträge gelten als geprüft", "Alles ist geprüft")
		if w := r.get("/pinnwand", html); !strings.Contains(w.Body.String(), "Turnschuhe") {
			t.Error("what was prepared is shown though it changed")
		}
		reader.open("/vereine")
		reader.shows(200, "Chor", "TSV")
	})
}

// TestReportChange: a reader reports, an editor hears of it, and when nobody
// answers the town hall does.
func TestReportChange(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		v.person("ruth@example.org", account.Townhall)
		v.person("anna@example.org", account.Editor, "tsv")
		p := v.post("Training um 17 Uhr")
		v.marked()
		c := v.clocked()
		reader := v.browser()
		for _, of := range []string{path(p.URL), "/vereine/tsv", path(v.fest("Sommerfest").URL)} {
			reader.open(of)
			reader.shows(200, "Änderung melden")
		}
		reader.open(page.HintHref(p.ID))
		reader.shows(200, "Training um 17 Uhr", "Was hat sich geändert?")
		reader.send("Änderung melden", map[string]string{"contact": "0171 23"})
		reader.shows(422, "ein Satz genügt", "0171 23")
		reader.send("Änderung melden", map[string]string{"what": "Es ist um 18 Uhr"}) // at once
		reader.shows(422, "noch einmal ab", "Es ist um 18 Uhr")
		f := reader.formWith("Änderung melden")
		v.passed("hint form", &f)
		f.values.Set("what", "Es ist um 18 Uhr")
		trapped := form{f.action, url.Values{}}
		for name, values := range f.values {
			trapped.values[name] = values
		}
		trapped.values.Set(page.Trap, "https://pillen.test")
		reader.post(trapped)
		reader.shows(422, "noch einmal ab")
		reader.post(f)
		reader.shows(200, "Danke für Ihre Meldung", "7 Tage")
		reader.post(f) // a second click
		if n := v.count("hints"); n != 1 {
			t.Fatalf("%d hints", n)
		}
		v.tells(soon())
		v.said(v.Mail.Wait(t, "anna@example.org"), "Jemand meldet, dass sich etwas geändert hat", "https://here.test/pflege")
		if list := v.delivered("ruth@example.org"); len(list) != 0 {
			t.Errorf("the town hall is told at once: %v", list)
		}
		b, ruth := v.signedIn("anna@example.org"), v.signedIn("ruth@example.org")
		b.open("/neues")
		b.shows(200, "Jemand meldet, dass sich etwas geändert hat")
		ruth.open("/rathaus/pflege")
		ruth.hides("18 Uhr")
		c.pass(7)
		ruth.open("/rathaus/pflege")
		ruth.shows(200, "Gemeldet und nicht beantwortet", "Es ist um 18 Uhr", "0171 23")
		v.tells(c.at.Add(time.Minute))
		v.said(v.Mail.Wait(t, "ruth@example.org"), "nicht geantwortet")
		b.open("/pflege")
		b.shows(200, "Es ist um 18 Uhr", "0171 23")
		b.send("Erledigt", nil)
		b.shows(200, "Danke fürs Nachsehen")
		b.hides("18 Uhr")
		ruth.open("/rathaus/pflege")
		ruth.hides("18 Uhr")
		if v.count("hints", "contact <> ''") != 0 {
			t.Error("whom to ask is kept")
		}
		c.pass(31)
		if v.count("hints") != 0 {
			t.Error("it is kept for ever")
		}
		for id, code := range map[string]int{"https://here.test/ap/objects/none": 404, "": 404, "https://b.test/n/1": 404} {
			reader.open(page.HintHref(id))
			reader.shows(code)
		}
		for i := range 6 {
			reader.open(page.HintHref(p.ID))
			f := reader.formWith("Änderung melden")
			v.passed("hint form", &f)
			f.values.Set("what", "Noch etwas")
			if reader.post(f); i == 5 {
				reader.shows(429, "Noch etwas", "Bitte warten Sie eine Stunde")
			}
		}
	})
}

// TestCareOfTheTownHall: the list, and what is done in it.
func TestCareOfTheTownHall(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		v.person("ruth@example.org", account.Townhall)
		v.person("anna@example.org", account.Editor, "tsv")
		other := v.person("otto@example.org", account.Editor)
		v.second()
		e := v.fest("Sommerfest")
		ruth := v.signedIn("ruth@example.org")
		ruth.open("/rathaus/pflege")
		ruth.shows(200, "Alles ist geprüft")
		ruth.open("/rathaus/pflege/regeln")
		ruth.send("Speichern", map[string]string{"event": "bald", "grey": "0"})
		ruth.shows(422, "zwischen 0 und 3650", "zwischen 1 und 3650")
		ruth.send("Speichern", map[string]string{"event": "10", "grey": "5", "club": "0"})
		ruth.shows(200, "Die Fristen sind gespeichert")
		c := v.clocked()
		c.at = c.at.Add(11 * 24 * time.Hour)
		ruth.open("/rathaus")
		ruth.shows(200, "1 Eintrag ist lange nicht geprüft")
		ruth.open("/rathaus/pflege")
		ruth.shows(200, "Sommerfest", "Veranstaltung", "Zuständig: Anna editor", "An andere übergeben")
		ruth.send("Jetzt erinnern", nil)
		ruth.shows(200, "bekommen gleich eine Mail", "erste Mail am")
		v.said(v.Mail.Wait(t, "anna@example.org"), "Stimmt das noch?", "Sommerfest")
		ruth.send("Jetzt erinnern", nil)
		ruth.shows(200, "schon eine Mail bekommen")
		ruth.send("Aus Listen nehmen", nil)
		ruth.shows(200, "steht in keiner Liste mehr", "In keiner Liste")
		if v.listed(e.ID, e.Name)["/vereine/tsv"] {
			t.Error("it stands in lists")
		}
		ruth.send("Stimmt noch", nil)
		ruth.shows(200, "gilt als geprüft", "Alles ist geprüft")
		if !v.listed(e.ID, e.Name)["/vereine/tsv"] {
			t.Error("it is not back")
		}
		ruth.open("/rathaus/protokoll")
		ruth.shows(200, "Eintrag als geprüft bestätigt", "Eintrag aus den Listen genommen", "Fristen der Pflege geändert", "Verein an seine Einträge erinnert")
		// Others may do none of it.
		b := v.signedIn("otto@example.org")
		for act, thing := range map[string]string{"confirm": e.ID, "hint": "none"} {
			if w := b.ask("POST", "/pflege", html, url.Values{"act": {act}, "thing": {thing}, "hint": {thing}}); w.Code != 403 && w.Code != 404 {
				t.Errorf("%s of %s: %d", act, other.ID, w.Code)
			}
		}
		if err := v.Care.LeaveOut(t.Context(), other.ID, e.ID); err == nil {
			t.Error("an editor takes things out of lists")
		}
		if err := v.Caretaker.Remind(t.Context(), other.ID, v.club.ID); err == nil {
			t.Error("an editor reminds others")
		}
	})
}

// TestAgreementOnCare: an owner accepts it, and is asked again when it changes.
func TestAgreementOnCare(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		v.person("ruth@example.org", account.Townhall)
		v.person("anna@example.org", account.Editor)
		v.person("otto@example.org", account.Editor, "tsv")
		if err := v.Clubs.AddEditor(t.Context(), actor.Operator, "tsv", v.find("anna@example.org"), actor.Owner); err != nil {
			t.Fatal(err)
		}
		b, otto, ruth := v.signedIn("anna@example.org"), v.signedIn("otto@example.org"), v.signedIn("ruth@example.org")
		ruth.open("/rathaus/vereine")
		ruth.shows(200, "Der Vereinbarung noch nicht zugestimmt")
		for _, who := range []*browser{otto, ruth} {
			who.open("/vereine/tsv")
			who.hides("Ihre Zustimmung fehlt noch")
			if w := who.ask("POST", "/pflege", html, url.Values{"act": {"agree"}, "club": {v.club.ID}, "version": {"1970-01-01T00:00:00Z"}}); w.Code != 403 {
				t.Errorf("who is no owner: %d", w.Code)
			}
		}
		b.open("/vereine/tsv")
		b.shows(200, "Ihre Zustimmung fehlt noch")
		b.open("/datenpflege")
		b.shows(200, "Vereinbarung zur Datenpflege", "Ein Klick genügt")
		b.open("/pflege")
		old := b.formWith("Für diesen Verein zustimmen")
		b.send("Für diesen Verein zustimmen", nil)
		b.shows(200, "hat der Vereinbarung zugestimmt", "Zugestimmt am", "Anna editor")
		b.open("/vereine/tsv")
		b.hides("Ihre Zustimmung fehlt noch")
		ruth.open("/rathaus/vereine")
		ruth.shows(200, "Datenpflege zugestimmt am")
		ruth.open("/rathaus/seiten/datenpflege")
		ruth.send("Speichern", map[string]string{"text": "## Neu\n\nAlles wird anders."})
		ruth.open("/rathaus/vereine")
		ruth.shows(200, "Der Vereinbarung noch nicht zugestimmt")
		b.post(old)
		b.shows(200, "gerade geändert", "Noch nicht zugestimmt")
		b.send("Für diesen Verein zustimmen", nil)
		b.shows(200, "hat der Vereinbarung zugestimmt")
		if n := v.count("agreements"); n != 2 {
			t.Errorf("%d agreements are kept", n)
		}
	})
}

// TestCareWithoutMail: nothing is greyed of which nobody was told.
func TestCareWithoutMail(t *testing.T) {
	v := found(t, "sqlite:"+filepath.Join(t.TempDir(), "aushang.db"), func(c *config.Config) { c.SMTP = config.SMTP{} })
	v.person("ruth@example.org", account.Townhall)
	v.fest("Sommerfest")
	c := v.clocked()
	c.pass(300)
	if v.count("objects", "stale > 0")+v.count("care") != 0 {
		t.Error("it is greyed")
	}
	b := v.signedIn("ruth@example.org")
	b.open("/rathaus/pflege")
	b.shows(200, "verschickt keine Mails", "Sommerfest", "Niemand ist zuständig")
	b.hides("Jetzt erinnern")
}

// neglected makes a club of the owner that nobody has looked after for long, and
// gives the path of the link of a letter, of an event that is greyed and of a
// notice that is left out of lists.
func (v *village) neglected() (link, grey, hidden string) {
	v.t.Helper()
	ctx, t := v.t.Context(), v.t
	c, err := v.Clubs.Create(ctx, actor.Operator, club.Draft{Handle: "modellbahn", Name: "Modellbahnfreunde", Active: true})
	if err != nil {
		t.Fatal(err)
	}
	who := v.find(addressOf(owner))
	if err := v.Clubs.AddEditor(ctx, actor.Operator, "modellbahn", who, actor.Owner); err != nil {
		t.Fatal(err)
	}
	e, p := v.on(c.ID, "Tag der offenen Lokschuppentür", "2027-08-01T19:00", ""), v.pinned(c.ID, "Wir suchen Schienen der Spurweite H0.")
	long := time.Now().AddDate(-1, 0, 0)
	err = v.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		for table, id := range map[string]string{"objects": e.ID, "actors": c.ID} {
			if _, err := tx.NewUpdate().Table(table).Set("published = ?", long).Where("id = ?", id).Exec(ctx); err != nil {
				return err
			}
		}
		if _, err := tx.NewUpdate().Table("objects").Set("published = ?", long).Where("id = ?", p.ID).Exec(ctx); err != nil {
			return err
		}
		if err := v.Care.Took(ctx, tx, time.Now().AddDate(0, 0, -20), care.Greyed, []string{e.ID, c.ID}); err != nil {
			return err
		}
		return v.Care.Took(ctx, tx, time.Now().AddDate(0, 0, -3), care.LeftOut, []string{p.ID})
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := v.Care.File(ctx, page.NewKey(), e.ID, "Der Lokschuppen ist abgerissen.", "Frau Gleis, 0123 456"); err != nil {
		t.Fatal(err)
	}
	if _, err := v.db.Pool().ExecContext(ctx, "UPDATE hints SET received = '"+long.Format("2006-01-02 15:04:05")+"+00:00'"); err != nil {
		t.Fatal(err)
	}
	key, err := v.Caretaker.Key(ctx)
	if err != nil {
		t.Fatal(err)
	}
	return page.CarePath + "/" + upkeep.Token(key, who, time.Now().AddDate(0, 0, 9)), path(e.URL), path(p.URL)
}

// pinned publishes a notice of a club.
func (v *village) pinned(clubID, text string) *object.Object {
	v.t.Helper()
	p, err := v.Posts.Create(v.t.Context(), actor.Operator, post.Draft{AttributedTo: clubID, Text: text})
	if err != nil {
		v.t.Fatal(err)
	}
	return p
}

// careStates are what pages look like where nobody has looked after entries for
// long.
func (v *village) careStates() []shown {
	v.t.Helper()
	link, grey, hidden := v.neglected()
	return []shown{
		{Name: "care-own", Path: "/pflege", Who: "owner", Status: 200},
		{Name: "care-link", Path: link, Who: "nobody", Status: 200},
		{Name: "care-hall", Path: "/rathaus/pflege", Who: "hall", Status: 200},
		{Name: "care-club", Path: "/vereine/modellbahn", Who: "owner", Status: 200},
		{Name: "care-grey", Path: grey, Who: "nobody", Status: 200},
		{Name: "care-hidden", Path: hidden, Who: "nobody", Status: 200},
	}
}
