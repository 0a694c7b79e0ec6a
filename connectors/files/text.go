package files

import (
	"bytes"
	"errors"
	"io"
	"io/fs"

	"github.com/go-json-experiment/json/jsontext"

	"merit/connectors/decode"
	"merit/connectors/fault"
)

// readCSV reads rows under a header.
func readCSV(from io.Reader, delimiter byte, into *rows, each func() error) error {
	csv := decode.NewCSV(from, delimiter)
	if !csv.Next() {
		if err := csv.Err(); err != nil {
			return into.broken(err)
		}
		return into.faultf(1, "the file is empty; its first line names the columns")
	}
	places := make([]int, len(csv.Fields()))
	seen := map[string]bool{}
	for i, name := range csv.Fields() {
		var err error
		if places[i], err = into.place(string(name), int64(csv.Line())); err != nil {
			return err
		}
		if seen[string(name)] && places[i] >= 0 {
			return into.faultf(int64(csv.Line()), "two columns are called %q, and nobody knows which one counts", name)
		}
		seen[string(name)] = true
	}
	for csv.Next() {
		for i, text := range csv.Fields() {
			into.set(places[i], text)
		}
		if err := into.end(int64(csv.Line())); err != nil {
			return err
		}
		if err := each(); err != nil {
			return err
		}
	}
	if err := csv.Err(); err != nil {
		return into.broken(err)
	}
	return nil
}

// readJSON reads objects, one behind the other or in one array. A value that is
// an object or a list is its JSON.
func readJSON(from io.Reader, into *rows, each func() error) error {
	lines := &lineCounter{from: from}
	d := decode.NewJSON(lines)
	var text []byte
	object := func() error {
		line := lines.at(nextToken(d))
		err := decode.Object(d, func(name string) error {
			place, err := into.place(name, lines.at(d.InputOffset()))
			if err != nil {
				return err
			}
			var known bool
			if text, known, err = decode.Text(d, text); known {
				into.set(place, text)
			}
			return err
		})
		if err == nil {
			err = into.end(line)
		}
		if err == nil {
			err = each()
		}
		return err
	}
	for {
		switch d.PeekKind() {
		case '[':
			if err := decode.Array(d, object); err != nil {
				return into.inJSON(err, lines.at(d.InputOffset()))
			}
		case '{':
			if err := object(); err != nil {
				return into.inJSON(err, lines.at(d.InputOffset()))
			}
		case 0:
			if _, err := d.ReadToken(); !errors.Is(err, io.EOF) {
				return into.faultf(lines.at(d.InputOffset()), "%s", err.Error())
			}
			return nil
		default:
			return into.faultf(lines.at(d.InputOffset()), "is neither an object nor a list of objects")
		}
	}
}

// nextToken is the offset at which the next token begins.
func nextToken(d *jsontext.Decoder) int64 {
	d.PeekKind() // reads on until the token's first byte is there
	unread := d.UnreadBuffer()
	return d.InputOffset() + int64(len(unread)-len(bytes.TrimLeft(unread, " \t\r\n,:")))
}

// broken is an error of the text itself: whoever dropped the file mends it.
func (r *rows) broken(err error) error {
	return fault.Errorf(fault.You, "%s: %s", r.drop.path(r.file.name), err.Error())
}

// inJSON says on which line the JSON is broken, where no error said so yet.
func (r *rows) inJSON(err error, line int64) error {
	if fault.WhoMends(err) != fault.Them {
		return err
	}
	return r.faultf(line, "%s", err.Error())
}

// A lineCounter remembers where the lines end that its reader has not passed yet.
type lineCounter struct {
	from   io.Reader
	read   int64   // bytes so far
	ends   []int64 // offsets behind line feeds, of those not passed
	passed int64
}

func (l *lineCounter) Read(into []byte) (int, error) {
	n, err := l.from.Read(into)
	for i, c := range into[:n] {
		if c == '\n' {
			l.ends = append(l.ends, l.read+int64(i)+1)
		}
	}
	l.read += int64(n)
	return n, err
}

// at is the line of an offset, from 1; offsets only grow.
func (l *lineCounter) at(offset int64) int64 {
	i := 0
	for i < len(l.ends) && l.ends[i] <= offset {
		i++
	}
	l.ends = l.ends[i:]
	l.passed += int64(i)
	return l.passed + 1
}

// A seekable file can be read at any place, as those of the operating system.
type seekable interface {
	fs.File
	io.ReaderAt
}
