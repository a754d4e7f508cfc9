package app

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync/atomic"
	"time"

	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/federation/inbox"
	"codeberg.org/aushang/aushang/federation/signature"
	"codeberg.org/aushang/aushang/federation/transport"
	"codeberg.org/aushang/aushang/internal/account"
	"codeberg.org/aushang/aushang/internal/activity"
	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/application"
	"codeberg.org/aushang/aushang/internal/backup"
	"codeberg.org/aushang/aushang/internal/care"
	"codeberg.org/aushang/aushang/internal/club"
	"codeberg.org/aushang/aushang/internal/config"
	"codeberg.org/aushang/aushang/internal/database"
	"codeberg.org/aushang/aushang/internal/draft"
	"codeberg.org/aushang/aushang/internal/erasure"
	"codeberg.org/aushang/aushang/internal/event"
	proxy "codeberg.org/aushang/aushang/internal/foreign"
	"codeberg.org/aushang/aushang/internal/gazetteer"
	"codeberg.org/aushang/aushang/internal/inquiry"
	"codeberg.org/aushang/aushang/internal/jobs"
	"codeberg.org/aushang/aushang/internal/mail"
	"codeberg.org/aushang/aushang/internal/media"
	"codeberg.org/aushang/aushang/internal/moderation"
	"codeberg.org/aushang/aushang/internal/notification"
	"codeberg.org/aushang/aushang/internal/object"
	"codeberg.org/aushang/aushang/internal/offer"
	"codeberg.org/aushang/aushang/internal/opportunity"
	"codeberg.org/aushang/aushang/internal/peer"
	"codeberg.org/aushang/aushang/internal/pledge"
	"codeberg.org/aushang/aushang/internal/post"
	"codeberg.org/aushang/aushang/internal/reach"
	"codeberg.org/aushang/aushang/internal/region"
	"codeberg.org/aushang/aushang/internal/resident"
	"codeberg.org/aushang/aushang/internal/search"
	"codeberg.org/aushang/aushang/internal/term"
	"codeberg.org/aushang/aushang/internal/timeline"
	"codeberg.org/aushang/aushang/internal/town"
	"codeberg.org/aushang/aushang/internal/upkeep"
	"codeberg.org/aushang/aushang/internal/watch"
	"codeberg.org/aushang/aushang/web/locale"
	"codeberg.org/aushang/aushang/web/prepared"
)

// Version is the version of the program, set when it is built.
var Version = "development"

// Repository is where the source of the program is.
const Repository = "https://codeberg.org/aushang/aushang"

// newKey makes the RSA keys of our actors. Most tests take some that are made
// once.
var newKey = signature.NewKey

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
	// Applications are who wants to help where.
	Applications *application.Applications
	Offers       *offer.Offers
	// Pledges carry applications from one town to another.
	Pledges       *pledge.Pledges
	Opportunities *opportunity.Opportunities
	// Drafts are what editors have begun and not published yet.
	Drafts *draft.Drafts
	// Settings are the look of the town and its own pages.
	Settings *town.Settings
	// Terms are the town's own lists of words.
	Terms *term.Terms
	// Mail sends letters to people.
	Mail *mail.Post
	// Courier tells editors and the town hall by mail what is new.
	Courier *timeline.Courier
	// Places knows where places are.
	Places *gazetteer.Gazetteer
	// Watcher tells by mail what kept searches have found.
	Watcher *watch.Courier
	// Requests are what people want about their own data.
	Requests *inquiry.Requests
	// Peers are the agreements with other towns.
	Peers *peer.Peers
	// Care knows when things were confirmed last, and Caretaker asks their editors.
	Care      *care.Care
	Caretaker *upkeep.Courier

	db       *database.DB
	client   *transport.Client
	files    *media.Store
	pictures *object.Pictures
	queue    *jobs.Queue
	readers  *reach.Readers
	closing  func() string // why the events of a club that is archived are cancelled
	mux      *inbox.Mux[bun.Tx]
	hearing  *activity.Hearing
	prepared *prepared.Store // of the last routes
	foreign  *proxy.Pictures
	index    *search.Index
	erased   *erasure.List
	tide     *moderation.Tide
	log      *slog.Logger
	words    bookMemory
	speakers speakers
	says     *locale.Catalogue
	// reads reads the words of all parts, once.
	reads func() (*locale.Catalogue, error)
	// open tells whether an address leads somewhere, for the last routes; before there
	// are any all do.
	open func(path string) bool
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
	// The words are read beside what the database does.
	reads := readWords()
	go reads() //nolint:errcheck // who asks for the words gets the error
	db, err := database.Open(ctx, c.Database)
	if err != nil {
		return nil, err
	}
	t := &Town{Config: c, db: db, log: log, erased: erasure.NewList(db, c.Data), reads: reads}
	if err := t.build(ctx); err != nil {
		_ = db.Close()
		return nil, err
	}
	return t, nil
}

// Close gives back what Open took.
func (t *Town) Close() error {
	// What a verb of the command line deleted is on the list before it ends.
	return errors.Join(t.erased.Follow(context.Background()), t.db.Close())
}

func (t *Town) build(ctx context.Context) error {
	t.open = func(string) bool { return true }
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
	if err := t.kernel(site, workers); err != nil {
		return err
	}
	if err := t.slices(); err != nil {
		return err
	}
	if err := t.speak(ctx); err != nil {
		return err
	}
	if err := t.writers(workers); err != nil {
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
	if err := errors.Join(t.Actors.EnsureInstance(ctx), t.Actors.EnsureRelay(ctx, region.AgreementsPath)); err != nil {
		return err
	}
	_, err = t.lookAtLaw(ctx)
	return err
}

// kernel makes what all kinds build on.
func (t *Town) kernel(site actor.Site, workers *jobs.Workers) error {
	t.Actors = actor.New(t.db, site, t.client)
	t.Actors.NewKey = newKey
	t.Objects = object.New(t.db, site)
	t.Activities = activity.New(t.db, t.Actors, t.Objects)
	t.Accounts = account.New(t.db, site)
	if err := t.signInService(); err != nil {
		return err
	}
	t.Accounts.UseSecrets(t.Actors.Secret)
	t.Accounts.Fallback = t.Config.Language
	t.Moderation = moderation.New(t.db, t.Actors, t.Objects)
	t.Moderation.Fetch, t.Activities.Look, t.Activities.LookFirst = t.fetchList, t.Moderation.Look, t.Moderation.LookFirst
	t.tide = moderation.NewTide(t.db, t.Config.HourlyLimit(), t.log)
	t.Notifications = notification.New(t.db)
	t.pictures = object.NewPictures(t.db, t.files, workers, site.Origin)
	return nil
}

// slices makes each kind, and says which ask which.
func (t *Town) slices() (err error) {
	t.Clubs = club.New(t.db, t.Actors, t.Activities, t.pictures)
	t.Drafts = draft.New(t.db, t.Actors)
	t.Events = event.New(t.db, t.Actors, t.Objects, t.Activities, t.pictures, t.Drafts, t.Config.Location(), t.Config.Language)
	t.Posts = post.New(t.db, t.Actors, t.Objects, t.Activities, t.pictures, t.Drafts, t.Moderation, t.Config.Location(), t.Config.Language)
	if err := t.terms(); err != nil {
		return err
	}
	t.volunteering()
	t.offers()
	t.drafted()
	t.peering()
	t.Care = care.New(t.db, t.Actors, t.cared()...)
	if t.foreign, err = t.foreignPictures(); err != nil {
		return err
	}
	t.readers = reach.NewReaders(t.db, t.Actors, t.Config.Location(), t.log)
	t.Settings = town.New(t.db, t.Actors, t.pictures)
	t.Settings.Registration = registrationOf(t.Config)
	t.Settings.Modules = modules
	if err := t.speakers.add(t.Settings.Express); err != nil {
		return err
	}
	t.Posts.Official = t.officialVoice
	t.Care.Terms = func(ctx context.Context) (time.Time, error) { return t.Settings.Version(ctx, town.CareText) }
	return nil
}

// writers opens what writes letters by itself, and the places that they name.
func (t *Town) writers(workers *jobs.Workers) (err error) {
	t.Places = t.gazetteer()
	t.Opportunities.Places, t.Peers.Places, t.Places.Changed = t.Places, t.Places, t.Opportunities.Relocate
	if t.Mail, err = t.post(workers); err != nil {
		return err
	}
	if t.Courier, err = t.courier(); err != nil {
		return err
	}
	if t.Watcher, err = t.watcher(); err != nil {
		return err
	}
	t.Caretaker, err = t.caretaker()
	return err
}

// join hands to clubs, people and the town hall what lies beside them.
func (t *Town) join() (err error) {
	t.Clubs.Accounts, t.Clubs.Begun = t.Accounts, t.Drafts.Any
	if t.Clubs.Letters, err = t.letters(); err != nil {
		return err
	}
	t.Clubs.Handed, t.Clubs.Official = t.hand, t.Settings.Speaks
	t.Accounts.KnowActors(t.actorTraces())
	t.Requests = t.requests()
	t.Mail.Restricted = t.Requests.Restricted
	t.Accounts.OnMessage(resident.Tell(t.Clubs.Letters))
	t.Applications.Tell, t.Activities.Deleted = t.tellHelper, t.deletedElsewhere
	t.Applications.Settled, t.Pledges.Tell = t.Pledges.Settled, t.volunteers().Tell
	t.Offers.Tell, t.Activities.Hears = t.offerTeller().Tell, t.messenger()
	t.Moderation.Outside = t.outside()
	// Who asks to come in should not wait for the next round of letters.
	t.Accounts.Asked = func(ctx context.Context, tx bun.Tx) error {
		return t.queue.InsertLater(ctx, tx, tellNews{}, timeline.Settling)
	}
	t.Accounts.Refused = func(ctx context.Context, tx bun.Tx) error { return t.queue.Insert(ctx, tx, forgetRefused{}) }
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
