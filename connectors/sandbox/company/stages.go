package company

// visit is one stay in a stage: work goes on, values are kept up or not, and then
// the deal moves.
func (s *life) visit(instant bool) {
	mean := s.people[s.owner].pace
	if instant {
		s.second += s.between(20, 300)
		s.win()
		return
	}
	if s.chance(60) {
		mean *= 9 // stalls
	}
	stay := s.wait(mean) + 15*60
	s.work(stay)
	s.keepUp(stay)
	if s.people[s.owner].bursts && s.chance(750) {
		s.holdBack()
	}
	switch stage := s.stage; {
	case s.chance(30) && stage > prospecting:
		s.move(stage - 1 - s.dice.IntN(stage)*s.dice.IntN(2))
	case s.chance(8) && stage > prospecting:
		s.pingPong()
	case !s.chance(s.people[s.owner].win):
		s.lose()
	case stage == negotiation || stage == proposal && s.chance(100):
		s.win()
	case s.chance(90) && stage < proposal:
		s.move(stage + 2)
	default:
		s.move(stage + 1)
	}
}

// sleep lets time pass. Whoever is to take the deal over does so on the way.
func (s *life) sleep(seconds int) {
	until := s.second + max(seconds, 1)
	if s.next != None && s.handsAt < until {
		s.second = max(s.second, s.handsAt)
		if s.roleOf(s.owner) != "sdr" {
			s.by = int32(s.managerOf(s.owner))
		}
		through := ByHand
		if s.people[s.owner].leftAt != 0 {
			through = ByImport
		}
		s.put(Owner, s.userText[s.next], through)
		s.owner, s.by, s.next = s.next, int32(s.next), None
	}
	s.second = s.people[s.owner].backAt(max(s.second, until))
	if leaves := s.people[s.owner].leftAt; leaves != 0 && s.next == None {
		s.next, s.handsAt = s.executive(leaves+workday), max(leaves+workday, s.second)
	}
}

// keepUp changes values without a move: such rows have the same stage as before.
func (s *life) keepUp(stay int) {
	parts := 1 + s.dice.IntN(3)
	for range parts {
		s.sleep(stay / (parts + 1))
		if s.dates.on(s.second) > s.closes-7 && s.chance(s.people[s.owner].care) || s.chance(60) {
			s.closes = max(s.closes, s.dates.on(s.second)) + s.between(10, 60)
			s.put(CloseOn, s.dates.dateOf(s.closes), ByHand)
		}
		if s.chance(110) && s.amount < plainAmounts {
			s.amount = min(plainAmounts-1, s.amount*s.between(80, 130)/100)
			s.put(Amount, s.amountText[s.lowered()], ByIntegration)
		}
		if s.chance(s.people[s.owner].care / 3) {
			s.nextStep()
		}
	}
	s.sleep(stay / (parts + 1))
}

// holdBack waits for the quarter's last evening, when the owner moves everything at once.
func (s *life) holdBack() {
	last := s.dates.quarterEnd(s.second)
	evening := last + workday - 30*60
	if s.second > evening {
		return
	}
	key := [2]int{s.owner, last}
	at := max(s.burstAt[key], evening)
	s.burstAt[key] = at + 7
	if at < last+workday {
		s.sleep(at - s.second)
	}
}

// move enters another stage; the forecast category follows by itself.
func (s *life) move(stage int) {
	s.stage = max(prospecting, stage)
	s.put(StageName, s.company.Stages[s.stage].Name, ByHand)
	if category := s.category(); category != s.shown {
		s.shown = category
		s.put(Forecast, category, ByAutomation)
	}
	if s.stage < won && s.chance(s.people[s.owner].care/2) {
		s.nextStep()
	}
	if s.stage == demo || s.stage == discovery {
		s.meet(s.stage)
	}
}

// pingPong moves back and forth between two stages, which earns nothing.
func (s *life) pingPong() {
	there, back := s.stage-1, s.stage
	for range 2 {
		s.move(there)
		s.sleep(s.between(1, 3) * workday / 2)
		s.move(back)
		s.sleep(s.between(1, 3) * workday / 2)
	}
}

func (s *life) win() {
	if s.lowered() != s.amount {
		s.put(Amount, s.amountText[s.amount], ByHand)
	}
	s.close(won)
	s.lead()
}

func (s *life) lose() {
	s.close(lost)
	if s.reopens == 0 && s.chance(70) {
		s.reopens++
		s.sleep(s.wait(20 * workday))
		if s.second >= s.dates.horizon {
			return
		}
		s.closes = s.dates.on(s.second) + s.between(30, 90)
		s.put(CloseOn, s.dates.dateOf(s.closes), ByHand)
		s.move(discovery + s.dice.IntN(3))
	}
}

// close ends the deal; the careful set the close date to that day.
func (s *life) close(stage int) {
	s.move(stage)
	today := s.dates.on(s.second)
	if s.closes != today && s.chance(500+s.people[s.owner].care/2) {
		s.closes = today
		s.put(CloseOn, s.dates.dateOf(today), ByAutomation)
	}
}
