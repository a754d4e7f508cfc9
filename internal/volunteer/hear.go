package volunteer

import (
	"context"
	"regexp"
	"strings"

	"github.com/uptrace/bun"

	as "codeberg.org/aushang/aushang/federation/activitystreams"
	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/application"
	"codeberg.org/aushang/aushang/internal/markup"
	"codeberg.org/aushang/aushang/internal/problem"
)

// Direct makes an application of a Note to a club alone that answers one of its
// opportunities, or what the club wrote to that person about one, or has the link
// of one. What answers an application goes to the talk about it. Everything else
// is not taken, and stays a message to the club's editors.
func (m *Messenger) Direct(ctx context.Context, tx bun.Tx, club *actor.Actor, doc *as.Object, sender *actor.Actor) (taken bool, err error) {
	if doc.Type != "Note" || !hears(sender) {
		return false, nil
	}
	known, err := m.Applications.FindDirect(ctx, tx, doc.ID)
	if err != nil {
		return false, err
	}
	if known != nil {
		if known.ActorID != sender.ID || known.ByClub || known.HelperID == "" {
			return false, nil
		}
		if doc.Updated.IsZero() {
			return true, nil // it came twice
		}
		return true, m.Applications.RewriteDirect(ctx, tx, known, wordsOf(doc))
	}
	about, err := m.above(ctx, tx, doc, sender)
	if err != nil {
		return false, err
	}
	if about.helper != "" {
		return m.talk(ctx, tx, about.helper, doc, sender)
	}
	for _, id := range about.opportunities {
		n, err := m.wanted(ctx, tx, id)
		if err != nil {
			return false, err
		}
		if n != nil && n.ClubID == club.ID && n.ApplyLink == "" {
			return m.apply(ctx, tx, n, doc, sender)
		}
	}
	return false, nil
}

// meant is what a Note may be about: an application, or one of opportunities.
type meant struct {
	helper        string
	opportunities []string
}

// above finds what a Note is about: what it answers, or what it links to.
func (m *Messenger) above(ctx context.Context, tx bun.Tx, doc *as.Object, sender *actor.Actor) (meant, error) {
	if doc.InReplyTo != "" {
		d, err := m.Applications.FindDirect(ctx, tx, doc.InReplyTo)
		if err != nil {
			return meant{}, err
		}
		if d != nil && d.ActorID == sender.ID {
			return meant{d.HelperID, []string{d.OpportunityID}}, nil
		}
		if m.Actors.Site().Owns(doc.InReplyTo) {
			return meant{"", []string{doc.InReplyTo}}, nil
		}
	}
	return meant{"", m.linked(doc.Content)}, nil
}

// mostLinks is how many links of a Note are looked at.
const mostLinks = 10

// linked gives the ids of the things of ours to which a text may link, by their
// pages or by themselves.
func (m *Messenger) linked(content string) []string {
	site := m.Actors.Site()
	var ids []string
	link := regexp.MustCompile(regexp.QuoteMeta(site.Origin) + `(?:` + Path + `|/ap/objects/)([0-9a-f]{8}-[0-9a-f-]{27})`)
	for _, found := range link.FindAllStringSubmatch(content, mostLinks) {
		ids = append(ids, site.ObjectID(found[1]))
	}
	return ids
}

// handles are the names with which other servers begin what is for somebody.
var handles = regexp.MustCompile(`^(?:@[\p{L}\p{N}_.-]+(?:@[\p{L}\p{N}.:-]+)?\s+)+`)

// The most that is kept of a Note, in characters: what the form takes.
const mostWords = 4000

// wordsOf gives what somebody wrote in a Note as plain text, without the name of
// the club with which it begins. Pictures are named by their addresses.
func wordsOf(doc *as.Object) string {
	text := markup.Text(markup.Sanitize(doc.Content))
	text = strings.TrimSpace(handles.ReplaceAllString(strings.TrimSpace(text)+" ", ""))
	if before := markup.Text(doc.Summary); before != "" {
		text = before + "\n\n" + text
	}
	for _, a := range doc.Attachment {
		if markup.IsLink(a.URL) {
			text += "\n" + a.URL
		}
	}
	if runes := []rune(text); len(runes) > mostWords {
		text = string(runes[:mostWords-1]) + "…"
	}
	return strings.TrimSpace(text)
}

// apply makes an application of a Note. Who has one already goes on talking about
// it.
func (m *Messenger) apply(ctx context.Context, tx bun.Tx, n *application.Need, doc *as.Object, sender *actor.Actor) (taken bool, err error) {
	if ok, err := m.admit(ctx, tx, sender); err != nil || !ok {
		return false, err
	}
	d := application.Draft{
		Key: application.OriginKey(doc.ID), OpportunityID: n.ID, ActorID: sender.ID, Door: application.ByMessage, OriginID: doc.ID,
		Name: sender.DisplayName(), Message: wordsOf(doc), Language: m.language(doc.Language),
	}
	if markup.Name(d.Name, 100) == "" {
		d.Name = sender.Handle()
	}
	if ahead := n.Ahead(m.Applications.Now()); len(ahead) == 1 {
		d.Shifts = []string{ahead[0].ID}
	}
	h, twice, err := m.Applications.ApplyIn(ctx, tx, d)
	if problem.KindOf(err) == problem.Conflict || len(problem.FieldsOf(err)) > 0 {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	if twice {
		return m.say(ctx, tx, h, doc)
	}
	_, err = m.Applications.PutDirect(ctx, tx, &application.DirectNote{ID: doc.ID, OpportunityID: n.ID, ActorID: sender.ID, HelperID: h.ID})
	return true, err
}

// admit tells whether what somebody elsewhere writes still counts.
func (m *Messenger) admit(ctx context.Context, tx bun.Tx, sender *actor.Actor) (bool, error) {
	err := m.Accounts.AdmitDirect(ctx, tx, sender.ID, sender.Host)
	if problem.KindOf(err) == problem.TooMany {
		return false, nil
	}
	return err == nil, err
}

// talk hands a Note to the talk about an application.
func (m *Messenger) talk(ctx context.Context, tx bun.Tx, helperID string, doc *as.Object, sender *actor.Actor) (taken bool, err error) {
	if ok, err := m.admit(ctx, tx, sender); err != nil || !ok {
		return false, err
	}
	h, err := m.Applications.Find(ctx, tx, helperID)
	if problem.KindOf(err) == problem.NotFound || err == nil && h.ActorID != sender.ID {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	return m.say(ctx, tx, h, doc)
}

// say hands a Note to the talk about h. What comes when that is over is a message
// as any other.
func (m *Messenger) say(ctx context.Context, tx bun.Tx, h *application.Helper, doc *as.Object) (taken bool, err error) {
	if h.Door != application.ByMessage {
		return false, nil
	}
	d := &application.DirectNote{ID: doc.ID, OpportunityID: h.OpportunityID, ActorID: h.ActorID, HelperID: h.ID}
	err = m.Applications.SayDirect(ctx, tx, d, wordsOf(doc))
	if problem.KindOf(err) == problem.Conflict || len(problem.FieldsOf(err)) > 0 {
		return false, nil
	}
	return err == nil, err
}

// Tell says to who applied by a Note what becomes of it, by a Note.
func (m *Messenger) Tell(ctx context.Context, tx bun.Tx, n application.Notice) error {
	h := n.Helper
	to, err := m.Actors.Find(ctx, tx, h.ActorID)
	if problem.KindOf(err) == problem.NotFound || err == nil && (to.Blocked || to.State != actor.Active) {
		return nil
	}
	if err != nil {
		return err
	}
	need, err := m.Applications.Need(ctx, tx, h.OpportunityID)
	if err != nil {
		return err
	}
	above, err := m.Applications.LastDirect(ctx, tx, h.ID)
	if err != nil {
		return err
	}
	if above == "" {
		above = h.OriginID
	}
	token, err := tokenOf(ctx, m.Secret, h.ID)
	if err != nil {
		return err
	}
	said := message{key: m.key(n), lang: h.Language, link: m.Actors.Site().Origin + linkPath + "/" + token}
	said.data = map[string]any{
		"Title": h.Title, "Club": need.Club, "Text": n.Text, "When": m.when(h.Language, n), "Hours": decimal(h.Language, h.Minutes),
		"Choose": len(need.Ahead(m.Applications.Now())) > 1, "Age": need.MinimumAge, "Asks": need.Asks(),
	}
	d := &application.DirectNote{ID: m.Actors.Site().NewObjectID(), OpportunityID: h.OpportunityID, ActorID: h.ActorID, HelperID: h.ID, ByClub: true}
	if _, err := m.Applications.PutDirect(ctx, tx, d); err != nil {
		return err
	}
	return m.send(ctx, tx, h.ClubID, to, d, above, said)
}

// key is that of the words of a notice: those of letters, where they fit.
func (m *Messenger) key(n application.Notice) string {
	kind := kindOf(n)
	if m.Words.Has(n.Helper.Language, "direct."+kind+".text") {
		return "direct." + kind
	}
	return "letter.help." + kind
}

func (m *Messenger) when(lang string, n application.Notice) string {
	if n.Commitment == nil {
		return ""
	}
	return when(lang, n.Commitment.StartsAt, n.Commitment.EndsAt, m.Zone)
}

// Retracted forgets what somebody elsewhere said in a talk and has deleted there.
func (m *Messenger) Retracted(ctx context.Context, tx bun.Tx, id, actorID string) error {
	return m.Applications.DropDirect(ctx, tx, actorID, id)
}
