package company

import "strconv"

// A State is a deal as it is at one instant.
type State struct {
	Stage      string
	Amount     string // plain decimal text, "" for none
	CloseOn    string // YYYY-MM-DD
	Owner      int
	NextStep   string
	Forecast   string
	ModifiedAt Instant // the latest change, deletion included
	ModifiedBy int
	StagedAt   Instant // when it entered Stage
	Deleted    bool
}

// ExistsAt tells whether the deal has come up by then; a deleted one still does.
func (d *Deal) ExistsAt(now Instant) bool { return d.SeenAt() <= now }

// SeenAt is when the CRM first had the record, whatever the record says.
func (d *Deal) SeenAt() Instant {
	if len(d.Changes) > 0 && d.Changes[0].At < d.CreatedAt {
		return d.Changes[0].At
	}
	return d.CreatedAt
}

// DeletedBy tells whether a record deleted at the first instant is gone at now.
func DeletedBy(deleted, now Instant) bool { return deleted != 0 && deleted <= now }

// At adds up the deal's changes until now.
func (d *Deal) At(now Instant) State {
	s := State{Owner: None, ModifiedAt: d.CreatedAt, ModifiedBy: d.CreatedBy}
	for i := range d.Changes {
		change := &d.Changes[i]
		if change.At > now {
			break
		}
		s.take(change)
	}
	if DeletedBy(d.DeletedAt, now) {
		s.Deleted = true
		s.ModifiedAt = max(s.ModifiedAt, d.DeletedAt)
	}
	return s
}

func (s *State) take(change *Change) {
	switch change.Field {
	case StageName:
		if s.Stage != change.Value {
			s.StagedAt = change.At
		}
		s.Stage = change.Value
	case Amount:
		s.Amount = change.Value
	case CloseOn:
		s.CloseOn = change.Value
	case Owner:
		s.Owner = UserIndex(change.Value)
	case NextStep:
		s.NextStep = change.Value
	case Forecast:
		s.Forecast = change.Value
	}
	if change.At >= s.ModifiedAt {
		s.ModifiedAt, s.ModifiedBy = change.At, int(change.By)
	}
}

// UserIndex reads the value of an Owner change; None when it names nobody.
func UserIndex(value string) int {
	index, err := strconv.Atoi(value)
	if err != nil {
		return None
	}
	return index
}

// Stage finds a step of the pipeline by name.
func (c *Company) Stage(name string) (Stage, bool) {
	for _, stage := range c.Stages {
		if stage.Name == name {
			return stage, true
		}
	}
	return Stage{}, false
}

// End is the last instant at which anything happens.
func (c *Company) End() Instant {
	end := At(c.Now)
	for i := range c.Deals {
		deal := &c.Deals[i]
		end = max(end, deal.CreatedAt, deal.DeletedAt)
		if n := len(deal.Changes); n > 0 {
			end = max(end, deal.Changes[n-1].At)
		}
	}
	for i := range c.Activities {
		activity := &c.Activities[i]
		end = max(end, activity.CreatedAt, activity.CompletedAt, activity.DeletedAt)
	}
	for i := range c.Contracts {
		end = max(end, c.Contracts[i].CreatedAt, c.Contracts[i].SignedAt, c.Contracts[i].ActivatedAt)
	}
	for i := range c.Documents {
		end = max(end, c.Documents[i].CreatedAt, c.Documents[i].SentAt, c.Documents[i].SignedAt)
	}
	return end
}
