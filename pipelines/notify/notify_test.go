package notify

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"merit/pipelines/project"
)

// A receiver takes messages as Slack and Teams do, and refuses what they refuse.
type receiver struct {
	*httptest.Server
	sync.Mutex
	texts  []string
	answer func(w http.ResponseWriter) bool // true: it has answered
}

func newReceiver(t *testing.T) *receiver {
	r := &receiver{}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		raw, _ := io.ReadAll(q.Body)
		r.Lock()
		defer r.Unlock()
		if r.answer != nil && r.answer(w) {
			return
		}
		texts, err := accept(q.URL.Path, raw)
		if err != nil {
			t.Error(err)
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		r.texts = append(r.texts, texts...)
		if q.URL.Path == "/teams" {
			w.WriteHeader(http.StatusAccepted)
		}
	}))
	t.Cleanup(r.Close)
	return r
}

func accept(path string, raw []byte) (texts []string, err error) {
	if path == "/teams" {
		if len(raw) > 28*1024 {
			return nil, fmt.Errorf("teams: %d bytes", len(raw))
		}
		var m struct {
			Attachments []struct {
				Content struct {
					Body []struct{ Inlines []struct{ Text string } }
				}
			}
		}
		if err := json.Unmarshal(raw, &m); err != nil || len(m.Attachments) != 1 {
			return nil, fmt.Errorf("teams: not a card: %s", raw)
		}
		for _, b := range m.Attachments[0].Content.Body {
			texts = append(texts, b.Inlines[0].Text)
		}
		return texts, nil
	}
	var m struct {
		Text   string
		Blocks []struct{ Text struct{ Type, Text string } }
	}
	if err := json.Unmarshal(raw, &m); err != nil || m.Text == "" || strings.ContainsAny(m.Text, "<>") {
		return nil, fmt.Errorf("slack: %s", raw)
	}
	total := 0
	for _, b := range m.Blocks {
		n := utf8.RuneCountInString(b.Text.Text)
		if total += n; n == 0 || n > slackSection || b.Text.Type != "plain_text" {
			return nil, fmt.Errorf("slack: a section of %d characters, %s", n, b.Text.Type)
		}
		texts = append(texts, b.Text.Text)
	}
	if len(m.Blocks) == 0 || len(m.Blocks) > 50 || total > 13_200 {
		return nil, fmt.Errorf("slack: %d blocks, %d characters", len(m.Blocks), total)
	}
	return texts, nil
}

var noon = time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)

func (r *receiver) channel(t *testing.T, kind, audience string) project.Channel {
	u, err := url.Parse(r.URL + "/" + kind)
	if err != nil {
		t.Fatal(err)
	}
	return project.Channel{Name: "wins_" + kind, Kind: kind, Audience: audience, URL: u, Quiet: project.QuietHours{Zone: time.UTC}}
}

func sender(t *testing.T) Sender {
	return Sender{Outbox: filepath.Join(t.TempDir(), "notify", "outbox.jsonl"), Days: 7, Now: noon, Client: &http.Client{}}
}

func badges(n int, text string) (events []Event) {
	for i := range n {
		events = append(events, Event{ID: fmt.Sprint("badge-", i), Kind: "badge", Text: fmt.Sprintf("%d: %s", i, text), Audience: "everybody", At: noon.Add(-time.Hour)})
	}
	return events
}

func TestEveryEventArrivesOnceWithinTheVendorsLimits(t *testing.T) {
	for _, kind := range []string{"slack", "teams"} {
		for _, text := range []string{"Ann earned Mover", strings.Repeat("<!channel> \"*&\x01", 400), strings.Repeat("界", 5000)} {
			r, s := newReceiver(t), sender(t)
			for range 2 { // the second time there is nothing to send
				if _, err := s.Send(t.Context(), []project.Channel{r.channel(t, kind, "everybody")}, badges(130, text)); err != nil {
					t.Fatal(err)
				}
			}
			if len(r.texts) != 130 {
				t.Errorf("%s: %d of 130 events arrived", kind, len(r.texts))
			}
		}
	}
}

func TestAChannelHasOnlyWhatIsForIt(t *testing.T) {
	r, s := newReceiver(t), sender(t)
	events := badges(1, "for everybody")
	for i, e := range []Event{
		{Kind: "badge", Audience: "team:West"}, {Kind: "withdrawn", Audience: "person:ann"}, {Kind: "withdrawn", Audience: "everybody"},
		{Kind: "payout", Audience: "everybody"}, {Kind: "badge", Audience: "person:ann"}, {Kind: "badge", Audience: "everybody", At: noon.AddDate(0, 0, -8)},
	} {
		if e.ID, e.Text = fmt.Sprint("other-", i), "not here"; e.At.IsZero() {
			e.At = noon
		}
		events = append(events, e)
	}
	c := r.channel(t, "slack", "everybody")
	c.Quiet.From, c.Quiet.To = 11*60, 13*60
	sums, err := s.Send(t.Context(), []project.Channel{c}, events)
	if err != nil || len(r.texts) != 0 || sums[0].Waiting != 1 || sums[0].Old != 1 {
		t.Fatalf("in quiet hours: %v %v %+v", err, r.texts, sums)
	}
	c.Quiet.To = 12 * 60
	s.DryRun = true
	sums, err = s.Send(t.Context(), []project.Channel{c}, events)
	if err != nil || len(r.texts) != 0 || len(sums[0].Planned) != 1 {
		t.Fatalf("dry: %v %v %+v", err, r.texts, sums)
	}
	s.DryRun = false
	if _, err = s.Send(t.Context(), []project.Channel{c}, events); err != nil || len(r.texts) != 1 || r.texts[0] != "0: for everybody" {
		t.Fatalf("%v %q", err, r.texts)
	}
}

// Whatever the points at which runs are killed, and wherever the outbox is torn,
// nothing is lost, nothing comes three times, and what comes twice says so.
func TestKilledAnywhereNothingIsLostAndOneRepeatIsMarked(t *testing.T) {
	for seed := range uint64(200) {
		random := rand.New(rand.NewPCG(seed, 26))
		r, s := newReceiver(t), sender(t)
		channels := []project.Channel{r.channel(t, "slack", "everybody")}
		events := badges(1+random.IntN(120), "Ann earned Mover")
		left, killed := random.IntN(13), errors.New("killed")
		s.kill = func(string) error {
			if left--; left < 0 {
				return killed
			}
			return nil
		}
		_, err := s.Send(t.Context(), channels, events)
		if err != nil && !errors.Is(err, killed) {
			t.Fatal(err)
		}
		if errors.Is(err, killed) && random.IntN(3) == 0 {
			f, err := os.OpenFile(s.Outbox, os.O_APPEND|os.O_WRONLY, 0)
			if err != nil {
				t.Fatal(err)
			}
			fmt.Fprint(f, `{"state":"acce`)
			f.Close()
		}
		s.kill = nil
		if _, err := s.Send(t.Context(), channels, events); err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		times := map[string]int{}
		for _, text := range r.texts {
			plain, marked := strings.CutPrefix(text, repeated)
			if times[plain]++; times[plain] > 1 && !marked || times[plain] > 2 {
				t.Errorf("seed %d: %q came for the %d. time, marked %v", seed, plain, times[plain], marked)
			}
		}
		for _, e := range events {
			if times[e.Text] == 0 {
				t.Errorf("seed %d: %q is lost", seed, e.Text)
			}
		}
	}
}

func TestWithoutAnAnswerAMessageIsRepeatedOnceAndARefusedOneUntilItIsTaken(t *testing.T) {
	r, s := newReceiver(t), sender(t)
	channels := []project.Channel{r.channel(t, "teams", "everybody")}
	calls, code := 0, 429
	r.answer = func(w http.ResponseWriter) bool {
		calls++
		w.WriteHeader(code)
		return true
	}
	send := func() []Summary {
		sums, err := s.Send(context.Background(), channels, badges(1, "Ann"))
		if err != nil && strings.Contains(err.Error(), r.URL+"/") {
			t.Errorf("the error names the secret address: %v", err)
		}
		return sums
	}
	for range 3 {
		send()
	}
	if calls != 3 {
		t.Errorf("refused three times, called %d times", calls)
	}
	code = 502
	var sums []Summary
	for range 3 {
		sums = send()
	}
	if calls != 5 || sums[0].Unknown != 1 {
		t.Errorf("without an answer called %d times, %+v", calls-3, sums)
	}
}

func TestADamagedOutboxIsRefused(t *testing.T) {
	s := sender(t)
	if err := os.MkdirAll(filepath.Dir(s.Outbox), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{"nonsense\n", "{\"state\":\"other\",\"events\":[\"a\"]}\n", "\n"} {
		if err := os.WriteFile(s.Outbox, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Send(t.Context(), nil, nil); err == nil {
			t.Errorf("%q was taken for an outbox", text)
		}
	}
}
