package payouts

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/cockroachdb/apd/v3"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"

	"merit/connectors/fault"
)

// file writes the rows of one payroll file.
func (l Layout) file(payable []Entry, h Heading, p Payroll) (PayrollFile, error) {
	var out PayrollFile
	var written, byHand []Entry
	for _, e := range payable {
		if l.Negative == "by_hand" && strings.HasPrefix(e.Amount, "-") {
			byHand = append(byHand, e)
			continue
		}
		written = append(written, e)
	}
	head, rows, err := l.rows(written, h, p)
	if err != nil {
		return out, err
	}
	if out.Name, err = l.fileName(payable, p); err != nil {
		return out, err
	}
	plainText := l.text(append(slices.Clone(head), rows...))
	out.Lines, out.Totals = int64(len(written)), Sums(payable)
	if out.Text, err = l.encoded(plainText); err != nil {
		return out, err
	}
	if p.Template != nil {
		if out.Text, err = p.Template.fill(l, l.titles(p), rows); err != nil {
			return out, err
		}
		out.Name = ""
	}
	if len(byHand) > 0 {
		_, list, err := l.rows(byHand, h, p)
		if err != nil {
			return out, err
		}
		out.ByHand = csvOf(append([][]string{l.titles(p)}, l.forPeople(list)...))
	}
	if err := l.sameCells(plainText, append(slices.Clone(head), rows...)); err != nil {
		return out, err
	}
	return out, l.readBack(plainText, len(head), byHand, payable)
}

// sameCells takes the written text apart and holds every cell against what was put in:
// a value with the delimiter in it would move money into another column.
func (l Layout) sameCells(text string, rows [][]string) error {
	back, err := l.parsed(text)
	if err != nil {
		return fmt.Errorf("read the payroll file back: %w", err)
	}
	for i, row := range rows {
		if i >= len(back) || !slices.Equal(row, back[i]) {
			return fault.Errorf(fault.You, "%s would read the row %q as another one: a value holds what stands between columns; take it out of the value, or take another layout", l.Title, strings.Join(row, l.separator()))
		}
	}
	return nil
}

// rows are the rows before the payments, and theirs.
func (l Layout) rows(payable []Entry, h Heading, p Payroll) (head, rows [][]string, err error) {
	for _, first := range l.FirstRows {
		head = append(head, l.placed(first, p))
	}
	if !l.NoTitles && len(l.Records) == 0 {
		head = append(head, l.titles(p))
	}
	kinds := [][]LayoutColumn{l.Columns}
	if len(l.Records) > 0 {
		kinds = nil
		for _, r := range l.Records {
			head = append(head, l.placed(r.FirstRow, p))
			kinds = append(kinds, r.Columns)
		}
	}
	for _, columns := range kinds {
		for i, e := range payable {
			row, err := l.row(columns, e, h, p, i+1)
			if err != nil {
				return nil, nil, err
			}
			rows = append(rows, row)
		}
	}
	return head, rows, nil
}

func (l Layout) titles(p Payroll) []string {
	var titles []string
	for _, c := range l.columns() {
		titles = append(titles, c.Title)
	}
	return l.placed(titles, p)
}

// placed puts settings where {name} stands.
func (l Layout) placed(texts []string, p Payroll) []string {
	var all []string
	for _, text := range texts {
		for name, s := range p.Settings {
			text = strings.ReplaceAll(text, "{"+name+"}", s.Text)
		}
		all = append(all, text)
	}
	return all
}

// fileName is the name that the payroll system wants.
func (l Layout) fileName(payable []Entry, p Payroll) (string, error) {
	name := l.FileName
	for setting, s := range p.Settings {
		value := s.Text
		if len(payable) > 0 {
			value = s.in(payable[0].Currency)
		}
		if value != "" {
			name = strings.ReplaceAll(name, "{"+setting+"}", value)
		}
	}
	if strings.ContainsAny(name, "{}/\\") || strings.Contains(name, "..") {
		return "", fault.Errorf(fault.You, "%s wants a file called %s: write what stands in braces under payouts.payroll in merit.yml, without / and ..", l.Title, name)
	}
	return name, nil
}

// text are the rows as one text, in UTF-8.
func (l Layout) text(rows [][]string) string {
	var b strings.Builder
	for _, row := range rows {
		for i, cell := range row {
			if i > 0 {
				b.WriteString(l.separator())
			}
			b.WriteString(l.cell(cell))
		}
		b.WriteByte('\n')
	}
	if l.LineEnding == "crlf" {
		return strings.ReplaceAll(b.String(), "\n", "\r\n")
	}
	return b.String()
}

func (l Layout) separator() string {
	switch l.Delimiter {
	case "":
		return ","
	case "tab":
		return "\t"
	case "fixed":
		return ""
	}
	return l.Delimiter
}

func (l Layout) cell(text string) string {
	needs := strings.ContainsAny(text, `"`+"\r\n") || l.separator() != "" && strings.Contains(text, l.separator()) || strings.HasPrefix(text, " ") || strings.HasPrefix(text, "\t")
	if l.Quoting == "all" || l.Quoting != "none" && l.Delimiter != "fixed" && needs {
		return `"` + strings.ReplaceAll(text, `"`, `""`) + `"`
	}
	return text
}

func (l Layout) encoded(text string) ([]byte, error) {
	switch l.Encoding {
	case "utf-8-bom":
		return append([]byte("\ufeff"), text...), nil
	case "utf-16":
		return unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().Bytes([]byte(text))
	case "windows-1252":
		encoded, err := charmap.Windows1252.NewEncoder().Bytes([]byte(text))
		if err != nil {
			return nil, fault.Errorf(fault.You, "%s takes windows-1252, which has no sign for a letter of a name: %w", l.Title, err)
		}
		return encoded, nil
	}
	return []byte(text), nil
}

// forPeople keeps texts from being formulas; amounts stay numbers.
func (l Layout) forPeople(rows [][]string) [][]string {
	columns := l.columns()
	for _, row := range rows {
		for i := range row {
			if columns[i].Field != "amount" {
				row[i] = safe(row[i])
			}
		}
	}
	return rows
}

// readBack takes the written text apart, as whoever imports it would, sums its
// amounts and holds the sum against the locked lines.
func (l Layout) readBack(text string, head int, byHand, payable []Entry) error {
	rows, err := l.parsed(text)
	if err != nil {
		return fmt.Errorf("read the payroll file back: %w", err)
	}
	var written, locked apd.Decimal
	add := func(sum *apd.Decimal, amount string) error {
		value, err := decimalOf(plainNumber(amount, l.Decimal))
		if err == nil {
			_, err = exact().Add(sum, sum, value)
		}
		return err
	}
	kinds := [][]LayoutColumn{l.Columns}
	if len(l.Records) > 0 {
		kinds = recordColumns(l.Records)
	}
	count := len(payable) - len(byHand)
	if len(rows) != head+count*len(kinds) {
		return fmt.Errorf("the payroll file has %d rows, and %d payments are to be in it", len(rows)-head, count*len(kinds))
	}
	for k, columns := range kinds {
		at := slices.IndexFunc(columns, func(c LayoutColumn) bool { return c.Field == "amount" })
		for _, row := range rows[head+k*count : head+(k+1)*count] {
			if at < 0 {
				break
			}
			if err := add(&written, row[at]); err != nil {
				return fmt.Errorf("read the payroll file back: %w", err)
			}
		}
	}
	for _, e := range byHand {
		m := e.money()
		if _, err := exact().Add(&written, &written, &m.amount); err != nil {
			return err
		}
	}
	for _, e := range payable {
		m := e.money()
		if _, err := exact().Add(&locked, &locked, &m.amount); err != nil {
			return err
		}
	}
	if written.Cmp(&locked) != 0 {
		return fmt.Errorf("the payroll file sums to %s, the locked lines to %s", plain(written), plain(locked))
	}
	return nil
}

func (l Layout) parsed(text string) ([][]string, error) {
	text = strings.ReplaceAll(text, "\r\n", "\n")
	if l.Delimiter != "fixed" && l.Quoting != "none" {
		reader := csv.NewReader(bytes.NewReader([]byte(text)))
		reader.Comma, _ = utf8.DecodeRuneInString(l.separator())
		reader.FieldsPerRecord = -1
		return reader.ReadAll()
	}
	var rows [][]string
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		if l.Delimiter != "fixed" {
			rows = append(rows, strings.Split(line, l.separator()))
			continue
		}
		var row []string
		rest := []rune(line)
		for _, c := range l.Columns {
			width := min(c.Width, len(rest))
			row, rest = append(row, string(rest[:width])), rest[width:]
		}
		rows = append(rows, row)
	}
	return rows, nil
}
