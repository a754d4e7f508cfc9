package club

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/account"
	"codeberg.org/aushang/aushang/internal/activity"
	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/database"
	"codeberg.org/aushang/aushang/internal/ledger"
	"codeberg.org/aushang/aushang/internal/markup"
	"codeberg.org/aushang/aushang/internal/object"
	"codeberg.org/aushang/aushang/internal/page"
	"codeberg.org/aushang/aushang/internal/problem"
	"codeberg.org/aushang/aushang/internal/term"
)

// The lengths of what a club says about itself, in characters.
const (
	maxName    = 100
	maxSummary = 2000
)

// A Club is a club or group of the town.
type Club struct {
	*actor.Actor
	// Source is the Markdown that Summary was made from.
	Source string
	// Field is one of Fields, or "".
	Field string
	// Website is an address of http or https, or "". For others it stands in
	// Attachment.
	Website string
	// Verified is since when the town hall says that it knows the club; zero when
	// it does not.
	Verified time.Time
	// Imprint is what the law wants the club to say of itself, as lines; "" for
	// none.
	Imprint string
}

// Clubs is the register of clubs. Make one with New.
type Clubs struct {
	db         *database.DB
	actors     *actor.Actors
	activities *activity.Activities
	pictures   *object.Pictures
	// Mark is how the profile of a club that the town hall knows says so, with the
	// name of such a field. It, Accounts and Letters are set once, before anything
	// is asked of it.
	Mark     func() (name, value string)
	Accounts *account.Accounts
	Letters  *page.Letters
	// Begun tells whether a club has drafts, and Handed gives what others keep for
	// the club from to the club into; they are set once, too.
	Begun  func(ctx context.Context, db bun.IDB, clubID string) (bool, error)
	Handed func(ctx context.Context, tx bun.Tx, from, into *actor.Actor) error
	// Official tells whether the town hall speaks in the name of an actor.
	Official func(ctx context.Context, db bun.IDB, actorID string) (bool, error)
	// Terms gives the town's words for fields; it is set once, too.
	Terms func() term.Book
}

// New gives the register over db.
func New(db *database.DB, actors *actor.Actors, activities *activity.Activities, pictures *object.Pictures) *Clubs {
	return &Clubs{db: db, actors: actors, activities: activities, pictures: pictures}
}

// A Draft is what a new club starts from.
type Draft struct {
	// Handle is the name before the @ of its address.
	Handle string
	Name   string
	// Summary is Markdown.
	Summary string
	// Field is one of Fields, or "".
	Field string
	// Website may leave out how an address begins; "" for none.
	Website string
	// Active clubs are public at once; others wait for the town hall.
	Active bool
}

func (s *Clubs) validate(d *Draft) error {
	var errs problem.Fields
	d.Handle = strings.ToLower(strings.TrimPrefix(strings.TrimSpace(d.Handle), "@"))
	errs.Merge(actor.ValidateUsername("handle", d.Handle))
	d.Name = checkName(&errs, d.Name)
	checkSummary(&errs, d.Summary)
	d.Field = s.checkField(&errs, d.Field)
	d.Website = checkWebsite(&errs, d.Website)
	return errs.Err()
}

func checkName(errs *problem.Fields, name string) string {
	name = markup.Name(name, maxName+1)
	if n := utf8.RuneCountInString(name); n == 0 || n > maxName {
		errs.Add("name", "Please give the club a name of at most %d characters.", maxName)
	}
	return name
}

func checkSummary(errs *problem.Fields, summary string) {
	if utf8.RuneCountInString(summary) > maxSummary {
		errs.Add("summary", "The summary is longer than %d characters; please shorten it.", maxSummary)
	}
}

// Create adds a club.
func (s *Clubs) Create(ctx context.Context, by string, d Draft) (*Club, error) {
	if err := s.validate(&d); err != nil {
		return nil, err
	}
	state := actor.Requested
	if d.Active {
		state = actor.Active
	}
	a, err := s.actors.Mint(actor.Draft{
		Type: actor.Group, PreferredUsername: d.Handle, Name: d.Name, Summary: markup.Markdown(d.Summary),
		URL: s.actors.Site().Origin + Path + d.Handle, State: state,
	})
	if err != nil {
		return nil, fmt.Errorf("create club: %w", err)
	}
	c := &Club{Actor: a, Source: d.Summary, Field: d.Field, Website: d.Website}
	a.Attachment = s.profile(c)
	err = s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		if err := s.actors.May(ctx, tx, by, "", actor.Moderate); err != nil {
			return err
		}
		if err := s.actors.Create(ctx, tx, a); err != nil {
			return err
		}
		database.Ring(ctx)
		if err := s.put(ctx, tx, c); err != nil {
			return err
		}
		return ledger.NoteHall(ctx, tx, ledger.Entry{ByAccount: by, Act: "club.add", Target: c.PreferredUsername})
	})
	if err != nil {
		return nil, fmt.Errorf("create club: %w", err)
	}
	return c, nil
}

// A Change says what shall be different; nil leaves a field as it is.
type Change struct {
	Name    *string
	Summary *string
	Field   *string
	Website *string
	Imprint *string
	Logo    object.PictureChange
	// Active true makes a requested club public.
	Active bool
	// Version is the one that the change was made from: when it is not the
	// present one any more, the change gives object.ErrStale. Zero does not
	// matter.
	Version time.Time
}

func (s *Clubs) validateChange(ch *Change) error {
	var errs problem.Fields
	if ch.Name != nil {
		name := checkName(&errs, *ch.Name)
		ch.Name = &name
	}
	if ch.Summary != nil {
		checkSummary(&errs, *ch.Summary)
	}
	if ch.Field != nil {
		field := s.checkField(&errs, *ch.Field)
		ch.Field = &field
	}
	if ch.Website != nil {
		website := checkWebsite(&errs, *ch.Website)
		ch.Website = &website
	}
	if ch.Imprint != nil {
		imprint := checkImprint(&errs, *ch.Imprint)
		ch.Imprint = &imprint
	}
	return errs.Err()
}

// Change changes a club's profile and tells its followers (ActivityPub 7.3).
func (s *Clubs) Change(ctx context.Context, by, handle string, ch Change) (*Club, error) {
	if err := s.validateChange(&ch); err != nil {
		return nil, err
	}
	logo, err := s.pictures.Keep(ctx, ch.Logo.New)
	if err != nil {
		return nil, problem.Rename(err, "image", "logo")
	}
	var c *Club
	err = s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		var err error
		if c, err = s.find(ctx, tx, handle, actor.Active, actor.Requested); err != nil {
			return err
		}
		if err := s.actors.May(ctx, tx, by, c.ID, actor.Manage); err != nil {
			return err
		}
		if !ch.Version.IsZero() && !ch.Version.Equal(c.Version()) {
			return object.ErrStale
		}
		requested := c.State == actor.Requested
		if requested && ch.Active {
			if err := s.actors.May(ctx, tx, by, c.ID, actor.Moderate); err != nil {
				return err
			}
		}
		if err := c.apply(ch, logo); err != nil {
			return err
		}
		c.Attachment = s.profile(c)
		if requested && ch.Active {
			if err := s.admitted(ctx, tx, by, c); err != nil {
				return err
			}
		}
		if err := s.put(ctx, tx, c); err != nil {
			return err
		}
		if err := s.actors.Change(ctx, tx, c.Actor); err != nil {
			return err
		}
		if c.State != actor.Active {
			return nil
		}
		return s.activities.PublishActor(ctx, tx, c.Actor)
	})
	if err != nil {
		return nil, fmt.Errorf("change club: %w", err)
	}
	return c, nil
}

func (c *Club) apply(ch Change, logo *object.Attachment) error {
	if ch.Name != nil {
		c.Name = *ch.Name
	}
	if ch.Summary != nil {
		c.Source, c.Summary = *ch.Summary, markup.Markdown(*ch.Summary)
	}
	if ch.Field != nil {
		c.Field = *ch.Field
	}
	if ch.Website != nil {
		c.Website = *ch.Website
	}
	if ch.Imprint != nil {
		c.Imprint = *ch.Imprint
	}
	var old []*object.Attachment
	if c.IconURL != "" {
		old = append(old, c.logo())
	}
	logos, err := ch.Logo.Of(old, logo)
	if err != nil {
		return err
	}
	c.IconURL, c.IconName = "", ""
	for _, l := range logos {
		c.IconURL, c.IconMediaType, c.IconName = l.URL, l.MediaType, l.Name
	}
	if ch.Active {
		c.State = actor.Active
	}
	return nil
}

// Approve makes a club public that waits for a word of the town hall. When there
// was one already it is account.ErrDecided.
func (s *Clubs) Approve(ctx context.Context, by, handle string) error {
	err := s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		if err := s.moderates(ctx, tx, by, handle); err != nil {
			return err
		}
		c, err := s.waiting(ctx, tx, handle)
		if err != nil {
			return err
		}
		if err := s.admitted(ctx, tx, by, c); err != nil {
			return err
		}
		c.State = actor.Active
		return s.actors.Change(ctx, tx, c.Actor)
	})
	if err != nil {
		return fmt.Errorf("approve a club: %w", err)
	}
	return nil
}

// waiting gives a club that waits for a word of the town hall, and keeps others
// from saying it until tx ends. When there was one it is account.ErrDecided.
func (s *Clubs) waiting(ctx context.Context, tx bun.Tx, handle string) (*Club, error) {
	c, err := s.locked(ctx, tx, handle, actor.Active, actor.Requested, actor.Archived)
	if err != nil {
		return nil, err
	}
	a, err := s.Accounts.ApplicationOf(ctx, tx, c.ID)
	if err != nil {
		return nil, err
	}
	if c.State != actor.Requested || a != nil && a.State != account.Asked {
		return nil, account.ErrDecided
	}
	return c, nil
}

// AddEditor lets the account speak for the club.
func (s *Clubs) AddEditor(ctx context.Context, by, handle, accountID, role string) error {
	var errs problem.Fields
	if role != actor.Owner && role != actor.Editor {
		errs.Add("role", "The role is owner or editor.")
	}
	if err := errs.Err(); err != nil {
		return err
	}
	err := s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		c, err := s.locked(ctx, tx, handle, actor.Active, actor.Requested)
		if err != nil {
			return err
		}
		if err := s.actors.May(ctx, tx, by, c.ID, actor.Manage); err != nil {
			return err
		}
		last := false
		if role == actor.Editor {
			if last, err = s.lastOwner(ctx, tx, by, c.ID, accountID); err != nil {
				return err
			}
		}
		if err := s.actors.AddEditor(ctx, tx, accountID, c.ID, role); err != nil {
			return err
		}
		if last {
			if err := s.actors.Orphan(ctx, tx, c.ID); err != nil {
				return err
			}
		}
		return ledger.NoteHall(ctx, tx, ledger.Entry{ByAccount: by, Act: "club.editor", Target: c.PreferredUsername, AccountID: accountID, Detail: role})
	})
	if err != nil {
		return fmt.Errorf("add editor: %w", err)
	}
	return nil
}

// Follow makes the club follow the account who, "@name@host", elsewhere. It
// gives the actor that is followed now.
func (s *Clubs) Follow(ctx context.Context, by, handle, who string) (*actor.Actor, error) {
	return s.join(ctx, by, handle, who, s.activities.Follow)
}

// Unfollow ends that.
func (s *Clubs) Unfollow(ctx context.Context, by, handle, who string) (*actor.Actor, error) {
	return s.join(ctx, by, handle, who, s.activities.Unfollow)
}

func (s *Clubs) join(ctx context.Context, by, handle, who string,
	do func(ctx context.Context, tx bun.Tx, follower, target *actor.Actor) error,
) (*actor.Actor, error) {
	c, err := s.Find(ctx, handle)
	if err != nil {
		return nil, err
	}
	// Nobody who may not makes us ask other servers.
	if err := s.actors.May(ctx, s.actors.Reader(), by, c.ID, actor.Manage); err != nil {
		return nil, err
	}
	target, err := s.actors.Lookup(ctx, who)
	if err != nil {
		return nil, err
	}
	err = s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		c, err := s.find(ctx, tx, handle, actor.Active)
		if err != nil {
			return err
		}
		if err := s.actors.May(ctx, tx, by, c.ID, actor.Manage); err != nil {
			return err
		}
		return do(ctx, tx, c.Actor, target)
	})
	return target, err
}

// Find gives the active club with this handle.
func (s *Clubs) Find(ctx context.Context, handle string) (*Club, error) {
	return s.find(ctx, s.db.Read(), handle, actor.Active)
}

// Waits tells whether there is a club with this handle that is not public yet.
func (s *Clubs) Waits(ctx context.Context, handle string) (bool, error) {
	_, err := s.find(ctx, s.db.Read(), handle, actor.Requested)
	if problem.KindOf(err) == problem.NotFound {
		return false, nil
	}
	return err == nil, err
}

// List gives all active clubs by name.
func (s *Clubs) List(ctx context.Context) ([]*actor.Actor, error) {
	return s.actors.List(ctx, actor.Group)
}
