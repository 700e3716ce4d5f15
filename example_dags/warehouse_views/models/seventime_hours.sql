-- Hours: a row per time log, with the names of where it was worked and what it is worth.
select
    time_logs.id as time_log_id,
    {{ swedish_date('time_logs.timestamp') }} as work_date,
    {{ month_of(swedish_date('time_logs.timestamp')) }} as month,
    time_logs.user as user_id,
    time_logs.user_name,
    time_logs.customer as customer_id,
    customers.name as customer_name,
    time_logs.project as project_id,
    projects.name as project_name,
    time_logs.work_order as work_order_id,
    time_logs.time_category as time_category_id,
    time_categories.name as time_category_name,
    time_logs.price_per_hour,
    case when time_logs.is_absence then 0 else coalesce(time_logs.time, 0) end as worked_hours,
    case when time_logs.is_absence then coalesce(time_logs.time, 0) else 0 end as absence_hours,
    case when time_logs.is_invoiceable then coalesce(time_logs.invoiceable_time, 0) else 0 end as invoiceable_hours,
    case
        when time_logs.is_invoiceable and time_logs.is_invoiced then coalesce(time_logs.invoiceable_time, 0) else 0
    end as invoiced_hours,
    case
        when time_logs.is_invoiceable then coalesce(time_logs.invoiceable_time * time_logs.price_per_hour, 0) else 0
    end as invoiceable_amount,
    case
        when time_logs.is_invoiceable and time_logs.is_invoiced
        then coalesce(time_logs.invoiceable_time * time_logs.price_per_hour, 0)
        else 0
    end as invoiced_amount,
    coalesce(time_logs.cost, 0) as cost
from {{ source('seventime', 'time_logs') }} as time_logs
left join {{ source('seventime', 'customers') }} as customers on customers.id = time_logs.customer
left join {{ source('seventime', 'projects') }} as projects on projects.id = time_logs.project
left join {{ source('seventime', 'time_categories') }} as time_categories
    on time_categories.id = time_logs.time_category
