package app

import (
	"context"
	"fmt"
	"io"

	"github.com/go-chi/chi/v5"
	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/account"
	"codeberg.org/aushang/aushang/internal/inquiry"
	"codeberg.org/aushang/aushang/internal/markup"
	"codeberg.org/aushang/aushang/internal/moderation"
	"codeberg.org/aushang/aushang/internal/page"
	"codeberg.org/aushang/aushang/internal/post"
	"codeberg.org/aushang/aushang/internal/townhall"
)

// actorTraces lists every column that points to somebody on another server, for
// who asks what is kept of them. What is about others in the same rows is left
// out.
func (t *Town) actorTraces() []account.Trace {
	return []account.Trace{
		{Table: "actors", Column: "id", Section: "actor", Secret: []string{"public_key_pem", "assertion_method"}},
		{Table: "objects", Column: "attributed_to", Section: "written"},
		{Table: "audience", Column: "recipient", Section: "mentions"},
		{Table: "reactions", Column: "actor_id", Section: "reactions"},
		{Table: "quotes", Column: "actor_id", Section: "quotes"},
		{Table: "follows", Column: "actor_id", Section: "follows"},
		{Table: "helpers", Column: "actor_id", Section: "helpers", Discreet: forTheClub},
		{Table: "direct_notes", Column: "actor_id", Section: "direct_notes"},
		{Table: "club_blocks", Column: "target", Section: "club_blocks"},
		{Table: "reports", Column: "objects", Within: true, Section: "reports_about", Secret: []string{"actor_id", "contact", "answer", "language"}},
		{Table: "decisions", Column: "actor_id", Section: "decisions_about"},
		{Table: "inbox", Column: "actor_id", Section: "received", Secret: []string{"owner"}},
	}
}

// requests gives what people want about their own data.
func (t *Town) requests() *inquiry.Requests {
	return &inquiry.Requests{
		DB: t.db, Accounts: t.Accounts, Actors: t.Actors, Letters: t.Clubs.Letters, Language: t.Config.Language,
		Person: inquiry.Person{
			Leave: func(ctx context.Context, by, id string, with account.Leaving) error {
				_, _, err := t.removePerson(ctx, by, id, with)
				return err
			},
			ForgetActor: func(ctx context.Context, tx bun.Tx, id string) error {
				if err := t.leftElsewhere(ctx, tx, id); err != nil {
					return err
				}
				return t.Activities.ForgetActor(ctx, tx, id)
			},
			ForgetMail: t.forgetMail,
			ShutOut: func(ctx context.Context, db bun.IDB, id string) (bool, error) {
				return t.Moderation.Holds(ctx, db, id, moderation.Suspend)
			},
			Refresh: func(ctx context.Context, id string) error {
				_, err := t.Actors.Refresh(ctx, id)
				return err
			},
			Mentions: t.mentions, Parts: t.partsOf,
			Help: func(ctx context.Context, w io.Writer, email string) error {
				return t.Applications.WriteOwn(ctx, w, "", email)
			},
		},
	}
}

// mountRequests enters the pages of requests into r, and puts what waits on the
// desk.
func (t *Town) mountRequests(r chi.Router, guard *page.Guard, hall *townhall.Surface) {
	pages := &inquiry.Pages{Guard: guard, Requests: t.Requests, Frame: hall.Frame}
	hall.More = append(hall.More, pages.Desk)
	pages.Mount(r)
}

// mentions gives what everybody may see and names somebody.
func (t *Town) mentions(ctx context.Context, words string, limit int) ([]inquiry.Mention, error) {
	list, err := t.Objects.Naming(ctx, words, limit)
	if err != nil {
		return nil, err
	}
	var all []inquiry.Mention
	for _, o := range list {
		m := inquiry.Mention{Title: o.Name, Href: o.URL, Published: o.Published.In(t.Config.Location())}
		if m.Title == "" {
			m.Title = post.Headline(markup.Text(o.Content))
		}
		if m.Href == "" {
			m.Href = o.ID
		}
		all = append(all, m)
	}
	return all, nil
}

// partsOf writes the files of somebody's own download.
func (t *Town) partsOf(ctx context.Context, create func(name string) (io.Writer, error), a *account.Account) error {
	for _, part := range t.data().Parts {
		if err := part.Write(ctx, create, a); err != nil {
			return fmt.Errorf("write %s: %w", part.Name, err)
		}
	}
	return nil
}
