package inquiry

import (
	"archive/zip"
	"html/template"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"

	"codeberg.org/aushang/aushang/internal/page"
	"codeberg.org/aushang/aushang/internal/problem"
	"codeberg.org/aushang/aushang/web"
	"codeberg.org/aushang/aushang/web/component"
	"codeberg.org/aushang/aushang/web/locale"
)

// sameName compares what somebody typed with an address.
func sameName(typed, name string) bool {
	bare := func(s string) string { return strings.TrimPrefix(strings.ToLower(strings.TrimSpace(s)), "@") }
	return bare(typed) != "" && bare(typed) == bare(name)
}

type linkView struct {
	Until time.Time
	Form  component.Form
}

// link shows who asked where the answer is. The address alone shows nothing of
// it: programs that look at letters open every link.
func (p *Pages) link(w http.ResponseWriter, r *http.Request) error { return p.showLink(w, r, nil) }

func (p *Pages) showLink(w http.ResponseWriter, r *http.Request, wrong error) error {
	one, err := p.Requests.ByToken(r.Context(), chi.URLParam(r, "token"))
	if err != nil {
		return err
	}
	f := page.NewForm(p.Web, r, &page.Input{}, nil)
	status := http.StatusOK
	if wrong != nil {
		status = http.StatusTooManyRequests
		f.Notice(p.t(r, "inquiry.too-many"))
	}
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Referrer-Policy", "no-referrer")
	return p.Web.Render(w, r, status, "inquiry/link", web.Page{
		Title: p.t(r, "inquiry.link.title"), Narrow: true, NoIndex: true,
		View: linkView{one.Expires.In(p.Zone), f.Show(LinkPath+chi.URLParam(r, "token"), component.Button{Key: "inquiry.download", Icon: "download"})},
	})
}

// download sends the answer to who has the link.
func (p *Pages) download(w http.ResponseWriter, r *http.Request) error {
	if _, err := page.Read(w, r); err != nil {
		return err
	}
	one, err := p.Requests.ByToken(r.Context(), chi.URLParam(r, "token"))
	if err != nil {
		return err
	}
	err = p.Requests.Accounts.AdmitDownload(r.Context(), one.ID)
	if problem.KindOf(err) == problem.TooMany {
		return p.showLink(w, r, err)
	}
	if err != nil {
		return err
	}
	return p.send(w, r, one)
}

// file sends it to somebody of the town hall, for who stands at the counter.
func (p *Pages) file(w http.ResponseWriter, r *http.Request, who *page.Person, id string) error {
	one, err := p.Requests.NoteFile(r.Context(), who.ID, id)
	if err != nil {
		return err
	}
	return p.send(w, r, one)
}

// send packs all that is kept now.
func (p *Pages) send(w http.ResponseWriter, r *http.Request, one *Request) error {
	w.Header().Set("Content-Type", "application/zip")
	w.Header().Set("Content-Disposition", `attachment; filename="auskunft-`+p.Requests.now().In(p.Zone).Format(time.DateOnly)+`.zip"`)
	w.Header().Set("Cache-Control", "no-store")
	if err := p.pack(r, w, one); err != nil {
		// What was sent cannot be taken back. A connection that breaks is seen; a
		// file that ends early is not.
		p.Web.Log.Error("an answer broke off", "error", err)
		panic(http.ErrAbortHandler)
	}
	return nil
}

// pack writes the answer: a page to read, the same for machines, and for who has
// an account the files that one could take along oneself.
func (p *Pages) pack(r *http.Request, to io.Writer, one *Request) error {
	z := zip.NewWriter(to)
	create := func(name string) (io.Writer, error) {
		return z.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate, Modified: p.Requests.now()})
	}
	w, err := create("auskunft.html")
	if err != nil {
		return err
	}
	if err := p.readable(r, w, one); err != nil {
		return err
	}
	if w, err = create("auskunft.json"); err != nil {
		return err
	}
	if err := p.Requests.Accounts.WriteSubject(r.Context(), w, one.Subject()); err != nil {
		return err
	}
	if one.AccountID != "" {
		a, err := p.Requests.Accounts.Find(r.Context(), one.AccountID)
		if err == nil {
			err = p.Requests.Person.Parts(r.Context(), create, a)
		}
		if err != nil && problem.KindOf(err) != problem.NotFound {
			return err
		}
	} else if one.Contact != "" {
		if w, err = create("einsaetze.json"); err != nil {
			return err
		}
		if err := p.Requests.Person.Help(r.Context(), w, one.Contact); err != nil {
			return err
		}
	}
	return z.Close()
}

// sheet is what the page in the file shows.
type sheet struct {
	Lang, Title, Town, Made string
	None                    bool
	Kept                    []keptView
	Mentions                []Mention
	MentionsTitle           string
	About                   []string
}

// about are the keys of what the law wants said besides the data (GDPR, Article
// 15(1)).
var about = []string{"inquiry.about.purpose", "inquiry.about.kept", "inquiry.about.elsewhere", "inquiry.about.without", "inquiry.about.all", "inquiry.about.rights", "inquiry.about.complain"}

// everything is how many rows of a kind the page in the file has; auskunft.json
// has all.
const everything = 5000

func (p *Pages) readable(r *http.Request, w io.Writer, one *Request) error {
	lang := p.Web.Language(r)
	s := sheet{Lang: lang, Title: p.t(r, "inquiry.sheet.title"), Town: p.Web.Town().Name, Made: locale.DateTime(lang, p.Requests.now().In(p.Zone)), MentionsTitle: p.t(r, "inquiry.mentions")}
	var err error
	if s.Kept, err = p.kept(r, one, everything, false); err != nil {
		return err
	}
	if one.Words != "" {
		if s.Mentions, err = p.Requests.Person.Mentions(r.Context(), one.Words, everything); err != nil {
			return err
		}
	}
	if s.None = len(s.Kept)+len(s.Mentions) == 0; s.None {
		s.About = append(s.About, p.t(r, "inquiry.nothing"))
	}
	for _, key := range about {
		s.About = append(s.About, p.t(r, key))
	}
	return sheetTemplate.Execute(w, s)
}

// sheetTemplate is a page that stands alone, without anything from elsewhere.
var sheetTemplate = template.Must(template.New("auskunft").Parse(`<!DOCTYPE html>
<html lang="{{.Lang}}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>{{.Title}}</title></head><body>
<h1>{{.Title}}</h1>
<p>{{.Town}}, {{.Made}}</p>
{{range .About}}<p>{{.}}</p>
{{end}}{{range .Kept}}<h2>{{.Title}} ({{.N}})</h2>
{{range .Rows}}<dl>{{range .}}<dt>{{.Name}}</dt><dd><bdi>{{.Value}}</bdi></dd>{{end}}</dl>
<hr>
{{end}}{{end}}{{with .Mentions}}<h2>{{$.MentionsTitle}}</h2>
<ul>{{range .}}<li><bdi>{{.Title}}</bdi> {{.Href}}</li>{{end}}</ul>
{{end}}</body></html>
`))
