package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"sync"
	"syscall"
	"time"

	"github.com/go-chi/chi/v5"

	"codeberg.org/aushang/aushang/federation/inbox"
	"codeberg.org/aushang/aushang/federation/outbox"
	"codeberg.org/aushang/aushang/federation/proof"
	"codeberg.org/aushang/aushang/federation/signature"
	"codeberg.org/aushang/aushang/internal/activity"
	"codeberg.org/aushang/aushang/internal/activitypub"
	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/agency"
	"codeberg.org/aushang/aushang/internal/check"
	"codeberg.org/aushang/aushang/internal/club"
	"codeberg.org/aushang/aushang/internal/config"
	"codeberg.org/aushang/aushang/internal/database"
	"codeberg.org/aushang/aushang/internal/desk"
	"codeberg.org/aushang/aushang/internal/event"
	"codeberg.org/aushang/aushang/internal/feed"
	"codeberg.org/aushang/aushang/internal/follow"
	"codeberg.org/aushang/aushang/internal/inquiry"
	"codeberg.org/aushang/aushang/internal/mail"
	"codeberg.org/aushang/aushang/internal/opportunity"
	"codeberg.org/aushang/aushang/internal/page"
	places "codeberg.org/aushang/aushang/internal/place"
	"codeberg.org/aushang/aushang/internal/platform"
	"codeberg.org/aushang/aushang/internal/post"
	"codeberg.org/aushang/aushang/internal/problem"
	"codeberg.org/aushang/aushang/internal/reach"
	"codeberg.org/aushang/aushang/internal/region"
	"codeberg.org/aushang/aushang/internal/registration"
	"codeberg.org/aushang/aushang/internal/report"
	"codeberg.org/aushang/aushang/internal/resident"
	"codeberg.org/aushang/aushang/internal/search"
	"codeberg.org/aushang/aushang/internal/style"
	"codeberg.org/aushang/aushang/internal/timeline"
	"codeberg.org/aushang/aushang/internal/town"
	"codeberg.org/aushang/aushang/internal/townhall"
	"codeberg.org/aushang/aushang/internal/upkeep"
	"codeberg.org/aushang/aushang/internal/volunteer"
	"codeberg.org/aushang/aushang/internal/watch"
	"codeberg.org/aushang/aushang/web"
	"codeberg.org/aushang/aushang/web/assets"
	"codeberg.org/aushang/aushang/web/locale"
	"codeberg.org/aushang/aushang/web/prepared"
)

// Serve answers and works until ctx ends, then lets what is in flight finish.
// ready is called with the public address once the listener stands. A port
// that is in use is an error of kind problem.Conflict.
func (t *Town) Serve(ctx context.Context, ready func(address string)) error {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", t.Config.Listen)
	if errors.Is(err, syscall.EADDRINUSE) {
		_, port, _ := net.SplitHostPort(t.Config.Listen)
		return problem.Conflictf("port %s is in use by another program: stop it, or choose another port with AUSHANG_LISTEN (and AUSHANG_ORIGIN; make run PORT=8081)", port)
	}
	if err != nil {
		return fmt.Errorf("listen on %s: %w", t.Config.Listen, err)
	}
	for _, w := range t.Config.Warnings() {
		t.log.Warn(w)
	}
	if _, err := t.Redo(ctx); err != nil {
		_ = l.Close()
		return err
	}
	queue := t.Activities.Queue(t.mux, t.log)
	handler, err := t.routes(queue)
	if err != nil {
		_ = l.Close()
		return err
	}
	return t.run(ctx, l, handler, queue, ready)
}

// run starts what works beside the answers, in an order that lets each end
// after those who need it.
func (t *Town) run(ctx context.Context, l net.Listener, handler http.Handler, queue *activity.Queue, ready func(string)) error {
	wake, stopBell := t.db.Bell()
	defer stopBell()
	dispatcher := &outbox.Dispatcher{
		Store: t.Activities.Lanes(), Client: t.client, Signers: t.Actors, Ed25519: outbox.SignerFunc(t.Actors.Ed25519Signer), Wake: wake, Owner: t.owner(), Log: t.log,
	}
	drain := t.Activities.Drain(t.mux, t.owner(), t.log)
	metrics, err := t.metricsServer(ctx)
	if err != nil {
		return errors.Join(err, l.Close())
	}
	t.periodic()
	if err := t.queue.Start(ctx); err != nil {
		_ = l.Close()
		return err
	}
	// The inbox commits as long as requests may come in.
	receiving, stopReceiving := context.WithCancel(context.WithoutCancel(ctx))
	var workers, receiver sync.WaitGroup
	receiver.Go(func() { _ = queue.Run(receiving) })
	workers.Go(func() { keepHouse(ctx) })
	workers.Go(metrics)
	workers.Go(func() { t.db.Listen(ctx) })
	workers.Go(func() { t.hearing.Run(ctx) })
	workers.Go(func() { t.index.Run(ctx) })
	workers.Go(func() { t.watch(ctx, t.prepared) })
	workers.Go(func() { t.foreign.Run(ctx) })
	workers.Go(func() { t.readers.Run(ctx) })
	workers.Go(func() { t.tide.Run(ctx) })
	workers.Go(func() { t.followErased(ctx) })
	lawful := make(chan struct{})
	workers.Go(func() {
		if t.awaitLaw(ctx) {
			close(lawful)
		}
	})
	workers.Go(func() {
		if !t.awaitRelease(ctx) {
			return
		}
		workers.Go(func() { t.Drafts.Run(ctx, t.log) }) // a town that waits to be called the only copy publishes nothing
		select {
		case <-ctx.Done():
		case <-lawful:
			workers.Go(func() { _ = dispatcher.Run(ctx) })
			_ = drain.Run(ctx)
		}
	})
	ready(t.Config.Origin)
	err = web.Serve(ctx, l, handler, t.Config.TLSCert, t.Config.TLSKey)
	stopReceiving()
	receiver.Wait()
	if ctx.Err() == nil {
		return err // the listener failed: the process ends and its workers with it
	}
	workers.Wait()
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), parting)
	defer cancel()
	return errors.Join(err, t.queue.Stop(last))
}

// parting is how long running jobs may take after the end.
const parting = 10 * time.Second

// parts lists the folders with templates and words.
var parts = []fs.FS{
	page.Files, resident.Files, registration.Files, club.Files, event.Files, post.Files, opportunity.Files, volunteer.Files, agency.Files, timeline.Files, search.Files, feed.Files, follow.Files, townhall.Files,
	town.Files, style.Files, reach.Files, mail.Files, desk.Files, places.Files, watch.Files, platform.Files, report.Files, upkeep.Files, inquiry.Files, region.Files,
}

// navigation leads to what the town is about.
var navigation = []web.Link{
	{Key: "nav.start", Href: "/", Icon: "home"},
	{Key: "nav.calendar", Href: "/veranstaltungen", Icon: "calendar"},
	{Key: "nav.board", Href: "/pinnwand", Icon: "pin"},
	{Key: "nav.opportunities", Href: "/ehrenamt", Icon: "heart"},
	{Key: "nav.clubs", Href: "/vereine", Icon: "people"},
}

// routes lists everything that answers.
func (t *Town) routes(queue inbox.Queue) (http.Handler, error) {
	guard, news := page.Guard{}, timeline.News{}
	sessions := page.NewSessions(t.Accounts, t.Actors, t.Config.Proxies())
	var look func() web.Look
	words, err := t.catalogue()
	if err != nil {
		return nil, err
	}
	site, err := web.New(web.Options{
		Name: t.Config.Name, Word: t.ownWord, Look: func() web.Look { return look() }, Origin: t.Config.Origin, Language: t.Config.Language, Repository: Repository, Quiet: t.Config.SMTP.Host == "",
		Parts: parts, Words: words,
		Nav:  navigation,
		Self: web.Link{Key: "nav.self", Href: "/konto", Icon: "user"}, SelfBelow: []string{"/neues", "/entwuerfe", "/vorlagen", "/antworten", "/rathaus", page.CarePath, volunteer.OwnPath, agency.DeskPath},
		NavBelow: map[string][]string{"/ehrenamt": {"/einsatz", agency.Path}},
		Visitor:  t.visitor(sessions, &news), Preferred: preferred(sessions), Status: status, Observe: observe, Panicked: func() { panicked.Inc() }, Log: t.log,
	})
	if err != nil {
		return nil, err
	}
	if err := t.speakers.add(func(locale.Manner) error { site.Renew(); return nil }); err != nil {
		return nil, err
	}
	sessions.OnError(site.Error)
	own := t.Actors.Site()
	verifier := func(keys signature.Directory) inbox.Verifier {
		return t.hearing.Verifier(&signature.Verifier{
			Keys: keys, Scheme: own.Scheme(), Host: own.Host(), Fragments: actor.KeyFragments,
		})
	}
	r := chi.NewRouter()
	r.Use(site.Logged, site.Secure, site.Legible, head, site.Used)
	r.NotFound(site.NotFound)
	r.MethodNotAllowed(site.MethodNotAllowed)
	r.Method(http.MethodGet, "/assets/*", assets.Handler())
	r.Method(http.MethodGet, "/media/*", t.files.Handler())
	r.Get(page.QRPath+"/*", site.Handle(page.QR(own.Origin)))
	r.Get("/healthz", func(w http.ResponseWriter, _ *http.Request) { plain(w, "ok\n") })
	r.Get("/readyz", site.Handle(t.ready))
	store := prepared.New(prepared.Options{Limit: keptBytes, Accept: web.Preference, Language: site.Language, Personal: sessions.Begun})
	blocked := t.blocked(store)
	t.open, look = site.Open, t.look(store)
	federation := activitypub.New(activitypub.Options{
		Web: site, Actors: t.Actors, Objects: t.Objects, Activities: t.Activities, Upcoming: t.upcomingIDs, Place: t.Events.Place,
		Version: Version, Repository: Repository, Name: func() string { return site.Town().Name },
		Verifier: verifier, Blocked: blocked,
		Inbox: t.unlessStandby(t.unlessUnlawful(&inbox.Handler{
			Verifier: verifier(t.Actors), Proofs: &proof.Verifier{Keys: t.Actors}, Queue: queue,
			Blocked: blocked, Known: t.Actors.Known, Wait: t.tide.Wait, Log: t.log,
		})),
	})
	federation.Mount(r)
	store.Admit = federation.Admits
	t.calendars(r, site)
	t.feed(site).Mount(r)
	t.siteMap(site).Mount(r)
	t.foreign.Mount(r, site)
	(&places.Surface{Guard: &page.Guard{Web: site}, Places: t.Places}).MountSuggestions(r)
	guard = page.Guard{Sessions: sessions, Web: site, Objects: t.Objects, Pictures: t.pictures, Drafts: t.Drafts, Foreign: t.foreign, Care: t.Care, Zone: t.Config.Location()}
	news = timeline.News{Guard: &guard, Gazette: t.gazette(), SetRead: t.Accounts.SetNewsRead}
	r.Group(func(r chi.Router) {
		r.Use(web.KeepLanguage, sessions.Load, site.SameSite)
		(&timeline.Surface{Web: site, Origin: own.Origin, Instance: own.InstanceID(), Zone: t.Config.Location(), News: t.news}).Mount(r)
		news.Mount(r)
		t.hallPages(r, &guard, store)
		(&resident.Pages{
			Guard: &guard, Accounts: t.Accounts, Letters: t.Clubs.Letters, Notifications: t.Notifications, MailReady: t.Mail.Ready, Data: t.data(), Agent: t.Offers.IsAgent, Waiting: t.waitingRooms,
			Secret: func(ctx context.Context) ([]byte, error) { return t.Actors.Secret(ctx, unsubscribing) },
		}).Mount(r)
		t.registration(&guard).Mount(r)
		t.kindPages(r, &guard)
		(&desk.Surface{Guard: &guard, Kinds: deskKinds, Find: t.Accounts.Find}).Mount(r)
		t.follow(site).Mount(r)
		(&feed.Guide{Web: site, Calendar: "/kalender.ics", Domain: own.HandleDomain, Lists: feedLists}).Mount(r)
		(&style.Surface{Web: site, On: t.Config.Demo == config.On}).Mount(r)
		(&search.Surface{Web: site, Index: t.index, Origin: own.Origin, Zone: t.Config.Location()}).Mount(r)
	})
	t.Drafts.OnFailure(desk.Tell(t.Clubs.Letters, t.Actors, t.Accounts))
	t.prepared = store
	return door{r, t.readers.Count(club.Path, sessions.Address, store.Handler(r))}, nil
}

// hallPages mounts the rooms of the town hall, and what readers see of its work.
func (t *Town) hallPages(r chi.Router, guard *page.Guard, store *prepared.Store) {
	hall, care := t.townhall(guard), t.upkeep(guard)
	hall.Stale, care.Frame = care.Waiting, hall.Frame
	t.mountRequests(r, guard, hall)
	t.mountRegion(r, guard, hall)
	hall.Mount(r)
	(&platform.Surface{Guard: guard, Actors: t.Actors, Moderation: t.Moderation, Account: t.Accounts.Find, Frame: hall.Frame}).Mount(r)
	care.Mount(r)
	t.mountPlaces(r, guard, hall.Frame)
	t.townPages(guard, hall.Frame, store).Mount(r)
	(&report.Pages{Guard: guard, Accounts: t.Accounts, Actors: t.Actors, Moderation: t.Moderation, MailReady: t.Mail.Ready}).Mount(r)
}

// kindPages mounts the pages of each kind.
func (t *Town) kindPages(r chi.Router, guard *page.Guard) {
	t.Clubs.Pages(guard, club.Composed{Published: t.published, Upcoming: t.upcoming, Pins: t.pins()}).Mount(r)
	t.reach(guard).Mount(r)
	t.Events.Pages(guard).Mount(r)
	t.Posts.Pages(guard).Mount(r)
	t.Opportunities.Pages(guard).Mount(r)
	t.volunteerPages(guard).Mount(r)
	t.agencyPages(guard).Mount(r)
}

// preferred gives the language that who is signed in has chosen.
func preferred(sessions *page.Sessions) func(*http.Request) string {
	return func(r *http.Request) string {
		if who, err := sessions.Who(r); err == nil && who != nil {
			return who.Language
		}
		return ""
	}
}

// visitor gives what the head of a page says to who is signed in.
func (t *Town) visitor(sessions *page.Sessions, news *timeline.News) func(*http.Request) *web.Visitor {
	return func(r *http.Request) *web.Visitor {
		who, err := sessions.Who(r)
		if err != nil || who == nil {
			return nil // a page that shows no head is worse than one for readers
		}
		unread, err := news.Unread(r.Context(), who)
		if err != nil && r.Context().Err() == nil {
			t.log.Error("count news", "error", err)
		}
		return &web.Visitor{News: unread, Office: who.Hall() && !who.Staff()}
	}
}

// townhall gives the surface of the town hall, with what it does to clubs.
func (t *Town) townhall(guard *page.Guard) *townhall.Surface {
	return &townhall.Surface{
		Guard: guard, Accounts: t.Accounts, Actors: t.Actors, Activities: t.Activities, Moderation: t.Moderation,
		Stuck: t.Mail.Stuck, Settle: t.Mail.Settle, Agent: t.Offers.IsAgent, SetAgent: t.Offers.SetAgent,
		Standby: t.standby.Load,
		Held:    t.unlawful, PublishedSince: t.Objects.PublishedSince, HelpedSince: t.helpedSince,
		TermWord: func(lang, list, key string) (string, bool) { return t.ownWord(lang, termKeys[list]+key) },
		Leave: func(ctx context.Context, by, id string) error {
			_, _, err := t.RemovePerson(ctx, by, id)
			return err
		},
		Refuse: t.refusePerson, RefuseAll: t.Accounts.RefusePeople, Letters: t.Clubs.Letters,
		Unwritten: func(r *http.Request) (int, error) {
			lacks, err := t.Settings.Lacks(r.Context(), t.Config.Language)
			return len(lacks), err
		},
		Clubs: townhall.Clubs{
			Add: func(ctx context.Context, by, handle, name string) error {
				_, err := t.Clubs.Create(ctx, by, club.Draft{Handle: handle, Name: name, Active: true})
				return err
			},
			SetState: func(ctx context.Context, by, handle, state string) error {
				_, err := t.Clubs.SetState(ctx, by, handle, state)
				return err
			},
			Archive: t.archiveClub, Upcoming: t.eventsToCome, Helped: t.helpedBy, Verify: t.Clubs.Verify, Verified: t.Clubs.Verified,
			AddEditor: t.Clubs.AddEditor, RemoveEditor: t.Clubs.RemoveEditor, Approve: t.Clubs.Approve, Refuse: t.Clubs.Refuse, Field: t.Clubs.FieldOf,
			Merge: t.Clubs.Merge, Weigh: t.weigh,
			CheckMerge: func(ctx context.Context, by, handle, into string) error {
				_, _, err := t.Clubs.CheckMerge(ctx, by, handle, into)
				return err
			},
		},
	}
}

// head lets HEAD be answered like GET; the server leaves the body out.
func head(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodHead {
			if c := chi.RouteContext(r.Context()); c != nil {
				c.RouteMethod = http.MethodGet
			}
		}
		next.ServeHTTP(w, r)
	})
}

// ready tells whether the database answers.
func (t *Town) ready(w http.ResponseWriter, r *http.Request) error {
	w.Header().Set(check.Seen, r.Host) // aushang check asks what the proxy makes of it
	if err := t.db.Ping(r.Context()); err != nil {
		return problem.Unavailablef("the database does not answer: %w", err)
	}
	plain(w, "ready\n")
	return nil
}

// plain answers with a text.
func plain(w http.ResponseWriter, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = io.WriteString(w, text)
}

// status decides the HTTP status of an error; nobody else does. What waits for
// the database or for room on a disk is to come again, never a fault.
func status(err error) int {
	kind := problem.KindOf(err)
	if kind == problem.Internal && (database.Unavailable(err) || errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT)) {
		kind = problem.Unavailable
	}
	switch kind {
	case problem.NotFound:
		return http.StatusNotFound
	case problem.Gone:
		return http.StatusGone
	case problem.Forbidden:
		return http.StatusForbidden
	case problem.Invalid:
		return http.StatusUnprocessableEntity
	case problem.Conflict:
		return http.StatusConflict
	case problem.TooMany:
		return http.StatusTooManyRequests
	case problem.SignedOut:
		return http.StatusUnauthorized
	case problem.Unavailable:
		return http.StatusServiceUnavailable
	}
	return http.StatusInternalServerError
}
