-- segments: which groups of a role may be told of, so that no difference between two tables tells of fewer than five people
-- grain: one row a scored rep, period, role and kind of group
-- key: rep_id, period, role, segment_kind
-- signal: groups are compared, people are not found out
-- owner: revenue operations
-- not_null: rep_id, period, role, segment_kind, is_shown
-- checks: shown_has_a_name: not is_shown or segment is not null
--    kinds: segment_kind in ('region', 'team', 'shift')
-- gaming: none of its own
-- changed: 2026-12-01 first version
with people as (
    select
        rep_scores.rep_id,
        rep_scores.period,
        rep_scores.role,
        rep_periods.region,
        rep_periods.team,
        rep_periods.shift
    from scores.rep_scores
    join core.rep_periods
        on rep_periods.rep_id = rep_scores.rep_id
        and rep_periods.period = rep_scores.period
        and rep_periods.role = rep_scores.role
    where rep_scores.score is not null
),
grouped as (
    select people.rep_id, people.period, people.role, 'region' as segment_kind, people.region as segment from people
    union all
    select people.rep_id, people.period, people.role, 'team' as segment_kind, people.team as segment from people
    union all
    select people.rep_id, people.period, people.role, 'shift' as segment_kind, people.shift as segment from people
),
sized as (
    select
        grouped.period,
        grouped.role,
        grouped.segment_kind,
        grouped.segment,
        count(*) as people,
        grouped.segment is not null and count(*) >= 5 as is_large
    from grouped
    group by
        grouped.period,
        grouped.role,
        grouped.segment_kind,
        grouped.segment
),
ranked as (
    select
        sized.period,
        sized.role,
        sized.segment_kind,
        sized.segment,
        sized.is_large,
        sum(case when sized.is_large then 0 else sized.people end) over (partition by sized.period, sized.role, sized.segment_kind) as people_hidden,
        row_number() over (
            partition by sized.period, sized.role, sized.segment_kind, sized.is_large
            order by sized.people, sized.segment
        ) as place
    from sized
),
-- What is left of the role when all shown groups are taken off it is nobody, or five people at least.
open_groups as (
    select
        ranked.period,
        ranked.role,
        ranked.segment_kind,
        ranked.segment
    from ranked
    where ranked.is_large
        and not (ranked.people_hidden between 1 and 4 and ranked.place = 1)
),
classed as (
    select
        grouped.rep_id,
        grouped.period,
        grouped.role,
        grouped.segment_kind,
        grouped.segment,
        coalesce(open_groups.segment, '') as class
    from grouped
    left join open_groups
        on open_groups.period = grouped.period
        and open_groups.role = grouped.role
        and open_groups.segment_kind = grouped.segment_kind
        and open_groups.segment = grouped.segment
),
crossed as (
    select
        classed.rep_id,
        classed.period,
        classed.role,
        max(case when classed.segment_kind = 'region' then classed.class end) as region,
        max(case when classed.segment_kind = 'team' then classed.class end) as team,
        max(case when classed.segment_kind = 'shift' then classed.class end) as shift
    from classed
    group by
        classed.rep_id,
        classed.period,
        classed.role
),
-- Two ways of grouping are shown together only when every cell of both has five people: all that can be
-- computed from them is a sum of such cells.
by_team as (
    select crossed.period, crossed.role, crossed.region, crossed.team, count(*) as people
    from crossed
    group by crossed.period, crossed.role, crossed.region, crossed.team
),
teams as (
    select by_team.period, by_team.role, min(by_team.people) >= 5 as is_safe
    from by_team
    group by by_team.period, by_team.role
),
by_shift as (
    select
        crossed.period,
        crossed.role,
        crossed.region,
        case when teams.is_safe then crossed.team else '' end as team,
        crossed.shift,
        count(*) as people
    from crossed
    join teams
        on teams.period = crossed.period
        and teams.role = crossed.role
    group by
        crossed.period,
        crossed.role,
        crossed.region,
        case when teams.is_safe then crossed.team else '' end,
        crossed.shift
),
shifts as (
    select by_shift.period, by_shift.role, min(by_shift.people) >= 5 as is_safe
    from by_shift
    group by by_shift.period, by_shift.role
)
select
    classed.rep_id, -- the company's own id of the person
    classed.period, -- fiscal year and quarter
    classed.role, -- a role of plan.yml
    classed.segment_kind, -- region, team or shift
    classed.segment, -- which one; null: none
    classed.class <> ''
        and case classed.segment_kind
            when 'region' then true
            when 'team' then teams.is_safe
            else shifts.is_safe
        end as is_shown -- true: the group may be told of; false: it, or what its difference to others would tell of, has fewer than five people
from classed
join teams
    on teams.period = classed.period
    and teams.role = classed.role
join shifts
    on shifts.period = classed.period
    and shifts.role = classed.role
