package payouts

import (
	"strings"
	"unicode"

	"github.com/mtibben/confusables"
	"golang.org/x/text/unicode/norm"

	"merit/connectors/fault"
)

// ReadEmployees reads a file of rep_id and employee: each rep once, each number once.
// Numbers that differ only in zeros before them, case, blanks or width are one number to many
// payroll systems.
func ReadEmployees(text []byte) (map[string]string, error) {
	employees, reps := map[string]string{}, map[string]string{}
	err := eachRow("employees.csv", text, []string{"rep_id", "employee"}, func(line int, cells map[string]string) error {
		rep, number := cells["rep_id"], cells["employee"]
		if rep == "" || number == "" || employees[rep] != "" {
			return fault.Errorf(fault.You, "the employees file:%d: each rep_id once, with its number", line)
		}
		plain := plainEmployee(number)
		if other := reps[plain]; other != "" {
			return fault.Errorf(fault.You, "the employees file:%d: %s has the number %s, which is the number of %s (%s) already: two reps would be paid to one person", line, rep, number, other, employees[other])
		}
		employees[rep], reps[plain] = number, rep
		return nil
	})
	return employees, err
}

// plainEmployee is a payroll number as careless systems and people read it: digits
// of any script as digits, look-alike letters as Latin ones, without blanks, hyphens and what can't be seen, without zeros before
// it, in small letters.
func plainEmployee(number string) string {
	plain := strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || unicode.In(r, unicode.Cf, unicode.Pd) {
			return -1
		}
		if digit, isDigit := digitOf(r); isDigit {
			return digit
		}
		return unicode.ToLower(r)
	}, norm.NFKC.String(number))
	return strings.TrimLeft(lookingLatin(plain), "0")
}

// digitOf is the ASCII digit of a decimal digit of any script: each script has its ten
// in a row, from its zero.
func digitOf(r rune) (rune, bool) {
	if !unicode.Is(unicode.Nd, r) {
		return r, false
	}
	for _, digits := range unicode.Nd.R16 {
		if from, to := rune(digits.Lo), rune(digits.Hi); r >= from && r <= to {
			return '0' + (r-from)%10, true
		}
	}
	for _, digits := range unicode.Nd.R32 {
		if from, to := rune(digits.Lo), rune(digits.Hi); r >= from && r <= to {
			return '0' + (r-from)%10, true
		}
	}
	return r, false
}

// lookingLatin writes letters of other scripts as the Latin ones that they look like. Latin
// ones stay: A1 and Al are two numbers.
func lookingLatin(text string) string {
	var b strings.Builder
	for _, r := range text {
		if r < unicode.MaxASCII {
			b.WriteRune(r)
			continue
		}
		b.WriteString(strings.ToLower(confusables.Skeleton(string(r))))
	}
	return b.String()
}

// ReadPeople are all columns of the employees file, by rep_id.
func ReadPeople(text []byte) (map[string]map[string]string, error) {
	people := map[string]map[string]string{}
	err := eachRow("employees.csv", text, []string{"rep_id"}, func(_ int, cells map[string]string) error {
		people[cells["rep_id"]] = cells
		return nil
	})
	return people, err
}
