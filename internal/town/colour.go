package town

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// A Colour is a colour of sRGB.
type Colour struct{ R, G, B uint8 }

// ParseColour reads "#1b4f8a" or "#18a", with or without the "#", in either
// case.
func ParseColour(s string) (Colour, bool) {
	s = strings.TrimPrefix(strings.TrimSpace(s), "#")
	if len(s) == 3 {
		s = string([]byte{s[0], s[0], s[1], s[1], s[2], s[2]})
	}
	if len(s) != 6 {
		return Colour{}, false
	}
	n, err := strconv.ParseUint(s, 16, 32)
	if err != nil {
		return Colour{}, false
	}
	return Colour{uint8(n >> 16), uint8(n >> 8 & 0xff), uint8(n & 0xff)}, true //nolint:gosec // six hexadecimal digits
}

// String writes it as CSS does, "#1b4f8a".
func (c Colour) String() string { return fmt.Sprintf("#%02x%02x%02x", c.R, c.G, c.B) }

// Contrast is the contrast ratio of two colours, from 1 to 21 (WCAG 2.2,
// contrast ratio).
func Contrast(a, b Colour) float64 {
	x, y := a.luminance(), b.luminance()
	if x < y {
		x, y = y, x
	}
	return (x + 0.05) / (y + 0.05)
}

// luminance is the relative luminance (WCAG 2.2).
func (c Colour) luminance() float64 {
	r, g, b := c.linear()
	return 0.2126*r + 0.7152*g + 0.0722*b
}

// linear gives the parts of a colour as amounts of light, from 0 to 1.
func (c Colour) linear() (r, g, b float64) {
	part := func(v uint8) float64 {
		f := float64(v) / 255
		if f <= 0.04045 {
			return f / 12.92
		}
		return math.Pow((f+0.055)/1.055, 2.4)
	}
	return part(c.R), part(c.G), part(c.B)
}

// tone is a colour of OKLCH: lightness from 0 to 1, chroma, and hue in degrees
// (CSS Color 4, section 9). Steps in it look even, which they do not in sRGB.
type tone struct{ L, C, H float64 }

// tone gives the same colour in OKLCH.
func (c Colour) tone() tone {
	r, g, b := c.linear()
	l := math.Cbrt(0.4122214708*r + 0.5363325363*g + 0.0514459929*b)
	m := math.Cbrt(0.2119034982*r + 0.6806995451*g + 0.1073969566*b)
	s := math.Cbrt(0.0883024619*r + 0.2817188376*g + 0.6299787005*b)
	light := 0.2104542553*l + 0.7936177850*m - 0.0040720468*s
	x := 1.9779984951*l - 2.4285922050*m + 0.4505937099*s
	y := 0.0259040371*l + 0.7827717662*m - 0.8086757660*s
	t := tone{L: light, C: math.Hypot(x, y), H: math.Atan2(y, x) * 180 / math.Pi}
	if t.H < 0 {
		t.H += 360
	}
	if t.C < grey {
		t.C = 0
	}
	return t
}

// grey is the chroma below which a colour has no hue.
const grey = 0.004

// colour gives the same colour in sRGB, with less chroma where a screen cannot
// show it.
func (t tone) colour() Colour {
	for c := t.C; ; c -= 0.002 {
		r, g, b := tone{t.L, math.Max(c, 0), t.H}.light()
		const nearly = 0.0005
		shown := math.Min(r, math.Min(g, b)) >= -nearly && math.Max(r, math.Max(g, b)) <= 1+nearly
		if shown || c <= 0 {
			return Colour{encoded(r), encoded(g), encoded(b)}
		}
	}
}

// light gives the amounts of red, green and blue light; below 0 or above 1
// where no screen can show the colour.
func (t tone) light() (r, g, b float64) {
	x, y := t.C*math.Cos(t.H*math.Pi/180), t.C*math.Sin(t.H*math.Pi/180)
	cube := func(v float64) float64 { return v * v * v }
	l := cube(t.L + 0.3963377774*x + 0.2158037573*y)
	m := cube(t.L - 0.1055613458*x - 0.0638541728*y)
	s := cube(t.L - 0.0894841775*x - 1.2914855480*y)
	return 4.0767416621*l - 3.3077115913*m + 0.2309699292*s,
		-1.2684380046*l + 2.6097574011*m - 0.3413193965*s,
		-0.0041960863*l - 0.7034186147*m + 1.7076147010*s
}

func encoded(v float64) uint8 {
	v = math.Min(math.Max(v, 0), 1)
	if v <= 0.0031308 {
		v *= 12.92
	} else {
		v = 1.055*math.Pow(v, 1/2.4) - 0.055
	}
	return uint8(math.Round(v * 255))
}
