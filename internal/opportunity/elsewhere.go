package opportunity

import (
	"context"
	"fmt"
	"net/http"
	"net/url"

	"github.com/uptrace/bun"

	as "codeberg.org/aushang/aushang/federation/activitystreams"
	"codeberg.org/aushang/aushang/internal/object"
	"codeberg.org/aushang/aushang/internal/problem"
	"codeberg.org/aushang/aushang/web"
	"codeberg.org/aushang/aushang/web/component"
)

// elsewherePath is the page of an opportunity of another town.
const elsewherePath = Path + "anderswo"

// Href gives the path of the page of an opportunity, ours or another town's.
func (o *Opportunity) Href() string {
	if o.Local {
		return Path + o.Key()
	}
	return elsewherePath + "?" + url.Values{"id": {o.ID}}.Encode()
}

// elsewhere shows an opportunity of another town with all that it says.
func (p *Pages) elsewhere(w http.ResponseWriter, r *http.Request) error {
	id := r.URL.Query().Get("id")
	o, err := p.Opportunities.Find(r.Context(), object.Viewer{}, id)
	if err != nil {
		return err
	}
	if o.Local {
		http.Redirect(w, r, o.Href(), http.StatusSeeOther)
		return nil
	}
	if o.Author.Limited || o.Author.HostLimited || o.Visibility != object.Public {
		return problem.NotFoundf("%s stands in no list", id)
	}
	lang := p.web.Language(r)
	view, err := p.view(r.Context(), o, lang)
	if err != nil {
		return err
	}
	view.Club.Href, view.Club.Icon = o.Author.URL, p.Foreign.Icon(r.Context(), o.Author)
	towns, err := p.towns(r.Context(), []*Opportunity{o})
	if err != nil {
		return err
	}
	view.Host, view.Calendar, view.Until = towns[as.Host(o.Author.ID)], "", ""
	view.Follow, view.Share.Follow, view.Share.Poster, view.Share.URL = "", "", "", o.URL // one follows there
	if o.Warning == "" {
		if pictures := p.Foreign.Of(r.Context(), &o.Object); len(pictures) > 0 {
			view.Picture = &pictures[0]
		}
	}
	if view.Conversation, err = p.Under(r, &o.Object); err != nil {
		return err
	}
	view.Conversation.Act = "" // one answers there, too
	return p.web.Render(w, r, http.StatusOK, "opportunity/show", web.Page{
		Title: o.title(lang), Description: o.headline(lang), View: view, Canonical: o.URL, NoIndex: true,
	})
}

// instancePath is the actor of a server of our kind; it has the name of its town.
const instancePath = "/ap/instance"

// towns says where opportunities of other towns come from, by the host: the name of
// the town where it is known here, with its host, since anybody may take a name; else
// the host.
func (s *Opportunities) towns(ctx context.Context, list []*Opportunity) (map[string]string, error) {
	names, ids := map[string]string{}, []string{}
	for _, o := range list {
		if o.Local || o.Author == nil {
			continue
		}
		if host := as.Host(o.Author.ID); names[host] == "" {
			names[host], ids = host, append(ids, "https://"+host+instancePath)
		}
	}
	if len(ids) == 0 {
		return names, nil
	}
	var rows []struct{ ID, Name string }
	err := s.db.Read().NewSelect().TableExpr("actors").ColumnExpr("id, name").Where("id IN (?)", bun.List(ids)).Where("NOT local").Where("name <> ''").Where("state = 'active'").Scan(ctx, &rows)
	if err != nil {
		return nil, fmt.Errorf("find the names of towns: %w", err)
	}
	for _, row := range rows {
		host := as.Host(row.ID)
		names[host] = row.Name + " (" + host + ")"
	}
	return names, nil
}

// JobsElsewhere gives those of other towns among some objects in which somebody can
// still help, in their order and as a list shows them.
func (s *Opportunities) JobsElsewhere(ctx context.Context, among *bun.SelectQuery, lang string, limit int) ([]component.Job, error) {
	var found []struct{ ID, Host, Scope string }
	err := among.Where("EXISTS (SELECT 1 FROM opportunities d WHERE d.object_id = object.id AND d.status = ? AND (d.until IS NULL OR d.until > ?))", Open, s.now()).
		Limit(int64(limit)).Scan(ctx, &found)
	if err != nil {
		return nil, fmt.Errorf("find opportunities of other towns: %w", err)
	}
	ids := make([]string, len(found))
	for i, f := range found {
		ids[i] = f.ID
	}
	list, err := s.load(ctx, ids)
	if err != nil {
		return nil, err
	}
	towns, err := s.towns(ctx, list)
	if err != nil {
		return nil, err
	}
	var jobs []component.Job
	for _, o := range list {
		if o.Local || o.State != Open || !o.Until.IsZero() && o.Until.Before(s.now()) || len(jobs) == limit {
			continue
		}
		job := o.Job(lang)
		job.From = say(lang, "near.from", towns[as.Host(o.Author.ID)])
		jobs = append(jobs, job)
	}
	return jobs, nil
}
