package company

import "slices"

// setQuotas sets what everybody is to sell, over all CRMs together: by territory,
// season and how long somebody has been there, at the level that 45 of 100 reach.
func setQuotas(sides []*generator) {
	g := sides[0]
	quarters := g.quarters()
	won := map[[2]int]int64{}
	for _, side := range sides {
		for i := range side.company.Deals {
			side.company.addWon(won, &side.company.Deals[i], side.company.journeyOf(&side.company.Deals[i]), quarters)
		}
	}
	var reached []int64 // cents a permille of potential
	for user := range g.company.Users {
		for q := range quarters {
			if part := g.quotaPart(user, quarters[q]); part > 0 && quarters[q].next <= At(g.company.Now) {
				reached = append(reached, won[[2]int{user, q}]/int64(part))
			}
		}
	}
	slices.Sort(reached)
	level := int64(1)
	if len(reached) > 0 {
		level = max(1, reached[len(reached)*56/100])
	}
	for _, side := range sides {
		side.quotaLevel = level / int64(len(sides))
	}
}

// quotaPart is somebody's part of the level in permille; 0: no quota.
func (g *generator) quotaPart(user int, q quarter) int {
	u, h := &g.company.Users[user], &g.people[user]
	if !u.hasQuota() || !u.isThereIn(q) || u.LeftAt != 0 && u.LeftAt < q.next {
		return 0
	}
	month := q.starts.Time().In(g.zone).Month()
	season := g.market.year[month-1] + g.market.year[month%12] + g.market.year[(month+1)%12]
	part := max(h.potential, 500) * season / 300
	if u.Role == "partner" {
		part = part * 60 / 100
	}
	// A new one's quota grows over three quarters.
	switch days := int((q.next - u.CreatedAt) / dayLong); {
	case h.hiredAt == 0:
		return max(1, part)
	case days < 100:
		part = part * 25 / 100
	case days < 190:
		part = part * 55 / 100
	case days < 280:
		part = part * 80 / 100
	}
	return max(1, part)
}

// fullQuota is the money of somebody's quota, in whole thousands.
func (g *generator) fullQuota(user int, q quarter) string {
	amount := g.quotaLevel * int64(g.quotaPart(user, q)) / 100_000 * 100_000
	return decimal(max(amount, 1_000_000))
}
