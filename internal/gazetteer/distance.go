package gazetteer

import "math"

// A Point is a place on the earth, in degrees (WGS 84).
type Point struct{ Latitude, Longitude float64 }

// Valid tells whether p is on the earth.
func (p Point) Valid() bool {
	return p.Latitude >= -90 && p.Latitude <= 90 && p.Longitude >= -180 && p.Longitude <= 180
}

// radius is that of the earth, in kilometres.
const radius = 6371.0088

// Distance gives the length of the way through the air from a to b, in
// kilometres.
func Distance(a, b Point) float64 {
	lat := radians(b.Latitude-a.Latitude) / 2
	lon := radians(b.Longitude-a.Longitude) / 2
	h := math.Sin(lat)*math.Sin(lat) + math.Cos(radians(a.Latitude))*math.Cos(radians(b.Latitude))*math.Sin(lon)*math.Sin(lon)
	return 2 * radius * math.Asin(math.Sqrt(min(h, 1)))
}

func radians(degrees float64) float64 { return degrees * math.Pi / 180 }

// A Box holds all points that are near one: a database finds what is in it by an
// index.
type Box struct{ South, North, West, East float64 }

// Around gives the box that holds all points within km of p.
func Around(p Point, km float64) Box {
	lat := km / radius * 180 / math.Pi
	lon := 180.0
	if shrink := math.Cos(radians(math.Abs(p.Latitude) + lat)); shrink > 0.01 {
		lon = lat / shrink
	}
	// A little more, for what is exactly on the edge.
	return Box{p.Latitude - lat - 1e-6, p.Latitude + lat + 1e-6, p.Longitude - lon - 1e-6, p.Longitude + lon + 1e-6}
}
