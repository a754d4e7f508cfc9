package page

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"github.com/go-chi/chi/v5"

	"codeberg.org/aushang/aushang/internal/activity"
	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/problem"
	"codeberg.org/aushang/aushang/web/component"
	"codeberg.org/aushang/aushang/web/locale"
)

// Deletions shows what was deleted and who confirmed it: all of it to the town
// hall, and to the editors of a club what that one deleted.
type Deletions struct {
	*Guard
	Activities *activity.Activities
	Actors     *actor.Actors
	// Path is the address of the list.
	Path string
	// ActorID narrows it to one club; "" is all.
	ActorID string
}

// How much a page shows.
const (
	deletionsAtOnce = 30
	toldAtOnce      = 1000
)

// DeletionList is the list ("page/deletions").
type DeletionList struct {
	Rows  []Deletion
	Pager component.Pager
	Empty component.Empty
}

// A Deletion is one of them ("page/deletion" shows it with who was told).
type Deletion struct {
	*activity.Deletion
	Title, By, Href string
	Told            []Told
	// Again is nil when nobody is left to be told.
	Again *component.Form
}

// Told is what became of it at one server.
type Told struct {
	Host string
	// Health is "", "wait" or "down"; Says is a sentence and Why what the server
	// said.
	Health, Says, Why string
}

// List gives a page of the list; empty is shown when there is none.
func (d *Deletions) List(r *http.Request, empty component.Empty) (DeletionList, error) {
	view := DeletionList{Empty: empty}
	before := ""
	if key := r.URL.Query().Get("vor"); key != "" {
		before = d.Actors.Site().ActivityID(key)
	}
	list, err := d.Activities.Deletions(r.Context(), d.ActorID, before, deletionsAtOnce+1)
	if err != nil {
		return view, err
	}
	if len(list) > deletionsAtOnce {
		list = list[:deletionsAtOnce]
		view.Pager.Next = d.Path + "?" + url.Values{"vor": {list[len(list)-1].Key()}}.Encode()
	}
	if before != "" {
		view.Pager.Prev = d.Path
	}
	names := map[string]string{}
	for _, one := range list {
		row, err := d.row(r, one, names)
		if err != nil {
			return view, err
		}
		view.Rows = append(view.Rows, row)
	}
	return view, nil
}

func (d *Deletions) row(r *http.Request, one *activity.Deletion, names map[string]string) (Deletion, error) {
	lang := d.Web.Language(r)
	name, ok := names[one.ActorID]
	if !ok {
		var err error
		if name, err = d.name(r.Context(), one.ActorID); err != nil {
			return Deletion{}, err
		}
		names[one.ActorID] = name
	}
	what, when := "deletion."+one.Type, one.Published
	switch {
	case one.Type == "":
		what, when = "deletion.actor", one.Created
	case one.Reply:
		what = "deletion.reply"
	}
	return Deletion{
		Deletion: one, Href: d.Path + "/" + one.Key(),
		Title: d.Web.T(lang, "deletion.title", map[string]string{"What": d.Web.T(lang, what), "When": locale.ShortDateTime(lang, when.In(d.Zone), time.Now())}),
		By:    d.Web.T(lang, "deletion.by", map[string]string{"By": name, "When": locale.ShortDateTime(lang, one.Created.In(d.Zone), time.Now())}),
	}, nil
}

// name gives the name of the club, or its id when that is gone too.
func (d *Deletions) name(ctx context.Context, id string) (string, error) {
	a, err := d.Actors.Find(ctx, d.Objects.Reader(), id)
	if problem.KindOf(err) == problem.NotFound {
		return id, nil
	}
	if err != nil {
		return "", err
	}
	return a.DisplayName(), nil
}

// find gives the one that the address names, if it belongs to the list.
func (d *Deletions) find(r *http.Request) (*activity.Deletion, error) {
	one, err := d.Activities.FindDeletion(r.Context(), d.Actors.Site().ActivityID(chi.URLParam(r, "key")))
	if err == nil && d.ActorID != "" && one.ActorID != d.ActorID {
		err = problem.NotFoundf("%s is not of this club", one.ActivityID)
	}
	return one, err
}

// One gives the deletion that the address names, with everybody who was told.
func (d *Deletions) One(r *http.Request) (Deletion, error) {
	one, err := d.find(r)
	if err != nil {
		return Deletion{}, err
	}
	row, err := d.row(r, one, map[string]string{})
	if err != nil {
		return row, err
	}
	list, err := d.Activities.WhoWasTold(r.Context(), one.ActivityID, toldAtOnce)
	if err != nil {
		return row, err
	}
	for _, t := range list {
		row.Told = append(row.Told, d.told(d.Web.Language(r), t))
	}
	if one.Confirmed < one.Told {
		again := NewForm(d.Web, r, &Input{Values: url.Values{}}, nil).Show(row.Href, component.Button{Key: "deletion.again", Plain: true, Icon: "repeat"})
		row.Again = &again
	}
	return row, nil
}

func (d *Deletions) told(lang string, t activity.Told) Told {
	say := func(key string, at ...time.Time) string {
		if len(at) == 0 {
			return d.Web.T(lang, key)
		}
		return d.Web.T(lang, key, locale.ShortDateTime(lang, at[0].In(d.Zone), time.Now()))
	}
	shown := Told{Host: t.Host, Why: t.Error}
	switch {
	case !t.Confirmed.IsZero():
		shown.Says, shown.Why = say("deletion.confirmed", t.Confirmed), ""
	case t.State == "waiting":
		shown.Health, shown.Says = "wait", say("deletion.waiting", t.Next)
	case t.Status == http.StatusGone:
		shown.Health, shown.Says, shown.Why = "down", say("deletion.gone"), ""
	case t.State == "failed":
		shown.Health, shown.Says = "down", say("deletion.failed")
	default:
		shown.Health, shown.Says = "pause", say("deletion.dropped")
	}
	return shown
}

// TellAgain sends it to all who have not confirmed it, and leads back to its
// page.
func (d *Deletions) TellAgain(w http.ResponseWriter, r *http.Request, who *Person) error {
	one, err := d.find(r)
	if err != nil {
		return err
	}
	if err := d.Activities.TellAgain(r.Context(), who.ID, one.ActivityID); err != nil {
		return err
	}
	d.Flash(r, "deletion.done")
	http.Redirect(w, r, d.Path+"/"+one.Key(), http.StatusSeeOther)
	return nil
}
