package platform

import (
	"net/http"
	"net/url"

	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/moderation"
	"codeberg.org/aushang/aushang/internal/page"
	"codeberg.org/aushang/aushang/internal/problem"
	"codeberg.org/aushang/aushang/web/component"
)

type entryView struct {
	Hall   page.Hall
	Domain string
	*moderation.Standing
	// Above tells that an entry for a domain above this one holds.
	Above bool
	By    string
	Form  component.Form
	// Remove is nil where there is nothing to remove.
	Remove *component.Form
}

func (s *Surface) entry(w http.ResponseWriter, r *http.Request, _ *page.Person) error {
	domain := r.URL.Query().Get("domain")
	canonical, standing, err := s.Moderation.Standing(r.Context(), domain)
	if err != nil {
		return problem.NotFoundf("%q is no domain: %w", domain, err)
	}
	return s.showEntry(w, r, canonical, standing, &page.Input{Values: typed(standing.Entry)}, nil)
}

// typed gives an entry as the form has it. Who has none is about to be blocked.
func typed(b *actor.Block) url.Values {
	if b == nil {
		return url.Values{"severity": {string(actor.Blocked)}}
	}
	v := url.Values{"severity": {string(b.Severity)}, "public_comment": {b.PublicComment}, "private_comment": {b.PrivateComment}}
	for name, on := range map[string]bool{"reject_media": b.RejectMedia, "reject_reports": b.RejectReports, "obfuscate": b.Obfuscate, "unlisted": b.Unlisted} {
		if on {
			v.Set(name, "1")
		}
	}
	return v
}

func (s *Surface) showEntry(w http.ResponseWriter, r *http.Request, domain string, standing *moderation.Standing, in *page.Input, wrong error) error {
	hall, err := s.frame(r, s.t(r, "hosts.one", domain))
	if err != nil {
		return err
	}
	view := entryView{Hall: hall, Domain: domain, Standing: standing}
	b := standing.Entry
	view.Above = standing.Rule.Blocked && (b == nil || b.Severity != actor.Blocked)
	if b != nil {
		b.Created = b.Created.In(s.Zone)
		if b.ByAccount != "" {
			if view.By, err = s.name(r.Context(), b.ByAccount); err != nil {
				return err
			}
		}
		form := s.button(r, entryPath, component.Button{Key: "hosts.remove", Plain: true}, "act", "remove", "domain", domain)
		view.Remove = &form
	}
	f := page.NewForm(s.Web, r, in, wrong)
	f.Hide("act", "enter")
	f.Hide("domain", domain)
	severity := component.Field{Kind: "radio", Name: "severity", Key: "hosts.severity", Required: true}
	for _, one := range []actor.Severity{actor.Blocked, actor.Limited, actor.Noop, actor.Allowed} {
		severity.Options = append(severity.Options, component.Option{
			Value: string(one), Label: s.t(r, "hosts.choose."+string(one)), Note: s.t(r, "hosts.what."+string(one)),
		})
	}
	f.Group("hosts.do", severity,
		component.Field{Kind: "checkbox", Name: "reject_media", Key: "hosts.media"},
		component.Field{Kind: "checkbox", Name: "reject_reports", Key: "hosts.reports"})
	f.Group("hosts.why",
		component.Field{Kind: "textarea", Name: "public_comment", Key: "hosts.public", Hint: "hosts.public.hint", Rows: 2},
		component.Field{Kind: "textarea", Name: "private_comment", Key: "hosts.private", Hint: "hosts.private.hint", Rows: 2},
		component.Field{Kind: "checkbox", Name: "obfuscate", Key: "hosts.obfuscate", Hint: "hosts.obfuscate.hint"},
		component.Field{Kind: "checkbox", Name: "unlisted", Key: "hosts.unlisted", Hint: "hosts.unlisted.hint"})
	view.Form = f.Show(entryPath, component.Button{Key: "hosts.enter"})
	return s.render(w, r, f.Status(), "entry", domain, view)
}

func (s *Surface) enter(w http.ResponseWriter, r *http.Request, who *page.Person, in *page.Input) error {
	ctx := r.Context()
	switch in.Get("act") {
	case "enter":
	case "remove":
		err := s.Moderation.Unblock(ctx, who.ID, in.Get("domain"))
		if err != nil && problem.KindOf(err) != problem.NotFound { // pressed twice
			return err
		}
		return s.back(w, r, Path, "hosts.removed")
	default:
		return problem.Invalidf("%q cannot be done to a platform", in.Get("act"))
	}
	_, err := s.Moderation.Enter(ctx, who.ID, actor.Block{
		Domain: in.Get("domain"), Severity: actor.Severity(in.Get("severity")), RejectMedia: in.Get("reject_media") != "", RejectReports: in.Get("reject_reports") != "",
		PublicComment: in.Get("public_comment"), PrivateComment: in.Get("private_comment"), Obfuscate: in.Get("obfuscate") != "", Unlisted: in.Get("unlisted") != "",
	})
	if len(problem.FieldsOf(err)) > 0 {
		canonical, standing, bad := s.Moderation.Standing(ctx, in.Get("domain"))
		if bad != nil {
			return problem.Invalidf("the form names no domain: %w", bad)
		}
		return s.showEntry(w, r, canonical, standing, in, err)
	}
	if err != nil {
		return err
	}
	return s.back(w, r, Path, "hosts.entered")
}
