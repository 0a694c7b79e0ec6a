-- coaching_map: who would be helped by which topic, module or play
-- grain: one row a rep, metric below its threshold and topic of the plan, in the running quarter
-- key: rep_id, metric, topic
-- signal: what to work on next, and with what
-- owner: sales management
-- not_null: rep_id, period, role, metric, topic, value, below, is_learned, why
-- gaming: a module clicked through; marts.coaching_effect and marts.learning_retention tell what stayed
-- changed: 2026-12-01 first version
with today as (
    select
        rep_days.rep_id,
        rep_days.role,
        rep_days.period
    from recognition.rep_days
    where rep_days.day_on = fn.today()
        and rep_days.period is not null
),
learned as (
    select
        rep_identifiers.rep_id,
        learning.module,
        max(learning.completed_at) as completed_at
    from staging.learning
    join core.rep_identifiers
        on rep_identifiers.source = learning.source
        and rep_identifiers.user_key = learning.user_key
    where learning.completed_at <= fn.as_of()
    group by
        rep_identifiers.rep_id,
        learning.module
),
held as (
    select
        today.rep_id,
        today.period,
        today.role,
        coaching_topics.metric,
        coaching_topics.topic,
        coaching_topics.module,
        coaching_topics.play,
        metric_definitions.title,
        metric_definitions.better,
        measures.value,
        coalesce(coaching_topics.below, metrics.floor_value) as below,
        coaching_topics.below is null as is_floor
    from today
    join plan.coaching_topics
        on coaching_topics.period = today.period
    join scores.metric_definitions
        on metric_definitions.metric = coaching_topics.metric
    join scores.measures
        on measures.rep_id = today.rep_id
        and measures.period = today.period
        and measures.role = today.role
        and measures.metric = coaching_topics.metric
    left join plan.metrics
        on metrics.period = today.period
        and metrics.role = today.role
        and metrics.metric = coaching_topics.metric
    where measures.value is not null
        and measures.samples > 0
)
select
    held.rep_id, -- the company's own id of the person
    held.period, -- the running quarter
    held.role, -- the role held today
    held.metric, -- what is to get better
    held.topic, -- as sessions and modules call it
    held.value, -- what it comes to so far
    held.below, -- from where on the topic is suggested: the plan's word, or the floor of the role
    held.module, -- a learning module; null: the plan names none
    held.play, -- the address of a play; null: the plan names none
    learned.completed_at, -- when the module was completed last; null: not yet, or there is none
    learned.completed_at is not null as is_learned, -- true: the module is completed, and the metric is low all the same
    held.title || ' is ' || fn.digits(held.value, 2) || case when held.better = 'lower' then ', above ' else ', below ' end
        || case when held.is_floor then 'the floor ' else 'what the plan asks for, ' end || fn.digits(held.below, 2) || '; the plan maps it to ' || held.topic
        || case when learned.completed_at is not null then '; the module was completed on ' || cast(fn.day(learned.completed_at) as string) else '' end as why -- in a sentence
from held
left join learned
    on learned.rep_id = held.rep_id
    and learned.module = held.module
where case when held.better = 'lower' then held.value > held.below else held.value < held.below end
