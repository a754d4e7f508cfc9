package app

import (
	"context"
	"strings"
	"time"

	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/club"
	"codeberg.org/aushang/aushang/internal/event"
	"codeberg.org/aushang/aushang/internal/gazetteer"
	"codeberg.org/aushang/aushang/internal/opportunity"
	"codeberg.org/aushang/aushang/internal/post"
	"codeberg.org/aushang/aushang/internal/town"
)

// sampleClub is a club of the sample village with what it publishes. Events
// are so many days from now, so that a trial always has something to come.
type sampleClub struct {
	handle, name, field, website, summary string
	events                                []sampleEvent
	posts                                 []samplePost
}

type samplePost struct{ kind, text string }

type sampleEvent struct {
	name, place, text string
	category          string
	day               int
	// start and end are times of day, "" for a whole day.
	start, end string
	cancelled  string // why, when it is
}

// samples is the village, in German as it would be.
var samples = []sampleClub{
	{
		"tsv", "TSV 1907", "sport", "https://tsv1907.example/", "Turnen, Fußball, Wandern: rund **420 Mitglieder** von 4 bis 86 Jahren. Schnuppern ist jederzeit möglich.",
		[]sampleEvent{
			{"Sommerfest auf dem Sportplatz", "Sportplatz am Mühlbach", "Spiele für Kinder, *Kaffee und Kuchen*, abends Musik. Bitte eigenes Geschirr mitbringen.", "festival", 9, "15:00", "22:00", ""},
			{"Wanderung zur Burgruine", "Treffpunkt Marktplatz", "Etwa 12 km, für Geübte. Einkehr unterwegs.", "nature", 23, "09:30", "", ""},
			{"Altpapiersammlung", "im ganzen Ort", "Bitte gebündelt bis 8 Uhr an die Straße stellen.", "volunteering", 16, "", "", "Der Abfuhrbetrieb hat keinen Wagen frei; neuer Termin folgt."},
		},
		[]samplePost{{post.Wanted, "**Trainer gesucht** für die E-Jugend, dienstags 17 Uhr. Vorkenntnisse braucht es keine, Freude am Ball schon.\n\nMelden unter: sport@tsv.example"}},
	},
	{
		"feuerwehr", "Freiwillige Feuerwehr", "rescue", "", "Wir löschen, retten und feiern. Übung ist jeden Montag um 19 Uhr am Gerätehaus.",
		[]sampleEvent{{"Tag der offenen Tür", "Gerätehaus, Lindenstraße 4", "Fahrzeugschau, Löschübung mit der Jugendfeuerwehr, Erbsensuppe.", "family", 12, "10:00", "17:00", ""}},
		[]samplePost{{post.Announcement, "Am Samstag um 11 Uhr heulen die Sirenen: Das ist nur die **Probe**."}},
	},
	{
		"chor", "Gesangverein Harmonie", "music", "https://harmonie.example/", "Gemischter Chor, von Schubert bis Queen. Neue Stimmen sind willkommen, besonders tiefe.",
		[]sampleEvent{{"Abendserenade", "Pfarrgarten", "Bei Regen in der Kirche. Eintritt frei, Spenden für die Orgel.", "music", 5, "19:30", "21:00", ""}},
		[]samplePost{{post.Offer, "Wir verschenken **60 Notenständer**, etwas wackelig, aber treu. Abholen: mittwochs vor der Probe."}},
	},
	{
		"gemeinschaftsgarten", "Gemeinschaftsgarten am Bahndamm", "nature", "", "Gemüse für alle, die mit anpacken. Beete, Bienen und eine sehr alte Bank.",
		[]sampleEvent{{"Pflanzentauschbörse", "Garten am Bahndamm", "Bringt mit, was zu viel ist, und nehmt mit, was fehlt.", "nature", 3, "", "", ""}},
		[]samplePost{{post.Offer, "Die Tomaten haben es dieses Jahr übertrieben. **Wer holt welche ab?** Körbe stehen am Tor."}},
	},
	{
		"flickwerk", "Reparaturcafé Flickwerk", "social", "", "Toaster, Hosen, Fahrräder: Wir reparieren gemeinsam statt wegzuwerfen.",
		[]sampleEvent{{"Reparaturcafé", "Altes Rathaus, Erdgeschoss", "Ohne Anmeldung. Bitte ein Gerät pro Person, damit alle drankommen.", "volunteering", 6, "14:00", "17:00", ""}},
		[]samplePost{{post.Help, "Wer bringt Frau Lehmann ihr Radio nach Hause? Es spielt wieder, und sie wohnt im dritten Stock der Lindenstraße."}},
	},
}

// sampleLook is what the sample village says of itself. Its name stays that of
// the configuration.
var sampleLook = town.Draft{
	Contact: "Gemeinde Musterdorf\nDorfplatz 1, 12345 Musterdorf\nAnsprechpartnerin für Vereine: Frau Noack\nTelefon: 01234 567-0\nE-Mail: rathaus@musterdorf.example",
}

// sampleFacts are what its legal pages are made of. Nobody real is named.
var sampleFacts = town.Facts{
	"impressum.name": "Gemeinde Musterdorf", "impressum.address": "Dorfplatz 1\n12345 Musterdorf", "impressum.represented": "Bürgermeisterin Erika Muster",
	"impressum.mail": "rathaus@musterdorf.example", "impressum.phone": "01234 567-0", "impressum.editor": "Nora Noack\nDorfplatz 1, 12345 Musterdorf",
	"datenschutz.land": "BB", "datenschutz.officer": "Datenschutz im Amt Musterland\nMusterstraße 1, 12345 Musterstadt\ndatenschutz@musterland.example",
	"datenschutz.hosting": "Rechenzentrum Musterland\nEs protokolliert Netzadressen sieben Tage lang.", "datenschutz.authority": "Datenschutzaufsicht Musterland\nMusterstraße 3, 12345 Musterstadt",
	"barrierefreiheit.conformity": "partial", "barrierefreiheit.assessed": "2026-11-02", "barrierefreiheit.method": "self",
	"barrierefreiheit.enforcement": "Durchsetzungsstelle für digitale Barrierefreiheit\nMusterstraße 2, 12345 Musterstadt\nE-Mail: durchsetzung@musterland.example",
}

// village makes the sample village and gives the number of its clubs.
func (t *Town) village(ctx context.Context) (int, error) {
	if err := t.Settings.Change(ctx, actor.Operator, sampleLook); err != nil {
		return 0, err
	}
	if err := t.Settings.SetFacts(ctx, actor.Operator, sampleFacts, time.Time{}); err != nil {
		return 0, err
	}
	if err := t.Places.SetHome(ctx, actor.Operator, gazetteer.Home{Name: "Musterdorf", Latitude: 51.69, Longitude: 13.22}); err != nil {
		return 0, err
	}
	for i, s := range samples {
		c, err := t.Clubs.Create(ctx, actor.Operator, club.Draft{
			Handle: s.handle, Name: s.name, Field: s.field, Website: s.website, Summary: s.summary, Active: true,
		})
		if err != nil {
			return i, err
		}
		for _, e := range s.events {
			if err := t.sampleEvent(ctx, c.ID, e); err != nil {
				return i, err
			}
		}
		for _, p := range s.posts {
			if _, err := t.Posts.Create(ctx, actor.Operator, post.Draft{AttributedTo: c.ID, Kind: p.kind, Text: p.text}); err != nil {
				return i, err
			}
		}
		if err := t.sampleJobs(ctx, s.handle, c.ID); err != nil {
			return i, err
		}
	}
	return len(samples), nil
}

// sampleJobs publishes what a club of the sample village looks for helpers for.
func (t *Town) sampleJobs(ctx context.Context, handle, clubID string) error {
	day := func(days int) string {
		return time.Now().In(t.Config.Location()).AddDate(0, 0, days).Format("02.01.2006")
	}
	var d opportunity.Draft
	switch handle {
	case "tsv":
		d = opportunity.Draft{
			Name: "Kuchen verkaufen beim Sommerfest", Text: "Dreißig Bleche Kuchen wollen verkauft werden. Sie schneiden, geben aus und kassieren, **immer zu zweit**.",
			Why: "Aus dem Erlös bezahlen wir die neuen Tore der E-Jugend.", Field: "sport", Times: opportunity.Once,
			Shifts: day(9) + ", 15:00 bis 17:00, 2\n" + day(9) + ", 17:00 bis 19:00, 2\n" + day(9) + ", 19:00 bis 21:00, 2, auch Abbau",
			Effort: "2", EffortPer: "once", Place: "Sportplatz am Mühlbach", ForYoung: true, MinimumAge: "14", Requirements: []string{"hygiene"}, Payer: "club",
			Requirement: "Die Belehrung machen wir vor Ort.", Insurance: "Unfall und Haftpflicht über den Verein", Rewards: []string{"meals"}, Accessibility: "stufenlos",
		}
	case "gemeinschaftsgarten":
		d = opportunity.Draft{
			Name: "Gießen im Sommer", Text: "Zweimal in der Woche gießen, wenn es trocken ist. Schlüssel und Kannen sind da.", Field: "nature", Times: opportunity.Recurring,
			Weekdays: 2 | 16, TimeNote: "abends, nach Absprache", Effort: "1", EffortPer: "week", Place: "Garten am Bahndamm", Places: "4", ForGroups: true,
			Learn: "Was Tomaten brauchen.",
		}
	case "feuerwehr":
		d = opportunity.Draft{
			Name: "Sandsäcke füllen bei Hochwasser", Text: "Wenn der Mühlbach steigt, rufen wir an. Wer kann, kommt.", Field: "rescue", Times: opportunity.OnCall,
			Emergency: true, Place: "Gerätehaus, Lindenstraße 4", MinimumAge: "16", Requirements: []string{"fit"}, Insurance: "über die Gemeinde",
		}
	default:
		return nil
	}
	d.AttributedTo = clubID
	_, err := t.Opportunities.Create(ctx, actor.Operator, d)
	return err
}

func (t *Town) sampleEvent(ctx context.Context, clubID string, s sampleEvent) error {
	day := time.Now().In(t.Config.Location()).AddDate(0, 0, s.day).Format(time.DateOnly)
	at := func(clock string) string { return strings.TrimSuffix(day+"T"+clock, "T") }
	d := event.Draft{AttributedTo: clubID, Name: s.name, Start: at(s.start), Place: s.place, Category: s.category, Text: s.text}
	if s.end != "" {
		d.End = at(s.end)
	}
	e, err := t.Events.Create(ctx, actor.Operator, d)
	if err != nil || s.cancelled == "" {
		return err
	}
	_, err = t.Events.Cancel(ctx, actor.Operator, e.ID, s.cancelled)
	return err
}
