"""Users, their roles, skills, work types and salary types, departments and result units."""

from __future__ import annotations

from airflow_provider_seventime.contract.collections.shared import BY_FLAG, BY_ID, plain_fields
from airflow_provider_seventime.contract.spec import (
    CollectionSpec,
    Filter,
    FilterKind,
    Match,
    UniqueNumber,
    V1Overrides,
)

USERS = CollectionSpec(
    name="users",
    create="users:UserCreate",
    update="users:UserUpdate",
    delete="users:UserDelete",
    name_field="userName",
    number_field="employeeNumber",
    unique_number=UniqueNumber("userName"),
    filters={
        "name": Filter(FilterKind.TEXT, field="firstName lastName", match=Match.CONTAINS),
        "personNumber": Filter(FilterKind.TEXT, field="personalNumber"),
        "department": BY_ID,
        "userRole": Filter(FilterKind.NUMBER, field="userRoleId"),
        "isActive": BY_FLAG,
        "isActivated": BY_FLAG,
        "defaultSalaryType": BY_ID,
        "userSkills": BY_ID,
    },
    # The vendor's table for version 1 repeats the customers' filters. A user has only name among them.
    v1=V1Overrides(filters={"name": Filter(FilterKind.TEXT, field="firstName lastName", match=Match.CONTAINS)}),
    fields=plain_fields(
        texts="firstName lastName email personalNumber employeeNumber userName workPhone cellPhone language",
        integers="userRoleId",
        booleans="isActive isActivated",
        instants="createdDate modifiedDate",
    ),
)


USER_ROLES = CollectionSpec(
    name="userRoles",
    id_field="userRoleId",
    paged=False,
    gettable=False,
    name_field="userRoleName",
    fields=plain_fields(integers="userRoleId", texts="userRoleName"),
)

DEFAULT_SALARY_TYPES = CollectionSpec(
    name="defaultSalaryTypes",
    paged=False,
    gettable=False,
    fields=plain_fields(
        ids="absenceTimeCategory",
        texts="name description code absenceTimeCategoryName unitType",
        numbers="salaryAmount",
        integers="typeInSalarySystem",
        booleans="isAbsenceTimeType isRuleType canBeRegistered",
    ),
)

USER_SKILLS = CollectionSpec(
    name="userSkills", paged=False, gettable=False, name_field="skillTitle", fields=plain_fields(texts="skillTitle")
)

# The vendor's description has the path userRoles, its sample request has userWorkTypes.
USER_WORK_TYPES = CollectionSpec(
    name="userWorkTypes", paged=False, gettable=False, fields=plain_fields(texts="name", numbers="pricePerHour")
)

DEPARTMENTS = CollectionSpec(
    name="departments",
    number_field="departmentNumber",
    fields=plain_fields(texts="name departmentNumber", booleans="isActive"),
)

RESULT_UNITS = CollectionSpec(
    name="resultUnits", paged=False, number_field="code", fields=plain_fields(texts="name code", booleans="isActive")
)
