{#- The Swedish date of an instant. SQLite and MariaDB know no time zones of themselves: summer time lasts from the last
    Sunday of March to the last Sunday of October, 01:00 UTC (directive 2000/84/EC), as it has in Sweden since 1996. -#}
{%- macro swedish_date(instant) -%}
  {%- if target.type == 'sqlite' -%}
    date({{ instant }}, case
      when {{ instant }} >= date({{ instant }}, 'start of year', '+3 months', 'weekday 0', '-7 days') || ' 01:00'
       and {{ instant }} < date({{ instant }}, 'start of year', '+10 months', 'weekday 0', '-7 days') || ' 01:00'
      then '+2 hours' else '+1 hour' end)
  {%- elif target.type in ('mysql', 'mariadb') -%}
    date({{ instant }} + interval (case
      when {{ instant }} >= {{ sunday_before_month(instant, 4) }} + interval 1 hour
       and {{ instant }} < {{ sunday_before_month(instant, 11) }} + interval 1 hour
      then 2 else 1 end) hour)
  {%- else -%}
    cast({{ instant }} at time zone 'Europe/Stockholm' as date)
  {%- endif -%}
{%- endmacro -%}

{#- MySQL: the midnight that the last Sunday before a month of the instant's year begins with. -#}
{%- macro sunday_before_month(instant, month) -%}
  {%- set first = "(makedate(year(" ~ instant ~ "), 1) + interval " ~ (month - 1) ~ " month)" -%}
  timestamp({{ first }} - interval ((dayofweek({{ first }}) + 5) % 7 + 1) day)
{%- endmacro -%}

{%- macro swedish_today() -%}
  {%- if target.type == 'sqlite' -%}
    {{ swedish_date("datetime('now')") }}
  {%- elif target.type in ('mysql', 'mariadb') -%}
    {{ swedish_date("utc_timestamp()") }}
  {%- else -%}
    {{ swedish_date("now()") }}
  {%- endif -%}
{%- endmacro -%}

{#- The first day of a date's month. -#}
{%- macro month_of(day) -%}
  {%- if target.type == 'sqlite' -%}
    date({{ day }}, 'start of month')
  {%- elif target.type in ('mysql', 'mariadb') -%}
    {{ day }} - interval (dayofmonth({{ day }}) - 1) day
  {%- else -%}
    cast(date_trunc('month', {{ day }}) as date)
  {%- endif -%}
{%- endmacro -%}

{#- Days from one date to a later one. -#}
{%- macro days_between(first, last) -%}
  {%- if target.type == 'sqlite' -%}
    cast(julianday({{ last }}) - julianday({{ first }}) as integer)
  {%- elif target.type in ('mysql', 'mariadb') -%}
    datediff({{ last }}, {{ first }})
  {%- else -%}
    ({{ last }} - {{ first }})
  {%- endif -%}
{%- endmacro -%}
