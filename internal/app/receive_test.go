package app

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/uptrace/bun"

	as "codeberg.org/aushang/aushang/federation/activitystreams"
	"codeberg.org/aushang/aushang/federation/inbox"
	"codeberg.org/aushang/aushang/internal/activity"
	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/object"
	"codeberg.org/aushang/aushang/internal/problem"
)

const (
	lena = "https://b.test/lena"
	eve  = "https://b.test/eve"
	mala = "https://evil.test/mala"
)

const public = `"to":["https://www.w3.org/ns/activitystreams#Public"]`

// note is a reply by actor to object, addressed as to says.
func note(id, by, to, target, text, more string) string {
	return fmt.Sprintf(`{"id":"%s","type":"Note","attributedTo":"%s",%s,"inReplyTo":"%s","content":"<p>%s</p>","published":"2026-07-01T10:00:00Z"%s}`, id, by, to, target, text, more)
}

func create(id, by, object string) string {
	return fmt.Sprintf(`{"id":"%s","type":"Create","actor":"%s","object":%s}`, id, by, object)
}

func TestFollow(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		v.meet(lena)
		follow := `{"id":"https://b.test/f/%d","type":"Follow","actor":"` + lena + `","object":"` + v.club.ID + `"}`
		undo := `{"id":"https://b.test/u/%d","type":"Undo","actor":"` + lena + `","object":{"id":"https://b.test/f/%d","type":"Follow","actor":"` + lena + `","object":"` + v.club.ID + `"}}`
		if r := v.receive(follow, 1); r.State != "applied" || v.followers() != 1 {
			t.Fatalf("%+v, %d followers", r, v.followers())
		}
		n, accept := v.sent("Accept")
		if n != 1 || accept.Object.Activity == nil || accept.Object.Activity.ID != "https://b.test/f/1" {
			t.Errorf("%d Accepts, the last one is %+v", n, accept)
		}
		v.receive(follow, 2)
		if n, accept := v.sent("Accept"); n != 2 || accept.Object.Activity.ID != "https://b.test/f/2" || v.followers() != 1 {
			t.Errorf("a repeated Follow: %d Accepts, %d followers", n, v.followers())
		}
		v.receive(undo, 1, 2)
		if v.followers() != 0 {
			t.Error("the Undo changed nothing")
		}
		if v.receive(follow, 2); v.followers() != 1 {
			t.Error("a Follow with the id of one that was undone is ignored")
		}
		v.receive(undo, 2, 2)
		v.receive(undo, 3, 3) // T-ORD-01: the Undo comes first
		if v.receive(follow, 3); v.followers() != 0 {
			t.Error("a Follow that was undone before it came counts")
		}
		v.receive(`{"id":"https://b.test/f/9","type":"Follow","actor":"%s","object":"https://here.test/ap/instance"}`, lena)
		if n := v.count("follows"); n != 0 {
			t.Errorf("the instance is followed by %d", n)
		}
	})
}

// TestPassedOnAgain: what was undone counts again only if its own actor sends
// it: others may have kept it, and it is proven for a month.
func TestPassedOnAgain(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		e := v.event("Sommerfest")
		for i, undecoded := range []bool{false, true} {
			v.undecoded = undecoded
			by := v.meet(fmt.Sprintf("https://b.test/p%d", i))
			for kind, target := range map[string]string{"Follow": v.club.ID, "Like": e.ID} {
				does := fmt.Sprintf(`{"id":"%s/%s","type":"%s","actor":"%s","object":"%s"}`, by, kind, kind, by, target)
				body := []byte(`{"@context":"https://www.w3.org/ns/activitystreams",` + does[1:])
				v.receive("%s", does)
				v.receive(`{"id":"%s/%s/undo","type":"Undo","actor":"%s","object":%s}`, by, kind, by, does)
				before := v.left(by)
				r := inbox.Received{ActivityID: by + "/" + kind, ActorID: by, Type: kind, Body: body, At: time.Now().UTC(), PassedOn: true}
				if !undecoded {
					var err error
					if r.Activity, err = as.Decode(body); err != nil {
						t.Fatal(err)
					}
				}
				if fresh, err := v.queue.Receive(t.Context(), r); fresh || err != nil {
					t.Errorf("a %s that was undone is fresh when it is passed on: %v, %v", kind, fresh, err)
				}
				if diff := cmp.Diff(before, v.left(by)); diff != "" {
					t.Errorf("a %s that was undone is passed on:\n%s", kind, diff)
				}
				if v.receive("%s", does); cmp.Equal(before, v.left(by)) {
					t.Errorf("a %s that its actor sends again is ignored", kind)
				}
			}
		}
	})
}

func TestUndoByID(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		v.meet(lena)
		v.meet(eve)
		e := v.event("Sommerfest")
		v.receive(`{"id":"https://b.test/f/1","type":"Follow","actor":"%s","object":"%s"}`, lena, v.club.ID)
		v.receive(`{"id":"https://b.test/l/1","type":"Like","actor":"%s","object":"%s"}`, lena, e.ID)
		for _, id := range []string{"f/1", "l/1"} { // T-ID-25
			v.receive(`{"id":"https://b.test/u/eve/%s","type":"Undo","actor":"%s","object":"https://b.test/%s"}`, id, eve, id)
		}
		if v.followers() != 1 || v.counts(e.ID).Likes != 1 {
			t.Error("somebody else took it back")
		}
		for _, id := range []string{"f/1", "l/1"} {
			v.receive(`{"id":"https://b.test/u/%s","type":"Undo","actor":"%s","object":"https://b.test/%s"}`, id, lena, id)
		}
		if v.followers() != 0 || v.counts(e.ID).Likes != 0 {
			t.Error("the Undo of a bare id changed nothing")
		}
	})
}

func TestReactions(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		v.meet(lena)
		v.meet(eve)
		e := v.event("Sommerfest")
		for i, kind := range []string{"Like", "Like", "EmojiReact", "Announce", "Announce"} {
			v.receive(`{"id":"https://b.test/r/%d","type":"%s","actor":"%s","object":"%s","content":"🎉"}`, i, kind, lena, e.ID)
		}
		v.receive(`{"id":"https://b.test/r/e","type":"Like","actor":"%s","object":{"id":"%s","type":"Event"}}`, eve, e.ID)
		if got, want := v.counts(e.ID), (object.Counts{Likes: 2, Announces: 1}); got != want {
			t.Errorf("counts %+v, want %+v", got, want)
		}
		for what, target := range map[string]string{"nothing": "https://here.test/ap/objects/none", "something elsewhere": "https://c.test/1"} {
			if r := v.receive(`{"id":"https://b.test/r/%s","type":"Like","actor":"%s","object":"%s"}`, strings.ReplaceAll(what, " ", ""), lena, target); r.State == "applied" {
				t.Errorf("a Like of %s is %s", what, r.State)
			}
		}
		if n := v.count("reactions"); n != 3 {
			t.Errorf("%d reactions are stored", n)
		}
	})
}

func TestReactionsAtOnce(t *testing.T) {
	shows(t, "T-ORD-05 counts are those of the rows", func(t *testing.T, v *village) {
		e := v.event("Sommerfest")
		const people = 20
		for i := range people {
			v.meet(fmt.Sprintf("https://b.test/p%d", i))
		}
		var all sync.WaitGroup
		for i := range people {
			all.Go(func() {
				by := fmt.Sprintf("https://b.test/p%d", i)
				v.receive(`{"id":"%s/like","type":"Like","actor":"%s","object":"%s"}`, by, by, e.ID)
				if i%2 == 0 {
					v.receive(`{"id":"%s/undo","type":"Undo","actor":"%s","object":{"id":"%s/like","type":"Like","actor":"%s","object":"%s"}}`, by, by, by, by, e.ID)
				}
			})
		}
		all.Wait()
		if n := v.counts(e.ID).Likes; n != people/2 {
			t.Errorf("%d likes, want %d", n, people/2)
		}
	})
}

func TestReplies(t *testing.T) {
	shows(t, "T-VIS-01 T-VIS-07 T-VIS-10 T-VIS-19 who sees and counts an answer", func(t *testing.T, v *village) {
		v.meet(lena)
		v.meet(mala)
		e := v.event("Sommerfest")
		direct := `"to":["` + v.club.ID + `"]`
		followers := `"to":["` + lena + `/followers"],"cc":["` + v.club.ID + `"]`
		unlisted := `"to":["` + lena + `/followers"],"cc":["as:Public"]`
		for name, to := range map[string]string{"public": public, "unlisted": unlisted, "followers": followers, "direct": direct} {
			id := "https://b.test/n/" + name
			if r := v.receive("%s", create(id+"/create", lena, note(id, lena, to, e.ID, name, ""))); r.State != "applied" {
				t.Errorf("%s: %+v", name, r)
			}
		}
		want := []string{"<p>public</p>", "<p>unlisted</p>"}
		got := v.texts(object.Viewer{}, e.ID)
		slices.Sort(got)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error("a reader sees", diff)
		}
		if n := v.counts(e.ID).Replies; n != 2 {
			t.Errorf("a reader counts %d", n)
		}
		if n := len(v.texts(object.Viewer{Actors: []string{v.club.ID}}, e.ID)); n != 4 {
			t.Errorf("the club's editors see %d", n)
		}
		if n := len(v.texts(object.Viewer{Actors: []string{"https://here.test/ap/actors/other"}}, e.ID)); n != 2 {
			t.Errorf("another club's editors see %d", n)
		}
		// What is not public cannot be reacted to nor widened.
		if r := v.receive(`{"id":"https://evil.test/a","type":"Announce","actor":"%s","object":"https://b.test/n/direct",%s}`, mala, public); r.State == "applied" {
			t.Error("a direct reply was announced")
		}
		if _, err := v.Objects.Find(t.Context(), object.Viewer{}, "https://b.test/n/direct"); problem.KindOf(err) != problem.NotFound {
			t.Errorf("the public finds a direct reply: %v", err)
		}
	})
}

func TestHideAndBlock(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		v.meet(lena)
		e := v.event("Sommerfest")
		const id = "https://b.test/n/1"
		v.receive("%s", create(id+"/create", lena, note(id, lena, public, e.ID, "a", "")))
		v.receive(`{"id":"https://b.test/l","type":"Like","actor":"%s","object":"%s"}`, lena, e.ID)
		v.receive(`{"id":"https://b.test/f","type":"Follow","actor":"%s","object":"%s"}`, lena, v.club.ID)
		check := func(when string, replies, likes, followers int) {
			t.Helper()
			if c := v.counts(e.ID); c.Replies != replies || c.Likes != likes || len(v.texts(object.Viewer{}, e.ID)) != replies || v.followers() != followers {
				t.Errorf("%s: %+v, %d followers", when, c, v.followers())
			}
		}
		check("at first", 1, 1, 1)
		if err := v.Activities.Hide(t.Context(), actor.Operator, id, true); err != nil {
			t.Fatal(err)
		}
		check("hidden", 0, 1, 1)
		if err := v.Activities.Hide(t.Context(), actor.Operator, id, false); err != nil {
			t.Fatal(err)
		}
		if err := v.Activities.Hide(t.Context(), actor.Operator, e.ID, true); problem.KindOf(err) != problem.Invalid {
			t.Errorf("our own was hidden: %v", err)
		}
		for _, domain := range []string{"b.test", "B.TEST.", "test.example"} {
			if _, err := v.Moderation.Block(t.Context(), actor.Operator, domain); err != nil {
				t.Fatal(err)
			}
		}
		check("blocked", 0, 0, 0)
		for host, want := range map[string]bool{"b.test": true, "sub.b.test": true, "b.test:8443": true, "ab.test": false, "test": false} { // T-MOD-02
			if got, err := v.Actors.Blocked(t.Context(), host); err != nil || got != want {
				t.Errorf("%s blocked = %v, %v", host, got, err)
			}
		}
		if r := v.receive(`{"id":"https://b.test/l2","type":"Announce","actor":"%s","object":"%s"}`, lena, e.ID); r.State != "refused" {
			t.Errorf("taken from a blocked host: %+v", r)
		}
		if err := v.Moderation.Unblock(t.Context(), actor.Operator, "b.test"); err != nil {
			t.Fatal(err)
		}
		check("let in again", 1, 1, 1)
		for _, domain := range []string{"", "https://b.test", "b.test/x", "a@b.test", "b", "here.test", "b.test:80"} {
			if _, err := v.Moderation.Block(t.Context(), actor.Operator, domain); problem.Field(err) != "domain" {
				t.Errorf("%q: %v", domain, err)
			}
		}
	})
}

// TestOrder: any order ends in the same state.
func TestOrder(t *testing.T) {
	shows(t, "T-ORD-01 T-ORD-02 late news", func(t *testing.T, v *village) {
		v.meet(lena)
		e := v.event("Sommerfest")
		update := func(id, n, text, updated string) string {
			return fmt.Sprintf(`{"id":"%s/update/%s","type":"Update","actor":"%s","object":%s}`, id, n, lena, note(id, lena, public, e.ID, text, `,"updated":"`+updated+`"`))
		}
		text := func(id string) string {
			o, err := v.Objects.Find(t.Context(), object.Viewer{}, id)
			if err != nil {
				return err.Error()
			}
			return o.Content
		}
		first := "https://b.test/n/1"
		v.receive("%s", update(first, "2", "zwei", "2026-07-01T12:00:00Z"))
		v.receive("%s", create(first+"/create", lena, note(first, lena, public, e.ID, "eins", "")))
		v.receive("%s", update(first, "1", "eins b", "2026-07-01T11:00:00Z"))
		if got := text(first); got != "<p>zwei</p>" {
			t.Errorf("after late news: %s", got)
		}
		second := "https://b.test/n/2"
		v.receive(`{"id":"%s/delete","type":"Delete","actor":"%s","object":{"id":"%s","type":"Tombstone"}}`, second, lena, second)
		v.receive("%s", create(second+"/create", lena, note(second, lena, public, e.ID, "weg", "")))
		if got := v.counts(e.ID).Replies; got != 1 {
			t.Errorf("%d replies: what was deleted before it came is there", got)
		}
		v.receive(`{"id":"%s/delete","type":"Delete","actor":"%s","object":"%s"}`, first, lena, first)
		v.receive("%s", update(first, "3", "drei", "2026-07-01T13:00:00Z"))
		if got := v.counts(e.ID).Replies; got != 0 {
			t.Errorf("%d replies after the deletion", got)
		}
	})
}

func TestAuthority(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		v.meet(lena)
		v.meet(eve)
		v.meet(mala)
		e := v.event("Sommerfest")
		const id = "https://b.test/n/1"
		v.receive("%s", create(id+"/create", lena, note(id, lena, public, e.ID, "echt", "")))
		forged := note(id, lena, public, e.ID, "falsch", `,"updated":"2026-07-02T10:00:00Z"`)
		for name, document := range map[string]string{
			"T-ID-05 an update by a neighbour":    fmt.Sprintf(`{"id":"https://b.test/x/1","type":"Update","actor":"%s","object":%s}`, eve, strings.Replace(forged, `"attributedTo":"`+lena, `"attributedTo":"`+eve, 1)),
			"T-ID-04 an update from elsewhere":    fmt.Sprintf(`{"id":"https://evil.test/x/1","type":"Update","actor":"%s","object":%s}`, mala, forged),
			"a deletion by a neighbour":           fmt.Sprintf(`{"id":"https://b.test/x/2","type":"Delete","actor":"%s","object":"%s"}`, eve, id),
			"a deletion of our event":             fmt.Sprintf(`{"id":"https://evil.test/x/2","type":"Delete","actor":"%s","object":"%s"}`, mala, e.ID),
			"T-ID-20 an event in our club's name": fmt.Sprintf(`{"id":"https://evil.test/x/3","type":"Create","actor":"%s","object":{"id":"https://evil.test/e","type":"Event","attributedTo":"%s",%s,"name":"x","startTime":"2027-01-01T10:00:00Z"}}`, mala, v.club.ID, public),
			"an update of another actor":          fmt.Sprintf(`{"id":"https://evil.test/x/4","type":"Update","actor":"%s","object":{"id":"%s","type":"Person","inbox":"%s/inbox","preferredUsername":"lena"}}`, mala, lena, lena),
			"T-ID-19 a move of another actor":     fmt.Sprintf(`{"id":"https://evil.test/x/5","type":"Move","actor":"%s","object":"%s","target":"%s"}`, mala, lena, mala),
		} {
			if r := v.receive("%s", document); r.State == "applied" {
				t.Errorf("%s is %s", name, r.State)
			}
		}
		o, err := v.Objects.Find(t.Context(), object.Viewer{}, id)
		if err != nil || o.Content != "<p>echt</p>" {
			t.Errorf("%+v, %v", o, err)
		}
		if _, err := v.Objects.Find(t.Context(), object.Viewer{}, e.ID); err != nil {
			t.Error(err)
		}
	})
}

// TestPushedKey: a key comes from its own server only.
func TestPushedKey(t *testing.T) {
	shows(t, "T-ID-14 a pushed key", func(t *testing.T, v *village) {
		v.meet(lena)
		v.receive(`{"id":"https://b.test/u","type":"Update","actor":"%s","object":{"id":"%s","type":"Person","name":"Lena L.","preferredUsername":"lena","inbox":"https://b.test/other","publicKey":{"id":"%s#main-key","owner":"%s","publicKeyPem":"PEM"}}}`, lena, lena, lena, lena)
		a, err := v.Actors.Find(t.Context(), v.db.Read(), lena)
		if err != nil || a.Name != "Lena L." || a.PublicKeyPEM != "" || a.Inbox != lena+"/inbox" {
			t.Errorf("%+v, %v", a, err)
		}
	})
}

func TestOurFollow(t *testing.T) {
	shows(t, "T-VIS-11 a Follow of ours counts once it is accepted", func(t *testing.T, v *village) {
		v.meet(lena)
		v.meet(eve)
		target, err := v.Actors.Find(t.Context(), v.db.Read(), lena)
		if err != nil {
			t.Fatal(err)
		}
		err = v.db.Write(t.Context(), func(ctx context.Context, tx bun.Tx) error { return v.Activities.Follow(ctx, tx, v.club.Actor, target) })
		if err != nil {
			t.Fatal(err)
		}
		_, follow := v.sent("Follow")
		followed := func() bool {
			ok, err := v.Actors.Followed(t.Context(), v.db.Read(), lena)
			if err != nil {
				t.Fatal(err)
			}
			return ok
		}
		v.receive(`{"id":"https://b.test/a/0","type":"Accept","actor":"%s","object":"%s"}`, eve, follow.ID)
		if followed() {
			t.Error("somebody else accepted")
		}
		v.receive(`{"id":"https://b.test/a/1","type":"Accept","actor":"%s","object":{"id":"https://b.test/unknown","type":"Follow","actor":"%s","object":"%s"}}`, lena, v.club.ID, lena)
		if !followed() {
			t.Error("an Accept that embeds who follows whom does not count")
		}
		const id = "https://b.test/n/1"
		if r := v.receive("%s", create(id+"/create", lena, note(id, lena, public, "", "für alle", ""))); r.State != "applied" {
			t.Errorf("what a followed actor posts: %+v", r)
		}
		v.receive(`{"id":"https://b.test/a/2","type":"Reject","actor":"%s","object":"%s"}`, lena, follow.ID)
		if followed() {
			t.Error("a Reject changes nothing")
		}
		if r := v.receive("%s", create(id+"2/create", lena, note(id+"2", lena, public, "", "für alle", ""))); r.State != "ignored" {
			t.Errorf("what concerns nobody here: %+v", r)
		}
	})
}

func TestBlockFlagQuoteUnknown(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		v.meet(lena)
		e := v.event("Sommerfest")
		v.receive(`{"id":"https://b.test/f","type":"Follow","actor":"%s","object":"%s"}`, lena, v.club.ID)
		v.receive(`{"id":"https://b.test/b","type":"Block","actor":"%s","object":"%s"}`, lena, v.club.ID)
		if v.followers() != 0 {
			t.Error("who blocks us is still a follower")
		}
		v.receive(`{"id":"https://b.test/flag","type":"Flag","actor":"%s","object":["%s","%s","https://c.test/x"],"content":"<b>Reklame</b>"}`, lena, v.club.ID, e.ID)
		reports, err := v.Moderation.Reports(t.Context())
		if err != nil || len(reports) != 1 || reports[0].Content != "Reklame" || len(reports[0].Objects) != 2 {
			t.Errorf("%+v, %v", reports, err)
		}
		v.receive(`{"id":"https://b.test/q","type":"QuoteRequest","actor":"%s","object":"%s","instrument":{"id":"https://b.test/n/q","type":"Note","attributedTo":"%s"}}`, lena, e.ID, lena)
		_, accept := v.sent("Accept")
		if accept == nil || accept.Object.Type() != "QuoteRequest" || accept.Result.Ref() == "" {
			t.Fatalf("%+v", accept)
		}
		q, o, err := v.Objects.FindQuote(t.Context(), accept.Result.Ref())
		if err != nil || q.Instrument != "https://b.test/n/q" || o.ID != e.ID {
			t.Errorf("%+v, %v", q, err)
		}
		before := v.count("objects")
		for _, kind := range []string{"Join", "Offer", "Travel", "FeatureRequest"} {
			if r := v.receive(`{"id":"https://b.test/%s","type":"%s","actor":"%s","object":"%s"}`, kind, kind, lena, e.ID); r.State != "ignored" || r.Body != nil {
				t.Errorf("%s: %+v", kind, r)
			}
		}
		if v.count("objects") != before {
			t.Error("something of it was kept")
		}
	})
}

func TestActorLeaves(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		v.meet(lena)
		e := v.event("Sommerfest")
		const id = "https://b.test/n/1"
		v.receive("%s", create(id+"/create", lena, note(id, lena, public, e.ID, "a", "")))
		v.receive(`{"id":"https://b.test/l","type":"Like","actor":"%s","object":"%s"}`, lena, e.ID)
		v.receive(`{"id":"https://b.test/f","type":"Follow","actor":"%s","object":"%s"}`, lena, v.club.ID)
		v.receive(`{"id":"https://b.test/d","type":"Delete","actor":"%s","object":"%s"}`, lena, lena)
		if c := v.counts(e.ID); c != (object.Counts{}) || v.followers() != 0 {
			t.Errorf("%+v, %d followers", c, v.followers())
		}
	})
}

func TestBadRowsDoNotStopTheDrain(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		v.meet(lena)
		e := v.event("Sommerfest")
		if r := v.receiveBytes("https://b.test/bad", lena, "Create", []byte("{")); r.State != "refused" || r.Error == "" {
			t.Errorf("%+v", r)
		}
		// Nobody answers at c.test: what must be fetched there is kept for later.
		target, err := v.Actors.Find(t.Context(), v.db.Read(), lena)
		if err != nil {
			t.Fatal(err)
		}
		if r := v.receive(`{"id":"https://b.test/m","type":"Move","actor":"%s","object":"%s","target":"https://nowhere.invalid.example/x"}`, target.ID, target.ID); r.State != "pending" || r.Attempts != 1 || r.Body == nil {
			t.Errorf("%+v", r)
		}
		if v.receive(`{"id":"https://b.test/l","type":"Like","actor":"%s","object":"%s"}`, lena, e.ID); v.counts(e.ID).Likes != 1 {
			t.Error("the drain stands")
		}
	})
}

func TestImplausibleTimes(t *testing.T) {
	shows(t, "T-ORD-08 implausible times", func(t *testing.T, v *village) {
		v.meet(lena)
		e := v.event("Sommerfest")
		for i, published := range []string{"1600-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "yesterday", "2026-07-01T10:00:00"} {
			id := fmt.Sprintf("https://b.test/n/%d", i)
			v.receive("%s", create(id+"/create", lena, strings.Replace(note(id, lena, public, e.ID, "a", ""), "2026-07-01T10:00:00Z", published, 1)))
			o, err := v.Objects.Find(t.Context(), object.Viewer{}, id)
			if err != nil || o.Published.After(time.Now()) || o.Published.Year() < 2020 {
				t.Errorf("%s: %+v, %v", published, o, err)
			}
		}
	})
}

// TestForget: what is older than thirty days is not remembered, but our own
// deletions are.
func TestForget(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		v.meet(lena)
		e := v.event("Sommerfest")
		p := v.post("weg")
		if err := v.Activities.DeleteObject(t.Context(), actor.Operator, p.ID); err != nil {
			t.Fatal(err)
		}
		const id = "https://b.test/n/1"
		v.receive("%s", create(id+"/create", lena, note(id, lena, public, e.ID, "a", "")))
		v.receive(`{"id":"%s/delete","type":"Delete","actor":"%s","object":"%s"}`, id, lena, id)
		rows, objects := v.count("inbox"), v.count("objects")
		if err := v.Activities.Forget(t.Context()); err != nil {
			t.Fatal(err)
		}
		if v.count("inbox") != rows || v.count("objects") != objects {
			t.Error("something young was forgotten")
		}
		err := v.db.Write(t.Context(), func(ctx context.Context, tx bun.Tx) error {
			old := time.Now().UTC().Add(-31 * 24 * time.Hour)
			if _, err := tx.ExecContext(ctx, "UPDATE inbox SET received = ?", old); err != nil {
				return err
			}
			_, err := tx.ExecContext(ctx, "UPDATE objects SET deleted = ? WHERE deleted IS NOT NULL", old)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := v.Activities.Forget(t.Context()); err != nil {
			t.Fatal(err)
		}
		if n := v.count("inbox"); n != 0 || v.count("objects") != objects-1 {
			t.Errorf("%d rows and %d of %d objects are left", n, v.count("objects"), objects)
		}
	})
}

func TestDeleteOurs(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		v.meet(lena)
		p := v.post("Schlüssel gefunden")
		v.receive(`{"id":"https://b.test/l","type":"Like","actor":"%s","object":"%s"}`, lena, p.ID)
		if err := v.Activities.DeleteObject(t.Context(), "stranger", p.ID); problem.KindOf(err) != problem.Forbidden {
			t.Errorf("a stranger deletes: %v", err)
		}
		if err := v.Activities.DeleteObject(t.Context(), actor.Operator, p.ID); err != nil {
			t.Fatal(err)
		}
		_, del := v.sent(activity.Delete)
		if del == nil || del.Object.Object == nil || del.Object.Object.Type != "Tombstone" || del.Object.Object.FormerType != "Note" {
			t.Errorf("%+v", del)
		}
		var inboxes []string
		if err := v.db.Read().NewSelect().Table("deliveries").Column("inbox").Where("activity_id = ?", del.ID).Scan(t.Context(), &inboxes); err != nil {
			t.Fatal(err)
		}
		if len(inboxes) != 1 || inboxes[0] != lena+"/inbox" {
			t.Errorf("who liked it is not told: %v", inboxes)
		}
		if _, err := v.Objects.Find(t.Context(), object.Viewer{}, p.ID); problem.KindOf(err) != problem.Gone {
			t.Errorf("%v", err)
		}
		if err := v.Activities.DeleteObject(t.Context(), actor.Operator, p.ID); problem.KindOf(err) != problem.Gone {
			t.Errorf("deleted twice: %v", err)
		}
	})
}
