package payouts

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"merit/connectors/fault"
)

// dateFormats are how payroll systems write dates.
var dateFormats = map[string]string{
	"": time.DateOnly, "yyyy-mm-dd": time.DateOnly, "yyyy/mm/dd": "2006/01/02", "mm/dd/yyyy": "01/02/2006", "dd.mm.yyyy": "02.01.2006", "yyyymmdd": "20060102",
}

func dateFormatNames() []string { return slices.Sorted(maps.Keys(dateFormats)) }

// fieldsOf are what a payment can put into a row.
func (l Layout) fieldsOf(e Entry, h Heading, p Payroll, row int) (map[string]string, error) {
	employee := e.RepID
	if p.Employees != nil {
		if employee = p.Employees[e.RepID]; employee == "" {
			return nil, fault.Errorf(fault.You, "the employees file has no number for %s, who is to be paid %s %s", e.RepID, e.Amount, e.Currency)
		}
	}
	first, last := splitName(e.Name)
	if known := p.People[e.RepID]; known["first_name"] != "" || known["last_name"] != "" {
		first, last = known["first_name"], known["last_name"]
	}
	fields := map[string]string{
		"period": e.Period, "for_period": e.For, "employee": employee, "rep_id": e.RepID, "name": e.Name, "first_name": first, "last_name": last,
		"role": e.Role, "kind": string(e.Kind), "amount": e.Amount, "currency": e.Currency, "reason": e.Reason, "row": strconv.Itoa(row),
	}
	for name, day := range map[string]string{"starts_on": h.StartsOn, "ends_on": h.EndsOn, "pay_date": p.PayDate, "pay_from": p.PayFrom, "pay_to": p.PayTo} {
		if day == "" {
			continue
		}
		date, err := time.Parse(time.DateOnly, day)
		if err != nil {
			return nil, fault.Errorf(fault.You, "%s: %q is not a date; write it as 2026-04-15", name, day)
		}
		fields[name] = date.Format(dateFormats[l.DateFormat])
	}
	if err := p.checkDates(h); err != nil {
		return nil, err
	}
	if l.Decimal == "," {
		fields["amount"] = strings.Replace(e.Amount, ".", ",", 1)
	}
	return fields, nil
}

// checkDates refuses a pay period that runs backwards, and a day of pay before the
// quarter is over.
func (p Payroll) checkDates(h Heading) error {
	if p.PayFrom != "" && p.PayTo != "" && p.PayTo < p.PayFrom {
		return fault.Errorf(fault.You, "the pay period ends on %s, before it begins on %s", p.PayTo, p.PayFrom)
	}
	if p.PayDate != "" && h.EndsOn != "" && p.PayDate <= h.EndsOn {
		return fault.Errorf(fault.You, "the pay date %s is not after %s, the last day of %s", p.PayDate, h.EndsOn, h.Period)
	}
	return nil
}

// splitName takes the last word for the last name.
func splitName(name string) (first, last string) {
	at := strings.LastIndexByte(strings.TrimSpace(name), ' ')
	if at < 0 {
		return "", strings.TrimSpace(name)
	}
	name = strings.TrimSpace(name)
	return strings.TrimSpace(name[:at]), name[at+1:]
}

// row is what one payment gives in these columns.
func (l Layout) row(columns []LayoutColumn, e Entry, h Heading, p Payroll, number int) ([]string, error) {
	fields, err := l.fieldsOf(e, h, p, number)
	if err != nil {
		return nil, err
	}
	var row []string
	for _, c := range columns {
		value := c.Text
		switch {
		case c.Field != "":
			value = fields[c.Field]
			if strings.HasPrefix(c.Field, "pay_") && value == "" {
				return nil, fault.Errorf(fault.You, "%s wants %s: name it with --pay-date 2026-04-15 and --pay-period 2026-04-01..2026-04-15", l.Title, c.Title)
			}
		case c.Setting != "":
			value = c.setting(e, p)
			if value == "" && !c.Optional {
				return nil, fault.Errorf(fault.You, "%s wants %s: write it under payouts.payroll.%s in merit.yml", l.Title, c.Title, c.Setting)
			}
		}
		if value, err = c.taken(value, l, e); err != nil {
			return nil, err
		}
		row = append(row, value)
	}
	return row, nil
}

func (c LayoutColumn) setting(e Entry, p Payroll) string {
	if c.ByKind {
		if own := p.Settings[c.Setting+"_"+string(e.Kind)].in(e.Currency); own != "" {
			return own
		}
	}
	return p.Settings[c.Setting].in(e.Currency)
}

// taken holds a value against what the payroll system takes, and fills it up.
func (c LayoutColumn) taken(value string, l Layout, e Entry) (string, error) {
	refused := func(why string) error {
		return fault.Errorf(fault.You, "%s takes no %s %q, of %s: %s", l.Title, c.Title, value, e.RepID, why)
	}
	isText := c.Field != "" || c.Setting != ""
	switch {
	case value == "" && isText && (c.pattern != nil && !c.Optional):
		return "", refused("it is empty")
	case value != "" && c.pattern != nil && !c.pattern.MatchString(value):
		return "", refused("it has to look like " + c.Pattern)
	case c.MaxLength > 0 && utf8.RuneCountInString(value) > c.MaxLength:
		return "", refused("it may have " + strconv.Itoa(c.MaxLength) + " characters")
	case c.Width > 0 && utf8.RuneCountInString(value) > c.Width:
		return "", refused("it may have " + strconv.Itoa(c.Width) + " characters")
	case strings.ContainsAny(value, "\r\n\x00"):
		return "", refused("it holds a line break")
	}
	if err := c.inRange(value, l, refused); err != nil {
		return "", err
	}
	return c.filled(value), nil
}

func (c LayoutColumn) inRange(value string, l Layout, refused func(string) error) error {
	if c.Least == "" && c.Most == "" {
		return nil
	}
	number, err := decimalOf(plainNumber(value, l.Decimal))
	if err != nil {
		return refused("it is not a number")
	}
	for _, bound := range []struct {
		text string
		sign int
		word string
	}{{c.Least, -1, "below "}, {c.Most, 1, "above "}} {
		if bound.text == "" {
			continue
		}
		edge, err := decimalOf(bound.text)
		if err != nil {
			return fault.Errorf(fault.You, "layout %s: column %s: %w", l.Title, c.Title, err)
		}
		if number.Cmp(edge) == bound.sign {
			return refused("it is " + bound.word + bound.text)
		}
	}
	return nil
}

// filled fills a value up to the column's width; a sign stays in front of zeros.
func (c LayoutColumn) filled(value string) string {
	missing := c.Width - utf8.RuneCountInString(value)
	if missing <= 0 {
		return value
	}
	fill := c.Fill
	if fill == "" {
		fill = " "
	}
	if c.Align != "right" {
		return value + strings.Repeat(fill, missing)
	}
	if fill == "0" && strings.HasPrefix(value, "-") {
		return "-" + strings.Repeat(fill, missing) + value[1:]
	}
	return strings.Repeat(fill, missing) + value
}

func plainNumber(text, mark string) string {
	text = strings.TrimSpace(text)
	if mark == "," {
		text = strings.Replace(text, ",", ".", 1)
	}
	return text
}
