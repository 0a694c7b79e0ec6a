package lake

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"hash"
	"path/filepath"
	"slices"
	"strings"

	"github.com/cespare/xxhash/v2"
)

// A sum tells whether a file still is what was written: the first 96 bits of its
// SHA-256. Each commit notes those of the files that it brings in a property of
// its table, and a sum of itself, so that Verify can name any file of which a
// single bit has changed.
type sum string

const (
	sumsProperty = "merit.sums" // one mark and sum after another, of all files but the versions of the metadata
	sealProperty = "merit.seal" // of the version of the metadata in which it stands, less itself
	markLength   = 11           // of a path's hash in base64
	sumLength    = 16
)

func sumOf(h hash.Hash) sum {
	return sum(base64.RawURLEncoding.EncodeToString(h.Sum(nil)[:12]))
}

// markOf stands for a file of a table: metadata would be twice as long with its name.
func markOf(inTable string) string {
	number := xxhash.Sum64String(inTable)
	var bytes [8]byte
	for i := range bytes {
		bytes[i] = byte(number >> (8 * i))
	}
	return base64.RawURLEncoding.EncodeToString(bytes[:])
}

// parseSums reads the property, by mark.
func parseSums(text string) map[string]sum {
	found := map[string]sum{}
	for len(text) >= markLength+sumLength {
		found[text[:markLength]] = sum(text[markLength : markLength+sumLength])
		text = text[markLength+sumLength:]
	}
	return found
}

// addSums puts sums behind those in the property.
func (l layout) addSums(text, location string, more map[string]sum) string {
	var added []string
	for path, s := range more {
		added = append(added, markOf(l.inTable(location, path))+string(s))
	}
	slices.Sort(added)
	return text + strings.Join(added, "")
}

// keepSums leaves the sums of the files that are still named.
func (l layout) keepSums(text, location string, named map[string]bool) string {
	marks := map[string]bool{}
	for path := range named {
		marks[markOf(l.inTable(location, path))] = true
	}
	var kept strings.Builder
	for ; len(text) >= markLength+sumLength; text = text[markLength+sumLength:] {
		if marks[text[:markLength]] {
			kept.WriteString(text[:markLength+sumLength])
		}
	}
	return kept.String()
}

// emptySeal stands where a seal will be.
var emptySeal = strings.Repeat("0", 64)

// sealOf finds the place of the seal in a version of the metadata; nil when there is
// none. No text of a table can look like it: quotes within texts are escaped.
func sealOf(content []byte) []byte {
	name := []byte(`"` + sealProperty + `":"`)
	at := bytes.Index(content, name)
	if at < 0 || len(content) < at+len(name)+len(emptySeal) {
		return nil
	}
	return content[at+len(name):][:len(emptySeal)]
}

// sealed puts the sum of a version of the metadata into it, as it is with the seal
// empty. It changes content.
func sealed(content []byte) []byte {
	if place := sealOf(content); place != nil {
		copy(place, emptySeal)
		whole := sha256.Sum256(content)
		hex.Encode(place, whole[:])
	}
	return content
}

// isSealed tells whether a version of the metadata is as it was written.
func isSealed(content []byte) bool {
	return sealOf(content) != nil && bytes.Equal(sealed(bytes.Clone(content)), content)
}

// note remembers the sum of a file until a commit takes it.
func (d *disk) note(path string, s sum) {
	d.mutex.Lock()
	defer d.mutex.Unlock()
	d.sums[path] = s
}

// notedSums are those of the files in a folder.
func (d *disk) notedSums(folder string) map[string]sum {
	d.mutex.Lock()
	defer d.mutex.Unlock()
	found := map[string]sum{}
	for path, s := range d.sums {
		if strings.HasPrefix(path, folder+string(filepath.Separator)) {
			found[path] = s
		}
	}
	return found
}

// forgetSums is for files that a commit has named by now, or that are gone.
func (d *disk) forgetSums(these map[string]sum) {
	d.mutex.Lock()
	defer d.mutex.Unlock()
	for path := range these {
		delete(d.sums, path)
	}
}
