-- week_levels: each week of a person beside what was usual in the twelve own weeks before the last three
-- grain: one row a rep, role, kind of sign and week that has fifteen own weeks before it
-- key: rep_id, role, kind, week_on
-- signal: what is usual is the person's own
-- owner: sales management
-- not_null: rep_id, role, kind, week_on, number, value, scaled, usual, spread, level
-- checks: spread_is_some: spread > 0
-- gaming: a slow fall takes the usual down with it; marts.adoption shows the long run
-- changed: 2026-12-01 first version
with signs as (
    select
        rep_weeks.rep_id,
        rep_weeks.role,
        rep_weeks.week_on,
        rep_weeks.number,
        'activity' as kind,
        fn.ratio(5 * rep_weeks.activities, rep_weeks.working_days) as value,
        -- The root of a count spreads as much whether it is large or small (Anscombe).
        sqrt(fn.ratio(5 * rep_weeks.activities, rep_weeks.working_days) + 0.375) as scaled
    from programme.rep_weeks
    union all
    select
        rep_weeks.rep_id,
        rep_weeks.role,
        rep_weeks.week_on,
        rep_weeks.number,
        'active days' as kind,
        fn.smaller(fn.ratio(5 * rep_weeks.active_days, rep_weeks.working_days), cast(5 as double)) as value,
        fn.smaller(fn.ratio(5 * rep_weeks.active_days, rep_weeks.working_days), cast(5 as double)) as scaled
    from programme.rep_weeks
),
windows as (
    select
        signs.rep_id,
        signs.role,
        signs.kind,
        signs.number,
        earlier.scaled,
        row_number() over (partition by signs.rep_id, signs.role, signs.kind, signs.number order by earlier.scaled, earlier.number) as place
    from signs
    join signs as earlier
        on earlier.rep_id = signs.rep_id
        and earlier.role = signs.role
        and earlier.kind = signs.kind
        and earlier.number between signs.number - 15 and signs.number - 4
    where signs.number > 15
),
middles as (
    select
        windows.rep_id,
        windows.role,
        windows.kind,
        windows.number,
        0.5 * fn.total(sum(fn.addend(case when windows.place in (6, 7) then windows.scaled else 0 end))) as usual
    from windows
    group by
        windows.rep_id,
        windows.role,
        windows.kind,
        windows.number
),
distances as (
    select
        windows.rep_id,
        windows.role,
        windows.kind,
        windows.number,
        middles.usual,
        abs(windows.scaled - middles.usual) as distance,
        row_number() over (
            partition by windows.rep_id, windows.role, windows.kind, windows.number
            order by abs(windows.scaled - middles.usual), windows.place
        ) as place
    from windows
    join middles
        on middles.rep_id = windows.rep_id
        and middles.role = windows.role
        and middles.kind = windows.kind
        and middles.number = windows.number
),
spreads as (
    select
        distances.rep_id,
        distances.role,
        distances.kind,
        distances.number,
        distances.usual,
        1.4826 * 0.5 * fn.total(sum(fn.addend(case when distances.place in (6, 7) then distances.distance else 0 end))) as spread
    from distances
    group by
        distances.rep_id,
        distances.role,
        distances.kind,
        distances.number,
        distances.usual
)
select
    signs.rep_id, -- the company's own id of the person
    signs.role, -- the role held
    signs.kind, -- activity (logged in a week of five working days) or active days (of five)
    signs.week_on, -- the Monday
    signs.number, -- of the person's own weeks
    signs.value, -- in this week
    signs.scaled, -- of activity the root of value + 0.375, of days the value
    case when signs.kind = 'activity' then spreads.usual * spreads.usual - 0.375 else spreads.usual end as usual, -- the middle of the twelve own weeks before the last three
    -- Twelve weeks tell a spread badly: it is never less than honest people's, whose counts spread 1.4 times as much as chance alone.
    fn.larger(
        spreads.spread,
        case when signs.kind = 'activity' then cast(0.7 as double) else cast(1 as double) end
    ) as spread, -- a usual distance from it, as scaled: 1.4826 × the middle distance, at least what honest people have
    coalesce(
        fn.ratio(signs.value, case when signs.kind = 'activity' then spreads.usual * spreads.usual - 0.375 else spreads.usual end),
        1
    ) as level -- value ÷ usual
from signs
join spreads
    on spreads.rep_id = signs.rep_id
    and spreads.role = signs.role
    and spreads.kind = signs.kind
    and spreads.number = signs.number
