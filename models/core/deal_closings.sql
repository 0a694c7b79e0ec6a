-- deal_closings: since when each deal that was ever closed is won, or lost, without a break, as its history tells
-- grain: one row a deal that has been in a closed stage
-- key: source, deal_id
-- signal: in which period a deal was won; every other model takes it from core.deals
-- owner: finance
-- not_null: source, deal_id, is_won, entered_at, is_born_closed
-- gaming: a deal moved from one won stage to another, or entered as already won, to be won again in a later period; it stays won since the first, and born closed ones are named in marts.data_quality
-- changed: 2026-12-01 first version
with visits as (
    select
        stage_visits.source,
        stage_visits.deal_id,
        stage_visits.visit_number,
        stage_visits.change_id,
        stage_visits.is_closed,
        stage_visits.is_won,
        stage_visits.entered_at,
        lag(stage_visits.is_closed) over history as was_closed,
        lag(stage_visits.is_won) over history as was_won
    from core.stage_visits
    window history as (
        partition by stage_visits.source, stage_visits.deal_id
        order by stage_visits.visit_number
    )
),
-- From one won stage to another a deal stays won, since when it was so first.
closings as (
    select
        visits.source,
        visits.deal_id,
        visits.visit_number,
        visits.change_id,
        visits.is_won,
        visits.entered_at,
        row_number() over (
            partition by visits.source, visits.deal_id
            order by visits.visit_number desc
        ) as place
    from visits
    where visits.is_closed
        and not coalesce(visits.was_closed and visits.was_won = visits.is_won, false)
)
select
    closings.source, -- the source's name in merit.yml
    closings.deal_id, -- the deal
    closings.is_won, -- true: won; false: lost
    closings.entered_at, -- when it came into the first stage of the unbroken run; of a deal without history, its closing or its close date
    closings.visit_number = 1 and closings.change_id is not null as is_born_closed -- true: its oldest known row is closed already, as when it was brought from another system: it was closed by then, not then
from closings
where closings.place = 1
