package place

import (
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"

	"codeberg.org/aushang/aushang/internal/gazetteer"
	"codeberg.org/aushang/aushang/internal/markup"
	"codeberg.org/aushang/aushang/internal/page"
	"codeberg.org/aushang/aushang/internal/problem"
	"codeberg.org/aushang/aushang/web"
	"codeberg.org/aushang/aushang/web/component"
)

// Files are the templates and words of places.
//
//go:embed *.html *.toml
var Files embed.FS

const (
	// homePath is where the town hall says where the town is.
	homePath = "/rathaus/orte"
	// mostSuggested is how many places are suggested at once.
	mostSuggested = 8
	// kept is for how long a browser may keep suggestions.
	kept = time.Hour
)

// Surface answers what places there are.
type Surface struct {
	*page.Guard
	Places *gazetteer.Gazetteer
	// Frame gives the frame of the pages for the town hall.
	Frame page.HallFrame
}

// Mount enters the routes into r.
func (s *Surface) Mount(r chi.Router) {
	r.Get(homePath, s.Web.Handle(s.Page(page.Staff(s.form))))
	r.Post(homePath, s.Web.Handle(s.Form(page.StaffForm(s.change))))
}

// MountSuggestions enters the route that needs no session: it is asked at every
// few letters.
func (s *Surface) MountSuggestions(r chi.Router) {
	r.Get(page.PlacesPath, s.Web.Handle(s.suggest))
}

// suggest answers with the labels of the places that may be meant.
func (s *Surface) suggest(w http.ResponseWriter, r *http.Request) error {
	list, err := s.Places.Suggest(r.Context(), r.URL.Query().Get("q"), mostSuggested)
	if err != nil {
		return err
	}
	labels := []string{}
	for _, p := range list {
		labels = append(labels, p.Label())
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", fmt.Sprintf("public, max-age=%d", int(kept.Seconds())))
	if err := json.NewEncoder(w).Encode(labels); err != nil {
		return fmt.Errorf("suggest places: %w", err)
	}
	return nil
}

type homeView struct {
	Hall page.Hall
	// Home is nil while nobody knows where the town is.
	Home    *gazetteer.Home
	Form    component.Form
	Forget  *component.Form
	Sources []source
}

// source is where places come from, with when that was loaded.
type source struct {
	*gazetteer.Source
	// Key is that of its name, "" for a file of the operator's.
	Key string
}

func (s *Surface) form(w http.ResponseWriter, r *http.Request, _ *page.Person) error {
	home, err := s.Places.Home(r.Context())
	if err != nil {
		return err
	}
	in := &page.Input{Values: url.Values{}}
	if home != nil {
		in.Set("place", home.Name)
		if !home.Guessed {
			in.Set("latitude", degrees(home.Latitude))
			in.Set("longitude", degrees(home.Longitude))
		}
	}
	return s.show(w, r, in, nil, nil)
}

func degrees(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }

// show shows the form; several are the places that may be meant.
func (s *Surface) show(w http.ResponseWriter, r *http.Request, in *page.Input, wrong error, several []*gazetteer.Place) error {
	home, err := s.Places.Home(r.Context())
	if err != nil {
		return err
	}
	sources, err := s.Places.Sources(r.Context())
	if err != nil {
		return err
	}
	f := page.NewForm(s.Web, r, in, wrong)
	view := homeView{Home: home}
	if view.Hall, err = s.Frame(r, homePath, s.Web.T(f.Lang, "place.title"), true); err != nil {
		return err
	}
	view.Hall.Lede = s.Web.T(f.Lang, "place.text")
	for _, one := range sources {
		one.Loaded = one.Loaded.In(s.Zone)
		row := source{Source: one}
		if one.Name == "shipped" || one.Name == gazetteer.GeoNames || one.Name == gazetteer.Postal {
			row.Key = "place.source." + one.Name
		}
		view.Sources = append(view.Sources, row)
	}
	if len(several) > 0 {
		var options []component.Option
		for _, p := range several {
			options = append(options, component.Option{Value: p.Label(), Label: p.Label(), Selected: in.Get("which") == p.Label()})
		}
		f.Group("", component.Field{Kind: "radio", Name: "which", Key: "place.which", Free: true, Options: options}) // none is taken by chance
	}
	f.Group("", component.Field{Kind: "text", Name: "place", Key: "place.place", Hint: "place.place.hint", Required: true, Suggest: page.PlacesPath},
		component.Field{Kind: "text", Name: "latitude", Key: "place.latitude", Hint: "place.latitude.hint", Inputmode: "decimal", Half: true},
		component.Field{Kind: "text", Name: "longitude", Key: "place.longitude", Hint: "place.longitude.hint", Inputmode: "decimal", Half: true})
	view.Form = f.Show(homePath, component.Button{Key: "form.save"})
	if home != nil && !home.Guessed {
		forget := page.NewForm(s.Web, r, &page.Input{Values: url.Values{}}, nil)
		forget.Hide("act", "forget")
		shown := forget.Show(homePath, component.Button{Key: "place.forget", Plain: true})
		view.Forget = &shown
	}
	return s.Web.Render(w, r, f.Status(), "place/home", web.Page{Title: view.Hall.Heading, View: view, Scripts: []string{page.SuggestScript}})
}

// maxPlace is how long the name of a place may be, in characters.
const maxPlace = 100

func (s *Surface) change(w http.ResponseWriter, r *http.Request, who *page.Person, in *page.Input) error {
	done := "place.saved"
	var home gazetteer.Home
	if in.Get("act") == "forget" {
		done = "place.forgotten"
	} else {
		var err error
		home, err = s.read(r, in)
		var several *gazetteer.Several
		if errors.As(err, &several) {
			var errs problem.Fields
			errs.Add("which", "There are several places of this name; please choose one.")
			return s.show(w, r, in, errs.Err(), several.Choices)
		}
		if len(problem.FieldsOf(err)) > 0 {
			return s.show(w, r, in, err, nil)
		}
		if err != nil {
			return err
		}
	}
	if err := s.Places.SetHome(r.Context(), who.ID, home); err != nil {
		return err
	}
	s.Flash(r, done)
	http.Redirect(w, r, homePath, http.StatusSeeOther)
	return nil
}

// read gives the place that the form names, by its coordinates or by its name.
func (s *Surface) read(r *http.Request, in *page.Input) (gazetteer.Home, error) {
	var errs problem.Fields
	name := markup.Name(in.Get("place"), maxPlace)
	if name == "" {
		errs.Add("place", "Please write the name of the place.")
		return gazetteer.Home{}, errs.Err()
	}
	latitude, longitude := strings.TrimSpace(in.Get("latitude")), strings.TrimSpace(in.Get("longitude"))
	if which := in.Get("which"); which != "" {
		name, latitude, longitude = which, "", ""
	}
	if latitude != "" || longitude != "" {
		at := gazetteer.Point{Latitude: number(&errs, "latitude", latitude, 90), Longitude: number(&errs, "longitude", longitude, 180)}
		return gazetteer.Home{Name: name, Latitude: at.Latitude, Longitude: at.Longitude}, errs.Err()
	}
	p, err := s.Places.Resolve(r.Context(), name, nil)
	if problem.KindOf(err) == problem.NotFound {
		errs.Add("place", "We do not know this place. Please write the next larger one, or give its coordinates.")
		err = errs.Err()
	}
	if err != nil {
		return gazetteer.Home{}, err
	}
	return gazetteer.Home{Name: p.Name, Latitude: p.Latitude, Longitude: p.Longitude}, nil
}

func number(errs *problem.Fields, field, typed string, most float64) float64 {
	f, err := strconv.ParseFloat(strings.Replace(typed, ",", ".", 1), 64)
	if err != nil || !(f >= -most && f <= most) {
		errs.Add(field, "Please write it in degrees, like 51.69.")
	}
	return f
}
