package opportunity

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"codeberg.org/aushang/aushang/internal/markup"
	"codeberg.org/aushang/aushang/internal/object"
	"codeberg.org/aushang/aushang/internal/page"
	"codeberg.org/aushang/aushang/web/locale"
	"codeberg.org/aushang/aushang/web/prepared"
)

// Where programs read all that is open, in the terms of the open volunteering
// data standard (docs/volunteering.md).
const (
	exportPath = Path + "angebote.jsonld"
	sheetPath  = Path + "angebote.csv"
)

// maxExport is how many opportunities an export has.
const maxExport = 2000

const (
	standardContext = "https://api.volunteeringdata.io/context/v1"
	standardTerms   = "https://ns.volunteeringdata.io/"
	// ownTerms begins what the standard has no word for.
	ownTerms = "https://codeberg.org/aushang/aushang/ns#"
)

// The terms of the taxonomies of the standard; what is in none has one of ours.
var (
	causes = map[string]string{
		"sport": "SportAndRecreation", "music": "ArtsAndCulture", "nature": "EnvironmentalConservation", "rescue": "DisasterRelief", "youth": "YouthDevelopment",
		"heritage": "ArtsAndCulture", "social": "SocialInclusion", "culture": "ArtsAndCulture", "faith": "CommunityDevelopment", "other": "CommunityDevelopment",
	}
	standardDemands = map[string]string{"police": "DBSCheck", "car": "OwnCar", "fit": "PhysicalStamina"}
	demandSkills    = map[string]string{"firstaid": "BasicFirstAidKnowledge", "licence": "Driving"}
	standardThanks  = map[string]string{"expenses": "ExpensesReimbursed", "training": "TrainingProvided"}
)

// An organisation, an activity, a role, a session, a location and a time of the
// standard. Numbers are texts, as its examples have them.
type (
	organisation struct {
		Type        string        `json:"type"`
		ID          string        `json:"id"`
		Name        string        `json:"name"`
		Description string        `json:"description,omitempty"`
		Website     string        `json:"website,omitempty"`
		Image       string        `json:"image,omitempty"`
		Cause       []string      `json:"cause,omitempty"`
		Activity    []activityDoc `json:"activity"`
	}
	activityDoc struct {
		Type        string    `json:"type"`
		ID          string    `json:"id"`
		Title       string    `json:"title"`
		Description string    `json:"description"`
		Emergency   bool      `json:"requiresEmergencyParticipation"`
		Image       string    `json:"image,omitempty"`
		Start       string    `json:"publishStart"`
		End         string    `json:"publishEnd,omitempty"`
		Role        []role    `json:"role"`
		Session     []session `json:"session,omitempty"`
		// What follows is in no term of the standard.
		Why        string `json:"https://codeberg.org/aushang/aushang/ns#why,omitempty"`
		PartOf     string `json:"https://codeberg.org/aushang/aushang/ns#event,omitempty"`
		Places     string `json:"https://codeberg.org/aushang/aushang/ns#places,omitempty"`
		Free       string `json:"https://codeberg.org/aushang/aushang/ns#free,omitempty"`
		InLanguage string `json:"https://codeberg.org/aushang/aushang/ns#inLanguage,omitempty"`
	}
	role struct {
		Type          string   `json:"type"`
		Title         string   `json:"title"`
		Description   string   `json:"description"`
		Commitment    string   `json:"commitment"`
		ApplyLink     string   `json:"applyLink"`
		Remote        bool     `json:"allowsRemoteParticipation"`
		MinimumAge    string   `json:"minimumAge,omitempty"`
		MaximumAge    string   `json:"maximumAge,omitempty"`
		Accessibility string   `json:"accessibility,omitempty"`
		Requirement   []string `json:"requirement,omitempty"`
		Reward        []string `json:"reward,omitempty"`
		Skill         []string `json:"skill,omitempty"`
		// What follows is in no term of the standard.
		Skills      string   `json:"https://codeberg.org/aushang/aushang/ns#skills,omitempty"`
		Learn       string   `json:"https://codeberg.org/aushang/aushang/ns#learn,omitempty"`
		Language    []string `json:"https://codeberg.org/aushang/aushang/ns#languages,omitempty"`
		More        string   `json:"https://codeberg.org/aushang/aushang/ns#requirement,omitempty"`
		Payer       string   `json:"https://codeberg.org/aushang/aushang/ns#payer,omitempty"`
		Expenses    string   `json:"https://codeberg.org/aushang/aushang/ns#expenses,omitempty"`
		Trial       string   `json:"https://codeberg.org/aushang/aushang/ns#trial,omitempty"`
		Insurance   string   `json:"https://codeberg.org/aushang/aushang/ns#insurance,omitempty"`
		ForYoung    bool     `json:"https://codeberg.org/aushang/aushang/ns#forYoung,omitempty"`
		ForGroups   bool     `json:"https://codeberg.org/aushang/aushang/ns#forGroups,omitempty"`
		ContactName string   `json:"https://codeberg.org/aushang/aushang/ns#contactName,omitempty"`
		Email       string   `json:"https://codeberg.org/aushang/aushang/ns#email,omitempty"`
		Telephone   string   `json:"https://codeberg.org/aushang/aushang/ns#telephone,omitempty"`
	}
	session struct {
		Type     string    `json:"type"`
		ID       string    `json:"id,omitempty"`
		Location *location `json:"location,omitempty"`
		Time     []any     `json:"time,omitempty"` // moment, or the id of a part of a day
		// What follows is in no term of the standard.
		Places string `json:"https://codeberg.org/aushang/aushang/ns#places,omitempty"`
		Free   string `json:"https://codeberg.org/aushang/aushang/ns#free,omitempty"`
		Note   string `json:"https://codeberg.org/aushang/aushang/ns#note,omitempty"`
	}
	location struct {
		Type      string `json:"type"`
		Name      string `json:"name"`
		Latitude  string `json:"latitude,omitempty"`
		Longitude string `json:"longitude,omitempty"`
	}
	moment struct {
		Type  string `json:"type"`
		Label string `json:"rdfs:label"`
		Begin any    `json:"time:hasBeginning,omitempty"`
		End   any    `json:"time:hasEnd,omitempty"`
	}
)

// standard gives opportunities in the terms of the standard, by club in the
// order in which they come.
func standard(list []*Opportunity) map[string]any {
	var clubs []*organisation
	byID := map[string]*organisation{}
	for _, o := range list {
		c := byID[o.AttributedTo]
		if c == nil {
			a := o.Author
			c = &organisation{
				Type: "Organisation", ID: a.ID, Name: a.DisplayName(), Description: markup.Text(a.Summary), Website: a.URL, Image: a.IconURL,
			}
			clubs, byID[o.AttributedTo] = append(clubs, c), c
		}
		if cause := causes[o.Field]; cause != "" && !contains(c.Cause, standardTerms+cause) {
			c.Cause = append(c.Cause, standardTerms+cause)
		}
		c.Activity = append(c.Activity, o.activity())
	}
	if clubs == nil {
		clubs = []*organisation{}
	}
	return map[string]any{"@context": standardContext, "graph": clubs}
}

func contains(list []string, s string) bool {
	for _, one := range list {
		if one == s {
			return true
		}
	}
	return false
}

func (o *Opportunity) activity() activityDoc {
	a := activityDoc{
		Type: "Activity", ID: o.ID, Title: o.Name, Description: markup.Text(o.Content), Emergency: o.Emergency, Start: o.Published.UTC().Format(time.DateOnly),
		Why: o.Why, PartOf: o.Context, InLanguage: o.Language, Role: []role{o.role()},
	}
	if !o.Until.IsZero() {
		a.End = o.Until.Format(time.DateOnly)
	}
	if len(o.Attachment) > 0 {
		a.Image = o.Attachment[0].URL
	}
	if places, free, any := o.Wanted(); !any {
		a.Places, a.Free = strconv.Itoa(places), strconv.Itoa(free)
	}
	a.Session = o.sessions()
	return a
}

func (o *Opportunity) role() role {
	r := role{
		Type: "Role", Title: o.Name, Description: markup.Text(o.Content), Commitment: o.commitment(), ApplyLink: o.ApplyLink, Remote: o.Remote,
		MinimumAge: decimal(o.MinimumAge), MaximumAge: decimal(o.MaximumAge), Accessibility: o.Accessibility, Skills: o.Skills, Learn: o.Learn,
		Language: Split(o.Languages), More: o.Requirement, Payer: o.Payer, Expenses: o.Expenses, Trial: o.Trial, Insurance: o.Insurance,
		ForYoung: o.ForYoung, ForGroups: o.ForGroups,
	}
	if r.ApplyLink == "" { // one applies where it stands
		r.ApplyLink = o.URL
	}
	for _, key := range Split(o.Requirements) {
		if skill := demandSkills[key]; skill != "" {
			r.Skill = append(r.Skill, standardTerms+skill)
			continue
		}
		r.Requirement = append(r.Requirement, termOf(standardDemands, key))
	}
	for _, key := range Split(o.Rewards) {
		r.Reward = append(r.Reward, termOf(standardThanks, key))
	}
	if o.Contact == ForAll {
		r.ContactName, r.Email, r.Telephone = o.ContactName, o.ContactEmail, o.ContactPhone
	}
	return r
}

// termOf gives the IRI of a word: that of the standard, or else one of ours.
func termOf(known map[string]string, key string) string {
	if name := known[key]; name != "" {
		return standardTerms + name
	}
	return ownTerms + key
}

func decimal(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

// commitment says how much time it takes, in words.
func (o *Opportunity) commitment() string {
	words := o.Kind(o.Language)
	if o.TimeNote != "" {
		words += ", " + o.TimeNote
	}
	return words
}

func (o *Opportunity) sessions() []session {
	var where *location
	if o.Place != "" {
		where = &location{Type: "Location", Name: o.Place}
		if o.Latitude != nil && o.Longitude != nil {
			where.Latitude, where.Longitude = strconv.FormatFloat(*o.Latitude, 'f', -1, 64), strconv.FormatFloat(*o.Longitude, 'f', -1, 64)
		}
	}
	var list []session
	for _, s := range o.dates() {
		one := session{Type: "Session", Location: where, Note: s.Note, Time: []any{s.moment(o), standardTerms + partOfDay(s.StartsAt)}}
		if s.ID == "" && o.AllDay() {
			one.Time = one.Time[:1]
		}
		if s.ID != "" {
			one.ID = s.ID
			if o.Local {
				one.ID = ShiftID(o.ID, s.ID)
			}
		}
		if free, any := s.Free(); !any {
			one.Places, one.Free = strconv.Itoa(s.Places), strconv.Itoa(free)
		}
		list = append(list, one)
	}
	if len(list) == 0 && (where != nil || o.Weekdays != 0) {
		one := session{Type: "Session", Location: where}
		for _, day := range week {
			if o.Weekdays&Weekday(day) != 0 {
				one.Time = append(one.Time, moment{Type: "Time", Label: locale.WeekdayName(o.Language, day), Begin: onDay(day)})
			}
		}
		list = append(list, one)
	}
	return list
}

// moment gives the time of a shift in the terms of OWL Time.
func (s *Shift) moment(o *Opportunity) moment {
	m := moment{Type: "Time", Label: locale.DateRange(o.Language, s.StartsAt, s.EndsAt, s.ID == "" && o.AllDay()), Begin: instant(s.StartsAt)}
	if !s.EndsAt.IsZero() {
		m.End = instant(s.EndsAt)
	}
	return m
}

func instant(t time.Time) map[string]string {
	return map[string]string{"time:inXSDDateTimeStamp": t.Format(time.RFC3339)}
}

func onDay(day time.Weekday) map[string]any {
	return map[string]any{"time:inDateTime": map[string]string{"time:dayOfWeek": "time:" + day.String()}}
}

// partOfDay gives the part of a day that the standard has a name for.
func partOfDay(t time.Time) string {
	switch h := t.Hour(); {
	case h >= 6 && h < 12:
		return t.Weekday().String() + "Morning"
	case h >= 12 && h < 18:
		return t.Weekday().String() + "Afternoon"
	}
	return t.Weekday().String() + "Evening"
}

// export lists what the exports have.
func (p *Pages) export(r *http.Request, path string) ([]*Opportunity, error) {
	prepared.Keep(r.Context(), prepared.Terms{Targets: []string{path}, Until: prepared.NextMinute()})
	return p.List(r.Context(), Filter{}, object.Page{Limit: maxExport})
}

func (p *Pages) exportJSON(w http.ResponseWriter, r *http.Request) error {
	list, err := p.export(r, exportPath)
	if err != nil {
		return err
	}
	body, err := json.MarshalIndent(standard(list), "", "  ")
	if err != nil {
		return fmt.Errorf("export opportunities: %w", err)
	}
	w.Header().Set("Content-Type", "application/ld+json")
	_, err = w.Write(append(body, '\n'))
	return err
}

// columns are those of the sheet: class and property of the standard.
var columns = []string{
	"organisation.id", "organisation.name", "organisation.website", "organisation.cause", "activity.id", "activity.title", "activity.description",
	"activity.requiresEmergencyParticipation", "activity.image", "activity.publishStart", "activity.publishEnd", "role.commitment", "role.applyLink",
	"role.allowsRemoteParticipation", "role.minimumAge", "role.maximumAge", "role.accessibility", "role.requirement", "role.reward", "role.skill",
	"session.time.hasBeginning", "session.time.hasEnd", "session.time", "session.location.name", "session.location.latitude", "session.location.longitude",
	"aushang.why", "aushang.skills", "aushang.learn", "aushang.languages", "aushang.requirement", "aushang.payer", "aushang.expenses", "aushang.trial",
	"aushang.insurance", "aushang.forYoung", "aushang.forGroups", "aushang.contactName", "aushang.email", "aushang.telephone", "aushang.event",
	"aushang.places", "aushang.free", "aushang.note",
}

// exportSheet answers with a row for each session.
func (p *Pages) exportSheet(w http.ResponseWriter, r *http.Request) error {
	list, err := p.export(r, sheetPath)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="ehrenamt.csv"`)
	sheet, err := page.NewSheet(w, columns...)
	if err != nil {
		return err
	}
	for _, o := range list {
		for _, row := range o.rows() {
			if err := sheet.Add(row...); err != nil {
				return err
			}
		}
	}
	return nil
}

// rows gives the rows of an opportunity, as columns names them.
func (o *Opportunity) rows() [][]string {
	a := o.activity()
	sessions := a.Session
	if len(sessions) == 0 {
		sessions = []session{{}}
	}
	dates := o.dates()
	ro, words, cause := a.Role[0], func(list []string) string { return strings.Join(list, " ") }, ""
	if causes[o.Field] != "" {
		cause = standardTerms + causes[o.Field]
	}
	var rows [][]string
	for i, s := range sessions {
		var begin, end, name, lat, lon string
		var when []string
		if i < len(dates) {
			begin = dates[i].StartsAt.Format(time.RFC3339)
			if !dates[i].EndsAt.IsZero() {
				end = dates[i].EndsAt.Format(time.RFC3339)
			}
		}
		for _, t := range s.Time {
			switch t := t.(type) {
			case string:
				when = append(when, t)
			case moment:
				if len(dates) == 0 {
					when = append(when, t.Label)
				}
			}
		}
		if s.Location != nil {
			name, lat, lon = s.Location.Name, s.Location.Latitude, s.Location.Longitude
		}
		places, free := s.Places, s.Free
		if places == "" {
			places, free = a.Places, a.Free
		}
		rows = append(rows, []string{
			o.AttributedTo, o.Author.DisplayName(), o.Author.URL, cause, a.ID, a.Title, a.Description, strconv.FormatBool(a.Emergency), a.Image, a.Start, a.End,
			ro.Commitment, ro.ApplyLink, strconv.FormatBool(ro.Remote), ro.MinimumAge, ro.MaximumAge, ro.Accessibility, words(ro.Requirement), words(ro.Reward),
			words(ro.Skill), begin, end, words(when), name, lat, lon, a.Why, ro.Skills, ro.Learn, words(ro.Language), ro.More, ro.Payer, ro.Expenses, ro.Trial,
			ro.Insurance, strconv.FormatBool(ro.ForYoung), strconv.FormatBool(ro.ForGroups), ro.ContactName, ro.Email, ro.Telephone, a.PartOf, places, free, s.Note,
		})
	}
	return rows
}
