package post

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/database"
	"codeberg.org/aushang/aushang/internal/object"
	"codeberg.org/aushang/aushang/internal/problem"
)

// The kinds of notices on the board.
const (
	// Announcement tells something; a post that says nothing of its kind is one.
	Announcement = "announcement"
	// Wanted asks for a thing or for somebody, Offer gives something away.
	Wanted = "wanted"
	Offer  = "offer"
	// Help is neighbours for neighbours.
	Help = "help"
)

// Kinds are all kinds in the order in which they are shown.
var Kinds = []string{Announcement, Wanted, Offer, Help}

// look is how a kind is shown and said.
type look struct {
	// slug stands in addresses, tone is the paper of its notes (component.PostCard).
	slug, tone string
	// hashtag is what other servers find it by, or "".
	hashtag string
}

var looks = map[string]look{
	Announcement: {"ankuendigung", "white", ""},
	Wanted:       {"suche", "", "Suche"},
	Offer:        {"biete", "offer", "Biete"},
	Help:         {"nachbarschaftshilfe", "help", "Nachbarschaftshilfe"},
}

// kindOf gives the kind that an address means, "" when there is none.
func kindOf(slug string) string {
	for kind, l := range looks {
		if l.slug == slug {
			return kind
		}
	}
	return ""
}

// kindHref is the path of the notices of one kind.
func kindHref(kind string) string { return "/pinnwand?art=" + looks[kind].slug }

// officialKey is the key of the word for what the town hall announces, and
// officialHref leads to all of that.
const (
	officialKey  = "post.kind.official"
	officialHref = "/bekanntmachungen"
)

// official gives the id of the actor in whose name the town hall speaks, or "".
func (s *Posts) official(ctx context.Context) (string, error) {
	if s.Official == nil {
		return "", nil
	}
	return s.Official(ctx)
}

// KindKey is the key of the word for a kind.
func KindKey(kind string) string { return "post.kind." + kind }

// checkKind gives a kind as it is stored, or what is wrong with it.
func checkKind(errs *problem.Fields, kind string) string {
	if kind == "" {
		return Announcement
	}
	if _, ok := looks[kind]; !ok {
		errs.Add("kind", "There is no such kind of notice; please choose one of the list.")
	}
	return kind
}

// row is what a post on the board has beyond its object.
type row struct {
	bun.BaseModel `bun:"table:posts,alias:post"`
	ObjectID      string `bun:"object_id,pk"`
	Kind          string
	// Published is that of the object, for the order of the lists of one kind.
	Published time.Time
}

func (s *Posts) putKind(ctx context.Context, tx bun.Tx, o *object.Object, kind string) error {
	_, err := tx.NewInsert().Model(&row{ObjectID: o.ID, Kind: kind, Published: o.Published}).
		On("CONFLICT (object_id) DO UPDATE").Set("kind = EXCLUDED.kind").Exec(ctx)
	if err != nil {
		return fmt.Errorf("store kind of %s: %w", o.ID, err)
	}
	return nil
}

var findKind = database.NewStatement("SELECT kind FROM posts WHERE object_id = ?")

// KindOf gives the kind of a post.
func (s *Posts) KindOf(ctx context.Context, db bun.IDB, id string) (string, error) {
	kind := Announcement
	err := findKind.Scan(ctx, db, []any{id}, &kind)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return "", fmt.Errorf("find kind of %s: %w", id, err)
	}
	return kind, nil
}

// kindsOf gives the kinds of posts by their ids.
func (s *Posts) kindsOf(ctx context.Context, list []*object.Object) (map[string]string, error) {
	kinds := make(map[string]string, len(list))
	if len(list) == 0 {
		return kinds, nil
	}
	ids := make([]string, 0, len(list))
	for _, o := range list {
		ids, kinds[o.ID] = append(ids, o.ID), Announcement
	}
	var rows []row
	if err := s.db.Read().NewSelect().Model(&rows).Where("object_id IN (?)", bun.List(ids)).Scan(ctx); err != nil {
		return nil, fmt.Errorf("find kinds of posts: %w", err)
	}
	for _, r := range rows {
		kinds[r.ObjectID] = r.Kind
	}
	return kinds, nil
}

// A Filter narrows the board. The zero Filter gives all of it.
type Filter struct {
	// Kind is one of Kinds, By the id of a club; "" for all.
	Kind, By string
}

// Lists of one kind walk the index of the kinds from the newest post on.
const (
	ofKind = `SELECT p.object_id FROM posts p CROSS JOIN objects o CROSS JOIN actors a
WHERE p.kind = ? AND (p.published, p.object_id) < (?, ?) AND o.id = p.object_id AND a.id = o.attributed_to
AND o.local AND o.visibility = 'public' AND o.deleted IS NULL AND NOT o.hidden AND o.stale < 2 AND NOT a.blocked AND a.state = 'active'`
	newestFirst = " ORDER BY p.published DESC, p.object_id DESC LIMIT 0 + ?"
)

var (
	listKind       = database.NewStatement(ofKind + " AND NOT a.limited" + newestFirst)
	listKindByClub = database.NewStatement(ofKind + " AND o.attributed_to IN " + actor.AndParts + newestFirst)
	publishedAt    = database.NewStatement("SELECT published FROM objects WHERE id = ?")
)

// dusk is after all posts.
var dusk = time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)

// List gives the posts on the board that f lets through, newest first, with
// authors and pictures.
func (s *Posts) List(ctx context.Context, f Filter, page object.Page) ([]*object.Object, error) {
	switch {
	case f.Kind != "":
		ids, err := s.listKind(ctx, f, page)
		if err != nil {
			return nil, err
		}
		return s.objects.ListIDs(ctx, object.Viewer{}, ids)
	case f.By != "":
		return s.objects.ListBy(ctx, object.Viewer{}, f.By, page, Type)
	}
	return s.objects.ListType(ctx, Type, page)
}

func (s *Posts) listKind(ctx context.Context, f Filter, page object.Page) ([]string, error) {
	before := dusk
	if page.Before != "" {
		err := publishedAt.Scan(ctx, s.db.Read(), []any{page.Before}, &before)
		if errors.Is(err, sql.ErrNoRows) {
			return nil, nil
		}
		if err != nil {
			return nil, fmt.Errorf("list posts: %w", err)
		}
	}
	list, args := listKind, []any{f.Kind, before, page.Before}
	if f.By != "" {
		list, args = listKindByClub, append(args, f.By, f.By)
	}
	rows, err := list.Query(ctx, s.db.Read(), append(args, page.Limit)...)
	if err != nil {
		return nil, fmt.Errorf("list posts: %w", err)
	}
	defer rows.Close() //nolint:errcheck // rows.Err says what went wrong
	var ids []string
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return nil, fmt.Errorf("list posts: %w", err)
		}
		ids = append(ids, id)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("list posts: %w", err)
	}
	return ids, nil
}

// That a reader may choose among the clubs is asked first: in a large town
// nobody looks through a thousand names. COALESCE of one column twice is that
// column, without an index: SQLite would walk through all notices otherwise.
var (
	manyClubs = database.NewStatement("SELECT 1 FROM actors WHERE local AND type = 'Group' AND state = 'active' AND NOT limited ORDER BY LOWER(name), id LIMIT 1 OFFSET 0 + ?")
	pinning   = database.NewStatement(`SELECT a.preferred_username, a.name FROM actors a
WHERE a.local AND a.type = 'Group' AND a.state = 'active' AND a.merged IS NULL AND NOT a.limited AND (EXISTS (SELECT 1 FROM objects o WHERE o.attributed_to = a.id
AND COALESCE(o.type, o.type) = 'Note' AND o.local AND COALESCE(o.in_reply_to, o.in_reply_to) = '' AND o.visibility = 'public' AND o.deleted IS NULL AND NOT o.hidden AND o.stale < 2)
OR EXISTS (SELECT 1 FROM actors part JOIN objects o ON o.attributed_to = part.id WHERE part.moved_to = a.id AND part.merged IS NOT NULL
AND COALESCE(o.type, o.type) = 'Note' AND o.local AND COALESCE(o.in_reply_to, o.in_reply_to) = '' AND o.visibility = 'public' AND o.deleted IS NULL AND NOT o.hidden AND o.stale < 2))
ORDER BY LOWER(a.name), a.id`)
)

// club is one that has pinned something up: its handle and name.
type club struct{ handle, name string }

// pinning gives the clubs that have something on the board, by name; none where
// there are more clubs than most.
func (s *Posts) pinning(ctx context.Context, most int) ([]club, error) {
	if many, err := manyClubs.Exists(ctx, s.db.Read(), most); err != nil || many {
		return nil, err
	}
	rows, err := pinning.Query(ctx, s.db.Read())
	if err != nil {
		return nil, fmt.Errorf("list clubs on the board: %w", err)
	}
	defer rows.Close() //nolint:errcheck // rows.Err says what went wrong
	var list []club
	for rows.Next() {
		var c club
		if err := rows.Scan(&c.handle, &c.name); err != nil {
			return nil, fmt.Errorf("list clubs on the board: %w", err)
		}
		list = append(list, c)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("list clubs on the board: %w", err)
	}
	return list, nil
}

// KindOfTags gives the kind that a post of another town says by its hashtags.
func KindOfTags(names []string) string {
	for _, name := range names {
		for kind, l := range looks {
			if l.hashtag != "" && strings.EqualFold(strings.TrimPrefix(name, "#"), l.hashtag) {
				return kind
			}
		}
	}
	return Announcement
}
