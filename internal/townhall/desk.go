package townhall

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/mail"
	"codeberg.org/aushang/aushang/internal/moderation"
	"codeberg.org/aushang/aushang/internal/page"
	"codeberg.org/aushang/aushang/internal/problem"
	"codeberg.org/aushang/aushang/web/component"
)

// The sections of the desk; those of page.Queue have the names that their
// sources give.
const (
	requestsAt = "requests"
	orphansAt  = "orphans"
	reportsAt  = "reports"
	barriersAt = "barriers"
	lanesAt    = "lanes"
	lettersAt  = "letters"
)

// orphansOf shows clubs without anybody who speaks for them.
func (s *Surface) orphansOf(due waits) []orphan {
	var list []orphan
	for _, c := range due.orphans[:min(len(due.orphans), atOnce)] {
		list = append(list, orphan{
			c.DisplayName(), "/rathaus/vereine/" + c.PreferredUsername, component.Letters(c.DisplayName()),
			due.since[c.ID].In(s.Zone), "/vereine/" + c.PreferredUsername + "/personen",
		})
	}
	return list
}

// sorted gives what is reported and what is a barrier, each the oldest first.
func sorted(all []*moderation.Report) (reports, barriers []*moderation.Report) {
	all = slices.SortedFunc(slices.Values(all), func(a, b *moderation.Report) int {
		return cmp.Or(a.Received.Compare(b.Received), strings.Compare(a.ID, b.ID))
	})
	for _, one := range all {
		if one.Kind == moderation.Barrier {
			barriers = append(barriers, one)
		} else {
			reports = append(reports, one)
		}
	}
	return reports, barriers
}

// letterQueue is the queue of letters that were refused.
func (s *Surface) letterQueue(r *http.Request, stuck []mail.Stuck) page.Queue {
	lang := s.Web.Language(r)
	q := page.Queue{ID: lettersAt, Key: "townhall.letters.title", StatKey: "townhall.stat.letters", Room: "/rathaus/mails"}
	for _, m := range slices.Backward(stuck) {
		if !m.Final {
			continue
		}
		if q.Total++; q.Total > atOnce {
			continue
		}
		q.Items = append(q.Items, page.WaitingItem{
			Name: m.Recipient, Icon: "mail", Note: s.Web.T(lang, "townhall.mail.refused"), Since: m.Created,
			Forms: []component.Form{s.button(r, "/rathaus/mails", "townhall.mail.settle", "mail", m.ID, page.AtField, lettersAt)},
		})
	}
	return q
}

// queues gives what waits in sections that look alike: letters, and what the
// application lists.
func (s *Surface) queues(r *http.Request, due waits) ([]page.Queue, error) {
	all := []page.Queue{s.letterQueue(r, due.mails)}
	for _, source := range s.More {
		q, err := source(r, atOnce)
		if err != nil {
			return nil, err
		}
		all = append(all, q)
	}
	var list []page.Queue
	for _, q := range all {
		if q.Total == 0 {
			continue
		}
		for i := range q.Items {
			q.Items[i].Since = q.Items[i].Since.In(s.Zone)
		}
		list = append(list, q)
	}
	return list, nil
}

// answering opens the form in which a barrier is answered, and gives the status
// of its answer.
func (s *Surface) answering(r *http.Request, one *report, in *page.Input, wrong error, at string) int {
	f := page.NewForm(s.Web, r, in, wrong)
	f.Hide("act", "answer")
	f.Hide("id", one.ID)
	if at != "" {
		f.Hide(page.AtField, at)
	}
	f.Group("", component.Field{Kind: "textarea", Name: "answer", Key: "townhall.barrier.answer.text", Hint: "townhall.barrier.answer.hint", Required: true, Rows: 6})
	form := f.Show("/rathaus/meldungen", component.Button{Key: "townhall.barrier.answer.send", Icon: "mail"})
	one.Answer, one.AnswerHref = &form, ""
	return f.Status()
}

// answer writes to who reported a barrier, and closes the report.
func (s *Surface) answer(w http.ResponseWriter, r *http.Request, who *page.Person, in *page.Input) error {
	if !s.Letters.Ready() {
		return problem.Unavailablef("this town sends no mail")
	}
	lang := s.Web.Options.Language
	err := s.Moderation.Answer(r.Context(), who.ID, in.Get("id"), in.Get("answer"),
		func(ctx context.Context, tx bun.Tx, one *moderation.Report, to, text string) error {
			return s.Letters.Send(ctx, tx, page.Message{
				Cause: "answer " + one.ID, To: to, Lang: lang, Key: "letter.barrier.answer",
				Data: map[string]string{"Text": text, "Said": one.Content},
			})
		})
	if len(problem.FieldsOf(err)) > 0 {
		if in.Get(page.AtField) != "" {
			return s.showDesk(w, r, who, in, err)
		}
		return s.showReports(w, r, who, in, err)
	}
	if problem.KindOf(err) == problem.Conflict {
		err = nil // answered a moment ago, from here or by somebody else
	}
	if err != nil {
		return err
	}
	return s.back(w, r, page.BackTo(in, "/rathaus/meldungen"), "townhall.barrier.answered")
}

// asksFor gives what the address of the desk asks to be opened: the reason of a
// refusal, or an answer.
func asksFor(r *http.Request) *page.Input {
	q := r.URL.Query()
	id := q.Get("ablehnen")
	if id == "" {
		id = q.Get("antwort")
	}
	return &page.Input{Values: url.Values{"id": {id}}}
}
