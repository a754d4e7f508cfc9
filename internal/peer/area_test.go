package peer

import (
	"testing"

	"codeberg.org/aushang/aushang/internal/gazetteer"
)

// TestArea: an area is stored and told as it is, and holds what lies within its
// kilometres, what nobody knows where it is, and for no limit all.
func TestArea(t *testing.T) {
	torgau := Area{Point: gazetteer.Point{Latitude: 51.56016, Longitude: 12.99617}, Name: "Torgau, Sachsen (bei Riesa)", Km: 30}
	home := Area{Point: torgau.Point, Name: "Ort"}
	for _, a := range []Area{torgau, home, {}, {Point: gazetteer.Point{Latitude: -1}, Km: 1}} {
		v, err := a.Value()
		if err != nil {
			t.Fatal(err)
		}
		for _, src := range []any{v, []byte(v.(string))} {
			got := torgau
			if err := got.Scan(src); err != nil || got != a {
				t.Errorf("%q gives %+v, %v", v, got, err)
			}
		}
		again := heard(a.told())
		if a.Name = ""; again != a {
			t.Errorf("%+v is told as %+v", a, again)
		}
	}
	if err := new(Area).Scan("Torgau"); err == nil {
		t.Error("a word is an area")
	}
	near, far := gazetteer.Point{Latitude: 51.69, Longitude: 13.22}, gazetteer.Point{Latitude: 51.05, Longitude: 13.74}
	for at, want := range map[*gazetteer.Point]bool{&near: true, &far: false, nil: true} {
		if torgau.holds(at) != want || !home.holds(at) {
			t.Errorf("it holds %v: %v", at, torgau.holds(at))
		}
	}
	p := &Peer{Asks: "events wanted", TheirGives: "events wanted", AsksNear: torgau, TheirGivesNear: torgau, Gives: "wanted", TheirAsks: "wanted", GivesNear: torgau}
	if in, out := p.InNear(), p.OutNear(); len(in) != 1 || len(out) != 0 {
		t.Errorf("areas are %v and %v", in, out)
	}
	if !within(p.InNear(), Wanted, &far) || within(p.InNear(), Events, &far) {
		t.Error("an area is about what lies somewhere alone")
	}
}
