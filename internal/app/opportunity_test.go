package app

import (
	"encoding/json"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"codeberg.org/aushang/aushang/internal/account"
	"codeberg.org/aushang/aushang/internal/activity"
	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/club"
	"codeberg.org/aushang/aushang/internal/object"
	"codeberg.org/aushang/aushang/internal/opportunity"
)

// jobFields is what an editor types who looks for people that sell cake.
var jobFields = map[string]string{
	"club": "tsv", "name": "Kuchen verkaufen", "text": "Dreißig Bleche wollen *verkauft* werden.", "times": "once", "day": "11.7.2027", "from": "14 Uhr", "to": "17:00",
	"place": "Freibad", "places": "6", "effort": "1,5", "contact": "club",
}

// job publishes an opportunity that is flexible.
func (v *village) job(name string) *opportunity.Opportunity {
	v.t.Helper()
	return v.publishes(opportunity.Draft{Name: name, Text: "Bitte helfen Sie mit.", Times: opportunity.Flexible, Place: "Freibad", Places: "4"})
}

func (v *village) publishes(d opportunity.Draft) *opportunity.Opportunity {
	v.t.Helper()
	d.AttributedTo = v.club.ID
	o, err := v.Opportunities.Create(v.t.Context(), actor.Operator, d)
	if err != nil {
		v.t.Fatal(err)
	}
	return o
}

// wholeJob publishes one of which every field says something.
func (v *village) wholeJob() *opportunity.Opportunity {
	day := time.Now().In(v.Config.Location()).AddDate(0, 1, 0).Format("02.01.2006")
	lat, lon := 51.6923, 13.2345
	return v.publishes(opportunity.Draft{
		Name: "Vorlesen auf dem Sommerfest", Text: "Eine *Stunde* vorlesen, immer zu zweit.", Why: "Wer vorgelesen bekommt, liest.", Field: "youth", Times: opportunity.Once,
		Shifts: day + ", 14 bis 16 Uhr, 2, Lesezelt\n" + day + ", 16 bis 18 Uhr, 3", Effort: "2", Place: "Festwiese", Latitude: &lat, Longitude: &lon,
		MinimumAge: "16", MaximumAge: "99", ForYoung: true, ForGroups: true, Skills: "Geduld", Learn: "Erzählen", Languages: []string{"de", "uk"},
		Requirements: []string{"police", "hygiene"}, Requirement: "Ein Abend Einweisung.", Payer: "club", Expenses: "Fahrtkosten gegen Beleg",
		Rewards: []string{"certificate", "meals"}, Trial: "Eine Stunde zum Zuhören", Insurance: "Unfall und Haftpflicht", Accessibility: "stufenlos",
		Contact: opportunity.ForAll, ContactName: "Ina Muster", ContactEmail: "ina@here.test", ContactPhone: "03535 1234", ApplyLink: "https://school.test/lesen",
	})
}

func (v *village) cancelledJob() *opportunity.Opportunity {
	v.t.Helper()
	o := v.job("Zelt aufbauen")
	o, err := v.Opportunities.Cancel(v.t.Context(), actor.Operator, o.ID, "Das Zelt ist nass.")
	if err != nil {
		v.t.Fatal(err)
	}
	return o
}

// jobRows gives the rows of the pages about volunteering; path is that of an
// opportunity of the club.
func jobRows(path string) map[string]entry {
	rows := map[string]entry{
		"GET /ehrenamt": {open, "/ehrenamt", nil, 0}, "GET /ehrenamt/{key}": {open, path, nil, 0}, "GET /ehrenamt/{key}/aushang": {open, path + "/aushang", nil, 0},
		"GET /ehrenamt/{key}/kalender.ics": {open, path + "/kalender.ics", nil, 404}, // it has no day
		"GET /ehrenamt/angebote.jsonld":    {open, "/ehrenamt/angebote.jsonld", nil, 0}, "GET /ehrenamt/angebote.csv": {open, "/ehrenamt/angebote.csv", nil, 0},
		"GET /ehrenamt/neu": {ofAClub, "/ehrenamt/neu", nil, 0}, "POST /ehrenamt/neu": {class: ofTheClub, path: "/ehrenamt/neu"},
		"GET /ehrenamt/{key}/loeschen": {deletes, path + "/loeschen", nil, 0}, "POST /ehrenamt/{key}/loeschen": {class: deletes, path: path + "/loeschen"},
	}
	for _, act := range []string{"/aendern", "/absagen", "/besetzt", "/verlaengern"} {
		rows["GET /ehrenamt/{key}"+act], rows["POST /ehrenamt/{key}"+act] = entry{ofTheClub, path + act, nil, 0}, entry{class: ofTheClub, path: path + act}
	}
	return rows
}

// TestOpportunity: an editor looks for helpers, and readers find it everywhere.
func TestOpportunity(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		v.person("anna@example.org", account.Editor, "tsv")
		b, reader := v.signedIn("anna@example.org"), v.browser()
		b.open("/ehrenamt/neu?verein=tsv")
		b.shows(200, "Im Namen von", "Fünf Minuten genügen", "Schichten und Wochentage", "nur für Angenommene")
		b.send("Vorschau ansehen", jobFields)
		b.shows(200, "Vorschau", "Einmalig, 1,5 Stunden", "Helfende gesucht: Kuchen verkaufen", "HelfendeGesucht")
		if v.count("opportunities") != 0 {
			t.Fatal("a preview is published")
		}
		b.send("Veröffentlichen", nil)
		b.shows(200, "Ihr Eintrag ist veröffentlicht", "Sonntag, 11. Juli", "14 bis 17 Uhr", "6 Personen gesucht", "Einsatz übernehmen", "Voraussetzungen")
		page := b.path
		for _, at := range []string{page, "/ehrenamt", "/", "/vereine/tsv", "/suche?q=Kuchen", "/ehrenamt?verein=tsv", page + "/aushang", "/ehrenamt/feed.atom", "/ehrenamt/angebote.jsonld", "/ehrenamt/angebote.csv"} {
			if at == "/suche?q=Kuchen" {
				v.indexed()
			}
			reader.open(at)
			if reader.status != 200 || !strings.Contains(reader.text(), "Kuchen verkaufen") {
				t.Errorf("%s: %d does not show it", at, reader.status)
			}
			if strings.Contains(reader.page, "Anna") || strings.Contains(reader.page, "anna@example.org") {
				t.Errorf("%s says who wrote it", at)
			}
			if strings.Contains(reader.page, "0001-") || strings.Contains(reader.page, ">Jan.<") {
				t.Errorf("%s says a day that nobody named", at)
			}
		}
		reader.open(page + "/kalender.ics")
		reader.shows(200, "BEGIN:VEVENT", "DTSTART;TZID=Europe/Berlin:20270711T140000", "SUMMARY:Helfende gesucht: Kuchen verkaufen")
		reader.open("/pinnwand")
		reader.hides("Kuchen verkaufen")

		b.open(page + "/aendern")
		b.shows(200, "11.07.2027", "14:00", "1,5")
		b.send("Speichern", map[string]string{"shifts": "11.7.2027, 14 bis 15:30 Uhr, 2\n11.7.2027, 15:30 bis 17 Uhr, 2, Abwasch", "day": "", "from": "", "to": ""})
		b.shows(200, "Ihre Änderung ist veröffentlicht", "2 Schichten", "Abwasch", "4 Personen gesucht")
		b.open(page + "/besetzt")
		b.send("Besetzt melden", nil)
		b.shows(200, "Es haben sich genug Menschen gemeldet")
		reader.open("/ehrenamt")
		reader.hides("Kuchen verkaufen")
		b.open(page + "/besetzt")
		b.send("Wieder suchen", nil)
		reader.open("/ehrenamt")
		reader.shows(200, "Kuchen verkaufen", "1 Einsatz")

		b.open(page + "/absagen")
		b.send("Einsatz absagen", map[string]string{"reason": "Es regnet."})
		b.shows(200, "Es wird keine Hilfe mehr gebraucht", "Es regnet.")
		b.open(page + "/aendern")
		b.shows(200, "lässt sich nicht mehr ändern")
		if n, _ := v.sent(activity.Update); n != 4 {
			t.Errorf("%d updates were sent", n)
		}
		b.open(page + "/loeschen")
		b.send("Endgültig löschen", nil)
		reader.open(page)
		if reader.status != http.StatusGone {
			t.Errorf("what is deleted is answered with %d", reader.status)
		}
		if _, a := v.sent(activity.Delete); a.Object.Object.FormerType != "Note" {
			t.Errorf("a %s was deleted", a.Object.Object.FormerType)
		}
	})
}

// TestOpportunityDraft: what is kept as a draft has every field, and appears
// when it is due.
func TestOpportunityDraft(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		b, _ := v.editorOf("anna@example.org", "tsv")
		b.open("/ehrenamt/neu")
		b.send("Als Entwurf sichern", with(jobFields, "languages-uk", "1", "requirements-police", "1", "weekdays-mo", "1", "skills", "Kopfrechnen"))
		b.open("/ehrenamt/neu?entwurf=" + v.only())
		b.shows(200, "Kuchen verkaufen", "Kopfrechnen")
		for _, ticked := range []string{`name="languages-uk" value="1" checked`, `name="requirements-police" value="1" checked`} {
			if !strings.Contains(b.page, ticked) {
				t.Errorf("the draft lost %s", ticked)
			}
		}
		b.send("Veröffentlichen", nil)
		b.shows(200, "Ihr Eintrag ist veröffentlicht", "Ukrainisch", "erweitertes Führungszeugnis", "Kopfrechnen")
		if v.count("drafts") != 0 || v.count("opportunities") != 1 {
			t.Errorf("%d drafts, %d opportunities", v.count("drafts"), v.count("opportunities"))
		}
	})
}

// TestContactAsChosen: only whom all may read is shown to all.
func TestContactAsChosen(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		reader := v.browser()
		d := opportunity.Draft{Name: "Zelt aufbauen", Text: "Vier Hände.", Times: opportunity.Flexible, Place: "Festwiese", ContactName: "Ina Geheim", ContactEmail: "ina.geheim@here.test", ContactPhone: "03535 998877"}
		for contact, shown := range map[string]bool{opportunity.ByClub: false, opportunity.ForApplicants: false, opportunity.ForAll: true} {
			d.Contact = contact
			o := v.publishes(d)
			_, sent := v.sent(activity.Create)
			wire, err := json.Marshal(sent)
			if err != nil {
				t.Fatal(err)
			}
			for _, at := range []string{strings.TrimPrefix(o.URL, v.Config.Origin), "/ehrenamt/feed.json"} {
				reader.open(at)
				for _, word := range []string{"Ina Geheim", "ina.geheim@here.test", "03535 998877"} {
					if got := strings.Contains(reader.page, word); got != shown && (at != "/ehrenamt/feed.json" || got) {
						t.Errorf("%s: %s shows %s: %v", contact, at, word, got)
					}
					if got := strings.Contains(string(wire), word); got != shown {
						t.Errorf("%s: others are told %s: %v", contact, word, got)
					}
				}
			}
			if err := v.Activities.DeleteObject(t.Context(), actor.Operator, o.ID); err != nil {
				t.Fatal(err)
			}
		}
	})
}

// golden compares a document with the file of that name in testdata, in which
// ids and times have names of their own.
func golden(t *testing.T, name string, doc any, names map[string]string) {
	t.Helper()
	body, err := json.MarshalIndent(doc, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	text := string(body) + "\n"
	for id, stands := range names {
		text = strings.ReplaceAll(text, id, stands)
	}
	file := "testdata/" + name
	if os.Getenv("AUSHANG_GOLDEN") == "write" {
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil { //nolint:gosec // read by everybody
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if text != string(want) {
		t.Errorf("%s is now\n%s", name, text)
	}
}

// TestOpportunityCrosses: what one town sends, another shows with its full
// structure, changes and forgets.
func TestOpportunityCrosses(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		o := v.wholeJob()
		_, a := v.sent(activity.Create)
		day := o.StartTime.Format(time.DateOnly)
		golden(t, "create-opportunity.json", a, map[string]string{
			a.ID: "ACTIVITY", o.ID: "OBJECT", o.URL: "PAGE", v.club.ID: "CLUB", o.Shifts[0].ID: "SHIFT-1", o.Shifts[1].ID: "SHIFT-2", day: "DAY", strings.ToLower(o.StartTime.Weekday().String()): "WEEKDAY",
			a.Published.UTC().Format(time.RFC3339): "NOW", o.StartTime.Format("02.01.2006"): "DAY",
			a.Object.Object.Opportunity.StartTime.Format("-07:00"): "OFFSET", o.When("de"): "WHEN", o.Shifts[0].When("de"): "WHEN-1",
		})

		v.meet(lena)
		v.follows(lena)
		body, err := json.Marshal(a)
		if err != nil {
			t.Fatal(err)
		}
		elsewhere := strings.NewReplacer(v.club.ID+"/followers", lena+"/followers", v.club.ID, lena, v.Config.Origin, "https://b.test").Replace(string(body))
		sent := func(act, n string) string {
			text := strings.Replace(elsewhere, `"type":"Create"`, `"type":"`+act+`"`, 1)
			return strings.Replace(text, strings.Replace(a.ID, v.Config.Origin, "https://b.test", 1), "https://b.test/a/"+n, 1)
		}
		v.receive("%s", sent("Create", "1"))
		id := strings.Replace(o.ID, v.Config.Origin, "https://b.test", 1)
		got, err := v.Opportunities.Find(t.Context(), object.Viewer{}, id)
		if err != nil {
			t.Fatal(err)
		}
		want := o.Details
		want.ObjectID, want.Listed, want.StartTime, want.EndTime, want.Until = id, got.Listed, got.StartTime, got.EndTime, got.Until
		want.Latitude, want.Longitude, want.Places = got.Latitude, got.Longitude, 5
		if got.Details != want {
			t.Errorf("\n%+v is not\n%+v", got.Details, want)
		}
		if !got.StartTime.Equal(o.StartTime) || !got.EndTime.Equal(o.EndTime) || got.Until.Unix() != o.Until.Unix() || *got.Latitude != 51.6923 || *got.Longitude != 13.2345 {
			t.Errorf("%v to %v until %v", got.StartTime, got.EndTime, got.Until)
		}
		if got.Name != o.Name || got.Content != o.Content || opportunity.FormatShifts(got.Shifts) != opportunity.FormatShifts(o.Shifts) || got.Shifts[0].ID != opportunity.ShiftID(id, o.Shifts[0].ID) {
			t.Errorf("%q %q %s", got.Name, got.Content, opportunity.FormatShifts(got.Shifts))
		}
		if posts := v.count("posts", "object_id = '"+id+"'"); posts != 0 {
			t.Error("it is a post, too")
		}

		reader := v.browser()
		reader.open(got.Href())
		reader.shows(200, "Aus einer anderen Kommune: b.test", "Lesezelt", "Geduld", "Ein Abend Einweisung.", "Ina Muster", "erweitertes Führungszeugnis", "stufenlos", "5 Personen gesucht", "Unfall und Haftpflicht")
		reader.open("/ehrenamt")
		reader.shows(200, got.Name, "b.test") // with where it comes from

		elsewhere = strings.NewReplacer("Geduld", "Humor", `"published"`, `"updated":"`+time.Now().UTC().Add(time.Minute).Format(time.RFC3339)+`","published"`).Replace(elsewhere)
		v.receive("%s", sent("Update", "2"))
		if got, err = v.Opportunities.Find(t.Context(), object.Viewer{}, id); err != nil || got.Skills != "Humor" || len(got.Shifts) != 2 {
			t.Errorf("%+v, %v", got, err)
		}
		r := v.receive(`{"id":"https://b.test/a/3","type":"Delete","actor":"%s","object":"%s"}`, lena, id)
		if _, err := v.Opportunities.Find(t.Context(), object.Viewer{}, id); err == nil {
			t.Errorf("what was deleted there is shown here: %+v", r)
		}
	})
}

// TestForgedOpportunity: nobody changes what is another's, and what is no
// opportunity stays a Note.
func TestForgedOpportunity(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		o := v.wholeJob()
		v.meet(lena)
		v.follows(lena)
		forged := func(n, structure string) string {
			return `{"id":"https://b.test/a/` + n + `","type":"Create","actor":"` + lena + `","to":["https://www.w3.org/ns/activitystreams#Public"],"object":{"id":"https://b.test/o/` + n +
				`","type":"Note","attributedTo":"` + lena + `","to":["https://www.w3.org/ns/activitystreams#Public"],"content":"<p>Hilfe</p>","inReplyTo":null,` + structure + `}}`
		}
		v.receive("%s", forged("1", `"opportunity":{"type":"Opportunity","name":"Falsch","times":"once","shifts":[{"type":"Shift","id":"`+opportunity.ShiftID(o.ID, o.Shifts[0].ID)+`","startTime":"2027-07-11T10:00:00Z","endTime":"2027-07-11T12:00:00Z"}]}`))
		v.receive("%s", forged("2", `"opportunity":{"type":"Opportunity","name":"Frei","times":"never","cause":"gambling","languages":["de","xx"],"requirements":["wings"],"minimumAge":-3,"contact":{"type":"Contact","email":"nobody"},"applyLink":"javascript:alert(1)","shifts":[{"type":"Shift","id":"https://b.test/s/1","startTime":"2027-07-11T12:00:00Z","endTime":"2027-07-11T10:00:00Z"}]}`))
		again, err := v.Opportunities.Find(t.Context(), object.Viewer{}, o.ID)
		if err != nil || opportunity.FormatShifts(again.Shifts) != opportunity.FormatShifts(o.Shifts) {
			t.Errorf("the shifts of another were changed: %v", err)
		}
		got, err := v.Opportunities.Find(t.Context(), object.Viewer{}, "https://b.test/o/2")
		if err != nil {
			t.Fatal(err)
		}
		if got.Times != opportunity.Flexible || got.Field != "" || got.Languages != ",de," || got.Requirements != "" || got.MinimumAge != 0 || got.Contact != opportunity.ByClub || got.ApplyLink != "" || len(got.Shifts) != 0 {
			t.Errorf("%+v, %d shifts", got.Details, len(got.Shifts))
		}
		if n := v.count("opportunities", "object_id LIKE 'https://b.test/%'"); n != 2 {
			t.Errorf("%d are stored", n)
		}
	})
}

// TestOpportunityExpires: a moved clock asks to renew it, takes it from the
// lists, and one click brings it back.
func TestOpportunityExpires(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		v.person("anna@example.org", account.Editor, "tsv")
		o := v.job("Ratten zählen")
		at := time.Now().UTC().Truncate(time.Second)
		v.SetClock(func() time.Time { return at })
		run := func(days int) {
			t.Helper()
			at = at.AddDate(0, 0, days)
			for range 2 { // a job may run twice
				if err := v.expire(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
		}
		letters := func() (n int) {
			for _, m := range v.delivered("anna@example.org") {
				if strings.Contains(m.Subject, "Suchen Sie noch Helfende") {
					n++
				}
			}
			return n
		}
		find := func() *opportunity.Opportunity {
			t.Helper()
			o, err := v.Opportunities.Find(t.Context(), object.Viewer{}, o.ID)
			if err != nil {
				t.Fatal(err)
			}
			return o
		}
		run(160)
		if letters() != 0 {
			t.Error("it is asked too early")
		}
		run(10)
		if n := letters(); n != 1 {
			t.Errorf("%d letters ask", n)
		}
		b := v.signedIn("anna@example.org")
		page := strings.TrimPrefix(o.URL, v.Config.Origin)
		b.open(page + "/verlaengern") // as the letter leads
		b.send("Verlängern", nil)
		b.shows(200, "Der Eintrag ist verlängert")
		if until := find().Until; until.Before(at.AddDate(0, 0, 179)) {
			t.Errorf("it is renewed until %v", until)
		}
		run(20)
		if find().State != opportunity.Open {
			t.Error("what was renewed expired")
		}
		run(200)
		if find().State != opportunity.Expired {
			t.Error("it did not expire")
		}
		reader := v.browser()
		reader.open("/ehrenamt")
		reader.hides("Ratten zählen")
		reader.open(page)
		reader.shows(200, "Dieser Eintrag ist abgelaufen")
		n, a := v.sent(activity.Update)
		if n != 2 || a.Object.Object.Opportunity.State != opportunity.Expired || a.Object.Object.Publishes.AvailableQuantity.HasNumericalValue != "0" {
			t.Errorf("%d updates, the last says %+v", n, a.Object.Object.Publishes)
		}
		b.open(page)
		b.shows(200, "Suchen Sie noch?")
		b.send("Verlängern", nil)
		reader.open("/ehrenamt")
		reader.shows(200, "Ratten zählen")
	})
}

// TestEventAsksForHelpers: an event leads to the form, and both pages to each
// other; the relation crosses as context.
func TestEventAsksForHelpers(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		v.person("anna@example.org", account.Editor, "tsv")
		e := v.event("Sommerfest")
		b, reader := v.signedIn("anna@example.org"), v.browser()
		page := strings.TrimPrefix(e.URL, v.Config.Origin)
		b.open(page)
		b.shows(200, "Helfende suchen")
		b.open("/ehrenamt/neu?fuer=" + e.Key())
		b.shows(200, "Für Ihre Veranstaltung „Sommerfest“", e.StartTime.Format("02.01.2006"))
		b.send("Veröffentlichen", map[string]string{"name": "Zapfen und spülen", "text": "Im Festzelt.", "place": "Festzelt", "places": "3"})
		b.shows(200, "Ihr Eintrag ist veröffentlicht", "Dafür wird geholfen", "Sommerfest")
		reader.open(page)
		reader.shows(200, "Helfende gesucht", "Zapfen und spülen", "3 Personen gesucht")
		if _, a := v.sent(activity.Create); a.Object.Object.Conversation != e.ID {
			t.Errorf("the context is %q", a.Object.Object.Conversation)
		}
		other, err := v.Clubs.Create(t.Context(), actor.Operator, club.Draft{Handle: "chor", Name: "Chor", Active: true})
		if err != nil {
			t.Fatal(err)
		}
		_, err = v.Opportunities.Create(t.Context(), actor.Operator, opportunity.Draft{AttributedTo: other.ID, Name: "x", Text: "x", Times: opportunity.Flexible, Place: "x", Context: e.ID})
		if err == nil {
			t.Error("a club asks for help at the event of another")
		}
	})
}

// TestOpportunityIsCaredFor: it is among what must be confirmed now and then.
func TestOpportunityIsCaredFor(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		o := v.job("Ratten zählen")
		list, err := v.Care.List(t.Context(), time.Now().AddDate(0, 0, 179), nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, thing := range list {
			if thing.ID == o.ID {
				t.Error("it is stale too early")
			}
		}
		thing, err := v.Care.Find(t.Context(), o.ID)
		if err != nil || thing.Kind != "opportunity" || thing.Title != "Ratten zählen" {
			t.Errorf("%+v, %v", thing, err)
		}
	})
}
