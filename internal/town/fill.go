package town

import (
	"cmp"
	"context"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"codeberg.org/aushang/aushang/internal/retention"
	"codeberg.org/aushang/aushang/web/locale"
)

// Told is what the town has said of itself, with which its pages are filled.
type Told struct {
	Look  *Look
	Facts Facts
	// Name is that of the town, Origin its address.
	Name, Origin string
	// Registration says how people come in: "open", "approval" or "closed".
	Registration string
	// Days say for how long what is kept.
	Days retention.Days
	// Unused are the names of the modules that the town does not use.
	Unused []string
}

// uses tells whether the town uses a module.
func (t *Told) uses(module string) bool { return !slices.Contains(t.Unused, module) }

// part is a piece of a text that stands there only in a town that uses a module.
var part = regexp.MustCompile(`(?s)\{wenn ([a-z]+)\}\n?(.*?)\{ende\}\n?`)

// parts leaves the pieces of a text that are about what the town uses.
func (t *Told) parts(source string) string {
	return part.ReplaceAllStringFunc(source, func(s string) string {
		if m := part.FindStringSubmatch(s); t.uses(m[1]) {
			return m[2]
		}
		return ""
	})
}

// Told reads it.
func (s *Settings) Told(ctx context.Context) (*Told, error) {
	look, err := s.Look(ctx)
	if err != nil {
		return nil, err
	}
	all, err := s.Facts(ctx)
	if err != nil {
		return nil, err
	}
	days, err := retention.All(ctx, s.db.Read())
	if err != nil {
		return nil, err
	}
	off, err := s.Off(ctx)
	if err != nil {
		return nil, err
	}
	told := &Told{Look: look, Facts: all, Name: s.name(look), Origin: s.origin(), Registration: cmp.Or(s.Registration, "closed"), Days: days}
	for _, m := range off {
		told.Unused = append(told.Unused, m.Name)
	}
	if !told.uses("registrierung") {
		told.Registration = "closed"
	}
	return told, nil
}

// Contact gives whom to ask: what stands on every page or, for a town that has
// not entered it there, whom the Impressum names.
func (t *Told) Contact() []string {
	if len(t.Look.Contact) > 0 {
		return t.Look.Contact
	}
	return t.provider()
}

// provider are the lines of the provider in the Impressum; nil as long as
// something of it is missing.
func (t *Told) provider() []string {
	f := t.Facts
	if f["impressum.name"] == "" || f["impressum.address"] == "" || f["impressum.mail"] == "" {
		return nil
	}
	list := append([]string{f["impressum.name"]}, lines(f["impressum.address"])...)
	if phone := f["impressum.phone"]; phone != "" {
		list = append(list, "Telefon: "+phone)
	}
	return append(list, "E-Mail: "+f["impressum.mail"])
}

// Enforcement gives who settles a dispute about accessibility.
func (t *Told) Enforcement() []string {
	if own := t.Facts["barrierefreiheit.enforcement"]; own != "" {
		return lines(own)
	}
	return t.land().Enforcement
}

func (t *Told) land() Land { return land(t.Facts["datenschutz.land"]) }

// backups is for how many days backups are kept.
func (t *Told) backups() string {
	return cmp.Or(t.Facts["datenschutz.backups"], strconv.Itoa(usualBackups))
}

// placeholder finds what is filled into a text.
var placeholder = regexp.MustCompile(`\{\p{Lu}\p{Ll}+\}`)

// filled puts into a text what the town said of itself elsewhere, and gives the
// names of the facts that it lacks.
func (t *Told) filled(source, lang string) (text string, missing []string) {
	text = placeholder.ReplaceAllStringFunc(t.parts(source), func(s string) string {
		fill, ok := fillings[strings.Trim(s, "{}")]
		if !ok {
			return s
		}
		said, lacks := fill(t, lang)
		for _, name := range lacks {
			if !slices.Contains(missing, name) {
				missing = append(missing, name)
			}
			said += gap(name, lang)
		}
		return said
	})
	return text, missing
}

// gap is what stands in place of a fact.
func gap(name, lang string) string {
	begin := map[string]string{"de": "[noch auszufüllen: ", "en": "[to be filled in: "}[lang]
	return begin + gapWords[name][lang] + "]"
}

var gapWords = map[string]map[string]string{
	"impressum.name":              {"de": "Name der Gemeinde", "en": "name of the municipality"},
	"impressum.address":           {"de": "Anschrift", "en": "address"},
	"impressum.mail":              {"de": "Mailadresse", "en": "mail address"},
	"impressum.represented":       {"de": "Amt und Name der vertretungsberechtigten Person", "en": "office and name of the person who represents it"},
	"impressum.editor":            {"de": "Name und Anschrift der verantwortlichen Person", "en": "name and address of the person responsible"},
	"datenschutz.land":            {"de": "das Land", "en": "your state"},
	"datenschutz.officer":         {"de": "Name oder Stelle, Anschrift, Mailadresse der datenschutzbeauftragten Person", "en": "name or office, address and mail address of the data protection officer"},
	"datenschutz.hosting":         {"de": "Rechenzentrum oder Dienstleister; was dessen Technik selbst protokolliert und wie lange", "en": "data centre or processor; what its own technology logs and for how long"},
	"barrierefreiheit.conformity": {"de": "wie barrierefrei nach der Prüfung", "en": "how accessible, after your own check"},
	"barrierefreiheit.assessed":   {"de": "Datum der Prüfung", "en": "date of the check"},
	"barrierefreiheit.method":     {"de": "Selbstbewertung oder Prüfung durch andere", "en": "self-assessment or a check by others"},
}

// registrations say how an account comes to be.
var registrations = map[string]map[string]string{
	"de": {
		"closed":   "Das Rathaus legt es an.",
		"approval": "Wer eines möchte, meldet sich hier an und bestätigt die Mailadresse. Das Rathaus sieht sich jeden Antrag an. Abgelehnte Anträge löschen wir sofort.",
		"open":     "Wer eines möchte, meldet sich hier an und bestätigt die Mailadresse.",
	},
	"en": {
		"closed":   "The town hall makes it.",
		"approval": "Who wants one registers here and confirms the mail address. The town hall looks at each application. Refused applications are deleted at once.",
		"open":     "Who wants one registers here and confirms the mail address.",
	},
}

// A filling gives what stands in place of a placeholder, or the facts for which
// it leaves gaps.
type filling func(t *Told, lang string) (said string, lacks []string)

var fillings = map[string]filling{
	"Stadt":   func(t *Told, _ string) (string, []string) { return plain(t.Name), nil },
	"Adresse": func(t *Told, _ string) (string, []string) { return plain(t.Origin), nil },
	"Kontakt": func(t *Told, _ string) (string, []string) { return t.block(t.Contact(), provider...) },
	"Anbieterin": func(t *Told, _ string) (string, []string) {
		return t.block(t.provider(), provider...)
	},
	"Rechtsform": func(t *Told, lang string) (string, []string) {
		usual := map[string]string{"de": "eine Körperschaft des öffentlichen Rechts", "en": "a corporation under public law"}[lang]
		return plain(cmp.Or(t.Facts["impressum.form"], usual)), nil
	},
	"Anmeldung": func(t *Told, lang string) (string, []string) {
		return registrations[lang][cmp.Or(t.Registration, "closed")], nil
	},
	"Vertretung":   needed("impressum.represented"),
	"Redaktion":    needed("impressum.editor"),
	"Umsatzsteuer": section("impressum.vat", "Umsatzsteuer-Identifikationsnummer: ", "VAT identification number: "),
	"Aufsicht":     section("impressum.supervision", "## Zuständige Aufsicht\n\n", "## Supervisory authority\n\n"),
	"Bildnachweis": section("impressum.pictures", "## Bilder\n\n", "## Pictures\n\n"),

	"Datenschutzbeauftragte": needed("datenschutz.officer"),
	"Betreiber":              needed("datenschutz.hosting"),
	"Sicherungsfrist":        func(t *Told, _ string) (string, []string) { return t.backups(), nil },
	"Nachweisfrist":          days(retention.Deletion),
	"Änderungsfrist":         days(retention.Hint),
	"Höchstfrist":            days(retention.OldHint),
	"Meldefrist":             days(retention.Report),
	"Entscheidungsfrist":     days(retention.Decision),
	"Entwurfsfrist":          days(retention.Draft),
	"Angebotsfrist":          days(retention.Offer),
	"Angebotsrest":           days(retention.OldOffer),
	"Helferfrist":            days(retention.Helper),
	"Fremdfrist":             days(retention.Foreign),
	"Datenschutzaufsicht": func(t *Told, _ string) (string, []string) {
		own := lines(t.Facts["datenschutz.authority"])
		if own == nil {
			own = t.land().Authority
		}
		return t.block(own, "datenschutz.land")
	},
	"Landesrecht": ofLand("datenschutz.act", func(l Land) string { return l.PrivacyAct }),

	"Gleichstellungsrecht": ofLand("barrierefreiheit.act", func(l Land) string { return l.AccessAct }),
	"Durchsetzungsstelle":  func(t *Told, _ string) (string, []string) { return t.block(t.Enforcement(), "datenschutz.land") },
	"Vereinbarkeit": chosen("barrierefreiheit.conformity", map[string]map[string]string{
		"full":    {"de": "vollständig mit diesen Anforderungen vereinbar", "en": "conforms fully to these requirements"},
		"partial": {"de": "teilweise mit diesen Anforderungen vereinbar", "en": "conforms partially to these requirements"},
		"none":    {"de": "nicht mit diesen Anforderungen vereinbar", "en": "does not conform to these requirements"},
	}),
	"Prüfweise": chosen("barrierefreiheit.method", map[string]map[string]string{
		"self":     {"de": "einer Selbstbewertung", "en": "a self-assessment"},
		"external": {"de": "einer Prüfung durch eine unabhängige Stelle", "en": "a check by an independent body"},
	}),
	"Prüfdatum": func(t *Told, lang string) (string, []string) {
		day, err := time.Parse(time.DateOnly, t.Facts["barrierefreiheit.assessed"])
		if err != nil {
			return "", []string{"barrierefreiheit.assessed"}
		}
		return day.Format(map[string]string{"de": "2.\u00a0", "en": "2\u00a0"}[lang]) + locale.MonthYear(lang, day), nil
	},
	"Barrieren": func(t *Told, _ string) (string, []string) {
		var b strings.Builder
		for _, line := range lines(t.Facts["barrierefreiheit.barriers"]) {
			b.WriteString("- " + plain(line) + "\n")
		}
		return b.String(), nil
	},
	"Rückmeldung": func(t *Told, _ string) (string, []string) {
		if own := lines(t.Facts["barrierefreiheit.feedback"]); own != nil {
			return t.block(own)
		}
		return t.block(t.Contact(), provider...)
	},
	"Überwachung": func(t *Told, lang string) (string, []string) {
		who := cmp.Or(t.Facts["barrierefreiheit.monitoring"], t.land().Monitoring)
		if who == "" {
			return "", nil
		}
		return map[string]string{"de": "Ob Websites im Land barrierefrei sind, prüft außerdem: ", "en": "Whether websites in the state are accessible is also checked by: "}[lang] + plain(who), nil
	},
}

// provider are the facts that tell who the provider is.
var provider = []string{"impressum.name", "impressum.address", "impressum.mail"}

// block gives lines as Markdown or, when there are none, those of lacks that the
// town has not said.
func (t *Told) block(list []string, lacks ...string) (string, []string) {
	if len(list) > 0 {
		return plainLines(list), nil
	}
	var missing []string
	for _, name := range lacks {
		if t.Facts[name] == "" {
			missing = append(missing, name)
		}
	}
	return "", missing
}

// days fills in for how many days something is kept.
func days(name string) filling {
	return func(t *Told, _ string) (string, []string) { return strconv.Itoa(t.Days[name]), nil }
}

// needed fills in a fact without which the page is not whole.
func needed(name string) filling {
	return func(t *Told, _ string) (string, []string) { return t.block(lines(t.Facts[name]), name) }
}

// section fills in a fact behind words that stand there only with it.
func section(name, de, en string) filling {
	return func(t *Told, lang string) (string, []string) {
		if t.Facts[name] == "" {
			return "", nil
		}
		return map[string]string{"de": de, "en": en}[lang] + plainLines(lines(t.Facts[name])), nil
	}
}

// ofLand fills in a fact or, without it, what the table says of the Land.
func ofLand(name string, of func(Land) string) filling {
	return func(t *Told, _ string) (string, []string) {
		return t.block(lines(cmp.Or(t.Facts[name], of(t.land()))), "datenschutz.land")
	}
}

// chosen fills in the words for a choice.
func chosen(name string, words map[string]map[string]string) filling {
	return func(t *Told, lang string) (string, []string) {
		if said := words[t.Facts[name]][lang]; said != "" {
			return said, nil
		}
		return "", []string{name}
	}
}
