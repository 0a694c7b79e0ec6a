package project

import (
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"merit/connectors"
)

// NotifySettings say to which channels merit notify sends what went well.
type NotifySettings struct {
	Channels map[string]ChannelSettings `yaml:"channels" doc:"By name: the channels that recognition is sent to."`
	Days     int                        `yaml:"days" schema:"min=1,max=90" doc:"What happened longer ago than so many days is not sent any more."`
}

// ChannelSettings are one channel of Slack or Teams.
type ChannelSettings struct {
	Kind     string     `yaml:"kind" schema:"enum=slack|teams" doc:"slack (incoming webhook) or teams (workflow: when a Teams webhook request is received)."`
	URL      secretText `yaml:"url" doc:"The webhook's address, which is a secret."`
	Audience string     `yaml:"audience" doc:"everybody, or team:TEAM of the roster; everybody unless said."`
	Quiet    string     `yaml:"quiet" doc:"Hours in which nothing is sent: 19:00-08:00."`
	Zone     string     `yaml:"zone" doc:"IANA name of the zone of the quiet hours; none: the calendar's."`
}

// A Channel is one channel whose settings are resolved.
type Channel struct {
	Name, Kind, Audience string
	URL                  *url.URL
	Quiet                QuietHours
}

// QuietHours are a part of each day, in minutes since midnight of a zone. None if both
// are the same.
type QuietHours struct {
	From, To int
	Zone     *time.Location
}

// Holds tells whether an instant is within the quiet hours, which may pass midnight.
func (q QuietHours) Holds(at time.Time) bool {
	local := at.In(q.Zone)
	minute := local.Hour()*60 + local.Minute()
	if q.From <= q.To {
		return minute >= q.From && minute < q.To
	}
	return minute >= q.From || minute < q.To
}

var quietWritten = regexp.MustCompile(`^([01][0-9]|2[0-3]):[0-5][0-9]-([01][0-9]|2[0-3]):[0-5][0-9]$`)

func (p *Project) quietHours(place string, s ChannelSettings) (QuietHours, error) {
	name := s.Zone
	if name == "" {
		name = p.Settings.Calendar.TimeZone
	}
	zone, err := time.LoadLocation(name)
	if err != nil || name == "Local" {
		return QuietHours{}, p.file.Errorf(place+".zone", "%q is not an IANA time zone such as America/New_York", name)
	}
	if s.Quiet == "" {
		return QuietHours{Zone: zone}, nil
	}
	if !quietWritten.MatchString(s.Quiet) {
		return QuietHours{}, p.file.Errorf(place+".quiet", "%q are not hours such as 19:00-08:00", s.Quiet)
	}
	minutes := func(text string) int {
		return (int(text[0]-'0')*10+int(text[1]-'0'))*60 + int(text[3]-'0')*10 + int(text[4]-'0')
	}
	from, to, _ := strings.Cut(s.Quiet, "-")
	q := QuietHours{From: minutes(from), To: minutes(to), Zone: zone}
	if q.From == q.To {
		return q, p.file.Errorf(place+".quiet", "%q begins when it ends; leave quiet out for no quiet hours", s.Quiet)
	}
	return q, nil
}

// checkNotify says of each mistake in which line it is. No secret is resolved yet.
func (p *Project) checkNotify() error {
	if days := p.Settings.Notify.Days; days < 1 || days > 90 {
		return p.file.Errorf("$.notify.days", "days is %d, but must be between 1 and 90", days)
	}
	for _, name := range p.channelNames() {
		s, place := p.Settings.Notify.Channels[name], "$.notify.channels."+name
		if !sourceName.MatchString(name) {
			return p.file.Errorf(place, "%q can't be a channel's name: use small letters, digits and _, a letter first", name)
		}
		if s.Kind != "slack" && s.Kind != "teams" {
			return p.file.Errorf(place+".kind", "kind is %q, but must be slack or teams", s.Kind)
		}
		if !isReference(string(s.URL)) {
			return p.file.Errorf(place+".url", "url is a secret and must not stand in this file; write ${NAME_OF_A_VARIABLE} or file:PATH")
		}
		if team, isTeam := strings.CutPrefix(s.Audience, "team:"); s.Audience != "" && s.Audience != "everybody" && (!isTeam || team == "") {
			return p.file.Errorf(place+".audience", "audience is %q, but must be everybody or team:TEAM: a channel is read by many", s.Audience)
		}
		if _, err := p.quietHours(place, s); err != nil {
			return err
		}
	}
	return nil
}

func (p *Project) channelNames() []string {
	return slices.Sorted(maps.Keys(p.Settings.Notify.Channels))
}

// Channels are those of merit.yml, by name, with their secrets resolved. An address
// must be https, or of this machine. It is a secret, so that no error names it.
func (p *Project) Channels() ([]Channel, error) {
	var all []Channel
	for _, name := range p.channelNames() {
		s, place := p.Settings.Notify.Channels[name], "$.notify.channels."+name
		text, err := p.resolve(string(s.URL))
		if err != nil {
			return nil, p.file.Errorf(place+".url", "url: %v", err)
		}
		u, err := url.Parse(text)
		if err != nil || u.Host == "" || u.User != nil || u.Scheme != "https" && (u.Scheme != "http" || !connectors.IsLoopback(u.Hostname())) {
			return nil, p.file.Errorf(place+".url", "url must be an https:// address (http:// is for a receiver on this machine)")
		}
		quiet, err := p.quietHours(place, s)
		if err != nil {
			return nil, err
		}
		c := Channel{Name: name, Kind: s.Kind, Audience: s.Audience, URL: u, Quiet: quiet}
		if c.Audience == "" {
			c.Audience = "everybody"
		}
		all = append(all, c)
	}
	return all, nil
}
