package mail_test

import (
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/config"
	"codeberg.org/aushang/aushang/internal/database"
	"codeberg.org/aushang/aushang/internal/database/databasetest"
	"codeberg.org/aushang/aushang/internal/jobs"
	"codeberg.org/aushang/aushang/internal/mail"
	"codeberg.org/aushang/aushang/internal/mail/mailtest"
	"codeberg.org/aushang/aushang/internal/problem"
)

// office is the post of one process.
type office struct {
	*mail.Post
	t     *testing.T
	db    *database.DB
	queue *jobs.Queue
}

// open gives a process on the database at url. Its jobs rest until work.
func open(t *testing.T, url string, smtp config.SMTP, held func() bool) *office {
	t.Helper()
	db, err := database.Open(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	if err := db.Migrate(t.Context(), func(ctx context.Context, pool *sql.DB) error { return jobs.Migrate(ctx, pool, db.Dialect()) }); err != nil {
		t.Fatal(err)
	}
	workers := jobs.NewWorkers()
	post, err := mail.New(db, workers, mail.Options{
		SMTP: smtp, Origin: "https://here.test", Domain: "here.test", Held: held,
		Town: func(context.Context) (mail.Town, error) {
			return mail.Town{Name: "Müsterdorf, am \"Bach\"", Address: []string{"Rathaus", "Kirchplatz 1"}}, nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	queue, err := jobs.New(db, workers, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	post.Enqueue(queue)
	return &office{post, t, db, queue}
}

// work works the jobs until the test ends.
func (o *office) work() {
	o.t.Helper()
	if err := o.queue.Start(o.t.Context()); err != nil {
		o.t.Fatal(err)
	}
	o.t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		if err := o.queue.Stop(ctx); err != nil {
			o.t.Error(err)
		}
	})
}

// idle waits until no job waits.
func (o *office) idle() {
	o.t.Helper()
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		n := 0
		if err := o.db.Read().NewRaw("SELECT COUNT(*) FROM river_job WHERE state <> 'completed'").Scan(o.t.Context(), &n); err != nil {
			o.t.Fatal(err)
		}
		if n == 0 {
			return
		}
	}
	o.t.Fatal("jobs wait")
}

// send sends letters, each in a transaction.
func (o *office) send(letters ...mail.Letter) {
	o.t.Helper()
	for _, l := range letters {
		if err := o.db.Write(o.t.Context(), func(ctx context.Context, tx bun.Tx) error { return o.Send(ctx, tx, l) }); err != nil {
			o.t.Fatal(err)
		}
	}
}

// insert inserts a job.
func (o *office) insert(args jobs.Args) {
	o.t.Helper()
	if err := o.db.Write(o.t.Context(), func(ctx context.Context, tx bun.Tx) error { return o.queue.Insert(ctx, tx, args) }); err != nil {
		o.t.Fatal(err)
	}
}

// becomes waits until the only letter has a state, and gives its row.
func (o *office) becomes(state string) (letter, recipient, said string) {
	o.t.Helper()
	for end := time.Now().Add(60 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		var now string
		if err := o.db.Read().NewSelect().Table("mails").Column("state", "letter", "recipient", "error").Scan(o.t.Context(), &now, &letter, &recipient, &said); err != nil {
			o.t.Fatal(err)
		}
		if now == state && (state != "waiting" || said != "") {
			return letter, recipient, said
		}
	}
	o.t.Fatalf("the letter is not %s", state)
	return "", "", ""
}

func (o *office) exec(query string, args ...any) {
	o.t.Helper()
	if err := o.db.Write(o.t.Context(), func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.NewRaw(query, args...).Exec(ctx)
		return err
	}); err != nil {
		o.t.Fatal(err)
	}
}

func each(t *testing.T, test func(t *testing.T, url string, server *mailtest.Server)) {
	t.Helper()
	databasetest.Each(t, func(t *testing.T, url string) { test(t, url, mailtest.Start(t)) })
}

func letter(cause string) mail.Letter {
	return mail.Letter{
		Cause: cause, To: "anna@example.org", Name: "Anna Beispiel", Lang: "de", Subject: "Bitte bestätigen Sie Ihre Adresse",
		Text: []string{"bitte öffnen Sie diesen Link.", "Er gilt sieben Tage."}, Action: mail.Action{Label: "Adresse bestätigen", URL: "https://here.test/x?a=1&b=2"},
		After: []string{"Waren Sie das nicht? Dann brauchen Sie nichts zu tun."},
	}
}

func TestALetter(t *testing.T) {
	t.Run("T-IMP-08 a letter with all that it can have", func(t *testing.T) { each(t, whole) })
}

func whole(t *testing.T, url string, server *mailtest.Server) {
	o := open(t, url, server.Config(), nil)
	l := letter("confirm 1")
	l.Unsubscribe = "https://here.test/abbestellen/abc"
	o.send(l)
	o.work()
	m := server.Wait(t, "anna@example.org")
	want := strings.Join([]string{
		"Guten Tag Anna Beispiel,", "bitte öffnen Sie diesen Link.", "Er gilt sieben Tage.", "Adresse bestätigen:\nhttps://here.test/x?a=1&b=2",
		"Waren Sie das nicht? Dann brauchen Sie nichts zu tun.", "Müsterdorf, am \"Bach\"\nRathaus\nKirchplatz 1\nhttps://here.test/",
		"Solche Mails abbestellen:\nhttps://here.test/abbestellen/abc",
	}, "\n\n") + "\n"
	if diff := cmp.Diff(want, m.Text); diff != "" {
		t.Error(diff)
	}
	if m.Subject != l.Subject || m.From != "aushang@here.test" {
		t.Errorf("%q from %q", m.Subject, m.From)
	}
	sender, err := m.Header.AddressList("From")
	if err != nil || len(sender) != 1 || sender[0].Name != "Müsterdorf, am \"Bach\"" || sender[0].Address != "aushang@here.test" {
		t.Errorf("From: %v, %v", sender, err)
	}
	for key, want := range map[string]string{
		"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All", "List-Unsubscribe": "<https://here.test/abbestellen/abc>",
		"List-Unsubscribe-Post": "List-Unsubscribe=One-Click", "Content-Language": "de", "User-Agent": "", "X-Mailer": "",
	} {
		if got := m.Header.Get(key); got != want {
			t.Errorf("%s: %q, want %q", key, got, want)
		}
	}
	if at, err := m.Header.Date(); err != nil || time.Since(at).Abs() > time.Hour {
		t.Errorf("Date: %v, %v", at, err)
	}
	if id := m.Header.Get("Message-Id"); !strings.HasSuffix(id, "@here.test>") {
		t.Errorf("Message-ID: %s", id)
	}
	for _, part := range []string{`<html lang="de">`, `<a href="https://here.test/x?a=1&amp;b=2">Adresse bestätigen</a>`, "Guten Tag Anna Beispiel,", "color-scheme"} {
		if !strings.Contains(m.HTML, part) {
			t.Errorf("the HTML part lacks %s:\n%s", part, m.HTML)
		}
	}
	for _, bad := range []string{"<img", "style=", "<script", "url(", "@import"} {
		if strings.Contains(m.HTML, bad) {
			t.Errorf("the HTML part has %s", bad)
		}
	}
	if text, to, _ := o.becomes("sent"); text != "" || to != "" {
		t.Errorf("of a letter that is sent %q to %q is kept", text, to)
	}
}

// TestALetterInEnglishWithoutALink has nothing that it does not need.
func TestALetterInEnglishWithoutALink(t *testing.T) {
	each(t, func(t *testing.T, url string, server *mailtest.Server) {
		o := open(t, url, server.Config(), nil)
		o.send(mail.Letter{Cause: "x", To: "bo@example.org", Lang: "en", Subject: "Hello", Text: []string{"one\ntwo", "<b>three</b>"}})
		o.work()
		m := server.Wait(t, "bo@example.org")
		if !strings.HasPrefix(m.Text, "Good day,\n\none\ntwo\n\n<b>three</b>\n\nMüsterdorf") || strings.Contains(m.Text, "Stop mails") || m.Header.Get("List-Unsubscribe") != "" || m.Header.Get("List-Unsubscribe-Post") != "" {
			t.Errorf("%s\n%v", m.Text, m.Header)
		}
		if !strings.Contains(m.HTML, "<p>one<br>two</p>\n<p>&lt;b&gt;three&lt;/b&gt;</p>") {
			t.Errorf("%s", m.HTML)
		}
	})
}

// TestNoHeaderCanBeInjected: whatever a name or subject is, it is words.
func TestNoHeaderCanBeInjected(t *testing.T) {
	t.Run("T-IMP-07 names and subjects with line ends and encoded words", func(t *testing.T) { each(t, injects) })
}

func injects(t *testing.T, url string, server *mailtest.Server) {
	o := open(t, url, server.Config(), nil)
	o.work()
	names := []string{
		"Anna\r\nBcc: eve@example.org", "Anna\nX-Evil: 1", "Beispiel, Anna", `Anna "die" <eve@example.org>`, "Änne\r\n\r\nText", "=?utf-8?q?a=0d=0aX-Evil:_1?=",
		"a\u2028X-Evil: 1", "\u202egnp", strings.Repeat("Änne ", 60), "a\x00b\x7f", "a\u0085X-Evil: 1", "Anna \\",
	}
	for i, name := range names {
		l := letter("inject " + strconv.Itoa(i))
		l.Name, l.Subject, l.Text, l.Action.Label = name, "Betreff "+name, []string{"Wort " + name, ".", "\r\n.\r\nMAIL FROM:<eve@example.org>"}, name
		o.send(l)
	}
	for range names {
		server.Wait(t, "anna@example.org")
	}
	if n := len(server.Messages("")); n != len(names) {
		t.Errorf("%d letters came", n)
	}
	for _, m := range server.Messages("") {
		for key := range m.Header {
			switch key {
			case "From", "To", "Subject", "Date", "Message-Id", "Mime-Version", "Content-Type", "Auto-Submitted", "X-Auto-Response-Suppress", "Content-Language":
			default:
				t.Errorf("a header %s: %s", key, m.Raw)
			}
		}
		to, err := m.Header.AddressList("To")
		if err != nil || len(to) != 1 || to[0].Address != "anna@example.org" || strings.ContainsAny(to[0].Name, "\r\n\u202e\x00") {
			t.Errorf("To: %v, %v", to, err)
		}
		if !strings.HasPrefix(m.Subject, "Betreff ") || strings.ContainsAny(m.Subject, "\r\n") || !strings.Contains(m.Text, "MAIL FROM:<eve@example.org>") || !strings.Contains(m.Text, "\n.\n") {
			t.Errorf("%q\n%s", m.Subject, m.Text)
		}
		for _, line := range strings.Split(m.Raw, "\r\n") {
			if len(line) > 998 {
				t.Errorf("a line of %d bytes", len(line))
			}
		}
	}
}

// TestWhatIsNoLetter is refused before anything is kept.
func TestWhatIsNoLetter(t *testing.T) {
	server := mailtest.Start(t)
	o := open(t, databasetest.SQLite(t), server.Config(), nil)
	for name, change := range map[string]func(*mail.Letter){
		"two addresses":        func(l *mail.Letter) { l.To = "a@example.org, b@example.org" },
		"an address with name": func(l *mail.Letter) { l.To = "A <a@example.org>" },
		"a line end":           func(l *mail.Letter) { l.To = "a@example.org\r\nBcc: b@example.org" },
		"no address":           func(l *mail.Letter) { l.To = "anna" },
		"no subject":           func(l *mail.Letter) { l.Subject = "\r\n " },
		"no cause":             func(l *mail.Letter) { l.Cause = "" },
		"another language":     func(l *mail.Letter) { l.Lang = "fr" },
		"a path":               func(l *mail.Letter) { l.Action.URL = "/x" },
		"a script":             func(l *mail.Letter) { l.Action.URL = "javascript:alert(1)" },
		"a link with a blank":  func(l *mail.Letter) { l.Action.URL = "https://here.test/a b" },
		"an open unsubscribe":  func(l *mail.Letter) { l.Unsubscribe = "https://here.test/>,<mailto:eve@example.org" },
	} {
		l := letter("x " + name)
		change(&l)
		err := o.db.Write(t.Context(), func(ctx context.Context, tx bun.Tx) error { return o.Send(ctx, tx, l) })
		if err == nil {
			t.Errorf("%s is taken", name)
		}
	}
}

// TestALetterLivesAndDiesWithItsCause: nothing is sent of what never was, and
// one letter for one cause.
func TestALetterLivesAndDiesWithItsCause(t *testing.T) {
	each(t, func(t *testing.T, url string, server *mailtest.Server) {
		o := open(t, url, server.Config(), nil)
		undone := errors.New("undone")
		err := o.db.Write(t.Context(), func(ctx context.Context, tx bun.Tx) error {
			return errors.Join(o.Send(ctx, tx, letter("never")), undone)
		})
		if !errors.Is(err, undone) {
			t.Fatal(err)
		}
		o.work()
		other := letter("confirm 1")
		other.Subject = "Noch einmal"
		o.send(letter("confirm 1"), other, other)
		server.Wait(t, "anna@example.org")
		o.becomes("sent")
		o.send(other) // the cause is remembered
		last := letter("confirm 2")
		last.To = "bert@example.org"
		o.send(last)
		server.Wait(t, "bert@example.org")
		if n := len(server.Messages("anna@example.org")); n != 1 {
			t.Errorf("%d letters for one cause", n)
		}
	})
}

// TestAKilledProcessLosesNoLetter: whoever comes next sends what was committed,
// and nothing twice.
func TestAKilledProcessLosesNoLetter(t *testing.T) {
	each(t, func(t *testing.T, url string, server *mailtest.Server) {
		const many = 20
		first := open(t, url, server.Config(), nil)
		for i := range many {
			first.send(letter("cause " + strconv.Itoa(i)))
		}
		_ = first.db.Close() // and never worked
		one, two := open(t, url, server.Config(), nil), open(t, url, server.Config(), nil)
		one.work()
		two.work()
		ids := map[string]bool{}
		for range many {
			ids[server.Wait(t, "anna@example.org").Header.Get("Message-Id")] = true
		}
		if n := len(server.Messages("")); len(ids) != many || n != many {
			t.Errorf("%d letters, %d of them different", n, len(ids))
		}
	})
}

// TestALetterOfADeadProcessIsFound: one that somebody was sending who is no
// more, and whose job is gone, as after a restore.
func TestALetterOfADeadProcessIsFound(t *testing.T) {
	each(t, func(t *testing.T, url string, server *mailtest.Server) {
		var standby atomic.Bool
		o := open(t, url, server.Config(), standby.Load)
		o.send(letter("confirm 1"))
		o.exec("DELETE FROM river_job")
		standby.Store(true)
		o.work()
		o.insert(mail.Round{})
		late := letter("confirm 2")
		late.To = "bert@example.org"
		o.send(late)
		o.idle()
		if n := len(server.Messages("")); n != 0 {
			t.Errorf("a restored town sent %d letters", n)
		}
		standby.Store(false)
		o.insert(mail.Round{})
		server.Wait(t, "anna@example.org")
		server.Wait(t, "bert@example.org")

		// Somebody sends it right now: a round leaves it alone, until the lease ends.
		o.idle()
		o.exec("DELETE FROM mails")
		standby.Store(true)
		o.send(letter("confirm 3"))
		o.idle()
		o.exec("UPDATE mails SET leased = ?", time.Now().UTC().Add(time.Minute))
		standby.Store(false)
		o.insert(mail.Round{})
		o.idle()
		if n := len(server.Messages("anna@example.org")); n != 1 {
			t.Errorf("a letter that somebody sends is sent by another: %d", n)
		}
		o.exec("UPDATE mails SET leased = ?", time.Now().UTC().Add(-time.Minute))
		o.insert(mail.Round{})
		server.Wait(t, "anna@example.org")
		o.becomes("sent")
		if n := len(server.Messages("anna@example.org")); n != 2 {
			t.Errorf("%d letters", n)
		}
	})
}

// TestWhatCanDouble: the server has the letter and we never learn it. It comes
// again under the same Message-ID, which is all that SMTP allows.
func TestWhatCanDouble(t *testing.T) {
	each(t, func(t *testing.T, url string, server *mailtest.Server) {
		o := open(t, url, server.Config(), nil)
		o.send(letter("confirm 1"))
		o.work()
		first := server.Wait(t, "anna@example.org")
		text, _, _ := o.becomes("sent")
		if text != "" {
			t.Fatal(text)
		}
		// As if the process had died before the last line.
		o.exec("UPDATE mails SET state = 'waiting', recipient = 'anna@example.org', leased = NULL, letter = ?",
			`{"to":"anna@example.org","lang":"de","subject":"Bitte bestätigen Sie Ihre Adresse","text":["x"]}`)
		o.insert(mail.Round{})
		if second := server.Wait(t, "anna@example.org"); second.Header.Get("Message-Id") != first.Header.Get("Message-Id") || second.Header.Get("Date") != first.Header.Get("Date") {
			t.Errorf("%v and %v", first.Header, second.Header)
		}
	})
}

func TestFailures(t *testing.T) {
	each(t, func(t *testing.T, url string, server *mailtest.Server) {
		t.Run("a busy server is asked again", func(t *testing.T) {
			o := open(t, url, server.Config(), nil)
			server.Refuse("anna@example.org", 451, 1)
			o.send(letter("busy"))
			o.work()
			server.Wait(t, "anna@example.org")
			o.becomes("sent")
			o.exec("DELETE FROM mails")
		})
		t.Run("a final answer ends it", func(t *testing.T) {
			o := open(t, url, server.Config(), nil)
			server.Refuse("anna@example.org", 550, 9)
			o.send(letter("unknown"))
			o.work()
			text, to, said := o.becomes("refused")
			if text != "" || to != "anna@example.org" || !strings.Contains(said, "no letters for …") || strings.Contains(said, "anna@") {
				t.Errorf("%q %q %q", text, to, said)
			}
			stuck, err := o.Stuck(t.Context(), 5)
			if err != nil || len(stuck) != 1 || !stuck[0].Final || stuck[0].Recipient != "anna@example.org" {
				t.Fatalf("%+v %v", stuck, err)
			}
			failing, refused, last, err := mail.Standing(t.Context(), o.db)
			if failing != 0 || refused != 1 || last != said || err != nil {
				t.Error(failing, refused, last, err)
			}
			if err := o.Settle(t.Context(), "operator", stuck[0].ID); err != nil {
				t.Fatal(err)
			}
			if _, to, said := o.becomes("settled"); to != "" || said != "" {
				t.Errorf("%q %q is kept", to, said)
			}
			o.exec("DELETE FROM mails")
			server.Refuse("anna@example.org", 0, 0)
		})
		t.Run("a server that is away is tried again, for three days", func(t *testing.T) {
			o := open(t, url, server.Config(), nil)
			server.Stop()
			defer server.Again(t)
			o.send(letter("away"))
			o.work()
			if text, _, said := o.becomes("waiting"); text == "" || !strings.Contains(said, "connect to the mail server") {
				t.Errorf("%q %q", text, said)
			}
			o.exec("UPDATE mails SET created = ?", time.Now().UTC().Add(-73*time.Hour))
			if text, _, said := o.becomes("refused"); text != "" || said == "" {
				t.Errorf("%q %q", text, said)
			}
			o.exec("DELETE FROM mails")
		})
	})
}

// TestTLSIsNeverSilentlyOff: a server that offers none, or that is another one,
// gets neither password nor letter.
func TestTLSIsNeverSilentlyOff(t *testing.T) {
	server := mailtest.Start(t)
	if err := mail.Probe(t.Context(), server.Config(), "here.test"); err != nil {
		t.Fatal(err)
	}
	c := server.Config()
	c.CAFile = ""
	if err := mail.Probe(t.Context(), c, "here.test"); err == nil || !strings.Contains(err.Error(), "certificate") {
		t.Errorf("a certificate of nobody: %v", err)
	}
	c = server.Config()
	c.Password = "falsch"
	if err := mail.Probe(t.Context(), c, "here.test"); err == nil || strings.Contains(err.Error(), "falsch") {
		t.Errorf("another password: %v", err)
	}
	server.Plain(t)
	o := open(t, databasetest.SQLite(t), server.Config(), nil)
	o.send(letter("x"))
	o.work()
	if _, _, said := o.becomes("waiting"); !strings.Contains(said, "STARTTLS") {
		t.Errorf("%s", said)
	}
	c = server.Config()
	c.Security = config.TLS
	if err := mail.Probe(t.Context(), c, "here.test"); err == nil {
		t.Error("TLS with who speaks none")
	}
	if len(server.Messages("")) != 0 {
		t.Error("a letter travelled in the clear")
	}
}

// TestWithoutAMailServer: nothing is written that would never be sent.
func TestWithoutAMailServer(t *testing.T) {
	o := open(t, databasetest.SQLite(t), config.Defaults().SMTP, nil)
	err := o.db.Write(t.Context(), func(ctx context.Context, tx bun.Tx) error { return o.Send(ctx, tx, letter("x")) })
	if o.Ready() || problem.KindOf(err) != problem.Unavailable {
		t.Errorf("ready %v, error %v", o.Ready(), err)
	}
}

// TestWhatIsForgotten: a cause after thirty days, and who leaves.
func TestWhatIsForgotten(t *testing.T) {
	each(t, func(t *testing.T, url string, server *mailtest.Server) {
		o := open(t, url, server.Config(), nil)
		o.send(letter("old"), letter("new"))
		o.exec("UPDATE mails SET created = ? WHERE cause = 'old'", time.Now().UTC().Add(-31*24*time.Hour))
		if err := o.Forget(t.Context()); err != nil {
			t.Fatal(err)
		}
		count := func() int {
			n, err := o.db.Read().NewSelect().Table("mails").Count(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			return int(n)
		}
		if n := count(); n != 1 {
			t.Errorf("%d letters", n)
		}
		if err := o.db.Write(t.Context(), func(ctx context.Context, tx bun.Tx) error { return o.Withdraw(ctx, tx, "anna@example.org") }); err != nil || count() != 0 {
			t.Errorf("%d letters, %v", count(), err)
		}
	})
}
