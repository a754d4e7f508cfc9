package proof

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"codeberg.org/aushang/aushang/internal/database/databasetest"
	"codeberg.org/aushang/aushang/internal/mail/mailtest"
)

// The most that the way to the first event may ask of all who walk it.
const (
	mostFields = 25
	mostPages  = 12
)

// beginner is somebody before a browser who is here for the first time.
type beginner struct {
	*town
	state         string
	pages, fields *int
}

func (b *beginner) visits(t *testing.T, step string, args ...string) string {
	t.Helper()
	c := exec.Command("node", append([]string{"browser/beginner.mjs", step}, args...)...)
	c.Env = append(os.Environ(), "ORIGIN="+b.origin, "ADDRESS="+b.address(), "STATE="+b.state)
	said, err := c.Output()
	if err != nil {
		complaint := ""
		if exit, ok := err.(*exec.ExitError); ok { //nolint:errorlint // as it comes from Output
			complaint = string(exit.Stderr)
		}
		t.Fatalf("the beginner: %s: %v\n%s", step, err, complaint)
	}
	r := decode[struct {
		Gave          string
		Pages, Fields int
	}](t, said)
	*b.pages += r.Pages
	*b.fields += r.Fields
	return r.Gave
}

// letter gives the link below path of the next letter to somebody that has one,
// read from the mail server. Others tell of what was done, a first password.
func (b *beginner) letter(t *testing.T, server *mailtest.Server, to, path string) string {
	t.Helper()
	for {
		for _, link := range server.Wait(t, to).Links() {
			if strings.HasPrefix(link, b.origin+path) {
				return link
			}
		}
	}
}

// TestProofBeginner: from the first visit to a club's first event at another
// server, with letters from a real mail server, in at most 12 pages and 25
// fields.
func TestProofBeginner(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, database string) {
		const password = "ein ganzer Satz als Passwort"
		port, server := connected(t).freePort(t), mailtest.Start(t)
		w := found(t, "dorf.test", port, database)
		smtp := server.Config()
		w.extra = []string{
			"AUSHANG_SMTP_HOST=" + smtp.Host, "AUSHANG_SMTP_PORT=" + smtp.Port, "AUSHANG_SMTP_SECURITY=" + smtp.Security, "AUSHANG_SMTP_USERNAME=" + smtp.Username,
			"AUSHANG_SMTP_PASSWORD=" + smtp.Password, "AUSHANG_SMTP_FROM=" + smtp.From, "AUSHANG_SMTP_CA_FILE=" + smtp.CAFile,
		}
		lena := moveIn(t, port, rfc9421)
		w.serve(t)
		ruth := decode[struct {
			Link string `json:"one_time_url"`
		}](t, w.verb(t, "person", "add", "--email", "ruth@example.org", "--name", "Ruth", "--role", "townhall", "--json"))
		(&secretary{town: w, state: filepath.Join(t.TempDir(), "ruth.json")}).visits(t, "arrive", ruth.Link, password)

		pages, fields := 0, 0
		anna := &beginner{w, filepath.Join(t.TempDir(), "anna.json"), &pages, &fields}
		hall := &beginner{w, filepath.Join(t.TempDir(), "hall.json"), &pages, &fields}
		anna.visits(t, "register", "Brieftaubenzüchterverein „Heimkehr“", "Natur und Garten", "Anna Taube", "anna@example.org")
		anna.visits(t, "confirm", anna.letter(t, server, "anna@example.org", "/registrieren/"), password)
		act(t, "a club registers; its letter is read from the mail server")
		hall.visits(t, "approve", hall.letter(t, server, "ruth@example.org", "/rathaus/antraege"), "ruth@example.org", password)
		act(t, "the town hall approves by the link of its letter")
		club := lena.lookup(t, w.origin+"/vereine/brieftaubenzuechterverein").ID
		lena.do(t, "follow", values{"actor": club})
		page := anna.visits(t, "publish", anna.letter(t, server, "anna@example.org", "/veranstaltungen/neu"), "Auflass", "10.7.", place)
		id := lena.lookup(t, page).ID
		event := lena.receives(t, "Create", id).Object
		if event == nil || event.Name != "Auflass" || event.Location == nil || event.Location.Name != place {
			t.Errorf("Fedify reads %+v", event)
		}
		act(t, "its first event is at Fedify: %d fields, %d pages", fields, pages)
		if fields > mostFields || pages > mostPages || fields == 0 || pages == 0 {
			t.Errorf("the way to the first event asks for %d fields on %d pages, at most %d and %d", fields, pages, mostFields, mostPages)
		}
	})
}
