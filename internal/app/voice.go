package app

import (
	"context"

	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/club"
)

// officialVoice gives the id of the actor in whose name the town hall speaks, ""
// for none.
func (t *Town) officialVoice(ctx context.Context) (string, error) {
	a, err := t.Settings.Voice(ctx)
	if err != nil || a == nil {
		return "", err
	}
	return a.ID, nil
}

// foundVoice makes the club in whose name the town hall shall speak; who makes it
// may write for it and say who else does.
func (t *Town) foundVoice(ctx context.Context, by, handle, name, summary string) (string, error) {
	c, err := t.Clubs.Create(ctx, by, club.Draft{Handle: handle, Name: name, Summary: summary, Active: true})
	if err != nil || by == actor.Operator {
		return idOf(c), err
	}
	return c.ID, t.Clubs.AddEditor(ctx, by, c.PreferredUsername, by, actor.Owner)
}

func idOf(c *club.Club) string {
	if c == nil {
		return ""
	}
	return c.ID
}
