-- quarterly_review: what a review of the programme goes through, quarter by quarter, with the verdict of each and what needs somebody
-- grain: one row a quarter, topic and subject; what is told of all quarters together stands with the newest that has begun
-- key: period, topic, subject
-- signal: a review that begins with what has to be decided
-- owner: revenue operations
-- not_null: period, topic, subject, is_running, verdict, needs_decision, text, computed_at
-- checks: topics: topic in ('scores', 'objectives', 'validity', 'fairness', 'same at the top', 'shared changes', 'coaching', 'training', 'pilots', 'diagnosis', 'flags', 'drift')
-- gaming: none of its own; each row stands in the table of its topic with its interval and its sample
-- changed: 2026-12-01 first version
with newest as (
    select
        max(periods.period) as period
    from plan.periods
    where periods.starts_at <= fn.as_of()
),
scored as (
    select
        rep_scores.period,
        count(*) as people,
        sum(case when rep_scores.tier is not null then 1 else 0 end) as with_tier
    from scores.rep_scores
    where rep_scores.score is not null
    group by
        rep_scores.period
),
coached as (
    select
        coaching_coverage.period,
        count(*) as people,
        sum(case when coaching_coverage.is_covered then 1 else 0 end) as covered
    from marts.coaching_coverage
    where coaching_coverage.topic = 'all topics'
    group by
        coaching_coverage.period
),
flagged as (
    select
        flags.period,
        count(*) as all_flags,
        sum(case when flags.state in ('open', 'reopened') then 1 else 0 end) as waiting,
        sum(case when flags.state in ('open', 'reopened') and flags.severity = 'high' then 1 else 0 end) as holding,
        sum(case when flags.state = 'confirmed' then 1 else 0 end) as confirmed
    from marts.flags
    group by
        flags.period
),
-- Of what is looked at by the hundred only what has to be looked at is a row, and how much there was.
looked as (
    select
        fairness.period,
        count(*) as looked_at,
        sum(case when fairness.verdict = 'look' then 1 else 0 end) as odd,
        sum(case when fairness.verdict in ('cannot be told', 'too few to say') then 1 else 0 end) as untold
    from marts.fairness
    group by
        fairness.period
),
drifted as (
    select
        drift.period,
        count(*) as looked_at,
        sum(case when drift.verdict = 'drifted' and not drift.is_accepted then 1 else 0 end) as odd,
        sum(case when drift.verdict = 'cannot be told' then 1 else 0 end) as untold
    from marts.drift
    group by
        drift.period
),
told as (
    select
        scored.period,
        'scores' as topic,
        'everybody' as subject,
        case when scored.people >= 5 then 'told' else 'cannot be told' end as verdict,
        false as needs_decision,
        case
            when scored.people < 5 then 'Fewer than five people have a score: nothing is told of them.'
            else cast(scored.with_tier as string) || ' of ' || cast(scored.people as string) || ' scores reached a tier, between '
                || fn.digits(cast(100 * fn.wilson_low(scored.with_tier, scored.people) as numeric(38, 9)), 1) || ' and '
                || fn.digits(cast(100 * fn.wilson_high(scored.with_tier, scored.people) as numeric(38, 9)), 1) || ' %.'
        end as text
    from scored
    union all
    select
        okr_alignment.period,
        'objectives' as topic,
        okr_alignment.okr || ': ' || okr_alignment.metric as subject,
        okr_alignment.verdict,
        okr_alignment.verdict in ('missed', 'behind') as needs_decision,
        okr_alignment.text
    from marts.okr_alignment
    union all
    select
        newest.period,
        'validity' as topic,
        metric_validity.role || ': ' || metric_validity.metric || ', then ' || metric_validity.outcome as subject,
        metric_validity.verdict,
        metric_validity.verdict = 'goes against it' as needs_decision,
        metric_validity.text
    from marts.metric_validity
    cross join newest
    union all
    select
        looked.period,
        'fairness' as topic,
        'everything' as subject,
        case when looked.odd > 0 then 'look' when looked.untold = looked.looked_at then 'cannot be told' else 'fine' end as verdict,
        looked.odd > 0 as needs_decision,
        cast(looked.odd as string) || ' of ' || cast(looked.looked_at as string) || ' measures have to be looked at; of ' || cast(looked.untold as string) || ' nothing can be told.' as text
    from looked
    union all
    select
        fairness.period,
        'fairness' as topic,
        fairness.role || ', ' || fairness.segment_kind || ' ' || fairness.segment || ': ' || fairness.measure as subject,
        fairness.verdict,
        true as needs_decision,
        fairness.text
    from marts.fairness
    where fairness.verdict = 'look'
    union all
    select
        top_persistence.period,
        'same at the top' as topic,
        top_persistence.role || ': ' || top_persistence.board as subject,
        top_persistence.verdict,
        top_persistence.verdict = 'rotate' as needs_decision,
        top_persistence.text
    from marts.top_persistence
    union all
    select
        common_changes.period,
        'shared changes' as topic,
        common_changes.role || ': ' || common_changes.metric as subject,
        case when common_changes.middle_change < 0 then 'fell' else 'rose' end as verdict,
        common_changes.middle_change < 0 as needs_decision,
        common_changes.text
    from marts.common_changes
    where common_changes.is_common
    union all
    select
        coached.period,
        'coaching' as topic,
        'everybody' as subject,
        case when coached.people >= 5 then 'told' else 'cannot be told' end as verdict,
        coached.people >= 5 and 2 * coached.covered < coached.people as needs_decision,
        case
            when coached.people < 5 then 'Fewer than five people: nothing is told of them.'
            else cast(coached.covered as string) || ' of ' || cast(coached.people as string) || ' people had a session.'
        end as text
    from coached
    union all
    select
        newest.period,
        'coaching' as topic,
        coaching_effect.topic || ': ' || coaching_effect.metric as subject,
        coaching_effect.verdict,
        coaching_effect.verdict = 'worse' as needs_decision,
        coaching_effect.why as text
    from marts.coaching_effect
    cross join newest
    union all
    select
        newest.period,
        'training' as topic,
        training_effect.module || ': ' || training_effect.metric as subject,
        training_effect.verdict,
        training_effect.verdict = 'worse' as needs_decision,
        training_effect.why as text
    from marts.training_effect
    cross join newest
    union all
    select
        newest.period,
        'pilots' as topic,
        pilot.pilot || ': ' || pilot.metric as subject,
        pilot.verdict,
        not pilot.is_running as needs_decision,
        pilot.text
    from marts.pilot
    cross join newest
    union all
    select
        newest.period,
        'diagnosis' as topic,
        program_diagnosis.sign as subject,
        program_diagnosis.points_to as verdict,
        program_diagnosis.points_to in ('motivation', 'system') as needs_decision,
        program_diagnosis.evidence as text
    from marts.program_diagnosis
    cross join newest
    union all
    select
        flagged.period,
        'flags' as topic,
        'everybody' as subject,
        case when flagged.waiting > 0 then 'waiting' else 'decided' end as verdict,
        flagged.waiting > 0 as needs_decision,
        cast(flagged.all_flags as string) || ' flags: ' || cast(flagged.waiting as string) || ' wait for a decision, of which ' || cast(flagged.holding as string)
            || ' hold a payout line; ' || cast(flagged.confirmed as string) || ' were confirmed.' as text
    from flagged
    union all
    select
        drifted.period,
        'drift' as topic,
        'everything' as subject,
        case when drifted.odd > 0 then 'drifted' when drifted.untold = drifted.looked_at then 'cannot be told' else 'stable' end as verdict,
        drifted.odd > 0 as needs_decision,
        cast(drifted.odd as string) || ' of ' || cast(drifted.looked_at as string) || ' distributions drifted and nobody has accepted it; of '
            || cast(drifted.untold as string) || ' nothing can be told.' as text
    from drifted
    union all
    select
        drift.period,
        'drift' as topic,
        drift.kind || ': ' || drift.subject as subject,
        drift.verdict,
        true as needs_decision,
        drift.why as text
    from marts.drift
    where drift.verdict = 'drifted'
        and not drift.is_accepted
)
select
    told.period, -- fiscal year and quarter
    told.topic, -- scores, objectives, validity, fairness, same at the top, shared changes, coaching, training, pilots, diagnosis, flags or drift
    told.subject, -- of which: everybody, everything, or what the topic's own table calls it
    periods.ends_at > fn.as_of() as is_running, -- true: the quarter is not over, and what is said of it may change
    told.verdict, -- as the topic's own table has it
    told.needs_decision, -- true: somebody should decide what follows
    told.text, -- the numbers behind it, in a sentence
    fn.as_of() as computed_at -- the instant that the numbers speak of
from told
join plan.periods
    on periods.period = told.period
