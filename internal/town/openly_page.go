package town

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/go-chi/chi/v5"

	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/moderation"
	"codeberg.org/aushang/aushang/internal/page"
	"codeberg.org/aushang/aushang/web"
	"codeberg.org/aushang/aushang/web/component"
	"codeberg.org/aushang/aushang/web/prepared"
)

// OpenPath is where the town says openly with whom it speaks and what it decides.
// Triggers name it when what stands there changes.
const OpenPath = "/transparenz"

// mostServers is how many servers and entries of a kind the page lists; the file
// has all of them.
const mostServers = 200

// mountOpenly enters its routes into r.
func (p *Pages) mountOpenly(r chi.Router) {
	r.Get(OpenPath, p.Web.Handle(p.openPage))
	r.Get(OpenPath+".json", p.Web.Handle(p.openFile))
	r.Get(OpenPath+".csv", p.Web.Handle(p.openSheet))
}

// nextHour ends what nothing tells of: new follows, and the last contact.
func nextHour() time.Time { return time.Now().Truncate(time.Hour).Add(time.Hour) }

// openServer is a server with its days as a page shows them.
type openServer struct {
	Server
	Begun, Heard time.Time
}

// openPart are the entries of one kind.
type openPart struct {
	Key     string
	Entries []openEntry
	More    int
}

// openEntry is an entry with its day as a page shows it.
type openEntry struct {
	Entry
	Begun time.Time
}

// openCount is a number with the key of its word.
type openCount struct {
	Key string
	N   int
}

type openView struct {
	Links []link
	*Openly
	Servers     []openServer
	MoreServers int
	Parts       []openPart
	// Since is the first day of the numbers, Sum are those of all months.
	Since    time.Time
	Sum      []openCount
	Sections []recordSection
	Contact  component.SafeHTML
	JSON     string
	CSV      string
}

func (p *Pages) openPage(w http.ResponseWriter, r *http.Request) error {
	until := nextHour()
	o, err := p.openly(r.Context())
	if err != nil {
		return err
	}
	told, err := p.Told(r.Context())
	if err != nil {
		return err
	}
	run, err := p.Running(r.Context())
	if err != nil {
		return err
	}
	lang := p.Web.Language(r)
	say := &speaker{web: p.Web, lang: lang, told: told, Running: run}
	view := openView{
		Links: links(OpenPath), Openly: o, Since: o.Months[len(o.Months)-1].first, Sections: say.deletion(), Contact: address(told.Contact()),
		JSON: OpenPath + ".json", CSV: OpenPath + ".csv", Parts: o.parts(p.Zone), MoreServers: max(0, len(o.Connected)-mostServers),
	}
	for _, s := range o.Connected[:len(o.Connected)-view.MoreServers] {
		view.Servers = append(view.Servers, openServer{s, dayOf(s.Since, p.Zone), dayOf(s.Last, p.Zone)})
	}
	for _, name := range moderation.Counts {
		n := 0
		for _, m := range o.Months {
			n += m.Counts[name]
		}
		view.Sum = append(view.Sum, openCount{"open.count." + name, n})
	}
	p.Web.Keep(r, OpenPath, until, OpenPath)
	return p.Web.Render(w, r, http.StatusOK, "town/openly", web.Page{
		Title: p.Web.T(lang, "open.title"), Description: p.Web.T(lang, "open.text"), Canonical: p.origin() + OpenPath, View: view,
	})
}

// dayOf reads a day; "" gives zero.
func dayOf(s string, zone *time.Location) time.Time {
	day, err := time.ParseInLocation(time.DateOnly, s, zone)
	if err != nil {
		return time.Time{}
	}
	return day
}

// parts gives the entries by how far they let in.
func (o *Openly) parts(zone *time.Location) []openPart {
	var list []openPart
	for _, severity := range []actor.Severity{actor.Blocked, actor.Limited, actor.Noop, actor.Allowed} {
		part := openPart{Key: string(severity)}
		for _, e := range o.Entries {
			switch {
			case e.Severity != severity:
			case len(part.Entries) == mostServers:
				part.More++
			default:
				part.Entries = append(part.Entries, openEntry{e, dayOf(e.Since, zone)})
			}
		}
		if len(part.Entries) > 0 {
			list = append(list, part)
		}
	}
	return list
}

// openFile gives all of it as JSON.
func (p *Pages) openFile(w http.ResponseWriter, r *http.Request) error {
	until := nextHour()
	o, err := p.openly(r.Context())
	if err != nil {
		return err
	}
	body, err := json.MarshalIndent(o, "", "  ")
	if err != nil {
		return fmt.Errorf("write what the town says openly: %w", err)
	}
	prepared.Keep(r.Context(), prepared.Terms{Targets: []string{OpenPath + ".json"}, Tags: []string{OpenPath}, Until: until})
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Access-Control-Allow-Origin", "*")
	_, _ = w.Write(body) // who asked may have gone
	return nil
}

// openSheet gives the numbers of the months for a spreadsheet.
func (p *Pages) openSheet(w http.ResponseWriter, r *http.Request) error {
	until, lang := nextHour(), p.Web.Language(r)
	months, err := p.openMonths(r.Context(), p.now().In(p.Zone))
	if err != nil {
		return err
	}
	names := []string{p.Web.T(lang, "open.month")}
	for _, name := range moderation.Counts {
		names = append(names, p.Web.T(lang, "open.count."+name))
	}
	var b bytes.Buffer
	sheet, err := page.NewSheet(&b, names...)
	if err != nil {
		return err
	}
	for _, m := range months {
		cells := []string{m.Month}
		for _, name := range moderation.Counts {
			cells = append(cells, strconv.Itoa(m.Counts[name]))
		}
		if err := sheet.Add(cells...); err != nil {
			return err
		}
	}
	p.Web.Keep(r, OpenPath+".csv", until, OpenPath)
	w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="transparenz.csv"`)
	_, _ = w.Write(b.Bytes()) // who asked may have gone
	return nil
}
