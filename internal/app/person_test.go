package app

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/account"
	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/club"
	"codeberg.org/aushang/aushang/internal/database"
	"codeberg.org/aushang/aushang/internal/mail"
	"codeberg.org/aushang/aushang/internal/problem"
)

// xaver is somebody whose id, name and address stand nowhere unless he left them there.
const (
	xaver     = "xaver.wurzelsepp@example.org"
	xaverName = "Xaver Wurzelsepp"
)

// lived lets Xaver do everything that leaves a trace. A new thing that people do is added here.
func (v *village) lived() (*account.Account, *browser) {
	v.t.Helper()
	ctx := v.t.Context()
	a, _, err := v.Accounts.Create(ctx, actor.Operator, account.Draft{Email: xaver, Name: xaverName, Role: account.Townhall, Password: satz})
	if err != nil {
		v.t.Fatal(err)
	}
	if err := v.Clubs.AddEditor(ctx, actor.Operator, "tsv", a.ID, actor.Owner); err != nil {
		v.t.Fatal(err)
	}
	b := v.signedIn(xaver)
	b.open("/veranstaltungen/neu?verein=tsv")
	b.send("Veröffentlichen", map[string]string{"name": "=Sommerfest", "start-date": "11.7.2027"})
	b.shows(200, "Sommerfest")
	b.open("/pinnwand/neu?verein=tsv")
	b.send("Veröffentlichen", map[string]string{"text": "Schlüssel gefunden"})
	b.shows(200, "Schlüssel gefunden")
	p := v.post("Wer kommt mit?")
	v.meet(lena)
	v.receive("%s", create("https://b.test/c/x", lena, note("https://b.test/n/x", lena, public, p.ID, "Ich nicht", "")))
	b.open(manage("https://b.test/n/x"))
	b.send("Antwort abschicken", map[string]string{"text": "Schade"})
	b.open(manage("https://b.test/n/x"))
	b.send("Dem Rathaus melden", map[string]string{"comment": "Frech"})
	b.shows(200, "Die Meldung ist beim Rathaus")
	b.open("/ehrenamt/merken?abruf=1")
	b.send("Suche merken", map[string]string{"pace": "daily"})
	b.shows(200, "Die Suche ist gemerkt.")
	b.open("/rathaus/seiten/netiquette")
	b.send("Speichern", map[string]string{"text": "## Seien Sie nett"})
	b.shows(200)
	if _, err := v.Accounts.Invite(ctx, actor.Operator, a.ID); err != nil {
		v.t.Fatal(err)
	}
	v.receive(`{"id":"https://b.test/f/x","type":"Follow","actor":"%s","object":"%s"}`, lena, v.club.ID)
	err = v.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		return v.Town.Mail.Send(ctx, tx, mail.Letter{Cause: "for the test", To: xaver, Name: xaverName, Lang: "de", Subject: "Unterwegs", Text: []string{"Ein Brief."}})
	})
	if err != nil {
		v.t.Fatal(err)
	}
	return a, b
}

// hasTable tells whether there is such a table.
func (v *village) hasTable(table string) bool { return v.tableOf(table) != nil }

func (v *village) tableOf(name string) *database.Table {
	v.t.Helper()
	tables, err := v.db.Tables(v.t.Context(), v.db.Read())
	if err != nil {
		v.t.Fatal(err)
	}
	for _, t := range tables {
		if t.Name == name {
			return t
		}
	}
	return nil
}

// plantAll plants whatever nothing that Xaver did came into.
func (v *village) plantAll(a *account.Account) {
	v.t.Helper()
	found := v.places(a.ID, a.Email, a.Name)
	for _, tr := range v.Accounts.Traces() {
		if v.hasTable(tr.Table) && !slices.Contains(found, place{tr.Table, tr.Column}) {
			v.plant(a, tr)
		}
	}
}

// plant makes a row that points to Xaver by a column into which nothing that he did came. The other columns that point to people point to somebody
// else, so that this one alone must find it.
func (v *village) plant(a *account.Account, tr account.Trace) {
	v.t.Helper()
	table, now := v.tableOf(tr.Table), time.Now().UTC()
	row := make([]any, len(table.Columns))
	for i, c := range table.Columns {
		switch {
		case c.Name == tr.Column && tr.Mail:
			row[i] = a.Email
		case c.Name == tr.Column:
			row[i] = a.ID
		case c.Name == "account_id":
			// Each row is of another one: some tables have one row a person.
			v.planted++
			other, _, err := v.Accounts.Create(v.t.Context(), actor.Operator, account.Draft{Email: fmt.Sprintf("otto%d@example.org", v.planted), Name: "Otto", Role: account.Resident})
			if err != nil {
				v.t.Fatal(err)
			}
			row[i] = other.ID
		case c.Name == "actor_id":
			v.planted++
			c, err := v.Clubs.Create(v.t.Context(), actor.Operator, club.Draft{Handle: fmt.Sprint("gepflanzt", v.planted), Name: "Gepflanzt", Active: true})
			if err != nil {
				v.t.Fatal(err)
			}
			row[i] = c.ID
		case c.Name == "object_id" && tr.Table == "opportunities":
			row[i] = v.post("Gepflanzt").ID // which is a thing of its own
		case c.Name == "language":
			row[i] = "de"
		case c.Kind == database.Time:
			row[i] = now
		case c.Kind == database.Boolean:
			row[i] = false
		case c.Kind == database.Integer || c.Kind == database.Float:
			row[i] = 1
		case c.Kind == database.Bytes:
			row[i] = []byte("x")
		default:
			row[i] = tr.Table + tr.Column
		}
	}
	err := v.db.Write(v.t.Context(), func(ctx context.Context, tx bun.Tx) error { return table.Insert(ctx, tx, [][]any{row}) })
	if err != nil {
		v.t.Fatalf("plant %s.%s: %v", tr.Table, tr.Column, err)
	}
}

// place is a column of the database.
type place struct{ table, column string }

// places searches every value of every table, also those of libraries, for any of the needles.
func (v *village) places(needles ...string) []place {
	v.t.Helper()
	names := "SELECT m.name, c.name, c.type FROM sqlite_master m, pragma_table_info(m.name) c WHERE m.type = 'table' AND m.name NOT LIKE 'search_words%' AND m.name NOT LIKE 'sqlite_%'"
	if v.db.Dialect() == database.Postgres {
		names = "SELECT c.table_name, c.column_name, c.data_type FROM information_schema.columns c JOIN information_schema.tables t USING (table_schema, table_name) WHERE table_schema = current_schema() AND table_type = 'BASE TABLE'"
	}
	rows, err := v.db.Pool().QueryContext(v.t.Context(), names)
	if err != nil {
		v.t.Fatal(err)
	}
	defer rows.Close() //nolint:errcheck // rows.Err says it
	type column struct {
		place
		kind string
	}
	var all []column
	for rows.Next() {
		var c column
		if err := rows.Scan(&c.table, &c.column, &c.kind); err != nil {
			v.t.Fatal(err)
		}
		all = append(all, c)
	}
	if err := rows.Err(); err != nil {
		v.t.Fatal(err)
	}
	var found []place
	for _, c := range all {
		for _, needle := range needles {
			query := fmt.Sprintf(`SELECT COUNT(*) FROM "%s" WHERE instr(CAST("%s" AS BLOB), CAST('%s' AS BLOB)) > 0`, c.table, c.column, needle)
			switch {
			case v.db.Dialect() == database.Postgres && c.kind == "bytea":
				query = fmt.Sprintf(`SELECT COUNT(*) FROM "%s" WHERE position(convert_to('%s', 'UTF8') IN "%s") > 0`, c.table, needle, c.column)
			case v.db.Dialect() == database.Postgres:
				query = fmt.Sprintf(`SELECT COUNT(*) FROM "%s" WHERE strpos("%s"::text, '%s') > 0`, c.table, c.column, needle)
			}
			n := 0
			if err := v.db.Pool().QueryRowContext(v.t.Context(), query).Scan(&n); err != nil {
				v.t.Fatalf("%s: %v", query, err)
			}
			if n > 0 && !slices.Contains(found, c.place) {
				found = append(found, c.place)
			}
		}
	}
	return found
}

// pointing are columns whose names sound like a person, and that are none of ours.
var pointing = regexp.MustCompile(`account|person|e?mail|recipient|contact|editor|(^|_)by($|_)|author|owner|subject|(^|_)user`)

// nobodys are those columns that point to nobody, with the reason.
var nobodys = map[place]string{
	{"actors", "preferred_username"}:   "of an actor",
	{"applications", "contact"}:        "whom a club names, in the application of somebody, whose it is",
	{"audience", "recipient"}:          "an actor",
	{"clubs", "contact"}:               "of a club, in public",
	{"helpers", "minutes_by"}:          "helper or club, and nobody's name",
	{"helper_messages", "by_club"}:     "yes or no",
	{"help_proposals", "by_club"}:      "yes or no",
	{"direct_notes", "by_club"}:        "yes or no",
	{"hosts", "owner"}:                 "a process",
	{"identities", "subject"}:          "in the row of an account, which is a trace",
	{"inbox", "owner"}:                 "a process",
	{"ledger", "by_mark"}:              "a hash, another one in each row",
	{"town_look", "contact"}:           "the town's",
	{"opportunities", "contact"}:       "to whom it is shown",
	{"opportunities", "contact_name"}:  "whom a club names, as it chose",
	{"opportunities", "contact_phone"}: "whom a club names, as it chose",
}

// TestSchemaSaysWhoItPointsTo: every column that sounds like a person is a trace, or is known to be none; and every trace is in the download, or the
// download says why not. A new column without an answer fails: enter it in traces (person.go).
func TestSchemaSaysWhoItPointsTo(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		tables, err := v.db.Tables(t.Context(), v.db.Read())
		if err != nil {
			t.Fatal(err)
		}
		known, sections, exist := map[place]bool{}, map[string]bool{}, map[place]bool{}
		for _, tr := range v.Accounts.Traces() {
			known[place{tr.Table, tr.Column}] = true
			sections[tr.Table] = sections[tr.Table] || tr.Section != ""
		}
		for _, table := range tables {
			for _, c := range table.Columns {
				p := place{table.Name, c.Name}
				exist[p] = true
				if pointing.MatchString(c.Name) && !known[p] && nobodys[p] == "" {
					t.Errorf("%s.%s sounds like a person: enter it in traces (person.go), or here with the reason why it is none", p.table, p.column)
				}
			}
		}
		for _, tr := range v.Accounts.Traces() {
			if !exist[place{tr.Table, tr.Column}] {
				t.Errorf("the trace %s.%s is no column", tr.Table, tr.Column)
			}
			if !sections[tr.Table] && !slices.Contains(without, tr.Omit) {
				t.Errorf("%s.%s is not in the download, which does not say why", tr.Table, tr.Column)
			}
		}
	})
}

// TestLeavingLeavesNothing: by value, everything of somebody is where the traces say, and after leaving nothing is.
func TestLeavingLeavesNothing(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		a, b := v.lived()
		erased, blanked := map[string]bool{}, map[place]bool{}
		for _, tr := range v.Accounts.Traces() {
			erased[tr.Table] = erased[tr.Table] || tr.Fate == account.Erased
			blanked[place{tr.Table, tr.Column}] = true
		}
		before := v.places(a.ID, a.Email, a.Name)
		for _, p := range before {
			if !erased[p.table] && !blanked[p] {
				t.Errorf("%s.%s holds what Xaver is, and is no trace", p.table, p.column)
			}
		}
		v.plantAll(a)
		edits, reports, pages := v.count("edits"), v.count("reports"), v.count("town_texts")
		b.open("/konto/verlassen")
		b.shows(200, "TSV", "Geht an das Rathaus", "Zuerst herunterladen?", xaver)
		b.send("Konto endgültig löschen", map[string]string{"email": "anna@example.org"})
		b.shows(422, "nicht die Mailadresse dieses Kontos")
		b.send("Konto endgültig löschen", map[string]string{"email": strings.ToUpper(xaver)})
		b.shows(200, "Ihr Konto ist gelöscht")
		b.open("/konto")
		b.shows(200, "Anmelden")
		letter := v.Mail.Wait(t, xaver)
		if letter.Subject != "Ihr Konto ist gelöscht" || !strings.Contains(letter.Text, "Sie haben Ihr Konto eben gelöscht") {
			t.Errorf("the last letter says %q: %s", letter.Subject, letter.Text)
		}
		v.awaitNothing(a.ID, a.Email, a.Name)
		if v.count("edits") != edits || v.count("reports") != reports || v.count("town_texts") != pages {
			t.Error("what others need is gone with him")
		}
		reader := v.browser()
		reader.open("/veranstaltungen")
		reader.shows(200, "Sommerfest")
		v.person("ruth@example.org", account.Townhall)
		ruth := v.signedIn("ruth@example.org")
		ruth.open("/rathaus/meldungen")
		ruth.shows(200, "Jemand, der kein Konto mehr hat", "Frech")
		if _, err := v.Accounts.SignIn(t.Context(), xaver, satz, "192.0.2.1"); problem.KindOf(err) != problem.Invalid {
			t.Errorf("he can still sign in: %v", err)
		}
	})
}

// awaitNothing waits until nothing of a person is left: the last letter is forgotten a moment after it was sent, and the job that sent it.
func (v *village) awaitNothing(needles ...string) {
	v.t.Helper()
	var left []place
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		if left = v.places(needles...); len(left) == 0 {
			return
		}
	}
	v.t.Errorf("left behind: %v", left)
}

// TestWhoLeavesWhom: people leave by themselves, the town hall lets residents and editors go, and the last admin stays.
func TestWhoLeavesWhom(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		admin := v.person("ada@example.org", account.Admin)
		hall := v.person("ruth@example.org", account.Townhall)
		other := v.person("rolf@example.org", account.Townhall)
		anna := v.person("anna@example.org", account.Editor, "tsv")
		bert := v.person("bert@example.org", account.Resident)
		for _, c := range []struct {
			by, id string
			kind   problem.Kind
		}{{bert.ID, anna.ID, problem.Forbidden}, {anna.ID, bert.ID, problem.Forbidden}, {hall.ID, other.ID, problem.Forbidden}, {hall.ID, admin.ID, problem.Forbidden}, {admin.ID, admin.ID, problem.Conflict}, {actor.Operator, admin.ID, problem.Conflict}, {actor.Operator, "none", problem.NotFound}} {
			if _, _, err := v.RemovePerson(t.Context(), c.by, c.id); problem.KindOf(err) != c.kind {
				t.Errorf("%v", err)
			}
		}
		b := v.signedIn("ada@example.org")
		b.open("/konto/verlassen")
		b.shows(200, "Sie können Ihr Konto noch nicht löschen")
		b.hides("Konto endgültig löschen")

		ruth := v.signedIn("ruth@example.org")
		ruth.open("/rathaus/personen/" + other.ID + "/loeschen")
		ruth.shows(403)
		ruth.open("/rathaus/personen/" + anna.ID)
		ruth.shows(200, "Konto löschen")
		ruth.open("/rathaus/personen/" + anna.ID + "/loeschen")
		ruth.shows(200, "TSV", "Geht an das Rathaus")
		ruth.send("Konto löschen", map[string]string{"email": "bert@example.org"})
		ruth.shows(422, "nicht die Mailadresse dieses Kontos")
		ruth.send("Konto löschen", map[string]string{"email": "anna@example.org"})
		ruth.shows(200, "Das Konto ist gelöscht")
		if letter := v.Mail.Wait(t, "anna@example.org"); !strings.Contains(letter.Text, "Das Rathaus hat Ihr Konto eben gelöscht") {
			t.Error(letter.Text)
		}
		if c, err := v.Clubs.Find(t.Context(), "tsv"); err != nil || c.State != actor.Active {
			t.Errorf("the club is gone with its last editor: %v", err)
		}
		ruth.open("/rathaus")
		ruth.shows(200, "Vereine ohne Vorstand", "TSV")

		second := v.person("eva@example.org", account.Admin)
		if _, _, err := v.RemovePerson(t.Context(), second.ID, admin.ID); err != nil {
			t.Error(err)
		}
		if _, _, err := v.RemovePerson(t.Context(), second.ID, second.ID); problem.KindOf(err) != problem.Conflict {
			t.Errorf("the last admin leaves: %v", err)
		}
	})
}

// TestTwoAdminsLeaveAtOnce: one of them stays.
func TestTwoAdminsLeaveAtOnce(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		done := make(chan error, 2)
		var ids []string
		for _, email := range []string{"ada@example.org", "eva@example.org"} {
			ids = append(ids, v.person(email, account.Admin).ID)
		}
		for _, id := range ids {
			go func() {
				_, _, err := v.RemovePerson(context.WithoutCancel(t.Context()), id, id)
				done <- err
			}()
		}
		one, two := <-done, <-done
		if (one == nil) == (two == nil) || v.count("accounts") != 1 {
			t.Errorf("%v, %v; %d accounts are left", one, two, v.count("accounts"))
		}
	})
}

// TestClubsOfWhoLeaves: what becomes of a club is said before.
func TestClubsOfWhoLeaves(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		anna, bert := v.person("anna@example.org", account.Editor), v.person("bert@example.org", account.Editor)
		for _, c := range []struct{ anna, bert, fate string }{
			{actor.Owner, "", account.Orphaned}, {actor.Owner, actor.Editor, account.Ownerless}, {actor.Owner, actor.Owner, account.Stays}, {actor.Editor, actor.Owner, account.Stays},
		} {
			if err := v.Clubs.AddEditor(t.Context(), actor.Operator, "tsv", anna.ID, c.anna); err != nil {
				t.Fatal(err)
			}
			if c.bert != "" {
				if err := v.Clubs.AddEditor(t.Context(), actor.Operator, "tsv", bert.ID, c.bert); err != nil {
					t.Fatal(err)
				}
			}
			clubs, err := v.Accounts.Clubs(t.Context(), nil, anna.ID)
			if err != nil || len(clubs) != 1 || clubs[0].Fate() != c.fate || clubs[0].Club.DisplayName() != "TSV" {
				t.Errorf("%v: %v %v", c, clubs, err)
			}
		}
	})
}

// hasEverything looks whether konto.json has each section, and no secret.
func (v *village) hasEverything(konto string) {
	v.t.Helper()
	var all map[string][]map[string]any
	if err := json.Unmarshal([]byte(konto), &all); err != nil {
		v.t.Fatal(err)
	}
	for _, tr := range v.Accounts.Traces() {
		if tr.Section != "" && v.hasTable(tr.Table) && len(all[tr.Section]) == 0 {
			v.t.Errorf("konto.json has no %s", tr.Section)
		}
		for _, row := range all[tr.Section] {
			for _, secret := range tr.Secret {
				if _, there := row[secret]; there && tr.Section != "" {
					v.t.Errorf("konto.json gives away %s.%s", tr.Section, secret)
				}
			}
		}
	}
	if got := all["account"][0]["email"]; got != xaver || all["clubs"][0]["role"] != actor.Owner {
		v.t.Errorf("the account is %v", all["account"])
	}
}

// TestDownload: a person gets everything that points to him or her in one file, behind a fresh sign-in, a few times a day.
func TestDownload(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		a, b := v.lived()
		v.plantAll(a)
		b.open("/konto/daten")
		b.shows(200, "konto.json", "outbox.json", "Gelöschte Beiträge")
		files := unzip(t, b.fetch("/konto/daten"))
		for _, name := range []string{"LIESMICH.txt", "konto.json", "outbox.json", "termine.ics", "vereine.csv", "folgende.csv", "sitzungen.csv"} {
			if files[name] == "" {
				t.Errorf("%s is not there or empty", name)
			}
		}
		v.hasEverything(files["konto.json"])
		var outbox struct {
			Type         string
			TotalItems   int
			OrderedItems []struct {
				Type   string
				Actor  string
				Object struct{ Name, Content string }
			}
		}
		if err := json.Unmarshal([]byte(files["outbox.json"]), &outbox); err != nil {
			t.Fatal(err)
		}
		// The event, the post and the answer; not what others published.
		if outbox.Type != "OrderedCollection" || outbox.TotalItems != 3 || len(outbox.OrderedItems) != 3 || outbox.OrderedItems[0].Object.Name != "=Sommerfest" || outbox.OrderedItems[0].Actor != v.club.ID {
			t.Errorf("the outbox is %+v", outbox)
		}
		if ics := files["termine.ics"]; strings.Count(ics, "BEGIN:VEVENT") != 1 || !strings.Contains(ics, "SUMMARY:=Sommerfest") {
			t.Error(ics)
		}
		fans := table(t, files["folgende.csv"])
		if len(fans) != 2 || fans[1][1] != "'@lena@b.test" || fans[1][3] != lena {
			t.Errorf("the followers are %q", fans)
		}
		if clubs := table(t, files["vereine.csv"]); len(clubs) != 2 || clubs[1][0] != "TSV" || clubs[1][3] != actor.Owner {
			t.Errorf("the clubs are %q", clubs)
		}
		if sessions := table(t, files["sitzungen.csv"]); len(sessions) != 2 {
			t.Errorf("the sessions are %q", sessions)
		}
		for _, words := range []string{xaverName, "konto.json", "Nicht in diesem Paket", "Prüfwerte"} {
			if !strings.Contains(files["LIESMICH.txt"], words) {
				t.Errorf("the readme does not say %q: %s", words, files["LIESMICH.txt"])
			}
		}
		for name, content := range files {
			for _, secret := range []string{a.PasswordHash, a.Epoch} {
				if strings.Contains(content, secret) {
					t.Errorf("%s gives away what is secret", name)
				}
			}
		}

		if files := unzip(t, b.fetch("/konto/daten?lang=en")); !strings.Contains(files["README.txt"], "all that is stored about") {
			t.Error(files["README.txt"])
		}
		for range 3 {
			b.fetch("/konto/daten")
		}
		if w := b.ask("POST", "/konto/daten", html, url.Values{}); w.Code != 429 {
			t.Errorf("the sixth download of a day answers %d", w.Code)
		}
	})
}

// TestDownloadOfAStranger: nobody's download holds anything of another one.
func TestDownloadOfAStranger(t *testing.T) {
	shows(t, "T-VIS-13 a download holds one person", func(t *testing.T, v *village) {
		a, _ := v.lived()
		v.person("bert@example.org", account.Resident)
		bert := v.signedIn("bert@example.org")
		for name, content := range unzip(t, bert.fetch("/konto/daten")) {
			for _, foreign := range []string{a.ID, xaver, xaverName, "Sommerfest", "lena"} {
				if strings.Contains(content, foreign) {
					t.Errorf("%s shows %s", name, foreign)
				}
			}
		}
		if w := v.browser().ask("POST", "/konto/daten", html, url.Values{}); w.Code != 403 {
			t.Errorf("nobody gets %d", w.Code)
		}
	})
}

// fetch presses the button of a page that answers with a file.
func (b *browser) fetch(path string) []byte {
	b.v.t.Helper()
	w := b.ask("POST", path, html, url.Values{})
	if w.Code != 200 || w.Header().Get("Content-Type") != "application/zip" || !strings.HasPrefix(w.Header().Get("Content-Disposition"), "attachment; ") || w.Header().Get("Cache-Control") != "no-store" {
		b.v.t.Fatalf("%d %v", w.Code, w.Header())
	}
	return w.Body.Bytes()
}

func unzip(t *testing.T, file []byte) map[string]string {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		files[f.Name] = string(content)
	}
	return files
}

func table(t *testing.T, file string) [][]string {
	t.Helper()
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(file, "\ufeff"))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return rows
}
