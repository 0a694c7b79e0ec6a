-- leaderboard_neighbours: what each person sees of a board: two above, oneself, two below
-- grain: one row a board, span, viewer and person seen
-- key: board, span, starts_on, viewer_id, rep_id
-- signal: the next one is within reach; the last one is nobody's business
-- owner: sales management
-- not_null: board, span, starts_on, viewer_id, rep_id, name, cohort, metric, percent_of_goal, rank, cohort_people, place, is_viewer
-- checks: five_at_most: place >= 1 and place <= 5
-- gaming: none; it shows less than marts.leaderboards does, for row-level security by viewer_id
-- changed: 2026-12-01 first version
with lined_up as (
    select
        leaderboards.board,
        leaderboards.span,
        leaderboards.starts_on,
        leaderboards.cohort,
        leaderboards.rep_id,
        leaderboards.name,
        leaderboards.metric,
        leaderboards.percent_of_goal,
        leaderboards.rank,
        leaderboards.cohort_people,
        leaderboards.is_own_cohort,
        row_number() over (
            partition by leaderboards.board, leaderboards.span, leaderboards.starts_on, leaderboards.cohort
            order by leaderboards.rank, leaderboards.rep_id
        ) as position
    from marts.leaderboards
    where leaderboards.is_ranked
)
select
    viewers.board, -- as the plan calls it
    viewers.span, -- week or month
    viewers.starts_on, -- the span's first day
    viewers.rep_id as viewer_id, -- who sees it
    seen.rep_id, -- who is seen
    seen.name, -- as statements show it
    viewers.cohort, -- role, region and shift that are compared
    viewers.metric, -- whose turn it is
    seen.percent_of_goal, -- of the own goal of who is seen
    seen.rank, -- 1, 2, 2, 4
    seen.cohort_people, -- who are ranked
    cast(row_number() over (
        partition by viewers.board, viewers.span, viewers.starts_on, viewers.rep_id
        order by seen.position
    ) as bigint) as place, -- from the top of what is seen
    seen.rep_id = viewers.rep_id as is_viewer -- true: oneself
from lined_up as viewers
join lined_up as seen
    on seen.board = viewers.board
    and seen.span = viewers.span
    and seen.starts_on = viewers.starts_on
    and seen.cohort = viewers.cohort
    and seen.position between viewers.position - 2 and viewers.position + 2
where viewers.is_own_cohort
