package gazetteer_test

import (
	"context"
	"errors"
	"io"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"codeberg.org/aushang/aushang/internal/database"
	"codeberg.org/aushang/aushang/internal/database/databasetest"
	"codeberg.org/aushang/aushang/internal/gazetteer"
	"codeberg.org/aushang/aushang/internal/problem"
)

// each runs a test on both databases with the list that comes with the program.
func each(t *testing.T, test func(t *testing.T, g *gazetteer.Gazetteer)) {
	t.Helper()
	databasetest.Each(t, func(t *testing.T, url string) {
		db, err := database.Open(t.Context(), url)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = db.Close() })
		if err := db.Migrate(t.Context()); err != nil {
			t.Fatal(err)
		}
		test(t, gazetteer.New(db))
	})
}

func file(name, text string) gazetteer.File {
	return gazetteer.File{Name: name, Open: func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(text)), nil }}
}

// said tells what a text is taken for: the label of a place, those that are asked
// back, or nothing.
func said(ctx context.Context, t *testing.T, g *gazetteer.Gazetteer, text string) string {
	t.Helper()
	p, err := g.Resolve(ctx, text, nil)
	var several *gazetteer.Several
	switch {
	case errors.As(err, &several):
		var labels []string
		seen := map[string]bool{}
		for _, c := range several.Choices {
			if seen[c.Label()] {
				t.Errorf("%q: two choices are called %q", text, c.Label())
			}
			seen[c.Label()] = true
			labels = append(labels, c.Label())
			if again, err := g.Resolve(ctx, c.Label(), nil); err != nil || again.ID != c.ID {
				t.Errorf("%q: the choice %q leads to %v, %v", text, c.Label(), again, err)
			}
		}
		return "? " + strings.Join(labels[:min(2, len(labels))], " | ")
	case problem.KindOf(err) == problem.NotFound:
		return "-"
	case err != nil:
		t.Fatal(err)
	}
	return p.Label()
}

func TestPeopleWritePlacesInManyWays(t *testing.T) {
	each(t, func(t *testing.T, g *gazetteer.Gazetteer) {
		for text, want := range map[string]string{
			"Potsdam":                 "Potsdam, Brandenburg",
			"  pOTSDAM ":              "Potsdam, Brandenburg",
			"Köln":                    "Köln, Nordrhein-Westfalen",
			"Koeln":                   "Köln, Nordrhein-Westfalen",
			"Koln":                    "Köln, Nordrhein-Westfalen",
			"Ko\u0308ln":              "Köln, Nordrhein-Westfalen",
			"Belzig":                  "Bad Belzig, Brandenburg",
			"St. Wendel":              "Sankt Wendel, Saarland",
			"sankt wendel":            "Sankt Wendel, Saarland",
			"Neustadt a. d. Orla":     "Neustadt an der Orla, Thüringen",
			"Neustadt (Orla)":         "Neustadt an der Orla, Thüringen",
			"Neustadt an der Or":      "Neustadt an der Orla, Thüringen",
			"Titisee Neustadt":        "Titisee-Neustadt, Baden-Württemberg",
			"Herzberg":                "? Herzberg, Brandenburg | Herzberg am Harz, Niedersachsen",
			"Herzberg, Brandenburg":   "Herzberg, Brandenburg",
			"Herzberg, BB":            "Herzberg, Brandenburg",
			"Berlin":                  "Berlin",
			"Gibtesnicht":             "-",
			"":                        "-",
			"!":                       "-",
			strings.Repeat("x", 5000): "-",
			"' OR 1=1 --":             "-",
			"Halle":                   "",
			"Neustadt":                "",
			"Weiß\x00wasser":          "",
			"\U0010ffff":              "",
			"12345 Potsdam":           "Potsdam, Brandenburg", // a code of which nothing is known
			"D-12345 Potsdam":         "Potsdam, Brandenburg",
		} {
			got := said(t.Context(), t, g, text)
			switch {
			case want == "" && text == "Neustadt":
				if !strings.HasPrefix(got, "? ") {
					t.Errorf("%q is taken for %q, want it asked back", text, got)
				}
			case want != "" && got != want:
				t.Errorf("%q is taken for %q, want %q", text, got, want)
			}
		}
	})
}

func TestWhatIsAskedBackBeginsNearHome(t *testing.T) {
	each(t, func(t *testing.T, g *gazetteer.Gazetteer) {
		for _, c := range []struct {
			home gazetteer.Point
			want string
		}{{gazetteer.Point{Latitude: 51.7, Longitude: 13.2}, "Herzberg, Brandenburg"}, {gazetteer.Point{Latitude: 51.6, Longitude: 10.3}, "Herzberg am Harz, Niedersachsen"}} {
			_, err := g.Resolve(t.Context(), "Herzberg", &c.home)
			var several *gazetteer.Several
			if !errors.As(err, &several) || several.Choices[0].Label() != c.want {
				t.Errorf("at %v: %v, want %s first", c.home, err, c.want)
			}
		}
	})
}

func TestAnAddressIsLocated(t *testing.T) {
	home := &gazetteer.Point{Latitude: 51.7, Longitude: 13.2}
	each(t, func(t *testing.T, g *gazetteer.Gazetteer) {
		for text, want := range map[string]string{
			"Gemeindehaus, Kirchplatz 1, 04916 Herzberg": "Herzberg, Brandenburg",
			"Herzberg, Markt 1":                          "Herzberg, Brandenburg",
			"Schlosspark Bad Belzig, Bad Belzig":         "Bad Belzig, Brandenburg",
			"Markt":                                      "",
			"im Gemeindehaus":                            "",
			"":                                           "",
			"Potsdam":                                    "Potsdam, Brandenburg",
		} {
			got := ""
			p, err := g.Locate(t.Context(), text, home)
			if err == nil {
				got = p.Label()
			} else if problem.KindOf(err) != problem.NotFound {
				t.Fatal(err)
			}
			if got != want {
				t.Errorf("%q lies in %q, want %q", text, got, want)
			}
		}
	})
}

func TestSuggestsWhileSomebodyWrites(t *testing.T) {
	each(t, func(t *testing.T, g *gazetteer.Gazetteer) {
		for text, want := range map[string]string{"pots": "Potsdam, Brandenburg", "p": "", "": "", "muell": "Müllheim, Baden-Württemberg"} {
			list, err := g.Suggest(t.Context(), text, 5)
			if err != nil {
				t.Fatal(err)
			}
			got := ""
			if len(list) > 0 {
				got = list[0].Label()
			}
			if got != want {
				t.Errorf("%q suggests %q, want %q first", text, got, want)
			}
		}
	})
}

func TestHomeIsSaidOrGuessed(t *testing.T) {
	each(t, func(t *testing.T, g *gazetteer.Gazetteer) {
		if h, err := g.Home(t.Context()); h != nil || err != nil {
			t.Fatalf("%v, %v: a home of nowhere", h, err)
		}
		g.Guess = func() []string { return []string{"Kranichsbrück", "14467 Potsdam"} }
		if h, err := g.Home(t.Context()); err != nil || h == nil || h.Name != "Potsdam" || !h.Guessed {
			t.Fatalf("%v, %v: want Potsdam, guessed", h, err)
		}
		if err := g.SetHome(t.Context(), "operator", gazetteer.Home{Name: "Kranichsbrück", Latitude: 51.7, Longitude: 130}); err != nil {
			t.Fatal(err)
		}
		if err := g.SetHome(t.Context(), "operator", gazetteer.Home{Name: "Kranichsbrück", Latitude: 51.7, Longitude: 13.2}); err != nil {
			t.Fatal(err)
		}
		if h, err := g.Home(t.Context()); err != nil || h.Name != "Kranichsbrück" || h.Guessed || h.Longitude != 13.2 {
			t.Fatalf("%v, %v: want what was said", h, err)
		}
		if err := g.SetHome(t.Context(), "operator", gazetteer.Home{Name: "Mond", Latitude: 91}); problem.KindOf(err) != problem.Invalid {
			t.Errorf("a home off the earth: %v", err)
		}
		if err := g.SetHome(t.Context(), "operator", gazetteer.Home{}); err != nil {
			t.Fatal(err)
		}
		if h, err := g.Home(t.Context()); err != nil || !h.Guessed {
			t.Fatalf("%v, %v: want it guessed again", h, err)
		}
	})
}

func TestDistanceIsThatOfTheEarth(t *testing.T) {
	for _, c := range []struct {
		a, b gazetteer.Point
		want float64
	}{
		{gazetteer.Point{Latitude: 52.5200, Longitude: 13.4050}, gazetteer.Point{Latitude: 48.1374, Longitude: 11.5755}, 504},
		{gazetteer.Point{Latitude: 0, Longitude: 179.9}, gazetteer.Point{Latitude: 0, Longitude: -179.9}, 22},
		{gazetteer.Point{}, gazetteer.Point{}, 0},
		{gazetteer.Point{Latitude: 90}, gazetteer.Point{Latitude: -90}, 20015},
	} {
		if got := gazetteer.Distance(c.a, c.b); math.Abs(got-c.want) > 1 {
			t.Errorf("%v to %v: %.1f km, want %.0f", c.a, c.b, got, c.want)
		}
		box := gazetteer.Around(c.a, c.want+1)
		if c.b.Latitude < box.South || c.b.Latitude > box.North {
			t.Errorf("%v is not in the box around %v", c.b, c.a)
		}
	}
}

// dump is a file as GeoNames writes it.
func dump(lines ...string) string {
	var all []string
	for _, l := range lines {
		c := strings.Split(l, "|") // id name lat lon class code admin1 admin3 admin4 population
		all = append(all, strings.Join([]string{c[0], c[1], c[1], "", c[2], c[3], c[4], c[5], "DE", "", c[6], "00", c[7], c[8], c[9], "", "80", "Europe/Berlin", "2026-01-01"}, "\t"))
	}
	return strings.Join(all, "\n") + "\n"
}

func TestADumpOfGeoNamesTakesThePlaceOfTheShippedList(t *testing.T) {
	text := dump("1|Kranichsbrück|51.70|13.20|P|PPLA4|11|12062|12062001|900", "2|Landkreis Elbe-Elster|51.7|13.3|A|ADM3|11|12062||0",
		"3|Zieglitz|51.75|13.30|P|PPL|11|12062|12062001|120", "4|Wüstung Alt|51.7|13.2|P|PPLQ|11|12062|12062001|0", "5|Neustadt|x|13.2|P|PPL|11|12062|12062001|0", "6|Mühlbach|51.7|13.2|H|STM|11|12062||0")
	each(t, func(t *testing.T, g *gazetteer.Gazetteer) {
		for range 2 { // the same again changes nothing
			r, err := g.Load(t.Context(), file("DE.txt", text))
			if err != nil {
				t.Fatal(err)
			}
			want := &gazetteer.Report{Source: "geonames", Format: "geonames", Places: 2, Skipped: 1, Faults: []string{"line 5: its coordinates are none"}}
			if diff := cmp.Diff(want, r); diff != "" {
				t.Error(diff)
			}
		}
		for text, want := range map[string]string{"Kranichsbrueck": "Kranichsbrück, Landkreis Elbe-Elster", "zieglitz": "Zieglitz, Landkreis Elbe-Elster", "Potsdam": "-"} {
			if got := said(t.Context(), t, g, text); got != want {
				t.Errorf("%q is %q, want %q", text, got, want)
			}
		}
		r, err := g.Load(t.Context(), file("DE.txt", dump("1|Kranichsbrück an der Elster|51.70|13.20|P|PPLA4|11|12062|12062001|900")))
		if err != nil || r.Removed != 1 {
			t.Fatalf("%+v, %v: want one place removed", r, err)
		}
		if got := said(t.Context(), t, g, "Zieglitz"); got != "-" {
			t.Errorf("Zieglitz is still %q", got)
		}
		p, km, err := g.Nearest(t.Context(), gazetteer.Point{Latitude: 51.71, Longitude: 13.21})
		if err != nil || p.Name != "Kranichsbrück an der Elster" || km > 2 {
			t.Errorf("nearest: %v, %.1f km, %v", p, km, err)
		}
	})
}

func TestPostalCodesGoToThePlacesOfTheirName(t *testing.T) {
	line := func(code, name, kreis, lat, lon string) string {
		return strings.Join([]string{"DE", code, name, "Brandenburg", "BB", "", "00", kreis, "12062", lat, lon, "4"}, "\t")
	}
	text := line("04916", "Herzberg", "Landkreis Elbe-Elster", "51.69", "13.24") + "\n" + line("04916", "Schönewalde", "Landkreis Elbe-Elster", "51.81", "13.21") + "\n" +
		line("99999", "Herzberg", "Anderswo", "48.0", "11.0") + "\nkaputt\n"
	each(t, func(t *testing.T, g *gazetteer.Gazetteer) {
		for range 2 {
			r, err := g.Load(t.Context(), file("zip.txt", text))
			if err != nil {
				t.Fatal(err)
			}
			if r.Source != "postal" || r.Codes != 3 || r.Skipped != 1 || r.Removed != 0 {
				t.Errorf("%+v: want 3 codes, 1 line left out", r)
			}
		}
		for text, want := range map[string]string{
			"04916": "Herzberg, Landkreis Elbe-Elster", "04916 Herzberg": "Herzberg, Landkreis Elbe-Elster", "D-04916 Schönewalde": "Schönewalde, Landkreis Elbe-Elster",
			"99999": "Herzberg, Anderswo", "00000": "-",
		} {
			if got := said(t.Context(), t, g, text); got != want {
				t.Errorf("%q is %q, want %q", text, got, want)
			}
		}
		list, err := g.Suggest(t.Context(), "049", 10)
		if err != nil || len(list) != 2 || list[0].Label() != "04916 Herzberg" {
			t.Errorf("049 suggests %v, %v", list, err)
		}
		if again := said(t.Context(), t, g, list[0].Label()); again != "Herzberg, Landkreis Elbe-Elster" {
			t.Errorf("what was suggested is taken for %q", again)
		}
	})
}

func TestATableBringsItsOwnNotice(t *testing.T) {
	each(t, func(t *testing.T, g *gazetteer.Gazetteer) {
		f := file("ortsteile", "\ufeffOrt;Breite;Länge;PLZ;Kreis;Einwohner\n\"Kranichsbrück\";51,70;13,20;04999 04998;Elbe-Elster;900\n;1;1;;;\nOhne;x;1;;;\n")
		f.Notice = "Landkreis Elbe-Elster, dl-de/by-2-0"
		r, err := g.Load(t.Context(), f)
		if err != nil || r.Places != 1 || r.Codes != 2 || r.Skipped != 2 {
			t.Fatalf("%+v, %v", r, err)
		}
		if got := said(t.Context(), t, g, "04998"); got != "Kranichsbrück, Elbe-Elster" {
			t.Errorf("04998 is %q", got)
		}
		notices, err := g.Notices(t.Context())
		if diff := cmp.Diff([]string{"GeoNames (geonames.org), CC BY 4.0", "Landkreis Elbe-Elster, dl-de/by-2-0"}, notices); diff != "" || err != nil {
			t.Error(diff, err)
		}
		if err := g.Remove(t.Context(), "ortsteile"); err != nil {
			t.Fatal(err)
		}
		if got := said(t.Context(), t, g, "Kranichsbrück"); got != "-" {
			t.Errorf("it is still %q", got)
		}
		if err := g.Remove(t.Context(), "ortsteile"); problem.KindOf(err) != problem.NotFound {
			t.Errorf("removed twice: %v", err)
		}
	})
}

func TestAFileWithoutPlacesIsRefused(t *testing.T) {
	each(t, func(t *testing.T, g *gazetteer.Gazetteer) {
		for what, f := range map[string]gazetteer.File{
			"empty": file("a", ""), "no columns": file("a", "eins;zwei\n1;2\n"), "only a head": file("a", "name;latitude;longitude\n"), "a picture": file("a", "\x89PNG\r\n\x1a\n\x00\x00"),
			"a name that is taken": file("geonames", "name,latitude,longitude\nA,1,1\n"), "no name": file("", "name,latitude,longitude\nA,1,1\n"),
		} {
			if r, err := g.Load(t.Context(), f); problem.KindOf(err) != problem.Invalid {
				t.Errorf("%s: %+v, %v; want it refused", what, r, err)
			}
		}
		if got := said(t.Context(), t, g, "Potsdam"); got != "Potsdam, Brandenburg" {
			t.Errorf("Potsdam is %q after that", got)
		}
	})
}

// TestALoadedListIsRemovedWhileOthersServe: what comes with the program is there
// again at once, for a process that believes that it is there.
func TestALoadedListIsRemovedWhileOthersServe(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, url string) {
		var both []*gazetteer.Gazetteer
		for range 2 {
			db, err := database.Open(t.Context(), url)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = db.Close() })
			if err := db.Migrate(t.Context()); err != nil {
				t.Fatal(err)
			}
			both = append(both, gazetteer.New(db))
		}
		serves, verb := both[0], both[1]
		if got := said(t.Context(), t, serves, "Potsdam"); got != "Potsdam, Brandenburg" {
			t.Fatal(got)
		}
		if err := verb.Remove(t.Context(), "shipped"); err != nil {
			t.Fatal(err)
		}
		if got := said(t.Context(), t, serves, "Potsdam"); got != "Potsdam, Brandenburg" {
			t.Errorf("the one that serves has %q", got)
		}
	})
}
