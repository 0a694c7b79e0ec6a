package company

// What cheats do with calls and emails, and what only looks like it.

// backdate writes many of the quarter's calls, emails and meetings down two to four
// weeks later.
func (p *planting) backdate() bool {
	list := p.done(Call, Email, Meeting)
	if len(list) < 20 {
		return false
	}
	for _, i := range list[:len(list)*2/3] {
		a := &p.company.Activities[i]
		late := Instant(p.between(12, 24)) * dayLong
		a.CreatedAt += late
		a.CompletedAt = max(a.CompletedAt, a.CreatedAt)
		p.truth.Calls = append(p.truth.Calls, i)
	}
	return true
}

// catchUp writes down on the first day after leave what was done before it.
func (p *planting) catchUp() bool {
	h := &p.people[p.who]
	for _, leave := range h.leave {
		before, back := leave.from/workday-2, h.backAt(leave.from)/workday
		if before < p.first || back >= p.past || leave.to-leave.from < 6*workday {
			continue
		}
		for i := range p.between(14, 20) {
			a := p.call(p.at(before+i%2, 1800+i/2*2400), p.between(60, 900), "Check-in call")
			a.CreatedAt = p.at(back, 1200+i*90)
			a.CompletedAt = a.CreatedAt
			p.logged(a)
		}
		return true
	}
	return false
}

// migrate brings the calls of another system in, with those of three others: all
// within a minute.
func (p *planting) migrate() bool {
	at := p.at(p.past-8, 5*3600)
	others := 0
	for user := range p.company.Users {
		if user != p.who && p.roleOf(user) == "ae" && !p.isMarked(user) && p.people[user].hiredAt == 0 && p.people[user].leftAt == 0 && others < 3 {
			others++
			p.moved(user, 6, at+Instant(others)*7000)
		}
	}
	p.moved(p.who, 40, at)
	return others == 3
}

// moved adds calls of somebody's that another system had.
func (p *planting) moved(user, count int, at Instant) {
	for i := range count {
		a := p.call(p.at(p.first+2+i%25, 3000+i*600%30_000), p.between(60, 900), "Call")
		a.CreatedAt = at + Instant(i)*100
		a.CompletedAt = a.CreatedAt
		was := p.who
		p.who = user
		p.logged(a)
		if p.who = was; user != was {
			p.truth.Calls = p.truth.Calls[:len(p.truth.Calls)-1]
		}
	}
}

// duplicate logs the same call to the same person four times, on many days.
func (p *planting) duplicate() bool {
	for range 12 {
		contact, day := p.somebody(), p.day(1)
		for copied := range 4 {
			a := p.call(p.at(day, 9000+copied*2400), p.between(20, 90), "Pricing call")
			a.Contact, a.Account, a.Deal = contact, p.company.Contacts[contact].Account, None
			p.logged(a)
		}
	}
	return true
}

// mailing is the same text to thirty people on a day, by an automation.
func (p *planting) mailing() bool {
	day := p.day(1)
	for i := range 30 {
		at := p.at(day, 7200+i*4)
		p.logged(Activity{Kind: Email, Subtype: "Email", Subject: "Email: Case study", OccurredAt: at, CompletedAt: at, CreatedAt: at})
	}
	return true
}

// overlap logs calls that begin while the one before is going on.
func (p *planting) overlap() bool {
	for i := range 24 {
		at := p.at(p.day(1), 2000+i*1200%28_000)
		p.logged(p.call(at, 1500, "Discovery call"))
		p.logged(p.call(at+Instant(p.between(200, 900))*1000, p.between(300, 1500), "Check-in call"))
	}
	return true
}

// backToBack are calls of which each begins when the one before has ended.
func (p *planting) backToBack() bool {
	busy := map[string]bool{}
	for i := range p.company.Activities {
		if a := &p.company.Activities[i]; a.Owner == p.who && a.Kind == Call {
			busy[p.dateAt(a.OccurredAt)] = true
		}
	}
	days := 0
	for day := p.first + 1; day < p.past-1 && days < 4; day++ {
		at := p.at(day, 3600)
		if busy[p.dateAt(at)] || p.people[p.who].backAt(day*workday) != day*workday {
			continue
		}
		days++
		for range 8 {
			a := p.call(at, p.between(120, 600), "Check-in call")
			p.logged(a)
			at += Instant(a.Seconds) * 1000
		}
	}
	return days > 0
}

// hangUp dials and lets it not ring.
func (p *planting) hangUp() bool {
	for i := range 45 {
		p.logged(p.call(p.at(p.day(1), 1200+i*700%30_000), 0, "Intro call"))
	}
	return true
}

// noAnswer are calls that nobody takes: some seconds each.
func (p *planting) noAnswer() bool {
	for i := range 30 {
		p.logged(p.call(p.at(p.day(1), 1200+i*1000%30_000), p.between(2, 15), "Intro call"))
	}
	return true
}

// atNight has calls at three in the morning that a script wrote.
func (p *planting) atNight() bool {
	day := p.day(3)
	for i := range p.between(25, 40) {
		p.logged(p.call(p.at(day, 0)-5*hourLong+Instant(i*110)*1000, p.between(20, 90), "Check-in call"))
	}
	return true
}

// someEvenings are a few calls after hours on some days.
func (p *planting) someEvenings() bool {
	for range 5 {
		day := p.day(3)
		for i := range 4 {
			p.logged(p.call(p.at(day, workday-1)+hourLong+Instant(i*900)*1000, p.between(60, 500), "Check-in call"))
		}
	}
	return true
}

// emptyVolume adds calls that nothing follows.
func (p *planting) emptyVolume() bool {
	for range 2*len(p.done(Call, Email)) + 60 {
		p.logged(p.call(p.at(p.day(1), p.dice.IntN(workday-900)), p.between(15, 60), "Check-in call"))
	}
	return true
}

// goodVolume adds calls of which as many are followed up as before.
func (p *planting) goodVolume() bool {
	for range 2*len(p.done(Call, Email)) + 60 {
		a := p.call(p.at(p.day(1), p.dice.IntN(workday-900)), p.between(60, 500), "Discovery call")
		a.Contact = p.somebody()
		a.Account, a.Deal = p.company.Contacts[a.Contact].Account, None
		p.logged(a)
		if p.chance(min(960, p.people[p.who].care+150)) {
			due := a.CompletedAt + dayLong
			p.logged(Activity{
				Kind: Task, Subtype: "Follow-up", Subject: "Follow-up", OccurredAt: due, CreatedAt: a.CompletedAt + 60_000, CompletedAt: due,
				Account: a.Account, Contact: a.Contact, Deal: None,
			})
		}
	}
	return true
}
