package report

import "fmt"

// A flagsPage is what the steward has to decide, and what was decided.
type flagsPage struct {
	frame
	Lead    string
	Open    []flagView
	Decided []flagView
}

type flagView struct {
	ID, Title, Name, Team, Period, Why, Records, Effect, Decision string
	IsHigh                                                        bool
}

func (p *press) flagsPage() flagsPage {
	page := flagsPage{frame: p.frame("Flags")}
	page.Nav, page.NavName = p.stewardNav("flags"), "Steward"
	high := 0
	for _, f := range p.facts.flags {
		v := flagView{ID: f.id, Title: Label(f.rule), Name: f.name, Team: f.team, Period: f.period, Why: Sentence(f.why), IsHigh: f.severity == "high",
			Records: fmt.Sprintf("%s of %s", p.Words.Digits(fmt.Sprint(f.suspects)), p.Words.count(int(f.lookedAt), "record", "records"))}
		if f.score.Known && f.ifConfirmed.Known {
			v.Effect = fmt.Sprintf("If confirmed, the score goes from %s to %s.", p.Words.Number(f.score.Of, 2), p.Words.Number(f.ifConfirmed.Of, 2))
		}
		if f.state == "confirmed" || f.state == "dismissed" {
			v.Decision = fmt.Sprintf("%s by %s on %s: %s", Sentence(f.state), f.decidedBy, p.Words.Day(f.decidedOn), f.reason)
			page.Decided = append(page.Decided, v)
			continue
		}
		if v.IsHigh {
			high++
		}
		page.Open = append(page.Open, v)
	}
	page.Lead = "No flag is open."
	if len(page.Open) > 0 {
		page.Lead = fmt.Sprintf("%s, %d of them high: those hold the payout line until somebody has looked. A flag says that a pattern is unusual, never that somebody cheated.",
			p.Words.count(len(page.Open), "flag is open", "flags are open"), high)
	}
	return page
}
