package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/database"
)

// What is searched: 100,000 things.
const (
	searchedClubs  = manyClubs
	searchedEvents = 60_000
	searchedPosts  = 35_000
	// searchShift keeps their keys apart from those of the large town.
	searchShift = anActivity
)

// measureSearch fills the database with things that say something, lets the
// server index them, and asks as people do.
func (b *bench) measureSearch() error {
	m, err := b.models()
	if err != nil {
		return err
	}
	b.town.kill()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Minute)
	defer cancel()
	db, err := database.Open(ctx, b.town.database)
	if err != nil {
		return err
	}
	defer db.Close() //nolint:errcheck // what was written is committed
	if err := (&generator{db: db, shift: searchShift, group: "gruppe"}).fillSearched(ctx, m); err != nil {
		return err
	}
	if err := b.awaitIndex("search: ", searchedClubs+searchedEvents+searchedPosts); err != nil {
		return err
	}
	return b.seek("search", questions())
}

// fillSearched makes clubs, events and posts, each with words of its own.
func (g *generator) fillSearched(ctx context.Context, m model) error {
	if err := g.fillClubs(ctx, m); err != nil {
		return err
	}
	if err := g.fillThings(ctx, m, m.event, anEvent, searchedEvents); err != nil {
		return err
	}
	if err := g.fillTimes(ctx, m, searchedEvents); err != nil {
		return err
	}
	if err := g.fillThings(ctx, m, m.post, aPost, searchedPosts); err != nil {
		return err
	}
	w := newScribe()
	if err := g.write(ctx, anEvent, searchedEvents, w.title, w.text); err != nil {
		return err
	}
	if err := g.write(ctx, aPost, searchedPosts, func() string { return "" }, w.text); err != nil {
		return err
	}
	// Each was made and then changed, which no town does: once is enough.
	const twice = "DELETE FROM search_due WHERE seq NOT IN (SELECT MAX(seq) FROM search_due GROUP BY id)"
	if _, err := g.db.Pool().ExecContext(ctx, twice); err != nil {
		return err
	}
	_, err := g.db.Pool().ExecContext(ctx, "ANALYZE")
	return err
}

var rewrite = database.NewStatement("UPDATE objects SET name = ?, content = ?, source = ? WHERE id = ?")

// write gives the objects of a kind names and texts.
func (g *generator) write(ctx context.Context, kind, n int, name, text func() string) error {
	const some = 5_000
	for from := 1; from <= n; from += some {
		err := g.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
			for i := from; i < from+some && i <= n; i++ {
				said := text()
				if _, err := rewrite.Exec(ctx, tx, name(), "<p>"+said+"</p>", said, origin+"/ap/objects/"+keyOf(kind+g.shift, i)); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return fmt.Errorf("write texts: %w", err)
		}
	}
	return nil
}

// awaitIndex starts the server and waits until all is in its index.
func (b *bench) awaitIndex(what string, things int) error {
	ctx, cancel := context.WithTimeout(context.Background(), 15*time.Minute)
	defer cancel()
	db, err := database.Open(ctx, b.town.database)
	if err != nil {
		return err
	}
	defer db.Close() //nolint:errcheck // nothing was written
	begin := time.Now()
	if _, err := b.town.serve(); err != nil {
		return err
	}
	for {
		var due int
		if err := db.Read().QueryRowContext(ctx, "SELECT count(*) FROM search_due").Scan(&due); err != nil {
			return err
		}
		if due == 0 {
			break
		}
		time.Sleep(100 * time.Millisecond)
	}
	took := time.Since(begin)
	used := b.town.quiet()
	n := float64(things)
	b.out.add(figure{what: fmt.Sprintf("%sindex of %d things, made anew", what, things), unit: perSecond, value: n / took.Seconds()})
	b.out.add(figure{what: what + "index: CPU per thing", unit: milliseconds, value: in(milliseconds, used.cpu) / n})
	size := "SELECT COALESCE(SUM(pgsize), 0) FROM dbstat WHERE name LIKE 'search_%' OR name LIKE 'sqlite_autoindex_search_%'"
	if db.Dialect() == database.Postgres {
		size = "SELECT pg_total_relation_size('search_things')"
	}
	var bytes int64
	if err := db.Read().QueryRowContext(ctx, size).Scan(&bytes); err != nil {
		return err
	}
	b.out.add(figure{what: what + "index: size per thing", unit: kilobytes, value: float64(bytes) / n / 1e3})
	return nil
}

// question is a way in which people search.
type question struct {
	what string
	path func() string
}

func questions() []question {
	w := newScribe()
	of := func(words ...string) func() string {
		return func() string { return "/suche?q=" + url.QueryEscape(words[rand.IntN(len(words))]) }
	}
	in := func(kind string, words ...string) func() string {
		ask := of(words...)
		return func() string { return ask() + "&art=" + kind }
	}
	return []question{
		{"a word that stands in most of them", of("Verein", "Samstag", "vereine", "gemeinsam")},
		{"a part of compound words", of("fest", "markt", "wehr", "konzerte", "garten", "bad")},
		{"a compound word", of("Feuerwehrfest", "strassenmarkt", "Mühlenwanderung", "muehlenfest", "Chorprobe")},
		{"two or three words", of("Feuerwehrfest Samstag", "Chor Konzert Kirche", "Wanderung Wald", "Kuchen Kaffee Verein")},
		{"a rare word", func() string { return "/suche?q=" + w.rare() }},
		{"a club", func() string {
			return "/suche?q=" + url.QueryEscape("Verein Nr. "+strconv.Itoa(1+rand.IntN(searchedClubs)))
		}},
		{"events alone", in("veranstaltungen", "fest", "Konzert", "Sonntag", "Lauf")},
		{"the pin board alone", in("pinnwand", "fest", "Konzert", "suche", "Sonntag")},
		{"what is misspelt", of("Feuerwher", "Flomarkt", "Konzret", "Wandreung")},
		{"what is not there", of("quarzuhr", "xylophonisten", "Zebra Giraffe")},
	}
}

// seek asks all questions, one at a time; what says what is searched.
func (b *bench) seek(what string, all []question) error {
	var alike []time.Duration
	before, n := b.town.usage(), 0
	for _, q := range all {
		times, err := b.asked(q.path)
		if err != nil {
			return fmt.Errorf("%s: %w", q.what, err)
		}
		n += len(times)
		alike = append(alike, times[:min(len(times), equally)]...)
		b.out.add(figure{what: what + " for " + q.what + ", p95", unit: milliseconds, value: in(milliseconds, percentile(times, 95)), goal: most(30)})
	}
	used := b.town.quiet().minus(before)
	b.out.add(figure{what: what + ": CPU of an answer", unit: milliseconds, value: in(milliseconds, used.cpu) / float64(max(1, n))})
	b.out.add(figure{what: what + " for all of this alike, p95", unit: milliseconds, value: in(milliseconds, percentile(alike, 95)), goal: most(30)})
	return nil
}

// equally is how many answers of each question count for all of them.
const equally = 40

// asked asks for pages for a while, one at a time.
func (b *bench) asked(path func() string) ([]time.Duration, error) {
	c, err := dial(b.town.address)
	if err != nil {
		return nil, err
	}
	defer c.Close() //nolint:errcheck // all is said
	end := time.Now().Add(looking)
	return c.run(http.StatusOK, func() []byte {
		if time.Now().After(end) {
			return nil
		}
		u, err := url.Parse("https://" + townName + path())
		if err != nil {
			panic(err) // built from words
		}
		return raw(&http.Request{Method: http.MethodGet, URL: u, Header: http.Header{"Accept": {"text/html"}}}, nil)
	})
}

// scribe writes texts as clubs do: some words in nearly every one, many
// compound words, and a long tail of names.
type scribe struct {
	random *rand.Rand
	words  []string
	tail   int // where the names begin
	next   *rand.Zipf
}

func newScribe() *scribe {
	s := &scribe{random: rand.New(rand.NewPCG(1, 2))} //nolint:gosec // the same texts each time
	s.words = strings.Fields(`und der die das in am für mit von wir Sie auf zum ist im den bei alle auch ein Verein Samstag Sonntag Uhr gemeinsam laden
		herzlich ein Kinder Kaffee Kuchen suche helfen Musik Eintritt frei Anmeldung treffen Platz Halle Kirche Schule Rathaus Wald Garten Chor Konzert Fest Lauf
		Freitag Abend Nachmittag Mitglieder neue Gäste willkommen Straße Mühle Spiel Mannschaft Jugend Probe Werkstatt Reparatur Bücher Kleider Fahrrad gefunden`)
	first := strings.Fields("Feuerwehr Straßen Sommer Herbst Wein Schützen Kinder Dorf Stadt Mühlen Garten Wald Chor Orgel Advents Oster Sport Schul Heimat Jugend Floh Altpapier")
	second := strings.Fields("fest markt konzert lauf abend treffen verein haus platz wanderung probe turnier ausstellung führung café bad hof umzug sammlung kurs")
	var compounds []string
	for _, a := range first {
		for _, b := range second {
			compounds = append(compounds, a+b)
		}
	}
	s.random.Shuffle(len(compounds), func(i, j int) { compounds[i], compounds[j] = compounds[j], compounds[i] })
	s.words = append(s.words, compounds...)
	s.tail = len(s.words)
	syllables := strings.Fields("ber gar hof ling sten mar kel dorf wei ran tal ult mer sche lich bach neu ober nie hau rit zen fol gra")
	const names = 20_000
	for range names {
		var b strings.Builder
		for range 2 + s.random.IntN(3) {
			b.WriteString(syllables[s.random.IntN(len(syllables))])
		}
		s.words = append(s.words, strings.ToUpper(b.String()[:1])+b.String()[1:])
	}
	s.next = rand.NewZipf(s.random, 1.05, 4, uint64(len(s.words)-1))
	return s
}

func (s *scribe) some(n int) string {
	list := make([]string, n)
	for i := range list {
		list[i] = s.words[s.next.Uint64()]
	}
	return strings.Join(list, " ")
}

func (s *scribe) title() string { return s.some(2 + s.random.IntN(4)) }

func (s *scribe) text() string { return s.some(30 + s.random.IntN(90)) }

// rare gives one of the names.
func (s *scribe) rare() string { return s.words[s.tail+s.random.IntN(len(s.words)-s.tail)] }
