package gazetteer

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	_ "embed"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/database"
	"codeberg.org/aushang/aushang/internal/problem"
)

// notice names GeoNames, as its licence asks.
const notice = "GeoNames (geonames.org), CC BY 4.0"

// batch is how many places are written in one transaction: the server goes on
// meanwhile.
const batch = 500

// A Report says what Load took.
type Report struct {
	// Source is the name under which it is known here, Format one of GeoNames,
	// Postal and CSV.
	Source string `json:"source"`
	Format string `json:"format"`
	// Places is how many places were taken, Codes how many postal codes.
	Places int `json:"places"`
	Codes  int `json:"codes"`
	// Removed is how many places of an earlier load are not there any more.
	Removed int `json:"removed"`
	// Skipped is how many lines make no sense; Faults tells the first of them.
	Skipped int      `json:"skipped"`
	Faults  []string `json:"faults,omitempty"`
}

// A File is what Load reads.
type File struct {
	// Name is that under which a table is known here; dumps of GeoNames have their
	// own.
	Name string
	// Open begins to read; it is called up to three times.
	Open func() (io.ReadCloser, error)
	// Notice says who must be named for a table, with the licence, or "".
	Notice string
}

// Load takes the places of a file, without holding it in memory. The same file,
// or a newer one, takes the place of what was loaded before; a load that breaks
// off is mended by the next.
func (g *Gazetteer) Load(ctx context.Context, f File) (*Report, error) {
	if err := g.fill(ctx); err != nil {
		return nil, err
	}
	first, err := firstLine(f)
	if err != nil {
		return nil, err
	}
	l := &loading{g: g, report: &Report{Format: format(first)}, source: Source{Name: f.Name, Notice: cut(f.Notice), Loaded: now(), Version: uuid.Must(uuid.NewV7()).String()}}
	if l.report.Format != CSV {
		l.source.Name, l.source.Notice = l.report.Format, notice
	}
	if l.report.Source = l.source.Name; l.source.Name == shippedName || l.report.Format == CSV && (l.source.Name == GeoNames || l.source.Name == Postal) || l.source.Name == "" {
		return nil, problem.Invalidf("a table cannot be called %q: give it another name", l.source.Name)
	}
	if err := l.run(ctx, f); err != nil {
		return nil, fmt.Errorf("load places: %w", err)
	}
	return l.report, nil
}

func firstLine(f File) (string, error) {
	r, err := f.Open()
	if err != nil {
		return "", err
	}
	defer r.Close() //nolint:errcheck // it was only read
	line, err := bufio.NewReaderSize(io.LimitReader(r, maxLine), maxLine).ReadString('\n')
	if err != nil && err != io.EOF { //nolint:errorlint // io.Reader gives it bare
		return "", reading(err)
	}
	return strings.TrimRight(line, "\r\n"), nil
}

// loading is one run of Load.
type loading struct {
	g      *Gazetteer
	report *Report
	source Source
	skip   faults
	held   []record
}

func (l *loading) run(ctx context.Context, f File) error {
	if err := l.begin(ctx); err != nil {
		return err
	}
	each := func(r record) error {
		if l.held = append(l.held, r); len(l.held) < batch {
			return nil
		}
		return l.flush(ctx)
	}
	if err := l.read(f, each); err != nil {
		return err
	}
	if err := l.flush(ctx); err != nil {
		return err
	}
	l.report.Skipped, l.report.Faults = l.skip.n, l.skip.lines
	if l.report.Places+l.report.Codes == 0 {
		return problem.Invalidf("no place stands in this file; nothing was changed for those that are here (%s)", strings.Join(l.skip.lines, "; "))
	}
	return l.end(ctx)
}

func (l *loading) read(f File, each func(record) error) error {
	var districts map[string]string
	if l.report.Format == GeoNames {
		r, err := f.Open()
		if err != nil {
			return err
		}
		districts, err = parseDistricts(r)
		_ = r.Close() // it was only read
		if err != nil {
			return err
		}
	}
	r, err := f.Open()
	if err != nil {
		return err
	}
	defer r.Close() //nolint:errcheck // it was only read
	switch l.report.Format {
	case GeoNames:
		return parseGeoNames(r, districts, &l.skip, each)
	case Postal:
		return parsePostal(r, &l.skip, each)
	}
	return parseCSV(r, &l.skip, each)
}

// begin notes the source, which places refer to.
func (l *loading) begin(ctx context.Context) error {
	return l.g.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.NewInsert().Model(&l.source).On("CONFLICT (name) DO NOTHING").Exec(ctx)
		return err
	})
}

// flush writes what is held.
func (l *loading) flush(ctx context.Context) error {
	if len(l.held) == 0 {
		return nil
	}
	err := l.g.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		places, codes, err := put(ctx, tx, l.source, l.held)
		l.report.Places += places
		l.report.Codes += codes
		return err
	})
	l.held = l.held[:0]
	return err
}

// end forgets what is not in the file any more, and the list that comes with the
// program when there is a better one now.
func (l *loading) end(ctx context.Context) error {
	return l.g.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		if err := l.g.changed(ctx, tx); err != nil {
			return err
		}
		result, err := tx.NewDelete().Model((*Place)(nil)).Where("source = ?", l.source.Name).Where("version <> ?", l.source.Version).Exec(ctx)
		if err != nil {
			return err
		}
		removed, err := result.RowsAffected()
		if err != nil {
			return err
		}
		l.report.Removed = int(removed)
		if l.source.Name == GeoNames {
			if _, err := tx.NewDelete().Model((*Source)(nil)).Where("name = ?", shippedName).Exec(ctx); err != nil {
				return err
			}
		}
		l.source.Rows = max(l.report.Places, l.report.Codes)
		_, err = tx.NewUpdate().Model(&l.source).WherePK().Exec(ctx)
		return err
	})
}

// put stores places with their names. Postal codes go to a place of that name
// that is known already, within a short way; there is a new one only where none
// is.
func put(ctx context.Context, tx bun.Tx, source Source, list []record) (places, codes int, err error) {
	var rows []*Place
	var names []name
	var numbers []code
	known := map[string]bool{}
	for i := range list {
		r := &list[i]
		r.Source, r.Version = source.Name, source.Version
		if source.Name == Postal {
			if err := attach(ctx, tx, r); err != nil {
				return 0, 0, err
			}
		}
		for _, c := range r.codes {
			numbers = append(numbers, code{Code: c, PlaceID: r.ID})
		}
		if known[r.ID] || r.Source != source.Name {
			continue
		}
		known[r.ID] = true
		rows = append(rows, &r.Place)
		for n, fold := range folds(r.Name) {
			names = append(names, name{Fold: fold, PlaceID: r.ID, Main: max(0, 1-n)})
		}
	}
	if len(rows) > 0 {
		if err := putRows(ctx, tx, rows, names); err != nil {
			return 0, 0, err
		}
	}
	if len(numbers) > 0 {
		if _, err := tx.NewInsert().Model(&numbers).On("CONFLICT (code, place_id) DO NOTHING").Exec(ctx); err != nil {
			return 0, 0, fmt.Errorf("store postal codes: %w", err)
		}
	}
	return len(rows), len(numbers), nil
}

func putRows(ctx context.Context, tx bun.Tx, rows []*Place, names []name) error {
	var ids []string
	for _, p := range rows {
		ids = append(ids, p.ID)
	}
	insert := tx.NewInsert().Model(&rows).On("CONFLICT (id) DO UPDATE")
	for _, column := range []string{"source", "version", "name", "kind", "land", "district", "ags", "latitude", "longitude", "population"} {
		insert = insert.Set("? = EXCLUDED.?", bun.Ident(column), bun.Ident(column))
	}
	if _, err := insert.Exec(ctx); err != nil {
		return fmt.Errorf("store places: %w", err)
	}
	if _, err := tx.NewDelete().Model((*name)(nil)).Where("place_id IN (?)", bun.List(ids)).Exec(ctx); err != nil {
		return fmt.Errorf("store names of places: %w", err)
	}
	if _, err := tx.NewInsert().Model(&names).On("CONFLICT (fold, place_id) DO NOTHING").Exec(ctx); err != nil {
		return fmt.Errorf("store names of places: %w", err)
	}
	return nil
}

// attach gives a record of a postal code the id of the place that is meant, when
// that is known from elsewhere, and that place its district.
func attach(ctx context.Context, tx bun.Tx, r *record) error {
	const within = 15 // kilometres: a postal code of the country is large
	var list []*Place
	err := tx.NewSelect().Model(&list).Join("JOIN place_names AS name ON name.place_id = place.id").Where("name.fold = ?", Fold(r.Name)).
		Where("place.source <> ?", Postal).Scan(ctx)
	if err != nil {
		return fmt.Errorf("find the place of a postal code: %w", err)
	}
	far := float64(within)
	for _, p := range list {
		d := Distance(p.Point(), r.Point())
		if d > far {
			continue
		}
		far = d
		r.ID, r.Source = p.ID, p.Source
	}
	if r.Source == Postal || r.District == "" {
		return nil
	}
	_, err = tx.NewUpdate().Model((*Place)(nil)).Set("district = ?", r.District).Where("id = ?", r.ID).Where("district = ''").Exec(ctx)
	if err != nil {
		return fmt.Errorf("name the district of a place: %w", err)
	}
	return nil
}

// shipped is the list that comes with the program: lines of id, name, kind, Land,
// key, population, latitude and longitude, separated by tabs.
//
//go:embed places.tsv.gz
var shipped []byte

// shippedName is that of its source, shippedVersion tells it from earlier ones.
const (
	shippedName    = "shipped"
	shippedVersion = "1"
)

// fill puts the list that comes with the program into the database, once, unless
// a whole one was loaded.
func (g *Gazetteer) fill(ctx context.Context) error {
	if g.filled.Load() {
		return nil
	}
	ok, err := there(ctx, g.db.Read())
	if err == nil && !ok {
		err = g.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
			if err := database.Turn(ctx, tx, "places"); err != nil {
				return err
			}
			if ok, err := there(ctx, tx); ok || err != nil {
				return err
			}
			return putShipped(ctx, tx)
		})
	}
	if err != nil {
		return fmt.Errorf("put the list of places into the database: %w", err)
	}
	g.filled.Store(true)
	return nil
}

// there tells whether the list is in the database, or a whole one.
func there(ctx context.Context, db bun.IDB) (bool, error) {
	return db.NewSelect().Model((*Source)(nil)).Where("name = ? OR name = ? AND version = ?", GeoNames, shippedName, shippedVersion).Exists(ctx)
}

func putShipped(ctx context.Context, tx bun.Tx) error {
	list, err := readShipped()
	if err != nil {
		return err
	}
	source := Source{Name: shippedName, Notice: notice, Version: shippedVersion, Loaded: now(), Rows: len(list)}
	if _, err := tx.NewDelete().Model((*Source)(nil)).Where("name = ?", shippedName).Exec(ctx); err != nil {
		return err
	}
	if _, err := tx.NewInsert().Model(&source).Exec(ctx); err != nil {
		return err
	}
	for len(list) > 0 {
		n := min(len(list), batch)
		if _, _, err := put(ctx, tx, source, list[:n]); err != nil {
			return err
		}
		list = list[n:]
	}
	return nil
}

func readShipped() ([]record, error) {
	z, err := gzip.NewReader(bytes.NewReader(shipped))
	if err != nil {
		return nil, err
	}
	var list []record
	lines := scanner(z)
	for lines.Scan() {
		c := strings.Split(lines.Text(), "\t")
		if len(c) != 8 {
			return nil, fmt.Errorf("the list of places that comes with the program is broken: %q", lines.Text())
		}
		p := Place{ID: "geonames:" + c[0], Name: c[1], Kind: c[2], Land: c[3], AGS: c[4]}
		if p.Population, err = strconv.Atoi(c[5]); err != nil {
			return nil, err
		}
		if why := p.place(c[6], c[7], c[5]); why != "" {
			return nil, fmt.Errorf("the list of places that comes with the program is broken: %s: %s", c[1], why)
		}
		list = append(list, record{Place: p})
	}
	return list, lines.Err()
}
