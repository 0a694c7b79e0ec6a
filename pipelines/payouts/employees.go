package payouts

import (
	"strings"
	"unicode"

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

// plainEmployee is a payroll number as careless systems and people read it: full-width
// digits as digits, without blanks, hyphens and what can't be seen, without zeros before
// it, in small letters.
func plainEmployee(number string) string {
	plain := strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || unicode.In(r, unicode.Cf, unicode.Pd) {
			return -1
		}
		return unicode.ToLower(r)
	}, norm.NFKC.String(number))
	return strings.TrimLeft(plain, "0")
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
