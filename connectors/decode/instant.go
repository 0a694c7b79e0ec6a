package decode

import (
	"github.com/apache/arrow-go/v18/arrow"
)

const (
	notInstant = "is not an instant: neither 2024-09-24T03:26:07.000Z nor epoch milliseconds"
	noZone     = "is an instant without its time zone"
	notDate    = "is not a date: neither 2024-09-24 nor an instant"
	likeSerial = "is not a date: a bare number, as a spreadsheet counts days since 1899-12-30; write 2024-09-24"
	likeEpoch  = "is not a date: a bare number, as a computer counts seconds since 1970; write 2024-09-24"
	notTime    = "is not a time of day such as 10:12:00.000Z"
	notInYears = "is not between the years 1 and 9999"

	secondsADay  = 24 * 60 * 60
	microsASec   = 1_000_000
	microsAMilli = 1_000

	// 0001-01-01 and 10000-01-01 in microseconds since 1970: BigQuery's TIMESTAMP
	// ends there.
	firstInstant = -719_162 * secondsADay * microsASec
	afterInstant = 2_932_897 * secondsADay * microsASec
)

// instantParser reads instants into unit. Digits finer than the unit are cut off.
func instantParser(unit arrow.TimeUnit) func([]byte) (int64, string) {
	if unit == arrow.Microsecond {
		return parseInstant
	}
	return func(text []byte) (int64, string) {
		micros, why := parseInstant(text)
		return floor(micros, microsAMilli), why
	}
}

// parseInstant reads ISO 8601 with a zone, or epoch milliseconds as HubSpot sends
// them (1706745600000, 1.7067456E12, 1706745600000.0), as microseconds since 1970.
func parseInstant(text []byte) (int64, string) {
	if len(text) < 5 || text[4] != '-' || text[0] == '-' {
		return parseEpoch(text, notInstant)
	}
	day, rest, ok := cutDate(text)
	if !ok || len(rest) == 0 || rest[0] != 'T' && rest[0] != ' ' && rest[0] != 't' {
		return 0, notInstant
	}
	micros, rest, ok := cutTime(rest[1:])
	if !ok {
		return 0, notInstant
	}
	if len(rest) == 0 {
		return 0, noZone
	}
	offset, ok := parseZone(rest)
	if !ok {
		return 0, notInstant
	}
	micros += (day*secondsADay - offset) * microsASec
	if micros < firstInstant || micros >= afterInstant {
		return 0, notInYears
	}
	return micros, ""
}

// parseEpoch reads milliseconds since 1970, with at most three more digits, as
// microseconds.
func parseEpoch(text []byte, otherwise string) (int64, string) {
	n, ok := parseNumber(text)
	if !ok {
		return 0, otherwise
	}
	if !n.scaled(3) {
		return 0, otherwise
	}
	if n.high != 0 || n.low > uint64(afterInstant) {
		return 0, notInYears
	}
	micros := int64(n.low)
	if n.negative {
		micros = -micros
	}
	if micros < firstInstant || micros >= afterInstant {
		return 0, notInYears
	}
	return micros, ""
}

// parseDate reads 2024-09-24, or the date in UTC of an instant.
func parseDate(text []byte) (arrow.Date32, string) {
	if len(text) == len("2024-09-24") && text[4] == '-' {
		day, _, ok := cutDate(text)
		if !ok {
			return 0, notDate
		}
		return arrow.Date32(day), ""
	}
	micros, why := parseInstant(text)
	switch {
	case why == notInstant:
		why = notDate
	case why == "" && micros >= 0 && micros < 100*secondsADay*microsASec && isBare(text):
		// Epoch milliseconds of any day since April 1970 are larger.
		if why = likeSerial; micros >= 100_000*microsAMilli {
			why = likeEpoch
		}
	}
	return arrow.Date32(floor(micros, secondsADay*microsASec)), why
}

// isBare tells a number from an instant in words.
func isBare(text []byte) bool { return len(text) < 5 || text[4] != '-' }

// timeParser reads times of day, Salesforce's 10:12:00.000Z, into unit.
func timeParser(unit arrow.TimeUnit) func([]byte) (int64, string) {
	nanos := int64(1)
	if unit == arrow.Nanosecond {
		nanos = 1000
	}
	return func(text []byte) (int64, string) {
		micros, rest, ok := cutTime(text)
		if !ok || len(rest) > 1 || len(rest) == 1 && rest[0] != 'Z' {
			return 0, notTime
		}
		return micros * nanos, ""
	}
}

// cutDate takes 2024-09-24 off text's front, as days since 1970.
func cutDate(text []byte) (days int64, rest []byte, ok bool) {
	if len(text) < 10 || text[4] != '-' || text[7] != '-' {
		return 0, nil, false
	}
	century, years, month, day := pair(text), pair(text[2:]), pair(text[5:]), pair(text[8:])
	if century < 0 || years < 0 || month < 1 || month > 12 || day < 1 {
		return 0, nil, false
	}
	year := century*100 + years
	if year == 0 || day > daysIn(year, month) {
		return 0, nil, false
	}
	return daysSince1970(year, month, day), text[10:], true
}

// cutTime takes 03:26, 03:26:07 or 03:26:07.123456789 off text's front, as
// microseconds since midnight; finer digits are cut off.
func cutTime(text []byte) (micros int64, rest []byte, ok bool) {
	if len(text) < 5 || text[2] != ':' {
		return 0, nil, false
	}
	hour, minute, second := pair(text), pair(text[3:]), int64(0)
	rest = text[5:]
	if len(rest) >= 3 && rest[0] == ':' {
		second = pair(rest[1:])
		rest = rest[3:]
		micros, rest, ok = cutFraction(rest)
		if !ok {
			return 0, nil, false
		}
	}
	if hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59 {
		return 0, nil, false
	}
	return micros + (hour*3600+minute*60+second)*microsASec, rest, true
}

// cutFraction takes .123 off text's front, as microseconds.
func cutFraction(text []byte) (micros int64, rest []byte, ok bool) {
	if len(text) == 0 || text[0] != '.' {
		return 0, text, true
	}
	i := 1
	for unit := int64(microsASec / 10); i < len(text) && text[i]-'0' <= 9; i++ {
		micros += int64(text[i]-'0') * unit
		unit /= 10
	}
	return micros, text[i:], i > 1
}

// parseZone reads Z, +02:00, +0200 and +02 as seconds east of UTC.
func parseZone(text []byte) (seconds int64, ok bool) {
	if len(text) == 1 {
		return 0, text[0] == 'Z' || text[0] == 'z'
	}
	sign := int64(1)
	switch text[0] {
	case '-':
		sign = -1
	case '+':
	default:
		return 0, false
	}
	text = text[1:]
	minutes := int64(0)
	switch {
	case len(text) == 2:
	case len(text) == 4:
		minutes = pair(text[2:])
	case len(text) == 5 && text[2] == ':':
		minutes = pair(text[3:])
	default:
		return 0, false
	}
	hours := pair(text)
	if hours < 0 || hours > 23 || minutes < 0 || minutes > 59 {
		return 0, false
	}
	return sign * (hours*3600 + minutes*60), true
}

// pair reads two digits; -1 when they are none.
func pair(text []byte) int64 {
	if len(text) < 2 || text[0]-'0' > 9 || text[1]-'0' > 9 {
		return -1
	}
	return int64(text[0]-'0')*10 + int64(text[1]-'0')
}

func daysIn(year, month int64) int64 {
	switch month {
	case 4, 6, 9, 11:
		return 30
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	}
	return 31
}

// daysSince1970 counts in the Gregorian calendar, with years that begin in March
// so that the leap day comes last.
func daysSince1970(year, month, day int64) int64 {
	if month <= 2 {
		year--
		month += 12
	}
	leapDays := year/4 - year/100 + year/400
	const before1970 = 719_469 // the same sum for 1970-01-01
	return 365*year + leapDays + (153*(month-3)+2)/5 + day - before1970
}

// floor is a/b rounded down, for instants before 1970 too.
func floor(a, b int64) int64 {
	if a%b < 0 {
		return a/b - 1
	}
	return a / b
}
