package hubspot

import (
	"bytes"
	"hash/fnv"
	"strconv"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/go-json-experiment/json/jsontext"

	"merit/connectors"
	"merit/connectors/decode"
	"merit/connectors/fault"
)

// rows turns replies, token by token, into the rows of one stream's tables. It is
// for one goroutine.
type rows struct {
	object  object
	main    *decode.Builder
	history *history // nil: the object's is not read
	links   *links   // nil: it has none

	splits    *splits // nil: it is something else than they
	fields    *fields // nil: it is something else than deals
	sightings *sightings

	columns                    map[string]cell // of the main table, by property
	id, deleted, archived, url int

	key      []byte // the id of the record being read
	merged   []byte // ids of the records it has swallowed
	value    []byte
	seen     []int64             // ids of the records read since the last reset
	came     []bool              // columns that a record of the last reply had, if only empty
	current  map[string]*[]byte  // the values of tracked properties that the record has now
	reports  []connectors.Reject // disagreements that last
	unsure   []disagreement      // records whose history does not end with what they are
	doubted  map[int64]uint64    // of those: a hash of the reply that was written
	reply    []byte              // being read
	problems []problem
}

// A cell is a column with what its texts must look like.
type cell struct {
	column    int
	isDecimal bool
}

// A problem is why a batch's reply is not whole.
type problem struct {
	category string
	message  string
}

func newRows(o object, s connectors.Stream) *rows {
	r := &rows{object: o, main: decode.NewBuilder(s.Tables[0]), columns: map[string]cell{}}
	r.id = r.main.Column(idColumn)
	r.deleted = r.main.Column(connectors.DeletedColumn)
	r.archived = r.main.Column(archivedColumn)
	r.url = r.main.Column(urlColumn)
	if o.isSplits {
		r.splits = newSplits(r.main)
	}
	r.came = make([]bool, s.Tables[0].Schema.NumFields())
	kinds := map[string]arrow.Type{}
	for i, f := range s.Tables[0].Schema.Fields() {
		kinds[f.Name] = f.Type.ID()
		if i != r.id && i != r.deleted && i != r.archived && i != r.url {
			r.columns[f.Name] = cell{column: i, isDecimal: f.Type.ID() == arrow.DECIMAL128}
		}
	}
	for _, t := range s.Tables[1:] {
		switch t.Name {
		case o.historyTable():
			r.history, r.current = newHistory(t, o, kinds), map[string]*[]byte{}
			for _, name := range o.tracked {
				r.current[name] = new([]byte)
			}
		case o.linkTable():
			r.links = newLinks(t)
		case o.idTable():
			r.sightings = newSightings(t)
		case fieldTable().Name:
			r.fields = newFields(t, o, kinds)
		}
	}
	return r
}

// page reads the reply of a list or of a batch: {"results": […], "errors": […]}.
func (r *rows) page(body *body) error {
	r.seen, r.problems = r.seen[:0], r.problems[:0]
	clear(r.came)
	isPage := false
	r.reply = body.Bytes()
	d := decode.NewJSON(&body.Buffer)
	err := decode.Members(d, func(name []byte) error {
		switch string(name) {
		case "results":
			isPage = d.PeekKind() == '['
			return decode.Array(d, func() error { return r.record(d) })
		case "errors":
			return decode.Array(d, func() error { return r.problem(d) })
		}
		return decode.Skip(d)
	})
	return wholePage(d, isPage, err)
}

// wholePage tells what a page lacks that was read without an error: its list, or its end.
func wholePage(d *jsontext.Decoder, hasList bool, err error) error {
	switch {
	case err != nil:
		return err
	case !hasList:
		return fault.Errorf(fault.Them, "the reply has no results, not even an empty list")
	}
	return decode.End(d)
}

func (r *rows) record(d *jsontext.Decoder) error {
	if r.splits != nil {
		deal, err := r.splits.read(d)
		r.seen = append(r.seen, deal)
		return err
	}
	r.key, r.merged = r.key[:0], r.merged[:0]
	isArchived, from := false, d.InputOffset()
	if r.history != nil {
		r.history.begin()
		for _, now := range r.current {
			*now = (*now)[:0]
		}
	}
	err := decode.Members(d, func(name []byte) (err error) {
		switch string(name) {
		case "id":
			r.key, _, err = decode.Text(d, r.key)
		case "properties":
			return decode.Members(d, func(name []byte) error { return r.property(d, name) })
		case "propertiesWithHistory":
			if r.history == nil {
				return decode.Skip(d)
			}
			return r.history.read(d)
		case "archived":
			r.value, _, err = decode.Text(d, r.value)
			isArchived = string(r.value) == "true"
		case archivedColumn:
			return r.set(d, r.archived)
		case urlColumn:
			return r.set(d, r.url)
		default:
			return decode.Skip(d)
		}
		return err
	})
	if err != nil {
		return err
	}
	return r.end(isArchived, r.reply[from:d.InputOffset()])
}

func (r *rows) property(d *jsontext.Decoder, name []byte) (err error) {
	to, ok := r.columns[string(name)]
	if !ok {
		return decode.Skip(d)
	}
	r.came[to.column] = true
	isMerged := string(name) == mergedProperty
	r.value, _, err = decode.Text(d, r.value)
	if err != nil {
		return err
	}
	if now := r.current[string(name)]; now != nil {
		*now = append((*now)[:0], r.value...)
	}
	if r.fields != nil {
		if kind, ok := r.fields.kinds[string(name)]; ok {
			r.fields.read[string(name)] = plain(kind, r.value)
		}
	}
	if isMerged {
		r.merged = append(r.merged[:0], r.value...)
	}
	if to.isDecimal {
		r.main.Set(to.column, r.value)
		return nil
	}
	r.main.Set(to.column, r.value)
	return nil
}

func (r *rows) set(d *jsontext.Decoder, column int) (err error) {
	r.value, _, err = decode.Text(d, r.value)
	r.main.Set(column, r.value)
	return err
}

// end finishes the record's row, and gives its key to the rows beside it: the id may come
// last. A record that is read again and comes as it came before is not written again.
func (r *rows) end(isArchived bool, reply []byte) error {
	id, err := number(r.key)
	if err != nil {
		return err
	}
	r.seen = append(r.seen, id)
	if r.history != nil && !r.agrees(id) && r.isWritten(id, reply) {
		r.main.DropRow()
		clear(r.fieldsRead())
		return nil
	}
	r.main.Set(r.id, r.key)
	r.main.Set(r.deleted, strconv.AppendBool(r.value[:0], isArchived))
	r.main.EndRow()
	if r.history != nil {
		r.history.write(r.key)
	}
	if r.fields != nil {
		r.fields.write(r.key)
	}
	if r.links != nil && len(r.merged) > 0 {
		r.links.swallowed(id, r.object.singular, r.merged)
	}
	return nil
}

// fieldsRead are the fields of the record being read; nil where none are.
func (r *rows) fieldsRead() map[string]string {
	if r.fields == nil {
		return nil
	}
	return r.fields.read
}

// isWritten tells whether a doubted record was written from the same reply already.
func (r *rows) isWritten(id int64, reply []byte) bool {
	hash := fnv.New64a()
	hash.Write(bytes.TrimLeft(reply, ", \t\r\n"))
	before, isKnown := r.doubted[id]
	if r.doubted == nil {
		r.doubted = map[int64]uint64{}
	}
	r.doubted[id] = hash.Sum64()
	return isKnown && before == r.doubted[id]
}

// gone writes that a record is neither among the live ones nor in the recycle bin.
func (r *rows) gone(id int64) {
	r.main.Set(r.id, strconv.AppendInt(nil, id, 10))
	r.main.Set(r.deleted, []byte("true"))
	r.main.EndRow()
}

func (r *rows) problem(d *jsontext.Decoder) error {
	var p problem
	err := decode.Members(d, func(name []byte) (err error) {
		to := &p.category
		switch string(name) {
		case "category":
		case "message":
			to = &p.message
		default:
			return decode.Skip(d)
		}
		r.value, _, err = decode.Text(d, r.value)
		*to = string(r.value)
		return err
	})
	r.problems = append(r.problems, p)
	return err
}

// builders are those of all tables.
func (r *rows) builders() []*decode.Builder {
	builders := []*decode.Builder{r.main, r.sightings.builder}
	if r.history != nil {
		builders = append(builders, r.history.builder)
	}
	if r.links != nil {
		builders = append(builders, r.links.builder)
	}
	if r.fields != nil {
		builders = append(builders, r.fields.builder)
	}
	return builders
}

// flush gives all rows since the last flush.
func (r *rows) flush() connectors.Page {
	var page connectors.Page
	for _, b := range r.builders() {
		if b.Len() == 0 {
			continue
		}
		batch, rejects := b.Flush()
		page.Batches = append(page.Batches, batch)
		page.Rejects = append(page.Rejects, rejects...)
	}
	page.Rejects = append(page.Rejects, r.reports...)
	r.reports = nil
	return page
}

func (r *rows) release() {
	for _, b := range r.builders() {
		b.Release()
	}
}
