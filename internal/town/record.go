package town

import (
	"net/http"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"

	"codeberg.org/aushang/aushang/internal/page"
	"codeberg.org/aushang/aushang/internal/retention"
	"codeberg.org/aushang/aushang/web"
)

// Running says how the town is set up: what the records that the law asks for
// are made of.
type Running struct {
	// Public is false for a trial. Federation says whether it speaks with others
	// now.
	Public, Federation bool
	// Registration is "open", "approval" or "closed".
	Registration string
	// OwnTLS says that the program encrypts itself, with no proxy before it.
	OwnTLS bool
	// Database is "SQLite" or "PostgreSQL".
	Database string
	// MailServer takes its letters, by a connection of MailSecurity; "" for none.
	MailServer, MailSecurity string
	// SignIn is the address of the sign-in service, "" for none.
	SignIn string
	// Pictures is how much room copies of foreign pictures have, "" for none.
	Pictures string
	// Metrics is where numbers are read, "" for nowhere.
	Metrics string
	// LogLevel is the least weight of a line that is logged.
	LogLevel string
	// Kept says for how long what is kept, by what it is.
	Kept map[string]time.Duration
}

// helpModule is the module in which people help.
const helpModule = "ehrenamt"

// The records, each at its path below lawPath.
var records = []string{"verzeichnis", "massnahmen", "loeschkonzept"}

// recordView is a record as a page that can be printed.
type recordView struct {
	Hall page.Hall
	// Body are the lines of the responsible body, Officer and Hosting those of the
	// forms; empty while they are missing.
	Body, Officer, Hosting []string
	// Now is when it was made.
	Now      time.Time
	Sections []recordSection
}

// recordSection is a part of a record.
type recordSection struct {
	Key  string
	Rows []recordRow
}

// recordRow is a line: the key of what it is about, and sentences.
type recordRow struct{ Key, Text string }

// mountRecords enters the routes of the records into r.
func (p *Pages) mountRecords(r chi.Router) {
	for _, name := range records {
		r.Get(lawPath+"/"+name, p.Web.Handle(p.Page(page.Staff(func(w http.ResponseWriter, r *http.Request, _ *page.Person) error {
			return p.record(w, r, name)
		}))))
	}
}

func (p *Pages) record(w http.ResponseWriter, r *http.Request, name string) error {
	lang := p.Web.Language(r)
	told, err := p.Told(r.Context())
	if err != nil {
		return err
	}
	hall, err := p.Frame(r, lawPath, p.Web.T(lang, "record."+name), false)
	if err != nil {
		return err
	}
	run, err := p.Running(r.Context())
	if err != nil {
		return err
	}
	hall.Lede = p.Web.T(lang, "record."+name+".text")
	say := &speaker{web: p.Web, lang: lang, told: told, Running: run}
	view := recordView{
		Hall: hall, Body: told.provider(), Officer: lines(told.Facts["datenschutz.officer"]), Hosting: lines(told.Facts["datenschutz.hosting"]), Now: p.now().In(p.Zone),
		Sections: map[string]func() []recordSection{"verzeichnis": say.processing, "massnahmen": say.measures, "loeschkonzept": say.deletion}[name](),
	}
	return p.Web.Render(w, r, http.StatusOK, "town/record", web.Page{Title: hall.Heading, View: view})
}

// speaker writes records in one language.
type speaker struct {
	web  *web.Site
	lang string
	told *Told
	Running
}

// t gives the sentence of a key.
func (s *speaker) t(key string, data ...any) string { return s.web.T(s.lang, key, data...) }

// year are the hours of a year.
const year = 365 * 24

// span writes a time in hours, days or years.
func (s *speaker) span(of string) string {
	d := s.Kept[of]
	switch hours := int(d.Hours()); {
	case hours == 1:
		return s.t("record.hour")
	case hours < 48:
		return s.t("record.hours", hours)
	case hours == year:
		return s.t("record.year")
	case hours%year == 0:
		return s.t("record.years", hours/year)
	default:
		return s.t("record.days", hours/24)
	}
}

// processing is the record of processing activities (Article 30 GDPR).
func (s *speaker) processing() []recordSection {
	var all []recordSection
	add := func(what, recipients, kept string) {
		all = append(all, recordSection{"record." + what, []recordRow{
			{"record.purpose", s.t("record." + what + ".purpose")},
			{"record.data", s.t("record." + what + ".data")},
			{"record.recipients", recipients},
			{"record.kept", kept},
		}})
	}
	here := s.t("record.recipients.here")
	add("reading", here, s.t("record.kept.none"))
	accounts := here
	if s.SignIn != "" {
		accounts = s.t("record.recipients.service", s.SignIn)
	}
	add("accounts", accounts, s.t("record.kept.account", s.span("session")))
	if s.Registration != "closed" {
		add("registration", s.t("record.recipients."+s.Registration), s.t("record.kept.registration", s.span("application")))
	}
	published := here
	if s.Federation {
		published = s.t("record.recipients.others")
	}
	add("publishing", published, s.t("record.kept.published"))
	if s.Federation {
		add("answers", here, s.t("record.kept.answers", s.span("received")))
	}
	if s.MailServer != "" {
		add("mail", s.t("record.recipients.mail", s.MailServer), s.t("record.kept.mail", s.span("letter-memory")))
	}
	if s.told.uses(helpModule) {
		add("helping", s.t("record.recipients.club"), s.t("record.kept.helping", s.span(retention.Helper)))
		add("searches", here, s.t("record.kept.searches", s.span("search-unconfirmed")))
	}
	add("requests", here, s.t("record.kept.requests", s.span("data-answer")))
	add("reports", here, s.t("record.kept.reports", s.span(retention.Report)))
	add("readers", here, s.t("record.kept.readers", s.span("readers")))
	add("backups", strings.Join(s.told.hosting(here), ", "), s.t("record.kept.backups", s.told.backups()))
	return all
}

// hosting gives who runs the server, or otherwise when that is not filled in.
func (t *Told) hosting(otherwise string) []string {
	if list := lines(t.Facts["datenschutz.hosting"]); list != nil {
		return list
	}
	return []string{otherwise}
}

// measures are the technical and organisational measures (Article 32 GDPR).
func (s *speaker) measures() []recordSection {
	transport := []recordRow{{"record.web", s.t("record.web.trial")}}
	switch {
	case s.Public && s.OwnTLS:
		transport[0].Text = s.t("record.web.own")
	case s.Public:
		transport[0].Text = s.t("record.web.proxy")
	}
	letters := recordRow{"record.letters", s.t("record.letters.none")}
	if s.MailServer != "" {
		security := s.MailSecurity
		if security == "none" {
			security = "plain"
		}
		letters.Text = s.t("record.letters."+security, s.MailServer)
	}
	others := recordRow{"record.federation", s.t("record.federation.off")}
	if s.Federation {
		others.Text = s.t("record.federation.on")
	}
	signIn := recordRow{"record.signin", s.t("record.signin.here")}
	if s.SignIn != "" {
		signIn.Text = s.t("record.signin.service", s.SignIn)
	}
	pictures := recordRow{"record.pictures", s.t("record.pictures.none")}
	if s.Pictures != "" {
		pictures.Text = s.t("record.pictures.copies", s.Pictures)
	}
	metrics := recordRow{"record.metrics", s.t("record.metrics.none")}
	if s.Metrics != "" {
		metrics.Text = s.t("record.metrics.at", s.Metrics)
	}
	return []recordSection{
		{"record.transport", append(transport, letters, others)},
		{"record.access", []recordRow{
			signIn, {"record.registering", s.t("record.registering." + s.Registration)}, {"record.passwords", s.t("record.passwords.text")}, {"record.roles", s.t("record.roles.text")},
		}},
		{"record.storage", []recordRow{
			{"record.database", s.t("record.database." + s.Database)}, {"record.backup", s.t("record.kept.backups", s.told.backups())}, {"record.log", s.t("record.log.text", s.LogLevel)}, metrics, pictures,
		}},
	}
}

// deletion says what is deleted when.
func (s *speaker) deletion() []recordSection {
	rows := []recordRow{
		{"record.delete.account", s.t("record.delete.account.text")},
		{"record.delete.published", s.t("record.kept.published")},
		{"record.delete.session", s.span("session")},
		{"record.delete.event", s.span("event")},
		{"record.delete.link", s.span("link")},
		{"record.delete.reset", s.span("reset")},
		{"record.delete.address", s.span("address")},
		{"record.delete.invitation", s.span("invitation")},
	}
	if s.Registration != "closed" {
		rows = append(rows, recordRow{"record.delete.registration", s.span("registration")}, recordRow{"record.delete.application", s.span("application")})
	}
	if s.MailServer != "" {
		rows = append(rows, recordRow{"record.delete.letter", s.span("letter")}, recordRow{"record.delete.letter-memory", s.span("letter-memory")})
	}
	rows = append(rows, recordRow{"record.delete.draft", s.span(retention.Draft)})
	if s.told.uses(helpModule) {
		for _, what := range []string{"helper-unconfirmed", "search-unconfirmed", "search-told"} {
			rows = append(rows, recordRow{"record.delete." + what, s.span(what)})
		}
		rows = append(rows, recordRow{"term.helper", s.span(retention.Helper)}, recordRow{"term.offer", s.span(retention.Offer)}, recordRow{"term.offer-over", s.span(retention.OldOffer)})
	}
	rows = append(rows, recordRow{"record.delete.network", s.t("record.delete.network.text")})
	others := []recordRow{{"record.delete.received", s.span("received")}, {"record.delete.foreign-thing", s.span(retention.Foreign)}, {"record.delete.deletion", s.span("deletion")}, {"record.delete.wave", s.span("wave")}}
	if s.Pictures != "" {
		others = append(others, recordRow{"record.delete.foreign", s.span("foreign")})
	}
	return []recordSection{
		{"record.delete.people", rows},
		{"record.delete.others", others},
		{"record.delete.rest", []recordRow{
			{"record.delete.readers", s.span("readers")},
			{"record.delete.backups", s.t("record.days", s.told.backups())},
			{"record.delete.reports", s.t("record.kept.reports", s.span(retention.Report))},
			{"record.delete.decision", s.t("record.kept.decision", s.span(retention.Decision))},
			{"record.delete.erasure", s.span("erasure")},
			{"record.delete.data-answer", s.span("data-answer")},
			{"record.delete.data-request", s.span("data-request")},
			{"record.delete.hint", s.span("hint")},
			{"record.delete.hint-open", s.span("hint-open")},
			{"record.delete.hall", s.span("log")},
		}},
	}
}
