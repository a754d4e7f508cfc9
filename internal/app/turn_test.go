package app

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/account"
	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/application"
	"codeberg.org/aushang/aushang/web/locale"
)

// joins lets somebody apply for shifts, and gives the id of the application.
func (n *need) joins(d application.Draft, shifts ...string) string {
	n.t.Helper()
	d.Key, d.OpportunityID, d.Language, d.Old, d.Able, d.Shifts = uuid.NewString(), n.id, "de", true, true, shifts
	h, _, err := n.Applications.Apply(n.t.Context(), d)
	if err != nil {
		n.t.Fatal(err)
	}
	return h.ID
}

// exec changes a row behind the back of the town, and lets it look.
func (n *need) exec(query string, args ...any) {
	n.t.Helper()
	err := n.db.Write(n.t.Context(), func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.ExecContext(ctx, query, args...)
		return err
	})
	if err == nil {
		err = n.Applications.Run(n.t.Context())
	}
	if err != nil {
		n.t.Fatal(err)
	}
}

// named gives the words with which pages name the time of a shift.
func (n *need) named(start time.Time) string {
	start = start.In(n.Config.Location())
	return strings.Join(strings.Fields(locale.ShortRange("de", start, start.Add(90*time.Minute), false, time.Now())), " ")
}

// TestWhoseShiftTurnsSeesIt: who lost a shift, or whose shift moved, reads it on
// top of the own page with the old and the new time, in the bell and on the page
// of the account; the club reads who has no shift.
func TestWhoseShiftTurnsSeesIt(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		n := v.needing(2, 2)
		rosa := v.person("rosa@example.org", account.Resident)
		v.person("anna@example.org", account.Editor, "tsv")
		id := n.joins(application.Draft{AccountID: rosa.ID, Name: "Rosa Rot"}, n.shifts[0], n.shifts[1])
		if err := v.Applications.Accept(t.Context(), actor.Operator, n.id, id, 0); err != nil {
			t.Fatal(err)
		}
		n.joins(application.Draft{Email: "bert@example.org", Name: "Bert Blau"}, n.shifts[0])
		b, anna, mailed := v.signedIn("rosa@example.org"), v.signedIn("anna@example.org"), v.browser()
		link := v.link(v.Mail.Wait(t, "bert@example.org"))
		mailed.open(link)
		mailed.send("Bestätigen und senden", nil)
		own, list := "/meine-einsaetze/"+id, n.path+"/bewerbungen"
		b.open(own)
		b.shows(200, "Zugesagt", "freut sich auf Sie")
		b.hides("fällt aus", "hat sich geändert")
		b.open("/neues")
		b.shows(200, "TSV hat Ihnen zugesagt:", "Kuchen verkaufen")
		b.open("/konto")
		b.shows(200, "1 neu")
		b.open("/neues")
		b.send("Alles als gelesen markieren", nil)
		b.open("/konto")
		b.hides("1 neu")
		time.Sleep(1100 * time.Millisecond) // what happens in the second of the click counts as read

		old := time.Now().UTC().Truncate(time.Second)
		if err := v.db.Read().NewSelect().TableExpr("shifts").Column("starts_at").Where("id = ?", n.shifts[1]).Scan(t.Context(), &old); err != nil {
			t.Fatal(err)
		}
		moved := old.Add(26 * time.Hour)
		n.exec("UPDATE shifts SET starts_at = ?, ends_at = ? WHERE id = ?", moved, moved.Add(90*time.Minute), n.shifts[1])
		n.exec("DELETE FROM shifts WHERE id = ?", n.shifts[0])
		b.open(own)
		b.shows(200, "Die Zeit Ihrer Schicht hat sich geändert", "Jetzt: "+n.named(moved), "Vorher: "+n.named(old), "Ihre Schicht fällt aus", "freut sich auf Sie")
		b.open("/neues")
		b.shows(200, "Die Zeit Ihrer Schicht hat sich geändert:", "Eine Ihrer Schichten fällt aus:")
		b.open("/konto")
		b.shows(200, "2 neu")
		mailed.open(link)
		mailed.shows(200, "Ihre Schicht fällt aus", "Andere Schichten stehen unten", "Auch übernehmen")
		anna.open(list)
		anna.shows(200, "Bert Blau", "ohne Schicht", "1 von 2 zugesagt")
		mailed.send("Auch übernehmen", nil)
		mailed.hides("Ihre Schicht fällt aus")

		n.exec("DELETE FROM shifts WHERE id = ?", n.shifts[1])
		b.open(own)
		b.shows(200, "Zugesagt, ohne Schicht", "Sie haben gerade keine Schicht", "Ihre Schicht fällt aus", "ob Sie anders helfen können")
		b.hides("freut sich auf Sie", "hat sich geändert, ")
		b.open("/meine-einsaetze")
		b.shows(200, "Zugesagt, ohne Schicht")
		anna.open(list)
		anna.shows(200, "Rosa Rot", "Zugesagt, ohne Schicht")
		anna.open(list + "/" + id)
		anna.shows(200, "Zugesagt, ohne Schicht", "Eine Schicht fällt aus", "jetzt "+n.named(moved)+", vorher "+n.named(old))
	})
}

// TestTheBellTellsWhoOffersHelp: what the agency proposes is in the bell and on the
// page of the account, until it is answered.
func TestTheBellTellsWhoOffersHelp(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		s := v.story()
		s.b.open("/neues")
		s.b.shows(200, "Sobald ein Verein Ihnen antwortet")
		s.offer()
		if err := v.Offers.SetAgent(t.Context(), actor.Operator, v.find(agent), true); err != nil {
			t.Fatal(err)
		}
		s.propose()
		s.b.open("/neues")
		s.b.shows(200, "Die Freiwilligenagentur hat einen Vorschlag für Sie:", "Kuchenbuffet betreuen", "ob dieser Verein Ihr Angebot sehen darf:")
		s.b.open("/konto")
		s.b.shows(200, "2 neu")
		s.answer()
		s.b.open("/konto")
		s.b.hides("2 neu")
		// Who is under 18 reads that this is why nothing fits, and so does the agency.
		s.b.open("/ich-moechte-helfen/angebot")
		s.b.send("Angebot speichern", map[string]string{"young": "1"})
		s.b.shows(200, "nichts davon ist für Menschen unter 18 freigegeben", "unter 18 Jahre")
		s.office.open(s.given)
		s.office.shows(200, "nichts davon ist für Menschen unter 18 freigegeben")
		// An archived club leaves nothing that looks alive.
		if err := v.Offers.Show(t.Context(), v.find(offers), v.club.ID, true); err != nil {
			t.Fatal(err)
		}
		s.b.open("/ich-moechte-helfen")
		s.b.shows(200, "Den Namen sehen diese Vereine", "Sie haben sich beworben")
		if _, err := v.Clubs.SetState(t.Context(), actor.Operator, "tsv", actor.Archived); err != nil {
			t.Fatal(err)
		}
		s.b.open("/ich-moechte-helfen")
		s.b.shows(200, "fällt aus")
		s.b.hides("diese Vereine: TSV", "Sie haben sich beworben", "Den Namen sehen diese Vereine")
		s.office.open(s.given)
		s.office.shows(200, "fällt aus", "Kein Verein sieht dieses Angebot.")
		s.office.hides("hat sich beworben")
		s.reader.open("/ehrenamt/" + s.cake.Key())
		s.reader.shows(410, "Dieser Einsatz fällt aus", "nicht mehr aktiv")
		s.club.open("/konto")
		s.club.shows(200, "TSV", "archiviert", "Hier schreibt gerade niemand")
		s.club.open("/vermittlung")
		s.club.shows(403, "Das ist nur für die Freiwilligenagentur")
		if err := v.Offers.Run(t.Context()); err != nil {
			t.Fatal(err)
		}
		if v.count("help_consents") != 0 || v.count("help_proposals", "state = 'open'") != 0 {
			t.Error("a yes to an archived club stays")
		}
	})
}
