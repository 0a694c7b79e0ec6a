package lake

import (
	"bufio"
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"strings"
	"sync"
)

// An ErasureList names the people who were erased, by what a CRM knows them: records, e-mail
// addresses and names. Nothing of them is kept but keyed hashes, by which they are
// known when the CRM tells of them again. A nil list knows nobody.
type ErasureList struct {
	key     []byte
	text    []byte          // as it is kept, a line each
	sources map[string]bool // that erased somebody
	macs    map[[sha256.Size]byte]bool
	hashers *sync.Pool
}

// An Identity is one way in which a source knows a person: an id of a kind, or an
// e-mail address when Stream is empty.
type Identity struct{ Source, Stream, Value string }

// nameKind is the Stream of an identity that is a person's name.
const nameKind = "*name"

// ParseErasureList reads the list that Text gave; nil text is an empty one.
func ParseErasureList(key, text []byte) (*ErasureList, error) {
	if len(key) < 16 {
		return nil, fmt.Errorf("the key of the forgotten has %d bytes, not 16 or more", len(key))
	}
	f := &ErasureList{
		key: key, sources: map[string]bool{}, macs: map[[sha256.Size]byte]bool{},
		hashers: &sync.Pool{New: func() any { return hmac.New(sha256.New, key) }},
	}
	lines := bufio.NewScanner(bytes.NewReader(text))
	for n := 1; lines.Scan(); n++ {
		parts := strings.Fields(lines.Text())
		if len(parts) == 0 {
			continue
		}
		// Earlier versions kept a short tag between the two, which could be tried without the key.
		mac, err := hex.DecodeString(parts[len(parts)-1])
		if len(parts) < 2 || len(parts) > 3 || err != nil || len(mac) != sha256.Size {
			return nil, fmt.Errorf("line %d of the forgotten is not a source and a hash", n)
		}
		f.put(parts[0], [sha256.Size]byte(mac))
	}
	return f, lines.Err()
}

// Text is the list as it is kept: no value can be read from it, and without the key
// none can be tried.
func (f *ErasureList) Text() []byte { return f.text }

// Key is what the hashes are keyed by.
func (f *ErasureList) Key() []byte { return f.key }

func (f *ErasureList) put(source string, mac [sha256.Size]byte) {
	f.sources[source], f.macs[mac] = true, true
	f.text = append(f.text, source+" "+hex.EncodeToString(mac[:])+"\n"...)
}

// Add puts an identity on the list; false when it was there.
func (f *ErasureList) Add(who Identity) bool {
	mac := f.mac("", who.Source, who.Stream, normal(who.Value))
	if f.macs[mac] {
		return false
	}
	f.put(who.Source, mac)
	return true
}

// normal makes e-mail addresses one whatever their case; ids have a case that counts.
func normal(value string) string {
	switch {
	case strings.Contains(value, "@"):
		return strings.ToLower(value)
	case isCased(value) && len(value) == 18:
		return value[:15] // the other three are Salesforce's checksum of the case
	}
	return value
}

// MeansOneRecord tells ids that mean one record wherever they stand, as Salesforce's
// of 15 or 18 characters or HubSpot's of 9 digits and more, from small numbers that
// mean something only beside the name of their object.
func MeansOneRecord(value string) bool {
	return isCased(value) || len(value) >= 9 && isNumber(value)
}

// isCased tells ids as Salesforce has them, which are told apart by the case of letters.
func isCased(value string) bool {
	if len(value) != 15 && len(value) != 18 {
		return false
	}
	letters := 0
	for _, c := range []byte(value) {
		switch {
		case c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z':
			letters++
		case c < '0' || c > '9':
			return false
		}
	}
	return letters > 0
}

func isNumber(value string) bool {
	return value != "" && strings.Trim(value, "0123456789") == ""
}

// mac is keyed, and says for which purpose.
func (f *ErasureList) mac(purpose, source, stream, value string) (sum [sha256.Size]byte) {
	h := f.hashers.Get().(hash.Hash)
	h.Reset()
	for _, part := range []string{purpose, source, stream, value} {
		_, _ = h.Write([]byte(part)) // never fails
		_, _ = h.Write([]byte{0})
	}
	h.Sum(sum[:0])
	f.hashers.Put(h)
	return sum
}

// has tells whether the list has an id of a kind or, with no kind, an address or an id
// that means one record wherever it stands.
func (f *ErasureList) has(source, stream, value string) bool {
	if f == nil || value == "" {
		return false
	}
	return f.macs[f.mac("", source, stream, normal(value))]
}

// isEmpty tells whether nobody of a source was forgotten, so that nothing need be looked at.
func (f *ErasureList) isEmpty(source string) bool { return f == nil || !f.sources[source] }

// Has tells whether somebody of a source who was erased is known by the identity.
func (f *ErasureList) Has(who Identity) bool { return f.has(who.Source, who.Stream, who.Value) }

// tombstones of numbers stay within what every engine and JSON keeps exactly.
const tombstoneNumbers = 1_000_000_000_000_000

const base62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

// Tombstone is what stands in an erased person's place: the same for the same person
// wherever it stands, so that what was one person's stays one person's and counts as
// before. It tells nothing of the person, and without the key nobody can work it out.
// It looks like the value: views tell records by the first three characters of an id,
// and numbers stay numbers, below zero.
func (f *ErasureList) Tombstone(who Identity) string {
	value := normal(who.Value)
	if isCased(who.Value) {
		who.Stream = ""
	}
	sum := f.mac("tombstone", who.Source, who.Stream, value)
	switch {
	case isCased(who.Value):
		made := []byte(value[:3] + "gone")
		for _, b := range sum[:8] {
			made = append(made, base62[int(b)%len(base62)])
		}
		if len(who.Value) == 18 {
			made = append(made, "AAA"...)
		}
		return string(made)
	case isNumber(value):
		number := uint64(0)
		for _, b := range sum[:8] {
			number = number<<8 | uint64(b)
		}
		return fmt.Sprintf("-%d", number%tombstoneNumbers+1)
	}
	return "erased-" + hex.EncodeToString(sum[:8])
}

// sought says by what else than addresses and ids of letters a text may name somebody:
// numbers, which mean something else in another column, and names, which others have too.
type sought struct{ numbers, names bool }

// redacted gives a text in which tombstones stand in the place of words by which somebody
// is known.
func (f *ErasureList) redacted(source, text string, by sought) (string, bool) {
	var built strings.Builder
	kept := 0
	f.each(source, text, by, func(who Identity, from, to int) bool {
		built.WriteString(text[kept:from])
		built.WriteString(f.Tombstone(who))
		kept = to
		return true
	})
	if kept == 0 {
		return text, false
	}
	built.WriteString(text[kept:])
	return built.String(), true
}

func (f *ErasureList) mentions(source, text string, by sought) (found bool) {
	f.each(source, text, by, func(Identity, int, int) bool {
		found = true
		return false
	})
	return found
}

// each tells of every place in a text where somebody on the list is named.
func (f *ErasureList) each(source, text string, by sought, visit func(who Identity, from, to int) bool) {
	if f.isEmpty(source) {
		return
	}
	var window []word // the words that may begin a name, the oldest first
	for next, at := nextWord(text, 0); ; next, at = nextWord(text, at) {
		if next.to > 0 {
			window = append(window, next)
			if len(window) < wordsOfName {
				continue
			}
		}
		for len(window) > 0 && (next.to == 0 || len(window) == wordsOfName) {
			who, last := f.known(source, text, window, by)
			if last >= 0 && !visit(who, window[0].from, window[last].to) {
				return
			}
			window = window[:copy(window, window[max(last, 0)+1:])]
		}
		if next.to == 0 {
			return
		}
	}
}

// known tells whether the first words are somebody on the list, and which one is the last of them; -1: nobody.
func (f *ErasureList) known(source, text string, words []word, by sought) (Identity, int) {
	first := text[words[0].from:words[0].to]
	if strings.Contains(first, "@") || isCased(first) || by.numbers && MeansOneRecord(first) {
		if who := (Identity{Source: source, Value: first}); f.Has(who) {
			return who, 0
		}
	}
	if !by.names {
		return Identity{}, -1
	}
	name := strings.ToLower(first)
	for i := 1; i < min(len(words), wordsOfName); i++ {
		name += " " + strings.ToLower(text[words[i].from:words[i].to])
		if who := (Identity{Source: source, Stream: nameKind, Value: name}); f.Has(who) {
			return who, i
		}
	}
	return Identity{}, -1
}

// wordsOfName is how many words a name has at most to be found within a text.
const wordsOfName = 4

// namesOf are the ways in which a name is written; none when it is too short to mean somebody.
func namesOf(parts []string) []string {
	text := strings.Join(parts, " ")
	var words []string
	for _, one := range wordsOf(text) {
		words = append(words, strings.ToLower(text[one.from:one.to]))
	}
	if len(words) < 2 || len(words) > wordsOfName {
		return nil
	}
	return []string{strings.Join(words, " "), strings.Join(append(words[len(words)-1:len(words):len(words)], words[:len(words)-1]...), " ")}
}

// A word is what an address, an id or a part of a name can be within a text.
type word struct{ from, to int }

func wordsOf(text string) []word {
	var words []word
	for next, at := nextWord(text, 0); next.to > 0; next, at = nextWord(text, at) {
		words = append(words, next)
	}
	return words
}

// nextWord is the first word at a place or behind it, and where to look for the next one;
// a zero word is the end.
func nextWord(text string, at int) (word, int) {
	for at < len(text) {
		for at < len(text) && !isWordByte(text[at]) {
			at++
		}
		start := at
		for at < len(text) && isWordByte(text[at]) {
			at++
		}
		from, to := start, at
		for from < to && strings.IndexByte(".-_+", text[from]) >= 0 {
			from++
		}
		for from < to && strings.IndexByte(".-_+", text[to-1]) >= 0 {
			to--
		}
		if from < to {
			return word{from, to}, at
		}
	}
	return word{}, at
}

func isWordByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' ||
		c == '@' || c == '.' || c == '-' || c == '_' || c == '+' || c >= 0x80
}
