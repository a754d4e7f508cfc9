package app

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"testing"
	"time"

	"github.com/uptrace/bun"

	as "codeberg.org/aushang/aushang/federation/activitystreams"
	"codeberg.org/aushang/aushang/federation/inbox"
	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/club"
	"codeberg.org/aushang/aushang/internal/config"
	"codeberg.org/aushang/aushang/internal/database"
	"codeberg.org/aushang/aushang/internal/database/databasetest"
	"codeberg.org/aushang/aushang/internal/event"
	"codeberg.org/aushang/aushang/internal/jobs"
	"codeberg.org/aushang/aushang/internal/mail/mailtest"
	"codeberg.org/aushang/aushang/internal/object"
	"codeberg.org/aushang/aushang/internal/post"
)

// village is a town with one club, whose drain runs; other servers are played
// by the test, which hands their activities to the durable inbox.
type village struct {
	*Town
	t     *testing.T
	queue inbox.Queue
	// served is what handler gives.
	served http.Handler
	club   *club.Club
	// Mail is the mail server of the town; see mailbox.
	Mail *mailbox
	// planted counts the clubs and people that planted rows are about.
	planted int
	// undecoded leaves all that is received to the drain.
	undecoded bool
}

// migrated gives databases whose schema is there already: to make it takes
// longer than most tests.
var migrated = databasetest.NewTemplate(func(url string) error {
	ctx := context.Background()
	db, err := database.Open(ctx, url)
	if err != nil {
		return err
	}
	err = db.Migrate(ctx, func(ctx context.Context, pool *sql.DB) error { return jobs.Migrate(ctx, pool, db.Dialect()) })
	return errors.Join(err, db.Close())
})

// each runs a test on a fresh village on both databases.
func each(t *testing.T, test func(t *testing.T, v *village)) {
	t.Helper()
	migrated.Each(t, func(t *testing.T, url string) { test(t, found(t, url)) })
}

// shows does so under the name of a row of docs/security.toml.
func shows(t *testing.T, name string, test func(t *testing.T, v *village)) {
	t.Helper()
	t.Run(name, func(t *testing.T) { each(t, test) })
}

func found(t *testing.T, url string, changes ...func(*config.Config)) *village {
	t.Helper()
	v := empty(t, url, changes...)
	var err error
	if v.club, err = v.Clubs.Create(t.Context(), actor.Operator, club.Draft{Handle: "tsv", Name: "TSV", Active: true}); err != nil {
		t.Fatal(err)
	}
	return v
}

// empty is a village without a club.
func empty(t *testing.T, url string, changes ...func(*config.Config)) *village {
	t.Helper()
	v := bare(t, url, changes...)
	v.lawfully(v.Town)
	return v
}

// lawfully fills in what the law asks for.
func (v *village) lawfully(one *Town) {
	v.t.Helper()
	if err := one.Settings.SetFacts(v.t.Context(), actor.Operator, sampleFacts, time.Time{}); err != nil {
		v.t.Fatal(err)
	}
	if lacks, err := one.lookAtLaw(v.t.Context()); err != nil || len(lacks) > 0 {
		v.t.Fatal(lacks, err)
	}
}

// bare is a village that has not yet said what the law asks for.
func bare(t *testing.T, url string, changes ...func(*config.Config)) *village {
	t.Helper()
	c := config.Defaults()
	c.Origin, c.Database, c.Data, c.Demo = "https://here.test", url, t.TempDir(), config.On
	server := mailtest.Start(t)
	c.SMTP = server.Config()
	for _, change := range changes {
		change(&c)
	}
	town, err := Open(t.Context(), &c, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	v := &village{Town: town, t: t, Mail: &mailbox{Server: server, town: town}}
	ctx, stop := context.WithCancel(context.Background())
	q := town.Activities.Queue(town.mux, town.log)
	v.queue = q
	ended := make(chan struct{}, 2)
	go func() { _ = q.Run(ctx); ended <- struct{}{} }()
	go func() { _ = town.Activities.Drain(town.mux, "test", town.log).Run(ctx); ended <- struct{}{} }()
	t.Cleanup(func() {
		stop()
		<-ended
		<-ended
		v.Mail.stop(t)
		_ = town.Close()
	})
	return v
}

// mailbox is the mail server of a village. Its jobs, and with them its letters,
// start with the first Wait: most tests need none.
type mailbox struct {
	*mailtest.Server
	town    *Town
	working bool
}

// Wait gives the next letter to an address that no Wait gave before.
func (m *mailbox) Wait(t *testing.T, to string) mailtest.Message {
	t.Helper()
	m.work(t)
	return m.Server.Wait(t, to)
}

// work works the jobs of the town until the test ends.
func (m *mailbox) work(t *testing.T) {
	t.Helper()
	if m.working {
		return
	}
	if err := m.town.queue.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	m.working = true
}

func (m *mailbox) stop(t *testing.T) {
	if !m.working {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	if err := m.town.queue.Stop(ctx); err != nil {
		t.Error(err)
	}
}

// meet stores an actor of another server.
func (v *village) meet(id string) string {
	v.t.Helper()
	a := &actor.Actor{
		ID: id, Type: "Person", Host: as.Host(id), PreferredUsername: actor.Key(id), Acct: actor.Key(id) + "@" + as.Host(id),
		Inbox: id + "/inbox", Followers: id + "/followers", State: actor.Active, AlsoKnownAs: []string{}, Published: time.Now(),
	}
	err := v.db.Write(v.t.Context(), func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.NewInsert().Model(a).Exec(ctx)
		return err
	})
	if err != nil {
		v.t.Fatal(err)
	}
	return id
}

// row is what the inbox keeps of an activity.
type row struct {
	bun.BaseModel `bun:"table:inbox"`
	State         string
	Error         string
	Attempts      int
	Body          []byte
}

// receive hands in an activity as the inbox handler does once the signature is
// verified, waits until it is applied, and gives its row.
func (v *village) receive(document string, args ...any) row {
	v.t.Helper()
	document = fmt.Sprintf(document, args...)
	var head struct{ ID, Type, Actor string }
	if err := json.Unmarshal([]byte(document), &head); err != nil {
		v.t.Fatalf("%v in %s", err, document)
	}
	return v.receiveBytes(head.ID, head.Actor, head.Type, []byte(`{"@context":"https://www.w3.org/ns/activitystreams",`+document[1:]))
}

func (v *village) receiveBytes(id, by, kind string, body []byte) row {
	v.t.Helper()
	r := inbox.Received{ActivityID: id, ActorID: by, Type: kind, Body: body, At: time.Now().UTC()}
	if !v.undecoded {
		r.Activity, _ = as.Decode(body) // what cannot be decoded is left to the drain
	}
	if _, err := v.queue.Receive(v.t.Context(), r); err != nil {
		v.t.Fatal(err)
	}
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		var r row
		err := v.db.Read().NewSelect().Model(&r).Where("activity_id = ?", id).Where("actor_id = ?", by).Scan(v.t.Context())
		if err != nil {
			v.t.Fatal(err)
		}
		if r.State != "pending" || r.Attempts > 0 {
			return r
		}
	}
	v.t.Fatalf("%s is still pending", id)
	return row{}
}

// event publishes an event of the club.
func (v *village) event(name string) *event.Event {
	v.t.Helper()
	e, err := v.Events.Create(v.t.Context(), actor.Operator, event.Draft{
		AttributedTo: v.club.ID, Name: name, Start: "2027-07-10T19:00", End: "2027-07-10T23:00", Place: "Marktplatz", Text: "Musik.",
	})
	if err != nil {
		v.t.Fatal(err)
	}
	return e
}

// post publishes a post of the club.
func (v *village) post(text string) *object.Object {
	v.t.Helper()
	p, err := v.Posts.Create(v.t.Context(), actor.Operator, post.Draft{AttributedTo: v.club.ID, Text: text})
	if err != nil {
		v.t.Fatal(err)
	}
	return p
}

func (v *village) counts(id string) object.Counts {
	v.t.Helper()
	c, err := v.Objects.Count(v.t.Context(), id)
	if err != nil {
		v.t.Fatal(err)
	}
	return c
}

func (v *village) followers() int {
	v.t.Helper()
	n, err := v.Actors.Followers(v.t.Context(), v.db.Read(), v.club.ID)
	if err != nil {
		v.t.Fatal(err)
	}
	return n
}

// sent counts what the club sent of this type, and gives the last one.
func (v *village) sent(kind string) (int, *as.Activity) {
	v.t.Helper()
	var bodies [][]byte
	err := v.db.Read().NewSelect().Table("activities").Column("body").Where("actor_id = ?", v.club.ID).Where("type = ?", kind).
		Order("published", "id").Scan(v.t.Context(), &bodies)
	if err != nil {
		v.t.Fatal(err)
	}
	if len(bodies) == 0 {
		return 0, nil
	}
	a, err := as.Decode(bodies[len(bodies)-1])
	if err != nil {
		v.t.Fatal(err)
	}
	return len(bodies), a
}

// count counts the rows of a table for which all of where holds.
func (v *village) count(table string, where ...string) int {
	v.t.Helper()
	q := v.db.Read().NewSelect().Table(table)
	for _, w := range where {
		q = q.Where(w)
	}
	n, err := q.Count(v.t.Context())
	if err != nil {
		v.t.Fatal(err)
	}
	return int(n)
}

// texts gives the texts of the replies to id that viewer may see.
func (v *village) texts(viewer object.Viewer, id string) []string {
	v.t.Helper()
	list, err := v.Objects.Replies(v.t.Context(), viewer, id, 100)
	if err != nil {
		v.t.Fatal(err)
	}
	var texts []string
	for _, o := range list {
		texts = append(texts, o.Content)
	}
	return texts
}
