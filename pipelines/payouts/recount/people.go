package recount

import (
	"fmt"
	"math/big"
	"sort"
	"strings"
	"time"
)

// A person is somebody in a role, for the days of the quarter in it.
type person struct {
	rep, role, team string
	stretches       []stretch
	hasLeft         bool
	potential       *big.Rat
	values          map[string]*value
	score           *big.Rat
	used            *big.Rat // weight that was scored
	held            bool
	tier            string
	rank            int // of its tier; -1 none
	multiplier      *big.Rat
	standing        *standing
}

// A stretch is days by one bonus target and currency.
type stretch struct {
	days, leave int
	target      *big.Rat
	currency    string
}

func (p *person) days() (all, leave int) {
	for _, s := range p.stretches {
		all, leave = all+s.days, leave+s.leave
	}
	return all, leave
}

func (p *person) name() string { return p.rep + " (" + p.role + ")" }

// people reads the roster: who held which role on which days of the quarter.
func (f *frozen) people() []*person {
	byKey := map[[2]string]*person{}
	pieces, last := f.pieces()
	for _, one := range pieces {
		key := [2]string{one.rep, one.role}
		p := byKey[key]
		if p == nil {
			p = &person{rep: one.rep, role: one.role, rank: -1, values: map[string]*value{}}
			byKey[key] = p
		}
		p.team = one.team
		p.stretches = append(p.stretches, one.stretch)
	}
	var all []*person
	for _, p := range byKey {
		p.hasLeft = last[p.rep].Before(f.heading.endsOn)
		for i, s := range f.standings {
			if s.Period == f.heading.Period && s.RepID == p.rep && s.Role == p.role {
				p.standing = &f.standings[i]
			}
		}
		p.potential = f.potential(p)
		all = append(all, p)
	}
	sort.Slice(all, func(i, j int) bool {
		if all[i].rep != all[j].rep {
			return all[i].rep < all[j].rep
		}
		return all[i].role < all[j].role
	})
	return all
}

// A piece is a row of the roster within the quarter.
type piece struct {
	from            time.Time
	rep, role, team string
	stretch
}

// pieces are the roster's rows within the quarter, the earliest first, and each
// person's last day on the roster.
func (f *frozen) pieces() ([]piece, map[string]time.Time) {
	last := map[string]time.Time{}
	var pieces []piece
	for _, r := range f.roster {
		from, to := day(r["valid_from"], f.heading.startsOn), day(r["valid_to"], time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC))
		if to.After(last[r["rep_id"]]) {
			last[r["rep_id"]] = to
		}
		if from.Before(f.heading.startsOn) {
			from = f.heading.startsOn
		}
		if to.After(f.heading.endsOn) {
			to = f.heading.endsOn
		}
		if to.Before(from) {
			continue
		}
		s := stretch{days: days(from, to), leave: leaveDays(r["leave"], from, to), target: number(r["bonus_target"]), currency: r["currency"]}
		if s.currency == "" {
			s.currency = f.companyCurrency(r["rep_id"], r["role"])
		}
		pieces = append(pieces, piece{from, r["rep_id"], r["role"], r["team"], s})
	}
	sort.SliceStable(pieces, func(i, j int) bool { return pieces[i].from.Before(pieces[j].from) })
	return pieces, last
}

// companyCurrency stands in where the roster names none.
func (f *frozen) companyCurrency(rep, role string) string {
	for _, s := range f.standings {
		if s.Period == f.heading.Period && s.RepID == rep && s.Role == role {
			return s.Currency
		}
	}
	return ""
}

// potential is quotas.csv's potential, else its quota, else what the CRM's quotas
// gave, which stands in the standings only.
func (f *frozen) potential(p *person) *big.Rat {
	for _, q := range f.quotas {
		if q["rep_id"] != p.rep || q["period"] != f.heading.Period {
			continue
		}
		if n := number(q["potential"]); n != nil {
			return n
		}
		if n := number(q["quota"]); n != nil && (p.standing == nil || p.standing.Potential == "" || n.Cmp(number(p.standing.Potential)) == 0) {
			return n
		}
	}
	if p.standing == nil {
		return nil
	}
	return number(p.standing.Potential)
}

func day(text string, unless time.Time) time.Time {
	d, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return unless
	}
	return d
}

// leaveDays counts the days of leave that lie in a stretch, each once.
func leaveDays(text string, from, to time.Time) int {
	off := map[time.Time]bool{}
	for _, part := range strings.Split(text, ";") {
		first, end, ranged := strings.Cut(strings.TrimSpace(part), "..")
		a, err := time.Parse(time.DateOnly, strings.TrimSpace(first))
		if err != nil {
			continue
		}
		b := a
		if ranged {
			if b, err = time.Parse(time.DateOnly, strings.TrimSpace(end)); err != nil {
				continue
			}
		}
		for d := a; !d.After(b); d = d.AddDate(0, 0, 1) {
			if !d.Before(from) && !d.After(to) {
				off[d] = true
			}
		}
	}
	return len(off)
}

// compareDays holds the roster's days against the standings, and the other way round.
func (c *check) compareDays(people []*person) {
	seen := map[string]bool{}
	for _, p := range people {
		seen[p.rep+"\x00"+p.role] = true
		if p.standing == nil {
			c.differs("%s is on the roster, and in no standing", p.name())
			continue
		}
		all, leave := p.days()
		if all != p.standing.Days || leave != p.standing.LeaveDays || p.standing.PeriodDays != c.heading.totalDays {
			c.differs("%s: %d days and %d of leave of %d, by the roster %d and %d of %d", p.name(), p.standing.Days, p.standing.LeaveDays, p.standing.PeriodDays, all, leave, c.heading.totalDays)
		}
		if here, there := stretches(p.stretches), spans(p.standing.Spans); here != there {
			c.differs("%s: spans %s, by the roster %s", p.name(), there, here)
		}
	}
	for _, s := range c.standings {
		if s.Period == c.heading.Period && !seen[s.RepID+"\x00"+s.Role] {
			c.differs("%s (%s) has a standing, and is not on the roster", s.RepID, s.Role)
		}
	}
}

func stretches(all []stretch) string {
	sums := map[string][2]int{}
	for _, s := range all {
		key := s.currency + " " + show(s.target, 4)
		sums[key] = [2]int{sums[key][0] + s.days, sums[key][1] + s.leave}
	}
	return summed(sums)
}

func spans(all []span) string {
	sums := map[string][2]int{}
	for _, s := range all {
		key := s.Currency + " " + show(number(s.BonusTarget), 4)
		sums[key] = [2]int{sums[key][0] + s.Days, sums[key][1] + s.LeaveDays}
	}
	return summed(sums)
}

func summed(sums map[string][2]int) string {
	var keys []string
	for key := range sums {
		keys = append(keys, key)
	}
	sort.Strings(keys)
	text := ""
	for _, key := range keys {
		text += fmt.Sprintf("[%s: %d−%d days]", key, sums[key][0], sums[key][1])
	}
	return text
}
