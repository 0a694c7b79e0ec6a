package pipelines

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"merit/pipelines/payouts"
	"merit/pipelines/payouts/ledger"
	"merit/pipelines/plan"
	"merit/pipelines/reading"
	"merit/pipelines/report"
)

// Report makes the pages of some audiences, of all without any, from the tables of
// the last build and the payouts that are drafted or locked.
func (j *Job) Report(ctx context.Context, audiences []string) (report.Written, error) {
	if err := j.openWarehouse(); err != nil {
		return report.Written{}, err
	}
	r, err := j.pages(ctx)
	if err != nil {
		return report.Written{}, err
	}
	r.Audiences = audiences
	written, err := r.Write(ctx, j.Project.Path(j.Project.Settings.Report.Folder))
	if err != nil {
		return written, err
	}
	j.seen(Event{Step: "report", Name: fmt.Sprintf("%d pages", written.Pages), Done: true})
	return written, nil
}

// pages gathers what pages are made from, beside the tables.
func (j *Job) pages(ctx context.Context) (report.Report, error) {
	settings := j.Project.Settings
	r := report.Report{Company: settings.Company, Reader: j.Warehouse,
		Readers: report.Access{ByAudience: settings.Report.Readers, ByTeam: settings.Report.Managers}}
	in, err := j.Inputs()
	if err != nil {
		return r, err
	}
	if r.Words, err = report.NewWords(settings.Report.Locale, settings.Calendar.Currency, j.Project.Calendar.Zone); err != nil {
		return r, err
	}
	r.PlanOf = func(period string) (plan.Version, bool) {
		q, err := j.Project.Calendar.Parse(period)
		if err != nil {
			return plan.Version{}, false
		}
		return in.Plan.For(q)
	}
	for _, m := range j.Graph.Metrics() {
		h := m.Header
		r.Metrics = append(r.Metrics, report.Metric{
			Name: strings.TrimPrefix(m.Name, "metrics."), Title: h.Title, Kind: h.Metric.Value, Unit: h.Metric.Unit, Better: h.Metric.Better,
			Signal: h.Signal, Gaming: h.Gaming, Owner: h.Owner, Parameters: parameters(h.Parameters),
		})
	}
	if r.Streams, err = j.streams(ctx); err != nil {
		return r, err
	}
	r.Payouts, err = j.payoutPages(r.Words)
	return r, err
}

func parameters(all map[string][]string) string {
	var said []string
	for name, values := range all {
		if len(values) == 0 {
			values = []string{"nothing unless said"}
		}
		said = append(said, name+": "+strings.Join(values, ", "))
	}
	slices.Sort(said)
	return strings.Join(said, "; ")
}

// streams say how far each is read, by the CRM's own times: a page made twice from
// the same lake is the same.
func (j *Job) streams(ctx context.Context) ([]report.Stream, error) {
	all, err := j.Status(ctx)
	if err != nil {
		return nil, err
	}
	until := map[string]time.Time{}
	for _, s := range all {
		until[s.Source] = reading.Later(until[s.Source], s.Until)
	}
	var streams []report.Stream
	for _, s := range all {
		streams = append(streams, report.Stream{Name: s.Source + "." + s.Stream, Rows: s.Rows, ReadUntil: s.Until, NewestAt: s.Newest,
			IsBehind: !s.Until.IsZero() && until[s.Source].Sub(s.Until) >= reading.BehindBy})
	}
	return streams, nil
}

// payoutPages are the locked periods and the drafts, each held against its
// signatures: a page never shows what nobody signed.
func (j *Job) payoutPages(w report.Words) ([]report.Payout, error) {
	books, err := ledger.Open(j.Project)
	if err != nil {
		return nil, err
	}
	periods, err := books.Periods()
	if err != nil {
		return nil, err
	}
	var all []report.Payout
	for _, p := range periods {
		page := payoutPage(p.Frozen)
		page.IsLocked, page.Manifest, page.Needed = p.IsLocked, p.Manifest, p.Needed
		page.Signatures = signatures(w, p)
		all = append(all, page)
	}
	return all, nil
}

// signatures are who signed a manifest and when by the evidence log, and after them
// the approvers who have not.
func signatures(w report.Words, p ledger.Period) []report.Signature {
	signed := func(s ledger.Signature, as string) report.Signature {
		shown := report.Signature{Name: s.Key.Name(), As: as, Fingerprint: ledger.Fingerprint(s.Key)}
		if !s.At.IsZero() {
			shown.At = w.Instant(s.At)
		}
		return shown
	}
	all := []report.Signature{signed(p.Preparer, report.AsPreparer)}
	for _, approval := range p.Approvals {
		all = append(all, signed(approval, report.AsApprover))
	}
	for _, key := range p.Awaited {
		all = append(all, report.Signature{Name: key.Name(), Fingerprint: ledger.Fingerprint(key), IsAwaited: true})
	}
	return all
}

func payoutPage(f payouts.Frozen) report.Payout {
	page := report.Payout{Period: f.Heading.Period}
	for _, e := range f.Entries {
		page.Lines = append(page.Lines, report.PayoutLine{
			For: e.For, RepID: e.RepID, Name: e.Name, Role: e.Role, Team: e.Team, Kind: string(e.Kind), Pool: e.Pool,
			Score: e.Score, Tier: e.Tier, Multiplier: e.Multiplier, BonusTarget: e.BonusTarget,
			Days: fmt.Sprint(e.Days), LeaveDays: fmt.Sprint(e.LeaveDays), PaidDays: fmt.Sprint(e.PaidDays), PeriodDays: fmt.Sprint(e.PeriodDays),
			Currency: e.Currency, Before: e.Before, Now: e.Now, Amount: e.Amount, State: string(e.State), Reason: e.Reason,
		})
	}
	for _, c := range f.Controls {
		page.Controls = append(page.Controls, report.Control{Name: c.Name, Source: c.Source, Item: c.Item, Count: fmt.Sprint(c.Count), Amount: c.Amount, Currency: c.Currency, Difference: c.Difference})
	}
	return page
}
