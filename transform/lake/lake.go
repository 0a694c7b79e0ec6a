// Package lake keeps what the connectors read, for good: Apache Iceberg tables of
// Parquet files, to which rows are only ever appended. A stream's tables are a
// Dataset. Its checkpoint, where reading goes on, is part of the commit that
// publishes the rows, so that the cursor can't be ahead of its data.
//
// Append does the work, checkpoint.go tells what a reader sees of it.
package lake

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/apache/iceberg-go"
	"github.com/apache/iceberg-go/catalog"
	icebergio "github.com/apache/iceberg-go/io"
	"github.com/apache/iceberg-go/table"

	"merit/connectors"
	"merit/connectors/fault"
	"merit/transform/lake/bucket"
)

// A Lake is a folder of Iceberg tables. Many may read it; one process at a time
// should write (a second one that does anyhow loses its commit, not data).
type Lake struct {
	layout
	catalog   tables
	disk      icebergio.WriteFileIO
	manifests manifestCache
	now       func() time.Time
	limits    limits
	fence     int64
	forgotten *ErasureList
	people    map[string]declared // by source
	withheld  sync.Map            // by source, while values are taken out: its Withhold
	idled     map[string]func(before, after connectors.Cursor) bool
}

// SetIdled says of each source when a cursor that moved, with no row to go with it, need
// not be kept. Others are: a reading must not begin again where it has been.
func (l *Lake) SetIdled(bySource map[string]func(before, after connectors.Cursor) bool) {
	l.idled = bySource
}

// SetErasureList has the people on the list left out of whatever is read from now on.
func (l *Lake) SetErasureList(list *ErasureList) { l.forgotten = list }

// SetFence numbers what this process commits from now on: the number of the lock that
// it holds, which is higher each time the lock is taken. A process that lost its
// lock without noticing, because it was stopped or its disk is shared, can't commit
// after one with a higher number has.
func (l *Lake) SetFence(number int64) { l.fence = number }

// checkFence refuses to go on from a snapshot that a later holder of the lock made.
func (l *Lake) checkFence(head *table.Snapshot, name string) error {
	theirs, _ := strconv.ParseInt(summaryOf(head)[fenceProperty], 10, 64) // absent: 0
	if theirs > l.fence {
		return fault.Errorf(fault.You, "%s: %w: it holds the lock number %d, this one had %d", name, ErrOvertaken, theirs, l.fence)
	}
	return nil
}

// Properties by which the tables of a lake know where they belong.
const (
	streamProperty = "merit.stream"
	roleProperty   = "merit.role" // main, companion
	keyProperty    = "merit.key"  // the columns by which the source knows a record
	mainRole       = "main"
	companionRole  = "companion"
)

// Open opens the lake in a folder, which it makes when it is not there.
func Open(folder string) (*Lake, error) {
	if bucket.IsBucket(folder) {
		return nil, fault.Errorf(fault.You, "lake %s: a bucket needs a catalog, too", folder)
	}
	root, err := filepath.Abs(folder)
	if err != nil {
		return nil, fmt.Errorf("lake %s: %w", folder, err)
	}
	if err := newDisk(root).makeFolders(root); err != nil {
		return nil, fault.Errorf(fault.You, "lake %s: %w", root, err)
	}
	if root, err = filepath.EvalSymlinks(root); err != nil {
		return nil, fmt.Errorf("lake %s: %w", folder, err)
	}
	return openOn(newDisk(root)), nil
}

func openOn(d *disk) *Lake {
	return &Lake{layout: d.layout, catalog: &folderCatalog{disk: d}, disk: d, now: time.Now, limits: usualLimits()}
}

// tables are what a lake needs of an Iceberg catalog.
type tables interface {
	table.CatalogIO
	CreateTable(context.Context, table.Identifier, *iceberg.Schema, ...catalog.CreateTableOpt) (*table.Table, error)
	ListTables(context.Context, table.Identifier) iter.Seq2[table.Identifier, error]
	CreateNamespace(context.Context, table.Identifier, iceberg.Properties) error
	ListNamespaces(context.Context, table.Identifier) ([]table.Identifier, error)
}

// A Dataset is one stream's tables: a main one and its companions (deals, with
// deal_history and deal_links). Its checkpoint is a snapshot of the main table,
// which names the snapshots of the companions that belong to it.
type Dataset struct {
	lake           *Lake
	source, stream string
}

// Dataset gives the tables of a source's stream, whether or not they are there yet.
func (l *Lake) Dataset(source, stream string) *Dataset {
	return &Dataset{lake: l, source: source, stream: stream}
}

// Source is the name that merit.yml gives the account.
func (d *Dataset) Source() string { return d.source }

// Stream is the name of what is read and resumed together.
func (d *Dataset) Stream() string { return d.stream }

// Datasets lists what has been read into the lake, by source and stream.
func (l *Lake) Datasets(ctx context.Context) ([]*Dataset, error) {
	var found []*Dataset
	err := l.eachTable(ctx, func(opened *table.Table) error {
		if properties := opened.Properties(); properties[roleProperty] == mainRole {
			found = append(found, l.Dataset(opened.Identifier()[0], properties[streamProperty]))
		}
		return nil
	})
	return found, err
}

// eachTable visits all tables of all sources.
func (l *Lake) eachTable(ctx context.Context, visit func(*table.Table) error) error {
	sources, err := l.catalog.ListNamespaces(ctx, nil)
	if err != nil {
		return fmt.Errorf("lake %s: %w", l.root, err)
	}
	for _, source := range sources {
		for ident, err := range l.catalog.ListTables(ctx, source) {
			if err != nil {
				return fmt.Errorf("tables of %s: %w", source[0], err)
			}
			opened, err := l.catalog.LoadTable(ctx, ident)
			if err != nil {
				return fmt.Errorf("table %s: %w", strings.Join(ident, "."), err)
			}
			if err := visit(opened); err != nil {
				return err
			}
		}
	}
	return nil
}

// nameAllowed is what may become a folder: no path can be built from it.
var nameAllowed = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]{0,127}$`)

func checkName(kind, name string) error {
	if !nameAllowed.MatchString(name) {
		return fault.Errorf(fault.You,
			"%s %q: a name in the lake has up to 128 letters, digits and _, and no digit first", kind, name)
	}
	return nil
}

func (d *Dataset) checkNames() error {
	if err := checkName("source", d.source); err != nil {
		return err
	}
	return checkName("stream", d.stream)
}

// load opens a table as it is now; nil when there is none.
func (d *Dataset) load(ctx context.Context, name string) (*table.Table, error) {
	opened, err := d.lake.catalog.LoadTable(ctx, table.Identifier{d.source, name})
	if errors.Is(err, catalog.ErrNoSuchTable) || errors.Is(err, catalog.ErrNoSuchNamespace) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("table %s.%s: %w", d.source, name, err)
	}
	return opened, nil
}

// loadMain finds the stream's main table. It mostly has the stream's name;
// otherwise the source's tables are asked which one it is.
func (d *Dataset) loadMain(ctx context.Context) (*table.Table, error) {
	isMain := func(t *table.Table) bool {
		return t.Properties()[streamProperty] == d.stream && t.Properties()[roleProperty] == mainRole
	}
	opened, err := d.load(ctx, d.stream)
	if err != nil || opened != nil && isMain(opened) {
		return opened, err
	}
	for ident, err := range d.lake.catalog.ListTables(ctx, table.Identifier{d.source}) {
		if err != nil {
			return nil, fmt.Errorf("tables of %s: %w", d.source, err)
		}
		opened, err := d.load(ctx, ident[len(ident)-1])
		if err != nil {
			return nil, err
		}
		if opened != nil && isMain(opened) {
			return opened, nil
		}
	}
	return nil, nil
}
