package foreign

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"sync"
	"time"

	as "codeberg.org/aushang/aushang/federation/activitystreams"
	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/database"
	"codeberg.org/aushang/aushang/internal/object"
	"codeberg.org/aushang/aushang/internal/problem"
	"codeberg.org/aushang/aushang/web/component"
)

// Options is what Pictures are made from.
type Options struct {
	DB      *database.DB
	Actors  *actor.Actors
	Objects *object.Objects
	// Get fetches a file of at most limit bytes through the one guarded client.
	Get func(ctx context.Context, url, accept string, limit int64) ([]byte, error)
	// Folder is where copies are kept. It is made when it does not exist.
	Folder string
	// Quota is how many bytes all copies may take. 0 fetches none: then letters
	// stand for everybody.
	Quota int64
	// Patience is how long a reader's browser waits for a copy that is being made;
	// the page does not. 0 means 2 seconds.
	Patience time.Duration
	Log      *slog.Logger
}

// Pictures are the pictures from other servers. Make one with New; Run must
// follow where it serves.
type Pictures struct {
	Options
	cache   *cache
	flights *flights
	// until ends what is being fetched.
	until context.Context //nolint:containedctx // of the fetches, which no request ends
	stop  context.CancelFunc

	mu     sync.Mutex
	secret []byte
}

// New gives the pictures that are kept in the folder.
func New(o Options) (*Pictures, error) {
	c, err := newCache(o.Folder, o.Quota)
	if err != nil {
		return nil, err
	}
	if o.Patience == 0 {
		o.Patience = 2 * time.Second
	}
	p := &Pictures{Options: o, cache: c, flights: newFlights()}
	p.until, p.stop = context.WithCancel(context.Background())
	return p, nil
}

// How large a copy is: its longest side in pixels.
const (
	iconSide    = 128
	pictureSide = 800
)

// boxWidth and boxHeight are of the box in which a picture of an answer is shown
// as a whole: how large it is nobody knows before it is there.
const (
	boxWidth  = 320
	boxHeight = 180
)

// Path begins the addresses of the copies.
const Path = "/bild/"

// Icon gives the path on this server of the picture of an actor, "" for none.
func (p *Pictures) Icon(ctx context.Context, a *actor.Actor) string {
	if a == nil || a.IconURL == "" {
		return ""
	}
	if a.Local {
		path, ok := strings.CutPrefix(a.IconURL, p.Actors.Site().Origin)
		if !ok {
			return ""
		}
		return path
	}
	return p.address(ctx, encode(a.ID), a.IconURL)
}

// Of gives the pictures of an answer from elsewhere as everybody may see them;
// none of what is marked as sensitive, or is not for everybody.
func (p *Pictures) Of(ctx context.Context, o *object.Object) []component.Picture {
	if o.Local || o.Sensitive || !o.Open() {
		return nil
	}
	var all []component.Picture
	for _, a := range o.Attachment {
		if !showable(a) {
			continue
		}
		if path := p.address(ctx, strconv.Itoa(a.Position)+"."+encode(o.ID), a.URL); path != "" {
			all = append(all, component.Picture{URL: path, Alt: a.Name, Width: boxWidth, Height: boxHeight})
		}
	}
	return all
}

// showable tells whether an attachment may be a picture by what its author says;
// what it is its bytes say.
func showable(a *object.Attachment) bool {
	return a.MediaType == "" || strings.HasPrefix(a.MediaType, "image/") && a.MediaType != "image/svg+xml"
}

func encode(id string) string { return base64.RawURLEncoding.EncodeToString([]byte(id)) }

// address gives the path of the copy of the picture at url; of says whose it is.
func (p *Pictures) address(ctx context.Context, of, url string) string {
	if p.Quota == 0 {
		return ""
	}
	key, err := p.key(ctx)
	if err != nil {
		p.Log.Error("sign the address of a picture", "error", err)
		return ""
	}
	return Path + sign(key, of, url) + "/" + of
}

// sign gives what makes an address ours. It covers the address of the picture:
// with another picture it is another one.
func sign(key []byte, of, url string) string {
	mac := hmac.New(sha256.New, key)
	fmt.Fprintf(mac, "%s\n%s", of, url)
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil)[:16])
}

// key gives the secret that signs, the same in all processes of the town.
func (p *Pictures) key(ctx context.Context) ([]byte, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.secret == nil {
		secret, err := p.Actors.Secret(ctx, "addresses of foreign pictures")
		if err != nil {
			return nil, err
		}
		p.secret = secret
	}
	return p.secret, nil
}

// source is a picture somewhere else that may be shown here.
type source struct {
	of, url string
	// side is how large the copy is, see iconSide.
	side int
	// letters stand for it; "" for nothing.
	letters string
}

// name is that of the copy.
func (s *source) name() string {
	sum := sha256.Sum256([]byte(s.of + "\n" + s.url + "\n" + strconv.Itoa(s.side)))
	return hex.EncodeToString(sum[:16])
}

// source looks up what of means. What may not be shown, or is not there any
// more, is a problem.NotFound.
func (p *Pictures) source(ctx context.Context, of string) (*source, error) {
	nothing := problem.NotFoundf("there is no picture %s", of)
	number, rest, attached := strings.Cut(of, ".")
	if !attached {
		rest = of
	}
	id, err := base64.RawURLEncoding.DecodeString(rest)
	if err != nil {
		return nil, nothing
	}
	s := &source{of: of, side: iconSide}
	if attached {
		s.side = pictureSide
		if s.url, err = p.attached(ctx, string(id), number); err != nil {
			return nil, err
		}
	} else {
		a, err := p.Actors.Find(ctx, p.DB.Read(), string(id))
		if err != nil {
			return nil, err
		}
		if a.Local || a.Blocked || a.State != actor.Active {
			return nil, nothing
		}
		s.url, s.letters = a.IconURL, letters(a.DisplayName())
	}
	if s.url == "" {
		return nil, nothing
	}
	// It may lie elsewhere than who shows it.
	if rule, err := p.Actors.RuleOf(ctx, p.DB.Read(), as.Host(string(id))); err != nil {
		return nil, err
	} else if rule.RejectMedia {
		return nil, nothing
	}
	if rule, err := p.Actors.RuleOf(ctx, p.DB.Read(), as.Host(s.url)); err != nil || rule.Blocked || rule.RejectMedia {
		if err != nil {
			return nil, err
		}
		return nil, nothing
	}
	return s, nil
}

// attached gives the address of a picture of an object, by its position.
func (p *Pictures) attached(ctx context.Context, id, position string) (string, error) {
	o, err := p.Objects.Find(ctx, object.Viewer{}, id)
	if err != nil {
		return "", err
	}
	for _, a := range o.Attachment {
		if !o.Local && !o.Sensitive && strconv.Itoa(a.Position) == position && showable(a) {
			return a.URL, nil
		}
	}
	return "", problem.NotFoundf("there is no picture %s of %s", position, id)
}

// sweeping is how often is looked for copies that nobody may see any more.
const sweeping = time.Hour

// Run keeps order among the copies until ctx ends, and ends then what is being
// fetched.
func (p *Pictures) Run(ctx context.Context) {
	defer p.land()
	tick := time.NewTicker(sweeping)
	defer tick.Stop()
	for {
		if err := p.Sweep(ctx); err != nil && ctx.Err() == nil {
			p.Log.Error("sweep foreign pictures", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// land ends what is being fetched, waits for it, and lets nothing begin.
func (p *Pictures) land() {
	p.flights.mu.Lock()
	p.stop()
	p.flights.mu.Unlock()
	p.flights.done.Wait()
}

// Sweep removes the copies of what was deleted, hidden or kept out, and of what
// has another picture now.
func (p *Pictures) Sweep(ctx context.Context) error {
	return p.cache.sweep(func(name, of string) (bool, error) {
		if err := ctx.Err(); err != nil {
			return true, err
		}
		s, err := p.source(ctx, of)
		switch kind := problem.KindOf(err); {
		case kind == problem.NotFound || kind == problem.Gone:
			return false, nil
		case err != nil:
			return true, err
		}
		return s.name() == name, nil
	})
}
