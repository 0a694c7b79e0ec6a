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
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/apache/iceberg-go"
	"github.com/apache/iceberg-go/catalog"
	"github.com/apache/iceberg-go/catalog/hadoop"
	icebergio "github.com/apache/iceberg-go/io"
	"github.com/apache/iceberg-go/table"

	"merit/connectors"
)

// A Lake is a folder of Iceberg tables. Many may read it; one process at a time
// should write (a second one that does anyhow loses its commit, not data).
type Lake struct {
	root      string
	catalog   *hadoop.Catalog
	disk      icebergio.WriteFileIO
	manifests shelf
	now       func() time.Time
	limits    limits
}

// Properties by which the tables of a lake know where they belong.
const (
	streamProperty = "merit.stream"
	roleProperty   = "merit.role" // main, companion
	mainRole       = "main"
	companionRole  = "companion"
)

// Open opens the lake in a folder, which it makes when it is not there.
func Open(folder string) (*Lake, error) {
	root, err := filepath.Abs(folder)
	if err != nil {
		return nil, fmt.Errorf("lake %s: %w", folder, err)
	}
	if strings.ContainsAny(root, "%#?") {
		// iceberg-go reads paths as URLs, in which these have meanings.
		return nil, connectors.Faultf(connectors.You, "lake %s: the folder's path may not contain %%, # or ?", root)
	}
	if err := newDisk(root).makeFolders(root); err != nil {
		return nil, connectors.Faultf(connectors.You, "lake %s: %w", root, err)
	}
	if root, err = filepath.EvalSymlinks(root); err != nil {
		return nil, fmt.Errorf("lake %s: %w", folder, err)
	}
	useDurableDisk()
	properties := iceberg.Properties{rootProperty: root}
	opened, err := icebergio.LoadFS(context.Background(), properties, root)
	if err != nil {
		return nil, fmt.Errorf("lake %s: %w", root, err)
	}
	disk, ok := opened.(icebergio.WriteFileIO)
	if !ok {
		return nil, fmt.Errorf("lake %s: %T can't write", root, opened)
	}
	tables, err := hadoop.NewCatalog("merit", root, properties)
	if err != nil {
		return nil, fmt.Errorf("lake %s: %w", root, err)
	}
	return &Lake{root: root, catalog: tables, disk: disk, now: time.Now, limits: usualLimits()}, nil
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
	sources, err := os.ReadDir(l.root)
	if err != nil {
		return nil, fmt.Errorf("lake %s: %w", l.root, err)
	}
	var found []*Dataset
	for _, source := range sources {
		if !source.IsDir() || checkName("source", source.Name()) != nil {
			continue
		}
		for ident, err := range l.catalog.ListTables(ctx, table.Identifier{source.Name()}) {
			if err != nil {
				return nil, fmt.Errorf("tables of %s: %w", source.Name(), err)
			}
			opened, err := l.catalog.LoadTable(ctx, ident)
			if err != nil {
				return nil, fmt.Errorf("table %s: %w", strings.Join(ident, "."), err)
			}
			if properties := opened.Properties(); properties[roleProperty] == mainRole {
				found = append(found, l.Dataset(source.Name(), properties[streamProperty]))
			}
		}
	}
	return found, nil
}

// nameAllowed is what may become a folder: no path can be built from it.
var nameAllowed = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]{0,127}$`)

func checkName(kind, name string) error {
	if !nameAllowed.MatchString(name) {
		return connectors.Faultf(connectors.You,
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
	there, err := d.lake.catalog.CheckNamespaceExists(ctx, table.Identifier{d.source})
	if err != nil || !there {
		return nil, err
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
