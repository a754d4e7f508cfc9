package app

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"time"

	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/account"
	"codeberg.org/aushang/aushang/internal/calendar"
	"codeberg.org/aushang/aushang/internal/mail"
	"codeberg.org/aushang/aushang/internal/page"
	"codeberg.org/aushang/aushang/internal/resident"
	"codeberg.org/aushang/aushang/web/locale"
)

// traces lists every column of the database that points to a person: what
// becomes of it when somebody leaves, and where it is in the download of
// everything. A column that is missing here fails a test.
func (t *Town) traces() []account.Trace {
	return []account.Trace{
		{Table: "sessions", Column: "account_id", Section: "sessions", Secret: []string{"token", "data", "ref"}},
		{Table: "sessions", Column: "data", Within: true},
		{Table: "sign_in_links", Column: "account_id", Section: "sign_in_links", Secret: []string{"token_hash"}},
		{Table: "passkeys", Column: "account_id", Section: "passkeys", Secret: []string{"credential_id", "public_key"}},
		{Table: "ceremonies", Column: "account_id", Omit: "data.not.password"},
		{Table: "factors", Column: "account_id", Section: "factors", Secret: []string{"secret", "last_step"}},
		{Table: "recovery_codes", Column: "account_id", Omit: "data.not.password"},
		{Table: "address_changes", Column: "account_id", Section: "address_changes", Secret: []string{"token_hash", "stop_hash"}},
		{Table: "address_changes", Column: "old_email", Mail: true},
		{Table: "address_changes", Column: "new_email", Mail: true},
		{Table: "account_events", Column: "account_id", Section: "account_events", Secret: []string{"by_account"}},
		{Table: "account_events", Column: "by_account", Fate: account.Blanked},
		{Table: "identities", Column: "account_id", Section: "identities"},
		{Table: "identities", Column: "email", Mail: true},
		{Table: "preferences", Column: "account_id", Section: "preferences"},
		{Table: "notices", Column: "account_id", Section: "notices"},
		{Table: "notice_marks", Column: "account_id", Section: "notice_marks"},
		{Table: "registrations", Column: "email", Mail: true, Omit: "data.not.letters"},
		{Table: "applications", Column: "account_id", Section: "applications", Secret: []string{"by_account"}},
		{Table: "applications", Column: "by_account", Fate: account.Blanked},
		{Table: "invitations", Column: "by_account", Section: "invitations", Secret: []string{"token_hash", "email"}},
		{Table: "invitations", Column: "email", Mail: true, Omit: "data.not.letters"},
		{Table: "editors", Column: "account_id", Section: "clubs"},
		{Table: "drafts", Column: "account_id", Fate: account.Blanked, Omit: "data.not.drafts"},
		{Table: "edits", Column: "account_id", Fate: account.Blanked, Section: "edits"},
		{Table: "reports", Column: "account_id", Fate: account.Blanked, Section: "reports"},
		{Table: "town_texts", Column: "account_id", Fate: account.Blanked, Section: "town_texts"},
		{Table: "mails", Column: "recipient", Mail: true, Omit: "data.not.letters"},
		{Table: "mails", Column: "letter", Mail: true, Within: true, Omit: "data.not.letters"},
		{Table: "accounts", Column: "id", Section: "account", Secret: []string{"password_hash", "epoch"}},
		{Table: "accounts", Column: "email", Mail: true},
	}
}

// without are the keys of what the download leaves out, with the reasons.
var without = []string{
	"data.not.password", "data.not.throttles", "data.not.letters", "data.not.drafts", "data.not.private", "data.not.deleted", "data.not.pictures", "data.not.backups",
}

// data gives what the pages of a person's own data need.
func (t *Town) data() resident.Data {
	return resident.Data{
		Without: without,
		Leave: func(ctx context.Context, by, id string) error {
			_, _, err := t.RemovePerson(ctx, by, id)
			return err
		},
		Parts: []resident.Part{
			{Name: "konto.json", Write: single("konto.json", t.Accounts.WriteRows)},
			{Name: "outbox.json", Write: single("outbox.json", func(ctx context.Context, w io.Writer, a *account.Account) error {
				return t.Activities.WriteOutbox(ctx, w, a.ID)
			})},
			{Name: "termine.ics", Write: t.ownEvents},
			{Name: "vereine.csv", Write: single("vereine.csv", t.ownClubs)},
			{Name: "folgende.csv", Write: single("folgende.csv", t.ownFollowers)},
			{Name: "sitzungen.csv", Write: single("sitzungen.csv", t.ownSessions)},
		},
	}
}

// single makes one file.
func single(name string, write func(ctx context.Context, w io.Writer, a *account.Account) error) func(context.Context, func(string) (io.Writer, error), *account.Account) error {
	return func(ctx context.Context, create func(string) (io.Writer, error), a *account.Account) error {
		w, err := create(name)
		if err != nil {
			return err
		}
		return write(ctx, w, a)
	}
}

// ownPage is how much is read at once, and how many events stand in one
// calendar: a calendar is made as a whole.
const ownPage = 500

// ownEvents writes the events that a person announced, as many calendars as they
// need.
func (t *Town) ownEvents(ctx context.Context, create func(string) (io.Writer, error), a *account.Account) error {
	name, after := "termine.ics", ""
	for n := 2; ; n++ {
		list, next, err := t.Events.PublishedBy(ctx, a.ID, after, ownPage)
		if err != nil || len(list) == 0 && n > 2 {
			return err
		}
		w, err := create(name)
		if err != nil {
			return err
		}
		file, err := calendar.Calendar{Name: t.Config.Name, URL: t.Config.Origin + "/veranstaltungen", Zone: t.Config.Location(), Components: list}.Encode()
		if err != nil {
			return err
		}
		if _, err := w.Write(file); err != nil || next == "" {
			return err
		}
		name, after = fmt.Sprintf("termine-%d.ics", n), next
	}
}

func (t *Town) ownClubs(ctx context.Context, w io.Writer, a *account.Account) error {
	sheet, err := page.NewSheet(w, "name", "handle", "url", "role", "state")
	if err != nil {
		return err
	}
	roles, err := t.Actors.RolesOf(ctx, a.ID)
	if err != nil {
		return err
	}
	clubs, err := t.Accounts.Clubs(ctx, nil, a.ID)
	if err != nil {
		return err
	}
	for _, c := range clubs {
		if err := sheet.Add(c.Club.DisplayName(), c.Club.Handle(), c.Club.URL, roles[c.Club.ID], c.Club.State); err != nil {
			return err
		}
	}
	return nil
}

func (t *Town) ownFollowers(ctx context.Context, w io.Writer, a *account.Account) error {
	sheet, err := page.NewSheet(w, "club", "handle", "name", "id", "since")
	if err != nil {
		return err
	}
	clubs, err := t.Accounts.Clubs(ctx, nil, a.ID)
	if err != nil {
		return err
	}
	for _, c := range clubs {
		for after := ""; ; {
			fans, err := t.Actors.Fans(ctx, c.Club.ID, after, ownPage)
			if err != nil {
				return err
			}
			for _, f := range fans {
				if err := sheet.Add(c.Club.PreferredUsername, "@"+f.Acct, f.Name, f.ID, f.Since.UTC().Format(time.RFC3339)); err != nil {
					return err
				}
				after = f.ID
			}
			if len(fans) < ownPage {
				break
			}
		}
	}
	return nil
}

func (t *Town) ownSessions(ctx context.Context, w io.Writer, a *account.Account) error {
	var sheet *page.Sheet
	return t.Accounts.EachRow(ctx, a, "sessions", func(cells []string) (err error) {
		if sheet == nil {
			sheet, err = page.NewSheet(w, cells...)
			return err
		}
		return sheet.Add(cells...)
	})
}

// RemovePerson forgets a person for good, tells him or her by mail, and gives who
// it was, and the clubs that he or she spoke for with what becomes of them.
func (t *Town) RemovePerson(ctx context.Context, by, id string) (a *account.Account, clubs []account.Left, err error) {
	words, err := locale.NewCatalogue(resident.Files)
	if err != nil {
		return nil, nil, err
	}
	lang, err := t.Accounts.Language(ctx, id)
	if err != nil {
		return nil, nil, err
	}
	a, err = t.Accounts.Leave(ctx, by, id, account.Leaving{
		Before: func(ctx context.Context, tx bun.Tx, a *account.Account) (err error) {
			clubs, err = t.Clubs.LeaveAll(ctx, tx, a.ID)
			return err
		},
		After: func(ctx context.Context, tx bun.Tx, a *account.Account) error {
			if !t.Mail.Ready() {
				return nil
			}
			return t.Mail.Send(ctx, tx, farewell(words, lang, a, by == id))
		},
	})
	return a, clubs, err
}

// leaveClubs takes somebody who leaves out of all clubs.
func (t *Town) leaveClubs(ctx context.Context, tx bun.Tx, a *account.Account) error {
	_, err := t.Clubs.LeaveAll(ctx, tx, a.ID)
	return err
}

// farewell is the last letter to somebody. Its cause names nobody.
func farewell(words *locale.Catalogue, lang string, a *account.Account, own bool) mail.Letter {
	say := func(key string) string { return words.Sentence(lang, key) }
	why := "left.letter.hall"
	if own {
		why = "left.letter.own"
	}
	return mail.Letter{
		Cause: "left " + rand.Text(), To: a.Email, Name: a.Name, Lang: lang, Subject: say("left.letter"),
		Text:  []string{say(why), say("left.letter.posts"), say("left.letter.not")},
		After: []string{say("left.letter.last")},
	}
}
