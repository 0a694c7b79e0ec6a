package sfserver

import (
	"strconv"
	"strings"

	"merit/connectors/sandbox/company"
)

// A moment is a row of OpportunityHistory: what a deal looked like after one save
// that touched its stage, amount, probability or close date.
type moment struct {
	at         company.Instant
	by         int
	stage      string
	amount     string
	closeOn    string
	forecast   string
	lastAmount string // of the row before
	lastClose  string
}

// moments calls with each row in order until now. Changes of one instant are one
// save, unless it sets a field twice.
func moments(deal *company.Deal, now company.Instant, with func(moment)) {
	var m moment
	var touched, sawStage, sawAmount, sawClose bool
	rows := 0
	flush := func() {
		if touched {
			with(m)
			rows++
			m.lastAmount, m.lastClose = m.amount, m.closeOn
		}
		touched, sawStage, sawAmount, sawClose = false, false, false, false
	}
	for i := range deal.Changes {
		change := &deal.Changes[i]
		if change.At > now {
			break
		}
		twice := change.Field == company.StageName && sawStage || change.Field == company.Amount && sawAmount ||
			change.Field == company.CloseOn && sawClose
		if change.At != m.at || twice {
			flush()
			m.at = change.At
		}
		switch change.Field {
		case company.StageName:
			m.stage, touched, sawStage = change.Value, true, true
		case company.Amount:
			m.amount, touched, sawAmount = change.Value, true, true
		case company.CloseOn:
			m.closeOn, touched, sawClose = change.Value, true, true
		case company.Forecast:
			m.forecast = change.Value
		}
		m.by = int(change.By)
	}
	flush()
}

// A change is a row of OpportunityFieldHistory; "created" is the first one.
type change struct {
	field, kind string
	was, is     value
}

// tracked are the fields whose history the sandbox's admin has switched on.
func tracked(f company.Field) (name, kind string) {
	switch f {
	case company.StageName:
		return "StageName", "DynamicEnum"
	case company.Amount:
		return "Amount", "Currency"
	case company.CloseOn:
		return "CloseDate", "DateOnly"
	case company.NextStep:
		return "NextStep", "Text"
	case company.Forecast:
		return "ForecastCategoryName", "DynamicEnum"
	}
	return "Owner", "EntityId"
}

// expected is amount × probability in percent, to the cent, halves away from zero.
func expected(amount string, probability int) string {
	whole, fraction, _ := strings.Cut(amount, ".")
	cents, err := strconv.ParseInt(whole+(fraction + "00")[:2], 10, 64)
	if amount == "" || err != nil {
		return ""
	}
	product := cents * int64(probability)
	text := make([]byte, 0, 24)
	if product < 0 {
		text, product = append(text, '-'), -product
	}
	product = (product + 50) / 100
	text = strconv.AppendInt(text, product/100, 10)
	if rest := product % 100; rest != 0 {
		text = append(text, '.', byte('0'+rest/10), byte('0'+rest%10))
	}
	return string(text)
}
