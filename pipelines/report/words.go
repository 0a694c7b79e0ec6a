package report

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/language"
	"golang.org/x/text/message"
	"golang.org/x/text/number"

	"merit/connectors/fault"
)

// Words write numbers, dates and names as the company reads them.
type Words struct {
	Currency       string
	Zone           *time.Location
	group, decimal string
	monthFirst     bool
}

// NewWords takes a locale such as en-US or de-DE: it decides how digits are grouped,
// what the decimal sign is and whether the month or the day comes first. The text
// itself is English.
func NewWords(locale, currency string, zone *time.Location) (Words, error) {
	tag, err := language.Parse(locale)
	if err != nil {
		return Words{}, fault.Errorf(fault.You, "report.locale %q is not a language tag such as en-US or de-DE", locale)
	}
	signs := []rune(strings.Trim(message.NewPrinter(tag).Sprint(number.Decimal(1234567.5, number.Scale(1))), " "))
	w := Words{Currency: currency, Zone: zone, decimal: "."}
	for i, r := range signs {
		if r >= '0' && r <= '9' {
			continue
		}
		if i == len(signs)-2 {
			w.decimal = string(r)
		} else {
			w.group = string(r)
		}
	}
	region, _ := tag.Region()
	w.monthFirst = region.String() == "US"
	return w, nil
}

// minus is the sign that is as wide as a plus; a hyphen is not.
const minus = "−"

// thin keeps a number and its unit on one line.
const thin = "\u00a0"

// Number writes a value with so many digits after the decimal sign.
func (w Words) Number(v float64, digits int) string {
	return w.Digits(strconv.FormatFloat(v, 'f', digits, 64))
}

// Digits groups a decimal's text as it is: money never passes through a float.
func (w Words) Digits(text string) string {
	if text == "" {
		return ""
	}
	sign := ""
	if strings.HasPrefix(text, "-") {
		sign, text = minus, text[1:]
	}
	whole, fraction, hasFraction := strings.Cut(text, ".")
	if strings.Trim(whole+fraction, "0") == "" {
		sign = ""
	}
	var b strings.Builder
	b.WriteString(sign)
	for i, c := range whole {
		if i > 0 && (len(whole)-i)%3 == 0 {
			b.WriteString(w.group)
		}
		b.WriteRune(c)
	}
	if hasFraction {
		b.WriteString(w.decimal + fraction)
	}
	return b.String()
}

// Plain writes a value with as few digits as say it, two at most.
func (w Words) Plain(v float64) string {
	text := strconv.FormatFloat(math.Round(v*100)/100, 'f', -1, 64)
	return w.Digits(text)
}

// Signed writes a change with its sign, also the plus.
func (w Words) Signed(v float64, digits int) string {
	text := w.Number(v, digits)
	if v > 0 && !strings.HasPrefix(text, minus) && strings.Trim(text, "0.,") != "" {
		return "+" + text
	}
	return text
}

// Percent writes a share of 1.
func (w Words) Percent(v float64, digits int) string { return w.Number(100*v, digits) + thin + "%" }

// Size writes an amount as large as it is, not to the cent: 1.24m.
func (w Words) Size(v float64) string {
	switch a := math.Abs(v); {
	case a >= 1e9:
		return w.Number(v/1e9, 2) + "bn"
	case a >= 1e6:
		return w.Number(v/1e6, 2) + "m"
	case a >= 9950:
		return w.Number(v/1e3, 0) + "k"
	case a >= 1e3:
		return w.Number(v/1e3, 1) + "k"
	}
	return w.Number(v, 0)
}

// Value writes a metric's value in its unit.
func (w Words) Value(unit string, v Maybe) string {
	if !v.Known {
		return "no value"
	}
	switch unit {
	case "share":
		return w.Percent(v.Of, 1)
	case "money":
		return w.Size(v.Of) + thin + w.Currency
	case "days":
		return w.Number(v.Of, 1) + thin + "days"
	}
	return w.Plain(v.Of)
}

// Day writes a date.
func (w Words) Day(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	if w.monthFirst {
		return at.Format("January 2, 2006")
	}
	return at.Format("2 January 2006")
}

// ShortDay writes a date of a year that is known.
func (w Words) ShortDay(at time.Time) string {
	if w.monthFirst {
		return at.Format("Jan 2")
	}
	return at.Format("2 Jan")
}

// Instant writes an instant in the company's zone.
func (w Words) Instant(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	at = at.In(w.Zone)
	return w.Day(at) + ", " + at.Format("15:04")
}

// acronyms are written in capitals where they stand in a name.
var acronyms = map[string]string{"arr": "ARR", "crm": "CRM", "okr": "OKR", "nps": "NPS"}

// Label makes a name for people of a column's or a metric's: stage_advances is
// Stage transitions.
func Label(name string) string {
	words := strings.Split(name, "_")
	for i, word := range words {
		if capital, known := acronyms[word]; known {
			words[i] = capital
		}
	}
	return Sentence(strings.Join(words, " "))
}

// Sentence begins with a capital letter.
func Sentence(s string) string {
	for i, r := range s {
		return strings.ToUpper(string(r)) + s[i+len(string(r)):]
	}
	return s
}

// count writes a number of things: 1 deal, 2 deals.
func (w Words) count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%s %s", w.Digits(strconv.Itoa(n)), many)
}

// list joins names as a sentence does.
func list(names []string) string {
	switch len(names) {
	case 0:
		return ""
	case 1:
		return names[0]
	}
	return strings.Join(names[:len(names)-1], ", ") + " and " + names[len(names)-1]
}

// A Maybe is a number that may not be known.
type Maybe struct {
	Of    float64
	Known bool
}

func known(v float64) Maybe { return Maybe{v, true} }
