package lake

import (
	"encoding/json"
	"errors"
	"io/fs"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/apache/iceberg-go/table"
)

// A layout knows the names of a lake's files. Iceberg's metadata names a file by its
// whole path, and one file comes under several spellings: as the lake lies now, as it
// lay before it was moved or copied, percent-encoded as iceberg-go's location provider
// and earlier versions of Merit wrote it, as a file: or s3a: URL of another engine, and
// as the alias below. Whatever compares, opens or removes files goes by the canonical
// name, which is the same under all of them: the file's place in the lake,
// source/table/data/file.
type layout struct{ root string }

// aliasRoot is where iceberg-go believes a lake to be. Its location provider takes a
// table's location for a URL and would escape what stands in it; nothing in an alias
// needs that. Aliases stay in memory: whatever is written has real paths.
const aliasRoot = "lake:///"

// alias is the location of a place in the lake for iceberg-go.
func alias(canonical string) string {
	return aliasRoot + strings.TrimPrefix((&url.URL{Path: "/" + canonical}).EscapedPath(), "/")
}

var errOutside = errors.New("is not inside the lake")

// placeInLake matches source/table/data/file at the end of a path under any root.
// Names of sources and tables have letters, digits and _ only, so that no spelling
// changes them.
var placeInLake = regexp.MustCompile(`^/([A-Za-z_][A-Za-z0-9_]{0,127}/[A-Za-z_][A-Za-z0-9_]{0,127}/(?:data|metadata)/.+)$`)

// canonical is a file's place in the lake, under whatever spelling it comes.
func (l layout) canonical(name string) (string, error) {
	if name == l.root {
		return ".", nil
	}
	inside, found := strings.CutPrefix(name, aliasRoot)
	if found {
		name, err := url.PathUnescape(inside)
		if err != nil {
			return "", err
		}
		inside = name
	} else {
		inside, found = strings.CutPrefix(name, l.root+"/")
	}
	for at := len(name); !found && at > 0; { // the shortest end that is such a place
		if at = strings.LastIndexByte(name[:at], '/'); at < 0 {
			break
		}
		if parts := placeInLake.FindStringSubmatch(name[at:]); parts != nil {
			inside, found = parts[1], true
		}
	}
	if !found || !fs.ValidPath(inside) {
		return "", errOutside
	}
	return inside, nil
}

// real is a file's whole path or URL as it is written into metadata. A name of
// something that is not in the lake stays as it is.
func (l layout) real(name string) string {
	inside, err := l.canonical(name)
	if err != nil {
		return name
	}
	return l.join(inside)
}

// joined is the whole path or URL of something below a table's location.
func (l layout) joined(location string, names ...string) string {
	return strings.TrimSuffix(l.real(location), "/") + "/" + strings.Join(names, "/")
}

// join is the whole path or URL of a place in the lake.
func (l layout) join(places ...string) string { return l.root + "/" + strings.Join(places, "/") }

// inTable is a file's place in its table, data/file.
func (l layout) inTable(location, name string) string {
	place, err := l.canonical(name)
	if err != nil {
		return name
	}
	table, err := l.canonical(location)
	if err != nil {
		return place
	}
	return strings.TrimPrefix(place, table+"/")
}

// withRealPaths gives updates of a table in which new snapshots name their lists of
// manifests by real paths.
func (l layout) withRealPaths(updates []table.Update) ([]table.Update, error) {
	real := slices.Clone(updates)
	for i, update := range updates {
		if update.Action() != table.UpdateAddSnapshot {
			continue
		}
		text, err := json.Marshal(update)
		if err != nil {
			return nil, err
		}
		var added struct {
			Snapshot *table.Snapshot `json:"snapshot"`
		}
		if err := json.Unmarshal(text, &added); err != nil {
			return nil, err
		}
		added.Snapshot.ManifestList = l.real(added.Snapshot.ManifestList)
		real[i] = table.NewAddSnapshotUpdate(added.Snapshot)
	}
	return real, nil
}

// located is a table's metadata with another location.
func located(metadata table.Metadata, location string) (table.Metadata, error) {
	if metadata.Location() == location {
		return metadata, nil
	}
	builder, err := table.MetadataBuilderFromBase(metadata, "")
	if err != nil {
		return nil, err
	}
	if err := builder.SetLoc(location); err != nil {
		return nil, err
	}
	return builder.Build()
}
