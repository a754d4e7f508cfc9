package app

import (
	"context"
	"fmt"
	"io"

	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/account"
	"codeberg.org/aushang/aushang/internal/calendar"
	"codeberg.org/aushang/aushang/internal/resident"
)

// forTheClub is what people who want to help say to the club alone.
var forTheClub = []string{"phone", "message", "reason"}

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
		{Table: "saved_searches", Column: "account_id", Section: "saved_searches"},
		{Table: "saved_searches", Column: "email", Mail: true, Section: "saved_searches_by_mail"},
		{Table: "mandates", Column: "account_id", Section: "mandates"},
		{Table: "helpers", Column: "account_id", Section: "helpers", Discreet: forTheClub},
		{Table: "helpers", Column: "email", Mail: true, Discreet: forTheClub},
		{Table: "help_offers", Column: "account_id", Section: "help_offers", Discreet: []string{"about", "phone"}},
		{Table: "help_consents", Column: "account_id", Section: "help_consents"},
		{Table: "help_proposals", Column: "account_id", Section: "help_proposals", Secret: []string{"by_account"}, Discreet: []string{"message"}},
		{Table: "help_proposals", Column: "by_account", Fate: account.Blanked},
		{Table: "help_notes", Column: "account_id", Section: "help_notes", Secret: []string{"by_account"}, Discreet: []string{"content"}},
		{Table: "help_notes", Column: "by_account", Fate: account.Blanked},
		{Table: "help_agents", Column: "account_id", Section: "help_agents", Secret: []string{"by_account"}},
		{Table: "help_agents", Column: "by_account", Fate: account.Blanked},
		{Table: "helpers", Column: "contact", Mail: true, Fate: account.Blanked, Discreet: forTheClub},
		{Table: "pledges", Column: "account_id", Section: "pledges", Discreet: append([]string{"standing"}, forTheClub...)},
		{Table: "pledges", Column: "email", Mail: true, Discreet: append([]string{"standing"}, forTheClub...)},
		{Table: "residents", Column: "account_id", Section: "residents"},
		{Table: "drafts", Column: "account_id", Fate: account.Blanked, Omit: "data.not.drafts"},
		{Table: "agreements", Column: "account_id", Fate: account.Blanked, Section: "agreements"},
		{Table: "edits", Column: "account_id", Fate: account.Blanked, Section: "edits"},
		{Table: "blocks", Column: "by_account", Fate: account.Blanked, Section: "platforms"},
		{Table: "host_lists", Column: "by_account", Fate: account.Blanked, Section: "platform_lists", Secret: []string{"body"}},
		{Table: "watch_words", Column: "by_account", Fate: account.Blanked, Section: "watch_words"},
		{Table: "looks", Column: "by_account", Fate: account.Blanked, Section: "looks"},
		{Table: "reports", Column: "account_id", Fate: account.Blanked, Section: "reports"},
		{Table: "reports", Column: "contact", Mail: true, Fate: account.Blanked, Omit: "data.not.letters"},
		{Table: "hints", Column: "contact", Mail: true, Fate: account.Blanked, Omit: "data.not.letters"},
		{Table: "opportunities", Column: "contact_email", Mail: true, Fate: account.Blanked, Omit: "data.not.letters"},
		{Table: "decisions", Column: "by_account", Fate: account.Blanked, Section: "decisions", Secret: []string{"ended_account"}},
		{Table: "decisions", Column: "ended_account", Fate: account.Blanked},
		{Table: "objections", Column: "by_account", Fate: account.Blanked, Section: "objections", Secret: []string{"content", "contact"}},
		{Table: "objections", Column: "contact", Mail: true, Fate: account.Blanked, Omit: "data.not.letters"},
		{Table: "ledger", Column: "by_account", Fate: account.Blanked, Section: "ledger", Secret: []string{"account_id", "by_mark", "about_mark", "hash"}},
		{Table: "ledger", Column: "account_id", Fate: account.Blanked},
		{Table: "town_texts", Column: "account_id", Fate: account.Blanked, Section: "town_texts"},
		{Table: "data_requests", Column: "account_id", Fate: account.Blanked, Section: "data_requests", Secret: []string{"by_account", "token_hash"}},
		{Table: "data_requests", Column: "contact", Mail: true, Fate: account.Blanked},
		{Table: "data_requests", Column: "by_account", Fate: account.Blanked},
		{Table: "restrictions", Column: "account_id", Section: "restrictions", Secret: []string{"by_account"}},
		{Table: "restrictions", Column: "contact", Mail: true},
		{Table: "restrictions", Column: "by_account", Fate: account.Blanked},
		{Table: "mails", Column: "recipient", Mail: true, Omit: "data.not.letters"},
		{Table: "mails", Column: "letter", Mail: true, Within: true, Omit: "data.not.letters"},
		{Table: "accounts", Column: "id", Section: "account", Secret: []string{"password_hash", "epoch"}},
		{Table: "accounts", Column: "email", Mail: true},
	}
}

// The files of the download with what people asked for who want to help: here, and
// in other towns.
const (
	helpFile = "einsaetze.json"
	farFile  = "einsaetze-anderswo.json"
)

// belongings lists the tables without a column that points to a person whose rows
// belong to the row of one, with the file of the download that has them. They go
// with that row. A table that is missing here fails a test.
var belongings = map[string]string{
	"commitments": helpFile, "helper_messages": helpFile, "pledge_acts": farFile,
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
			{Name: "vereine.csv", Write: single("vereine.csv", t.Clubs.WriteClubs)},
			{Name: "folgende.csv", Write: single("folgende.csv", t.Clubs.WriteFollowers)},
			{Name: helpFile, Write: single(helpFile, func(ctx context.Context, w io.Writer, a *account.Account) error {
				return t.Applications.WriteOwn(ctx, w, a.ID, a.Email)
			})},
			{Name: farFile, Write: single(farFile, func(ctx context.Context, w io.Writer, a *account.Account) error {
				return t.Pledges.WriteOwn(ctx, w, a.ID)
			})},
			{Name: "sitzungen.csv", Write: single("sitzungen.csv", resident.WriteSessions(t.Accounts))},
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

// RemovePerson forgets a person for good, tells him or her by mail, and gives who
// it was, and the clubs that he or she spoke for with what becomes of them.
func (t *Town) RemovePerson(ctx context.Context, by, id string) (a *account.Account, clubs []account.Left, err error) {
	return t.removePerson(ctx, by, id, account.Leaving{})
}

// removePerson is RemovePerson with what else is done in the same transaction,
// before all and after all.
func (t *Town) removePerson(ctx context.Context, by, id string, with account.Leaving) (a *account.Account, clubs []account.Left, err error) {
	lang, err := t.Accounts.Language(ctx, id)
	if err != nil {
		return nil, nil, err
	}
	farewell := resident.Farewell(t.Clubs.Letters, lang, by == id)
	a, err = t.Accounts.Leave(ctx, by, id, account.Leaving{
		Before: func(ctx context.Context, tx bun.Tx, a *account.Account) (err error) {
			if with.Before != nil {
				if err := with.Before(ctx, tx, a); err != nil {
					return err
				}
			}
			clubs, err = t.leaveAll(ctx, tx, a)
			return err
		},
		After: func(ctx context.Context, tx bun.Tx, a *account.Account) error {
			if err := farewell(ctx, tx, a); err != nil || with.After == nil {
				return err
			}
			return with.After(ctx, tx, a)
		},
	})
	return a, clubs, err
}

// leaveHelp takes somebody who leaves out of all shifts, here and in other towns.
func (t *Town) leaveHelp(ctx context.Context, tx bun.Tx, a *account.Account) error {
	if err := t.Pledges.Leave(ctx, tx, a.ID); err != nil {
		return err
	}
	return t.Applications.Leave(ctx, tx, a.ID, a.Email)
}

// leaveAll takes somebody who leaves out of all clubs and all shifts, and ends
// what he or she asked the town hall.
func (t *Town) leaveAll(ctx context.Context, tx bun.Tx, a *account.Account) ([]account.Left, error) {
	if err := t.leaveHelp(ctx, tx, a); err != nil {
		return nil, err
	}
	if err := t.Requests.Left(ctx, tx, a.ID); err != nil {
		return nil, err
	}
	if err := t.Opportunities.ForgetContact(ctx, tx, a.Email); err != nil {
		return nil, err
	}
	return t.Clubs.LeaveAll(ctx, tx, a.ID)
}

// leaveClubs is leaveAll for who need not know what becomes of the clubs.
func (t *Town) leaveClubs(ctx context.Context, tx bun.Tx, a *account.Account) error {
	_, err := t.leaveAll(ctx, tx, a)
	return err
}

// forgetMail forgets a mail address that belongs to no account. Places that
// somebody has taken with it go to who waits.
func (t *Town) forgetMail(ctx context.Context, tx bun.Tx, email string) error {
	if err := t.Applications.Leave(ctx, tx, "", email); err != nil {
		return err
	}
	if err := t.Opportunities.ForgetContact(ctx, tx, email); err != nil {
		return err
	}
	_, err := t.Accounts.ForgetMail(ctx, tx, email)
	return err
}
