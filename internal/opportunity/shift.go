package opportunity

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"codeberg.org/aushang/aushang/internal/markup"
	"codeberg.org/aushang/aushang/internal/page"
	"codeberg.org/aushang/aushang/internal/problem"
)

const (
	maxShifts = 100
	// night is how long something may last that ends on the next day; what lasts
	// longer was a slip.
	night = 12 * time.Hour
)

// A line of shifts: a day (or that of the line before), from, to, places, and
// what it is about.
var (
	shiftLine  = regexp.MustCompile(`^(?:(.*?)[,;]?\s+)??(\d{1,2}(?:[:.]\d{2})?)\s*(?i:uhr|h)?\s*(?:-|–|(?i:bis|to|until))\s*(\d{1,2}(?:[:.]\d{2})?)\s*(?i:uhr|h)?(?:(?:\s*[,;]\s*|\s*:\s+|\s+)(.*))?$`)
	placesPart = regexp.MustCompile(`^(\d{1,5})\s*(?i:x|plätze|platz|personen|person|leute|helfende|places?|people|persons?)?\s*(?:[,;:]\s*(.*))?$`)
)

// ParseShifts reads shifts as people type them, one a line: "11.7., 14:00 bis
// 16:00, 4, Kuchen verkaufen". Places and words may be left out; a line without
// a day is on the day of the line before. wrong is a sentence with the number of
// the line, "" when all is well.
func ParseShifts(text string, today time.Time) (shifts []*Shift, wrong string, n int) {
	var day time.Time
	for i, typed := range strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n") {
		typed = strings.TrimSpace(typed)
		if typed == "" {
			continue
		}
		if len(shifts) == maxShifts {
			return nil, "There are more than %d shifts; please leave some out.", maxShifts
		}
		shift, wrong := parseShift(typed, &day, today)
		if wrong != "" {
			return nil, wrong, i + 1
		}
		shifts = append(shifts, shift)
	}
	return shifts, "", 0
}

// noClock is what is wrong with a time of day.
const noClock = "This is no time of day; write it like 19:00 or 19 Uhr."

// What is wrong with a line of shifts.
const (
	noShift   = "Line %d is no shift; please write it like: 11.7., 14:00 to 16:00, 4, selling cake."
	noEnd     = "Line %d ends before it begins; please check both times."
	longShift = "Line %d says too much; please shorten it."
)

func parseShift(typed string, day *time.Time, today time.Time) (*Shift, string) {
	m := shiftLine.FindStringSubmatch(strings.Join(strings.Fields(typed), " "))
	if m == nil {
		return nil, noShift
	}
	if m[1] != "" {
		d, ok := page.ParseDate(strings.TrimRight(m[1], " ,;:"), today)
		if !ok {
			return nil, noShift
		}
		*day = d
	}
	h, min, ok := page.ParseClock(m[2])
	endH, endMin, fine := page.ParseClock(m[3])
	if !ok || !fine || day.IsZero() {
		return nil, noShift
	}
	s := &Shift{StartsAt: at(*day, h, min), EndsAt: at(*day, endH, endMin)}
	if !s.EndsAt.After(s.StartsAt) {
		if s.EndsAt = at(day.AddDate(0, 0, 1), endH, endMin); s.EndsAt.Sub(s.StartsAt) > night {
			return nil, noEnd
		}
	}
	rest := strings.TrimSpace(m[4])
	if p := placesPart.FindStringSubmatch(rest); p != nil {
		s.Places, _ = strconv.Atoi(p[1])
		rest = p[2]
	}
	if s.Note = markup.Name(rest, maxLine+1); len([]rune(s.Note)) > maxLine || s.Places > maxPlaces {
		return nil, longShift
	}
	return s, ""
}

// at gives a time of day of a day.
func at(day time.Time, hour, minute int) time.Time {
	y, m, d := day.Date()
	return time.Date(y, m, d, hour, minute, 0, 0, day.Location())
}

// FormatShifts writes shifts as ParseShifts reads them.
func FormatShifts(shifts []*Shift) string {
	var b strings.Builder
	for _, s := range shifts {
		fmt.Fprintf(&b, "%s, %s bis %s", s.StartsAt.Format("02.01.2006"), s.StartsAt.Format("15:04"), s.EndsAt.Format("15:04"))
		if s.Places > 0 || s.Note != "" {
			fmt.Fprintf(&b, ", %d", s.Places)
		}
		if s.Note != "" {
			b.WriteString(", " + s.Note)
		}
		b.WriteByte('\n')
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// keepShifts gives the new shifts the ids of the old ones that they are: those
// with the same times, and when as many are left of both, those in the same
// order, which were moved.
func keepShifts(old, now []*Shift) {
	var left, fresh []*Shift
	taken := map[*Shift]bool{}
	for _, s := range now {
		s.ID = ""
		for _, o := range old {
			if !taken[o] && o.StartsAt.Equal(s.StartsAt) && o.EndsAt.Equal(s.EndsAt) {
				taken[o], s.ID, s.Taken = true, o.ID, o.Taken
				break
			}
		}
		if s.ID == "" {
			fresh = append(fresh, s)
		}
	}
	for _, o := range old {
		if !taken[o] {
			left = append(left, o)
		}
	}
	for i, s := range fresh {
		if len(left) == len(fresh) {
			s.ID, s.Taken = left[i].ID, left[i].Taken
		} else {
			s.ID = uuid.Must(uuid.NewV7()).String()
		}
	}
}

// applyTimes checks when help is wanted and writes it into o.
func (s *Opportunities) applyTimes(errs *problem.Fields, o *Opportunity, d Draft) {
	o.Times = d.Times
	if o.Times == "" {
		errs.Add("times", "Please say when help is wanted.")
	}
	among(errs, "times", d.Times, TimesKinds)
	o.TimeNote = line(errs, "time-note", d.TimeNote, maxLine)
	o.EffortMinutes, o.EffortPer = hours(errs, d.Effort), among(errs, "effort-per", d.EffortPer, Rhythms)
	today := s.now().In(s.zone)
	shifts, wrong, n := ParseShifts(d.Shifts, today)
	if wrong != "" {
		errs.Add("shifts", wrong, n)
		shifts = nil
	}
	sortShifts(shifts)
	keepShifts(o.Shifts, shifts)
	o.Shifts, o.Weekdays = shifts, d.Weekdays&127
	o.StartTime, o.EndTime = time.Time{}, time.Time{}
	if o.Times != Once {
		return
	}
	switch {
	case len(shifts) > 0:
		for field, typed := range map[string]string{"from": d.From, "to": d.To} { // the shifts say it, but what stands there is read by people
			if _, _, ok := page.ParseClock(typed); strings.TrimSpace(typed) != "" && !ok {
				errs.Add(field, noClock)
			}
		}
		o.StartTime = shifts[0].StartsAt
		for _, shift := range shifts {
			if shift.EndsAt.After(o.EndTime) {
				o.EndTime = shift.EndsAt
			}
		}
	case strings.TrimSpace(d.Day) == "":
		if wrong == "" {
			errs.Add("day", "Please say on which day help is wanted.")
		}
		return
	default:
		o.StartTime, o.EndTime = once(errs, d, today)
	}
	o.Weekdays = weekdays(o)
}

// once reads the day and the times of day of what happens once.
func once(errs *problem.Fields, d Draft, today time.Time) (start, end time.Time) {
	day, ok := page.ParseDate(d.Day, today)
	if !ok {
		errs.Add("day", "This is no date; write it like 11.7. or 11.07.2026.")
		return time.Time{}, time.Time{}
	}
	clock := func(field, typed string) (time.Time, bool) {
		if strings.TrimSpace(typed) == "" {
			return time.Time{}, false
		}
		h, m, ok := page.ParseClock(typed)
		if !ok {
			errs.Add(field, noClock)
		}
		return at(day, h, m), ok
	}
	start, timed := clock("from", d.From)
	end, ends := clock("to", d.To)
	switch {
	case !timed && ends:
		errs.Add("from", "Please say when it begins, too.")
	case !timed:
		start = day
	case ends && !end.After(start):
		if end = end.AddDate(0, 0, 1); end.Sub(start) > night {
			errs.Add("to", "The end is not after the start.")
		}
	}
	return start, end
}

// AllDay tells whether of what happens once only the day is known.
func (o *Opportunity) AllDay() bool {
	return o.EndTime.IsZero() && o.StartTime.Hour() == 0 && o.StartTime.Minute() == 0
}

// weekdays gives the days of what happens once, as Details has them.
func weekdays(o *Opportunity) int {
	days := 0
	for _, shift := range o.Shifts {
		days |= Weekday(shift.StartsAt.Weekday())
	}
	if days == 0 && !o.StartTime.IsZero() {
		days = Weekday(o.StartTime.Weekday())
	}
	return days
}

// Weekday gives the bit of a day: 1 is Monday, 64 Sunday.
func Weekday(d time.Weekday) int { return 1 << ((int(d) + 6) % 7) }

// week are the days of a week as bits of Details.Weekdays, Monday first.
var week = []time.Weekday{time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday, time.Saturday, time.Sunday}

func sortShifts(shifts []*Shift) {
	slices.SortStableFunc(shifts, func(a, b *Shift) int {
		if c := a.StartsAt.Compare(b.StartsAt); c != 0 {
			return c
		}
		return a.EndsAt.Compare(b.EndsAt)
	})
}
