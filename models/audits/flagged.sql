-- flagged: each flag that a rule raises, before anybody has looked at it
-- grain: one row a flag
-- key: flag_id
-- signal: what waits for somebody to look at it
-- owner: revenue operations
-- not_null: flag_id, rule, rep_id, role, period, opened_for, span, severity, suspects, looked_at
-- gaming: see each rule
-- changed: 2026-11-30 first version
with named as (
    select
        flag_tests.rule || '-' || fn.short_hash(
            flag_tests.rule || ' ' || flag_tests.rep_id || ' ' || cast(flag_tests.opened_for as string)
        ) as flag_id,
        flag_tests.rule,
        flag_tests.rep_id,
        flag_tests.role,
        flag_tests.period,
        flag_tests.opened_for,
        flag_tests.severity,
        flag_tests.suspects,
        flag_tests.looked_at,
        flag_tests.measure,
        flag_tests.usual,
        flag_tests.threshold,
        flag_tests.p_value,
        flag_tests.is_flagged,
        row_number() over (
            partition by flag_tests.rule, flag_tests.rep_id, flag_tests.opened_for
            order by flag_tests.is_flagged desc, flag_tests.suspects desc, flag_tests.role
        ) as place
    from audits.flag_tests
)
select
    named.flag_id, -- the rule, and a hash of the rep and the day or period that it speaks of; records that join later do not change it
    named.rule, -- the rule, a model of audits
    named.rep_id, -- the company's own id of the person
    named.role, -- the role held then
    named.period, -- fiscal year and quarter
    named.opened_for, -- the day, or the first day of the period, that it speaks of
    rule_definitions.span, -- day or period: what the flag speaks of
    named.severity, -- high holds the payout line until somebody has looked; look does not
    named.suspects, -- suspicious records
    named.looked_at, -- records of the kind
    named.measure, -- a share of the records looked at, their number, or the rule's own figure
    named.usual, -- what is usual; null: nothing to compare with
    named.threshold, -- from where on the rule speaks
    named.p_value -- adjusted for all reps and days of the period; null: the rule has none
from named
join audits.rule_definitions
    on rule_definitions.rule = named.rule
left join plan.flag_decisions
    on flag_decisions.flag_id = named.flag_id
-- A decision stays on record also where too few suspicious records are left.
where named.place = 1
    and (named.is_flagged or flag_decisions.flag_id is not null)
