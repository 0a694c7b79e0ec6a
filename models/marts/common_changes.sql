-- common_changes: what rose or fell for a role as a whole, in one sentence for all
-- grain: one row a period, role and metric, and one for the score, of which at least five people have both quarters
-- key: period, role, metric
-- signal: a fall of everybody is told once, and of nobody in particular
-- owner: sales management
-- not_null: period, role, metric, people, fell, rose, middle_change, is_common, text, computed_at
-- checks: a_group: people >= 5
-- gaming: none of its own
-- changed: 2026-12-01 first version
select
    common_changes.period, -- fiscal year and quarter
    common_changes.role, -- a role of plan.yml
    common_changes.metric, -- the metric's name, or score
    common_changes.people, -- with a value in this quarter and the one before
    common_changes.fell, -- whose attainment, or score, is lower than the quarter before
    common_changes.rose, -- whose is higher
    common_changes.middle as middle_change, -- of the one in the middle, in points of attainment or of the score
    common_changes.low, -- lower bound of the 95 % interval of the share that moved the way of the middle
    common_changes.high, -- its upper bound
    common_changes.is_common, -- true: more than half moved that way, beyond chance, and the middle by a point or more
    case
        when common_changes.is_common
            then replace(common_changes.metric, '_', ' ') || case when common_changes.middle < 0 then ' fell' else ' rose' end || ' for '
                || cast(case when common_changes.middle < 0 then common_changes.fell else common_changes.rose end as string) || ' of '
                || cast(common_changes.people as string) || ' people, by ' || fn.digits(cast(abs(common_changes.middle) as numeric(38, 9)), 2)
                || ' in the middle: something common to all is behind it.'
        else replace(common_changes.metric, '_', ' ') || ' fell for ' || cast(common_changes.fell as string) || ' and rose for '
            || cast(common_changes.rose as string) || ' of ' || cast(common_changes.people as string)
            || ' people: that it moved for the role as a whole cannot be told.'
    end as text, -- the same in a sentence
    fn.as_of() as computed_at -- the instant that the numbers speak of
from programme.common_changes
where common_changes.people >= 5
