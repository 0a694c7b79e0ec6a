package plan

import "merit/pipelines/yamlfile"

// Recognition is what people are shown, thanked and coached for. Nothing of it
// enters a score or a payout, and it is no part of a version's hash.
type Recognition struct {
	Settings   map[string]Settings `yaml:"settings" doc:"What goals, missions, warnings and the like take, by table; merit docs lists them."`
	Boards     []Board             `yaml:"boards" doc:"Where people see how they stand, by percent of their own goal."`
	Streaks    []Streak            `yaml:"streaks" doc:"Working days in a row with something done."`
	Badges     []Badge             `yaml:"badges" doc:"What is earned by reaching something within a week, month or quarter."`
	Challenges []Challenge         `yaml:"challenges" doc:"One behaviour for one to four weeks, by person or by team."`
	Missions   []Mission           `yaml:"missions" doc:"What a day's missions may ask for beside records to mend."`
	Focus      []Focus             `yaml:"focus" doc:"What a team looks at: at most two behaviours and one outcome."`
	Coaching   []Coaching          `yaml:"coaching" doc:"Which topic, module or play helps with which metric."`
}

// A Board ranks people within their cohort by one metric at a time.
type Board struct {
	Name     string          `yaml:"board" schema:"required,filled" doc:"As people read it."`
	Rotation []string        `yaml:"rotation" schema:"required,least=1,metric" doc:"The metrics that take turns, each one's control: own."`
	Every    string          `yaml:"every" schema:"enum=week|month" doc:"week (unless said) or month: how long one turn is."`
	Cohort   []string        `yaml:"cohort" doc:"Who is compared with whom: role, region and shift, from the widest on; [role, region] unless said. Where too few are alike the last one is left out."`
	AtLeast  *yamlfile.Whole `yaml:"at_least" schema:"min=5" doc:"With fewer people nobody is ranked. 5 unless said, and never less."`
}

// A Streak counts the working days in a row on which enough was done.
type Streak struct {
	Name   string          `yaml:"streak" schema:"required,filled" doc:"As people read it."`
	Metric string          `yaml:"metric" schema:"required,metric" doc:"Its records are counted; its control is own."`
	PerDay *yamlfile.Whole `yaml:"per_day" schema:"min=1" doc:"How many records a day needs. 1 unless said."`
}

// A Badge is earned by a value within a span.
type Badge struct {
	Name   string          `yaml:"badge" schema:"required,filled" doc:"As people read it."`
	Metric string          `yaml:"metric" schema:"required,metric" doc:"What has to be reached."`
	Span   string          `yaml:"span" schema:"required,enum=week|month|quarter" doc:"Within what."`
	From   *Decimal        `yaml:"from" doc:"The value from which on it is earned; without it the own goal."`
	Points *yamlfile.Whole `yaml:"points" schema:"min=0" doc:"For the points ledger, which is no money. 0 unless said."`
}

// A Challenge is short, about one behaviour, for people or for teams.
type Challenge struct {
	Name   string          `yaml:"challenge" schema:"required,filled" doc:"As people read it."`
	Metric string          `yaml:"metric" schema:"required,metric" doc:"One behaviour; its control is own."`
	From   string          `yaml:"from" schema:"required,date" doc:"Its first day."`
	To     string          `yaml:"to" schema:"required,date" doc:"Its last day, 28 days after the first at most."`
	Teams  []string        `yaml:"teams" doc:"Teams of the roster that compete; without them every person does."`
	Goal   *Decimal        `yaml:"goal" doc:"For each person; a team's is that of its people together. Without it what they did before, and goals' stretch more."`
	Points *yamlfile.Whole `yaml:"points" schema:"min=0" doc:"For everybody who reaches the goal. 0 unless said."`
}

// A Mission is something to do today, as much as the own goal asks for.
type Mission struct {
	Name       string          `yaml:"mission" schema:"required,filled" doc:"What to do, as people read it."`
	Metric     string          `yaml:"metric" schema:"required,metric" doc:"Whose records count; its control is own."`
	UnlockedBy string          `yaml:"unlocked_by" doc:"A learning module: only who completed it gets the mission."`
	Points     *yamlfile.Whole `yaml:"points" schema:"min=0" doc:"For doing it. 0 unless said."`
}

// A Focus is what a team looks at for a while.
type Focus struct {
	Team      string   `yaml:"team" schema:"required,filled" doc:"A team of the roster."`
	From      string   `yaml:"from" schema:"required,date" doc:"Its first day."`
	To        string   `yaml:"to" schema:"required,date" doc:"Its last day."`
	Behaviour []string `yaml:"behaviour" schema:"required,least=1,metric" doc:"One or two metrics that people control."`
	Outcome   []string `yaml:"outcome" schema:"metric" doc:"At most one outcome that they serve."`
}

// A Coaching says what helps when a metric is low.
type Coaching struct {
	Topic  string   `yaml:"topic" schema:"required,filled" doc:"As sessions and modules call it."`
	Metric string   `yaml:"metric" schema:"required,metric" doc:"What is to get better."`
	Below  *Decimal `yaml:"below" doc:"From where on it is needed; without it the floor of the role."`
	Module string   `yaml:"module" doc:"A learning module, as the learning system names it."`
	Play   string   `yaml:"play" doc:"The address of a play, video or page."`
}

// Spans are those that badges and boards may name.
var spanNames = []string{"week", "month", "quarter"}

// cohorts from the widest on.
var cohortNames = []string{"role", "region", "shift"}

// longestChallenge in days: what runs longer loses its urgency.
const longestChallenge = 28

// fewestOnBoard: with fewer people a rank says who is last.
const fewestOnBoard = 5
