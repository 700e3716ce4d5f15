-- Hours: a row per month, person, customer and project.
select
    hours.month,
    hours.user_id,
    max(hours.user_name) as user_name,
    hours.customer_id,
    max(hours.customer_name) as customer_name,
    hours.project_id,
    max(hours.project_name) as project_name,
    count(*) as time_logs,
    {{ exact('sum(hours.worked_hours)') }} as worked_hours,
    {{ exact('sum(hours.absence_hours)') }} as absence_hours,
    {{ exact('sum(hours.invoiceable_hours)') }} as invoiceable_hours,
    {{ exact('sum(hours.invoiced_hours)') }} as invoiced_hours,
    {{ exact('sum(hours.invoiceable_amount)') }} as invoiceable_amount,
    {{ exact('sum(hours.invoiced_amount)') }} as invoiced_amount,
    {{ exact('sum(hours.cost)') }} as cost
from {{ ref('seventime_hours') }} as hours
group by hours.month, hours.user_id, hours.customer_id, hours.project_id
