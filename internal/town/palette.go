package town

import (
	"fmt"
	"math"
	"strings"
)

// A theme is the grounds on which the colours of a town stand, as
// web/assets/css has them: what lies on them must be read.
type theme struct {
	paper, deep tone
	// grounds are what links and figures lie on: sheet, well, the tint of events.
	grounds []tone
}

var (
	light = theme{
		tone{0.973, 0.011, 84},
		tone{0.94, 0.018, 84},
		[]tone{{0.997, 0.002, 84}, {0.962, 0.011, 84}, {0.943, 0.026, 255}},
	}
	dark = theme{
		tone{0.19, 0.011, 70},
		tone{0.165, 0.011, 70},
		[]tone{{0.235, 0.012, 72}, {0.28, 0.013, 72}, {0.30, 0.04, 258}},
	}
)

// least is the contrast that text needs (WCAG 2.2, 1.4.3).
const least = 4.5

// contrast gives the smallest contrast that c has on a ground of the theme.
func (t theme) contrast(c Colour) float64 {
	worst := math.Inf(1)
	for _, ground := range append([]tone{t.paper, t.deep}, t.grounds...) {
		worst = math.Min(worst, Contrast(c, ground.colour()))
	}
	return worst
}

// Legible gives the smallest contrast that text of this colour has on our
// paper, and the nearest colour that has enough: c itself, or a darker one of
// the same hue.
func Legible(c Colour) (contrast float64, nearest Colour) {
	contrast, nearest = light.contrast(c), c
	for t := c.tone(); light.contrast(nearest) < least && t.L > 0; nearest = t.colour() {
		t.L -= 0.002
	}
	return contrast, nearest
}

// The colours of the program itself, for a town that chose none.
var (
	ownAction = tone{0.39, 0.115, 260}
	ownAccent = tone{0.50, 0.17, 27}
)

// tokens gives the six colours of a theme that a town may have of its own, by
// the names of web/assets/css, made from its two.
func (t theme) tokens(action, accent Colour) []string {
	a, e := action.tone(), accent.tone()
	sky := tone{0.925, math.Min(a.C, 0.03), a.H}
	on := Colour{255, 255, 255}
	if t.paper.L < 0.5 {
		sky = tone{0.26, math.Min(a.C, 0.042), a.H}
		a = tone{0.80, math.Min(a.C*0.75, 0.12), a.H}
		e = tone{0.76, math.Min(e.C*0.77, 0.13), e.H}
		on = tone{0.18, math.Min(a.C, 0.03), a.H}.colour()
		action, accent = a.colour(), e.colour()
	}
	var list []string
	for _, token := range []struct {
		name  string
		value Colour
	}{
		{"action", action},
		{"on-action", on},
		{"paper", t.paper.colour()},
		{"paper-deep", t.deep.colour()},
		{"sky", sky.colour()},
		{"accent", accent},
	} {
		list = append(list, fmt.Sprintf("--town-%s:%s", token.name, token.value))
	}
	return list
}

// css gives the stylesheet with the colours of a town. It stands in no layer,
// so that it counts more than ours.
func css(action, accent Colour) string {
	day, night := strings.Join(light.tokens(action, accent), ";"), strings.Join(dark.tokens(action, accent), ";")
	return ":root{" + day + "}\n" +
		"@media (prefers-color-scheme:dark){:root:not([data-kern-theme=\"light\"]){" + night + "}}\n" +
		"[data-kern-theme=\"dark\"]{" + night + "}\n"
}
