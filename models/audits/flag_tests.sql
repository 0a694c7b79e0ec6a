-- flag_tests: what each rule found of each rep, day or period, and whether that is a flag
-- grain: one row a rule, rep, role and window in which the rule found something
-- key: rule, rep_id, role, period, opened_for
-- signal: a pattern against what is usual, not a single record
-- owner: revenue operations
-- not_null: rule, rep_id, role, period, opened_for, severity, suspects, looked_at, is_flagged
-- checks: suspects_were_looked_at: suspects <= looked_at
--    severities: severity in ('high', 'look')
-- gaming: see each rule
-- changed: 2026-11-30 first version
--    2026-12-01 the interval of a share is that of 99 %: fifty people are looked at together
with switched as (
    select
        severities.period,
        severities.metric as rule,
        severities.value as severity,
        cast(fn.as_number(wanted.value) as bigint) as wanted,
        rule_definitions.test,
        rule_definitions.span
    from plan.settings as severities
    join plan.settings as wanted
        on wanted.period = severities.period
        and wanted.metric = severities.metric
        and wanted.name = 'least'
    join audits.rule_definitions
        on rule_definitions.rule = severities.metric
    where severities.name = 'severity'
        and severities.value <> 'off'
),
placed as (
    select
        flag_candidates.rule,
        flag_candidates.rep_id,
        rep_assignments.role,
        rep_assignments.period,
        switched.severity,
        switched.wanted,
        switched.test,
        case when switched.span = 'day' then fn.day(flag_candidates.occurred_at) else periods.starts_on end as opened_for,
        flag_candidates.is_suspect,
        flag_candidates.measure,
        flag_candidates.usual,
        flag_candidates.threshold,
        flag_candidates.p_value
    from audits.flag_candidates
    join core.rep_assignments
        on rep_assignments.rep_id = flag_candidates.rep_id
        and flag_candidates.occurred_at >= rep_assignments.starts_at
        and flag_candidates.occurred_at < rep_assignments.ends_at
    join plan.periods
        on periods.period = rep_assignments.period
    join switched
        on switched.rule = flag_candidates.rule
        and switched.period = rep_assignments.period
),
counted as (
    select
        placed.rule,
        placed.rep_id,
        placed.role,
        placed.period,
        placed.opened_for,
        placed.severity,
        placed.wanted,
        placed.test,
        sum(case when placed.is_suspect then 1 else 0 end) as suspects,
        count(*) as looked_at,
        max(case when placed.is_suspect then placed.measure end) as measure,
        max(case when placed.is_suspect then placed.usual end) as usual,
        max(case when placed.is_suspect then placed.threshold end) as threshold,
        min(case when placed.is_suspect then placed.p_value end) as p_value
    from placed
    group by
        placed.rule,
        placed.rep_id,
        placed.role,
        placed.period,
        placed.opened_for,
        placed.severity,
        placed.wanted,
        placed.test
),
beside as (
    select
        counted.rule,
        counted.rep_id,
        counted.role,
        counted.period,
        counted.opened_for,
        counted.severity,
        counted.wanted,
        counted.test,
        counted.suspects,
        counted.looked_at,
        counted.measure,
        counted.usual,
        counted.threshold,
        counted.p_value,
        -- What is usual among the others of the role in the period.
        sum(counted.suspects) over peers - counted.suspects as peers_suspects,
        sum(counted.looked_at) over peers - counted.looked_at as peers_looked_at
    from counted
    window peers as (partition by counted.rule, counted.role, counted.period)
),
measured as (
    select
        beside.rule,
        beside.rep_id,
        beside.role,
        beside.period,
        beside.opened_for,
        beside.severity,
        beside.wanted,
        beside.test,
        beside.suspects,
        beside.looked_at,
        case
            when beside.test = 'share' then fn.ratio(beside.suspects, beside.looked_at)
            when beside.test = 'count' then cast(beside.suspects as double)
            else beside.measure
        end as measure,
        case
            when beside.test = 'share' then fn.ratio(beside.peers_suspects, beside.peers_looked_at)
            when beside.test = 'figures' then beside.usual
        end as usual,
        case
            -- Twice what is usual among the others, and never below one in twenty.
            when beside.test = 'share' then fn.larger(2 * fn.ratio(beside.peers_suspects, beside.peers_looked_at), cast(0.05 as double))
            when beside.test = 'count' then cast(beside.wanted as double)
            else beside.threshold
        end as threshold,
        fn.wilson_low_99(cast(beside.suspects as bigint), cast(beside.looked_at as bigint)) as low,
        beside.p_value
    from beside
    where beside.suspects > 0
)
select
    measured.rule, -- the rule, a model of audits
    measured.rep_id, -- the company's own id of the person
    measured.role, -- the role held then
    measured.period, -- fiscal year and quarter
    measured.opened_for, -- the day, or the first day of the period, that it speaks of
    measured.severity, -- high holds the payout line until somebody has looked; look does not
    cast(measured.suspects as bigint) as suspects, -- suspicious records
    cast(measured.looked_at as bigint) as looked_at, -- records of the kind
    measured.measure, -- a share of the records looked at, their number, or the rule's own figure
    measured.usual, -- the share among the others of the role, or the rule's own figure; null: nothing to compare with
    measured.threshold, -- from where on the rule speaks; null: a share with nobody to compare with
    measured.low, -- lower bound of the 99 % interval of the share, which is what must exceed the threshold
    measured.p_value, -- adjusted for all reps and days of the period; null: the rule has none
    measured.suspects >= measured.wanted
        and (measured.test <> 'share' or coalesce(measured.low > measured.threshold, false)) as is_flagged -- true: a flag
from measured
