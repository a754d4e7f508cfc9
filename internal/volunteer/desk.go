package volunteer

import (
	"net/http"

	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/page"
	"codeberg.org/aushang/aushang/web/component"
)

// deskRow is an opportunity to which people have applied.
type deskRow struct{ Title, Href, Club, Said string }

type deskView struct {
	Crumbs []component.Crumb
	List   []deskRow
	Empty  component.Empty
}

// desk lists to what people have applied, of all clubs for which somebody speaks.
func (p *Pages) desk(w http.ResponseWriter, r *http.Request, who *page.Person) error {
	if err := who.MustSpeak(); err != nil {
		return err
	}
	var clubs []string
	names := map[string]string{}
	for _, c := range who.Clubs {
		clubs, names[c.ID] = append(clubs, c.ID), c.DisplayName()
	}
	list, err := p.Applications.Desks(r.Context(), clubs)
	if err != nil {
		return err
	}
	lang := p.Web.Language(r)
	view := deskView{
		Crumbs: []component.Crumb{{Key: "nav.self", Href: "/konto"}, {Key: "volunteer.list"}},
		Empty:  component.Empty{Key: "volunteer.list.empty", TextKey: "volunteer.desk.empty.text", Href: Path + "neu", ActionKey: "volunteer.desk.new"},
	}
	for _, d := range list {
		row := deskRow{Title: d.Title, Href: ListHref(actor.Key(d.OpportunityID)), Club: names[d.ClubID], Said: p.Web.T(lang, "volunteer.desk.over")}
		if d.Waiting+d.Accepted > 0 {
			row.Said = p.Web.T(lang, "volunteer.desk.counted", map[string]int{"Waiting": d.Waiting, "Accepted": d.Accepted})
		}
		view.List = append(view.List, row)
	}
	return p.render(w, r, http.StatusOK, "desk", p.Web.T(lang, "volunteer.list"), false, view)
}
