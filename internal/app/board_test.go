package app

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"codeberg.org/aushang/aushang/internal/account"
	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/club"
	"codeberg.org/aushang/aushang/internal/object"
	"codeberg.org/aushang/aushang/internal/post"
	"codeberg.org/aushang/aushang/internal/problem"
)

// clubs adds so many clubs, whose names begin with letters in turn.
func (v *village) clubs(n int) {
	v.t.Helper()
	for i := range n {
		_, err := v.Clubs.Create(v.t.Context(), actor.Operator, club.Draft{
			Handle: fmt.Sprintf("v%02d", i), Name: fmt.Sprintf("%cerein %02d", 'A'+i%26, i), Field: club.Fields[i%3], Active: true,
		})
		if err != nil {
			v.t.Fatal(err)
		}
	}
}

// has compares what a page says.
func (v *village) has(path string, status int, has, lacks []string) string {
	v.t.Helper()
	w := v.get(path, html)
	body := spaced(w.Body.String())
	if w.Code != status {
		v.t.Errorf("%s: %d, want %d", path, w.Code, status)
	}
	for _, s := range has {
		if !strings.Contains(body, spaced(s)) {
			v.t.Errorf("%s lacks %q", path, s)
		}
	}
	for _, s := range lacks {
		if strings.Contains(body, spaced(s)) {
			v.t.Errorf("%s has %q", path, s)
		}
	}
	return body
}

// TestDirectory: clubs are found by word, field and letter.
func TestDirectory(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		for _, d := range []club.Draft{
			{Handle: "muehle", Name: "Mühlenverein", Summary: "Wir **mahlen** noch.", Field: "heritage"},
			{Handle: "chor", Name: "Chor an der Lindenstraße", Field: "music"},
			{Handle: "waiting", Name: "Wartender Verein", Field: "music"},
		} {
			d.Active = d.Handle != "waiting"
			if _, err := v.Clubs.Create(t.Context(), actor.Operator, d); err != nil {
				t.Fatal(err)
			}
		}
		v.meet("https://b.test/u/anna")
		v.receive(`{"id":"https://b.test/f/1","type":"Follow","actor":"https://b.test/u/anna","object":%q}`, v.club.ID)
		v.event("Sommerfest")
		for path, want := range map[string]struct {
			status     int
			has, lacks []string
		}{
			"/vereine":                                {200, []string{"TSV", "Mühlenverein", "1 folgt", "1 Termin", "3 Vereine und Gruppen", `href="/vereine?feld=musik"`, "Heimat und Geschichte", "Wir mahlen noch."}, []string{"Wartender", "Sport und Bewegung", "Alle Vereine zeigen"}},
			"/vereine?q=muehle":                       {200, []string{"Mühlenverein", "1 Verein", `value="muehle"`, "zu „muehle“", "Alle Vereine zeigen"}, []string{"TSV", "Chor an"}},
			"/vereine?q=STRASSE":                      {200, []string{"Chor an"}, []string{"TSV"}},
			"/vereine?q=mahlen":                       {200, []string{"Mühlenverein"}, []string{"Chor an"}},
			"/vereine?q=musik":                        {200, []string{"Chor an"}, []string{"TSV"}},
			"/vereine?q=warten":                       {200, []string{"Dazu finden wir keinen Verein", `href="/vereine"`}, []string{"TSV"}},
			"/vereine?feld=musik":                     {200, []string{"Chor an", `aria-current="true"`}, []string{"Mühlenverein", "TSV"}},
			"/vereine?feld=musik&q=chor":              {200, []string{"Chor an", `<input type="hidden" name="feld" value="musik">`}, nil},
			"/vereine?feld=sport":                     {200, []string{"Dazu finden wir keinen Verein"}, []string{"TSV"}},
			"/vereine?feld=none":                      {422, []string{"„none“ gibt es hier nicht", `<a href="/vereine">Ohne diese Angabe`}, []string{"TSV"}},
			"/vereine?ab=none":                        {404, nil, []string{"TSV"}},
			"/vereine?ab=waiting":                     {404, nil, []string{"Wartender"}},
			"/vereine?q=%3Cscript%3Ealert":            {200, []string{"keinen Verein"}, []string{"<script>alert"}},
			"/vereine?q=" + strings.Repeat("ü", 3000): {200, []string{"keinen Verein"}, nil},
			"/vereine?lang=en&feld=musik":             {200, []string{"Music and choirs", "1 club"}, nil},
		} {
			v.has(path, want.status, want.has, want.lacks)
		}
	})
}

// TestDirectoryPages: a long directory has letters and pages, and nobody is left
// out or shown twice.
func TestDirectoryPages(t *testing.T) {
	v := found(t, migrated.SQLite(t))
	v.clubs(62)
	first := v.get("/vereine", html).Body.String()
	if n := strings.Count(first, `<article class="sheet sheet--flush"><div class="club">`); n != 60 {
		t.Errorf("the first page has %d clubs", n)
	}
	_, next, _ := strings.Cut(first, `rel="next"`)
	if next == "" || !strings.Contains(first, `href="/vereine?ab=`) || !strings.Contains(first, `<ul class="letters">`) {
		t.Error("there is no way on, or there are no letters")
	}
	seen := map[string]bool{}
	for path := "/vereine"; path != ""; {
		body := v.get(path, html).Body.String()
		for _, part := range strings.Split(body, `<h3><a href="/vereine/`)[1:] {
			handle, _, _ := strings.Cut(part, `"`)
			if seen[handle] {
				t.Errorf("%s stands there twice", handle)
			}
			seen[handle] = true
		}
		path = nextPage(body)
	}
	if len(seen) != 63 {
		t.Errorf("%d clubs were seen", len(seen))
	}
	v.has("/vereine?feld=sport", 200, []string{"21 Vereine und Gruppen"}, []string{`<ul class="letters">`})
}

// nextPage gives where a page leads on, or "".
func nextPage(body string) string {
	for _, tag := range strings.Split(body, "<a ")[1:] {
		tag, _, _ = strings.Cut(tag, ">")
		if _, href, ok := strings.Cut(tag, `href="`); ok && strings.Contains(tag, `rel="next"`) {
			href, _, _ = strings.Cut(href, `"`)
			return strings.ReplaceAll(href, "&amp;", "&")
		}
	}
	return ""
}

// TestFieldAndWebsite: field and website are shown and told, changed and taken back.
func TestFieldAndWebsite(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		v.has("/vereine/tsv", 200, []string{"Der Verein hat sich noch nicht vorgestellt", "nichts angekündigt", "nichts angepinnt", "@tsv<wbr>@here.test"}, []string{"Im Netz", "/vereine?feld="})
		v.person("anna@here.test", account.Townhall)
		b := v.signedIn("anna@here.test")
		b.open("/vereine/tsv/aendern")
		b.send("Speichern", map[string]string{"website": "nirgends", "field": "sport"})
		b.shows(422, "keine Adresse einer Website", "nirgends")
		b.send("Speichern", map[string]string{"website": "www.tsv.example"})
		b.shows(200, "Das Profil ist geändert")
		v.has("/vereine/tsv", 200, []string{`href="https://www.tsv.example"`, ">www.tsv.example<", "Sport und Bewegung", `href="/vereine?feld=sport"`, `"sameAs":"https://www.tsv.example"`, `"keywords":"Sport und Bewegung"`}, nil)
		doc := v.get(path(v.club.ID), as2).Body.String()
		for _, want := range []string{`"type":"PropertyValue","name":"Website"`, `www.tsv.example\u003c/a\u003e`, `"PropertyValue":"schema:PropertyValue"`} {
			if !strings.Contains(doc, want) {
				t.Errorf("the document lacks %s:\n%s", want, doc)
			}
		}
		if n, last := v.sent("Update"); n != 1 || len(last.Object.Actor.Attachment) != 1 {
			t.Errorf("%d updates, the last one %+v", n, last)
		}
		empty := ""
		c, err := v.Clubs.Change(t.Context(), actor.Operator, "tsv", club.Change{Website: &empty, Field: &empty})
		if err != nil || c.Website != "" || c.Field != "" {
			t.Fatalf("%+v, %v", c, err)
		}
		v.has("/vereine/tsv", 200, nil, []string{"tsv.example", "Sport und Bewegung"})
		if doc := v.get(path(v.club.ID), as2).Body.String(); !strings.Contains(doc, `"attachment":[]`) {
			t.Error("the website stands there still")
		}
		wrong := "chess"
		if _, err := v.Clubs.Change(t.Context(), actor.Operator, "tsv", club.Change{Field: &wrong}); len(problem.FieldsOf(err)) != 1 {
			t.Errorf("an unknown field: %v", err)
		}
	})
}

// TestBoard: notices are narrowed by kind and club, and what is asked for wrongly
// is not there.
func TestBoard(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		v.has("/pinnwand", 200, []string{"Die Pinnwand ist noch leer"}, nil)
		choir := v.second()
		for _, d := range []post.Draft{
			{AttributedTo: v.club.ID, Text: "Bollerwagen gesucht. Wir bringen ihn zurück.", Kind: post.Wanted},
			{AttributedTo: v.club.ID, Text: "Zucchini, sehr viele", Kind: post.Offer},
			{AttributedTo: choir.ID, Text: "Wir haben einen Bass"},
			{AttributedTo: choir.ID, Text: "Klavier gesucht", Kind: post.Wanted},
		} {
			if _, err := v.Posts.Create(t.Context(), actor.Operator, d); err != nil {
				t.Fatal(err)
			}
		}
		all := []string{"Bollerwagen gesucht", "Wir bringen ihn zurück.", "Zucchini", "Bass", "Klavier", "Suche", "Biete", "Ankündigung", `<option value="chor"`}
		for path, want := range map[string]struct {
			status     int
			has, lacks []string
		}{
			"/pinnwand":                         {200, all, []string{"Davon hängt hier"}},
			"/pinnwand?art=suche":               {200, []string{"Bollerwagen", "Klavier", `aria-current="true"`}, []string{"Zucchini", "Bass"}},
			"/pinnwand?art=suche&verein=chor":   {200, []string{"Klavier", `value="chor" selected`, `name="art" value="suche"`}, []string{"Bollerwagen", "Bass"}},
			"/pinnwand?verein=TSV":              {200, []string{"Bollerwagen", "Zucchini", "Aushänge von TSV"}, []string{"Klavier"}},
			"/pinnwand?art=nachbarschaftshilfe": {200, []string{"Davon hängt hier gerade nichts", `href="/pinnwand"`}, []string{"Bollerwagen"}},
			"/pinnwand?art=none":                {422, []string{"Art des Aushangs: „none“ gibt es hier nicht", `<a href="/pinnwand">Ohne diese Angabe`}, []string{"Bollerwagen"}},
			"/pinnwand?verein=none":             {422, []string{"Verein: „none“ gibt es hier nicht"}, []string{"Bollerwagen"}},
			"/pinnwand?verein=instance":         {422, nil, nil},
			"/pinnwand?vor=none":                {200, []string{"Davon hängt hier"}, []string{"Bollerwagen"}},
			"/pinnwand?art=suche&vor=none":      {200, []string{"Davon hängt hier"}, []string{"Bollerwagen"}},
			"/pinnwand?lang=en&art=suche":       {200, []string{"Wanted", "Bollerwagen", `lang="de"`}, []string{"Zucchini"}},
			"/vereine/tsv":                      {200, []string{"Bollerwagen", "note--offer"}, []string{"Klavier"}},
		} {
			v.has(path, want.status, want.has, want.lacks)
		}
	})
}

// TestBoardPages: older notices of one kind follow, each once.
func TestBoardPages(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		for i := range 45 {
			if _, err := v.Posts.Create(t.Context(), actor.Operator, post.Draft{AttributedTo: v.club.ID, Text: fmt.Sprintf("Zettel %02d.", i), Kind: []string{post.Wanted, post.Offer}[i%2]}); err != nil {
				t.Fatal(err)
			}
		}
		for query, want := range map[string]int{"": 45, "?art=suche": 23, "?art=biete&verein=tsv": 22, "?verein=tsv": 45} {
			var seen []string
			for path := "/pinnwand" + query; path != ""; {
				body := v.get(path, html).Body.String()
				for _, part := range strings.Split(body, ">Zettel ")[1:] {
					seen = append(seen, part[:2])
				}
				path = nextPage(body)
			}
			slices.Sort(seen)
			if n := len(slices.Compact(slices.Clone(seen))); n != want || len(seen) != want {
				t.Errorf("%s: %d notices, %d of them different, want %d", query, len(seen), n, want)
			}
		}
	})
}

// TestKindsTravel: what kind of notice it is stands in its document as a Hashtag
// that leads to its like, also after a change.
func TestKindsTravel(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		p, err := v.Posts.Create(t.Context(), actor.Operator, post.Draft{AttributedTo: v.club.ID, Text: "Bollerwagen", Kind: post.Wanted})
		if err != nil {
			t.Fatal(err)
		}
		tag := `{"type":"Hashtag","name":"#Suche","href":"https://here.test/pinnwand?art=suche"}`
		if doc := v.get(path(p.ID), as2).Body.String(); !strings.Contains(doc, tag) {
			t.Errorf("the document lacks %s:\n%s", tag, doc)
		}
		v.has("/pinnwand?art=suche", 200, []string{"Bollerwagen"}, nil)
		if _, sent := v.sent("Create"); len(sent.Object.Object.Tag) != 1 || sent.Object.Object.Tag[0].Name != "#Suche" {
			t.Errorf("%+v", sent.Object.Object.Tag)
		}
		if _, err := v.Posts.Change(t.Context(), actor.Operator, p.ID, post.Change{Text: "Bollerwagen, doch noch"}); err != nil {
			t.Fatal(err)
		}
		if _, sent := v.sent("Update"); len(sent.Object.Object.Tag) != 1 {
			t.Errorf("a change of the text forgets the kind: %+v", sent.Object.Object.Tag)
		}
		if _, err := v.Posts.Change(t.Context(), actor.Operator, p.ID, post.Change{Text: "Bollerwagen", Kind: post.Announcement}); err != nil {
			t.Fatal(err)
		}
		if _, sent := v.sent("Update"); len(sent.Object.Object.Tag) != 0 {
			t.Errorf("%+v", sent.Object.Object.Tag)
		}
		v.has("/pinnwand?art=suche", 200, nil, []string{"Bollerwagen"})
		v.has("/pinnwand?art=ankuendigung", 200, []string{"Bollerwagen"}, nil)
		if _, err := v.Posts.Create(t.Context(), actor.Operator, post.Draft{AttributedTo: v.club.ID, Text: "x", Kind: "none"}); len(problem.FieldsOf(err)) != 1 {
			t.Errorf("an unknown kind: %v", err)
		}
		if err := v.Activities.DeleteObject(t.Context(), actor.Operator, p.ID); err != nil {
			t.Fatal(err)
		}
		v.has("/pinnwand?art=ankuendigung", 200, nil, []string{"Bollerwagen"})
	})
}

// TestKindInForm: who pins something up says what it is.
func TestKindInForm(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		v.person("anna@here.test", account.Editor, "tsv")
		b := v.signedIn("anna@here.test")
		b.open("/pinnwand/neu?art=biete")
		b.send("Veröffentlichen", map[string]string{"text": "Zucchini", "kind": "none"})
		b.shows(422, "Diese Art von Aushang gibt es nicht")
		b.open("/pinnwand/neu?art=biete")
		b.send("Veröffentlichen", map[string]string{"text": "Zucchini", "kind": post.Help})
		b.shows(200, "Nachbarschaftshilfe", "Zucchini")
		v.has("/pinnwand?art=nachbarschaftshilfe", 200, []string{"Zucchini"}, nil)
		list, err := v.Posts.List(t.Context(), post.Filter{Kind: post.Help}, object.Page{Limit: 5})
		if err != nil || len(list) != 1 {
			t.Fatalf("%d posts, %v", len(list), err)
		}
		b.open("/pinnwand/" + list[0].Key() + "/aendern")
		b.send("Speichern", map[string]string{"kind": post.Wanted})
		b.shows(200, "Suche")
	})
}

// TestQueriesDoNotFillTheMemory: lists and their chips are answered from memory,
// what is without number is not.
func TestQueriesDoNotFillTheMemory(t *testing.T) {
	v := found(t, migrated.SQLite(t))
	v.post("Schlüssel gefunden")
	if _, err := v.Clubs.Create(t.Context(), actor.Operator, club.Draft{Handle: "chor", Name: "Chor", Field: "music", Active: true}); err != nil {
		t.Fatal(err)
	}
	r := v.read()
	for _, path := range []string{"/vereine", "/vereine?feld=musik", "/vereine?feld=glaube", "/vereine?ab=tsv", "/pinnwand", "/pinnwand?art=suche", "/pinnwand?art=ankuendigung"} {
		r.remembers(path, html)
	}
	v.prepared.Report(func(string, int64, int64) {})
	end := time.Now().Add(time.Second)
	for i := 0; i < 20 || time.Now().Before(end) && i < 200; i++ {
		for _, path := range []string{
			"/vereine?q=chor", "/vereine?feld=musik&q=x", "/vereine?ab=tsv&q=t", "/vereine?ab=chor&feld=musik", "/vereine?feld=none", "/pinnwand?verein=tsv", "/pinnwand?art=suche&verein=tsv",
			"/pinnwand?vor=none", "/pinnwand?art=suche&vor=none", "/pinnwand?art=none", "/pinnwand?art=suche&x=" + url.QueryEscape(fmt.Sprint(i)), "/vereine?feld=musik&x=1",
		} {
			r.get(path, html)
		}
	}
	v.prepared.Report(func(route string, answers, _ int64) { t.Errorf("%s: %d answers from memory", route, answers) })
}

// TestFollowersInDirectory: how many follow stands there as it is now.
func TestFollowersInDirectory(t *testing.T) {
	v := found(t, migrated.SQLite(t))
	r := v.read()
	r.remembers("/vereine", html)
	v.meet("https://b.test/u/anna")
	v.receive(`{"id":"https://b.test/f/1","type":"Follow","actor":"https://b.test/u/anna","object":%q}`, v.club.ID)
	r.becomes("somebody follows", "/vereine", html, http.StatusOK, "1 folgt")
}
