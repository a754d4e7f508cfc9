package gazetteer

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"codeberg.org/aushang/aushang/internal/problem"
)

// The formats that Load reads.
const (
	// GeoNames is the dump of a country: DE.txt of download.geonames.org.
	GeoNames = "geonames"
	// Postal are the postal codes of a country from the same house.
	Postal = "postal"
	// CSV is a table with the names of its columns in the first line.
	CSV = "csv"
)

const (
	// maxLine is how long a line may be, in bytes: a capital has many names.
	maxLine = 1 << 20
	// maxWords is how long a name may be, in characters.
	maxWords = 120
	// maxTold is how many lines that make no sense are told one by one.
	maxTold = 5
)

// A record is an entry of a file.
type record struct {
	Place
	codes []string
}

// faults are lines that make no sense.
type faults struct {
	n     int
	lines []string
}

func (f *faults) add(line int, why string) {
	f.n++
	if len(f.lines) < maxTold {
		f.lines = append(f.lines, fmt.Sprintf("line %d: %s", line, why))
	}
}

// scanner gives the lines of a file.
func scanner(r io.Reader) *bufio.Scanner {
	s := bufio.NewScanner(r)
	s.Buffer(make([]byte, 0, 64<<10), maxLine)
	return s
}

// format tells what a file is by its first line.
func format(first string) string {
	switch columns := strings.Split(first, "\t"); {
	case len(columns) == 19:
		return GeoNames
	case len(columns) == 12 && len(columns[0]) == 2:
		return Postal
	}
	return CSV
}

// gone are the kinds of populated places of GeoNames where nobody lives any
// more, or that are farms.
var gone = []string{"PPLH", "PPLQ", "PPLW", "PPLCH", "PPLF"}

// parseGeoNames reads a dump. With districts nil it gives the places; before that
// parseDistricts reads their names.
func parseGeoNames(r io.Reader, districts map[string]string, skip *faults, each func(record) error) error {
	lines := scanner(r)
	for n := 1; lines.Scan(); n++ {
		c := strings.Split(lines.Text(), "\t")
		if len(c) != 19 {
			skip.add(n, fmt.Sprintf("it has %d columns and not 19", len(c)))
			continue
		}
		if c[6] != "P" || slices.Contains(gone, c[7]) {
			continue
		}
		p := Place{ID: "geonames:" + c[0], Name: c[1], Kind: Town, AGS: c[13]}
		if c[7] == "PPLX" {
			p.Kind = Part
		}
		if c[8] == "DE" {
			p.Land = landOf[c[10]]
		}
		if p.District = districts[c[8]+c[12]]; p.AGS == "" {
			p.AGS = c[12]
		}
		if why := p.place(c[4], c[5], c[14]); why != "" {
			skip.add(n, why)
			continue
		}
		if err := each(record{Place: p}); err != nil {
			return err
		}
	}
	return reading(lines.Err())
}

// parseDistricts reads the names of the Kreise out of a dump, by country and
// key.
func parseDistricts(r io.Reader) (map[string]string, error) {
	all := map[string]string{}
	lines := scanner(r)
	for lines.Scan() {
		if c := strings.Split(lines.Text(), "\t"); len(c) == 19 && c[7] == "ADM3" && c[12] != "" {
			all[c[8]+c[12]] = cut(c[1])
		}
	}
	return all, reading(lines.Err())
}

// parsePostal reads postal codes.
func parsePostal(r io.Reader, skip *faults, each func(record) error) error {
	lines := scanner(r)
	for n := 1; lines.Scan(); n++ {
		c := strings.Split(lines.Text(), "\t")
		if len(c) != 12 || c[1] == "" {
			skip.add(n, "it is no line of postal codes")
			continue
		}
		p := Place{ID: "postal:" + c[0] + c[1] + ":" + Fold(c[2]), Name: c[2], Kind: Town, Land: landBy(c[3]), District: cut(c[7]), AGS: c[8]}
		if why := p.place(c[9], c[10], ""); why != "" {
			skip.add(n, why)
			continue
		}
		if err := each(record{p, []string{cut(c[1])}}); err != nil {
			return err
		}
	}
	return reading(lines.Err())
}

// columnNames are the names that the columns of a table may have.
var columnNames = map[string][]string{
	"name": {"name", "ort", "gemeinde"}, "latitude": {"latitude", "lat", "breite", "breitengrad"}, "longitude": {"longitude", "lon", "lng", "laenge", "länge", "längengrad"},
	"id": {"id"}, "kind": {"kind", "art"}, "land": {"land", "state", "bundesland"}, "district": {"district", "kreis", "landkreis"},
	"codes": {"postcode", "postal_code", "plz", "postleitzahl"}, "population": {"population", "einwohner"}, "ags": {"ags"},
}

// parseCSV reads a table, separated by semicolons, commas or tabs.
func parseCSV(r io.Reader, skip *faults, each func(record) error) error {
	b := bufio.NewReader(r)
	head, _ := b.Peek(4096) // whatever is there
	first, _, _ := strings.Cut(string(head), "\n")
	table := csv.NewReader(b)
	table.FieldsPerRecord, table.ReuseRecord, table.LazyQuotes = -1, true, true
	for _, comma := range "\t;" {
		if strings.ContainsRune(first, comma) {
			table.Comma = comma
		}
	}
	names, err := table.Read()
	if err != nil && !errors.Is(err, io.EOF) {
		return reading(err)
	}
	at := map[string]int{}
	for i, n := range names {
		n = strings.ToLower(strings.TrimSpace(strings.TrimPrefix(n, "\ufeff")))
		for column, known := range columnNames {
			if slices.Contains(known, n) {
				at[column] = i
			}
		}
	}
	for _, must := range []string{"name", "latitude", "longitude"} {
		if _, ok := at[must]; !ok {
			return problem.Invalidf("the file has no column %q: its first line must name name, latitude and longitude, or it must be a dump of GeoNames", must)
		}
	}
	for {
		row, err := table.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		line, _ := table.FieldPos(0)
		if err != nil {
			return reading(err)
		}
		rec, why := ofRow(row, at)
		if why != "" {
			skip.add(line, why)
			continue
		}
		if err := each(rec); err != nil {
			return err
		}
	}
}

// ofRow makes a place of a row of a table.
func ofRow(row []string, at map[string]int) (rec record, why string) {
	get := func(column string) string {
		if i, ok := at[column]; ok && i < len(row) {
			return strings.TrimSpace(row[i])
		}
		return ""
	}
	p := Place{Name: get("name"), Kind: get("kind"), Land: landBy(get("land")), District: cut(get("district")), AGS: get("ags")}
	if p.Kind != Part {
		p.Kind = Town
	}
	if why := p.place(get("latitude"), get("longitude"), get("population")); why != "" {
		return rec, why
	}
	id := get("id")
	if id == "" {
		id = fmt.Sprintf("%s:%.3f:%.3f", Fold(p.Name), p.Latitude, p.Longitude)
	}
	p.ID = "csv:" + cut(id)
	rec = record{Place: p}
	for _, c := range strings.FieldsFunc(get("codes"), func(r rune) bool { return r == ' ' || r == ',' || r == '|' || r == '/' }) {
		rec.codes = append(rec.codes, cut(c))
	}
	return rec, ""
}

// place reads what every entry has; why says what is wrong with it.
func (p *Place) place(latitude, longitude, population string) (why string) {
	lat, err1 := strconv.ParseFloat(strings.Replace(latitude, ",", ".", 1), 64)
	lon, err2 := strconv.ParseFloat(strings.Replace(longitude, ",", ".", 1), 64)
	p.Latitude, p.Longitude = lat, lon
	switch {
	case Fold(p.Name) == "" || !utf8.ValidString(p.Name):
		return "it has no name"
	case err1 != nil || err2 != nil || math.IsNaN(lat) || math.IsNaN(lon) || !p.Point().Valid():
		return "its coordinates are none"
	}
	p.Name, p.AGS = cut(p.Name), cut(p.AGS)
	if n, err := strconv.Atoi(population); err == nil && n > 0 && n < math.MaxInt32 {
		p.Population = n
	}
	return ""
}

// cut gives plain words of a bearable length.
func cut(s string) string {
	s = strings.Join(strings.Fields(strings.ToValidUTF8(strings.ReplaceAll(s, "\x00", ""), "")), " ")
	if utf8.RuneCountInString(s) > maxWords {
		s = string([]rune(s)[:maxWords])
	}
	return s
}

func reading(err error) error {
	if err == nil {
		return nil
	}
	if errors.Is(err, bufio.ErrTooLong) {
		return problem.Invalidf("a line of the file is longer than %d bytes: this is no list of places", maxLine)
	}
	return fmt.Errorf("read places: %w", err)
}
