package event

import (
	"fmt"
	"strings"
	"time"

	"codeberg.org/aushang/aushang/internal/page"
	"codeberg.org/aushang/aushang/internal/problem"
)

// What is wrong with a date or a time of day in a form, in sentences for
// whoever typed it.
const (
	noDate  = "This is no date; write it like 11.7. or 11.07.2026."
	noClock = "This is no time of day; write it like 19:00 or 19 Uhr."
	noDay   = "Please say on which day it begins."
	tooSoon = "That is before the start. Please check both times, or say on which day it ends."
)

// night is how many minutes an event may last that ends on the next day without
// saying so. What lasts longer was a slip.
const night = 12 * 60

// ParseDate reads a day as people type it; see page.ParseDate.
func ParseDate(s string, today time.Time) (time.Time, bool) { return page.ParseDate(s, today) }

// A when is what four fields of a form say: the days and the times of day of
// start and end, each as typed.
type when struct{ startDate, startTime, endDate, endTime string }

// parse gives start and end as ParseTime takes them; end is "" when it is
// open. Without a time of day the whole day is meant; an end without a day is
// on the day of the start or, when it were before it, in the night after it.
func (w when) parse(today time.Time) (start, end string, err error) {
	var errs problem.Fields
	day, ok := ParseDate(w.startDate, today)
	switch {
	case strings.TrimSpace(w.startDate) == "":
		errs.Add("start-date", noDay)
	case !ok:
		errs.Add("start-date", noDate)
	}
	start, startMinute := at(&errs, "start-time", w.startTime, day)
	last := day
	if strings.TrimSpace(w.endDate) != "" {
		if last, ok = ParseDate(w.endDate, day); !ok {
			errs.Add("end-date", noDate)
		}
	} else if strings.TrimSpace(w.endTime) == "" {
		return start, "", errs.Err()
	}
	end, endMinute := at(&errs, "end-time", w.endTime, last)
	if strings.TrimSpace(w.endDate) == "" && startMinute >= 0 && endMinute >= 0 && endMinute <= startMinute {
		end, _ = at(&errs, "end-time", w.endTime, last.AddDate(0, 0, 1))
		if endMinute+24*60-startMinute > night {
			errs.Add("end-time", tooSoon)
		}
	}
	return start, end, errs.Err()
}

// at joins a day and a time of day as typed. minute is that of the day, -1
// without a time.
func at(errs *problem.Fields, field, typed string, day time.Time) (joined string, minute int) {
	joined = day.Format(time.DateOnly)
	if strings.TrimSpace(typed) == "" {
		return joined, -1
	}
	h, m, ok := page.ParseClock(typed)
	if !ok {
		errs.Add(field, noClock)
	}
	return joined + fmt.Sprintf("T%02d:%02d", h, m), 60*h + m
}
