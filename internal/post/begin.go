package post

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"codeberg.org/aushang/aushang/internal/draft"
	"codeberg.org/aushang/aushang/internal/markup"
	"codeberg.org/aushang/aushang/internal/page"
	"codeberg.org/aushang/aushang/internal/problem"
	"codeberg.org/aushang/aushang/web/component"
)

// DraftKind is what drafts of posts are called.
const DraftKind = "post"

// FormPath is where the form of a new post is.
const FormPath = Path + "neu"

// maxTitle is how much of a text stands in the list of drafts.
const maxTitle = 80

// making says of the form of a post what drafts and templates need.
var making = page.Making{
	Kind: DraftKind, Path: FormPath, Fields: []string{"text", "kind"},
	Title: func(v url.Values) string { return markup.Name(markup.Text(markup.Markdown(v.Get("text"))), maxTitle) },
}

// newForm shows the form of a new post: empty, or as a draft, a template or an
// earlier post fills it.
func (p *Pages) newForm(w http.ResponseWriter, r *http.Request, who *page.Person) error {
	if err := who.MustSpeak(); err != nil {
		return err
	}
	in, check, err := p.Begin(r, who, making)
	if err != nil {
		return err
	}
	if in == nil {
		if in, err = p.blank(r, who); err != nil {
			return err
		}
	}
	if check {
		_, wrong := p.checked(in)
		return p.formIfInvalid(w, r, who, in, wrong)
	}
	return p.form(w, r, who, in, nil, nil)
}

// blank gives the form of a new post without a draft: with the club and the
// kind that the address names, or as the post that it names fills it.
func (p *Pages) blank(r *http.Request, who *page.Person) (*page.Input, error) {
	in := &page.Input{Values: url.Values{"club": {r.URL.Query().Get("verein")}, "kind": {Announcement}, "key": {page.NewKey()}}}
	if kind := kindOf(r.URL.Query().Get("art")); kind != "" {
		in.Set("kind", kind)
	}
	from := r.URL.Query().Get("von")
	if from == "" {
		return in, nil
	}
	o, err := p.mine(r, who, from)
	if err != nil {
		return nil, err
	}
	if in.Values, err = p.values(r, o); err != nil {
		return nil, err
	}
	in.Del("version")
	in.Set("key", page.NewKey())
	if len(o.Attachment) > 0 {
		held, err := p.pictures.HoldCopy(r.Context(), o.Attachment[0])
		if err != nil {
			return nil, err
		}
		in.Set(page.HeldField, held.ID)
	}
	return in, nil
}

// checked checks the form of a new post, and reads when it shall appear; zero
// is at once.
func (p *Pages) checked(in *page.Input) (time.Time, error) {
	var errs problem.Fields
	_, _, err := checked(in.Get("text"), in.Get("kind"))
	errs.Merge(err)
	due, err := p.Planned(in)
	errs.Merge(err)
	return due, errs.Err()
}

// formIfInvalid shows the form of a new post again when what was typed is
// wrong, or was changed in between; other errors stay errors.
func (p *Pages) formIfInvalid(w http.ResponseWriter, r *http.Request, who *page.Person, in *page.Input, err error) error {
	if err != nil && !page.Mendable(err) {
		return err
	}
	return p.form(w, r, who, in, nil, err)
}

// keepDraft keeps the form as a draft, which appears at due unless that is zero.
func (p *Pages) keepDraft(w http.ResponseWriter, r *http.Request, who *page.Person, in *page.Input, key string, due time.Time) error {
	said := "draft.saved"
	if who.Early(in) && !in.Keeps() {
		said, due = "draft.early", time.Time{}
	}
	if !due.IsZero() {
		said = "draft.planned"
		if err := p.CheckPicture(r.Context(), in); err != nil {
			return p.formIfInvalid(w, r, who, in, err)
		}
	}
	if err := p.Keep(r, who, making, in, key, due); err != nil {
		return p.formIfInvalid(w, r, who, in, err)
	}
	return p.Kept(w, r, said)
}

// PublishDraft publishes what a draft of a post holds, as its form would.
func (s *Posts) PublishDraft(ctx context.Context, by string, w *draft.Draft) error {
	in := page.Typed(w.Fields(), w.Held)
	_, err := s.Create(ctx, by, Draft{Key: w.ID, Version: w.Version, AttributedTo: w.ActorID, Text: in.Get("text"), Kind: in.Get("kind"), Picture: in.PictureChange().New})
	return err
}

// preview shows what the form would make.
func (p *Pages) preview(f *page.Form, who *page.Person) *page.Preview {
	c, err := who.Chosen(f.In)
	if err != nil {
		return nil
	}
	kind := f.In.Get("kind")
	if _, known := looks[kind]; !known {
		kind = Announcement
	}
	text := markup.Typed(f.In.Get("text"))
	plain := markup.Text(markup.Markdown(text))
	card := &component.PostCard{
		Href: "#preview", Content: component.SafeHTML(markup.Markdown(text)), Kind: KindKey(kind), Tone: looks[kind].tone, Picture: f.Depicted(),
		By: c.DisplayName(), ByHref: c.URL, Published: p.now().In(p.zone),
	}
	card.Title, card.Text = headline(plain)
	return &page.Preview{
		Card: card, Picture: f.Depicted(),
		Club:  &component.ClubCard{Name: c.DisplayName(), Handle: c.Handle(), IconURL: page.Local(c.IconURL)},
		There: page.There{Content: component.SafeHTML(markup.Markdown(text)), Long: page.Folds(plain)},
	}
}
