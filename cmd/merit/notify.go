package main

import (
	"net/http"
	"time"

	"merit/pipelines"
	"merit/pipelines/notify"
)

type notifyCommand struct {
	DryRun bool `help:"Print the messages; send and write nothing."`
}

// Help is what merit notify --help adds.
func (notifyCommand) Help() string {
	return "Sends the events of marts.recognition_feed to the channels under notify: in merit.yml, each to those whose audience it is for. What is for one person alone is sent to no channel. An event is sent once; where a run was killed before the answer came, it is sent once more and says that it may be a repeat. notify/outbox.jsonl keeps what was sent."
}

// Run is called by the command line.
func (c notifyCommand) Run(a *app) (err error) {
	job, closeAll, err := a.open(func(pipelines.Event) {}, !c.DryRun)
	if err != nil {
		return err
	}
	defer closeAll()
	channels, err := job.Project.Channels()
	if err != nil {
		return err
	}
	if len(channels) == 0 {
		a.printf("merit.yml names no channel under notify: nothing is sent\n")
		return nil
	}
	built, err := job.Results()
	if err != nil {
		return err
	}
	told, err := built.Feed(a.ctx)
	if err != nil {
		return err
	}
	var events []notify.Event
	for _, t := range told {
		events = append(events, notify.Event{ID: t.ID, Kind: t.Kind, Text: t.Text, Audience: t.Audience, At: t.At})
	}
	sender := notify.Sender{
		Outbox: job.Project.Path("notify/outbox.jsonl"), Days: job.Project.Settings.Notify.Days, Now: time.Now(),
		DryRun: c.DryRun, Client: &http.Client{}, Pause: time.Second, // Slack: one message a second a channel
	}
	summaries, err := sender.Send(a.ctx, channels, events)
	for _, s := range summaries {
		for _, text := range s.Planned {
			a.printf("%s\n", text)
		}
		a.printf("%s: %d sent, %d messages planned, %d wait for the end of quiet hours, %d too old, %d sent twice without an answer\n",
			s.Channel, s.Sent, len(s.Planned), s.Waiting, s.Old, s.Unknown)
	}
	return err
}
