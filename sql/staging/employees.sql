-- employees: who works here as the personnel office has it: hired when, as what, for whom
-- key: source, employee_id, valid_from
create table staging.employees (
    source varchar not null, -- the source's name in merit.yml
    employee_id varchar not null, -- the company's own id of the person, the roster's rep_id
    email varchar, -- lower case
    name varchar, -- first and last name
    role varchar, -- job, as the office says it
    team varchar, -- for pools and boards
    region varchar, -- for fairness and boards
    manager_id varchar, -- employee_id of the manager
    hired_on date, -- first working day
    left_on date, -- last working day; null: still here
    valid_from date not null, -- first day of this row
    valid_to date -- last day of this row; null: still
);
