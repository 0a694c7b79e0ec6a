package company

// dial lets development reps call people without any deal: a few a day by hand, and
// since the dialler came as many as it puts through. One in ten is answered.
func (g *generator) dial() {
	c := g.company
	for user := range c.Users {
		if g.roleOf(user) != "sdr" {
			continue
		}
		h := &g.people[user]
		for day := 2; day < g.dates.horizon/workday-1; day++ {
			g.turn(25, user*10_000+day)
			opens := day * workday
			if !g.works(user, opens) || h.backAt(opens) != opens {
				continue
			}
			calls := g.between(3, 6)
			if opens >= g.market.dialler {
				calls = g.market.dials*(400+h.skill*6/10)/1000 + g.between(-9, 9)
			}
			known := g.contactsOf[g.accountsBy(opens-workday)-1].to
			for i := range calls {
				g.dialOne(user, opens+i*(workday-1200)/calls+g.dice.IntN(30), g.dice.IntN(known))
			}
		}
	}
}

func (g *generator) dialOne(user, at, contact int) {
	account := g.company.Contacts[contact].Account
	call := Activity{
		Kind: Call, Subtype: "Call", Subject: "Cold call", Owner: user, Deal: None, Account: account, Contact: contact,
		OccurredAt: g.dates.at(at), Seconds: g.between(4, 40),
	}
	answered := g.chance(110)
	if answered {
		call.Seconds = g.between(60, 600)
	} else if g.chance(40) {
		call.Seconds = 0
	}
	call.CompletedAt = g.dates.at(at + call.Seconds + 15)
	g.log(call, at+call.Seconds+15)
	if answered && g.chance(g.people[user].care) || g.chance(120) {
		due := at + g.between(1, 2)*workday
		task := Activity{
			Kind: Task, Subtype: "Follow-up", Subject: "Follow-up", Owner: user, Deal: None, Account: account, Contact: contact,
			OccurredAt: g.dates.at(due),
		}
		if done := due + g.between(-1, 3)*workday/2; g.chance(930) && done > at+900 && done < g.dates.horizon {
			task.CompletedAt = g.dates.at(done)
		}
		g.log(task, at+call.Seconds+45)
	}
}
