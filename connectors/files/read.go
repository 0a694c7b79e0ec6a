package files

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"iter"
	"maps"
	"strconv"

	"merit/connectors"
	"merit/connectors/decode"
	"merit/connectors/fault"
)

// A position is a cursor: which files' rows the lake has, and which listing of
// the folder it has last.
type position struct {
	Read     map[string]string `json:"read"` // by file, the content
	Listing  string            `json:"listing"`
	ListedAt int64             `json:"listed_at"` // milliseconds since 1970; each listing is later than the one before
}

func positionOf(c connectors.Cursor) (position, error) {
	p := position{Read: map[string]string{}}
	if c == "" {
		return p, nil
	}
	if err := json.Unmarshal([]byte(c), &p); err != nil {
		return p, fault.Errorf(fault.Us, "cursor %q: %w", c, err)
	}
	return p, nil
}

func (p position) cursor() (connectors.Cursor, error) {
	text, err := json.Marshal(p)
	return connectors.Cursor(text), err
}

// A present file is one of the stream's table as it lies in the folder now.
type presentFile struct {
	file
	content string
}

// errWalkedAway ends a file whose reader wants no more pages.
var errWalkedAway = errors.New("the reader walked away")

// Read yields the rows of files that are new or have another content than before,
// and last the listing of the folder, which makes them count.
func (d *drop) Read(ctx context.Context, s connectors.Stream, since connectors.Cursor) iter.Seq2[connectors.Page, error] {
	return func(yield func(connectors.Page, error) bool) {
		if err := d.read(ctx, s, since, yield); err != nil && !errors.Is(err, errWalkedAway) {
			yield(connectors.Page{}, err)
		}
	}
}

func (d *drop) read(ctx context.Context, s connectors.Stream, since connectors.Cursor, yield func(connectors.Page, error) bool) error {
	at, err := positionOf(since)
	if err != nil {
		return err
	}
	present, err := d.present(ctx, s.Name)
	if err != nil || since == "" && len(present) == 0 {
		return err
	}
	at.Read = maps.Clone(at.Read)
	for _, f := range present {
		if at.Read[f.name] == f.content {
			continue
		}
		if at, err = d.readFile(ctx, s, f, at, yield); err != nil {
			return err
		}
	}
	if listing := hashOf(present); listing != at.Listing {
		return d.yieldListing(s, present, at, listing, yield)
	}
	return nil
}

// present are the files of one table, each with its content.
func (d *drop) present(ctx context.Context, table string) ([]presentFile, error) {
	all, err := d.list()
	if err != nil {
		return nil, err
	}
	var present []presentFile
	for _, f := range all {
		if f.table != table {
			continue
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		content, err := d.content(f.name)
		if err != nil {
			return nil, err
		}
		present = append(present, presentFile{f, content})
	}
	return present, nil
}

// readFile yields a file's rows. Until the last of its pages the cursor stays
// where it was: a file that broke off is read again from its first row.
func (d *drop) readFile(ctx context.Context, s connectors.Stream, f presentFile, at position, yield func(connectors.Page, error) bool) (position, error) {
	table, err := d.table(s.Name)
	if err != nil {
		return at, err
	}
	before, err := at.cursor()
	if err != nil {
		return at, err
	}
	into := newRows(d, table, s.Tables[0], f)
	defer into.builder.Release()
	give := func(next connectors.Cursor) error {
		page, err := into.page(next)
		if err != nil {
			return err
		}
		if !yield(page, nil) {
			return errWalkedAway
		}
		return ctx.Err()
	}
	err = d.rowsOf(f, into, func() error {
		if into.isFull() {
			return give(before)
		}
		return nil
	})
	if err == nil {
		err = d.checkUnchanged(f)
	}
	if err != nil {
		return at, err
	}
	at.Read[f.name] = f.content
	after, err := at.cursor()
	if err != nil {
		return at, err
	}
	return at, give(after)
}

// rowsOf reads a file of any kind into rows; each is called after each row.
func (d *drop) rowsOf(f presentFile, into *rows, each func() error) error {
	opened, err := d.folder.Open(f.name)
	if err != nil {
		return fault.Errorf(fault.You, "%s: %w", d.path(f.name), err)
	}
	defer opened.Close()
	switch f.kind {
	case isJSON:
		return readJSON(opened, into, each)
	case isParquet:
		return readParquet(opened, into, each)
	case isTSV:
		return readCSV(opened, '\t', into, each)
	}
	return readCSV(opened, d.delimiter, into, each)
}

// checkUnchanged refuses a file that somebody wrote to while it was read.
func (d *drop) checkUnchanged(f presentFile) error {
	content, err := d.content(f.name)
	if err != nil || content == f.content {
		return err
	}
	return fault.Errorf(fault.Them, "%s was written to while it was read; run again when it is complete (copy it under a name that begins with a dot, then rename it)", d.path(f.name))
}

func (d *drop) yieldListing(s connectors.Stream, present []presentFile, at position, listing string, yield func(connectors.Page, error) bool) error {
	at.Listing, at.ListedAt = listing, max(d.now().UnixMilli(), at.ListedAt+1)
	at.Read = map[string]string{}
	b := decode.NewBuilder(s.Tables[1])
	defer b.Release()
	row := func(f presentFile) {
		b.Set(0, strconv.AppendInt(nil, at.ListedAt, 10))
		b.Set(1, []byte(f.name))
		b.Set(2, []byte(f.content))
		b.EndRow()
	}
	for _, f := range present {
		at.Read[f.name] = f.content
		row(f)
	}
	if len(present) == 0 {
		row(presentFile{})
	}
	next, err := at.cursor()
	if err != nil {
		return err
	}
	batch, rejects := b.Flush()
	if !yield(connectors.Page{Batches: []connectors.Batch{batch}, Rejects: rejects, Next: next}, nil) {
		return errWalkedAway
	}
	return nil
}

// hashOf is the same for the same files, which list gives in the order of names.
func hashOf(present []presentFile) string {
	hash := sha256.New()
	for _, f := range present {
		io.WriteString(hash, f.name+"\x00"+f.content+"\x00")
	}
	return hex.EncodeToString(hash.Sum(nil)[:8])
}
