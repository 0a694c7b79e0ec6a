package lake

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"

	"github.com/apache/iceberg-go"
	"github.com/apache/iceberg-go/catalog"
	icebergio "github.com/apache/iceberg-go/io"
	"github.com/apache/iceberg-go/table"
	"github.com/google/uuid"
)

// A folderCatalog keeps tables as iceberg-go's hadoop catalog does, whose files it
// reads and writes: metadata/v1.metadata.json, v2 and so on, the highest counts.
// Three things are its own. What was parsed once is kept, for a version never
// changes; the library parses all of it twice for each commit, which takes most of
// a commit's time once there are a thousand snapshots. A version is published by a
// link that replaces nothing, so that the loser of a race learns it. And each
// version seals itself and the sums of the files that it brings.
type folderCatalog struct {
	disk  *disk
	texts snapshotJSON

	mutex sync.Mutex
	heads map[string]version // newest versions that were seen, by folder
}

// A version is one state of a table.
type version struct {
	number   int
	path     string
	metadata table.Metadata
	location string // of the table as it is written; metadata has its alias
	holds    int    // snapshots
}

var versionName = regexp.MustCompile(`^v([0-9]{1,9})\.metadata\.json$`)

func (c *folderCatalog) folder(ident table.Identifier) string {
	return filepath.Join(append([]string{c.disk.root}, ident...)...)
}

// newest finds the highest version in a table's folder; 0 when there is none.
func (c *folderCatalog) newest(ident table.Identifier) (number int, path string, err error) {
	folder := filepath.Join(c.folder(ident), "metadata")
	entries, err := c.disk.files.ReadDir(folder)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return 0, "", err
	}
	for _, entry := range entries {
		parts := versionName.FindStringSubmatch(entry.Name())
		if parts == nil {
			continue
		}
		if n, _ := strconv.Atoi(parts[1]); n > number {
			number, path = n, filepath.Join(folder, entry.Name())
		}
	}
	return number, path, nil
}

// head is the newest version; one with number 0 when there is no such table.
func (c *folderCatalog) head(ident table.Identifier) (version, error) {
	// A version may be cleaned up by another process between the listing and the
	// reading; then there is a newer one.
	for try := 0; ; try++ {
		number, path, err := c.newest(ident)
		if err != nil || number == 0 {
			return version{}, err
		}
		if known := c.known(ident); known.path == path {
			return known, nil
		}
		content, err := c.disk.ReadFile(path)
		if errors.Is(err, fs.ErrNotExist) && try < 10 {
			continue
		}
		if err != nil {
			return version{}, err
		}
		metadata, err := table.ParseMetadataBytes(content)
		if err != nil {
			return version{}, fmt.Errorf("%s: %w", path, err)
		}
		found, err := c.versionOf(ident, number, path, metadata)
		if err != nil {
			return version{}, fmt.Errorf("%s: %w", path, err)
		}
		c.know(ident, found)
		return found, nil
	}
}

// versionOf is a version as it was read: its table lies in this catalog's folder,
// wherever it lay when it was written.
func (c *folderCatalog) versionOf(ident table.Identifier, number int, path string, read table.Metadata) (version, error) {
	metadata, err := located(read, alias(strings.Join(ident, "/")))
	if err == nil {
		metadata, err = adopt(metadata)
	}
	if err != nil {
		return version{}, err
	}
	return version{number: number, path: path, metadata: metadata, location: read.Location(), holds: len(metadata.Snapshots())}, nil
}

func (c *folderCatalog) known(ident table.Identifier) version {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	return c.heads[c.folder(ident)]
}

func (c *folderCatalog) know(ident table.Identifier, v version) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	held := v.holds
	for _, other := range c.heads {
		held += other.holds
	}
	if c.heads == nil || held > headsHold {
		c.heads = map[string]version{}
		c.texts.clear()
	}
	c.heads[c.folder(ident)] = v
}

// headsHold is how many snapshots of all tables are kept parsed: some 10 MB.
const headsHold = 5000

// LoadTable opens a table as it is now.
func (c *folderCatalog) LoadTable(_ context.Context, ident table.Identifier) (*table.Table, error) {
	head, err := c.head(ident)
	if err != nil {
		return nil, err
	}
	if head.number == 0 {
		return nil, fmt.Errorf("%w: %s", catalog.ErrNoSuchTable, strings.Join(ident, "."))
	}
	return c.open(ident, head), nil
}

func (c *folderCatalog) open(ident table.Identifier, v version) *table.Table {
	files := func(context.Context) (icebergio.IO, error) { return c.disk, nil }
	return table.New(ident, v.metadata, v.path, files, c)
}

// CreateTable makes an empty table.
func (c *folderCatalog) CreateTable(_ context.Context, ident table.Identifier, schema *iceberg.Schema, options ...catalog.CreateTableOpt) (*table.Table, error) {
	var wanted catalog.CreateTableCfg
	for _, option := range options {
		option(&wanted)
	}
	head, err := c.head(ident)
	if err != nil {
		return nil, err
	}
	if head.number > 0 {
		return nil, fmt.Errorf("%w: %s", catalog.ErrTableAlreadyExists, strings.Join(ident, "."))
	}
	properties := iceberg.Properties{sealProperty: emptySeal}
	for name, value := range wanted.Properties {
		properties[name] = value
	}
	metadata, err := table.NewMetadata(schema, wanted.PartitionSpec, wanted.SortOrder, alias(strings.Join(ident, "/")), properties)
	if err != nil {
		return nil, err
	}
	made, err := c.publish(ident, 1, metadata)
	if errors.Is(err, fs.ErrExist) {
		return nil, fmt.Errorf("%w: %s", catalog.ErrTableAlreadyExists, strings.Join(ident, "."))
	}
	if err != nil {
		return nil, err
	}
	return c.open(ident, made), nil
}

// CommitTable makes a table's next version. Whoever comes second is told so and
// not tried again: what it read of the table is no longer true.
func (c *folderCatalog) CommitTable(_ context.Context, ident table.Identifier, needs []table.Requirement, updates []table.Update) (table.Metadata, string, error) {
	head, err := c.head(ident)
	if err != nil {
		return nil, "", err
	}
	if head.number == 0 {
		return nil, "", fmt.Errorf("%w: %s", catalog.ErrNoSuchTable, strings.Join(ident, "."))
	}
	for _, need := range needs {
		if err := need.Validate(head.metadata); err != nil {
			return nil, "", fmt.Errorf("%w (%w)", ErrOvertaken, err)
		}
	}
	sums := c.disk.notedSums(c.folder(ident))
	noted := iceberg.Properties{sealProperty: emptySeal}
	if len(sums) > 0 { // a commit without files of its own may take sums away
		noted[sumsProperty] = c.disk.addSums(head.metadata.Properties()[sumsProperty], c.folder(ident), sums)
	}
	updates = append(updates[:len(updates):len(updates)], table.NewSetPropertiesUpdate(noted))
	updates, err = c.disk.withRealPaths(updates)
	if err != nil {
		return nil, "", err
	}
	updated, err := table.UpdateTableMetadata(head.metadata, updates, head.path)
	if err != nil {
		return nil, "", err
	}
	if updated, err = adopt(updated); err != nil {
		return nil, "", err
	}
	made, err := c.publish(ident, head.number+1, updated)
	if errors.Is(err, fs.ErrExist) {
		return nil, "", ErrOvertaken
	}
	if err != nil {
		return nil, "", err
	}
	c.disk.forgetSums(sums)
	return made.metadata, made.path, nil
}

// publish writes a version and lets it be true, in this order.
func (c *folderCatalog) publish(ident table.Identifier, number int, metadata table.Metadata) (version, error) {
	content, holds, err := c.texts.encode(metadata, c.folder(ident))
	if err != nil {
		return version{}, err
	}
	folder := filepath.Join(c.folder(ident), "metadata")
	temporary := filepath.Join(folder, uuid.NewString()+".metadata.json")
	file, err := c.disk.Create(temporary)
	if err != nil {
		return version{}, err
	}
	_, err = file.Write(sealed(content))
	if err := errors.Join(err, file.Close()); err != nil {
		return version{}, err
	}
	c.disk.forgetSums(map[string]sum{temporary: ""}) // it has a seal
	made := version{number: number, path: filepath.Join(folder, fmt.Sprintf("v%d.metadata.json", number)), metadata: metadata, location: c.folder(ident), holds: holds}
	if err := c.disk.publish(temporary, made.path); err != nil {
		c.disk.discard(temporary)
		return version{}, err
	}
	c.know(ident, made)
	// The hint saves other engines a listing of the folder. It decides nothing, so
	// it is not synced, and a commit does not fail for it.
	hint := filepath.Join(folder, "version-hint.text")
	if c.disk.WriteFile(hint+partSuffix, []byte(strconv.Itoa(number))) == nil {
		_ = c.disk.Rename(hint+partSuffix, hint)
	}
	return made, nil
}

// CreateNamespace makes a source's folder.
func (c *folderCatalog) CreateNamespace(_ context.Context, namespace table.Identifier, _ iceberg.Properties) error {
	return c.disk.makeFolders(c.folder(namespace))
}

// ListNamespaces gives the sources' folders.
func (c *folderCatalog) ListNamespaces(context.Context, table.Identifier) ([]table.Identifier, error) {
	return c.folders(c.disk.root, nil)
}

// ListTables gives a source's tables; none when there is no such source.
func (c *folderCatalog) ListTables(_ context.Context, namespace table.Identifier) iter.Seq2[table.Identifier, error] {
	return func(yield func(table.Identifier, error) bool) {
		found, err := c.folders(c.folder(namespace), namespace)
		if err != nil {
			yield(nil, err)
			return
		}
		for _, ident := range found {
			number, _, err := c.newest(ident)
			if (err != nil || number > 0) && !yield(ident, err) {
				return
			}
		}
	}
}

func (c *folderCatalog) folders(path string, within table.Identifier) ([]table.Identifier, error) {
	entries, err := c.disk.files.ReadDir(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	var found []table.Identifier
	for _, entry := range entries {
		if entry.IsDir() && nameAllowed.MatchString(entry.Name()) {
			found = append(found, append(within[:len(within):len(within)], entry.Name()))
		}
	}
	return found, nil
}
