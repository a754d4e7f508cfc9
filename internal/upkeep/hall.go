package upkeep

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"codeberg.org/aushang/aushang/internal/care"
	"codeberg.org/aushang/aushang/internal/page"
	"codeberg.org/aushang/aushang/internal/problem"
	"codeberg.org/aushang/aushang/web"
	"codeberg.org/aushang/aushang/web/component"
)

// Where the town hall sees what is stale, and sets after how many days.
const (
	hallPath  = "/rathaus/pflege"
	rulesPath = hallPath + "/regeln"
)

// hallRow is a stale thing in the list of the town hall.
type hallRow struct {
	row
	// Editors are the names of who cares for it; Given is where others can be
	// asked to.
	Editors, Given string
	// Remind and LeaveOut are nil where that cannot be done.
	Remind, LeaveOut *component.Form
}

type hallView struct {
	Hall page.Hall
	// Rules leads to the rules, "" for who may not change them.
	Rules string
	// Mail tells whether the town sends letters.
	Mail  bool
	Hints []hintRow
	Rows  []hallRow
	More  int
	Empty component.Empty
}

// Waiting counts what the town hall should look at: what is stale, and what no
// editor answered in time, of what these clubs care for; nil is all clubs.
func (s *Surface) Waiting(ctx context.Context, clubs []string) (int, error) {
	now := s.Care.Now()
	things, err := s.Care.List(ctx, now, clubs)
	if err != nil {
		return 0, err
	}
	late, err := s.late(ctx, clubs)
	return len(things) + len(late), err
}

// late gives the hints that no editor answered in time.
func (s *Surface) late(ctx context.Context, clubs []string) ([]*care.Hint, error) {
	list, err := s.Care.Hints(ctx, s.Care.Now(), clubs)
	return slices.DeleteFunc(list, func(h *care.Hint) bool { return !h.Late }), err
}

// hall shows the town hall what nobody has confirmed for long.
func (s *Surface) hall(w http.ResponseWriter, r *http.Request, who *page.Person) error {
	ctx, lang := r.Context(), s.Web.Language(r)
	view := hallView{
		Mail:  s.Courier.Post.Ready(),
		Empty: component.Empty{Key: "care.hall.none", TextKey: "care.hall.none.text", Href: "/rathaus", ActionKey: "care.hall.back"},
	}
	var clubs []string // nil is all of them
	if who.Staff() {
		view.Rules = rulesPath
	} else {
		clubs = append([]string{}, who.Cared...)
	}
	var err error
	if view.Hall, err = s.Frame(r, hallPath, s.Web.T(lang, "care.hall"), true); err != nil {
		return err
	}
	view.Hall.Lede = s.Web.T(lang, "care.hall.text")
	hints, err := s.late(ctx, clubs)
	if err != nil {
		return err
	}
	for _, h := range hints {
		view.Hints = append(view.Hints, s.hintRow(r, hallPath, h))
	}
	things, err := s.Care.List(ctx, s.Care.Now(), clubs)
	if err != nil {
		return err
	}
	if len(things) > mostShown {
		view.More = len(things) - mostShown
	}
	names := map[string]string{}
	for _, t := range things[:min(len(things), mostShown)] {
		if _, known := names[t.ClubID]; !known {
			if names[t.ClubID], err = s.editors(ctx, t.ClubID); err != nil {
				return err
			}
		}
		view.Rows = append(view.Rows, s.hallRow(r, t, names[t.ClubID], view.Mail))
	}
	return s.Web.Render(w, r, http.StatusOK, "upkeep/hall", web.Page{Title: view.Hall.Heading, View: view})
}

func (s *Surface) hallRow(r *http.Request, t *care.Thing, editors string, mail bool) hallRow {
	one := hallRow{row: s.row(r, hallPath, t), Editors: editors, Given: "/vereine/" + t.Handle + "/personen"}
	if mail && editors != "" && t.Step <= care.LastLetter {
		f := s.button(r, hallPath, component.Button{Key: "care.remind", Plain: true, Icon: "mail"}, "act", "remind", "club", t.ClubID)
		one.Remind = &f
	}
	if t.Level < care.Hidden {
		f := s.button(r, hallPath, component.Button{Key: "care.hide", Plain: true, Icon: "lock"}, "act", "hide", "thing", t.ID)
		one.LeaveOut = &f
	}
	return one
}

// editors gives the names of who speaks for a club, in one line.
func (s *Surface) editors(ctx context.Context, clubID string) (string, error) {
	roles, err := s.Actors.Editors(ctx, clubID)
	if err != nil {
		return "", err
	}
	var names []string
	for _, id := range sorted(roles) {
		a, err := s.Accounts.Find(ctx, id)
		if problem.KindOf(err) == problem.NotFound {
			continue
		}
		if err != nil {
			return "", err
		}
		names = append(names, a.Name)
	}
	slices.Sort(names)
	return strings.Join(names, ", "), nil
}

// decide does what the town hall pressed.
func (s *Surface) decide(w http.ResponseWriter, r *http.Request, who *page.Person, in *page.Input) error {
	var done string
	var err error
	switch in.Get("act") {
	case "remind":
		done = "care.reminded"
		switch err = s.Courier.Remind(r.Context(), who.ID, in.Get("club")); problem.KindOf(err) {
		case problem.Conflict:
			done, err = "care.reminded.already", nil
		case problem.NotFound:
			done, err = "care.reminded.nobody", nil
		}
	case "hide":
		done, err = "care.left-out", s.Care.LeaveOut(r.Context(), who.ID, in.Get("thing"))
		if problem.KindOf(err) == problem.NotFound {
			done, err = "care.gone", nil
		}
	case "all":
		err = problem.Invalidf("the town hall confirms one by one")
	default:
		done, err = s.act(r, who, in)
	}
	if err != nil {
		return err
	}
	s.Flash(r, done)
	http.Redirect(w, r, hallPath, http.StatusSeeOther)
	return nil
}

type rulesView struct {
	Hall page.Hall
	Form component.Form
}

// rules shows after how many days something happens.
func (s *Surface) rules(w http.ResponseWriter, r *http.Request, _ *page.Person) error {
	rules, err := s.Care.Rules(r.Context())
	if err != nil {
		return err
	}
	v := url.Values{}
	for name, days := range rules {
		v.Set(name, strconv.Itoa(days))
	}
	return s.showRules(w, r, &page.Input{Values: v}, nil)
}

func (s *Surface) showRules(w http.ResponseWriter, r *http.Request, in *page.Input, wrong error) error {
	var view rulesView
	var err error
	if view.Hall, err = s.Frame(r, hallPath, s.Web.T(s.Web.Language(r), "care.rules"), false); err != nil {
		return err
	}
	view.Hall.Lede = s.Web.T(s.Web.Language(r), "care.rules.text")
	f := page.NewForm(s.Web, r, in, wrong)
	fields := func(names []string) []component.Field {
		var list []component.Field
		for _, name := range names {
			list = append(list, component.Field{Kind: "text", Name: name, Key: "care.rule." + name, Inputmode: "numeric", Required: true})
		}
		return list
	}
	f.Group("care.rules.kinds", fields(s.Care.Kinds())...)
	f.Group("care.rules.waits", fields(care.Waits)...)
	view.Form = f.Show(rulesPath, component.Button{Key: "form.save"})
	return s.Web.Render(w, r, f.Status(), "upkeep/rules", web.Page{Title: view.Hall.Heading, View: view})
}

// setRules keeps other rules.
func (s *Surface) setRules(w http.ResponseWriter, r *http.Request, who *page.Person, in *page.Input) error {
	rules := care.Rules{}
	for _, name := range slices.Concat(s.Care.Kinds(), care.Waits) {
		days, err := strconv.Atoi(strings.TrimSpace(in.Get(name)))
		if err != nil {
			days = -1 // no number of days: the field says so
		}
		rules[name] = days
	}
	err := s.Care.SetRules(r.Context(), who.ID, rules)
	if len(problem.FieldsOf(err)) > 0 {
		return s.showRules(w, r, in, err)
	}
	if err != nil {
		return err
	}
	s.Flash(r, "care.rules.saved")
	http.Redirect(w, r, hallPath, http.StatusSeeOther)
	return nil
}
