package files

import (
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"time"
)

// views are one query for each table of the contract: the rows of the files that
// lie in the folder by the newest listing; of rows with the same key the one in
// the last file and line. The columns have the contract's types already; what
// those are called is the engine's matter.
func views(contract []Table) fs.FS {
	texts := queries{}
	for _, t := range contract {
		texts[t.Name+".sql"] = viewOf(t)
	}
	return texts
}

func viewOf(t Table) string {
	var names, columns []string
	for _, c := range t.Columns {
		names = append(names, "        dropped."+c.Name)
		columns = append(columns, "    counted."+c.Name)
	}
	var key []string
	for _, name := range t.Key {
		if name != "source" {
			key = append(key, "dropped."+name)
		}
	}
	return fmt.Sprintf(viewText, t.Name, listingOf(t.Name), strings.Join(names, ",\n"), strings.Join(key, ", "), t.Name, strings.Join(columns, ",\n"))
}

const viewText = `-- %[1]s: the rows of the files that lie in the folder
-- main: none: the lake keeps the rows of files that were replaced or taken away
with newest as (
    select max(listed.listed_at) as listed_at
    from raw.%[2]s as listed
),

present as (
    select
        listed.file_name,
        listed.file_content
    from raw.%[2]s as listed
    join newest on newest.listed_at = listed.listed_at
),

counted as (
    select
%[3]s,
        row_number() over (
            partition by %[4]s
            order by dropped.file_name desc, dropped.file_line desc
        ) as place
    from raw.%[5]s as dropped
    join present
        on present.file_name = dropped.file_name
        and present.file_content = dropped.file_content
)

select
%[6]s
from counted
where counted.place = 1
`

// queries are a folder of texts by file name.
type queries map[string]string

// Open gives a text, or the folder.
func (q queries) Open(name string) (fs.File, error) {
	if name == "." {
		return &openQuery{query: query{name: name, isFolder: true}, rest: q.entries()}, nil
	}
	text, there := q[name]
	if !there {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	return &openQuery{query: query{name: name, size: len(text)}, Reader: strings.NewReader(text)}, nil
}

func (q queries) entries() []fs.DirEntry {
	var entries []fs.DirEntry
	for name, text := range q {
		entries = append(entries, fs.FileInfoToDirEntry(query{name: name, size: len(text)}))
	}
	slices.SortFunc(entries, func(a, b fs.DirEntry) int { return strings.Compare(a.Name(), b.Name()) })
	return entries
}

// A query is what is known of a text without opening it.
type query struct {
	name     string
	size     int
	isFolder bool
}

func (q query) Name() string       { return q.name }
func (q query) Size() int64        { return int64(q.size) }
func (q query) ModTime() time.Time { return time.Time{} }
func (q query) IsDir() bool        { return q.isFolder }
func (q query) Sys() any           { return nil }
func (q query) Mode() fs.FileMode {
	if q.isFolder {
		return fs.ModeDir | 0o555
	}
	return 0o444
}

type openQuery struct {
	query
	*strings.Reader
	rest []fs.DirEntry
}

func (q *openQuery) Stat() (fs.FileInfo, error) { return q.query, nil }
func (q *openQuery) Size() int64                { return q.query.Size() }
func (q *openQuery) Close() error               { return nil }

func (q *openQuery) Read(into []byte) (int, error) {
	if q.Reader == nil {
		return 0, &fs.PathError{Op: "read", Path: q.name, Err: fs.ErrInvalid}
	}
	return q.Reader.Read(into)
}

// ReadDir gives the folder's next n entries; all that are left when n is not
// above 0.
func (q *openQuery) ReadDir(n int) ([]fs.DirEntry, error) {
	if n <= 0 || n > len(q.rest) {
		n = len(q.rest)
	}
	given := q.rest[:n]
	q.rest = q.rest[n:]
	return given, nil
}

// lastListed tells the rows of files that lie in the folder from those of earlier
// contents: records is a table's rows.
func lastListed(schema, table string) string {
	return fmt.Sprintf(`exists (select 1 from %[1]s."%[2]s" as listed where listed.file_name = records.file_name and listed.file_content = records.file_content
	and listed.listed_at = (select max(latest.listed_at) from %[1]s."%[2]s" as latest))`, schema, listingOf(table))
}
