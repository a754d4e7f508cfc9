package object

import (
	"slices"

	"github.com/uptrace/bun"

	as "codeberg.org/aushang/aushang/federation/activitystreams"
)

// A Viewer looks at objects. The zero Viewer is the public: a reader without
// an account, or another server.
type Viewer struct {
	// Actors are the ids of the clubs whose editor is looking.
	Actors []string
	// Off is true for who also sees what belongs to modules that the town does not
	// use: it is for people's own data.
	Off bool
}

// VisibleTo narrows a query on objects (alias "object") to what viewer may
// see. The author must be active and not kept out; deleted things are seen by
// nobody, hidden ones by nobody but the editors who published them; what is not
// public is seen by those it names. What belongs to a module that is off is seen
// by nobody.
func VisibleTo(viewer Viewer) func(*bun.SelectQuery) *bun.SelectQuery {
	return func(q *bun.SelectQuery) *bun.SelectQuery {
		q = q.Where("object.deleted IS NULL").
			Where("EXISTS (SELECT 1 FROM actors WHERE actors.id = object.attributed_to AND NOT actors.blocked AND actors.state = 'active')")
		if !viewer.Off {
			q = q.Where(Offered("object"))
		}
		if len(viewer.Actors) == 0 {
			return q.Where("NOT object.hidden").Where("object.visibility IN (?)", bun.List([]string{Public, Unlisted}))
		}
		q = q.Where("(NOT object.hidden OR object.local AND object.attributed_to IN (?))", bun.List(viewer.Actors))
		return q.Where("(object.visibility IN (?) OR object.attributed_to IN (?) OR EXISTS "+
			"(SELECT 1 FROM audience WHERE audience.object_id = object.id AND audience.recipient IN (?)))",
			bun.List([]string{Public, Unlisted}), bun.List(viewer.Actors), bun.List(viewer.Actors))
	}
}

// ListedFor narrows a query on objects (alias "object") that viewer may see to
// what stands in lists for viewer: what comes from a limited server does only
// for clubs that follow its author.
func ListedFor(viewer Viewer) func(*bun.SelectQuery) *bun.SelectQuery {
	return func(q *bun.SelectQuery) *bun.SelectQuery {
		const limited = "EXISTS (SELECT 1 FROM actors WHERE actors.id = object.attributed_to AND actors.host_limited)"
		if len(viewer.Actors) == 0 {
			return q.Where("(object.local OR NOT " + limited + ")")
		}
		return q.Where("(object.local OR NOT "+limited+" OR EXISTS (SELECT 1 FROM follows WHERE follows.object_id = object.attributed_to "+
			"AND follows.actor_id IN (?) AND follows.state = 'accepted'))", bun.List(viewer.Actors))
	}
}

// Listed narrows a query on objects further to what public lists show: not what
// comes from an actor that the town hall has limited.
func Listed(q *bun.SelectQuery) *bun.SelectQuery {
	return q.Where("NOT EXISTS (SELECT 1 FROM actors WHERE actors.id = object.attributed_to AND actors.limited)")
}

// visibility reads from to and cc who an object is for (as Mastodon does).
func visibility(to, cc []string, followers string) string {
	switch {
	case slices.ContainsFunc(to, as.IsPublic):
		return Public
	case slices.ContainsFunc(cc, as.IsPublic):
		return Unlisted
	case followers != "" && (slices.Contains(to, followers) || slices.Contains(cc, followers)):
		return Followers
	}
	return Direct
}

// recipients lists, without double, whom to and cc name.
func recipients(to, cc []string) []string {
	var list []string
	for _, id := range slices.Concat(to, cc) {
		if !as.IsPublic(id) && !slices.Contains(list, id) {
			list = append(list, id)
		}
	}
	return list
}
