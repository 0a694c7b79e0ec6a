package project

// ReportSettings say which pages are made, where and for whom.
type ReportSettings struct {
	Folder    string              `yaml:"folder" doc:"Folder of the pages."`
	Locale    string              `yaml:"locale" doc:"How numbers and dates are written: en-US, en-GB, de-DE. The text is English."`
	AfterRun  bool                `yaml:"after_run" doc:"true: merit run makes the pages, too, once it has published."`
	Audiences []string            `yaml:"audiences" doc:"Whose pages merit run makes: people, teams, finance, steward, programme, plan, public. All of them unless said."`
	Readers   map[string][]string `yaml:"readers" doc:"E-mail addresses by audience, for access.csv: finance: [cfo@acme.example]."`
	Managers  map[string][]string `yaml:"managers" doc:"E-mail addresses by team of the roster: who reads the team's pages and its people's."`
}
