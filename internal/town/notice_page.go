package town

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"

	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/page"
	"codeberg.org/aushang/aushang/internal/problem"
	"codeberg.org/aushang/aushang/web"
	"codeberg.org/aushang/aushang/web/component"
)

const (
	// NoticesPath is where readers find what the town hall announces.
	NoticesPath = "/bekanntmachungen"
	// voicePath is where the town hall sets in whose name it announces.
	voicePath = "/rathaus/bekanntmachungen"
	// noticesAtOnce is how many notices stand on a page.
	noticesAtOnce = 20
	// latest is how many an alert can lead to.
	latest = 15
)

// Notices is what lies beside these pages: the notices of a club, and how one is
// made.
type Notices struct {
	// Cards gives notices of an actor, the newest first, after the one with the key
	// before; next is the key after which more follow, "" for none.
	Cards func(ctx context.Context, actorID, before string, limit int) (cards []component.PostCard, next string, err error)
	// Found makes a club that by owns, and gives its id.
	Found func(ctx context.Context, by, handle, name, summary string) (id string, err error)
	// New is the path of the form of a new notice.
	New string
}

// mountNotices enters the routes of what the town hall announces into r.
func (p *Pages) mountNotices(r chi.Router) {
	r.Get(NoticesPath, p.Web.Handle(p.notices))
	r.Get(voicePath, p.Web.Handle(p.Page(page.Staff(p.voiceForm))))
	r.Post(voicePath, p.Web.Handle(p.Form(page.StaffForm(p.changeVoice))))
}

// newHref leads to the form of a new notice in the name of a club.
func (n Notices) newHref(handle string) string {
	return n.New + "?" + url.Values{"verein": {handle}}.Encode()
}

type noticesView struct {
	// Voice is nil as long as the town hall announces nothing here.
	Voice     *actor.Actor
	Cards     []component.PostCard
	Pager     component.Pager
	New       string
	Empty     component.Empty
	Subscribe page.Subscribe
}

func (p *Pages) notices(w http.ResponseWriter, r *http.Request) error {
	lang, before := p.Web.Language(r), r.URL.Query().Get("vor")
	voice, err := p.Voice(r.Context())
	if err != nil {
		return err
	}
	view := noticesView{Voice: voice, Empty: component.Empty{Key: "notice.none", TextKey: "notice.none.text", Href: "/pinnwand", ActionKey: "notice.none.action"}}
	page1 := web.Page{Title: p.Web.T(lang, "notice.title"), Description: p.Web.T(lang, "notice.text"), Canonical: p.origin() + NoticesPath, NoIndex: voice == nil}
	if voice != nil {
		var next string
		if view.Cards, next, err = p.Notices.Cards(r.Context(), voice.ID, before, noticesAtOnce); err != nil {
			return err
		}
		if next != "" {
			view.Pager.Next = NoticesPath + "?" + url.Values{"vor": {next}}.Encode()
		}
		if before != "" {
			view.Pager.Prev = NoticesPath
		}
		who, err := p.Who(r)
		if err != nil {
			return err
		}
		if who.Speaks(voice.ID) {
			view.New = p.Notices.newHref(voice.PreferredUsername)
		}
		view.Subscribe = page.Subscribe{Origin: p.origin(), Feed: page.Local(voice.URL), Follow: page.Follow(voice.ID)}
		page1.Feeds = view.Subscribe.Head(page1.Title)
	}
	if before == "" {
		p.Web.Keep(r, NoticesPath, time.Time{})
	}
	page1.View = view
	return p.Web.Render(w, r, http.StatusOK, "town/notices", page1)
}

type voiceView struct {
	Hall page.Hall
	// Voice is nil as long as there is none; then Found and Take make one.
	Voice      *actor.Actor
	Handle     string
	Followers  int
	Writers    []string
	People     string
	Page, New  string
	Cards      []component.PostCard
	Found      component.Form
	Take, Done *component.Form
}

// usualVoice is what stands in the form of a new profile.
func (p *Pages) usualVoice(lang string) *page.Input {
	return &page.Input{Values: url.Values{"handle": {"rathaus"}, "name": {p.Web.T(lang, "voice.name.usual", p.Web.Town().Name)}}}
}

func (p *Pages) voiceForm(w http.ResponseWriter, r *http.Request, who *page.Person) error {
	return p.showVoice(w, r, who, p.usualVoice(p.Web.Language(r)), nil)
}

func (p *Pages) showVoice(w http.ResponseWriter, r *http.Request, who *page.Person, in *page.Input, wrong error) error {
	ctx, lang := r.Context(), p.Web.Language(r)
	hall, err := p.Frame(r, voicePath, p.Web.T(lang, "notice.title"), true)
	if err != nil {
		return err
	}
	hall.Lede = p.Web.T(lang, "voice.text")
	view := voiceView{Hall: hall, Page: NoticesPath}
	if view.Voice, err = p.Voice(ctx); err != nil {
		return err
	}
	status := http.StatusOK
	if view.Voice != nil {
		err = p.describeVoice(r, who, &view)
	} else {
		typed, bad, took, badTake := in, wrong, &page.Input{Values: url.Values{}}, error(nil)
		if in.Get("act") == "take" {
			if typed, bad, took, badTake = p.usualVoice(lang), nil, in, wrong; wrong != nil {
				status = http.StatusUnprocessableEntity
			}
		}
		f := page.NewForm(p.Web, r, typed, bad)
		f.Hide("act", "found")
		f.Group("voice.new", component.Field{Kind: "text", Name: "handle", Key: "voice.handle", Hint: "voice.handle.hint", Required: true, Autocomplete: "off"},
			component.Field{Kind: "text", Name: "name", Key: "voice.name", Hint: "voice.name.hint", Required: true, Autocomplete: "organization"})
		view.Found, status = f.Show(voicePath, component.Button{Key: "voice.found"}), max(status, f.Status())
		view.Take, err = p.takeForm(r, took, badTake)
	}
	if err != nil {
		return err
	}
	return p.Web.Render(w, r, status, "town/voice", web.Page{Title: hall.Heading, View: view})
}

// describeVoice writes into view what the town hall does under its voice.
func (p *Pages) describeVoice(r *http.Request, who *page.Person, view *voiceView) error {
	ctx, a := r.Context(), view.Voice
	view.Handle, view.People = a.Handle(), page.Local(a.URL)+"/personen"
	var err error
	if view.Followers, err = p.actors.Followers(ctx, p.db.Read(), a.ID); err != nil {
		return err
	}
	roles, err := p.actors.Editors(ctx, a.ID)
	if err != nil {
		return err
	}
	for id := range roles {
		one, err := p.Accounts.Find(ctx, id)
		if problem.KindOf(err) == problem.NotFound {
			continue
		}
		if err != nil {
			return err
		}
		view.Writers = append(view.Writers, one.Name)
	}
	if who.Speaks(a.ID) {
		view.New = p.Notices.newHref(a.PreferredUsername)
	}
	f := page.NewForm(p.Web, r, &page.Input{Values: url.Values{}}, nil)
	f.Hide("act", "end")
	done := f.Show(voicePath, component.Button{Key: "voice.end", Plain: true})
	view.Done = &done
	view.Cards, _, err = p.Notices.Cards(ctx, a.ID, "", latest)
	return err
}

// takeForm lets a club that is there already speak for the town hall; nil where
// there is none.
func (p *Pages) takeForm(r *http.Request, in *page.Input, wrong error) (*component.Form, error) {
	clubs, err := p.actors.Groups(r.Context())
	if err != nil || len(clubs) == 0 {
		return nil, err
	}
	f := page.NewForm(p.Web, r, in, wrong)
	f.Prefix = "take-"
	f.Hide("act", "take")
	choice := component.Field{Kind: "select", Name: "club", Key: "voice.club", Required: true, Options: []component.Option{{Label: p.Web.T(f.Lang, "voice.club.choose")}}}
	for _, c := range clubs {
		choice.Options = append(choice.Options, component.Option{Value: c.PreferredUsername, Label: c.DisplayName()})
	}
	f.Group("voice.take", choice)
	form := f.Show(voicePath, component.Button{Key: "voice.take.do", Plain: true})
	return &form, nil
}

func (p *Pages) changeVoice(w http.ResponseWriter, r *http.Request, who *page.Person, in *page.Input) error {
	ctx, done := r.Context(), "voice.begun"
	var err error
	switch in.Get("act") {
	case "found":
		var id string
		summary := p.Web.T(p.Language, "voice.summary", p.Web.Town().Name)
		if id, err = p.Notices.Found(ctx, who.ID, strings.TrimSpace(in.Get("handle")), in.Get("name"), summary); err == nil {
			err = p.Speak(ctx, who.ID, id)
		}
		if problem.KindOf(err) == problem.Conflict {
			var errs problem.Fields
			errs.Add("handle", "There is a club with this handle already; please choose another one, or let that club speak.")
			err = errs.Err()
		}
	case "take":
		var a *actor.Actor
		var errs problem.Fields
		if in.Get("club") == "" {
			errs.Add("club", "Please choose a club.")
			err = errs.Err()
		} else if a, err = p.actors.FindLocal(ctx, in.Get("club")); err == nil {
			err = p.Speak(ctx, who.ID, a.ID)
		}
	case "end":
		done, err = "voice.ended", p.Speak(ctx, who.ID, "")
	default:
		return problem.Invalidf("%q cannot be done to the notices", in.Get("act"))
	}
	if len(problem.FieldsOf(err)) > 0 {
		return p.showVoice(w, r, who, in, err)
	}
	if err != nil {
		return err
	}
	p.Flash(r, done)
	http.Redirect(w, r, voicePath, http.StatusSeeOther)
	return nil
}
