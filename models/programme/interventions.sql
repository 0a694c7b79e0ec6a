-- interventions: what was done to better somebody's metric: coaching sessions, and modules of the plan's map
-- grain: one row a session or completed module, and the metric that it was to better
-- key: kind, source, intervention_id, metric
-- signal: what to look four weeks after
-- owner: sales management
-- not_null: kind, source, intervention_id, rep_id, topic, metric, held_on
-- gaming: none of its own
-- changed: 2026-12-01 first version
with topics as (
    select
        coaching_topics.metric,
        coaching_topics.module
    from plan.coaching_topics
    where coaching_topics.module is not null
    group by
        coaching_topics.metric,
        coaching_topics.module
),
done as (
    select
        'coaching' as kind,
        coaching.source,
        coaching.session_id as intervention_id,
        rep_identifiers.rep_id,
        coalesce(coaching.topic, 'no topic') as topic,
        coaching.metric,
        fn.day(coaching.held_at) as held_on
    from staging.coaching
    join core.rep_identifiers
        on rep_identifiers.source = coaching.source
        and rep_identifiers.user_key = coaching.user_key
    where coaching.metric is not null
    union all
    select
        'training' as kind,
        learning.source,
        learning.learning_id as intervention_id,
        rep_identifiers.rep_id,
        learning.module as topic,
        topics.metric,
        fn.day(learning.completed_at) as held_on
    from staging.learning
    join core.rep_identifiers
        on rep_identifiers.source = learning.source
        and rep_identifiers.user_key = learning.user_key
    join topics
        on topics.module = learning.module
    where learning.completed_at is not null
)
select
    done.kind, -- coaching or training
    done.source, -- the source's name in merit.yml
    done.intervention_id, -- the session's or the module's id there
    done.rep_id, -- whom it was for
    done.topic, -- of the session, or the module
    done.metric, -- that it was to better: as the session says, or the plan's map of topics
    done.held_on -- when; the four weeks after it are over
from done
where fn.date_after(done.held_on, 28) < fn.today()
