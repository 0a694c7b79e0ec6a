{{ config(materialized='table') }}
select cast(d as date) as day from range(date '2020-01-01', date '2041-01-01', interval 1 day) as t(d)
