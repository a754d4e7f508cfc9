package proof

import (
	"bytes"
	html5 "html"
	"io"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// marks are parts of her name, address and message that stand nowhere by chance.
var marks = []string{"Markerbaum", "rosa.marker", "Markerkuchen"}

// marked gives the marks that stand in something. What an address asks for may
// stand on its page again, but not all that belongs to it.
func marked(address, body string) (found []string) {
	for i, mark := range marks {
		if strings.Contains(address, mark) {
			mark = []string{markedName, markedMail, markedMessage}[i]
		}
		if strings.Contains(body, mark) || strings.Contains(address, mark) && strings.Contains(plain(body), mark) {
			found = append(found, mark)
		}
	}
	return found
}

// looker is somebody who looks at every page of a town that anybody is led to.
type looker struct {
	who    string
	client *http.Client
	accept string
}

// looks asks for all addresses that are known, and for those to which their pages
// lead. It gives in which she is found, and how many were looked at.
func (o *overheard) looks(t *testing.T, l looker, known *[]string) (found map[string][]string, n int) {
	t.Helper()
	found = map[string][]string{}
	there := map[string]bool{}
	for _, address := range *known {
		there[address] = true
	}
	for i := 0; i < len(*known); i++ {
		address := (*known)[i]
		if len(*known) > 1000 {
			t.Fatalf("%s has more than 1000 addresses: something links to itself for ever; the last is %s", o.host, (*known)[len(*known)-1])
		}
		r, err := http.NewRequest(http.MethodGet, address, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Accept", l.accept)
		r.Header.Set("User-Agent", browser)
		answer, err := l.client.Do(r)
		if err != nil {
			t.Fatalf("%s asks for %s: %v", l.who, address, err)
		}
		body, err := io.ReadAll(answer.Body)
		_ = answer.Body.Close()
		if err != nil || answer.StatusCode == http.StatusTooManyRequests || answer.StatusCode >= 500 {
			t.Fatalf("%s asks for %s: %d, %v", l.who, address, answer.StatusCode, err)
		}
		for _, text := range append(answer.Header.Values("Location"), html5.UnescapeString(string(body))) {
			if m := marked(address, text); len(m) > 0 {
				found[address] = m
			}
		}
		for _, next := range append(o.links(address, string(body)), o.links(address, answer.Header.Get("Location"))...) {
			if !there[next] && !strings.Contains(next, "lang=") && !strings.HasPrefix(next, o.origin+"/assets/") { // each page once, in one language
				there[next] = true
				*known = append(*known, next)
			}
		}
	}
	return found, len(*known)
}

// addresses are where the walk through a town begins: what other servers were told
// of, and doors to which no page leads everybody.
func (o *overheard) addresses(p *pair) []string {
	var all []string
	for _, path := range []string{
		"/", "/feed.atom", "/ehrenamt", "/ehrenamt?umkreis=egal", "/ehrenamt/feed.atom", "/ehrenamt/kalender.ics", "/ehrenamt/angebote.jsonld", "/ehrenamt/angebote.csv",
		"/ehrenamt/bewerbungen", "/ehrenamt/hilfe", "/ich-moechte-helfen", "/meine-einsaetze", "/vermittlung", "/neues", "/konto", "/rathaus", "/transparenz", "/region",
		"/vereine", "/vereine/tsv", "/veranstaltungen", "/pinnwand", "/sitemap.xml", "/nodeinfo/2.1", "/.well-known/nodeinfo", "/suche?q=" + marks[0], "/suche?q=" + marks[1],
		"/suche?q=" + marks[2], p.own, p.own + "/kalender.ics", p.own + "/nachweis", p.need, p.need + "/mitmachen", p.need + "/bewerbungen", p.need + "/bewerbungen.csv",
		p.need + "/bewerbungen/liste", p.list,
	} {
		all = append(all, o.origin+path)
	}
	id := regexp.MustCompile(regexp.QuoteMeta(o.origin) + `/[^"\s<>\\#]*`)
	for _, l := range []*line{p.a.line, p.b.line, p.a.answered, p.b.answered, p.third} {
		for _, said := range l.all() {
			for _, address := range id.FindAllString(said, -1) {
				if strings.HasPrefix(address, o.origin+"/ap/actors/") && !strings.Contains(strings.TrimPrefix(address, o.origin+"/ap/actors/"), "/") {
					all = append(all, address+"/outbox", address+"/followers", address+"/following", o.origin+"/.well-known/webfinger?resource="+url.QueryEscape(address))
				}
				all = append(all, address)
			}
		}
	}
	all = slices.DeleteFunc(all, func(s string) bool { return strings.HasSuffix(s, "/inbox") })
	slices.Sort(all)
	return slices.Compact(all)
}

// eye is a looker with the browser of somebody who is signed in.
func eye(who string, v *guest) looker { return looker{who, staying(v.client), html} }

// staying keeps connections, for who asks much.
func staying(client *http.Client) *http.Client {
	c := *client
	transport := client.Transport.(*http.Transport).Clone()
	transport.DisableKeepAlives = false
	c.Transport, c.CheckRedirect = transport, func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &c
}

// unseen walks through both towns, first as those whose business it is: the pages
// that they are led to are then asked for by everybody else too.
func (p *pair) unseen(t *testing.T) {
	for _, town := range []struct {
		*overheard
		knows *guest
		hall  bool
	}{{p.a, p.anna, true}, {p.b, p.rosa, false}} {
		o, known := town.overheard, town.addresses(p)
		seen, _ := o.looks(t, eye("who knows her", town.knows), &known)
		page := map[*overheard]string{p.a: p.list, p.b: p.own}[o]
		if !slices.Equal(seen[o.origin+page], marks) {
			t.Errorf("who knows her sees only %v on %s%s", seen[o.origin+page], o.host, page)
		}
		others := []looker{{"nobody", staying(o.client), html}, {"another server", staying(o.client), activityJSON}}
		others = append(others, eye("an editor of another club", o.person(t, "carla@"+o.host[:4]+".example", "Carla", "editor", "chor")))
		if town.hall {
			others = append(others, eye("another resident", p.karl), eye("the town hall", o.person(t, "hanna@dorf.example", "Hanna", "townhall")))
		} else { // its town hall knows who lives there
			others = append(others, eye("another resident", o.person(t, "berta@nachbar.example", "Berta", "resident")))
		}
		looked := 0
		for _, l := range others {
			found, n := o.looks(t, l, &known)
			looked += n
			for address, words := range found {
				t.Errorf("%s sees %v at %s", l.who, words, address)
			}
			t.Logf("%s: %s looked at %d", o.host, l.who, n)
		}
		act(t, "%s: who knows her sees her on %d pages; others, who looked %d times, at the %d that anybody is led to, nowhere", o.host, len(seen), looked, len(known))
	}
}

// keptSilent looks for her words in all that both servers sent to anybody, in
// letters and in their logs.
func (p *pair) keptSilent(t *testing.T) {
	for _, word := range marks {
		// An Offer that finds the server dead is sent again.
		if p.a.line.has(word) < 1 {
			t.Errorf("%q never went to the club's town", word)
		}
		if n := p.b.line.has(word) + p.third.has(word) + p.a.answered.has(word) + p.b.answered.has(word); n != 0 {
			t.Errorf("%q went to others %d times", word, n)
		}
		for _, o := range []*overheard{p.a, p.b} {
			for _, process := range o.processes {
				diary, err := os.ReadFile(process.diary)
				if err != nil {
					t.Fatal(err)
				}
				if bytes.Contains(diary, []byte(word)) {
					t.Errorf("%q stands in the log of %s", word, o.host)
				}
			}
		}
	}
	letters := 0
	for _, o := range []*overheard{p.a, p.b} {
		for _, m := range o.post.Messages("") {
			letters++
			if words := marked("", m.Subject+m.Text+m.HTML); m.To != markedMail && len(words) > 0 {
				t.Errorf("%s is told %v by mail: %s\n%s", m.To, words, m.Subject, m.Text)
			}
		}
	}
	if n := len(p.a.post.Messages(markedMail)); n != 0 {
		t.Errorf("%s writes %d letters to her", p.a.host, n)
	}
	if len(p.b.post.Messages(markedMail)) == 0 || len(p.a.post.Messages("anna@dorf.example")) == 0 {
		t.Error("no letters came to her, or to the club")
	}
	act(t, "name, mail and message crossed the wire to %s alone, in the Offer; they stand in no log, and in none of %d letters to others", p.a.host, letters)
}

// unknown looks at what others can know of her actor.
func (p *pair) unknown(t *testing.T) {
	resident := regexp.MustCompile(`https://[^"]*/ap/actors/[0-9a-f-]+`).FindString(p.offer(t))
	doc := p.b.document(t, resident)
	for _, key := range []string{"name", "followers", "following", "url"} {
		if doc[key] != nil {
			t.Errorf("her actor shows %s: %v", key, doc[key])
		}
	}
	if doc["discoverable"] != false || doc["summary"] != "" {
		t.Errorf("her actor: %v", doc)
	}
	finger := p.b.get(t, p.b.origin+"/.well-known/webfinger?resource="+url.QueryEscape("acct:"+doc["preferredUsername"].(string)+"@"+p.b.host), "*/*")
	byID := p.b.get(t, p.b.origin+"/.well-known/webfinger?resource="+url.QueryEscape(resident), "*/*")
	if finger.status != http.StatusOK || byID.status != http.StatusNotFound {
		t.Errorf("WebFinger says %d by the name and %d by the id", finger.status, byID.status)
	}
}

// offer gives the Offer as it arrived.
func (p *pair) offer(t *testing.T) string {
	t.Helper()
	for _, said := range p.a.line.all() {
		if _, body, ok := strings.Cut(said, `"actor":"`); ok && strings.Contains(said, `"type":"Offer"`) {
			return body
		}
	}
	t.Fatal("no Offer has arrived")
	return ""
}
