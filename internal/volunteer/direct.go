package volunteer

import (
	"context"
	"fmt"
	"html"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/uptrace/bun"

	as "codeberg.org/aushang/aushang/federation/activitystreams"
	"codeberg.org/aushang/aushang/internal/account"
	"codeberg.org/aushang/aushang/internal/activity"
	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/application"
	"codeberg.org/aushang/aushang/internal/markup"
	"codeberg.org/aushang/aushang/internal/object"
	"codeberg.org/aushang/aushang/internal/problem"
	"codeberg.org/aushang/aushang/web/locale"
)

// A Messenger speaks with people who have an account elsewhere, on Mastodon
// perhaps, and want to help: by Notes to one person alone, in the name of the
// club. It is an activity.Hearer.
type Messenger struct {
	Applications *application.Applications
	Actors       *actor.Actors
	Objects      *object.Objects
	Activities   *activity.Activities
	Accounts     *account.Accounts
	Words        *locale.Catalogue
	// Secret gives the secret that seals links.
	Secret func(ctx context.Context, purpose string) ([]byte, error)
	Zone   *time.Location
	// Language is the town's: for who writes in none of ours.
	Language string
}

// wanted gives the opportunity of ours with an id, if somebody can apply to it
// now and the town uses such things; nil otherwise.
func (m *Messenger) wanted(ctx context.Context, tx bun.Tx, id string) (*application.Need, error) {
	if !m.Actors.Site().Owns(id) {
		return nil, nil
	}
	if yes, err := application.Sought(ctx, tx, id); err != nil || !yes {
		return nil, err
	}
	o, err := m.Objects.Stored(ctx, tx, id)
	if problem.KindOf(err) == problem.NotFound || err == nil && (!o.Local || o.Tombstone() || !o.Open()) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	n, err := m.Applications.Need(ctx, tx, id)
	if problem.KindOf(err) == problem.NotFound || err == nil && !n.Takes(m.Applications.Now()) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if err := m.Objects.CheckOffered(ctx, tx, o); problem.KindOf(err) == problem.Conflict {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	return n, nil
}

// hears tells whether what somebody says counts as that of a person: not that of
// a program, which might answer what a program wrote, nor of whom the town hall
// has limited.
func hears(sender *actor.Actor) bool {
	return !sender.Local && sender.State == actor.Active && !sender.Blocked && !sender.Limited && !sender.HostLimited && sender.Type != "Service" && sender.Type != actor.Application
}

// Open answers who says something in public about an opportunity, to that person
// alone: where one applies, and that this was no application. Once for each
// person and opportunity.
func (m *Messenger) Open(ctx context.Context, tx bun.Tx, inReplyTo string, answer func() (*object.Object, error), sender *actor.Actor) error {
	if !hears(sender) {
		return nil
	}
	n, err := m.wanted(ctx, tx, inReplyTo)
	if err != nil || n == nil {
		return err
	}
	o, err := answer()
	if err != nil || o == nil {
		return err
	}
	if away, err := m.Actors.KeptAway(ctx, tx, sender, n.ClubID); err != nil || away {
		return err
	}
	spoken, err := m.Applications.Spoken(ctx, tx, n.ID, sender.ID)
	if err != nil || spoken {
		return err
	}
	if err := m.Accounts.AdmitAnswer(ctx, tx, sender.ID, sender.Host); problem.KindOf(err) == problem.TooMany {
		return nil
	} else if err != nil {
		return err
	}
	d := &application.DirectNote{ID: m.Actors.Site().NewObjectID(), OpportunityID: n.ID, ActorID: sender.ID, ByClub: true}
	if fresh, err := m.Applications.PutDirect(ctx, tx, d); err != nil || !fresh {
		return err
	}
	key, link := "direct.hint", m.Actors.Site().Origin+ApplyHref(actor.Key(n.ID))
	if n.ApplyLink != "" {
		key, link = "direct.link", n.ApplyLink
	}
	said := message{key: key, lang: m.language(o.Language), data: map[string]any{"Title": n.Name, "Club": n.Club}, link: link}
	return m.send(ctx, tx, n.ClubID, sender, d, o.ID, said)
}

// language gives that in which somebody is answered who writes in tag.
func (m *Messenger) language(tag string) string {
	base, _, _ := strings.Cut(strings.ToLower(tag), "-")
	for _, lang := range locale.Languages {
		if lang == base {
			return lang
		}
	}
	return m.Language
}

// A message is what is said in a Note, by the keys of its words: key + ".text"
// with paragraphs between empty lines, ".do" for the link and, if there is such a
// key, ".after".
type message struct {
	key, lang string
	data      any
	link      string
}

// send sends a Note of the club to one person alone, in reply to another Note.
func (m *Messenger) send(ctx context.Context, tx bun.Tx, clubID string, to *actor.Actor, d *application.DirectNote, inReplyTo string, said message) error {
	club, err := m.Actors.Find(ctx, tx, clubID)
	if err != nil {
		return err
	}
	if club.State == actor.Suspended {
		return nil // it says nothing to anybody
	}
	content, err := m.content(to, said)
	if err != nil {
		return err
	}
	note := &as.Object{
		ID: d.ID, Type: "Note", AttributedTo: club.ID, To: []string{to.ID}, Content: content, ContentMap: map[string]string{said.lang: content},
		InReplyTo: inReplyTo, Published: m.Applications.Now(), Tag: []as.Tag{{Type: "Mention", Href: to.ID, Name: to.Handle()}},
	}
	return m.Activities.Publish(ctx, tx, club, &as.Activity{Type: activity.Create, To: note.To, Published: note.Published, Object: as.Item{Object: note}})
}

// capital begins a text with a capital letter: in a letter the same words stand after
// a comma.
func capital(text string) string {
	first, size := utf8.DecodeRuneInString(text)
	if size == 0 {
		return text
	}
	return string(unicode.ToUpper(first)) + text[size:]
}

// content writes a message as HTML. It begins with the name of who gets it, as
// other servers do.
func (m *Messenger) content(to *actor.Actor, said message) (string, error) {
	text, err := m.Words.Message(said.lang, said.key+".text", said.data)
	if err != nil {
		return "", fmt.Errorf("write a direct note: %w", err)
	}
	address := to.URL
	if address == "" {
		address = to.ID
	}
	var b strings.Builder
	fmt.Fprintf(&b, `<p><a href="%s" class="u-url mention">%s</a></p>%s`, html.EscapeString(address), html.EscapeString(to.Handle()), markup.Paragraphs(capital(strings.TrimSpace(text))))
	if said.link != "" {
		label, err := m.Words.Message(said.lang, said.key+".do", said.data)
		if err != nil {
			return "", fmt.Errorf("write a direct note: %w", err)
		}
		fmt.Fprintf(&b, `<p>%s:<br><a href="%s">%s</a></p>`, html.EscapeString(label), html.EscapeString(said.link), html.EscapeString(said.link))
	}
	if m.Words.Has(said.lang, said.key+".after") {
		after, err := m.Words.Message(said.lang, said.key+".after", said.data)
		if err != nil {
			return "", fmt.Errorf("write a direct note: %w", err)
		}
		b.WriteString(markup.Paragraphs(strings.TrimSpace(after)))
	}
	return b.String(), nil
}
