package platform

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/markup"
	"codeberg.org/aushang/aushang/internal/page"
	"codeberg.org/aushang/aushang/internal/problem"
	"codeberg.org/aushang/aushang/web/component"
)

// maxSaid is how much of what waits is shown, in characters.
const maxSaid = 1000

// look is something that waits to be looked at, as the page shows it.
type look struct {
	Author, Handle, Said, Words string
	// Shared tells that another town shares it.
	Shared bool
	// Open tells that it is for everybody; of anything else the words are shown
	// here alone.
	Open       bool
	Time       time.Time
	Show, Hide component.Form
	// Own says that it is one of the first things of a club of ours, whose page is
	// Href. ID names it, ReturnHref leads to the form in which the reason is written
	// for which it is given back, and Return is that form.
	Own                  bool
	ID, Href, ReturnHref string
	Return               *component.Form
}

type looksView struct {
	Hall  page.Hall
	Looks []look
	Empty component.Empty
}

func (s *Surface) looks(w http.ResponseWriter, r *http.Request, who *page.Person) error {
	return s.showLooks(w, r, who, &page.Input{Values: url.Values{"id": {r.URL.Query().Get("zurueck")}}}, nil)
}

func (s *Surface) showLooks(w http.ResponseWriter, r *http.Request, who *page.Person, in *page.Input, wrong error) error {
	ctx, status := r.Context(), http.StatusOK
	heading, room, own := s.t(r, "looks.title"), Path, false
	if !who.Staff() { // who sees no platforms has it as a room of its own
		room, own = LooksPath, true
	}
	hall, err := s.Frame(r, room, heading, own)
	if err != nil {
		return err
	}
	hall.Lede = s.t(r, "looks.lede")
	view := looksView{Hall: hall, Empty: component.Empty{Key: "looks.none", TextKey: "looks.none.text", Href: WordsPath, ActionKey: "looks.words"}}
	if !who.Staff() {
		view.Empty.Href, view.Empty.ActionKey = "/rathaus", "townhall.back"
	}
	list, of, err := s.Moderation.Looks(ctx)
	if !who.Staff() {
		list, of, err = s.Moderation.LooksOf(ctx, who.Cared)
	}
	if err != nil {
		return err
	}
	for _, l := range list {
		o := of[l.ObjectID]
		author, err := s.Actors.Find(ctx, s.Objects.Reader(), o.AttributedTo)
		if err != nil {
			return err
		}
		said := strings.TrimSpace(strings.Join([]string{o.Name, o.Summary, markup.Text(o.Content)}, "\n"))
		one := look{
			Author: author.DisplayName(), Handle: author.Handle(), Said: markup.Name(said, maxSaid), Words: l.Words, Shared: o.InReplyTo == "" && !o.Local, Open: o.Open(), Time: l.Created.In(s.Zone),
			Show: s.button(r, LooksPath, component.Button{Key: "looks.show", Icon: "check"}, "act", "show", "id", l.ObjectID),
			Hide: s.button(r, LooksPath, component.Button{Key: "looks.hide", Plain: true}, "act", "hide", "id", l.ObjectID),
		}
		if o.Local {
			status = max(status, s.ownLook(r, &one, l.ObjectID, page.Local(o.URL), in, wrong))
		}
		view.Looks = append(view.Looks, one)
	}
	return s.render(w, r, status, "looks", heading, view)
}

func (s *Surface) decideLook(w http.ResponseWriter, r *http.Request, who *page.Person, in *page.Input) error {
	act := in.Get("act")
	if act == "approve" || act == "return" {
		err := s.Moderation.DecideFirst(r.Context(), who.ID, in.Get("id"), act == "approve", in.Get("reason"))
		if len(problem.FieldsOf(err)) > 0 {
			return s.showLooks(w, r, who, in, err)
		}
		if err != nil {
			return err
		}
		return s.back(w, r, LooksPath, "looks."+act+".done")
	}
	if act != "show" && act != "hide" {
		return problem.Invalidf("%q cannot be done to what waits", act)
	}
	if err := s.Moderation.DecideLook(r.Context(), who.ID, in.Get("id"), act == "show"); err != nil {
		return err
	}
	return s.back(w, r, LooksPath, "looks."+act+".done")
}

// ownLook makes of one a thing of a club of ours, with the form that gives it back
// opened where in asks for that, and gives the status of the answer.
func (s *Surface) ownLook(r *http.Request, one *look, id, href string, in *page.Input, wrong error) int {
	one.Own, one.ID, one.Href = true, actor.Key(id), href
	one.Show = s.button(r, LooksPath, component.Button{Key: "looks.approve", Icon: "check"}, "act", "approve", "id", id)
	one.ReturnHref = LooksPath + "?" + url.Values{"zurueck": {id}}.Encode() + "#look-" + one.ID
	if in.Get("id") != id {
		return http.StatusOK
	}
	f := page.NewForm(s.Web, r, in, wrong)
	f.Hide("act", "return")
	f.Hide("id", id)
	f.Group("", component.Field{Kind: "textarea", Name: "reason", Key: "looks.reason", Hint: "looks.reason.hint", Required: true, Rows: 4})
	form := f.Show(LooksPath, component.Button{Key: "looks.return", Danger: true})
	one.Return, one.ReturnHref = &form, ""
	return f.Status()
}

type wordsView struct {
	Hall page.Hall
	Form component.Form
}

func (s *Surface) words(w http.ResponseWriter, r *http.Request, _ *page.Person) error {
	words, err := s.Moderation.Words(r.Context())
	if err != nil {
		return err
	}
	first, err := s.Moderation.First(r.Context())
	if err != nil {
		return err
	}
	own, err := s.Moderation.FirstOfClubs(r.Context())
	if err != nil {
		return err
	}
	var lines []string
	for _, word := range words {
		lines = append(lines, word.Word)
	}
	return s.showWords(w, r, &page.Input{Values: url.Values{"words": {strings.Join(lines, "\n")}, "first": {strconv.Itoa(first)}, "clubs": {strconv.Itoa(own)}}}, nil)
}

func (s *Surface) showWords(w http.ResponseWriter, r *http.Request, in *page.Input, wrong error) error {
	heading := s.t(r, "looks.words")
	hall, err := s.frame(r, heading)
	if err != nil {
		return err
	}
	hall.Lede = s.t(r, "looks.words.lede")
	f := page.NewForm(s.Web, r, in, wrong)
	f.Group("looks.words.group", component.Field{Kind: "textarea", Name: "words", Key: "looks.words.list", Hint: "looks.words.hint", Rows: 10})
	f.Group("looks.first.group", component.Field{Kind: "number", Name: "first", Key: "looks.first", Hint: "looks.first.hint", Inputmode: "numeric", Required: true},
		component.Field{Kind: "number", Name: "clubs", Key: "looks.clubs", Hint: "looks.clubs.hint", Inputmode: "numeric", Required: true})
	return s.render(w, r, f.Status(), "words", heading, wordsView{hall, f.Show(WordsPath, component.Button{Key: "form.save"})})
}

func (s *Surface) setWords(w http.ResponseWriter, r *http.Request, who *page.Person, in *page.Input) error {
	err := s.Moderation.SetWatch(r.Context(), who.ID, in.Get("words"), in.Get("first"), in.Get("clubs"))
	if len(problem.FieldsOf(err)) > 0 {
		return s.showWords(w, r, in, err)
	}
	if err != nil {
		return err
	}
	return s.back(w, r, WordsPath, "townhall.saved")
}
