package proof

import (
	"fmt"
	html5 "html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"codeberg.org/aushang/aushang/internal/database/databasetest"
)

// What the volunteer says to the club alone.
const (
	markedName    = "Rosalinde Markerbaum"
	markedMail    = "rosa.marker@nachbar.example"
	markedMessage = "Ich backe einen Markerkuchen."
)

// tries is how long a second and a third try of a delivery may take by themselves.
const tries = 5 * time.Minute

// pair is two towns: the club is in a, the volunteer in b.
type pair struct {
	a, b             *overheard
	anna, karl, rosa *guest
	// need is the path of the opportunity, own that of her application in b, and
	// list where the club sees it.
	need, own, list string
	neighbour       *neighbours
	third           *line
}

// person makes somebody and signs in.
func (o *overheard) person(t *testing.T, email, name, role string, clubs ...string) *guest {
	t.Helper()
	made := decode[struct {
		Link string `json:"one_time_url"`
	}](t, o.verb(t, "person", "add", "--email", email, "--name", name, "--role", role, "--json"))
	for _, club := range clubs {
		o.verb(t, "club", "editor", "--club", club, "--email", email, "--role", "editor")
	}
	return o.arrives(t, made.Link)
}

// step lets one side do something while the other is dead, kills it too, starts
// both, and waits until both say the same. What found nobody there is tried again
// by itself after half a minute, and then after two more: here the operators of
// both have it tried at once.
func (p *pair) step(t *testing.T, what string, by, other *overheard, do func(), agree func() string) {
	t.Helper()
	other.running.kill()
	do()
	by.running.kill()
	by.running, other.running = by.start(t, by.address()), other.start(t, other.address())
	by.ready(t, by.reader, by.running)
	other.ready(t, other.reader, other.running)
	var tried time.Time
	until(t, tries, what, func() (struct{}, string) {
		if time.Since(tried) > 3*time.Second {
			by.hurry(other)
			other.hurry(by)
			tried = time.Now()
		}
		return struct{}{}, agree()
	})
	act(t, "%s: both servers were killed, and agree", what)
}

// shows reads both pages and gives what they miss.
func (p *pair) shows(t *testing.T, own, list []string) string {
	t.Helper()
	for _, one := range []struct {
		v     *guest
		path  string
		words []string
	}{{p.rosa, p.own, own}, {p.anna, p.list, list}} {
		one.v.open(t, one.path)
		text := plain(one.v.page)
		for _, word := range one.words {
			if strings.HasPrefix(word, "!") == strings.Contains(text, strings.TrimPrefix(word, "!")) {
				return fmt.Sprintf("%s: %q\n%s", one.path, word, text)
			}
		}
	}
	return ""
}

var (
	personHref  = regexp.MustCompile(`href="(/ehrenamt/[^"]*/bewerbungen/[0-9a-f-]+)"[^>]*><b><bdi>` + markedName)
	receiptHref = regexp.MustCompile(`href="([^"]*/quittung/[^"]*)"`)
	shiftValue  = regexp.MustCompile(`name="shift"[^>]*value="([^"]*)"|value="([^"]*)"[^>]*name="shift"`)
)

// TestProofOfAnAgreement: a volunteer of one town finds by distance what a club of
// another one looks for, and helps. Both servers are killed at each step; both agree
// afterwards, nothing is doubled, and both have the receipts. Who she is crosses the
// wire to that town alone, and nobody else sees it in either.
func TestProofOfAnAgreement(t *testing.T) {
	port := connected(t).freePort(t)
	p := &pair{
		a: overhear(t, "dorf.test", port, databasetest.PostgreSQL(t)), b: overhear(t, "nachbar.test", port, databasetest.SQLite(t)), neighbour: settle(t, 1, port), third: new(line),
	}
	p.begin(t)
	p.finds(t)
	p.applies(t)
	p.helps(t)
	p.unseen(t)
	p.withdraws(t)
	p.keptSilent(t)
	p.unknown(t)
}

func (p *pair) begin(t *testing.T) {
	p.neighbour.onArrival(func(a arrival, r *http.Request) { p.third.hears(a.kind + " " + a.object) })
	clubs := map[*overheard]made{}
	for _, o := range []*overheard{p.a, p.b} {
		clubs[o] = o.make(t, "club", "add", "--handle", "tsv", "--name", "TSV "+o.host, "--active")
		o.make(t, "club", "add", "--handle", "chor", "--name", "Chor", "--active")
		o.make(t, "post", "add", "--club", "tsv", "--text", "Wir suchen Helfende.")
		o.lawful(t)
		o.rise(t)
		p.neighbour.allFollow(t, 1, clubs[o].ID, o.origin+"/ap/inbox")
	}
	p.a.verb(t, "places", "home", "Finsterwalde", "--latitude", "51.63", "--longitude", "13.71")
	p.b.verb(t, "places", "home", "Herzfelde", "--latitude", "51.6869", "--longitude", "13.2202")
	p.b.verb(t, "club", "follow", "tsv", "--who", "@tsv@"+p.a.host)
	p.a.verb(t, "club", "follow", "tsv", "--who", "@tsv@"+p.b.host)
	p.anna, p.karl = p.a.person(t, "anna@dorf.example", "Anna", "editor", "tsv"), p.a.person(t, "karl@dorf.example", "Karl", "resident")
	p.rosa = p.b.person(t, markedMail, markedName, "resident")
	until(t, patience, "the clubs follow each other", func() (int, string) {
		n := p.a.count(t, clubs[p.a].ID, "followers") + p.b.count(t, clubs[p.b].ID, "followers")
		if n < 4 {
			return n, fmt.Sprintf("%d of 4 followers", n)
		}
		return n, ""
	})
	day := time.Now().AddDate(0, 0, 40).Format(time.DateOnly)
	p.a.make(t, "opportunity", "add", "--club", "tsv", "--name", "Lampions basteln", "--text", "Beim Museum.", "--place", "Potsdam")
	need := p.a.make(t, "opportunity", "add", "--club", "tsv", "--name", "Kuchen verkaufen", "--text", "Am Stand.", "--place", "Freibad, Finsterwalde",
		"--shift", day+", 10:00 to 12:00, 3, Aufbau", "--shift", day+", 14:00 to 16:00, 1, Kasse")
	p.need = strings.TrimPrefix(need.URL, p.a.origin)
	p.list = p.need + "/bewerbungen"
}

var (
	jobLink  = regexp.MustCompile(`<h3[^>]*><a href="([^"]*)">([^<]*)</a></h3>`)
	applyNow = regexp.MustCompile(`href="(/ehrenamt/anderswo/mitmachen\?[^"]*)"`)
)

// finds looks from her town for what is near, and goes to the page of what she finds.
func (p *pair) finds(t *testing.T) {
	titles := func(query string) string {
		p.rosa.open(t, "/ehrenamt"+query)
		var all []string
		for _, m := range jobLink.FindAllStringSubmatch(p.rosa.page, -1) {
			all = append(all, m[2])
		}
		return strings.Join(all, ", ")
	}
	until(t, patience, "the other town has the opportunities", func() (string, string) {
		got := titles("?umkreis=egal&folge=neu")
		if got != "Kuchen verkaufen, Lampions basteln" {
			return got, "it has " + got
		}
		return got, ""
	})
	for query, want := range map[string]string{
		"": "", "?umkreis=10": "", "?ort=Herzfelde&umkreis=50": "Kuchen verkaufen", "?umkreis=100": "Kuchen verkaufen, Lampions basteln",
		"?ort=Potsdam&umkreis=25": "Lampions basteln", "?ort=Finsterwalde&umkreis=3": "Kuchen verkaufen", "?ort=Potsdam&umkreis=egal": "Lampions basteln, Kuchen verkaufen",
	} {
		if got := titles(query); got != want {
			t.Errorf("%s finds %q, not %q", query, got, want)
		}
	}
	titles("?umkreis=50")
	for _, want := range []string{"Aus " + p.a.host, "Freibad, Finsterwalde, 34 km"} {
		if !strings.Contains(plain(p.rosa.page), want) {
			t.Fatalf("the list does not say %q:\n%s", want, plain(p.rosa.page))
		}
	}
	p.rosa.open(t, html5.UnescapeString(jobLink.FindStringSubmatch(p.rosa.page)[1]))
	act(t, "%s finds by distance what %s looks for, with its origin, and not what is farther away", p.b.host, p.a.host)
}

func (p *pair) applies(t *testing.T) {
	form := applyNow.FindStringSubmatch(p.rosa.page)
	if form == nil {
		t.Fatalf("nothing leads on to applying:\n%s", plain(p.rosa.page))
	}
	p.step(t, "she applies", p.b, p.a, func() {
		p.rosa.open(t, html5.UnescapeString(form[1]))
		shifts := shiftValue.FindAllStringSubmatch(p.rosa.page, -1)
		if len(shifts) != 2 {
			t.Fatalf("there are %d shifts:\n%s", len(shifts), plain(p.rosa.page))
		}
		p.rosa.press(t, "Weiter zur Durchsicht", url.Values{"message": {markedMessage}, "shows": {"1"}, "shift": {shifts[0][1] + shifts[0][2]}})
		for _, word := range []string{markedName, markedMail, markedMessage, p.a.host} {
			if !strings.Contains(plain(p.rosa.page), word) {
				t.Errorf("before it is sent the page does not say %q:\n%s", word, plain(p.rosa.page))
			}
		}
		p.rosa.press(t, "Jetzt senden", nil)
		p.own = strings.Split(p.rosa.path, "?")[0]
	}, func() string {
		return p.shows(t, []string{"!Unterwegs", "Aufbau"}, []string{markedName, "Aus " + p.b.host, "1 vorgemerkt"})
	})
	p.list = personHref.FindStringSubmatch(p.anna.page)[1]
	p.step(t, "she is accepted", p.a, p.b, func() {
		p.anna.open(t, p.list)
		p.anna.press(t, "Zusagen", nil)
	}, func() string {
		return p.shows(t, []string{"freut sich auf Sie"}, []string{"Zugesagt", markedMail, markedMessage})
	})
}

func (p *pair) helps(t *testing.T) {
	p.step(t, "she takes a shift", p.b, p.a, func() {
		p.rosa.open(t, p.own)
		p.rosa.press(t, "Auch übernehmen", nil)
	}, func() string {
		return p.shows(t, []string{"Kasse", "!Unterwegs"}, []string{"Möchte eine weitere Schicht", "Quittung"})
	})
	// Somebody of the club's own town waits for that shift.
	p.karl.open(t, p.need+"/mitmachen")
	shifts := shiftValue.FindAllStringSubmatch(p.karl.page, -1)
	p.karl.press(t, "Weiter zur Durchsicht", url.Values{"shift": {shifts[1][1] + shifts[1][2]}})
	p.karl.press(t, "Jetzt senden", nil)
	p.anna.open(t, p.need+"/bewerbungen")
	p.anna.press(t, "Zusagen", nil)
	p.step(t, "she swaps it", p.b, p.a, func() {
		p.rosa.open(t, p.own)
		p.pressFor(t, p.rosa, "14 bis 16 Uhr", "Zum Tausch anbieten")
	}, func() string {
		return p.shows(t, []string{"Jemand anderes hat die Schicht übernommen", "!Unterwegs"}, []string{"Möchte eine Schicht tauschen", "Jemand anderes hat die Schicht übernommen"})
	})
}

// pressFor presses the button of one line of a page.
func (p *pair) pressFor(t *testing.T, v *guest, line, button string) {
	t.Helper()
	for _, part := range strings.Split(v.page, "<li ") {
		if strings.Contains(plain("<li "+part), line) && strings.Contains(part, button) {
			whole := v.page
			v.page = "<ul><li " + part
			if strings.Contains(plain(v.page), button) {
				v.press(t, button, nil)
				return
			}
			v.page = whole
		}
	}
	t.Fatalf("no line %q with %q:\n%s", line, button, plain(v.page))
}

func (p *pair) withdraws(t *testing.T) {
	p.step(t, "she withdraws", p.b, p.a, func() {
		p.rosa.open(t, p.own)
		p.rosa.press(t, "Bewerbung zurückziehen", nil)
		p.rosa.press(t, "Ja, zurückziehen", nil)
	}, func() string {
		return p.shows(t, []string{"Zurückgezogen", "!Unterwegs"}, []string{"Zurückgezogen", markedName, "!" + markedMail, "!" + markedMessage})
	})
	for _, kind := range []string{"Sie haben zurückgezogen", "Sie möchten eine weitere Schicht", "Sie möchten eine Schicht tauschen"} {
		if n := strings.Count(plain(p.rosa.page), kind); n != 1 {
			t.Errorf("her page says %d times %q", n, kind)
		}
	}
	for _, kind := range []string{"Hat zurückgezogen", "Möchte eine weitere Schicht", "Möchte eine Schicht tauschen"} {
		if n := strings.Count(plain(p.anna.page), kind); n != 2 { // in the history and in the receipts
			t.Errorf("the page of the club says %d times %q", n, kind)
		}
	}
	hers, theirs := p.receipts(t, p.rosa), p.receipts(t, p.anna)
	if len(theirs) != 3 {
		t.Errorf("the club has %d receipts, want 3", len(theirs))
	}
	for id, body := range theirs {
		if hers[id] != body || !strings.Contains(body, `"proof"`) {
			t.Errorf("the receipt %s is another one at her town:\n%s\n%s", id, body, hers[id])
		}
	}
	act(t, "both have the same %d signed receipts", len(theirs))
}

// receipts gives those that a page links to, by their ids.
func (p *pair) receipts(t *testing.T, v *guest) map[string]string {
	t.Helper()
	all := map[string]string{}
	for _, m := range receiptHref.FindAllStringSubmatch(v.page, -1) {
		v.open(t, m[1])
		id := decode[struct{ ID string }](t, []byte(v.page)).ID
		if _, twice := all[id]; twice {
			t.Errorf("the receipt %s is there twice", id)
		}
		all[id] = v.page
	}
	return all
}
