-- deal_credits: who shares in a deal and by how much: splits, and roles on its team that earn
-- key: source, credit_id
create table staging.deal_credits (
    source varchar not null, -- the source's name in merit.yml
    credit_id varchar not null, -- the CRM's id, or made of (deal, user, kind) where it has none
    deal_id varchar not null, -- the deal
    user_id varchar not null, -- whose credit it is
    kind varchar not null, -- split: a share that the CRM keeps to 100 with the others of the deal; team: a role on the deal's team
    role varchar, -- the team role or the kind of split, as the CRM says it
    weight numeric(38, 9), -- percent of the deal as it is written, 0..100; null: an equal share. Models scale a deal's weights to sum 1
    created_at timestamp with time zone, -- when it was first written down
    changed_at timestamp with time zone, -- its last change; after the deal's close it is looked at
    is_deleted boolean not null -- true: taken away
);
