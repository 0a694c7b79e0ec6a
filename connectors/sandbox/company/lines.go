package company

import (
	"strconv"
	"strings"
	"time"
)

// A Line is a thing sold in a deal. Its money is a part of the deal's: a deal's lines
// always sum to its amount.
type Line struct {
	Product   string
	Quantity  int
	Part      int // of a hundred of the deal's amount
	Months    int // of the term that is paid for again; 0: it is paid once
	CreatedAt Instant
	DeletedAt Instant
}

// A LineState is a line as it is at one instant.
type LineState struct {
	Amount     string // plain decimal with two digits, of the whole line; "" while the deal has none
	StartsOn   string // YYYY-MM-DD, the first day that is paid for; "" where it is paid once
	EndsOn     string // the last day
	ModifiedAt Instant
}

// LineAt is a line as it is by then: its term begins on the day after the deal is to
// close, its money is what the deal has.
func (d *Deal) LineAt(line int, now Instant) LineState {
	l := &d.Lines[line]
	s := LineState{ModifiedAt: l.CreatedAt}
	amount, closes := "", ""
	for i := range d.Changes {
		c := &d.Changes[i]
		if c.At > now {
			break
		}
		switch c.Field {
		case Amount:
			amount = c.Value
		case CloseOn:
			closes = c.Value
		default:
			continue
		}
		s.ModifiedAt = max(s.ModifiedAt, c.At)
	}
	if DeletedBy(l.DeletedAt, now) {
		s.ModifiedAt = max(s.ModifiedAt, l.DeletedAt)
	}
	if amount != "" {
		s.Amount = decimal(d.partOf(line, cents(amount), now))
	}
	if l.Months > 0 {
		s.StartsOn, s.EndsOn = term(closes, l.Months)
	}
	return s
}

// partOf is a line's money: the last line has what rounding left.
func (d *Deal) partOf(line int, amount int64, now Instant) int64 {
	last, rest := line, amount
	for i := range d.Lines {
		if !DeletedBy(d.Lines[i].DeletedAt, now) {
			last = i
			if i != line {
				rest -= amount * int64(d.Lines[i].Part) / 100
			}
		}
	}
	if last == line {
		return rest
	}
	return amount * int64(d.Lines[line].Part) / 100
}

// TermAt is the first and the last day of what a deal sells again and again; ""
// where all of it is paid once.
func (d *Deal) TermAt(now Instant) (startsOn, endsOn string) {
	for i := range d.Lines {
		if l := &d.Lines[i]; l.Months > 0 && l.CreatedAt <= now && !DeletedBy(l.DeletedAt, now) {
			return term(d.At(now).CloseOn, l.Months)
		}
	}
	return "", ""
}

// term is the days of so many months from the day after a date.
func term(closes string, months int) (startsOn, endsOn string) {
	from, err := time.Parse(time.DateOnly, closes)
	if err != nil {
		return "", ""
	}
	from = from.AddDate(0, 0, 1)
	return from.Format(time.DateOnly), from.AddDate(0, months, -1).Format(time.DateOnly)
}

// cents reads a plain decimal with at most two digits.
func cents(text string) int64 {
	whole, fraction, _ := strings.Cut(text, ".")
	n, err := strconv.ParseInt(whole+(fraction + "00")[:2], 10, 64)
	if err != nil {
		return 0
	}
	return n
}

// decimal writes cents as a plain decimal.
func decimal(n int64) string {
	fraction := strconv.FormatInt(100+n%100, 10)[1:]
	return strconv.FormatInt(n/100, 10) + "." + fraction
}

// itemise says what most deals consist of: what is paid again for a term, and in some
// beside it what is paid once. The term of a deal that was renewed ends near the
// deal that renewed it.
func (g *generator) itemise(index int, renewal Instant) {
	d := &g.company.Deals[index]
	at := d.CreatedAt
	for i := range d.Changes {
		if d.Changes[i].Field == Amount {
			at = d.Changes[i].At
			break
		}
	}
	isRenewal := g.market != nil && d.Type == "Renewal" // sells nothing but what is paid again
	if g.chance(250) && !isRenewal {
		return
	}
	months := [...]int{36, 24, 36, 60, 36, 12, 36, 36, 24, 36}[g.dice.IntN(10)]
	if renewal != 0 {
		months = monthsTo(d.At(g.end).CloseOn, renewal)
	}
	product := d.Name[strings.LastIndex(d.Name, " - ")+3 : strings.LastIndexByte(d.Name, ' ')]
	recurring := Line{Product: product, Quantity: g.between(1, 40), Part: 100, Months: months, CreatedAt: at}
	if g.chance(700) || isRenewal {
		d.Lines = []Line{recurring}
		return
	}
	recurring.Part = g.between(60, 90)
	d.Lines = []Line{recurring, {Product: "Onboarding", Quantity: 1, Part: 100 - recurring.Part, CreatedAt: at}}
}

// monthsTo is how many whole months lie between a date and an instant, rounded.
func monthsTo(date string, at Instant) int {
	from, err := time.Parse(time.DateOnly, date)
	if err != nil {
		return 12
	}
	return max(1, int(at.Time().Sub(from).Hours()/24+15)/30)
}
