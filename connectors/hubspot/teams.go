package hubspot

import (
	"net/url"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/go-json-experiment/json/jsontext"

	"merit/connectors"
	"merit/connectors/decode"
	"merit/connectors/fault"
)

// teamStream has who is in which team, once a day: HubSpot keeps no history of it,
// and pay for a past quarter must not go by today's teams.
func teamStream() small {
	return small{
		name: "teams", isSoft: true,
		tables: []connectors.Table{{Name: "team_members", Key: []string{"seen_on", "team_id", "user_id"}, Schema: arrow.NewSchema([]arrow.Field{
			text("seen_on"), text("team_id"), text("user_id"), text("team_name"), flag("is_primary"),
		}, nil)}},
		read: readTeams,
	}
}

func readTeams(r *smallReading) error {
	now, err := r.now()
	if err != nil {
		return err
	}
	day := now.Format(time.DateOnly)
	if r.last.Day == day {
		return nil
	}
	var found []team
	take := func(d *jsontext.Decoder) error {
		t, err := readTeam(d)
		found = append(found, t)
		return err
	}
	path := "/settings/teams/" + teamsVersion + "-beta"
	if r.version == teamsVersion {
		err = r.each(path, nil, take)
	}
	if r.version != teamsVersion || isRefused(err) {
		err = r.each("/settings/users/"+usersVersion+"/teams", nil, take)
	}
	for i := range found {
		if err == nil && !found[i].isTold {
			err = r.each(path+"/"+url.PathEscape(found[i].id)+"/members", nil, found[i].member)
		}
		if err == nil {
			found[i].write(r.builders[0], day)
		}
	}
	if err == nil {
		r.last.Day = day
	}
	return err
}

// Teams have two paths (HubSpot's API descriptions of 2026-03 and 2026-09): one of
// 2026-03, and since 2026-09 a beta that not every account has.
const (
	teamsVersion = "2026-09"
	usersVersion = "2026-03"
)

// A team is who is in it; the beta tells that apart.
type team struct {
	id, name           string
	isTold             bool
	primary, secondary []string
}

func readTeam(d *jsontext.Decoder) (t team, err error) {
	err = decode.Members(d, func(member []byte) error {
		to := map[string]*[]string{"userIds": &t.primary, "secondaryUserIds": &t.secondary}[string(member)]
		switch {
		case to != nil:
			t.isTold = true
			return decode.Array(d, func() error {
				text, _, err := decode.Text(d, nil)
				*to = append(*to, string(text))
				return err
			})
		case string(member) == "id":
			return textInto(d, &t.id)
		case string(member) == "name":
			return textInto(d, &t.name)
		}
		return decode.Skip(d)
	})
	return t, err
}

// member reads one member of a team: its user's id, or an object that has it.
func (t *team) member(d *jsontext.Decoder) error {
	if d.PeekKind() != '{' {
		text, _, err := decode.Text(d, nil)
		t.primary = append(t.primary, string(text))
		return err
	}
	var user, id, kind, primary string
	err := decode.Members(d, func(member []byte) error {
		switch string(member) {
		case "userId":
			return textInto(d, &user)
		case "id":
			return textInto(d, &id)
		case "type": // DEFAULT, or EXTRA for whoever has another main team
			return textInto(d, &kind)
		case "primary", "isPrimary", "primaryTeam":
			return textInto(d, &primary)
		}
		return decode.Skip(d)
	})
	switch {
	case err != nil:
		return err
	case user == "" && id == "":
		return fault.Errorf(fault.Them, "hubspot: a member of team %s without an id", t.name)
	case user == "":
		user = id
	}
	if primary == "false" || kind == "EXTRA" {
		t.secondary = append(t.secondary, user)
	} else {
		t.primary = append(t.primary, user)
	}
	return nil
}

func (t *team) write(b *decode.Builder, day string) {
	one := func(user, isPrimary string) {
		set(b, map[string]string{"seen_on": day, "team_id": t.id, "user_id": user, "team_name": t.name, "is_primary": isPrimary})
		b.EndRow()
	}
	for _, user := range t.primary {
		one(user, "true")
	}
	for _, user := range t.secondary {
		one(user, "false")
	}
}
