-- flags: patterns that somebody has to look at, what was decided on them, and what a confirmation would change
-- grain: one row a flag
-- key: flag_id
-- signal: what waits for a decision, with the evidence and the price of it
-- owner: revenue operations
-- not_null: flag_id, rule, rep_id, role, period, opened_for, severity, state, why, suspects, looked_at, added
-- gaming: see each rule in models/audits
-- changed: 2026-11-30 first version
select
    flags.flag_id, -- the rule, and a hash of the rep and the day or period that it speaks of; records that join later do not change it
    flags.rule, -- the rule, a model of audits
    flags.rep_id, -- the company's own id of the person
    rep_periods.name, -- as statements show it
    rep_periods.team, -- as of the last day in the role
    flags.role, -- the role held then
    flags.period, -- fiscal year and quarter
    flags.opened_for, -- the day, or the first day of the period, that it speaks of
    flags.severity, -- high holds the payout line until somebody has looked; look does not
    flags.state, -- open, confirmed, dismissed, or reopened: by a steward, or by records that nobody has decided on
    flags.why, -- a sentence for people
    flags.suspects, -- suspicious records
    flags.looked_at, -- records of the kind
    flags.measure, -- a share of the records looked at, their number, or the rule's own figure
    flags.usual, -- what is usual; null: nothing to compare with
    flags.threshold, -- from where on the rule speaks
    flags.p_value, -- adjusted for all reps and days of the period; null: the rule has none
    flags.score, -- as it stands
    flags.tier, -- as it stands
    flags.score_if_confirmed, -- without the evidence of this flag; null: it takes no evidence out, has been decided, or three other flags of the rep come first
    flags.tier_if_confirmed, -- likewise
    flags.multiplier_if_confirmed, -- likewise, of the bonus target
    flags.decided_on, -- day of the last decision; null: none yet
    flags.decided_by, -- whose key signed it
    flags.reason, -- theirs
    flags.added -- suspicious records since the decision
from audits.flags
left join core.rep_periods
    on rep_periods.rep_id = flags.rep_id
    and rep_periods.period = flags.period
    and rep_periods.role = flags.role
