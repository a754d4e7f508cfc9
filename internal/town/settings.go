package town

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"time"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/database"
	"codeberg.org/aushang/aushang/internal/ledger"
	"codeberg.org/aushang/aushang/internal/markup"
	"codeberg.org/aushang/aushang/internal/object"
	"codeberg.org/aushang/aushang/internal/problem"
	"codeberg.org/aushang/aushang/web/locale"
)

// The lengths of what a town says of itself, in characters and lines.
const (
	maxName  = 100
	maxLine  = 200
	maxLines = 8
)

// A Look is what the town says of itself on every page.
type Look struct {
	// Name is "" for a town that has the name of the configuration.
	Name string
	// Colour and Accent are "#rrggbb", or "" for those of the program.
	Colour, Accent string
	// Official says that this is the website of a public body.
	Official bool
	// Contact says whom to ask: lines of plain text.
	Contact []string
	// Arms is the coat of arms, Picture the wide picture of the start page; nil
	// for those of the program.
	Arms, Picture *object.Attachment
	// Changed is zero for a town that has never changed it.
	Changed time.Time
}

// Settings keeps the look and the pages of the town. Make one with New.
type Settings struct {
	db       *database.DB
	actors   *actor.Actors
	pictures *object.Pictures
	now      func() time.Time
	starting atomic.Pointer[map[string]string] // the texts with which every town begins, by name and language
	// Registration says how people come in: "open", "approval" or "closed", which
	// "" is too. The texts say so.
	Registration string
	// Modules are those that a town may go without, in their order.
	Modules []Module
}

// New gives the settings in db.
func New(db *database.DB, actors *actor.Actors, pictures *object.Pictures) *Settings {
	s := &Settings{
		db: db, actors: actors, pictures: pictures,
		now: func() time.Time { return time.Now().UTC().Truncate(time.Second) },
	}
	if err := s.Express(locale.Manner{}); err != nil {
		panic(err) // built without the texts
	}
	return s
}

// A Draft is what the town hall enters about the look.
type Draft struct {
	Name, Colour, Accent string
	Official             bool
	// Contact has a line for each of its.
	Contact string
	// Version is when the form's version was made; a newer one gives
	// object.ErrStale. Zero does not matter.
	Version time.Time
}

// validate checks the draft and brings it into the form that is kept.
func (d *Draft) validate() error {
	var errs problem.Fields
	d.Name = markup.Name(d.Name, maxName+1)
	if utf8.RuneCountInString(d.Name) > maxName {
		errs.Add("name", "The name is longer than %d characters; please shorten it.", maxName)
	}
	d.Colour = checkColour(&errs, "colour", d.Colour)
	d.Accent = checkColour(&errs, "accent", d.Accent)
	d.Contact = strings.Join(checkLines(&errs, "contact", d.Contact), "\n")
	return errs.Err()
}

// checkColour notes a colour that cannot be read, or in which nothing could be.
func checkColour(errs *problem.Fields, field, s string) string {
	if s = strings.TrimSpace(s); s == "" {
		return ""
	}
	c, ok := ParseColour(s)
	if !ok {
		errs.Add(field, "This is no colour that we know; write it like #1b4f8a.")
		return s
	}
	if contrast, nearest := Legible(c); contrast < least {
		tenths := int(contrast * 10)
		errs.Add(field, "Text in this colour has a contrast of %d.%d to 1 on our paper, and 4.5 to 1 is needed. Take %s: the nearest colour that is enough.",
			tenths/10, tenths%10, nearest)
	}
	return c.String()
}

// Nearest gives the colour that the town may have in place of one that cannot
// be read on paper; "" when it can, or is none.
func Nearest(s string) string {
	c, ok := ParseColour(s)
	if !ok {
		return ""
	}
	if contrast, nearest := Legible(c); contrast < least {
		return nearest.String()
	}
	return ""
}

// checkLines gives the lines of a text without empty ones.
func checkLines(errs *problem.Fields, field, s string) []string {
	var list []string
	for line := range strings.SplitSeq(markup.Typed(s), "\n") {
		if line = markup.Name(line, maxLine+1); line != "" {
			list = append(list, line)
		}
		if utf8.RuneCountInString(line) > maxLine {
			errs.Add(field, "A line is longer than %d characters; please break it.", maxLine)
			return list
		}
	}
	if len(list) > maxLines {
		errs.Add(field, "These are more than %d lines; please take the most important ones.", maxLines)
	}
	return list
}

// Change keeps another look. The actor of the whole server gets the name, too.
func (s *Settings) Change(ctx context.Context, by string, d Draft) error {
	if err := d.validate(); err != nil {
		return err
	}
	err := s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		if err := s.actors.May(ctx, tx, by, "", actor.Moderate); err != nil {
			return err
		}
		old, err := s.look(ctx, tx)
		if err != nil {
			return err
		}
		if !d.Version.IsZero() && !d.Version.Equal(stamp(old.Changed)) {
			return object.ErrStale
		}
		if err := s.putLook(ctx, tx, d, s.after(old.Changed)); err != nil {
			return err
		}
		name := d.Name
		if name == "" {
			name = s.actors.Site().Name
		}
		if err := s.present(ctx, tx, func(a *actor.Actor) { a.Name = name }); err != nil {
			return err
		}
		return ledger.NoteHall(ctx, tx, ledger.Entry{ByAccount: by, Act: "town.look"})
	})
	if err != nil {
		return fmt.Errorf("change the look: %w", err)
	}
	return nil
}

// after gives a time of now that is later than last: two versions of one second
// could not be told apart.
func (s *Settings) after(last time.Time) time.Time {
	if now := s.now(); now.After(last) {
		return now
	}
	return last.Add(time.Second)
}

// stamp gives what a form says of when its version was made: something also for
// the first one, which nobody made.
func stamp(changed time.Time) time.Time {
	if changed.IsZero() {
		return time.Unix(0, 0).UTC()
	}
	return changed
}

// present changes the actors of the whole server, if they are others then. Nobody
// is told: others read them when they need them.
func (s *Settings) present(ctx context.Context, tx bun.Tx, change func(a *actor.Actor)) error {
	for _, id := range []string{s.actors.Site().InstanceID(), s.actors.Site().RelayID()} {
		a, err := s.actors.Find(ctx, tx, id)
		if err != nil {
			return err
		}
		old := *a
		change(a)
		if a.Name == old.Name && a.IconURL == old.IconURL && a.IconName == old.IconName {
			continue
		}
		if err := s.actors.Change(ctx, tx, a); err != nil {
			return err
		}
	}
	return nil
}

// A Role says what a picture of the town is for.
type Role string

// The pictures of a town.
const (
	Arms    Role = "arms"
	Picture Role = "picture"
)

// ChangePicture gives the town another coat of arms or wide picture.
func (s *Settings) ChangePicture(ctx context.Context, by string, role Role, change object.PictureChange) error {
	if role != Arms && role != Picture {
		return problem.Invalidf("there is no picture %q of a town", role)
	}
	fresh, err := s.pictures.Keep(ctx, change.New)
	if err != nil {
		return err
	}
	err = s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		if err := s.actors.May(ctx, tx, by, "", actor.Moderate); err != nil {
			return err
		}
		old, err := s.findPicture(ctx, tx, role)
		if err != nil {
			return err
		}
		var have []*object.Attachment
		if old != nil {
			have = append(have, old)
		}
		list, err := change.Of(have, fresh)
		if err != nil {
			return err
		}
		if err := s.putPicture(ctx, tx, role, list); err != nil {
			return err
		}
		return ledger.NoteHall(ctx, tx, ledger.Entry{ByAccount: by, Act: "town.look", Detail: string(role)})
	})
	if err != nil {
		return fmt.Errorf("change the picture: %w", err)
	}
	return nil
}

// putPicture stores the picture of a role, or that there is none.
func (s *Settings) putPicture(ctx context.Context, tx bun.Tx, role Role, list []*object.Attachment) error {
	if len(list) == 0 {
		if err := s.removePicture(ctx, tx, role); err != nil {
			return err
		}
	} else if err := s.storePicture(ctx, tx, role, list[0]); err != nil {
		return err
	}
	if role != Arms {
		return nil
	}
	return s.present(ctx, tx, func(a *actor.Actor) {
		a.IconURL, a.IconMediaType, a.IconName = "", "", ""
		if len(list) > 0 {
			a.IconURL, a.IconMediaType, a.IconName = list[0].URL, list[0].MediaType, list[0].Name
		}
	})
}
