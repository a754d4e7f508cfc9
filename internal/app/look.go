package app

import (
	"context"
	"sync"
	"time"

	"codeberg.org/aushang/aushang/internal/town"
	"codeberg.org/aushang/aushang/web"
	"codeberg.org/aushang/aushang/web/prepared"
)

// patience is how long a page waits to learn how the town looks.
const patience = 2 * time.Second

// armsWidth is how wide the coat of arms must be for the head of a page, in
// pixels, on screens with four for each of CSS.
const armsWidth = 192

// look gives what tells how the town looks now, from memory where it can.
// Without its database a page has the look that it had last. Every request asks
// for it first, so whoever learns of a new one speaks in the manner of now.
func (t *Town) look(store *prepared.Store) func() web.Look {
	t.words.remember(store)
	known := prepared.NewFacts[web.Look](store)
	var mu sync.Mutex
	var last web.Look
	return func() web.Look {
		look, err := known.Find("", func() (web.Look, error) {
			ctx, cancel := context.WithTimeout(context.Background(), patience)
			defer cancel()
			if err := t.speak(ctx); err != nil {
				return web.Look{}, err
			}
			return t.readLook(ctx)
		})
		mu.Lock()
		defer mu.Unlock()
		if err != nil {
			t.log.Error("read the look", "error", err)
			return last
		}
		last = look
		return look
	}
}

// SitePage gives a page of the town as it is now, and how much in it is still
// to be filled in.
func (t *Town) SitePage(ctx context.Context, name, language string) (text *town.Text, missing int, err error) {
	if text, err = t.Settings.Text(ctx, name, language); err != nil {
		return nil, 0, err
	}
	missing, err = t.Settings.Missing(ctx, text)
	return text, missing, err
}

func (t *Town) readLook(ctx context.Context) (web.Look, error) {
	told, err := t.Settings.Told(ctx)
	if err != nil {
		return web.Look{}, err
	}
	l := told.Look
	look := web.Look{Name: l.Name, Stylesheet: town.Stylesheet(l.Colour, l.Accent), Official: l.Official, Contact: told.Contact()}
	if l.Arms != nil {
		look.ArmsAlt = l.Arms.Name
		if look.Arms, err = t.Settings.PicturePath(ctx, l.Arms, armsWidth); err != nil {
			return look, err
		}
	}
	alerts, err := t.Settings.Alerts(ctx)
	if err != nil {
		return look, err
	}
	for _, a := range alerts {
		if a.Showing {
			look.Alerts = append(look.Alerts, web.Alert{ID: a.ID, Severity: a.Severity, Text: map[string]string{"de": a.German, "en": a.English}, Href: a.Href})
		}
	}
	off, err := t.Settings.Off(ctx)
	if err != nil {
		return look, err
	}
	for _, m := range off {
		look.Closed = append(look.Closed, closed(m)...)
	}
	voice, err := t.Settings.Voice(ctx)
	if err != nil {
		return look, err
	}
	if voice != nil {
		look.Notices = town.NoticesPath
	}
	if l.Picture != nil {
		look.PictureAlt = l.Picture.Name
		look.Picture, err = t.Settings.PicturePath(ctx, l.Picture, l.Picture.Width)
	}
	return look, err
}
