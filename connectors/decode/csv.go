package decode

import (
	"bytes"
	"io"

	"merit/connectors/fault"
)

const (
	csvBuffer = 256 << 10
	// maxRow bounds the memory that a reply can claim: a Salesforce row has at most
	// 800 fields, of which the long texts share 1.6 million characters.
	maxRow = 64 << 20
)

const utf8Mark = "\uFEFF"

// A CSV splits RFC 4180 text into rows, keeping every byte of a quoted field:
// encoding/csv would turn CR LF in it into LF. Blank lines are passed over, as is
// a UTF-8 byte order mark. A quote where none may stand, a row of another width
// than the first, and an end inside of quotes are errors.
type CSV struct {
	r         io.Reader
	delimiter byte

	buf        []byte
	start, end int // the row being split begins at buf[start]; buf[end:] is free
	next       int // where the row after it begins
	lines      int // line ends before buf[0]
	atEnd      bool
	broken     error // what r said beside its last bytes

	spans  []span
	fields [][]byte
	plain  []byte // the row's fields that had doubled quotes, without them
	width  int
	began  bool
	err    error
}

// A span is a field's place in its row.
type span struct {
	from, to int
	doubled  bool // has doubled quotes
}

// NewCSV reads CSV from r; the first row is the header.
func NewCSV(r io.Reader, delimiter byte) *CSV {
	return &CSV{r: r, delimiter: delimiter, buf: make([]byte, csvBuffer)}
}

// Fields are the row's fields, unquoted, until the next call of Next.
func (c *CSV) Fields() [][]byte { return c.fields }

// Err is what ended the reading; nil when that was the end of the text. It is
// r's own error, or a Fault of Them that names the line.
func (c *CSV) Err() error { return c.err }

// Line is the line on which the row begins, from 1.
func (c *CSV) Line() int {
	return c.lines + bytes.Count(c.buf[:c.start], []byte{'\n'}) + 1
}

// Next goes to the next row; false at the end and at an error.
func (c *CSV) Next() bool {
	if c.err != nil {
		return false
	}
	c.start = c.next
	if !c.began {
		c.began = true
		c.skipMark()
	}
	if !c.skipBlank() || !c.split() {
		return false
	}
	if c.width == 0 {
		c.width = len(c.spans)
	}
	if len(c.spans) != c.width {
		return c.fail("has %d fields, the first row has %d", len(c.spans), c.width)
	}
	c.unquote()
	return true
}

// skipMark passes over a byte order mark.
func (c *CSV) skipMark() {
	for c.end < len(utf8Mark) && c.more() {
	}
	if bytes.HasPrefix(c.buf[:c.end], []byte(utf8Mark)) {
		c.start = len(utf8Mark)
	}
}

// skipBlank goes to the first line with something in it; false at the end.
func (c *CSV) skipBlank() bool {
	for c.has(0) {
		switch {
		case c.buf[c.start] == '\n':
			c.start++
		case c.buf[c.start] == '\r' && !c.has(1):
			c.start++
		case c.buf[c.start] == '\r' && c.buf[c.start+1] == '\n':
			c.start += 2
		default:
			return true
		}
	}
	c.next = c.start
	return false
}

// split finds the row's fields and where the next row begins.
func (c *CSV) split() bool {
	c.spans = c.spans[:0]
	for at := 0; ; at++ {
		var isLast bool
		if at, isLast = c.simpleFields(at); isLast {
			return true
		}
		var s span
		if c.has(at) && c.buf[c.start+at] == '"' {
			s, at = c.quotedField(at + 1)
		} else {
			s, at = c.plainField(at)
		}
		if c.err != nil {
			return false
		}
		c.spans = append(c.spans, s)
		if !c.has(at) {
			c.next = c.start + at
			return c.err == nil
		}
		if c.buf[c.start+at] == '\n' {
			c.next = c.start + at + 1
			return true
		}
	}
}

// simpleFields is the hot path: quoted fields with no quotes inside, as nearly all
// of Salesforce's are, that lie in the buffer with what follows them. It gives the
// place of the first field that is not like that; or the row ended.
func (c *CSV) simpleFields(at int) (next int, isLast bool) {
	row := c.buf[c.start:c.end]
	spans := c.spans
	for at < len(row) && row[at] == '"' {
		from := at + 1
		length := bytes.IndexByte(row[from:], '"')
		to := from + length
		if length < 0 || to+1 >= len(row) {
			break
		}
		if row[to+1] == '\n' {
			c.spans = append(spans, span{from: from, to: to})
			c.next = c.start + to + 2
			return 0, true
		}
		if row[to+1] != c.delimiter {
			break
		}
		spans = append(spans, span{from: from, to: to})
		at = to + 2
	}
	c.spans = spans
	return at, false
}

// plainField reads a field without quotes from at to the delimiter, line feed or
// end that it returns.
func (c *CSV) plainField(at int) (span, int) {
	from := at
	for c.has(at) {
		row := c.buf[c.start:c.end]
		for ; at < len(row); at++ {
			switch row[at] {
			case c.delimiter:
				return span{from: from, to: at}, at
			case '\n':
				return c.endPlain(from, at)
			case '"':
				c.fail("has a quote inside a field that is not quoted")
				return span{}, at
			}
		}
	}
	return c.endPlain(from, at)
}

// endPlain is a field at the end of its row: a CR there belongs to the line end.
func (c *CSV) endPlain(from, at int) (span, int) {
	to := at
	if to > from && c.buf[c.start+to-1] == '\r' {
		to--
	}
	return span{from: from, to: to}, at
}

// quotedField reads from behind the opening quote to the delimiter, line feed or
// end that it returns.
func (c *CSV) quotedField(at int) (span, int) {
	s := span{from: at}
	for {
		closing := bytes.IndexByte(c.buf[c.start+at:c.end], '"')
		if closing < 0 {
			at = c.end - c.start
			if !c.more() {
				c.fail("begins a quoted field that does not end")
				return s, at
			}
			continue
		}
		at += closing + 1
		s.to = at - 1
		if !c.has(at) {
			return s, at
		}
		switch c.buf[c.start+at] {
		case '"':
			s.doubled = true
			at++
			continue
		case c.delimiter, '\n':
			return s, at
		case '\r':
			if !c.has(at+1) || c.buf[c.start+at+1] == '\n' {
				return s, at + 1
			}
		}
		c.fail("has text behind a closing quote")
		return s, at
	}
}

// unquote makes the fields out of the spans.
func (c *CSV) unquote() {
	c.fields, c.plain = c.fields[:0], c.plain[:0]
	for _, s := range c.spans {
		field := c.buf[c.start+s.from : c.start+s.to : c.start+s.to]
		if s.doubled {
			field = c.single(field)
		}
		c.fields = append(c.fields, field)
	}
}

// single is field with one quote for each two. When plain grows, the row's
// earlier fields stay in the memory that it had.
func (c *CSV) single(field []byte) []byte {
	from := len(c.plain)
	for {
		i := bytes.IndexByte(field, '"')
		if i < 0 {
			c.plain = append(c.plain, field...)
			return c.plain[from:len(c.plain):len(c.plain)]
		}
		c.plain = append(c.plain, field[:i+1]...)
		field = field[i+2:]
	}
}

// has tells whether the row has a byte at this place, and reads on for it.
func (c *CSV) has(at int) bool {
	return c.start+at < c.end || c.more()
}

// more reads some bytes behind those of the row; false at the end.
func (c *CSV) more() bool {
	if c.atEnd || c.err != nil {
		return false
	}
	if c.broken != nil {
		c.err = c.broken
		return false
	}
	if c.start > 0 {
		c.lines += bytes.Count(c.buf[:c.start], []byte{'\n'})
		copy(c.buf, c.buf[c.start:c.end])
		c.end -= c.start
		c.start = 0
	}
	if c.end == len(c.buf) {
		if len(c.buf) >= maxRow {
			return c.fail("is longer than %d MiB", maxRow>>20)
		}
		c.buf = append(c.buf, make([]byte, len(c.buf))...)
	}
	for range 100 { // as bufio: a reader that keeps giving nothing is broken
		n, err := c.r.Read(c.buf[c.end:])
		c.end += n
		if err == io.EOF {
			c.atEnd = true
		} else {
			c.broken = err
		}
		if n > 0 {
			return true
		}
		if err != nil {
			c.err = c.broken
			return false
		}
	}
	c.err = io.ErrNoProgress
	return false
}

// fail ends the reading at the current row.
func (c *CSV) fail(what string, args ...any) bool {
	if c.err == nil {
		c.err = fault.Errorf(fault.Them, "CSV line %d "+what, append([]any{c.Line()}, args...)...)
	}
	return false
}
