package company

import (
	"strconv"
	"strings"
)

// readActivities reads tasks and events. Their own columns are served as they are;
// the story takes from them what the other protocol shows.
func (im *importer) readActivities(dir string) error {
	tasks, err := readTable(dir, "Task.csv")
	if err != nil {
		return err
	}
	if err := im.readEach(tasks, im.task); err != nil {
		return err
	}
	events, err := readTable(dir, "Event.csv")
	if err != nil {
		return err
	}
	return im.readEach(events, im.event)
}

func (im *importer) readEach(t *table, read func(*table, int, *Activity) error) error {
	if t == nil {
		return nil
	}
	id, err := t.need("Id")
	if err != nil {
		return err
	}
	for row := range t.rows {
		what := t.text(row, t.column("WhatId"))
		a := Activity{
			ID: t.text(row, id), Subject: t.text(row, t.column("Subject")), Subtype: t.text(row, t.column("Type")),
			Owner: max(im.person(t.text(row, t.column("OwnerId")), ""), 0), Deal: index(im.deals, what),
			Account: index(im.accounts, t.text(row, t.column("AccountId"))), Contact: index(im.contacts, t.text(row, t.column("WhoId"))),
			Extra: t.rest(row, "Id", "IsDeleted"),
		}
		if a.Account == None {
			a.Account = index(im.accounts, what)
		}
		if a.Account == None && a.Deal != None {
			a.Account = im.company.Deals[a.Deal].Account
		}
		if a.CreatedAt, err = im.when(t, row, "CreatedDate"); err != nil {
			return err
		}
		if a.DeletedAt, err = im.deletedAt(t, row, a.CreatedAt); err != nil {
			return err
		}
		if err := read(t, row, &a); err != nil {
			return err
		}
		im.company.Activities = append(im.company.Activities, a)
	}
	return nil
}

func (im *importer) task(t *table, row int, a *Activity) (err error) {
	a.Kind = Task
	switch strings.ToLower(t.text(row, t.column("TaskSubtype"))) {
	case "call":
		a.Kind = Call
	case "email":
		a.Kind = Email
	}
	if a.OccurredAt, err = t.instant(row, t.column("ActivityDate")); err != nil {
		return err
	}
	if a.Seconds, err = im.whole(t, row, "CallDurationInSeconds"); err != nil {
		return err
	}
	if !isTrue(t.text(row, t.column("IsClosed"))) && t.text(row, t.column("Status")) != "Completed" {
		return nil
	}
	if a.CompletedAt, err = im.when(t, row, "CompletedDateTime"); err != nil || a.CompletedAt != 0 {
		return err
	}
	a.CompletedAt = max(a.OccurredAt, a.CreatedAt)
	return nil
}

func (im *importer) event(t *table, row int, a *Activity) (err error) {
	a.Kind = Meeting
	if a.OccurredAt, err = t.instant(row, t.column("StartDateTime", "ActivityDateTime", "ActivityDate")); err != nil {
		return err
	}
	minutes, err := im.whole(t, row, "DurationInMinutes")
	if err != nil {
		return err
	}
	a.Seconds = minutes * 60
	a.CompletedAt = a.OccurredAt + Instant(a.Seconds)*1000
	return nil
}

// whole reads a whole number, 0 where there is none.
func (im *importer) whole(t *table, row int, name string) (int, error) {
	column := t.column(name)
	text := t.text(row, column)
	if text == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		return 0, t.wrong(row, column, "is no whole number")
	}
	return n, nil
}
