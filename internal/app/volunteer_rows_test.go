package app

import (
	"context"
	"net/url"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/application"
	"codeberg.org/aushang/aushang/internal/object"
	"codeberg.org/aushang/aushang/internal/opportunity"
	"codeberg.org/aushang/aushang/internal/volunteer"
)

// helping is an opportunity to which two have applied: a person with an account,
// and one by mail who was accepted and has helped.
type helping struct {
	*need
	// own is the id of the first application, link the path of the second.
	own, link string
	// far is the id of an opportunity of another town, farShift that of its shift.
	far, farShift string
}

// needed puts an opportunity of another town there, with a shift.
func (h *helping) needed(by string) {
	h.t.Helper()
	h.far, h.farShift = "https://b.test/o/kuchen", opportunity.ShiftID("https://b.test/o/kuchen", uuid.NewString())
	now := time.Now().UTC().Truncate(time.Second)
	err := h.db.Write(h.t.Context(), func(ctx context.Context, tx bun.Tx) error {
		o := &object.Object{ID: h.far, Type: opportunity.Type, AttributedTo: by, Name: "Suppe kochen", Content: "<p>Im Vereinsheim</p>", URL: h.far, Visibility: object.Public, Published: now, Received: now}
		if _, err := tx.NewInsert().Model(o).Exec(ctx); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, "INSERT INTO opportunities (object_id, published, times, timezone, contact, minimum_age, requirements) VALUES (?, ?, 'once', 'Europe/Berlin', 'club', 16, ',police,')", h.far, now); err != nil {
			return err
		}
		start := now.Add(100 * time.Hour)
		_, err := tx.ExecContext(ctx, "INSERT INTO shifts (id, opportunity_id, starts_at, ends_at, places) VALUES (?, ?, ?, ?, 2)", h.farShift, h.far, start, start.Add(2*time.Hour))
		return err
	})
	if err != nil {
		h.t.Fatal(err)
	}
}

// mine is for the person who applied.
var mine = class{"the person who applied", []viewer{neighbour}}

// helping has the account ask for a shift.
func (v *village) helping(accountID string) *helping {
	v.t.Helper()
	ctx, s := v.t.Context(), v.Applications
	h := &helping{need: v.needing(1, 3), own: uuid.NewString()}
	h.needed(lena)
	mailed := uuid.NewString()
	for _, d := range []application.Draft{
		{Key: h.own, AccountID: accountID, Name: "Helga Hilft", Message: wordHelp, Phone: "03535 12", Shifts: h.shifts[:1]},
		{Key: mailed, Email: "max@mailt.example", Name: "Max Mustermann-Oberbergheimer", Message: "Ich bringe eine Waage mit.", Shows: true, Shifts: h.shifts[:]},
	} {
		d.OpportunityID, d.Language, d.Old, d.Able = h.id, "de", true, true
		_, _, err := s.Apply(ctx, d)
		if err == nil && d.AccountID == "" {
			err = s.Confirm(ctx, d.Key)
		}
		if err != nil {
			v.t.Fatal(err)
		}
	}
	steps := []error{
		s.Accept(ctx, actor.Operator, h.id, mailed, 0), s.Reply(ctx, mailed, "Gibt es einen Tisch?"), s.Write(ctx, actor.Operator, h.id, mailed, "Ja, zwei."),
		s.Offer(ctx, mailed, h.shifts[1], true), s.Hours(ctx, mailed, 90), s.SayHours(ctx, actor.Operator, h.id, mailed, 0, 90),
	}
	for _, err := range steps {
		if err != nil {
			v.t.Fatal(err)
		}
	}
	key, err := v.Actors.Secret(ctx, volunteer.LinkPurpose)
	if err != nil {
		v.t.Fatal(err)
	}
	h.link = "/einsatz/" + volunteer.Token(key, mailed)
	return h
}

// rows are those of who applies to help, and of the club that reads it.
func (h *helping) rows() map[string]entry {
	club, own, elsewhere := h.path+"/bewerbungen", "/meine-einsaetze/"+h.own, "/ehrenamt/anderswo?id="+url.QueryEscape(h.far)
	return map[string]entry{
		"GET /ehrenamt/{key}/mitmachen": {open, h.path + "/mitmachen", nil, -1}, "POST /ehrenamt/{key}/mitmachen": {class: open}, "GET /ehrenamt/{key}/mitmachen/danke": {open, h.path + "/mitmachen/danke", nil, 0},
		"GET /ehrenamt/{key}/bewerbungen": {ofTheClub, club, nil, 0}, "GET /ehrenamt/{key}/bewerbungen.csv": {ofTheClub, club + ".csv", nil, 0},
		"GET /ehrenamt/{key}/bewerbungen/liste": {ofTheClub, club + "/liste", nil, 0}, "GET /ehrenamt/{key}/bewerbungen/{id}": {ofTheClub, club + "/" + h.own, []string{wordHelp}, 0},
		"POST /ehrenamt/{key}/bewerbungen/{id}": {class: ofTheClub, path: club + "/" + h.own},
		"GET /ehrenamt/bewerbungen":             {ofAClub, "/ehrenamt/bewerbungen", nil, 0},
		"GET /meine-einsaetze":                  {signedIn, "/meine-einsaetze", nil, 0}, "GET /meine-einsaetze/{id}": {mine, own, []string{wordHelp}, 0}, "POST /meine-einsaetze/{id}": {class: mine, path: own},
		"GET /meine-einsaetze/{id}/kalender.ics": {mine, own + "/kalender.ics", nil, 0}, "GET /meine-einsaetze/{id}/nachweis": {mine, own + "/nachweis", nil, 404},
		"GET /ehrenamt/anderswo": {open, elsewhere, nil, 0}, "GET /ehrenamt/anderswo/mitmachen": {signedIn, volunteer.FarHref(h.far), nil, 0}, "POST /ehrenamt/anderswo/mitmachen": {class: signedIn},
		"GET /meine-einsaetze/{id}/quittung/{receipt}":            {mine, own + "/quittung/x", nil, 404},
		"GET /ehrenamt/{key}/bewerbungen/{id}/quittung/{receipt}": {ofTheClub, club + "/" + h.own + "/quittung/x", nil, 404},
		"GET /einsatz/{token}":                                    {open, h.link, nil, 0}, "POST /einsatz/{token}": {class: open},
		"GET /einsatz/{token}/kalender.ics": {open, h.link + "/kalender.ics", nil, 0}, "GET /einsatz/{token}/nachweis": {open, h.link + "/nachweis", nil, 0},
	}
}

// states are what their pages say of faults.
func (h *helping) states() []state {
	return []state{
		{"volunteer-wrong", h.path + "/mitmachen", "nobody", "volunteer.send", 422, nil, false},
		{"volunteer-preview", h.path + "/mitmachen", "hall", "volunteer.look", 200, map[string]string{"shift": h.shifts[1], "old": "1", "able": "1", "message": "Ich backe gern."}, false},
		{"volunteer-far-wrong", volunteer.FarHref(h.far), "resident", "volunteer.look", 422, map[string]string{"name": ""}, false},
		{"volunteer-far-preview", volunteer.FarHref(h.far), "resident", "volunteer.look", 200, map[string]string{"shift": h.farShift, "old": "1", "able": "1", "shows": "1", "message": "Ich koche gern."}, false},
		{"volunteer-own-wrong", "/meine-einsaetze/" + h.own, "resident", "volunteer.reply.do", 422, nil, false},
		{"volunteer-link-wrong", h.link, "nobody", "volunteer.hours.do", 422, map[string]string{"hours": "viele"}, false},
		{"volunteer-club-wrong", h.path + "/bewerbungen/" + h.own, "editor", "volunteer.decline", 422, nil, false},
	}
}
