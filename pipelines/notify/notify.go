package notify

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"slices"
	"time"

	"merit/connectors/fault"
	"merit/pipelines/project"
)

// An Event is something that went well, and who may read it.
type Event struct {
	ID, Kind, Text, Audience string
	At                       time.Time
}

// public are the kinds that may be told to many. Any other kind is for the person alone.
var public = []string{"badge", "streak", "challenge", "challenge won", "board", "kudos", "spot"}

// A Summary says what became of the events of one channel.
type Summary struct {
	Channel string
	Sent    int
	Waiting int // quiet hours
	Old     int // happened too long ago, and never sent
	Unknown int // sent twice without an answer, not tried again
	Planned [][]byte
}

// A Sender sends to channels.
type Sender struct {
	Outbox string // the file
	Days   int
	Now    time.Time
	DryRun bool // nothing is sent and nothing written
	Client *http.Client
	Pause  time.Duration // between two messages to a channel

	kill func(point string) error // tests only: the process ends here
}

// Send sends what each channel has not had yet. One channel that fails does not keep
// the others from theirs.
func (s Sender) Send(ctx context.Context, channels []project.Channel, events []Event) (all []Summary, err error) {
	var box *outbox
	if s.DryRun {
		box, _, err = readOutbox(s.Outbox)
	} else {
		box, err = openOutbox(s.Outbox)
	}
	if err != nil {
		return nil, err
	}
	if box.file != nil {
		defer func() { err = errors.Join(err, box.file.Close()) }()
	}
	var failed []error
	for _, c := range channels {
		summary, err := s.channel(ctx, box, c, events)
		all = append(all, summary)
		if err != nil {
			failed = append(failed, err)
		}
	}
	return all, errors.Join(failed...)
}

func (s Sender) channel(ctx context.Context, box *outbox, c project.Channel, events []Event) (Summary, error) {
	sum := Summary{Channel: c.Name}
	due := map[bool][]Event{} // by whether it may be a repeat
	for _, e := range events {
		k := key(c.Name, e.ID)
		switch {
		case e.Audience != c.Audience || !slices.Contains(public, e.Kind) || box.accepted[k]:
		case box.open[k] >= 2:
			sum.Unknown++
		case e.At.Before(s.Now.AddDate(0, 0, -s.Days)):
			sum.Old++
		case c.Quiet.Holds(s.Now):
			sum.Waiting++
		default:
			due[box.open[k] == 1] = append(due[box.open[k] == 1], e)
		}
	}
	for _, mayRepeat := range []bool{true, false} {
		for left := due[mayRepeat]; len(left) > 0; {
			size := 1
			for size < len(left) && fits(c.Kind, left[:size+1], mayRepeat) {
				size++
			}
			text, _ := body(c.Kind, left[:size], mayRepeat)
			if err := s.message(ctx, box, c, left[:size], text, &sum); err != nil {
				return sum, err
			}
			left = left[size:]
		}
	}
	return sum, nil
}

func fits(kind string, events []Event, mayRepeat bool) bool {
	_, ok := body(kind, events, mayRepeat)
	return ok
}

// message queues, sends and records one message.
func (s Sender) message(ctx context.Context, box *outbox, c project.Channel, events []Event, text []byte, sum *Summary) error {
	if s.DryRun {
		sum.Planned = append(sum.Planned, text)
		return nil
	}
	var keys []string
	for _, e := range events {
		keys = append(keys, key(c.Name, e.ID))
	}
	for _, step := range []func() error{
		func() error { return s.at("before queued") },
		func() error { return box.write(record{"queued", keys}) },
		func() error { return s.at("queued") },
	} {
		if err := step(); err != nil {
			return err
		}
	}
	refused, err := s.post(ctx, c, text)
	if refused {
		return errors.Join(err, box.write(record{"failed", keys}))
	}
	if err != nil {
		return err // it may have arrived
	}
	if err := s.at("sent"); err != nil {
		return err
	}
	if err := box.write(record{"accepted", keys}); err != nil {
		return err
	}
	sum.Sent += len(events)
	if err := s.at("accepted"); err != nil {
		return err
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(s.Pause):
		return nil
	}
}

func (s Sender) at(point string) error {
	if s.kill == nil {
		return nil
	}
	return s.kill(point)
}

// post tells by refused that the message has surely not arrived. No error names the
// address, which is a secret.
func (s Sender) post(ctx context.Context, c project.Channel, text []byte) (refused bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, c.URL.String(), bytes.NewReader(text))
	if err != nil {
		return true, fault.Errorf(fault.You, "channel %s: its address can't be called", c.Name)
	}
	request.Header.Set("Content-Type", "application/json")
	client := *s.Client
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	answer, err := client.Do(request)
	if err != nil {
		return false, fault.Errorf(fault.Them, "channel %s: no answer from %s; the message may have arrived, the next run sends it once more and says so", c.Name, c.URL.Host)
	}
	defer answer.Body.Close()
	said, _ := io.ReadAll(io.LimitReader(answer.Body, 200))
	switch code := answer.StatusCode; {
	case code >= 200 && code < 300:
		return false, nil
	case code == http.StatusTooManyRequests:
		return true, fault.Errorf(fault.Them, "channel %s: too many messages; the next run goes on", c.Name)
	case code >= 500:
		return false, fault.Errorf(fault.Them, "channel %s: answered %d; the message may have arrived, the next run sends it once more and says so", c.Name, code)
	default:
		return true, fault.Errorf(fault.You, "channel %s: refused the message with %d: %s", c.Name, code, fault.Foreign(string(said)))
	}
}
