package townhall

import (
	"net/http"

	"codeberg.org/aushang/aushang/internal/mail"
	"codeberg.org/aushang/aushang/internal/page"
	"codeberg.org/aushang/aushang/web/component"
)

// mostMails is how many letters that did not arrive are shown.
const mostMails = 100

// stuckMail is a letter that did not arrive.
type stuckMail struct {
	mail.Stuck
	Settle component.Form
}

func (s *Surface) mails(w http.ResponseWriter, r *http.Request, _ *page.Person) error {
	hall, err := s.frame(r, "/rathaus/mails", "townhall.mails")
	if err != nil {
		return err
	}
	list, err := s.Stuck(r.Context(), mostMails)
	if err != nil {
		return err
	}
	view := struct {
		Hall  page.Hall
		Mails []stuckMail
		Empty *component.Empty
	}{Hall: hall}
	for _, m := range list {
		m.Created = m.Created.In(s.Zone)
		view.Mails = append(view.Mails, stuckMail{m, s.button(r, "/rathaus/mails", "townhall.mail.settle", "mail", m.ID)})
	}
	if len(list) > 0 {
		view.Hall.Lede = s.Web.T(s.Web.Language(r), "townhall.mails.text")
	} else {
		view.Empty = &component.Empty{Key: "townhall.mails.none", TextKey: "townhall.mails.none.text", Href: "/rathaus", ActionKey: "townhall.back"}
	}
	return s.render(w, r, http.StatusOK, "mails", hall.Heading, view)
}

// settleMail takes a letter that was refused off the list.
func (s *Surface) settleMail(w http.ResponseWriter, r *http.Request, who *page.Person, in *page.Input) error {
	if err := s.Settle(r.Context(), who.ID, in.Get("mail")); err != nil {
		return err
	}
	return s.back(w, r, page.BackTo(in, "/rathaus/mails"), "townhall.mail.settled")
}
