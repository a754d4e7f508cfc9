package townhall

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"codeberg.org/aushang/aushang/internal/account"
	"codeberg.org/aushang/aushang/internal/page"
	"codeberg.org/aushang/aushang/internal/problem"
	"codeberg.org/aushang/aushang/web/component"
)

const (
	crowdPath = "/rathaus/antraege/gemeinsam"
	// aCrowd is from how many applications that are alike they are offered
	// together.
	aCrowd = 5
	// crowdTime is for how long a crowd may be answered.
	crowdTime = 5 * time.Minute
)

// crowd are applications that have something in common: the domain of the mail
// address, or the hour in which they came.
type crowd struct {
	// Domain is "" for those of an hour, Hour zero for those of a domain.
	Domain string
	Hour   time.Time
	List   []waiting
}

// Href leads to the page on which they are answered together.
func (c crowd) Href() string { return crowdPath + "?" + url.Values{"was": {c.is()}}.Encode() }

func (c crowd) is() string {
	if c.Domain != "" {
		return "@" + c.Domain
	}
	return c.Hour.UTC().Format(time.RFC3339)
}

// N is how many they are.
func (c crowd) N() int { return len(c.List) }

// crowds gives what many who wait have in common, the most first.
func crowds(list []waiting) []crowd {
	all := map[string]*crowd{}
	for _, w := range list {
		if w.asked == nil {
			continue
		}
		_, domain, _ := strings.Cut(strings.ToLower(w.by.Email), "@")
		for _, c := range []crowd{{Domain: domain}, {Hour: w.asked.Changed.Truncate(time.Hour)}} {
			if all[c.is()] == nil {
				all[c.is()] = &c
			}
			all[c.is()].List = append(all[c.is()].List, w)
		}
	}
	var out []crowd
	for _, c := range all {
		if len(c.List) >= aCrowd {
			out = append(out, *c)
		}
	}
	slices.SortFunc(out, func(a, b crowd) int { return cmp.Or(b.N()-a.N(), strings.Compare(b.is(), a.is())) })
	return out[:min(len(out), atOnce)]
}

// crowdLink leads to applications that are alike.
type crowdLink struct{ Text, Href string }

func (s *Surface) crowdLinks(r *http.Request, list []waiting) []crowdLink {
	lang := s.Web.Language(r)
	var links []crowdLink
	for _, c := range crowds(list) {
		links = append(links, crowdLink{s.said(lang, c), c.Href()})
	}
	return links
}

// said says in words what a crowd is.
func (s *Surface) said(lang string, c crowd) string {
	data := map[string]any{"N": c.N(), "Domain": c.Domain}
	if c.Domain != "" {
		return s.Web.T(lang, "townhall.crowd.domain", data)
	}
	hour := c.Hour.In(s.Zone)
	data["Day"], data["From"], data["To"] = hour.Format("2.1."), hour.Format("15"), hour.Add(time.Hour).Format("15")
	return s.Web.T(lang, "townhall.crowd.hour", data)
}

// member is one of a crowd, as the page shows it.
type member struct {
	ID, Field, Name, Email, Club string
	Picked                       bool
}

type crowdView struct {
	Hall page.Hall
	List []member
	// Form has the reason; the members stand in it.
	Action string
	Reason component.Field
	Wrong  string
	Empty  *component.Empty
}

func (s *Surface) crowd(w http.ResponseWriter, r *http.Request, who *page.Person) error {
	return s.showCrowd(w, r, who, &page.Input{Values: url.Values{"was": {r.URL.Query().Get("was")}}}, nil)
}

func (s *Surface) showCrowd(w http.ResponseWriter, r *http.Request, who *page.Person, in *page.Input, wrong error) error {
	due, err := s.waiting(r, who)
	if err != nil {
		return err
	}
	list := due.asked
	lang := s.Web.Language(r)
	heading := s.Web.T(lang, "townhall.crowd")
	view := crowdView{Action: crowdPath + "?" + url.Values{"was": {in.Get("was")}}.Encode()}
	if view.Hall, err = s.Frame(r, "/rathaus/antraege", heading, false); err != nil {
		return err
	}
	for _, c := range crowds(list) {
		if c.is() != in.Get("was") {
			continue
		}
		view.Hall.Lede = s.said(lang, c)
		for _, one := range c.List {
			m := member{ID: one.asked.ID, Field: "a-" + one.asked.ID, Name: one.by.Name, Email: one.by.Email, Picked: wrong == nil || slices.Contains(in.Values["id"], one.asked.ID)}
			if one.club != nil {
				m.Club = one.club.DisplayName()
			}
			view.List = append(view.List, m)
		}
	}
	status := http.StatusOK
	if len(view.List) == 0 {
		view.Empty = &component.Empty{Key: "townhall.crowd.none", TextKey: "townhall.crowd.none.text", Href: "/rathaus/antraege", ActionKey: "townhall.applications"}
	}
	view.Reason = component.Field{Kind: "textarea", Name: "reason", Key: "townhall.application.reason", Hint: "townhall.crowd.reason.hint", Required: true, Rows: 3, Value: in.Get("reason")}
	for _, e := range problem.FieldsOf(wrong) {
		view.Reason.Error = s.Web.Sentence(lang, e.Format, e.Args...)
		status = http.StatusUnprocessableEntity
	}
	return s.render(w, r, status, "crowd", heading, view)
}

// refuseCrowd refuses all that are ticked, with one reason. Who was answered in
// the meantime is left as it is.
func (s *Surface) refuseCrowd(w http.ResponseWriter, r *http.Request, who *page.Person, in *page.Input) error {
	if in.Get("was") == "" {
		in.Set("was", r.URL.Query().Get("was"))
	}
	reason, err := account.CheckReason(in.Get("reason"))
	if err != nil {
		return s.showCrowd(w, r, who, in, err)
	}
	// Most are people alone. They are forgotten after the page is shown: a thousand would take longer than somebody waits.
	if err := s.RefuseAll(r.Context(), who.ID, in.Values["id"], reason); err != nil {
		return err
	}
	rest, err := s.Accounts.Applications(r.Context(), account.Asked)
	if err != nil {
		return err
	}
	// Hundreds of clubs take longer than a page may.
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(crowdTime)) // some writers have none
	for _, a := range rest {
		if !slices.Contains(in.Values["id"], a.ID) {
			continue
		}
		err := s.refuse(r.Context(), who, &page.Input{Values: url.Values{"id": {a.ID}, "reason": {reason}}})
		if kind := problem.KindOf(err); err != nil && kind != problem.NotFound && kind != problem.Conflict {
			return err
		}
	}
	return s.back(w, r, "/rathaus/antraege", "townhall.crowd.refused")
}
