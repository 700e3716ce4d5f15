-- Fails where the months do not hold every time log once.
select counted.time_logs, listed.time_logs as time_logs_there_are
from (select coalesce(sum(time_logs), 0) as time_logs from {{ ref('seventime_hours_by_month') }}) as counted
cross join (select count(*) as time_logs from {{ source('seventime', 'time_logs') }}) as listed
where counted.time_logs <> listed.time_logs
