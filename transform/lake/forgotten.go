package lake

import (
	"bufio"
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"unicode"

	"github.com/cespare/xxhash/v2"
)

// Forgotten are the people who were erased, by what a CRM knows them: records and
// e-mail addresses. Nothing of them is kept but keyed hashes, by which they are
// known when the CRM tells of them again. A nil Forgotten knows nobody.
type Forgotten struct {
	key  []byte
	text []byte              // as it is kept, a line each
	by   map[string][]string // source and tag → hashes
}

// An Identity is one way in which a source knows a person: a record of a stream, or
// an e-mail address when Stream is empty.
type Identity struct{ Source, Stream, Value string }

// ParseForgotten reads the list that Text gave; nil text is an empty one.
func ParseForgotten(key, text []byte) (*Forgotten, error) {
	if len(key) < 16 {
		return nil, fmt.Errorf("the key of the forgotten has %d bytes, not 16 or more", len(key))
	}
	f := &Forgotten{key: key, by: map[string][]string{}}
	lines := bufio.NewScanner(bytes.NewReader(text))
	for n := 1; lines.Scan(); n++ {
		parts := strings.Fields(lines.Text())
		if len(parts) == 0 {
			continue
		}
		if len(parts) != 3 || len(parts[2]) != 2*sha256.Size {
			return nil, fmt.Errorf("line %d of the forgotten is not a source, a tag and a hash", n)
		}
		f.put(parts[0], parts[1], parts[2])
	}
	return f, lines.Err()
}

// Text is the list as it is kept: no value can be read from it, and without the key
// none can be tried.
func (f *Forgotten) Text() []byte { return f.text }

func (f *Forgotten) put(source, tag, mac string) {
	f.by[source+" "+tag] = append(f.by[source+" "+tag], mac)
	f.text = append(f.text, source+" "+tag+" "+mac+"\n"...)
}

// Add puts an identity on the list; false when it was there.
func (f *Forgotten) Add(who Identity) bool {
	if f.has(who.Source, who.Stream, who.Value) {
		return false
	}
	value := normal(who.Value)
	f.put(who.Source, f.tag(value), f.mac(who.Source, who.Stream, value))
	return true
}

// normal makes e-mail addresses one whatever their case; ids have a case that counts.
func normal(value string) string {
	switch {
	case strings.Contains(value, "@"):
		return strings.ToLower(value)
	case len(value) == 18 && MeansOneRecord(value) && strings.ContainsFunc(value, unicode.IsLetter):
		return value[:15] // the other three are Salesforce's checksum of the case
	}
	return value
}

// MeansOneRecord tells ids that mean one record wherever they stand, as Salesforce's
// of 15 or 18 characters or HubSpot's of 9 digits and more, from small numbers that
// mean something only beside the name of their object.
func MeansOneRecord(value string) bool {
	letters := 0
	for _, c := range []byte(value) {
		switch {
		case c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z':
			letters++
		case c < '0' || c > '9':
			return false
		}
	}
	return letters == 0 && len(value) >= 9 || letters > 0 && (len(value) == 15 || len(value) == 18)
}

// tag is short, so that it gives nothing away, and fast, so that reading stays so:
// only where it is known the hash is computed.
func (f *Forgotten) tag(value string) string {
	digest := xxhash.NewWithSeed(uint64(f.key[0]) | uint64(f.key[1])<<8 | uint64(f.key[2])<<16 | uint64(f.key[3])<<24)
	_, _ = digest.WriteString(value) // never fails
	return strconv.FormatUint(digest.Sum64()&0xfff, 16)
}

func (f *Forgotten) mac(source, stream, value string) string {
	h := hmac.New(sha256.New, f.key)
	fmt.Fprintf(h, "%s\x00%s\x00%s", source, stream, value)
	return hex.EncodeToString(h.Sum(nil))
}

// has tells whether the list has a record of a stream or, with no stream, an address
// or an id that means one record wherever it stands.
func (f *Forgotten) has(source, stream, value string) bool {
	if f == nil || value == "" {
		return false
	}
	value = normal(value)
	macs := f.by[source+" "+f.tag(value)]
	if len(macs) == 0 {
		return false
	}
	wanted := f.mac(source, stream, value)
	for _, mac := range macs {
		if mac == wanted {
			return true
		}
	}
	return false
}

// isEmpty tells whether nobody of a source was forgotten, so that nothing need be looked at.
func (f *Forgotten) isEmpty() bool { return f == nil || len(f.by) == 0 }

// mentions tells whether a text names somebody who was forgotten: by an address or
// a long id, alone or among other words.
func (f *Forgotten) mentions(source, text string) bool {
	for word := range words(text) {
		if (strings.Contains(word, "@") || MeansOneRecord(word)) && f.has(source, "", word) {
			return true
		}
	}
	return false
}

// words are what an address or an id can be within a text.
func words(text string) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		start := -1
		for i := 0; i <= len(text); i++ {
			if i < len(text) && isWordByte(text[i]) {
				if start < 0 {
					start = i
				}
				continue
			}
			if start >= 0 {
				if !yield(strings.Trim(text[start:i], ".-_+")) {
					return
				}
				start = -1
			}
		}
	}
}

func isWordByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' ||
		c == '@' || c == '.' || c == '-' || c == '_' || c == '+' || c >= 0x80
}
