package inquiry

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"codeberg.org/aushang/aushang/internal/account"
	"codeberg.org/aushang/aushang/internal/markup"
	"codeberg.org/aushang/aushang/internal/problem"
)

// maxNamed is how much of a text stands for something that has no title, in
// characters.
const maxNamed = 80

// section and column give the words for a kind and for a column, "" for a column
// that says nothing to people: the file has it.
func (p *Pages) section(r *http.Request, name string) string {
	if key := "inquiry.kept." + name; p.has(r, key) {
		return p.t(r, key)
	}
	return name
}

func (p *Pages) column(r *http.Request, name string) string {
	if key := "inquiry.column." + name; p.has(r, key) {
		return p.t(r, key)
	}
	return ""
}

func (p *Pages) has(r *http.Request, key string) bool {
	return p.Requests.Letters.Words.Has(p.Web.Language(r), key)
}

// ids are columns that hold the id of a thing or of somebody.
var ids = []string{"object_id", "opportunity_id", "club_id", "actor_id", "thing_id", "target", "attributed_to", "in_reply_to"}

// valueKeys say how the keys of the words for the values of a column begin, of one
// kind or of all.
var valueKeys = map[string]string{
	"helpers.state": "volunteer.state.", "pledges.state": "volunteer.state.", "cause": "inquiry.cause.", "pace": "watch.pace.", "role": "role.", "language": "inquiry.language.", "visibility": "inquiry.visible.",
}

// inWords leaves the cells of a row that say something, with words for their names
// and values.
func (p *Pages) inWords(r *http.Request, section string, row []account.Cell) ([]account.Cell, error) {
	var said []account.Cell
	for _, c := range row {
		name := c.Name
		if c.Name = p.column(r, name); c.Name == "" {
			continue
		}
		begin := valueKeys[section+"."+name]
		if begin == "" {
			begin = valueKeys[name]
		}
		switch {
		case slices.Contains(ids, name):
			var err error
			if c.Value, err = p.named(r, c.Value); err != nil {
				return nil, err
			}
		case name == "query":
			c.Value = asked(c.Value)
		case begin != "" && p.has(r, begin+c.Value):
			c.Value = p.t(r, begin+c.Value)
		}
		said = append(said, c)
	}
	return said, nil
}

// named gives the title of a thing, the name of an actor, or the id of what is not
// here.
func (p *Pages) named(r *http.Request, id string) (string, error) {
	o, err := p.Objects.Stored(r.Context(), p.Objects.Reader(), id)
	if err == nil {
		if o.Name != "" {
			return o.Name, nil
		}
		if said := markup.Name(markup.Text(o.Content), maxNamed); said != "" {
			return said, nil
		}
		return id, nil
	}
	if problem.KindOf(err) != problem.NotFound {
		return "", err
	}
	a, err := p.Requests.Actors.Find(r.Context(), p.Objects.Reader(), id)
	if problem.KindOf(err) == problem.NotFound {
		return id, nil
	}
	if err != nil {
		return "", err
	}
	return a.DisplayName(), nil
}

// asked writes the address of a list as people would.
func asked(query string) string {
	v, err := url.ParseQuery(query)
	if err != nil {
		return query
	}
	var words []string
	for name, values := range v {
		words = append(words, name+": "+strings.Join(values, ", "))
	}
	slices.Sort(words)
	return strings.Join(words, "; ")
}
