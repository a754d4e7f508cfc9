package app

import (
	"context"

	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/townhall"
)

// hand gives what is kept beside clubs from one to the other, when the one becomes
// a part of the other.
func (t *Town) hand(ctx context.Context, tx bun.Tx, from, into *actor.Actor) error {
	if err := t.Drafts.Hand(ctx, tx, from, into); err != nil {
		return err
	}
	return t.Actors.HandClubBlocks(ctx, tx, from.ID, into.ID)
}

// weigh counts what belongs to a club.
func (t *Town) weigh(ctx context.Context, clubID string) (w townhall.Weight, err error) {
	roles, err := t.Actors.Editors(ctx, clubID)
	if err != nil {
		return w, err
	}
	w.People = len(roles)
	if w.Entries, err = t.Objects.CountOf(ctx, clubID); err != nil {
		return w, err
	}
	if w.Followers, err = t.Actors.Followers(ctx, t.db.Read(), clubID); err != nil {
		return w, err
	}
	invited, err := t.Accounts.Invitations(ctx, clubID)
	if err != nil {
		return w, err
	}
	w.Invitations = len(invited)
	drafts, templates, err := t.Drafts.Count(ctx, clubID)
	w.Drafts, w.Templates = drafts, templates
	return w, err
}
