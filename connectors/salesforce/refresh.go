package salesforce

import (
	"context"
	"errors"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/gofrs/flock"

	"merit/connectors/fault"
	"merit/connectors/rest"
)

// A refresh signs in by a refresh token out of a file. Where the app rotates them,
// each use gives a new one and ends the old one: the new one is on the disk before
// its session is used, and the place for it is made before the old one is.
type refresh struct {
	desk tokenDesk
	file string
}

func (r refresh) token(ctx context.Context) (_ rest.Token, err error) {
	release, err := r.lock(ctx)
	if err != nil {
		return rest.Token{}, err
	}
	defer func() { err = errors.Join(err, release()) }()
	text, err := os.ReadFile(r.file) // at each sign-in: another run may have rotated it
	if err != nil {
		return rest.Token{}, fault.Errorf(fault.You, "salesforce: token_file: %w", err)
	}
	old := strings.TrimSpace(string(text))
	if old == "" || strings.ContainsAny(old, " \t\r\n") {
		return rest.Token{}, fault.Errorf(fault.You, "salesforce: token_file %s must hold a refresh token and nothing else", r.file)
	}
	next, err := os.CreateTemp(filepath.Dir(r.file), "."+filepath.Base(r.file)+".*") // mode 0600
	if err != nil {
		return rest.Token{}, fault.Errorf(fault.You, "salesforce: the folder of token_file must be writable, for a new token ends the old one: %w", err)
	}
	defer os.Remove(next.Name())
	defer next.Close()
	form := url.Values{"grant_type": {"refresh_token"}, "client_id": {r.desk.id.Reveal()}, "refresh_token": {old}}
	if !r.desk.secret.IsEmpty() {
		form.Set("client_secret", r.desk.secret.Reveal())
	}
	reply, token, err := r.desk.ask(ctx, form, true) // heard twice, the second would be refused
	if reply.RefreshToken != "" && reply.RefreshToken != old {
		if err := replace(next, r.file, reply.RefreshToken+"\n"); err != nil {
			return rest.Token{}, fault.Errorf(fault.You,
				"salesforce: the new refresh token could not be kept in token_file, and the old one is used up; authorize the app anew: %w", err)
		}
	}
	return token, err
}

// lock holds the file for one process at once: of two that spend one token, Salesforce
// takes the second for a thief, and ends both their sessions.
func (r refresh) lock(ctx context.Context) (release func() error, err error) {
	lock := flock.New(filepath.Join(filepath.Dir(r.file), "."+filepath.Base(r.file)+".lock"), flock.SetPermissions(0o600))
	if _, err := lock.TryLockContext(ctx, lockPause); err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, fault.Errorf(fault.You, "salesforce: the folder of token_file must be writable, for a new token ends the old one: %w", err)
	}
	return lock.Unlock, nil
}

// lockPause is between two looks whether another process is done signing in.
const lockPause = 100 * time.Millisecond

// replace writes text to next and puts it in the place of file, so that after a
// crash there is the old or the new text, and never a part.
func replace(next *os.File, file, text string) error {
	_, err := next.WriteString(text)
	if err = errors.Join(err, next.Sync(), next.Close()); err != nil {
		return err
	}
	if err := os.Rename(next.Name(), file); err != nil {
		return err
	}
	folder, err := os.Open(filepath.Dir(file))
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}
