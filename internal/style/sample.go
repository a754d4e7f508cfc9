package style

import (
	"codeberg.org/aushang/aushang/web/assets"
	"codeberg.org/aushang/aushang/web/component"
	"codeberg.org/aushang/aushang/web/locale"
)

// icons are the names of all icons that pages use.
var icons = []string{
	"home", "calendar", "pin", "people", "heart", "search", "user", "bell", "place", "clock", "globe", "ticket", "moved", "alert", "check", "x", "info",
	"reply", "star", "repeat", "share", "flag", "lock", "mail", "phone", "rss", "copy", "edit", "plus", "image", "filter", "list", "map", "left", "right",
	"down", "download", "external", "hall", "shield", "question", "chart", "hourglass", "scales", "bin", "book", "printer",
}

func rows(lang string) []component.EventRow {
	at := day.AddDate(0, 0, 2)
	return []component.EventRow{
		{
			Href: "/stil", Name: "Offene Chorprobe: Sommerlieder zum Mitsingen", When: locale.Clock(lang, day, day, false), Clock: locale.Clock(lang, day, day, false),
			Near: locale.Near(lang, day, day), Start: day, Place: "Alte Schule, Saal", By: "Gesangverein Harmonie", Category: "Musik",
		},
		{
			Href: "/stil", Name: "Sommerfest mit Wasserrutschenmeisterschaft der Donaudampfschifffahrtsgesellschaft", When: locale.Date(lang, at), Start: at,
			Place: "Dorfgemeinschaftshaus Niederoberbergheim, Lindenstraße 117", By: "Förderverein Freibad",
		},
		{Href: "/stil", Name: "Sprechstunde am Bildschirm", When: locale.DateTime(lang, at), Start: at, Online: true, By: "Rathaus"},
		{Href: "/stil", Name: "Altpapiersammlung", When: locale.Date(lang, at), Start: at, Place: "im ganzen Ort", By: "TSV 1907", Cancelled: true},
	}
}

func notes() []component.PostCard {
	return []component.PostCard{
		{
			Href: "/stil", Tone: "town", Kind: "style.kind.news", Title: "Elsterbrücke gesperrt bis Freitag", Text: "Zu Fuß und mit dem Rad kommen Sie hinüber.",
			By: "Rathaus", ByHref: "/stil", Published: day, Picture: picture(),
		},
		{Href: "/stil", Kind: "style.kind.seek", Title: "Bollerwagen für den Kindergartenausflug", Text: "Für einen Tag.", By: "Kita Elsternest", ByHref: "/stil", Published: day},
		{Href: "/stil", Tone: "offer", Kind: "style.kind.offer", Title: "Zucchini, sehr viele Zucchini", By: "Kleingärtnerverein Elsteraue", ByHref: "/stil", Published: day},
		{Href: "/stil", Tone: "help", Kind: "style.kind.help", Title: "Wer liest abends die Zeitung vor?", By: "Hand in Hand", ByHref: "/stil", Published: day},
		{Href: "/stil", Tone: "white", Content: "<p>Ein Zettel <strong>ohne Titel</strong>, so lang, wie er eben ist.</p>", By: "TSV 1907", ByHref: "/stil", Published: day},
	}
}

func jobs() []component.Job {
	return []component.Job{
		{Href: "/stil", Name: "Kuchen verkaufen beim Freibadfest", Kind: "Einmalig, 3 Stunden", Seeking: "Noch 2 von 6 gesucht", Place: "Freibad", When: "Sa., 11. Juli, 14 bis 17 Uhr", By: "Förderverein Freibad"},
		{
			Href: "/stil", Name: "Suppe kochen für das Erntehelferfrühstück", Kind: "Einmalig, 4 Stunden", Place: "Mühlrode, 6 km", When: "So., 2. August, 6 bis 10 Uhr", By: "Landfrauen",
			From: "Aus Mühlrode", Match: &component.Match{Text: "Passt, weil Sie gern kochen."},
		},
		{Href: "/stil", Name: "Notenarchiv erfassen", Kind: "Gelegentlich", Place: "von zu Hause aus", Remote: true, Stale: true, Match: &component.Match{Part: true, Text: "Passt zum Teil: Gesucht wird für jede Woche."}},
	}
}

func clubs() []component.ClubCard {
	return []component.ClubCard{
		{Href: "/stil", Name: "Freiwillige Feuerwehr", Handle: "@feuerwehr@dorf.example", Summary: "Übung jeden Freitag, 19 Uhr", IconURL: assets.Path("img/wappen.svg"), Field: "Feuerwehr und Rettung", Note: "312 folgen"},
		{Href: "/stil", Name: "Förderverein der Grundschule am Kirchplatz", Handle: "@schule@dorf.example", Summary: "Lesepaten, Schulgarten, Zirkuswoche"},
		{Href: "/stil", Name: "Landfrauen", Handle: "@landfrauen@dorf.example"},
	}
}

func picture() *component.Picture {
	return &component.Picture{URL: assets.Path("img/stadt.svg"), Alt: "Gezeichnet: eine kleine Stadt am Fluss", Width: 1280, Height: 720}
}

func conversation() talk {
	return talk{
		Counts: component.Counts{Replies: 2, Likes: 14, Announces: 3}, Act: "/stil", Report: "/stil",
		Replies: []component.Reply{
			{Name: "Lotte radelt", Handle: "@lotte_radelt@elbsandstein.example", Href: "/stil", Content: "<p>Fährt der Kremser auch am neuen Termin?</p>", Published: day},
			{
				Name: "Heimatverein", Handle: "@heimatverein@dorf.example", Href: "/stil", Own: true, Content: "<p>Ja, er fährt. Zwei Plätze haben eine Rampe.</p>",
				Published: day, Icon: assets.Path("img/wappen.svg"),
			},
			{
				Name: "Jens", Handle: "@jens@ein-sehr-langer-name-eines-servers.aushang.muehlrode.example", Href: "/stil", Content: "<p>Nur für Sie geschrieben.</p>",
				Published: day, Private: true, Manage: "/stil",
			},
		},
	}
}

// form gives a form with every kind of field; wrong, as it comes back.
func form(lang string, wrong bool) component.Form {
	prefix, said := "good-", func(string, string) string { return "" }
	if wrong {
		prefix, said = "wrong-", func(de, en string) string {
			if lang == "en" {
				return en
			}
			return de
		}
	}
	field := func(f component.Field) component.Field { f.Prefix = prefix; return f }
	f := component.Form{
		Action: "/stil", Get: true,
		Groups: []component.Group{
			{Fields: []component.Field{field(component.Field{Kind: "radio", Name: "club", Key: "style.as", Required: true, Options: []component.Option{
				{Value: "a", Label: "Gesangverein Harmonie", Note: "Redaktion", Letters: "GH", Selected: true}, {Value: "b", Label: "Freiwillige Feuerwehr", Letters: "FF"},
			}})}},
			{Key: "style.what", Fields: []component.Field{
				field(component.Field{Kind: "text", Name: "title", Key: "style.field", Hint: "style.hint", Value: "Elsternacht", Required: true, Error: said("Bitte geben Sie einen Titel an.", "Please give a title.")}),
				field(component.Field{Kind: "textarea", Name: "text", Key: "style.describe", Help: "form.text.help", Rows: 4, Old: said("Was dort jetzt steht", "What stands there now")}),
				field(component.Field{Kind: "select", Name: "kind", Key: "style.kind", Options: []component.Option{{Value: "1", Label: "Kultur"}, {Value: "2", Label: "Sport"}}, Error: said("Bitte wählen Sie ein Thema.", "Please choose a topic.")}),
			}},
			{Key: "style.when", Fields: []component.Field{
				field(component.Field{Kind: "date", Name: "day", Key: "style.date", Value: "24.7.2026", Required: true, Half: true, Error: said("Dieser Tag ist vorbei. Bitte nehmen Sie einen anderen.", "This day is over. Please take another one.")}),
				field(component.Field{Kind: "time", Name: "begin", Key: "style.begin", Half: true}),
				field(component.Field{Kind: "checkbox", Name: "allday", Key: "style.tick", Hint: "style.hint", Checked: true, Error: said("Bitte kreuzen Sie das an.", "Please tick this.")}),
			}},
			{Key: "style.picture", Picture: assets.Path("img/stadt.svg"), PictureKey: "style.picture.alt", Fields: []component.Field{
				field(component.Field{Kind: "file", Name: "image", Key: "style.file", Accept: "image/png"}),
				field(component.Field{Kind: "points", Name: "focus", Key: "style.focus", Hint: "style.focus.hint", Required: true, Options: points()}),
			}},
		},
		Buttons: []component.Button{{Key: "style.send", Icon: "check"}, {Key: "style.look", Plain: true}, {Key: "style.delete", Danger: true}, {Key: "layout.cancel", Href: "/stil"}},
	}
	if wrong {
		for i := range f.Groups {
			if f.Groups[i].Key != "" { // no two parts of a page have one name
				f.Groups[i].Key += ".again"
			}
		}
		f.Wrong, f.Still, f.Notice = 4, true, said("Inzwischen wurde dieser Eintrag geändert.", "This entry was changed in the meantime.")
	}
	return f
}

func points() []component.Option {
	var list []component.Option
	for _, name := range []string{"oben links", "oben", "oben rechts", "links", "Mitte", "rechts", "unten links", "unten", "unten rechts"} {
		list = append(list, component.Option{Value: name, Label: name, Selected: name == "Mitte"})
	}
	return list
}
