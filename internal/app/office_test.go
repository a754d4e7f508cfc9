package app

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"codeberg.org/aushang/aushang/internal/account"
	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/moderation"
	"codeberg.org/aushang/aushang/internal/post"
	"codeberg.org/aushang/aushang/internal/problem"
)

// mandate lets somebody look after clubs for the town hall.
func (v *village) mandate(accountID string, handles ...string) {
	v.t.Helper()
	var ids []string
	for _, handle := range handles {
		c, err := v.Clubs.Find(v.t.Context(), handle)
		if err != nil {
			v.t.Fatal(err)
		}
		ids = append(ids, c.ID)
	}
	if err := v.Accounts.SetMandates(v.t.Context(), actor.Operator, accountID, v.Actors, ids); err != nil {
		v.t.Fatal(err)
	}
}

// TestOffice: who looks after some clubs only sees and decides in every room what
// concerns these, and nothing else.
func TestOffice(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		v.meet(lena)
		chor := v.another("chor", "Singkreis")
		ours := v.post("Der Rasen ist gesperrt.")
		theirs, err := v.Posts.Create(t.Context(), actor.Operator, post.Draft{AttributedTo: chor.ID, Text: "Wir suchen einen Tenor."})
		if err != nil {
			t.Fatal(err)
		}
		v.person("chefin@example.org", account.Admin)
		kultur := v.person("kultur@example.org", account.Office)
		v.flag("https://b.test/r/1", "Der Rasen ärgert mich", ours)
		v.flag("https://b.test/r/2", "Der Tenor ärgert mich", theirs)
		v.person("ruth@example.org", account.Townhall)

		b := v.signedIn("kultur@example.org")
		b.open("/rathaus/vereine") // without a club there is nothing to see
		b.shows(200, "für die Sie zuständig sind")
		b.hides("TSV", "Singkreis")

		c := v.signedIn("chefin@example.org")
		c.open("/rathaus/personen/" + kultur.ID)
		c.shows(200, "Zuständig für")
		f := c.formWith("Zuständigkeit speichern")
		f.values["clubs"] = []string{chor.ID}
		c.post(f)
		c.shows(200, "Gespeichert")
		if n := v.count("ledger", "act = 'person.mandates'"); n != 1 {
			t.Errorf("%d rows in the log", n)
		}
		r := v.signedIn("ruth@example.org")
		r.open("/rathaus/personen/" + kultur.ID)
		r.post(r.formWith("Zuständigkeit speichern"))
		r.shows(422, "Diese Rolle vergibt nur die Verwaltung") // only an admin says so

		b.open("/rathaus")
		b.shows(200, "Der Tenor ärgert mich")
		b.hides("Der Rasen", "Zustellungen", "Protokoll", "Löschungen", "Aussehen")
		b.open("/rathaus/vereine")
		b.shows(200, "Singkreis")
		b.hides("@tsv@")
		b.open("/rathaus/meldungen")
		b.shows(200, "Der Tenor ärgert mich")
		b.hides("Der Rasen")
		b.open("/neues")
		b.shows(200, "Der Tenor ärgert mich")
		b.hides("Der Rasen")
		v.officeDecides(t, b, kultur.ID, ours.ID, theirs.ID)

		v.officeFinds(b, kultur.ID, theirs.ID, ours.ID)

		// Another role takes the clubs away, also when the first one comes back.
		for _, role := range []string{account.Editor, account.Office} {
			if err := v.Accounts.SetRole(t.Context(), actor.Operator, kultur.ID, role); err != nil {
				t.Fatal(err)
			}
			if err := v.Actors.May(t.Context(), v.db.Read(), kultur.ID, chor.ID, actor.Moderate); problem.KindOf(err) != problem.Forbidden {
				t.Errorf("as %s: %v", role, err)
			}
		}
	})
}

// officeDecides: the use cases ask, whatever page somebody has found.
func (v *village) officeDecides(t *testing.T, b *browser, by, ours, theirs string) {
	t.Helper()
	for path, want := range map[string]int{
		"/rathaus/vereine/tsv": 403, "/rathaus/vereine/nichts": 403, "/rathaus/vereine/chor": 200, "/rathaus/entscheiden?was=" + url.QueryEscape(ours): 403, "/rathaus/entscheiden?was=" + url.QueryEscape(theirs): 200,
		"/vereine/tsv/personen": 403, "/vereine/chor/personen": 200, "/rathaus/personen": 403, "/rathaus/protokoll": 403, "/rathaus/pflege/regeln": 403,
	} {
		b.open(path)
		b.shows(want)
	}
	verdict := func(target, act string) error {
		_, err := v.Moderation.Decide(t.Context(), moderation.Verdict{By: by, Target: target, Act: act, Basis: moderation.House, Rule: "§ 1", Reason: "So nicht."})
		return err
	}
	forbidden := map[string]error{
		"a thing of another club": verdict(ours, moderation.Hide), "another club": verdict(v.club.ID, moderation.Suspend), "somebody elsewhere": verdict(lena, moderation.Limit),
	}
	_, forbidden["the state of another club"] = v.Clubs.SetState(t.Context(), by, "tsv", actor.Archived)
	forbidden["a club to another one"] = v.Clubs.Merge(t.Context(), by, "chor", "tsv")
	forbidden["verify another club"] = v.Clubs.Verify(t.Context(), by, "tsv", true)
	forbidden["the report on another club"] = v.Moderation.Close(t.Context(), by, "https://b.test/r/1")
	forbidden["the words"] = v.Moderation.SetWatch(t.Context(), by, "kredit", "0", "0")
	_, forbidden["a platform"] = v.Moderation.Block(t.Context(), by, "evil.test")
	forbidden["a role"] = v.Accounts.SetRole(t.Context(), by, v.person("neu@example.org", account.Resident).ID, account.Editor)
	forbidden["the people of another club"] = v.Clubs.AddEditor(t.Context(), by, "tsv", by, actor.Owner)
	forbidden["a thing of another club, deleted"] = v.Activities.DeleteObject(t.Context(), by, ours)
	for what, err := range forbidden {
		if problem.KindOf(err) != problem.Forbidden {
			t.Errorf("%s: %v", what, err)
		}
	}
	if err := verdict(theirs, moderation.Hide); err != nil {
		t.Errorf("a thing of the club: %v", err)
	}
	b.open("/rathaus/entscheidungen")
	b.shows(200, "Verbergen")
	b.open("/rathaus/verborgenes")
	b.shows(200, "Tenor")
	if err := v.Clubs.Verify(t.Context(), by, "chor", true); err != nil {
		t.Errorf("verify: %v", err)
	}
	if err := v.Moderation.Close(t.Context(), by, "https://b.test/r/2"); err != nil {
		t.Errorf("the report: %v", err)
	}
	acts := strings.Split(strings.TrimSpace(v.actsBy(by)), " ")
	if want := []string{"thing.hide", "club.verify", "report.close"}; !slices.Equal(acts, want) {
		t.Errorf("the log has %v, want %v", acts, want)
	}
}

// actsBy gives what the log says that somebody did, in order.
func (v *village) actsBy(id string) string {
	v.t.Helper()
	var acts []string
	if err := v.db.Read().NewSelect().Table("ledger").Column("act").Where("by_account = ?", id).Order("seq").Scan(v.t.Context(), &acts); err != nil {
		v.t.Fatal(err)
	}
	return strings.Join(acts, " ")
}

// officeFinds: what somebody looks after is found among more than a page of what
// others do.
func (v *village) officeFinds(b *browser, by, theirs, ours string) {
	v.t.Helper()
	verdict := moderation.Verdict{By: by, Target: theirs, Act: moderation.Warn, Basis: moderation.House, Rule: "§ 1", Reason: "Der Tenor ist gefunden.", Warning: "Schon vorbei"}
	if _, err := v.Moderation.Decide(v.t.Context(), verdict); err != nil {
		v.t.Fatal(err)
	}
	for i := range 101 {
		v.set("INSERT INTO decisions (id, report_id, target, actor_id, act, basis, rule, reason, warning, recalled, by_account, created, ended_account) "+
			"VALUES (?, '', ?, ?, 'hide', 'house', '§ 1', 'Der Rasen.', '', FALSE, '', ?, '')", fmt.Sprint("later-", i), ours, v.club.ID, time.Now().UTC().Add(time.Hour))
	}
	b.open("/rathaus/entscheidungen")
	b.shows(200, "Wir suchen einen Tenor.")
	b.hides("Der Rasen")
	b.open("/rathaus/zustellungen")
	b.shows(403, "Das gehört nicht zu Ihren Vereinen")
	b.hides("Bitten Sie das Rathaus")
}
