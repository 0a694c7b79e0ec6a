package company

// work spreads a stay's activities over it.
func (s *life) work(stay int) {
	touches := s.people[s.owner].touches
	if touches == 0 {
		return
	}
	for i := range s.dice.IntN(touches + 1) {
		at := s.second + scale(stay, i, touches) + s.dice.IntN(3600)
		switch die := s.dice.IntN(10); {
		case die < 4:
			s.call(at)
		case die < 7:
			s.write(at)
		case die < 8:
			s.meetAt(at, s.between(0, 4)*workday+3600, "Check-in")
		case die < 9:
			s.note(at)
		default:
			s.followUp(at)
		}
	}
}

// person is somebody at the deal's account, or nobody.
func (s *life) person() int {
	people := s.contactsOf[s.account]
	if s.chance(150) {
		return None
	}
	return people.from + s.dice.IntN(people.to-people.from)
}

// log writes an activity down unless the story is over by then, the deal is gone
// or its owner has left.
func (s *life) log(a Activity, at int) {
	if at >= s.dates.horizon || s.goneAt != 0 && at >= s.goneAt || !s.works(s.owner, at) {
		return
	}
	a.Owner, a.Deal, a.Account = s.owner, s.deal, s.account
	a.Contact = s.person()
	s.generator.log(a, at)
}

func (g *generator) log(a Activity, at int) {
	shift := g.people[a.Owner].shift
	a.CreatedAt = g.dates.at(at) + shift
	a.OccurredAt += shift
	if a.CompletedAt != 0 {
		a.CompletedAt += shift
	}
	if g.chance(10) {
		a.DeletedAt = g.later(at, 60)
		if a.DeletedAt != 0 && (a.CompletedAt > a.DeletedAt || a.CreatedAt >= a.DeletedAt) {
			a.DeletedAt = 0
		}
	}
	g.company.Activities = append(g.company.Activities, a)
}

func (s *life) call(at int) {
	logged := at + s.between(1, 20)*60
	if s.chance(25) {
		logged += s.between(8, 20) * workday // written down weeks later
	}
	call := Activity{Kind: Call, Subtype: "Call", Subject: pick(s.generator, callSubjects[:]), OccurredAt: s.dates.at(at)}
	call.CompletedAt = s.dates.at(logged)
	if !s.chance(80) {
		call.Seconds = s.between(20, 1800)
	}
	copies := 1
	if s.people[s.owner].duplicate && s.chance(250) {
		copies = 4
	}
	for i := range copies {
		call.CompletedAt = s.dates.at(logged + 60*i)
		s.log(call, logged+60*i)
	}
	if s.chance(s.people[s.owner].care) {
		s.followUp(logged + s.between(1, 30)*60)
	}
}

func (s *life) write(at int) {
	s.log(Activity{
		Kind: Email, Subtype: "Email", Subject: pick(s.generator, emailSubjects[:]),
		OccurredAt: s.dates.at(at), CompletedAt: s.dates.at(at),
	}, at)
	if s.chance(s.people[s.owner].care / 2) {
		s.followUp(at + s.between(1, 90)*60)
	}
}

func (s *life) note(at int) {
	s.log(Activity{
		Kind: Note, Subtype: "Note", Subject: pick(s.generator, noteSubjects[:]),
		OccurredAt: s.dates.at(at), CompletedAt: s.dates.at(at),
	}, at)
}

// followUp plans a task; some are done late, some never.
func (s *life) followUp(at int) {
	due := at + s.between(1, 4)*workday
	task := Activity{Kind: Task, Subtype: "Follow-up", Subject: "Follow-up", OccurredAt: s.dates.at(due)}
	done := due + s.between(-1, 2)*workday
	if !s.chance(s.people[s.owner].care) {
		done += s.between(3, 30) * workday
	}
	if done = max(done, at+600); s.chance(930) && done < s.dates.horizon {
		task.CompletedAt = s.dates.at(done)
	}
	s.log(task, at)
}

// meet holds the meeting that belongs to a stage.
func (s *life) meet(stage int) {
	if !s.chance(300 + s.people[s.owner].care*7/10) {
		return
	}
	s.meetAt(s.second+s.between(1, 30)*60, s.between(1, 5)*workday, s.company.Stages[stage].Name)
}

// meetAt books a meeting that takes place some time later, or is not held.
func (s *life) meetAt(booked, ahead int, subtype string) {
	starts := (booked + ahead) / 1800 * 1800
	meeting := Activity{
		Kind: Meeting, Subtype: subtype, Subject: subtype + " meeting",
		OccurredAt: s.dates.at(starts), Seconds: s.between(1, 3) * 1800,
	}
	if ends := starts + meeting.Seconds; !s.chance(70) && ends < s.dates.horizon {
		meeting.CompletedAt = meeting.OccurredAt + Instant(meeting.Seconds)*1000
	}
	s.log(meeting, booked)
}

// prospect lets the development reps call people without any deal.
func (g *generator) prospect(size int) {
	for i := range size / 2 {
		g.turn(4, i)
		at := workday*2 + scale(g.dates.horizon-3*workday, i, size/2)
		user := g.anybody(at)
		for g.roleOf(user) != "sdr" && g.chance(800) {
			user = g.anybody(at)
		}
		contact := g.dice.IntN(g.contactsOf[g.accountsBy(at-workday)-1].to)
		call := Activity{
			Kind: Call, Subtype: "Call", Subject: "Cold call", Owner: user,
			Deal: None, Account: g.company.Contacts[contact].Account, Contact: contact,
			OccurredAt: g.dates.at(at), CompletedAt: g.dates.at(at + 120), Seconds: g.between(0, 300),
		}
		g.log(call, at+120)
	}
}
