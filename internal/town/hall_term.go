package town

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/database"
	"codeberg.org/aushang/aushang/internal/ledger"
	"codeberg.org/aushang/aushang/internal/page"
	"codeberg.org/aushang/aushang/internal/problem"
	"codeberg.org/aushang/aushang/internal/retention"
	"codeberg.org/aushang/aushang/web"
	"codeberg.org/aushang/aushang/web/component"
)

// termsPath is where the town hall sets for how long things are kept.
const termsPath = "/rathaus/fristen"

// SetTerms sets for how many days things are kept; the town hall decides. What is
// left out stays as it is. What is over then goes within the hour.
func (s *Settings) SetTerms(ctx context.Context, by string, days retention.Days) error {
	if err := days.Check(); err != nil {
		return err
	}
	err := s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		if err := s.actors.May(ctx, tx, by, "", actor.Moderate); err != nil {
			return err
		}
		changed, err := retention.Put(ctx, tx, days)
		if err != nil {
			return err
		}
		database.Ring(ctx)
		for _, name := range changed {
			if err := ledger.NoteHall(ctx, tx, ledger.Entry{ByAccount: by, Act: "town.term", Target: name, Detail: strconv.Itoa(days[name])}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("set for how long things are kept: %w", err)
	}
	return nil
}

// termGroups are the parts of the form with the names of their terms.
var termGroups = []struct {
	key   string
	names []string
}{
	{"term.group.hall", []string{retention.Report, retention.Decision, retention.Application, retention.Hint, retention.OldHint}},
	{"term.group.people", []string{retention.Draft, retention.Helper, retention.Offer, retention.OldOffer, retention.Invitation, retention.SignIns, retention.Letter}},
	{"term.group.others", []string{retention.Received, retention.Deletion, retention.Foreign, retention.Readers}},
}

type termsView struct {
	Hall page.Hall
	Form component.Form
	// Fixed are what nobody can set, each with how long it is kept.
	Fixed []fixedTerm
	Plan  string
}

// fixedTerm is the key of what is kept, for how long, and the key of why.
type fixedTerm struct{ Key, Kept, Why string }

func (p *Pages) termForm(w http.ResponseWriter, r *http.Request, _ *page.Person) error {
	days, err := retention.All(r.Context(), p.db.Read())
	if err != nil {
		return err
	}
	v := url.Values{}
	for name, n := range days {
		v.Set(name, strconv.Itoa(n))
	}
	return p.showTerms(w, r, &page.Input{Values: v}, nil)
}

func (p *Pages) showTerms(w http.ResponseWriter, r *http.Request, in *page.Input, wrong error) error {
	lang := p.Web.Language(r)
	hall, err := p.Frame(r, termsPath, p.Web.T(lang, "term.title"), true)
	if err != nil {
		return err
	}
	hall.Lede = p.Web.T(lang, "term.text")
	run, err := p.Running(r.Context())
	if err != nil {
		return err
	}
	told, err := p.Told(r.Context())
	if err != nil {
		return err
	}
	f := page.NewForm(p.Web, r, in, wrong)
	for _, group := range termGroups {
		var fields []component.Field
		for _, name := range group.names {
			if name == retention.Helper && !told.uses(helpModule) {
				continue
			}
			fields = append(fields, component.Field{Kind: "text", Name: name, Key: "term." + name, Hint: "term." + name + ".hint", Inputmode: "numeric", Required: true})
		}
		f.Group(group.key, fields...)
	}
	view := termsView{Hall: hall, Form: f.Show(termsPath, component.Button{Key: "form.save"}), Plan: lawPath + "/loeschkonzept"}
	say := &speaker{web: p.Web, lang: lang, Running: run}
	view.Fixed = []fixedTerm{
		{"record.delete.network", say.t("term.fixed.network"), "term.fixed.network.why"},
		{"record.delete.session", say.span("session"), "term.fixed.session.why"},
		{"record.delete.link", say.span("link"), "term.fixed.link.why"},
		{"record.delete.address", say.span("address"), "term.fixed.address.why"},
		{"record.delete.hall", say.span("log"), "term.fixed.log.why"},
	}
	return p.Web.Render(w, r, f.Status(), "town/terms", web.Page{Title: hall.Heading, View: view})
}

func (p *Pages) changeTerms(w http.ResponseWriter, r *http.Request, who *page.Person, in *page.Input) error {
	days := retention.Days{}
	for _, t := range retention.Terms {
		if t.Name == retention.Helper && !in.Has(t.Name) {
			continue // the town does not use what it is about
		}
		n, err := strconv.Atoi(strings.TrimSpace(in.Get(t.Name)))
		if err != nil {
			n = -1 // no number of days: the field says so
		}
		days[t.Name] = n
	}
	err := p.SetTerms(r.Context(), who.ID, days)
	if len(problem.FieldsOf(err)) > 0 {
		return p.showTerms(w, r, in, err)
	}
	if err != nil {
		return err
	}
	p.Flash(r, "term.saved")
	http.Redirect(w, r, termsPath, http.StatusSeeOther)
	return nil
}
