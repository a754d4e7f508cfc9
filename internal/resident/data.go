package resident

import (
	"archive/zip"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"codeberg.org/aushang/aushang/internal/account"
	"codeberg.org/aushang/aushang/internal/page"
	"codeberg.org/aushang/aushang/internal/problem"
	"codeberg.org/aushang/aushang/web"
	"codeberg.org/aushang/aushang/web/component"
	"codeberg.org/aushang/aushang/web/locale"
)

// A Part is one kind of file in a person's download.
type Part struct {
	// Name is that of the file. The words that say what is in it have the key
	// "data.file." and Name.
	Name string
	// Write writes it, and further files when it is long.
	Write func(ctx context.Context, create func(name string) (io.Writer, error), a *account.Account) error
}

// Data is everything that the application knows of people's own data.
type Data struct {
	Parts []Part
	// Without are the keys of the words that say what is not in the download, and
	// why.
	Without []string
	// Leave forgets the person id for good; by is who does it.
	Leave func(ctx context.Context, by, id string) error
}

// WriteSessions gives what writes where a person is signed in as a sheet.
func WriteSessions(accounts *account.Accounts) func(ctx context.Context, w io.Writer, a *account.Account) error {
	return func(ctx context.Context, w io.Writer, a *account.Account) error {
		var sheet *page.Sheet
		return accounts.EachRow(ctx, a, "sessions", func(cells []string) (err error) {
			if sheet == nil {
				sheet, err = page.NewSheet(w, cells...)
				return err
			}
			return sheet.Add(cells...)
		})
	}
}

type dataView struct {
	Crumbs  []component.Crumb
	Files   []file
	Without []string
	Form    component.Form
}

type file struct{ Name, Key string }

func (p *Pages) data(w http.ResponseWriter, r *http.Request, _ *page.Person) error {
	return p.showData(w, r, nil)
}

func (p *Pages) showData(w http.ResponseWriter, r *http.Request, wrong error) error {
	f := page.NewForm(p.Web, r, &page.Input{Values: url.Values{}}, wrong)
	status := f.Status()
	if problem.KindOf(wrong) == problem.TooMany {
		status = http.StatusTooManyRequests
		f.Notice(p.Web.T(f.Lang, "data.too-many"))
	}
	view := dataView{Crumbs: p.crumbs("data.title"), Without: p.Without, Form: f.Show("/konto/daten", component.Button{Key: "data.do", Icon: "download"})}
	for _, part := range p.Parts {
		view.Files = append(view.Files, file{part.Name, "data.file." + part.Name})
	}
	return p.Web.Render(w, r, status, "resident/data", web.Page{Title: p.Web.T(f.Lang, "data.title"), Narrow: true, View: view})
}

// download sends everything as one ZIP, while it is read.
func (p *Pages) download(w http.ResponseWriter, r *http.Request, who *page.Person, _ *page.Input) error {
	err := p.Accounts.AdmitDownload(r.Context(), who.ID)
	if problem.KindOf(err) == problem.TooMany {
		return p.showData(w, r, err)
	}
	if err != nil {
		return err
	}
	now := time.Now()
	w.Header().Set("Content-Type", "application/zip")
	w.Header().Set("Content-Disposition", `attachment; filename="aushang-`+now.In(p.Zone).Format("2006-01-02")+`.zip"`)
	w.Header().Set("Cache-Control", "no-store")
	if err := p.pack(r, slow{w, http.NewResponseController(w)}, who.Account, now); err != nil {
		// What was sent cannot be taken back. A connection that breaks is seen; a
		// file that ends early is not.
		p.Web.Log.Error("download broke off", "error", err)
		panic(http.ErrAbortHandler)
	}
	return nil
}

func (p *Pages) pack(r *http.Request, to io.Writer, a *account.Account, now time.Time) error {
	z := zip.NewWriter(to)
	create := func(name string) (io.Writer, error) {
		return z.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate, Modified: now})
	}
	lang := p.Web.Language(r)
	readme, err := create(p.Web.T(lang, "data.readme"))
	if err != nil {
		return err
	}
	if _, err := io.WriteString(readme, p.readme(lang, a, now)); err != nil {
		return err
	}
	for _, part := range p.Parts {
		if err := part.Write(r.Context(), create, a); err != nil {
			return fmt.Errorf("write %s: %w", part.Name, err)
		}
	}
	return z.Close()
}

// readme says what is in the download, what is not, and why.
func (p *Pages) readme(lang string, a *account.Account, now time.Time) string {
	var b strings.Builder
	line := func(words string) { b.WriteString(words + "\r\n") }
	line(p.Web.T(lang, "data.readme.title", map[string]string{"Town": p.Web.Town().Name, "Name": a.Name}))
	line(locale.DateTime(lang, now.In(p.Zone)))
	line("")
	line(p.Web.T(lang, "data.readme.with"))
	for _, part := range p.Parts {
		line("")
		line(part.Name)
		line("  " + p.Web.T(lang, "data.file."+part.Name))
	}
	line("")
	line(p.Web.T(lang, "data.readme.without"))
	for _, key := range p.Without {
		line("- " + p.Web.T(lang, key))
	}
	line("")
	line(p.Web.T(lang, "data.readme.ask"))
	return b.String()
}

// stall is how long a line may take for each piece.
const stall = time.Minute

// slow gives a slow line as much time as it needs, as long as it takes
// something.
type slow struct {
	io.Writer
	line *http.ResponseController
}

func (s slow) Write(b []byte) (int, error) {
	_ = s.line.SetWriteDeadline(time.Now().Add(stall)) // some writers have none
	return s.Writer.Write(b)
}
