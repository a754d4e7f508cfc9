package platform

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

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
	// Open tells that it is for everybody; of anything else the words are shown
	// here alone.
	Open       bool
	Time       time.Time
	Show, Hide component.Form
}

type looksView struct {
	Hall  page.Hall
	Looks []look
	Empty component.Empty
}

func (s *Surface) looks(w http.ResponseWriter, r *http.Request, _ *page.Person) error {
	ctx := r.Context()
	heading := s.t(r, "looks.title")
	hall, err := s.frame(r, heading)
	if err != nil {
		return err
	}
	hall.Lede = s.t(r, "looks.lede")
	view := looksView{Hall: hall, Empty: component.Empty{Key: "looks.none", TextKey: "looks.none.text", Href: WordsPath, ActionKey: "looks.words"}}
	list, of, err := s.Moderation.Looks(ctx)
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
		view.Looks = append(view.Looks, look{
			Author: author.DisplayName(), Handle: author.Handle(), Said: markup.Name(said, maxSaid), Words: l.Words, Open: o.Open(), Time: l.Created.In(s.Zone),
			Show: s.button(r, LooksPath, component.Button{Key: "looks.show", Icon: "check"}, "act", "show", "id", l.ObjectID),
			Hide: s.button(r, LooksPath, component.Button{Key: "looks.hide", Plain: true}, "act", "hide", "id", l.ObjectID),
		})
	}
	return s.render(w, r, http.StatusOK, "looks", heading, view)
}

func (s *Surface) decideLook(w http.ResponseWriter, r *http.Request, who *page.Person, in *page.Input) error {
	act := in.Get("act")
	if act != "show" && act != "hide" {
		return problem.Invalidf("%q cannot be done to what waits", act)
	}
	if err := s.Moderation.DecideLook(r.Context(), who.ID, in.Get("id"), act == "show"); err != nil {
		return err
	}
	return s.back(w, r, LooksPath, "looks."+act+".done")
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
	var lines []string
	for _, word := range words {
		lines = append(lines, word.Word)
	}
	return s.showWords(w, r, &page.Input{Values: url.Values{"words": {strings.Join(lines, "\n")}, "first": {strconv.Itoa(first)}}}, nil)
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
	f.Group("looks.first.group", component.Field{Kind: "number", Name: "first", Key: "looks.first", Hint: "looks.first.hint", Inputmode: "numeric", Required: true})
	return s.render(w, r, f.Status(), "words", heading, wordsView{hall, f.Show(WordsPath, component.Button{Key: "form.save"})})
}

func (s *Surface) setWords(w http.ResponseWriter, r *http.Request, who *page.Person, in *page.Input) error {
	err := s.Moderation.SetWatch(r.Context(), who.ID, in.Get("words"), in.Get("first"))
	if len(problem.FieldsOf(err)) > 0 {
		return s.showWords(w, r, in, err)
	}
	if err != nil {
		return err
	}
	return s.back(w, r, WordsPath, "townhall.saved")
}
