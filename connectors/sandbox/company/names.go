package company

var firstNames = [...]string{
	"Ava", "Ben", "Chloé", "Dario", "Elena", "Farid", "Grace", "Hiro", "Imani", "Jonas", "Katya", "Liam", "Mei", "Noah",
	"Olga", "Priya", "Quinn", "Rosa", "Sven", "Tara", "Umar", "Vera", "Wanda", "Ximena", "Yusuf", "Zoe", "Søren", "Aoife",
}

var lastNames = [...]string{
	"Abbott", "Baranov", "Castillo", "Dubois", "Eriksen", "Fontaine", "Gupta", "Hoffmann", "Ibarra", "Jensen", "Kowalski",
	"Lindqvist", "Moreau", "Nakamura", "O'Brien", "Petrov", "Quigley", "Ramos", "Schäfer", "Tanaka", "Ueda", "Vogel",
	"Whitfield", "Xu", "Yilmaz", "Zamora", "Nguyễn", "van den Berg",
}

var companyStems = [...]string{
	"Alder", "Birch", "Cobalt", "Delta", "Ember", "Fjord", "Granite", "Harbor", "Indigo", "Juniper", "Kestrel", "Lumen",
	"Meridian", "Nimbus", "Orchard", "Pinnacle", "Quartz", "Ridge", "Summit", "Tundra", "Umber", "Vertex", "Willow", "Zephyr",
}

var companyTrades = [...]string{
	"Logistics", "Analytics", "Foods", "Textiles", "Robotics", "Energy", "Health", "Media", "Mining", "Paper", "Rail", "Software",
}

// The comma, the quotation marks and the umlauts are for the readers of CSV.
var companyForms = [...]string{"Inc.", "LLC", "Corp.", "& Sons, Ltd", "GmbH & Co. KG", "Brüder AG", `"Group"`, "PLC"}

var industries = [...]string{
	"Transportation", "Technology", "Food & Beverage", "Manufacturing", "Energy", "Healthcare", "Media", "Mining", "Retail",
}

var titles = [...]string{
	"Chief Financial Officer", "VP Operations", "Head of IT", "Procurement Manager", "Director, Sales", "Plant Manager", "Analyst", "CEO",
}

var contactRoles = [...]string{"Decision Maker", "Economic Buyer", "Evaluator", "Executive Sponsor", "Influencer", "Technical Buyer"}

var products = [...]string{"Platform", "Insights", "Connect", "Field Service", "Starter Pack", "Premium Support"}

var leadSources = [...]string{"Web", "Phone Inquiry", "Partner Referral", "Purchased List", "Trade Show", "Word of mouth"}

// One has a line break, one quotation marks: both happen, and both have broken readers of CSV.
var nextSteps = [...]string{
	"Call the decision maker", "Send the proposal", "Book the demo", "Follow up on pricing", "Legal review of the MSA",
	`Send "final" quote, version 3`, "Security questionnaire", "Meet procurement\r\nand agree on terms", "Confirm budget for Q3",
	"Réunion avec la direction", "Reference call with a customer", "Align on success criteria", "Get signature",
}

var callSubjects = [...]string{"Discovery call", "Check-in call", "Pricing call", "Intro call", "Voicemail", "Call with procurement"}

var emailSubjects = [...]string{"Email: Recap and next steps", "Email: Proposal attached", "Email: Intro", "Email: Re: Pricing", "Email: Case study"}

var noteSubjects = [...]string{"Budget confirmed", "Competitor in the deal", "Champion changed jobs", "Wants a pilot first"}
