-- users: everyone who can own or change a record at the CRM, the inactive and archived ones too
-- key: source, user_id
create table staging.users (
    source varchar not null, -- the source's name in merit.yml
    user_id varchar not null, -- the CRM's id of the user as records name it (Salesforce User.Id, HubSpot owner id)
    name varchar, -- first and last name
    email varchar, -- lower case
    team varchar, -- the user's team or role at the CRM today
    is_active boolean not null -- false: deactivated or archived
);
