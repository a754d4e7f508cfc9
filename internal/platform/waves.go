package platform

import (
	"net/http"
	"time"

	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/moderation"
	"codeberg.org/aushang/aushang/internal/page"
	"codeberg.org/aushang/aushang/web/component"
	"codeberg.org/aushang/aushang/web/locale"
)

// wave is what came from one domain in unusual numbers, as the page shows it.
type wave struct {
	Host  string
	Since time.Time
	// Kinds are sentences: how much of what.
	Kinds              []string
	Ties               moderation.Ties
	Block, Limit, Fine component.Form
}

type wavesView struct {
	Hall  page.Hall
	Waves []*wave
	Empty component.Empty
}

// amount is how much of a kind came in a time.
type amount struct {
	Hours   int
	N, Held string
}

func (s *Surface) waves(w http.ResponseWriter, r *http.Request, _ *page.Person) error {
	ctx := r.Context()
	heading := s.t(r, "hosts.waves.title")
	// The desk leads here, and the way back leads to it.
	hall, err := s.Frame(r, Path, heading, true)
	if err != nil {
		return err
	}
	hall.Lede = s.t(r, "hosts.waves.lede")
	list, err := s.Moderation.Waves(ctx)
	if err != nil {
		return err
	}
	ties, err := s.Moderation.Ties(ctx, s.Objects.Reader())
	if err != nil {
		return err
	}
	view := wavesView{Hall: hall, Empty: component.Empty{Key: "hosts.waves.none", TextKey: "hosts.waves.none.text", Href: "/rathaus", ActionKey: "townhall.back"}}
	lang, known := s.Web.Language(r), map[string]*wave{}
	for _, one := range list {
		shown := known[one.Host]
		if shown == nil {
			shown = &wave{
				Host: one.Host, Since: one.Since.In(s.Zone), Ties: ties[one.Host],
				Block: s.button(r, WavesPath, component.Button{Key: "hosts.wave.block", Icon: "shield"}, "act", string(actor.Blocked), "host", one.Host),
				Limit: s.button(r, WavesPath, component.Button{Key: "hosts.wave.limit", Plain: true}, "act", string(actor.Limited), "host", one.Host),
				Fine:  s.button(r, WavesPath, component.Button{Key: "hosts.wave.fine", Plain: true}, "act", moderation.Fine, "host", one.Host),
			}
			known[one.Host] = shown
			view.Waves = append(view.Waves, shown)
		}
		key := "hosts.wave." + one.Kind
		if one.Hours > 1 {
			key += ".hours"
		}
		if one.Since.In(s.Zone).Before(shown.Since) {
			shown.Since = one.Since.In(s.Zone)
		}
		shown.Kinds = append(shown.Kinds, s.t(r, key, amount{one.Hours, locale.Number(lang, one.N), locale.Number(lang, one.Held)}))
	}
	return s.render(w, r, http.StatusOK, "waves", heading, view)
}

func (s *Surface) settle(w http.ResponseWriter, r *http.Request, who *page.Person, in *page.Input) error {
	act := in.Get("act")
	if err := s.Moderation.SettleWave(r.Context(), who.ID, in.Get("host"), act); err != nil {
		return err
	}
	return s.back(w, r, WavesPath, "hosts.wave."+act+".done")
}
