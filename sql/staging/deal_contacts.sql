-- deal_contacts: who at the account takes part in a deal, and in which role
-- key: source, deal_id, contact_id
create table staging.deal_contacts (
    source varchar not null, -- the source's name in merit.yml
    deal_id varchar not null, -- the deal
    contact_id varchar not null, -- the person
    role varchar, -- decision maker, champion …; null: linked without a role
    is_primary boolean not null -- the main contact of the deal
);
