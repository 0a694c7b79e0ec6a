package hsserver

import (
	"strconv"

	"merit/connectors/sandbox/company"
)

// Replies are appended byte by byte instead of being marshalled: half a million
// deals with their history must not make the sandbox the slow side of a bench.

const hex = "0123456789abcdef"

// appendQuoted appends text as a JSON string.
func appendQuoted[T string | []byte](dst []byte, text T) []byte {
	dst = append(dst, '"')
	start := 0
	for i := 0; i < len(text); i++ {
		c := text[i]
		if c >= 0x20 && c != '"' && c != '\\' {
			continue
		}
		dst = append(dst, text[start:i]...)
		switch c {
		case '"', '\\':
			dst = append(dst, '\\', c)
		case '\n':
			dst = append(dst, '\\', 'n')
		case '\r':
			dst = append(dst, '\\', 'r')
		case '\t':
			dst = append(dst, '\\', 't')
		default:
			dst = append(dst, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		}
		start = i + 1
	}
	dst = append(dst, text[start:]...)
	return append(dst, '"')
}

const (
	msASecond = 1000
	msADay    = 24 * 60 * 60 * msASecond
)

// appendInstant appends ISO 8601 in UTC as Java prints it: milliseconds, left
// out when they are zero (replies of real portals mix both forms).
func appendInstant(dst []byte, at company.Instant) []byte {
	day, rest := split(int64(at))
	dst = appendDay(dst, day)
	seconds := rest / msASecond
	dst = append(dst, 'T')
	dst = appendTwo(dst, seconds/3600)
	dst = append(dst, ':')
	dst = appendTwo(dst, seconds/60%60)
	dst = append(dst, ':')
	dst = appendTwo(dst, seconds%60)
	if ms := rest % msASecond; ms != 0 {
		dst = append(dst, '.', byte('0'+ms/100))
		dst = appendTwo(dst, ms%100)
	}
	return append(dst, 'Z')
}

// split parts milliseconds since 1970 into whole days and the rest of the day.
func split(ms int64) (day, rest int64) {
	day = ms / msADay
	if ms%msADay < 0 {
		day--
	}
	return day, ms - day*msADay
}

func appendTwo(dst []byte, n int64) []byte {
	return append(dst, byte('0'+n/10), byte('0'+n%10))
}

// appendDay appends YYYY-MM-DD for a count of days since 1970. Years are counted
// from March, so that the leap day is a year's last.
func appendDay(dst []byte, day int64) []byte {
	const daysIn400Years = 146097
	day += 719468 // from 0000-03-01 to 1970-01-01
	era := day / daysIn400Years
	day -= era * daysIn400Years
	year := (day - day/1460 + day/36524 - day/146096) / 365
	day -= 365*year + year/4 - year/100
	month := (5*day + 2) / 153
	day -= (153*month + 2) / 5
	year += era * 400
	if month += 3; month > 12 {
		month -= 12
		year++
	}
	if year < 1000 {
		dst = append(dst, "0000"[:4-len(strconv.FormatInt(year, 10))]...)
	}
	dst = strconv.AppendInt(dst, year, 10)
	dst = append(dst, '-')
	dst = appendTwo(dst, month)
	dst = append(dst, '-')
	return appendTwo(dst, day+1)
}
