package planted

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"
)

const (
	weeksBefore  = 16 // that a person's usual week is known from
	quarterWeeks = 13
	people       = 40
)

// A worker's weeks are honest but for what is planted: from a week on somebody does
// less, or is on leave for some days.
type worker struct {
	id        string
	usual     float64 // activities a week
	falls     int     // the week in which a withdrawal begins; 0: none
	to        float64 // the part of the usual that is left
	leaveFrom int     // day; 0: none
	leaveDays int
}

var warningTables = []string{"programme.rep_weeks", "programme.week_levels", "programme.role_levels", "programme.week_alarms", "marts.early_warnings"}

// Of those who withdraw nine in ten are seen by the end of the third week, of honest
// people one quarter in fifty gives an alarm, and nobody is missed on leave.
func TestWithdrawalIsSeenByTheThirdWeek(t *testing.T) {
	c := newCompany(t, "2026-07-20T00:00:00Z")
	var planted, seen, honest, alarms, onLeave int
	for i := range *companies {
		c.seeded(i)
		workers := c.inventWorkers()
		c.giveWeeks(workers, func(int) float64 { return 1 })
		for _, w := range workers {
			rows := c.ask(fmt.Sprintf("select distinct week_on, last_on from marts.early_warnings where rep_id = '%s' and kind <> 'uncoached'", w.id))
			found, early := false, false
			for _, row := range rows {
				week := int(date(row[0]).Sub(firstMonday).Hours()/24) / 7
				if w.falls > 0 && week >= w.falls {
					found = found || week <= w.falls+2
					continue
				}
				early = true
				if first, last := w.leaveFrom/7, (w.leaveFrom+w.leaveDays-1)/7; w.leaveDays > 0 && week > first && week < last {
					onLeave++
				}
			}
			if w.falls > 0 {
				planted++
				if found {
					seen++
				}
				continue
			}
			honest++
			if early {
				alarms++
			}
		}
		if n := c.number("select count(*) from marts.early_warnings where subject = 'role'"); n != 0 {
			t.Errorf("%v falls of the whole role, and nothing common was planted", n)
		}
	}
	t.Logf("%d of %d withdrawals seen by the end of week 3 (%.1f %%), %d alarms in %d honest rep-quarters (%.2f %%), %d in weeks of leave; %d companies, seeds from %d",
		seen, planted, 100*share(seen, planted), alarms, honest, 100*share(alarms, honest), onLeave, *companies, *firstSeed)
	if share(seen, planted) < 0.9-slack(planted, 0.9) {
		t.Errorf("of %d withdrawals %d are seen", planted, seen)
	}
	if share(alarms, honest) > 0.02+slack(honest, 0.02) {
		t.Errorf("of %d honest quarters %d gave an alarm", honest, alarms)
	}
	if onLeave > 0 {
		t.Errorf("%d alarms in weeks of leave", onLeave)
	}
}

// slack is two standard errors of a share of so few: a hundred and more companies
// leave next to none.
func slack(n int, p float64) float64 { return 2 * math.Sqrt(p*(1-p)/float64(n)) }

func share(k, n int) float64 { return float64(k) / float64(n) }

// When the market falls for everybody there is one sentence and no personal warning.
func TestAMarketThatFallsWarnsOfNobody(t *testing.T) {
	c := newCompany(t, "2026-07-20T00:00:00Z")
	warned := 0
	for i := range *companies {
		seed := c.seeded(i)
		workers := c.inventWorkers()
		for k := range workers {
			workers[k].falls = 0
		}
		begins, left := weeksBefore+2+c.IntN(6), 0.3+0.2*c.Float64()
		c.giveWeeks(workers, func(week int) float64 {
			if week >= begins {
				return left
			}
			return 1
		})
		if n := c.number("select count(*) from marts.early_warnings where subject = 'role' and kind = 'activity'"); n != 1 {
			t.Errorf("seed %d: %v sentences tell of the market, not one", seed, n)
		}
		warned += int(c.number(fmt.Sprintf("select count(distinct rep_id) from marts.early_warnings where subject = 'rep' and week_on >= date '%s'", day(monday(begins)))))
	}
	t.Logf("%d personal warnings among %d people whose market fell", warned, *companies*people)
	// No more than honest people give without a market.
	if float64(warned) > 0.005*float64(*companies*people)+1 {
		t.Errorf("%d people are warned of when everybody fell", warned)
	}
}

var firstMonday = date("2025-12-29")

func monday(week int) time.Time { return firstMonday.AddDate(0, 0, 7*week) }

func (c *company) inventWorkers() []worker {
	var all []worker
	for i := range people {
		w := worker{id: fmt.Sprintf("r%02d", i), usual: 12 + 33*c.Float64()}
		switch {
		case i < 4:
			w.falls, w.to = weeksBefore+c.IntN(quarterWeeks-3), 0.1+0.3*c.Float64()
		case i < 10:
			w.leaveFrom, w.leaveDays = 7*weeksBefore+c.IntN(7*8), 8+c.IntN(20)
		}
		all = append(all, w)
	}
	return all
}

// giveWeeks puts each worker's days in, and builds the warnings.
func (c *company) giveWeeks(workers []worker, market func(week int) float64) {
	c.t.Helper()
	var days, active [][]any
	for _, w := range workers {
		for week := range weeksBefore + quarterWeeks {
			level := w.usual * market(week)
			if w.falls > 0 && week >= w.falls {
				level *= w.to
			}
			// Counts of a week spread about twice as much as chance alone.
			level *= gamma(c.Rand, w.usual/0.95) * 0.95 / w.usual
			for k := range 7 {
				on := monday(week).AddDate(0, 0, k)
				at := 7*week + k
				leave := w.leaveDays > 0 && at >= w.leaveFrom && at < w.leaveFrom+w.leaveDays
				days = append(days, []any{w.id, day(on), "ae", "UTC", day(monday(week)), day(on)[:8] + "01", leave, k < 5 && !leave, true})
				if k >= 5 || leave {
					continue
				}
				if n := poisson(c.Rand, level/5); n > 0 {
					active = append(active, []any{w.id, day(on), 0, n, 0})
				}
			}
		}
	}
	c.give("recognition.rep_days", "rep_id, day_on, role, time_zone, week_on, month_on, is_leave, is_working, is_over", days)
	c.give("core.active_days", "rep_id, day_on, changes, activities, logins", active)
	c.build(warningTables...)
}

// poisson is Knuth's.
func poisson(r *rand.Rand, mean float64) int {
	limit, product, n := math.Exp(-mean), r.Float64(), 0
	for product > limit {
		product *= r.Float64()
		n++
	}
	return n
}

// gamma has the given shape, which is at least 1, and scale 1: Marsaglia and Tsang's.
func gamma(r *rand.Rand, shape float64) float64 {
	d := shape - 1.0/3
	for {
		x := r.NormFloat64()
		v := math.Pow(1+x/math.Sqrt(9*d), 3)
		if v > 0 && math.Log(r.Float64()) < 0.5*x*x+d-d*v+d*math.Log(v) {
			return d * v
		}
	}
}
