package company

import "time"

// A working day at Acme is ten hours, counted in seconds from its opening. The
// generator reckons in working seconds since Begin, so that whatever it adds up
// falls into office hours; integers only, so that every machine tells the same
// story.
const (
	workday  = 10 * 60 * 60
	workweek = 5 * workday
)

// A calendar turns working seconds into instants and dates.
type calendar struct {
	opens    []Instant // 08:00 local time of each working day
	date     []int     // calendar day of each working day, counted from Begin's
	quarter  []int     // the last working day of each working day's quarter
	dateText []string  // YYYY-MM-DD of each calendar day
	horizon  int       // working seconds until the story ends
	now      int       // working seconds until Now
}

const (
	weeksPast   = 8   // the story goes on so long after Now
	daysPlanned = 900 // close dates may lie so far after the story's end
)

func newCalendar(zone *time.Location, begin, now time.Time, free map[string]string) *calendar {
	c := &calendar{}
	end := now.AddDate(0, 0, 7*weeksPast)
	day := begin.In(zone)
	for number := 0; day.Before(end.AddDate(0, 0, daysPlanned)); number++ {
		c.dateText = append(c.dateText, day.Format(time.DateOnly))
		_, isFree := free[day.Format(time.DateOnly)]
		if weekday := day.Weekday(); weekday != time.Saturday && weekday != time.Sunday && !isFree {
			opening := time.Date(day.Year(), day.Month(), day.Day(), 8, 0, 0, 0, zone)
			c.opens = append(c.opens, At(opening))
			c.date = append(c.date, number)
			if opening.Before(now) {
				c.now += workday
			}
			if opening.Before(end) {
				c.horizon += workday
			}
		}
		day = day.AddDate(0, 0, 1)
	}
	c.findQuarters(zone)
	return c
}

func (c *calendar) findQuarters(zone *time.Location) {
	c.quarter = make([]int, len(c.opens))
	last, of := len(c.opens)-1, -1
	for i := len(c.opens) - 1; i >= 0; i-- {
		t := c.opens[i].Time().In(zone)
		if q := t.Year()*4 + (int(t.Month())-1)/3; q != of {
			last, of = i, q
		}
		c.quarter[i] = last
	}
}

// at gives the instant of a working second; what lies past the calendar is its end.
func (c *calendar) at(second int) Instant {
	day := min(second/workday, len(c.opens)-1)
	return c.opens[day] + Instant(second%workday)*1000
}

// on gives the calendar day, counted from Begin's, of a working second.
func (c *calendar) on(second int) int { return c.date[min(second/workday, len(c.date)-1)] }

// dateOf gives the text of a calendar day.
func (c *calendar) dateOf(day int) string { return c.dateText[max(0, min(day, len(c.dateText)-1))] }

// quarterEnd gives the opening of the last working day of the second's quarter.
func (c *calendar) quarterEnd(second int) int {
	return c.quarter[min(second/workday, len(c.quarter)-1)] * workday
}
