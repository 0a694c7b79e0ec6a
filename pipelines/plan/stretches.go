package plan

import (
	"time"

	"merit/pipelines/calendar"
)

// A Stretch is what one row of the roster has in a quarter: days in a role on one
// bonus target.
type Stretch struct {
	RepID, Name, Role, Team string
	Days, LeaveDays         int64
	LastDay                 time.Time
	BonusTarget             string // "" when the roster has none
	Currency                string
}

// Stretches are the roster's rows in a quarter, each cut where leave begins and
// ends. The models compute the same in SQL.
func (in Inputs) Stretches(q calendar.Quarter) []Stretch {
	var found []Stretch
	first, last := day(q.StartsOn.Format(time.DateOnly)), day(q.LastDay().Format(time.DateOnly))
	for _, row := range in.reps() {
		from, to := day(row[7].(string)), last
		if row[8] != nil && day(row[8].(string)).Before(to) {
			to = day(row[8].(string))
		}
		begins := from
		if begins.Before(first) {
			begins = first
		}
		if to.Before(begins) {
			continue
		}
		s := Stretch{RepID: row[0].(string), Name: row[1].(string), Role: row[2].(string), LastDay: to, Currency: row[10].(string)}
		s.Team, _ = row[3].(string)
		s.BonusTarget, _ = row[9].(string)
		s.Days = int64(to.Sub(begins)/(24*time.Hour)) + 1
		if leave := row[11].(int64); !from.Before(first) { // counted once: in the quarter in which the row begins
			s.LeaveDays = min(leave, s.Days)
		}
		found = append(found, s)
	}
	return found
}

func day(text string) time.Time {
	d, err := time.Parse(time.DateOnly, text)
	if err != nil {
		panic(err) // a date that was just written
	}
	return d
}
