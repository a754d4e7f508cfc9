package app

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/club"
	"codeberg.org/aushang/aushang/internal/database/databasetest"
	"codeberg.org/aushang/aushang/internal/object"
	"codeberg.org/aushang/aushang/internal/problem"
)

// TestEmbeddedByOthers: what an activity embeds of somebody else is a hint and
// no more.
func TestEmbeddedByOthers(t *testing.T) {
	shows(t, "T-ID-08 T-SIG-11 words in another's mouth", func(t *testing.T, v *village) {
		v.meet(lena)
		v.meet(mala)
		e := v.event("Sommerfest")
		before := v.count("objects")
		for i, kind := range []string{"Announce", "Like", "Undo", "Accept", "Reject", "Add", "Flag", "QuoteRequest", "Create", "Update", "Move", "Block"} {
			id := fmt.Sprintf("https://b.test/n/%d", i)
			forged := note(id, lena, public, e.ID, "falsch", "")
			for j, object := range []string{forged, `{"id":"` + id + `/create","type":"Create","actor":"` + lena + `","object":` + forged + `}`} {
				v.receive(`{"id":"https://evil.test/%s/%d","type":"%s","actor":"%s","target":"%s",%s,"object":%s,"signature":{"type":"RsaSignature2017","creator":"%s#main-key","signatureValue":"eA=="}}`,
					kind, j, kind, mala, mala, public, object, lena)
			}
			if _, err := v.Objects.Find(t.Context(), object.Viewer{}, id); problem.KindOf(err) != problem.NotFound {
				t.Errorf("%s stored what another one is said to have written: %v", kind, err)
			}
		}
		if n := v.count("objects"); n != before {
			t.Errorf("%d objects more", n-before)
		}
	})
}

// person gives the document of an actor; more are further properties.
func person(id, more string) string {
	return fmt.Sprintf(`{"@context":"https://www.w3.org/ns/activitystreams","id":"%s","type":"Person","preferredUsername":"eve","inbox":"%[1]s/inbox"%s}`, id, more)
}

// among lets a test look out on both databases, under the name of a row.
func among(t *testing.T, name string, test func(t *testing.T, o *outside)) {
	t.Helper()
	t.Run(name, func(t *testing.T) {
		databasetest.Each(t, func(t *testing.T, url string) { test(t, newOutside(t, url)) })
	})
}

// documents answers with the document for a path, where "/to" leads on.
func (o *outside) documents(documents map[string]string) {
	o.serve(func(w http.ResponseWriter, r *http.Request) {
		document, ok := documents[r.URL.Path]
		if to, led := strings.CutPrefix(document, "to "); led {
			w.Header().Set("Location", to)
			w.WriteHeader(http.StatusFound)
			return
		}
		if !ok {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		w.Header().Set("Content-Type", as2)
		if strings.Contains(document, `"subject"`) {
			w.Header().Set("Content-Type", "application/jrd+json")
		}
		_, _ = w.Write([]byte(document))
	})
}

// actor gives the stored actor.
func (v *village) actor(id string) *actor.Actor {
	v.t.Helper()
	a, err := v.Actors.Find(v.t.Context(), v.db.Read(), id)
	if err != nil {
		v.t.Fatal(err)
	}
	return a
}

// TestDocumentsOfOthers: what a server says of somebody else's actor counts for
// nothing, wherever it leads.
func TestDocumentsOfOthers(t *testing.T) {
	among(t, "T-ID-01 T-ID-02 T-ID-08 actors by another host", func(t *testing.T, o *outside) {
		good, second := "https://"+o.name("good.example", goodIP), "https://"+o.name("second.example", goodIP)
		alice := o.meet(second + "/alice")
		before := o.actor(alice)
		const key = `,"publicKey":{"id":"x#main-key","owner":"x","publicKeyPem":"PEM"}`
		documents := map[string]string{
			"/eve":     person(alice, strings.ReplaceAll(key, `"x`, `"`+alice)),
			"/led":     "to " + second + "/liar",
			"/liar":    person(good+"/led", ""),
			"/back":    "to " + second + "/alice2",
			"/alice2":  person(second+"/alice2", ""),
			"/foreign": person(good+"/foreign", `,"publicKey":{"id":"`+alice+`#main-key","owner":"`+good+`/foreign","publicKeyPem":"PEM"}`),
			"/inbox":   strings.Replace(person(good+"/inbox", ""), good+"/inbox/inbox", second+"/x", 1),
			"/case":    person(strings.ToUpper(good)+"/case", ""),
			"/note":    fmt.Sprintf(`{"@context":"https://www.w3.org/ns/activitystreams","id":"%s/note","type":"Note","attributedTo":"%s",%s,"content":"x"}`, good, alice, public),
		}
		o.documents(documents)
		actors, objects := o.count("actors"), o.count("objects")
		for _, path := range []string{"/eve", "/led", "/back", "/foreign", "/inbox", "/case", "/note", "/none"} {
			if a, err := o.Actors.Resolve(t.Context(), good+path); err == nil {
				t.Errorf("%s is taken for %s", path, a.ID)
			}
			for _, keyID := range []string{good + path + "#main-key", good + path} {
				if k, err := o.Actors.Key(t.Context(), keyID, true); err == nil {
					t.Errorf("the key %s is taken for one of %s", keyID, k.Owner)
				}
			}
		}
		o.follows(o.meet(lena))
		if r := o.receive(`{"id":"https://b.test/share","type":"Announce","actor":"%s","object":"%s/note"}`, lena, good); r.State != "refused" {
			t.Errorf("a note with an author elsewhere: %+v", r)
		}
		if n, m := o.count("actors"), o.count("objects"); n != actors+1 || m != objects {
			t.Errorf("%d actors and %d objects more", n-actors-1, m-objects)
		}
		if diff := cmp.Diff(before, o.actor(alice), cmpopts.IgnoreUnexported(actor.Actor{})); diff != "" {
			t.Error(diff)
		}
	})
}

// TestOursAreNotTheirs: nobody else speaks for what is ours.
func TestOursAreNotTheirs(t *testing.T) {
	among(t, "T-ID-13 T-ID-20 our own documents from elsewhere", func(t *testing.T, o *outside) {
		good := "https://" + o.name("good.example", goodIP)
		e := o.event("Sommerfest")
		before := o.actor(o.club.ID)
		o.documents(map[string]string{
			"/direct": person(o.club.ID, ""), "/led": "to " + o.club.ID, "/shouted": "to https://HERE.test./ap/actors/x",
			"/note": note(e.ID, o.club.ID, public, "", "falsch", `,"@context":"https://www.w3.org/ns/activitystreams"`),
		})
		o.meet(mala)
		o.follows(mala)
		actors, objects, sent := o.count("actors"), o.count("objects"), o.count("activities")
		for _, id := range []string{good + "/direct", good + "/led", good + "/shouted", strings.Replace(o.club.ID, "here.test", "HERE.test:443", 1)} {
			if a, err := o.Actors.Resolve(t.Context(), id); err == nil && !a.Local {
				t.Errorf("%s is stored as %+v", id, a)
			}
		}
		if a, err := o.Actors.Resolve(t.Context(), o.club.ID); err != nil || !a.Local {
			t.Errorf("our own club is %+v, %v", a, err)
		}
		for i, forged := range []string{
			`"type":"Update","object":` + person(o.club.ID, `,"name":"Falsch"`), `"type":"Update","object":` + note(e.ID, o.club.ID, public, "", "falsch", ""),
			`"type":"Create","object":` + note("https://here.test/ap/objects/x", mala, public, "", "falsch", ""), `"type":"Announce","object":"` + good + `/note"`,
			`"type":"Create","object":` + note("https://evil.test/n", o.club.ID, public, e.ID, "falsch", ""), `"type":"Delete","object":"` + o.club.ID + `"`,
			`"type":"Move","object":"` + o.club.ID + `","target":"` + mala + `"`,
		} {
			if r := o.receive(`{"id":"https://evil.test/x/%d","actor":"%s",%s}`, i, mala, forged); r.State == "applied" {
				t.Errorf("%s was applied", forged)
			}
		}
		if n, m, k := o.count("actors"), o.count("objects"), o.count("activities"); n != actors || m != objects || k != sent {
			t.Errorf("%d actors, %d objects, %d activities more", n-actors, m-objects, k-sent)
		}
		if diff := cmp.Diff(before, o.actor(o.club.ID), cmpopts.IgnoreUnexported(actor.Actor{})); diff != "" {
			t.Error(diff)
		}
	})
}

// TestHandles: a handle is what both its domain and the actor say, and looks
// like no other one.
func TestHandles(t *testing.T) {
	among(t, "T-ID-16 T-ID-17 handles of another domain", func(t *testing.T, o *outside) {
		home, own := o.name("good.example", goodIP), o.name("alice.example", goodIP)
		jrd := func(path string) string {
			return fmt.Sprintf(`{"subject":"acct:somebody@else.example","links":[{"rel":"self","type":"application/activity+json","href":"https://%s%s"}]}`, home, path)
		}
		for i, tc := range []struct{ says, want string }{
			{``, "eve@" + home},
			{`,"webfinger":"alice@` + own + `"`, "alice@" + own},
			{`,"webfinger":"acct:alice@` + strings.ToUpper(own) + `"`, "alice@" + own},
			{`,"webfinger":"mallory@` + own + `"`, "eve@" + home},
			{`,"webfinger":"alice@else.example"`, "eve@" + home},
			{`,"preferredUsername2":""`, "eve@" + home},
		} {
			path := fmt.Sprintf("/users/%d", i)
			o.documents(map[string]string{"/.well-known/webfinger": jrd(path), path: person("https://"+home+path, tc.says)})
			a, err := o.Actors.Lookup(t.Context(), "@alice@"+own)
			if err != nil || a.Acct != tc.want {
				t.Errorf("%s: %v, %v", tc.says, a, err)
			}
		}
		for i, name := range []string{"alice@good.test", "a/b", "eve\u202e", "e\u200bve", "", "eve?x", "..", "<b>eve</b>", strings.Repeat("e", 5000), " e v e "} {
			path := fmt.Sprintf("/odd/eve%d", i)
			o.documents(map[string]string{path: strings.Replace(person("https://"+home+path, ""), `:"eve"`, fmt.Sprintf(`:%q`, name), 1)})
			a, err := o.Actors.Resolve(t.Context(), "https://"+home+path)
			if err != nil {
				continue // refused as a whole
			}
			if !regexp.MustCompile(`^[a-z0-9.]{1,100}@` + regexp.QuoteMeta(home) + `$`).MatchString(a.Acct) {
				t.Errorf("%.20q is called %q", name, a.Acct)
			}
		}
		if _, err := o.Actors.Lookup(t.Context(), "@tsv@HERE.test"); problem.KindOf(err) != problem.Invalid {
			t.Errorf("our own handle is looked up: %v", err)
		}
	})
}

// TestMoves: a Move counts for who made it, once, and if the new place knows the
// old one by its very id.
func TestMoves(t *testing.T) {
	among(t, "T-ID-19 moves", func(t *testing.T, o *outside) {
		good := "https://" + o.name("good.example", goodIP)
		known := func(aliases ...string) string {
			list, _ := json.Marshal(aliases)
			return `,"alsoKnownAs":` + string(list)
		}
		many := slices.Repeat([]string{"https://c.test/x"}, 500)
		o.documents(map[string]string{
			"/stranger": person(good+"/stranger", known("https://c.test/x")), "/shouted": person(good+"/shouted", known("https://B.test/lena")),
			"/part": person(good+"/part", known(lena+"#me")), "/many": person(good+"/many", known(append(many, lena)...)),
			"/new": person(good+"/new", known("https://c.test/x", lena)), "/newer": person(good+"/newer", known(lena)),
		})
		o.follows(o.meet(lena))
		move := func(n int, object, target string) string {
			return o.receive(`{"id":"https://b.test/m/%d","type":"Move","actor":"%s","object":"%s","target":"%s"}`, n, lena, object, target).State
		}
		for i, target := range []string{good + "/stranger", good + "/shouted", good + "/part", good + "/many", lena, good + "/none"} {
			if state := move(i, lena, target); state == "applied" {
				t.Errorf("to %s: %s", target, state)
			}
		}
		if state := move(10, eve, good+"/new"); state == "applied" {
			t.Error("somebody else was moved")
		}
		if n, _ := o.sent("Follow"); n != 0 {
			t.Fatalf("%d follows", n)
		}
		if state := move(20, lena, good+"/new"); state != "applied" || o.actor(lena).MovedTo != good+"/new" {
			t.Errorf("a good one: %s", state)
		}
		if n, follow := o.sent("Follow"); n != 1 || follow.Object.ID != good+"/new" {
			t.Errorf("%d follows", n)
		}
		if state := move(30, lena, good+"/newer"); state == "applied" || o.actor(lena).MovedTo != good+"/new" {
			t.Errorf("a second one within a week: %s", state)
		}
	})
}

// TestPinned: what a club pins is its own.
func TestPinned(t *testing.T) {
	shows(t, "T-ID-22 pinned by strangers", func(t *testing.T, v *village) {
		e := v.event("Sommerfest")
		v.meet(mala)
		featured := strings.TrimPrefix(v.club.ID, "https://here.test") + "/featured"
		before := v.get(featured, as2).Body.String()
		for i, kind := range []string{"Add", "Remove"} {
			for j, target := range []string{v.club.ID + "/featured", v.club.ID, "https://here.test/ap/instance/featured"} {
				if r := v.receive(`{"id":"https://evil.test/add/%d%d","type":"%s","actor":"%s","object":"%s","target":"%s"}`, i, j, kind, mala, e.ID, target); r.State == "applied" {
					t.Errorf("%s to %s: %+v", kind, target, r)
				}
			}
		}
		if after := v.get(featured, as2).Body.String(); after != before || !strings.Contains(after, `"totalItems":0`) {
			t.Errorf("%s became %s", before, after)
		}
	})
}

// TestNamesAndGraves: a name belongs to who had it first, and what was deleted
// stays so.
func TestNamesAndGraves(t *testing.T) {
	shows(t, "T-ID-26 names and graves", func(t *testing.T, v *village) {
		if _, err := v.Clubs.SetState(t.Context(), actor.Operator, "tsv", actor.Archived); err != nil {
			t.Fatal(err)
		}
		for _, handle := range []string{"tsv", "TSV", "instance", "admin"} {
			if _, err := v.Clubs.Create(t.Context(), actor.Operator, club.Draft{Handle: handle, Name: "Neu", Active: true}); err == nil {
				t.Errorf("%s is given again", handle)
			}
		}
		if _, err := v.Clubs.SetState(t.Context(), actor.Operator, "tsv", actor.Active); err != nil {
			t.Fatal(err)
		}
		p := v.post("geheim war es nie")
		if err := v.Activities.DeleteObject(t.Context(), actor.Operator, p.ID); err != nil {
			t.Fatal(err)
		}
		for _, accept := range []string{as2, html} {
			if w := v.get(strings.TrimPrefix(p.ID, "https://here.test"), accept); w.Code != 410 || strings.Contains(w.Body.String(), "geheim") {
				t.Errorf("%s: %d %s", accept, w.Code, w.Body)
			}
		}
		v.meet(lena)
		e := v.event("Sommerfest")
		const id = "https://b.test/n/1"
		v.receive("%s", create(id+"/1", lena, note(id, lena, public, e.ID, "weg", "")))
		v.receive(`{"id":"%s/d","type":"Delete","actor":"%s","object":"%s"}`, id, lena, id)
		v.receive("%s", create(id+"/2", lena, note(id, lena, public, e.ID, "wieder", `,"updated":"2026-11-01T10:00:00Z"`)))
		v.receive(`{"id":"%s/u","type":"Update","actor":"%s","object":%s}`, id, lena, note(id, lena, public, e.ID, "wieder", `,"updated":"2026-11-02T10:00:00Z"`))
		if n := v.counts(e.ID).Replies; n != 0 {
			t.Errorf("%d replies: what was deleted is back", n)
		}
	})
}

// TestStamps: a permission to quote is for one object, one quote and its author.
func TestStamps(t *testing.T) {
	shows(t, "T-ID-23 a permission to quote", func(t *testing.T, v *village) {
		v.meet(lena)
		v.meet(mala)
		e, p := v.event("Sommerfest"), v.post("Schlüssel gefunden")
		ask := func(n int, by, quoted, instrument string) string {
			return v.receive(`{"id":"%s/q/%d","type":"QuoteRequest","actor":"%s","object":"%s","instrument":"%s"}`, by, n, by, quoted, instrument).State
		}
		const quote = "https://b.test/n/q"
		if state := ask(1, lena, e.ID, quote); state != "applied" {
			t.Fatal(state)
		}
		_, accept := v.sent("Accept")
		for i, by := range []string{mala, lena} {
			if state := ask(10+i, by, e.ID, "https://c.test/n/q"); state == "applied" {
				t.Errorf("%s asks for another's quote: %s", by, state)
			}
		}
		var stamp struct{ Type, AttributedTo, InteractingObject, InteractionTarget string }
		if err := json.Unmarshal(v.get(strings.TrimPrefix(accept.Result.Ref(), "https://here.test"), as2).Body.Bytes(), &stamp); err != nil {
			t.Fatal(err)
		}
		if stamp.Type != "QuoteAuthorization" || stamp.AttributedTo != v.club.ID || stamp.InteractingObject != quote || stamp.InteractionTarget != e.ID {
			t.Errorf("%+v", stamp)
		}
		if ask(2, lena, p.ID, quote); v.count("quotes") != 2 {
			t.Errorf("%d permissions: one stands for two objects", v.count("quotes"))
		}
	})
}
