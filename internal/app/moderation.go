package app

import (
	"context"
	"fmt"
	"slices"

	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/account"
	"codeberg.org/aushang/aushang/internal/moderation"
	"codeberg.org/aushang/aushang/internal/page"
	"codeberg.org/aushang/aushang/internal/problem"
	"codeberg.org/aushang/aushang/internal/report"
)

// outside joins decisions with what they reach beyond moderation.
func (t *Town) outside() moderation.Outside {
	return moderation.Outside{
		Recall: t.Activities.Recall, Renew: t.Activities.Renew, Forward: t.Activities.ReportIDs, Tell: t.tellOfDecision,
		Release: t.Activities.Release, Looked: t.tellOfLook, Withholds: t.Requests.Withholds,
		Others: func(ctx context.Context, id string) (int, error) {
			people, err := t.Accounts.List(ctx)
			n := 0
			for _, a := range people {
				if a.Staff() && a.ID != id {
					n++
				}
			}
			return n, err
		},
	}
}

// tellOfDecision writes to who reported something, or to the editors of what was
// decided about.
func (t *Town) tellOfDecision(ctx context.Context, tx bun.Tx, l moderation.Letter) error {
	letters := t.Clubs.Letters
	if !letters.Ready() {
		return nil
	}
	switch l.Kind {
	case "receipt", "answer", "second":
		if l.To == "" {
			return nil
		}
		data := map[string]any{"Outcome": l.Report.Outcome, "Answer": l.Report.Answer}
		cause := l.Kind + " " + l.Report.ID
		if l.Objection != nil {
			data = map[string]any{"Outcome": l.Objection.Outcome, "Answer": l.Objection.Answer}
		} else if l.Kind == "answer" {
			cause += fmt.Sprint(" ", l.Report.Closed.Unix()) // a report that is open again is answered again
		}
		return letters.Send(ctx, tx, page.Message{Cause: cause, To: l.To, Lang: t.spoken(l.Language), Key: "letter.report." + l.Kind, Data: data, Path: report.ReportPath + l.Token})
	}
	return t.tellEditors(ctx, tx, l)
}

// spoken gives a language in which the town writes.
func (t *Town) spoken(lang string) string {
	if lang == "" {
		return t.Config.Language
	}
	return lang
}

// tellEditors writes to all who speak for the club that a decision is about.
func (t *Town) tellEditors(ctx context.Context, tx bun.Tx, l moderation.Letter) error {
	roles, err := t.Actors.EditorsIn(ctx, tx, l.Decision.ActorID)
	if err != nil {
		return err
	}
	title := ""
	switch what, err := t.Moderation.Subject(ctx, tx, l.Decision.Target); {
	case err == nil:
		title = what.Title()
	case problem.KindOf(err) != problem.NotFound && problem.KindOf(err) != problem.Gone:
		return err
	}
	var ids []string
	for id := range roles {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	for _, id := range ids {
		a, err := t.Accounts.FindIn(ctx, tx, id)
		if err != nil {
			return err
		}
		if err := t.tellEditor(ctx, tx, l, a, title); err != nil {
			return err
		}
	}
	return nil
}

func (t *Town) tellEditor(ctx context.Context, tx bun.Tx, l moderation.Letter, a *account.Account, title string) error {
	letters, d := t.Clubs.Letters, l.Decision
	lang, err := letters.Language(ctx, a.ID)
	if err != nil {
		return err
	}
	say := func(key string) string { return letters.Words.Sentence(lang, key) }
	data := map[string]any{
		"Title": title, "Act": say("decision.did." + d.Act), "Means": say("decision.means." + d.Act), "Basis": say("decision.basis." + d.Basis), "Rule": d.Rule, "Reason": d.Reason,
	}
	key := "letter.decision"
	if l.Kind != "decision" {
		key += "." + l.Kind
	}
	if l.Objection != nil {
		data["Outcome"], data["Answer"] = l.Objection.Outcome, l.Objection.Answer
	}
	return letters.Send(ctx, tx, page.Message{
		Cause: l.Kind + " " + d.ID + " " + a.ID, To: a.Email, Name: a.Name, Lang: lang, Key: key, Data: data, Path: report.DecisionPath + l.Token,
	})
}
