package evidence

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"golang.org/x/mod/sumdb/note"

	"merit/connectors/fault"
)

// A Key is a person's or a machine's Ed25519 key with which it signs.
type Key struct {
	signer note.Signer
	Public Public
}

// A Public key is what others check a signature with: NAME+HASH+BASE64, the form
// of golang.org/x/mod/sumdb/note. The hash binds the name to the key.
type Public struct {
	Text     string
	verifier note.Verifier
}

// Name is whose key it is.
func (p Public) Name() string { return p.verifier.Name() }

// IsSame tells whether two names stand for one key: who renames a key does not
// become another person.
func (p Public) IsSame(other Public) bool { return material(p.Text) == material(other.Text) }

// material is the key without name and hash.
func material(text string) string {
	_, rest, _ := strings.Cut(text, "+")
	_, key, _ := strings.Cut(rest, "+")
	return key
}

var keyName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._@-]{0,63}$`)

// NewKey makes NAME.key, readable by its owner alone, and NAME.pub in folder. A
// key that is there is never overwritten.
func NewKey(folder, name string) (Key, error) {
	if !keyName.MatchString(name) {
		return Key{}, fault.Errorf(fault.You, "%q can't be a key's name: use letters, digits and . _ @ -", name)
	}
	private, public, err := note.GenerateKey(rand.Reader, name)
	if err != nil {
		return Key{}, fmt.Errorf("make the key %s: %w", name, err)
	}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return Key{}, fault.Errorf(fault.You, "make %s: %w", folder, err)
	}
	if err := writeOnce(filepath.Join(folder, name+".key"), private+"\n", 0o600); err != nil {
		return Key{}, err
	}
	if err := writeOnce(filepath.Join(folder, name+".pub"), public+"\n", 0o644); err != nil {
		return Key{}, err
	}
	return ReadKey(filepath.Join(folder, name+".key"))
}

func writeOnce(path, text string, mode fs.FileMode) error {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if errors.Is(err, fs.ErrExist) {
		return fault.Errorf(fault.You, "%s is there already; nothing was written over it", path)
	}
	if err != nil {
		return fault.Errorf(fault.You, "write %s: %w", path, err)
	}
	_, err = file.WriteString(text)
	return errors.Join(err, file.Sync(), file.Close())
}

// ReadKey reads a private key's file.
func ReadKey(path string) (Key, error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return Key{}, fault.Errorf(fault.You, "%s is not there; `merit payout keygen %s` makes a key", path, strings.TrimSuffix(filepath.Base(path), ".key"))
	}
	if err != nil {
		return Key{}, fault.Errorf(fault.You, "read the key %s: %w", path, err)
	}
	signer, err := note.NewSigner(strings.TrimSpace(string(text)))
	if err != nil {
		return Key{}, fault.Errorf(fault.You, "%s is not a private key that `merit payout keygen` made", path)
	}
	public, err := ReadPublic(strings.TrimSuffix(path, ".key") + ".pub")
	if err != nil {
		return Key{}, err
	}
	k := Key{signer: signer, Public: public}
	if _, err := Open(k.Seal("a key and its public half belong together\n"), public); err != nil {
		return Key{}, fault.Errorf(fault.You, "%s is not the public half of %s", strings.TrimSuffix(path, ".key")+".pub", path)
	}
	return k, nil
}

// ReadPublic reads a public key's file.
func ReadPublic(path string) (Public, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return Public{}, fault.Errorf(fault.You, "read the public key: %w", err)
	}
	one, found := strings.CutSuffix(string(text), "\n")
	if !found {
		return Public{}, fault.Errorf(fault.You, "%s does not end its line: it was changed", path)
	}
	public, err := ParsePublic(one)
	if err != nil {
		return public, fmt.Errorf("%s: %w", path, err)
	}
	return public, nil
}

// ParsePublic reads a public key's text, of which there is one form only.
func ParsePublic(text string) (Public, error) {
	verifier, err := note.NewVerifier(text)
	if err != nil {
		return Public{}, fault.Errorf(fault.You, "%q is not a public key as `merit payout keygen` prints it", text)
	}
	raw, err := base64.StdEncoding.DecodeString(material(text))
	if err != nil || text != fmt.Sprintf("%s+%08x+%s", verifier.Name(), verifier.KeyHash(), base64.StdEncoding.EncodeToString(raw)) {
		return Public{}, fault.Errorf(fault.You, "%q is not a public key in its one form", text)
	}
	return Public{Text: text, verifier: verifier}, nil
}

// Seal is the text, which ends in a newline, with the key's signature under it.
// Ed25519 signs the same text the same way each time.
func (k Key) Seal(text string) []byte {
	sealed, err := note.Sign(&note.Note{Text: text}, k.signer)
	if err != nil {
		panic(fmt.Sprintf("sign %q: %v", text, err)) // only a text without its last newline
	}
	return sealed
}

// AddSeal puts another signature under a sealed text.
func (k Key) AddSeal(sealed []byte, known ...Public) ([]byte, error) {
	n, err := open(sealed, known)
	if err != nil {
		return nil, err
	}
	return note.Sign(n, k.signer)
}

// A Sealed text is one whose signatures were checked.
type Sealed struct {
	Text    string
	Signers []Public
}

// Open checks a sealed text. Every signature must be good and of a known key, and
// the text is taken in its one form: not even a padding bit may differ.
func Open(sealed []byte, known ...Public) (Sealed, error) {
	n, err := open(sealed, known)
	if err != nil {
		return Sealed{}, err
	}
	s := Sealed{Text: n.Text}
	for _, signature := range n.Sigs {
		for _, p := range known {
			if p.Name() == signature.Name && p.verifier.KeyHash() == signature.Hash {
				s.Signers = append(s.Signers, p)
				break
			}
		}
	}
	return s, nil
}

func open(sealed []byte, known []Public) (*note.Note, error) {
	var verifiers []note.Verifier
	for i, p := range known {
		if !containsKey(known[:i], p) {
			verifiers = append(verifiers, p.verifier)
		}
	}
	n, err := note.Open(sealed, note.VerifierList(verifiers...))
	if err != nil {
		return nil, err
	}
	if len(n.UnverifiedSigs) > 0 {
		return nil, fmt.Errorf("the signature of %s is by a key that is not known", n.UnverifiedSigs[0].Name)
	}
	for _, s := range n.Sigs {
		raw, err := base64.StdEncoding.DecodeString(s.Base64)
		if err != nil || base64.StdEncoding.EncodeToString(raw) != s.Base64 {
			return nil, fmt.Errorf("the signature of %s is not in its one form", s.Name)
		}
	}
	again, err := note.Sign(n)
	if err != nil || !bytes.Equal(again, sealed) {
		return nil, errors.New("the signatures are not in their one form")
	}
	return n, nil
}

func containsKey(keys []Public, key Public) bool {
	for _, k := range keys {
		if k.Text == key.Text {
			return true
		}
	}
	return false
}

// PublicKeys reads the keys that a setting lists: each a public key's text, or its
// file. One key under two names is refused.
func PublicKeys(setting string, list []string, path func(string) string) ([]Public, error) {
	var keys []Public
	for _, text := range list {
		key, err := ParsePublic(text)
		if !strings.Contains(text, "+") {
			key, err = ReadPublic(path(text))
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", setting, err)
		}
		for _, other := range keys {
			if other.IsSame(key) {
				return nil, fault.Errorf(fault.You, "%s: %s and %s are one key", setting, other.Name(), key.Name())
			}
		}
		keys = append(keys, key)
	}
	return keys, nil
}
