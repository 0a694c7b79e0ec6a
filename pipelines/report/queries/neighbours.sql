with latest as (
    select leaderboard_neighbours.viewer_id, leaderboard_neighbours.board, max(leaderboard_neighbours.starts_on) as starts_on
    from marts.leaderboard_neighbours
    join recognition.spans
        on spans.span = leaderboard_neighbours.span
        and spans.starts_on = leaderboard_neighbours.starts_on
    where spans.is_closed
    group by leaderboard_neighbours.viewer_id, leaderboard_neighbours.board
)
select leaderboard_neighbours.viewer_id, leaderboard_neighbours.board, leaderboard_neighbours.starts_on, leaderboard_neighbours.cohort, leaderboard_neighbours.metric,
    leaderboard_neighbours.rank, leaderboard_neighbours.cohort_people, leaderboard_neighbours.name, leaderboard_neighbours.percent_of_goal, leaderboard_neighbours.is_viewer
from marts.leaderboard_neighbours
join latest
    on latest.viewer_id = leaderboard_neighbours.viewer_id
    and latest.board = leaderboard_neighbours.board
    and latest.starts_on = leaderboard_neighbours.starts_on
order by leaderboard_neighbours.viewer_id, leaderboard_neighbours.board, leaderboard_neighbours.place
