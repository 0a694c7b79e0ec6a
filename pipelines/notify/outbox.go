// Package notify sends what went well to channels of Slack and Teams, and keeps an
// outbox, so that a kill at any point loses nothing and repeats a message at most once.
package notify

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"merit/connectors/fault"
)

// A record is one line of the outbox. It names events by a hash, so that nothing of a
// person stands in it.
type record struct {
	State  string   `json:"state"`  // queued (about to be sent), accepted, failed (surely not sent)
	Events []string `json:"events"` // hashes of a channel and an event
}

// An outbox is a file that is only ever appended to. A message is queued, on disk,
// before it is sent.
type outbox struct {
	file     *os.File
	accepted map[string]bool
	open     map[string]int // how often it was queued without a known end
}

func key(channel, event string) string {
	sum := sha256.Sum256([]byte(channel + "\x00" + event))
	return hex.EncodeToString(sum[:16])
}

// readOutbox reads what was sent; size is where the last whole line ends. A torn last
// line is none: its writer was killed before it acted on it.
func readOutbox(path string) (o *outbox, size int64, err error) {
	o = &outbox{accepted: map[string]bool{}, open: map[string]int{}}
	text, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, 0, fault.Errorf(fault.You, "read the outbox: %w", err)
	}
	text = text[:bytes.LastIndexByte(text, '\n')+1]
	for number, line := range bytes.Split(bytes.TrimSuffix(text, []byte("\n")), []byte("\n")) {
		if len(text) == 0 {
			break
		}
		var r record
		if err := json.Unmarshal(line, &r); err != nil || !o.note(r) {
			return nil, 0, fault.Errorf(fault.You, "%s, line %d, is not as Merit wrote it; restore the file: without it messages would be sent again", path, number+1)
		}
	}
	return o, int64(len(text)), nil
}

// openOutbox opens the outbox for sending. The caller holds the project's lock.
func openOutbox(path string) (*outbox, error) {
	o, size, err := readOutbox(path)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fault.Errorf(fault.You, "open the outbox: %w", err)
	}
	if o.file, err = os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600); err != nil {
		return nil, fault.Errorf(fault.You, "open the outbox: %w", err)
	}
	if err := o.file.Truncate(size); err != nil {
		return nil, errors.Join(fault.Errorf(fault.You, "open the outbox: %w", err), o.file.Close())
	}
	folder, err := os.Open(filepath.Dir(path))
	if err != nil {
		return nil, errors.Join(err, o.file.Close())
	}
	return o, errors.Join(folder.Sync(), folder.Close())
}

// note takes a record into account; false of one that is unknown.
func (o *outbox) note(r record) bool {
	for _, event := range r.Events {
		switch r.State {
		case "queued":
			o.open[event]++
		case "accepted":
			o.accepted[event] = true
		case "failed":
			o.open[event]--
		}
	}
	return len(r.Events) > 0 && (r.State == "queued" || r.State == "accepted" || r.State == "failed")
}

// write appends a record; when it returns, the record is on disk.
func (o *outbox) write(r record) error {
	line, err := json.Marshal(r)
	if err != nil {
		return err
	}
	if _, err = o.file.Write(append(line, '\n')); err == nil {
		err = o.file.Sync()
	}
	if err != nil {
		return fault.Errorf(fault.You, "write the outbox: %w", err)
	}
	o.note(r)
	return nil
}
