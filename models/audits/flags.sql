-- flags: patterns that somebody has to look at, what was decided on them, and what a confirmation would change
-- grain: one row a flag
-- key: flag_id
-- signal: what waits for a decision, with the evidence and the price of it
-- owner: revenue operations
-- not_null: flag_id, rule, rep_id, role, period, opened_for, severity, suspects, looked_at, added, state, why
-- checks: states: state in ('open', 'confirmed', 'dismissed', 'reopened')
--    decided_by_somebody: state in ('open', 'reopened') or decided_by is not null
-- gaming: records added after a dismissal; they open the flag again
-- changed: 2026-11-30 first version
with added as (
    select
        flag_records.flag_id,
        sum(case when flag_records.is_decided then 0 else 1 end) as records
    from audits.flag_records
    group by flag_records.flag_id
),
rescored as (
    select
        1 as place,
        rep_scores.rep_id,
        rep_scores.period,
        rep_scores.role,
        rep_scores.score,
        rep_scores.tier,
        rep_scores.multiplier
    from if_first_confirmed.rep_scores
    union all
    select
        2 as place,
        rep_scores.rep_id,
        rep_scores.period,
        rep_scores.role,
        rep_scores.score,
        rep_scores.tier,
        rep_scores.multiplier
    from if_second_confirmed.rep_scores
    union all
    select
        3 as place,
        rep_scores.rep_id,
        rep_scores.period,
        rep_scores.role,
        rep_scores.score,
        rep_scores.tier,
        rep_scores.multiplier
    from if_third_confirmed.rep_scores
),
judged as (
    select
        flagged.flag_id,
        flagged.rule,
        flagged.rep_id,
        flagged.role,
        flagged.period,
        flagged.opened_for,
        flagged.span,
        flagged.severity,
        flagged.suspects,
        flagged.looked_at,
        flagged.measure,
        flagged.usual,
        flagged.threshold,
        flagged.p_value,
        rule_definitions.title,
        rule_definitions.test,
        flag_decisions.decided_on,
        flag_decisions.decided_by,
        flag_decisions.reason,
        case when flag_decisions.flag_id is null then 0 else coalesce(added.records, 0) end as added,
        case
            when flag_decisions.flag_id is null then 'open'
            when flag_decisions.decision = 'reopened' or added.records > 0 then 'reopened'
            else flag_decisions.decision
        end as state
    from audits.flagged
    join audits.rule_definitions
        on rule_definitions.rule = flagged.rule
    left join plan.flag_decisions
        on flag_decisions.flag_id = flagged.flag_id
    left join added
        on added.flag_id = flagged.flag_id
)
select
    judged.flag_id, -- the rule, and a hash of the rep and the day or period that it speaks of; records that join later do not change it
    judged.rule, -- the rule, a model of audits
    judged.rep_id, -- the company's own id of the person
    judged.role, -- the role held then
    judged.period, -- fiscal year and quarter
    judged.opened_for, -- the day, or the first day of the period, that it speaks of
    judged.severity, -- high holds the payout line until somebody has looked; look does not
    judged.suspects, -- suspicious records
    judged.looked_at, -- records of the kind
    judged.measure, -- a share of the records looked at, their number, or the rule's own figure
    judged.usual, -- what is usual; null: nothing to compare with
    judged.threshold, -- from where on the rule speaks
    judged.p_value, -- adjusted for all reps and days of the period; null: the rule has none
    judged.title || ': ' || cast(judged.suspects as string) || ' of ' || cast(judged.looked_at as string) || case
        when judged.test = 'share' then ' records, ' || fn.digits(cast(100 * judged.measure as numeric(18, 6)), 1)
            || ' % where ' || fn.digits(cast(100 * judged.usual as numeric(18, 6)), 1) || ' % is usual in the role'
        when judged.test = 'count' then ' records that day'
        else ', ' || coalesce(
            fn.digits(cast(round(judged.measure, 2) as numeric(18, 6)), 2) || ' where '
                || fn.digits(cast(round(judged.usual, 2) as numeric(18, 6)), 2) || ' is usual',
            'far from what is usual'
        )
    end as why, -- a sentence for people
    judged.state, -- open, confirmed, dismissed, or reopened: by a steward, or by records that nobody has decided on
    judged.decided_on, -- day of the last decision; null: none yet
    judged.decided_by, -- whose key signed it
    judged.reason, -- theirs
    cast(judged.added as bigint) as added, -- suspicious records since the decision
    rep_scores.score, -- as it stands
    rep_scores.tier, -- as it stands
    rescored.score as score_if_confirmed, -- without the evidence of this flag; null: it takes no evidence out, has been decided, or three other flags of the rep come first
    rescored.tier as tier_if_confirmed, -- likewise
    rescored.multiplier as multiplier_if_confirmed -- likewise, of the bonus target
from judged
left join audits.flag_places
    on flag_places.flag_id = judged.flag_id
left join rescored
    on rescored.place = flag_places.place
    and rescored.rep_id = judged.rep_id
    and rescored.period = judged.period
    and rescored.role = judged.role
left join scores.rep_scores
    on rep_scores.rep_id = judged.rep_id
    and rep_scores.period = judged.period
    and rep_scores.role = judged.role
