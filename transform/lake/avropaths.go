package lake

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"

	icebergio "github.com/apache/iceberg-go/io"
	"github.com/twmb/avro/ocf"
)

// withPaths gives a manifest or a list of manifests in which every path is what
// respell makes of it. changed is false when there was nothing to change.
func withPaths(content []byte, respell func(string) string) (rewritten []byte, changed bool, err error) {
	return withEntries(content, func(entry map[string]any) (bool, error) { return respellFields(entry, respell), nil })
}

// withEntries gives a manifest or a list of manifests after change has seen each of its
// entries; all else stays as it was, whatever format version or engine wrote it.
func withEntries(content []byte, change func(entry map[string]any) (bool, error)) (rewritten []byte, changed bool, err error) {
	reader, err := ocf.NewReader(bytes.NewReader(content))
	if err != nil {
		return nil, false, err
	}
	defer reader.Close()
	header := map[string][]byte{}
	for name, value := range reader.Metadata() {
		if !strings.HasPrefix(name, "avro.") {
			header[name] = value
		}
	}
	var out bytes.Buffer
	writer, err := ocf.NewWriter(&out, reader.Schema(), ocf.WithMetadata(header), ocf.WithCodec(ocf.DeflateCodec(-1)))
	if err != nil {
		return nil, false, err
	}
	for {
		var record any
		if err := reader.Decode(&record); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return nil, false, err
		}
		entry, isRecord := record.(map[string]any)
		if !isRecord {
			return nil, false, fmt.Errorf("an entry is a %T", record)
		}
		did, err := change(entry)
		if err != nil {
			return nil, false, err
		}
		changed = changed || did
		if err := writer.Encode(entry); err != nil {
			return nil, false, err
		}
	}
	if err := writer.Close(); err != nil {
		return nil, false, err
	}
	return out.Bytes(), changed, nil
}

// respellFields changes the paths of a list's entry, or of a manifest's.
func respellFields(entry map[string]any, respell func(string) string) (changed bool) {
	if file, isFile := entry["data_file"].(map[string]any); isFile {
		return respellFields(file, respell)
	}
	for _, field := range []string{"manifest_path", "file_path", "referenced_data_file"} {
		if name, there := entry[field].(string); there {
			if now := respell(name); now != name {
				entry[field], changed = now, true
			}
		}
	}
	return changed
}

// isManifestList tells by its name what iceberg-go is about to write.
func isManifestList(name string) bool {
	base := path.Base(name)
	return strings.HasPrefix(base, "snap-") && strings.HasSuffix(base, ".avro")
}

// A listWriter holds a list of manifests, in which iceberg-go names those of this
// commit by their alias, until it can be written with real paths.
type listWriter struct {
	bytes.Buffer
	names  layout
	create func() (icebergio.FileWriter, error)
}

func (w *listWriter) Close() error {
	content, changed, err := withPaths(w.Bytes(), w.names.real)
	if err != nil {
		return fmt.Errorf("a list of manifests: %w", err)
	}
	if !changed {
		content = w.Bytes()
	}
	file, err := w.create()
	if err != nil {
		return err
	}
	_, err = file.Write(content)
	return errors.Join(err, file.Close())
}

// readFileOf gives a whole file of the lake.
func readFileOf(l *Lake, name string) ([]byte, error) {
	file, err := l.disk.Open(name)
	if err != nil {
		return nil, err
	}
	content, err := io.ReadAll(file)
	return content, errors.Join(err, file.Close())
}
