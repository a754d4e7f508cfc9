package app

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"os"
	"sync/atomic"
	"time"

	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/federation/inbox"
	"codeberg.org/aushang/aushang/federation/transport"
	"codeberg.org/aushang/aushang/internal/account"
	"codeberg.org/aushang/aushang/internal/activity"
	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/backup"
	"codeberg.org/aushang/aushang/internal/care"
	"codeberg.org/aushang/aushang/internal/club"
	"codeberg.org/aushang/aushang/internal/config"
	"codeberg.org/aushang/aushang/internal/database"
	"codeberg.org/aushang/aushang/internal/draft"
	"codeberg.org/aushang/aushang/internal/event"
	proxy "codeberg.org/aushang/aushang/internal/foreign"
	"codeberg.org/aushang/aushang/internal/jobs"
	"codeberg.org/aushang/aushang/internal/mail"
	"codeberg.org/aushang/aushang/internal/media"
	"codeberg.org/aushang/aushang/internal/moderation"
	"codeberg.org/aushang/aushang/internal/notification"
	"codeberg.org/aushang/aushang/internal/object"
	"codeberg.org/aushang/aushang/internal/post"
	"codeberg.org/aushang/aushang/internal/reach"
	"codeberg.org/aushang/aushang/internal/resident"
	"codeberg.org/aushang/aushang/internal/search"
	"codeberg.org/aushang/aushang/internal/timeline"
	"codeberg.org/aushang/aushang/internal/town"
	"codeberg.org/aushang/aushang/internal/upkeep"
	"codeberg.org/aushang/aushang/web/prepared"
)

// Version is the version of the program, set when it is built.
var Version = "development"

// Repository is where the source of the program is.
const Repository = "https://codeberg.org/aushang/aushang"

// A Town is everything of one municipality, built and ready. Make one with
// Open.
type Town struct {
	Config     *config.Config
	Actors     *actor.Actors
	Objects    *object.Objects
	Activities *activity.Activities
	Accounts   *account.Accounts
	Moderation *moderation.Moderation
	// Notifications tell editors what has come from elsewhere.
	Notifications *notification.Notifications
	Clubs         *club.Clubs
	Events        *event.Events
	Posts         *post.Posts
	// Drafts are what editors have begun and not published yet.
	Drafts *draft.Drafts
	// Settings are the look of the town and its own pages.
	Settings *town.Settings
	// Mail sends letters to people.
	Mail *mail.Post
	// Courier tells editors and the town hall by mail what is new.
	Courier *timeline.Courier
	// Care knows when things were confirmed last, and Caretaker asks their editors.
	Care      *care.Care
	Caretaker *upkeep.Courier

	db       *database.DB
	client   *transport.Client
	files    *media.Store
	pictures *object.Pictures
	queue    *jobs.Queue
	readers  *reach.Readers
	closing  string // why the events of a club that is archived are cancelled
	mux      *inbox.Mux[bun.Tx]
	hearing  *activity.Hearing
	prepared *prepared.Store // of the last routes
	foreign  *proxy.Pictures
	index    *search.Index
	tide     *moderation.Tide
	log      *slog.Logger
	// standby is on while a restored town waits to be called the only copy. It
	// goes off at most once, and never on: only an empty database is restored.
	standby atomic.Bool
	// lawful goes on, and stays so, when the pages that the law asks for are whole.
	lawful atomic.Bool
}

// Open opens the database of the town, brings its schema up to date, and
// builds all parts. Nothing runs yet.
func Open(ctx context.Context, c *config.Config, log *slog.Logger) (*Town, error) {
	if err := os.MkdirAll(c.Data, 0o750); err != nil {
		return nil, fmt.Errorf("open the data folder: %w", err)
	}
	db, err := database.Open(ctx, c.Database)
	if err != nil {
		return nil, err
	}
	t := &Town{Config: c, db: db, log: log}
	if err := t.build(ctx); err != nil {
		_ = db.Close()
		return nil, err
	}
	return t, nil
}

// Close gives back what Open took.
func (t *Town) Close() error { return t.db.Close() }

func (t *Town) build(ctx context.Context) error {
	err := t.db.Migrate(ctx, func(ctx context.Context, pool *sql.DB) error { return jobs.Migrate(ctx, pool, t.db.Dialect()) })
	if err != nil {
		return err
	}
	if t.files, err = media.NewStore(t.Config.Data); err != nil {
		return err
	}
	site := actor.Site{Origin: t.Config.Origin, HandleDomain: t.Config.HandleHost(), Name: t.Config.Name}
	if t.client, err = t.outgoing(site); err != nil {
		return err
	}
	workers := jobs.NewWorkers()
	t.Actors = actor.New(t.db, site, t.client)
	t.Objects = object.New(t.db, site)
	t.Activities = activity.New(t.db, t.Actors, t.Objects)
	t.Accounts = account.New(t.db, site)
	if err := t.signInService(); err != nil {
		return err
	}
	t.Accounts.UseSecrets(t.Actors.Secret)
	t.Accounts.Fallback = t.Config.Language
	t.Moderation = moderation.New(t.db, t.Actors, t.Objects)
	t.Moderation.Fetch, t.Activities.Look = t.fetchList, t.Moderation.Look
	t.tide = moderation.NewTide(t.db, t.Config.HourlyLimit(), t.log)
	t.Notifications = notification.New(t.db)
	t.pictures = object.NewPictures(t.db, t.files, workers, site.Origin)
	t.Clubs = club.New(t.db, t.Actors, t.Activities, t.pictures)
	t.Drafts = draft.New(t.db, t.Actors)
	t.Events = event.New(t.db, t.Actors, t.Objects, t.Activities, t.pictures, t.Drafts, t.Config.Location(), t.Config.Language)
	t.Posts = post.New(t.db, t.Actors, t.Objects, t.Activities, t.pictures, t.Drafts, t.Moderation, t.Config.Location(), t.Config.Language)
	t.drafted()
	t.Care = care.New(t.db, t.Actors, t.cared()...)
	if t.foreign, err = t.foreignPictures(); err != nil {
		return err
	}
	t.readers = reach.NewReaders(t.db, t.Actors, t.Config.Location(), t.log)
	t.Settings = town.New(t.db, t.Actors, t.pictures)
	t.Care.Terms = func(ctx context.Context) (time.Time, error) { return t.Settings.Version(ctx, town.CareText) }
	if t.Mail, err = t.post(workers); err != nil {
		return err
	}
	if t.Courier, err = t.courier(); err != nil {
		return err
	}
	if t.Caretaker, err = t.caretaker(); err != nil {
		return err
	}
	t.Objects.Know(t.kinds())
	t.Accounts.Know(t.traces())
	t.index = search.New(t.db, t.searched(), t.log)
	t.mux, t.hearing = t.activities(), t.Activities.Hearing(t.log)
	t.work(workers)
	if t.queue, err = jobs.New(t.db, workers, t.log); err != nil {
		return err
	}
	t.pictures.Enqueue(t.queue)
	t.Mail.Enqueue(t.queue)
	if err := t.join(); err != nil {
		return err
	}
	if err := t.Actors.EnsureKeys(ctx); err != nil {
		return err
	}
	on, err := backup.Standby(ctx, t.db.Read())
	if err != nil {
		return err
	}
	t.standby.Store(on)
	if err := t.Actors.EnsureInstance(ctx); err != nil {
		return err
	}
	_, err = t.lookAtLaw(ctx)
	return err
}

// join hands to clubs, people and the town hall what lies beside them.
func (t *Town) join() (err error) {
	t.Clubs.Accounts, t.Clubs.Begun = t.Accounts, t.Drafts.Any
	if t.Clubs.Letters, err = t.letters(); err != nil {
		return err
	}
	t.Accounts.OnMessage(resident.Tell(t.Clubs.Letters))
	t.Moderation.Outside = t.outside()
	// Who asks to come in should not wait for the next round of letters.
	t.Accounts.Asked = func(ctx context.Context, tx bun.Tx) error {
		return t.queue.InsertLater(ctx, tx, tellNews{}, timeline.Settling)
	}
	return t.say()
}

// outgoing gives the one client through which the town speaks to others.
func (t *Town) outgoing(site actor.Site) (*transport.Client, error) {
	var allow []transport.AllowedAddress
	for _, s := range t.Config.Federation.AllowAddresses {
		a, err := transport.ParseAllowed(s)
		if err != nil {
			return nil, fmt.Errorf("read federation.allow_addresses: %w", err)
		}
		allow = append(allow, a)
	}
	return transport.New(transport.Options{
		Allow: allow, Self: site.Host(), UserAgent: "Aushang/" + Version + " (+" + site.Origin + "/)",
		Blocked: func(ctx context.Context, host string) (bool, error) {
			if t.standby.Load() {
				return true, nil
			}
			if t.unlawful() {
				return false, t.errUnlawful()
			}
			return t.Actors.Blocked(ctx, host)
		},
	}), nil
}

// fetchList reads a list of platforms from its address, through the one client.
func (t *Town) fetchList(ctx context.Context, url string, limit int64) ([]byte, error) {
	doc, err := t.client.Plain(ctx, url, "text/csv, text/plain;q=0.9", limit)
	if err != nil {
		return nil, err
	}
	return doc.Body, nil
}

// owner names this process: the same after a restart, another one than every
// other process on the same database.
func (t *Town) owner() string {
	name, err := os.Hostname()
	if err != nil {
		name = "localhost"
	}
	return name + "/" + t.Config.Listen
}
